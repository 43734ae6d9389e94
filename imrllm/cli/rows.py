"""Rows in and out: records made earlier are read, results put on standard output in input order."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrllm.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from imrllm.records import Determination, Result


_AGAIN = "Extract the document again."


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of a records file: whose record it is, and the record or what is wrong with it.

    Attributes:
        document_id: whose.
        record: None where the row has none that fits.
        error: what is wrong then.
        result: the whole row, where it is one that `extract` or `check` wrote.
    """

    document_id: str
    record: Determination | None
    error: DocumentError | None = None
    result: Result | None = None


def read_records(file: Path) -> Iterator[RecordRow]:
    """Read rows with `document_id` and `record`, whatever else they hold.

    Args:
        file: JSON lines; `-` is standard input.

    Yields:
        One row a line, blank lines apart. A row that is none carries its error.

    Raises:
        UsageError: the file cannot be read.
    """
    if str(file) == "-":
        yield from _rows(sys.stdin.buffer, "stdin")
        return
    try:
        with file.open("rb") as stream:
            yield from _rows(stream, file.stem)
    except OSError as error:
        raise UsageError(f"`{file}` cannot be read: {error.strerror}.", hint="Check the name.") from error


def _rows(lines: Iterable[bytes], stem: str) -> Iterator[RecordRow]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        name = row.get("document_id") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(name, str):
            error = DocumentError(
                f"Line {number} of `{stem}` is no row with a `document_id`.", hint="A row is one JSON object on a line."
            )
            yield RecordRow(f"{stem}:{number}", None, error)
        else:
            yield _row(name, row)


def _row(name: str, row: dict[str, Any]) -> RecordRow:
    from pydantic import ValidationError

    from imrllm.records import Determination, Result

    record = row.get("record")
    if "provenance" in row and "checks" in row:
        try:
            result = Result.model_validate(row)
        except ValidationError:
            # Another program's, perhaps, or another version's: its record is taken for itself.
            result = None
        if result is not None:
            failed = None if result.record else DocumentError(f"The row of `{name}` has no `record`.", hint=_AGAIN)
            return RecordRow(name, result.record, failed, result)
    if not isinstance(record, dict):
        error = DocumentError(f"The row of `{name}` has no `record`.", hint=_AGAIN)
        return RecordRow(name, None, error)
    try:
        return RecordRow(name, Determination.model_validate({"document_id": name, **record}))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        # What a record has too much is named by whoever made it, perhaps in a letter's words.
        known = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
        field = "/".join(str(part) for part in known)
        return RecordRow(
            name,
            None,
            DocumentError(
                f"The record of `{name}` does not fit the schema at `/{field}`: {first['msg']}.",
                hint="`imrllm schema` prints the schema.",
            ),
        )


def print_row(result: Result) -> None:
    """Write one result to standard output as a line of JSON, flushed.

    Standard output may be a terminal: a name or value that would steer it is written in JSON's own escapes.
    """
    sys.stdout.write(f"{escaped(result.model_dump_json())}\n")
    sys.stdout.flush()


def escaped(line: str) -> str:
    """The same JSON, each character that does not print in JSON's own escape."""
    if line.isprintable():
        return line
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in line)


class InputOrder:
    """Holds back the rows that were finished before their turn; as many as are worked on at a time."""

    def __init__(self, write: Callable[[Result], None]) -> None:
        self._write = write
        self._awaited: deque[str] = deque()
        self._held: dict[str, Result] = {}

    def expect(self, document_id: str) -> None:
        """Note the next document of the input."""
        self._awaited.append(document_id)

    def add(self, result: Result) -> None:
        """Take a finished row, and write all whose turn has come."""
        self._held[result.document_id] = result
        while self._awaited and self._awaited[0] in self._held:
            self._write(self._held.pop(self._awaited.popleft()))

    def flush(self) -> None:
        """Write what is still held back, as when a run was broken off."""
        while self._awaited:
            result = self._held.pop(self._awaited.popleft(), None)
            if result is not None:
                self._write(result)
