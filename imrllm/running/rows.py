"""A result on its way from the process that made it to the file."""

from __future__ import annotations

from dataclasses import dataclass

from imrllm.records import Result
from imrllm.running.summary import RunSummary


@dataclass(frozen=True, slots=True)
class Row:
    """A result as it is written, and what a run counts of it: to build it again from its row takes ten times as long.

    Attributes:
        document_id: the document's id.
        json: the row, without the end of its line.
        counts: the counts of this result alone.
    """

    document_id: str
    json: bytes
    counts: RunSummary

    @classmethod
    def of(cls, result: Result) -> Row:
        """The row of a result."""
        counts = RunSummary()
        counts.add(result)
        return cls(result.document_id, result.model_dump_json().encode(), counts)

    @property
    def result(self) -> Result:
        """The result, built anew each time."""
        return Result.model_validate_json(self.json)
