"""JSONL rows with `id` and `text`, or other fields that hold them, read one line at a time."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from imrllm.documents.columns import PLAIN, Columns, names_in, row_document, row_id
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.text import MAX_TEXT
from imrllm.errors import DocumentError

MAX_LINE = 6 * MAX_TEXT + 1_000_000
"""The longest line, in bytes. JSON may write a character as six bytes, and a row may have other fields."""

_ROW = 'Write one JSON object per line: {"id": "...", "text": "..."}, or name its fields with `--text-column`.'


def read_rows(
    stream: BinaryIO, *, stem: str, source: str, head: bytes = b"", columns: Columns = PLAIN
) -> Iterator[Document | Unreadable]:
    """Read the documents of a JSONL stream. Other fields and blank lines are ignored.

    Args:
        stream: the rest of the rows, in UTF-8.
        stem: a row without an id gets the id `stem-line`, lines counted from 1.
        source: where the stream comes from, for messages.
        head: bytes already read from the stream.
        columns: the fields to read.

    Yields:
        One document per row, or the reason that a row is unreadable. Only one line is in memory at a time.
    """
    for _, _, document in find_rows(stream, stem=stem, source=source, head=head, columns=columns):
        yield document


def find_rows(
    stream: BinaryIO, *, stem: str, source: str, head: bytes = b"", columns: Columns = PLAIN
) -> Iterator[tuple[int, int, Document | Unreadable]]:
    """Read the documents of a JSONL stream like `read_rows`, with the positions of their lines.

    Args:
        stream: as in `read_rows`.
        stem: as in `read_rows`.
        source: as in `read_rows`.
        head: as in `read_rows`.
        columns: as in `read_rows`.

    Yields:
        The number of a line, counted from 1, its offset in the file, in bytes, and its document. An error about the
        whole file has the number 0.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        error = DocumentError(f"`{source}` is UTF-16; JSON is UTF-8.", hint="Convert it: `iconv -f UTF-16 -t UTF-8`.")
        yield 0, 0, Unreadable(stem, source, error)
        return
    rows = 0
    for number, (offset, line) in enumerate(_lines(stream, head), start=1):
        if line is not None and not line.strip():
            continue
        rows += 1
        yield number, offset, _document(line, number, stem, source, columns)
    if not rows:
        yield 0, 0, Unreadable(stem, source, DocumentError(f"`{source}` is empty: it contains no rows.", hint=_ROW))


def read_row(
    stream: BinaryIO, number: int, offset: int, *, stem: str, source: str, columns: Columns = PLAIN
) -> Document | Unreadable:
    """Read one row of a JSONL file at the position that `find_rows` reported.

    Args:
        stream: the file.
        number: the line's number, counted from 1.
        offset: where it begins, in bytes.
        stem: as in `read_rows`.
        source: as in `read_rows`.
        columns: as in `read_rows`.

    Returns:
        Its document, or the reason that it has none.
    """
    stream.seek(offset)
    _, line = next(_lines(stream, b""), (offset, b""))
    return _document(line, number, stem, source, columns)


def _document(line: bytes | None, number: int, stem: str, source: str, columns: Columns) -> Document | Unreadable:
    origin = f"{source}:{number}"
    place = f"`{source}` line {number}"
    name = f"{stem}-{number}"
    try:
        if line is None:
            raise DocumentError(
                f"{place} is too large: a row may have at most {MAX_LINE:,} bytes.",
                hint="Split it into one row per letter.",
            )
        row = _parsed(line, place)
        name = row_id(row.get(columns.id_name), columns, place) or name
        if lacking := columns.lacking(row):
            raise DocumentError(f"{place} lacks `{lacking}`. {names_in(row, 'fields')}", hint=_ROW)
        return row_document(row, columns, name=name, place=place, source=origin)
    except DocumentError as error:
        return Unreadable(name, origin, error if error.hint else DocumentError(str(error), hint=_ROW))


def _lines(stream: BinaryIO, head: bytes) -> Iterator[tuple[int, bytes | None]]:
    """The offset of each line and the line, or `None` for a line longer than `MAX_LINE`, which is not kept."""
    offset = 0
    *whole, rest = head.split(b"\n")
    for line in whole:
        yield offset, line
        offset += len(line) + 1
    while line := rest + stream.readline(MAX_LINE):
        rest = b""
        start, offset = offset, offset + len(line)
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield start, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
            offset += len(line)
        yield start, None


def _parsed(line: bytes, place: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{place} is not JSON (column {error.colno}).", hint=_ROW) from None
    except (ValueError, RecursionError):
        # Invalid UTF-8, a number with thousands of digits, or endlessly nested brackets.
        raise DocumentError(f"{place} is not JSON in UTF-8.", hint=_ROW) from None
    if not isinstance(row, dict):
        raise DocumentError(f"{place} is not a JSON object.", hint=_ROW)
    return row
