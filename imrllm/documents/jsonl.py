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
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        error = DocumentError(f"`{source}` is UTF-16; JSON is UTF-8.", hint="Convert it: `iconv -f UTF-16 -t UTF-8`.")
        yield Unreadable(stem, source, error)
        return
    rows = 0
    for number, line in enumerate(_lines(stream, head), start=1):
        if line is not None and not line.strip():
            continue
        rows += 1
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
            yield Document.from_text(text, name, source=place)
        except DocumentError as error:
            yield Unreadable(name, place, error)
    if not rows:
        yield Unreadable(stem, source, DocumentError(f"`{source}` is empty: it holds no row.", hint=_ROW))


def _lines(stream: BinaryIO, head: bytes) -> Iterator[bytes | None]:
    """Lines of at most `MAX_LINE` bytes; `None` for a longer one, which is skipped without being held."""
    *whole, rest = head.split(b"\n")
    yield from whole
    while line := rest + stream.readline(MAX_LINE):
        rest = b""
        if len(line) < MAX_LINE or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 20)
        yield None


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
