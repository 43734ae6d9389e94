"""A CSV file that lists letters: their paths and, optionally, their ids."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from imrllm.documents.document import Unreadable
from imrllm.documents.text import decoded, writable
from imrllm.errors import DocumentError

MAX_LIST = 100_000_000
"""The largest list, in bytes: a million rows of a hundred characters."""

# In characters. A longer one is no path: a quote is not closed.
_LONGEST_CELL = 131_072
_COLUMNS = "Write a header row with `path` and, for your own names, `id`; then one row per file."


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list.

    Attributes:
        path: the file, relative to the list's folder.
        id: the id from the row; None to use the file's name.
    """

    path: str
    id: str | None


def read_list(data: bytes, *, stem: str, source: str) -> Iterator[Listed | Unreadable]:
    """Read the rows of a list. Columns other than `path` and `id` are ignored.

    Args:
        data: the file's bytes.
        stem: a row without a path gets the id `stem-line`, lines counted from 1.
        source: what to call the list in messages.

    Yields:
        One entry per row, or the reason that a row or the whole list is invalid.
    """
    try:
        # `newline=""` because a cell may contain line breaks, which the CSV reader interprets.
        rows = csv.reader(StringIO(decoded(data, name=source, limit=MAX_LIST), newline=""))
        columns = [name.strip().lower() for name in next(rows, [])]
        if columns.count("path") != 1 or columns.count("id") > 1:
            raise DocumentError(f"`{source}` is not a list of letters: it needs one `path` column.", hint=_COLUMNS)
    except DocumentError as error:
        yield Unreadable(stem, source, error)
        return
    except csv.Error:
        yield Unreadable(stem, source, DocumentError(f"`{source}` is not valid CSV.", hint=_COLUMNS))
        return
    found = False
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            found = True
            if max(map(len, row)) > _LONGEST_CELL:
                raise csv.Error
            cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
            name = writable(cells.get("id", "")) or None
            if path := cells.get("path"):
                yield Listed(path, name)
                continue
            lacking = DocumentError(f"`{source}` line {rows.line_num} has no `path`.", hint=_COLUMNS)
            yield Unreadable(name or f"{stem}-{rows.line_num}", f"{source}:{rows.line_num}", lacking)
    except csv.Error:
        found = True
        broken = DocumentError(f"`{source}` line {rows.line_num} is not valid CSV.", hint=_COLUMNS)
        yield Unreadable(f"{stem}-{rows.line_num}", f"{source}:{rows.line_num}", broken)
    if not found:
        yield Unreadable(stem, source, DocumentError(f"`{source}` lists no files.", hint=_COLUMNS))
