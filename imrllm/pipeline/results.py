"""Results: a resolved record, or a failure, with its provenance."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, UsageError
from imrllm.letter import ChosenForm
from imrllm.llm import Consumption
from imrllm.planning import ReadLetter, error_boundary, read_in_full
from imrllm.prompts import Prompt
from imrllm.records import Determination, Failure, Provenance, Result
from imrllm.telemetry import Attribute
from imrllm.trust import Signals
from imrllm.version import __version__

if TYPE_CHECKING:
    from imrllm.crosscheck import Candidate, Resolved


@dataclass(frozen=True, slots=True)
class Readouts:
    """One document read in three ways, from one set of model answers.

    `model` keeps the model's values whatever the letter says, and is None if no model was asked. `grammar` is read
    without the model's answers, and `resolved` is what `extract` returns. `candidates` are the entries that lists which
    take judgment might hold, by the JSON Pointer of the list. `asked` are the JSON Pointers of what the model was asked
    for, and `signals` those on the values of `resolved`, by pointer.
    """

    model: Result | None
    grammar: Result
    resolved: Result
    candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    signals: Mapping[str, Signals] = field(default_factory=dict)


@dataclass(slots=True)
class ResultBuilder:
    """Builds the results of one document.

    `started` is on the monotonic clock, in seconds; `candidates` are those of the last result, and `asked` the JSON
    Pointers of what the model was asked for.
    """

    document: Document | Unreadable
    model: str = "none"
    prompt: Prompt | None = None
    spent: Consumption = field(default_factory=Consumption)
    started: float = field(default_factory=time.monotonic)
    candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)
    signals: Mapping[str, Signals] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()

    def result(self, resolved: Resolved, lacking: ImrllmError | None = None) -> Result:
        """A checked record as a result; `lacking` says why a part of it has no model answer, if one has none."""
        self.candidates, self.signals = resolved.candidates, resolved.signals
        result = Result(
            document_id=self.document.id,
            status="review" if resolved.in_doubt or lacking or self._ocr_pages else "ok",
            record=resolved.record,
            evidence=resolved.evidence,
            checks=resolved.checks,
            risks=dict(resolved.risks),
            error=_failure(lacking) if lacking else None,
            provenance=self._provenance(resolved.form),
        )
        return result.with_text(self.document.text) if isinstance(self.document, Document) else result

    def failed(self, error: ImrllmError) -> Result:
        """The result of a document that has no record."""
        return Result(
            document_id=self.document.id, status="failed", error=_failure(error), provenance=self._provenance()
        )

    def by_grammar(self, letter: ReadLetter) -> Result:
        """The record that the grammar makes without a model."""
        try:
            with error_boundary(letter.document):
                return self.result(letter.by_grammar)
        except ImrllmError as error:
            return self.failed(error)

    @property
    def _ocr_pages(self) -> tuple[int, ...]:
        return self.document.ocr_pages if isinstance(self.document, Document) else ()

    def _provenance(self, form: str | None = None) -> Provenance:
        return Provenance(
            sha256=self.document.sha256,
            prompt=self.prompt.name if self.prompt else None,
            prompt_sha256=self.prompt.sha256 if self.prompt else None,
            model=self.model,
            version=__version__,
            usage=self.spent.usage,
            cost=self.spent.cost,
            attempts=self.spent.attempts,
            seconds=round(time.monotonic() - self.started, 3),
            form=form,
            ocr_pages=self._ocr_pages,
        )


def read_without_model(
    document: Document | Unreadable, review_above: float | None = None, form: ChosenForm | None = None
) -> Result:
    """Read one document by the grammar alone. If it cannot be read, the result is `failed` and says why.

    Args:
        document: the document.
        review_above: the risk above which a person is asked to look, 0 to 1; by default the calibration table's.
        form: a form that is tried before the known ones.
    """
    builder = ResultBuilder(document)
    try:
        letter = read_in_full(document, review_above, form)
    except ImrllmError as error:
        return builder.failed(error)
    return builder.by_grammar(letter)


def check_record(
    document: Document | Unreadable, record: Determination | None, form: ChosenForm | None = None
) -> Result:
    """Check an existing record, made by any program, against its letter; None only if the letter is `Unreadable`.

    Returns the record as given, with its evidence and checks.
    """
    builder = ResultBuilder(document)
    try:
        letter = read_in_full(document, form=form)
        if record is None:
            raise UsageError(f"`{document.id}` has no record.", hint="Extract the document again.")
        with error_boundary(document):
            from imrllm.crosscheck import compare

            return builder.result(compare(record, letter.parts, letter.readings))
    except ImrllmError as error:
        return builder.failed(error)


def span_attributes(result: Result) -> dict[str, Attribute]:
    """What the OpenTelemetry span of a document says: counts and hashes, and neither its name nor its text.

    The document's hash is that of its bytes, as in the results file. One of its name could be reversed: case numbers
    can be listed.
    """
    made = result.provenance
    return {
        "imrllm.document.sha256": made.sha256,
        "imrllm.status": result.status,
        "imrllm.model": made.model,
        "imrllm.prompt.sha256": made.prompt_sha256,
        "imrllm.disputed_items": len(result.record.disputed_items) if result.record else None,
        "imrllm.checks": len(result.checks),
        "imrllm.checks_to_review": len(result.to_review),
        "imrllm.calls": made.usage.calls,
        "imrllm.reasks": made.usage.reasks,
        "imrllm.http_requests": made.attempts,
        "imrllm.cost_usd": made.cost,
        "error.type": result.error.type if result.error else None,
    }


def _failure(error: ImrllmError) -> Failure:
    return Failure(type=type(error).__name__, message=f"{error} {error.hint}".strip())
