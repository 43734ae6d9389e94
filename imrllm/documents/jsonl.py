"""JSONL rows with `id` and `text`, read one line at a time."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from imrllm.documents.document import Document, Unreadable
from imrllm.documents.text import MAX_TEXT, writable
from imrllm.errors import DocumentError

MAX_LINE = 6 * MAX_TEXT + 1_000_000
"""Bytes of one line: JSON may write each character as six bytes, and a row may carry other fields."""

_ROW = 'Write one JSON object a line: {"id": "...", "text": "..."}.'


def read_rows(stream: BinaryIO, *, stem: str, source: str, head: bytes = b"") -> Iterator[Document | Unreadable]:
    """The documents of a JSONL stream; fields other than `id` and `text` are ignored, blank lines skipped.

    Args:
        stream: the rest of the rows, in UTF-8.
        stem: what a row without `id` is called: `stem-line`, lines counted from 1.
        source: where the stream comes from, for messages.
        head: bytes that were read from the stream before.

    Yields:
        One document a row; for a row that is not one, why. Only one line is held in memory.
    """
    for _, _, document in find_rows(stream, stem=stem, source=source, head=head):
        yield document


def find_rows(
    stream: BinaryIO, *, stem: str, source: str, head: bytes = b""
) -> Iterator[tuple[int, int, Document | Unreadable]]:
    """The documents of a JSONL stream, as `read_rows` gives them, with the places of their lines.

    Args:
        stream: as there.
        stem: as there.
        source: as there.
        head: as there.

    Yields:
        A line's number, counted from 1, where it begins in the file, in bytes, and its document. 0 is the number of
        what is not wrong with one line but with the whole file.
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
        yield number, offset, _document(line, number, stem, source)
    if not rows:
        yield 0, 0, Unreadable(stem, source, DocumentError(f"`{source}` is empty: it holds no row.", hint=_ROW))


def read_row(stream: BinaryIO, number: int, offset: int, *, stem: str, source: str) -> Document | Unreadable:
    """One row of a JSONL file, read again at the place where `find_rows` found it.

    Args:
        stream: the file.
        number: the line's number, counted from 1.
        offset: where it begins, in bytes.
        stem: as in `read_rows`.
        source: as there.

    Returns:
        Its document, or why it has none.
    """
    stream.seek(offset)
    _, line = next(_lines(stream, b""), (offset, b""))
    return _document(line, number, stem, source)


def _document(line: bytes | None, number: int, stem: str, source: str) -> Document | Unreadable:
    place = f"{source}:{number}"
    name = f"{stem}-{number}"
    try:
        if line is None:
            raise DocumentError(
                f"`{source}` line {number} is too large: a row may have at most {MAX_LINE:,} bytes.",
                hint="Split it, one row a letter.",
            )
        row = _parsed(line, f"`{source}` line {number}")
        name = _name(row, f"`{source}` line {number}") or name
        text = row.get("text")
        if not isinstance(text, str):
            raise DocumentError(f"`{source}` line {number} has no `text` in text form.", hint=_ROW)
        return Document.from_text(text, name, source=place)
    except DocumentError as error:
        return Unreadable(name, place, error)


def _lines(stream: BinaryIO, head: bytes) -> Iterator[tuple[int, bytes | None]]:
    """Where each line begins, and the line; `None` for one of more than `MAX_LINE` bytes, which is never held."""
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
        # Invalid UTF-8, a number of thousands of digits, or brackets nested without end.
        raise DocumentError(f"{place} is not JSON in UTF-8.", hint=_ROW) from None
    if not isinstance(row, dict):
        raise DocumentError(f"{place} is not a JSON object.", hint=_ROW)
    return row


def _name(row: dict[str, object], place: str) -> str:
    given = row.get("id")
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise DocumentError(f"{place} has an `id` that is neither text nor a whole number.", hint=_ROW)
    return writable(str(given))
