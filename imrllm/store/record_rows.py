"""Rows of a records file, whichever program made them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from imrllm.errors import DocumentError, UsageError
from imrllm.near_names import not_opened
from imrllm.records import Determination, Result

_AGAIN = "Extract the document again."


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row of a records file.

    Attributes:
        document_id: whose record it is.
        record: the record; None if the row has no valid one.
        result: the whole row, if `extract` or `check` wrote it.
        error: what is wrong with the row; None if it has a valid record.
    """

    document_id: str
    record: Determination | None
    result: Result | None = None
    error: DocumentError | None = None


def read_record_rows(file: Path) -> Iterator[RecordRow]:
    """Read rows with `document_id` and `record`; other fields are ignored.

    Args:
        file: JSON lines; `-` is standard input.

    Yields:
        One row for each line that is not blank. A line that is not a row carries its error.

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
        why, hint = not_opened(file, error)
        raise UsageError(why, hint=hint) from error


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
                f"Line {number} of `{stem}` is not a row with a `document_id`.",
                hint="A row is one JSON object on a line.",
            )
            yield RecordRow(f"{stem}:{number}", None, error=error)
        else:
            yield _row(name, row)


def _row(name: str, row: dict[str, Any]) -> RecordRow:
    record = row.get("record")
    missing = DocumentError(f"The row of `{name}` has no `record`.", hint=_AGAIN)
    if "provenance" in row and "checks" in row:
        try:
            result = Result.model_validate(row)
        except ValidationError:
            # The row may be of another program or another version: its record is validated by itself.
            result = None
        if result is not None:
            return RecordRow(name, result.record, result, None if result.record else missing)
    if not isinstance(record, dict):
        return RecordRow(name, None, error=missing)
    try:
        return RecordRow(name, Determination.model_validate({"document_id": name, **record}))
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        # The name of a superfluous field is its maker's choice, and may quote a letter.
        known = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
        field = "/".join(str(part) for part in known)
        error = DocumentError(
            f"The record of `{name}` does not fit the schema at `/{field}`: {first['msg']}.",
            hint="`imrllm schema` prints the schema.",
        )
        return RecordRow(name, None, error=error)
