"""CSV and TSV tables with one text a row, read one row at a time.

The first line is a header. Fields may be quoted, with quotes doubled and line breaks inside (RFC 4180).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Self, cast

from imrllm.documents.archives import joined
from imrllm.documents.columns import PLAIN, Columns, names_in, row_document, row_id
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.text import MAX_TEXT, decoded
from imrllm.errors import DocumentError

MAX_ROW = 4 * MAX_TEXT + 1_000_000
"""The longest row, in bytes. UTF-8 may write a character as four bytes, and a row may have other columns."""

MAX_HEADER = 1_000_000
"""The longest header, in bytes."""

# Excel writes semicolons where the comma is a decimal sign.
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_ROW = "Write a header line, then one row per letter, a field with line breaks or quotes in quotes, its quotes doubled."
_NAME = "Name the columns with `--text-column` and `--id-column`."
_NAME_ALL = "Name the columns with `--text-column`, `--id-column` and `--outcome-column`."
_CONTINUATION = bytes(range(0x80, 0xC0))
_LONG_LEADS = tuple(bytes([lead]) for lead in range(0xF0, 0xF5))


class _TooLargeError(Exception):
    """A row is longer than `MAX_ROW`; the rest of its line has been passed over."""


class _Utf16(io.RawIOBase):
    """A stream of UTF-16 as UTF-8. What is not valid becomes U+FFFD."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready:
            data = self._stream.read(1 << 16)
            self._ready = self._decoder.decode(data, final=not data).encode()
            if not data:
                break
        part = self._ready[: len(buffer)]
        self._ready = self._ready[len(part) :]
        buffer[: len(part)] = part
        return len(part)


class _Lines:
    """The lines of a table for the CSV reader, each byte as one character: a row is decoded when it is whole.

    Attributes:
        number: lines passed on so far.
        offset: where the next line begins, in bytes of the file.
    """

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self.number = self.offset = self._size = 0
        self._encoding = ""
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._encoding = "utf-16-le" if head.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
            head, self.offset = head[2:], 2
        elif head.startswith(codecs.BOM_UTF8):
            head, self.offset = head[3:], 3
        self._file = stream
        self._open(joined(head, stream))

    def _open(self, stream: BinaryIO) -> None:
        self._stream = cast("BinaryIO", io.BufferedReader(_Utf16(stream, self._encoding))) if self._encoding else stream

    def go_to(self, number: int, offset: int) -> None:
        """Continue with a line of a file, by its number, counted from 1, and its offset in bytes."""
        self._file.seek(offset)
        self.number, self.offset = number - 1, offset
        self._open(self._file)

    def begin_row(self) -> tuple[int, int]:
        """Begin to count a row's bytes; return the number of its first line and the line's offset."""
        self._size = 0
        return self.number + 1, self.offset

    def header_line(self) -> str:
        """The next line, which may have at most `MAX_HEADER` bytes."""
        line = self._stream.readline(MAX_HEADER + 1)
        self._passed(line)
        if len(line) > MAX_HEADER:
            raise _TooLargeError
        return line.decode("latin-1")

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_ROW - self._size + 1)
        if not line:
            raise StopIteration
        self._passed(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            while line and not line.endswith(b"\n"):
                line = self._stream.readline(1 << 20)
                self._passed(line, begins=False)
            raise _TooLargeError
        return line.decode("latin-1")

    def _passed(self, line: bytes, *, begins: bool = True) -> None:
        self.number += begins and bool(line)
        # UTF-16 has two bytes for each character of one to three bytes in UTF-8, and four for one of four bytes.
        units = len(line.translate(None, _CONTINUATION)) + sum(map(line.count, _LONG_LEADS)) if self._encoding else 0
        self.offset += 2 * units if self._encoding else len(line)


class _Table:
    """The rows of one table.

    Attributes:
        lines: its lines.
        names: the names of its columns.
    """

    def __init__(self, lines: _Lines, *, stem: str, source: str, suffix: str, columns: Columns) -> None:
        """Read the header.

        Raises:
            DocumentError: it lacks a column that is needed.
        """
        self.lines = lines
        self._stem, self._source, self._columns = stem, source, columns
        # A field may be as long as a row. The standard library has one limit for the whole process; it is only raised.
        csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW))
        self.names, delimiter = self._header(_DELIMITERS.get(suffix, ",\t;"))
        self._rows = csv.reader(lines, delimiter=delimiter, strict=True)

    def _header(self, delimiters: str) -> tuple[list[str], str]:
        try:
            line = self.lines.header_line()
        except _TooLargeError:
            why = f"has a header of more than {MAX_HEADER:,} bytes."
            raise DocumentError(f"`{self._source}` {why}", hint=_ROW) from None
        found = [(names, sign) for sign in delimiters if (names := _split(line, sign)) is not None]
        if not any(any(names) for names, _ in found):
            raise DocumentError(f"`{self._source}` is empty: it has no header line.", hint=_ROW)
        for names, sign in found:
            if not self._columns.lacking(names):
                twice = next((name for name in self._wanted if names.count(name) > 1), None)
                if twice:
                    raise DocumentError(f"`{self._source}` has several columns `{twice}`.", hint="Rename all but one.")
                return names, sign
        names = max((names for names, _ in found), key=len)
        lacking = f"has no column `{self._columns.lacking(names)}`."
        if self._columns == PLAIN and delimiters == _DELIMITERS[".csv"]:
            lacking = "is no table of letters: it needs one `path` column (a list of files) or one `text` column."
        hint = _NAME_ALL if self._columns.outcome else _NAME
        raise DocumentError(f"`{self._source}` {lacking} {names_in(names, 'columns')}", hint=hint)

    @property
    def _wanted(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._columns.text_name, self._columns.id_name, self._columns.outcome)))

    def read(self) -> tuple[int, int, Document | Unreadable] | None:
        """The next row: the number and the offset of its first line, and its document; None after the last row."""
        while True:
            number, offset = self.lines.begin_row()
            origin, name = f"{self._source}:{number}", f"{self._stem}-{number}"
            try:
                try:
                    cells = next(self._rows)
                except StopIteration:
                    return None
                except _TooLargeError:
                    why = f"is larger than {MAX_ROW:,} bytes: is a quote not closed?"
                    raise DocumentError(f"{self._place(number)} {why}", hint=_ROW) from None
                except csv.Error:
                    why = "is not valid CSV: check its quotes."
                    raise DocumentError(f"{self._place(number)} {why}", hint=_ROW) from None
                if not any(map(str.strip, cells)):
                    continue
                if len(cells) != len(self.names):
                    raise DocumentError(
                        f"{self._place(number)} has {len(cells):,} columns, and the header {len(self.names):,}.",
                        hint=_ROW,
                    )
                row = dict(zip(self.names, cells, strict=True))
                place = self._place(number)
                name = row_id(_text(row.get(self._columns.id_name, "")).strip(), self._columns, place) or name
                values: dict[str, object] = {
                    self._columns.text_name: decoded(row[self._columns.text_name].encode("latin-1"), name=name)
                }
                if self._columns.outcome:
                    values[self._columns.outcome] = _text(row[self._columns.outcome]).strip()
                return number, offset, row_document(values, self._columns, name=name, place=place, source=origin)
            except DocumentError as error:
                return number, offset, Unreadable(name, origin, error)

    def _place(self, number: int) -> str:
        """What to call the row that begins at a line: a row that is not closed may have swallowed others."""
        last = self.lines.number
        return f"`{self._source}` line {number}" + (f" to {last}" if last > number else "")


def _split(line: str, delimiter: str) -> list[str] | None:
    """The names of a header line; None if it is not one row of CSV."""
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
        return [_text(cell).strip() for cell in cells]
    except (csv.Error, ValueError):
        return None


def _text(cell: str) -> str:
    data = cell.encode("latin-1")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def find_table_rows(
    stream: BinaryIO, *, stem: str, source: str, suffix: str, head: bytes = b"", columns: Columns = PLAIN
) -> Iterator[tuple[int, int, Document | Unreadable]]:
    """Read the documents of a table, with the positions of their rows. Only one row is in memory at a time.

    Args:
        stream: the rest of the table: UTF-8, UTF-16 with a byte order mark, or Windows-1252.
        stem: a row without an id gets the id `stem-line`, by its first line; lines are counted from 1.
        source: where the stream comes from, for messages.
        suffix: `.csv`, `.tsv`, or an empty string if only the header tells which.
        head: bytes already read from the stream.
        columns: the columns to read.

    Yields:
        The number of a row's first line, the line's offset in the file, in bytes, and the row's document, or why it
        cannot be read. Empty rows are ignored. An error about the whole table has the number 0.
    """
    lines = _Lines(stream, head)
    try:
        table = _Table(lines, stem=stem, source=source, suffix=suffix, columns=columns)
    except DocumentError as error:
        yield 0, 0, Unreadable(stem, source, error)
        return
    empty = True
    while row := table.read():
        empty = False
        yield row
    if empty:
        yield 0, 0, Unreadable(stem, source, DocumentError(f"`{source}` has a header but no rows.", hint=_ROW))


def read_table_row(
    stream: BinaryIO, number: int, offset: int, *, stem: str, source: str, suffix: str, columns: Columns = PLAIN
) -> Document | Unreadable:
    """Read one row of a table at the position that `find_table_rows` reported.

    Args:
        stream: the file.
        number: the number of the row's first line, counted from 1.
        offset: where that line begins, in bytes.
        stem: as in `find_table_rows`.
        source: as in `find_table_rows`.
        suffix: as in `find_table_rows`.
        columns: as in `find_table_rows`.

    Returns:
        Its document, or the reason that it has none.
    """
    lines = _Lines(stream, stream.read(4))
    try:
        table = _Table(lines, stem=stem, source=source, suffix=suffix, columns=columns)
    except DocumentError as error:
        return Unreadable(stem, source, error)
    lines.go_to(number, offset)
    row = table.read()
    if row is None:
        return Unreadable(f"{stem}-{number}", f"{source}:{number}", DocumentError(f"`{source}` has no row there now."))
    return row[2]


def lists_files(head: bytes) -> bool:
    """Whether a CSV file lists files in a column `path`, by its first bytes."""
    try:
        line = _Lines(io.BytesIO(), head).header_line()
    except _TooLargeError:
        return False
    return "path" in [name.lower() for sign in _DELIMITERS[".csv"] for name in _split(line, sign) or ()]
