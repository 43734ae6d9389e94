"""Whether a PDF is intact: a checksum or the structure vouches for every byte that can change its text.

PDFium repairs damage in silence, so it may only read files that need no repair. This check knows one structure, that of
the letters as DWC publishes them: one cross-reference stream, pages and fonts in object streams, Flate streams,
encrypted with AES-128 and an empty password or not at all. The Adler-32 checksum of a Flate stream vouches for what is
in it, and the cross-reference stream for where objects are. Outside of streams there is no checksum: only such
dictionaries and arrays may stand there whose values are checked here or cannot change the text.

Source of the rules: ISO 32000-1, 7.5 (file structure).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

from imrllm.documents.font_widths import Widths
from imrllm.documents.pdf_objects import (
    SPACE,
    OddPdfError,
    dictionary,
    first_string,
    is_string,
    matched,
    reference,
    require,
    string_bytes,
)
from imrllm.documents.pdf_streams import Inflater, empty_password_key

_HEADER = re.compile(rb"%PDF-1\.[0-7][\r\n]++(?:%[^\r\n]*+[\r\n]++)?")
_OBJECT = re.compile(rb"([0-9]{1,7}) 0 obj" + SPACE)
_STREAM = re.compile(rb"stream\r?\n")
_END_OF_STREAM = re.compile(rb"(?:\r\n|\r|\n)?endstream[\r\n ]++endobj" + SPACE)
_END_OF_OBJECT = re.compile(SPACE + rb"endobj" + SPACE)
_TRAILER = re.compile(rb"startxref[\r\n ]++([0-9]{1,8})[\r\n ]++%%EOF[\x00\t\n\x0c\r ]*+")
_ARRAY = re.compile(rb"\[([0-9 ]*+)\]")
_CONTENTS = re.compile(rb"/Contents" + SPACE + rb"(?:\[([0-9R\s]*+)\]|([0-9]++ 0 R))")
_KIDS = re.compile(rb"/Kids" + SPACE + rb"\[([0-9R\s]*+)\]")
_WIDTHS = re.compile(rb"/Widths ([0-9]{1,7}) 0 R")
_FONT_NAME = re.compile(rb"/BaseFont *+(/[^\x00-\x20()<>\[\]{}/%]++)")
_ESCAPED_NAME = re.compile(rb"/[A-Za-z0-9]*+#(?!20)")
_REFERENCE = re.compile(rb"([0-9]{1,9}) 0 R")
_FREE, _AT_OFFSET, _COMPRESSED = 0, 1, 2
_UP = 2

# The entries of dictionaries that may stand outside of object streams.
_TABLE = frozenset(b"DecodeParms Encrypt Filter ID Info Length Root Size Type W".split())
_OBJECT_STREAM = frozenset(b"Filter First Length N Type".split())
_DATA = frozenset(b"Alternate Filter Length N".split())  # page contents and color profiles
_METADATA = frozenset(b"Length Subtype Type".split())
_IMAGE = frozenset(
    b"BitsPerComponent ColorSpace DecodeParms Filter Height Intent Interpolate Length Name Subtype Type Width".split()
)
_GRAPHICS = frozenset(b"AIS BM CA OP OPM SA Type ca op".split())
_FONT = frozenset(
    b"Ascent AvgWidth CapHeight Descent Flags FontBBox FontName FontWeight ItalicAngle Leading MaxWidth StemV Type"
    b" XHeight".split()
)
_NONSYMBOLIC = b"32"
"""The flags of a font whose encoding is its dictionary's, not its own."""


class _Stream(NamedTuple):
    number: int
    entries: dict[bytes, bytes]
    data: bytes


class _Table(NamedTuple):
    """The cross-reference stream: where each object is."""

    stream: _Stream
    start: int
    offsets: dict[int, int]
    compressed: dict[int, tuple[int, int]]  # the object's object stream and its index in it


def intact_pages(data: bytes) -> int | None:
    """Check a PDF's structure and checksums.

    Args:
        data: the file's bytes.

    Returns:
        The number of pages of a file that is known to be intact. None for all others: they are damaged, or of a
        structure that is not known here.
    """
    try:
        return _IntactFile(data).pages
    except (OddPdfError, ValueError, IndexError, KeyError, OverflowError):
        return None


class _IntactFile:
    """One file, checked while it is made."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._table = _table(data)
        trailer = self._table.stream.entries
        self._catalog = reference(trailer[b"Root"])
        self._information = reference(trailer[b"Info"]) if b"Info" in trailer else None
        self._encryption = reference(trailer[b"Encrypt"]) if b"Encrypt" in trailer else None
        self._dictionaries: dict[int, dict[bytes, bytes]] = {}
        self._arrays: dict[int, bytes] = {}
        self._streams: list[_Stream] = []
        self._sort_objects()
        self._inflater = Inflater(self._key(trailer))
        self._objects: dict[int, bytes] = {}
        self._contents: set[int] = set()
        self._read_streams()
        self._check_plain_objects()
        self.pages = self._page_count()

    def _sort_objects(self) -> None:
        """Read each object at its offset; nothing may be between two objects."""
        places = sorted((offset, number) for number, offset in self._table.offsets.items())
        require(places[0][0] == matched(_HEADER, self._data, 0).end())
        require(places[-1] == (self._table.start, self._table.stream.number))
        for (start, number), (end, _) in pairwise(places):
            opened = matched(_OBJECT, self._data, start)
            require(int(opened[1]) == number)
            if self._data.startswith(b"[", opened.end()):
                array = matched(_ARRAY, self._data, opened.end())
                self._arrays[number] = array[1]
                after = matched(_END_OF_OBJECT, self._data, array.end()).end()
            else:
                entries, after = dictionary(self._data, opened.end())
                if self._data.startswith(b"stream", after):
                    stream, after = _stream(self._data, number, entries, after)
                    self._streams.append(stream)
                else:
                    self._dictionaries[number] = entries
                    after = matched(_END_OF_OBJECT, self._data, after).end()
            require(after == end)

    def _key(self, trailer: Mapping[bytes, bytes]) -> bytes | None:
        if self._encryption is None:
            return None
        return empty_password_key(self._dictionaries.pop(self._encryption), first_string(trailer[b"ID"]))

    def _read_streams(self) -> None:
        for number, entries, data in self._streams:
            names = entries.keys()
            if entries.get(b"Type") == b"/ObjStm":
                require(names == _OBJECT_STREAM and entries[b"Filter"] == b"/FlateDecode")
                self._read_object_stream(number, entries, self._inflater(data, number))
            elif entries.get(b"Type") == b"/Metadata":
                require(names == _METADATA)  # about the document; it is not text
            elif entries.get(b"Subtype") == b"/Image":
                require(names <= _IMAGE and entries[b"Type"] == b"/XObject")
                self._inflater.check_end(data, number)
            else:
                require(names <= _DATA and entries[b"Filter"] == b"/FlateDecode")
                self._inflater(data, number)
                self._contents.add(number)
        require(self._objects.keys() == self._table.compressed.keys())

    def _read_object_stream(self, number: int, entries: Mapping[bytes, bytes], content: bytes) -> None:
        first, count = int(entries[b"First"]), int(entries[b"N"])
        pairs = [int(printed) for printed in content[:first].split()]
        starts = [first + offset for offset in pairs[1::2]]
        require(len(pairs) == 2 * count and starts[0] == first)
        for index, (own, (start, end)) in enumerate(zip(pairs[::2], pairwise([*starts, len(content)]), strict=True)):
            require(start < end and self._table.compressed[own] == (number, index))
            self._objects[own] = content[start:end]

    def _check_plain_objects(self) -> None:
        """Hold what no checksum vouches for to what the checked objects say."""
        everything = b"\n".join(self._objects.values())
        # The characters of a font of type 3 are contents of their own, which may name others without a limit.
        require(b"/Type3" not in everything and _ESCAPED_NAME.search(everything) is None)
        fonts = set(_FONT_NAME.findall(everything))
        for number, entries in self._dictionaries.items():
            kind = entries.get(b"Type")
            if number == self._catalog:
                require(kind == b"/Catalog")
                for value in entries.values():
                    if is_string(value):
                        self._inflater.decrypted(string_bytes(value), number)
            elif number == self._information:
                require(kind is None)
            elif kind == b"/FontDescriptor":
                require(entries.keys() <= _FONT and entries[b"Flags"] == _NONSYMBOLIC)
                require(entries[b"FontName"] in fonts)
            else:
                require(kind == b"/ExtGState" and entries.keys() <= _GRAPHICS)
        users = {int(found[1]): body for body in self._objects.values() for found in _WIDTHS.finditer(body)}
        for number, printed in self._arrays.items():
            font, _ = dictionary(users[number], 0)
            require(_widths(font, printed).are_right())
        # Each page and each content belongs to one place, so that few bytes cannot be much work.
        contents = _references(_CONTENTS, everything)
        require(len(set(contents)) == len(contents) and self._contents.issuperset(contents))
        kids = _references(_KIDS, everything)
        require(len(set(kids)) == len(kids))

    def _page_count(self) -> int:
        root = self._objects[reference(self._dictionaries[self._catalog][b"Pages"])]
        entries, _ = dictionary(root, 0)
        require(entries[b"Type"] == b"/Pages" and b"Parent" not in entries)
        return int(entries[b"Count"])


def _table(data: bytes) -> _Table:
    """The cross-reference stream at the end of the file (7.5.8)."""
    trailer = matched(_TRAILER, data, data.rfind(b"startxref"))
    require(trailer.end() == len(data))
    start = int(trailer[1])
    opened = matched(_OBJECT, data, start)
    number = int(opened[1])
    entries, after = dictionary(data, opened.end())
    stream, end = _stream(data, number, entries, after)
    require(end == trailer.start() and entries.keys() <= _TABLE and entries[b"Type"] == b"/XRef")
    require(entries[b"Filter"] == b"/FlateDecode")
    widths = [int(width) for width in entries[b"W"].strip(b"[]").split()]
    require(len(widths) == 3 and all(0 < width < 5 for width in widths))
    # Never encrypted (7.5.8.2).
    content = Inflater(None)(stream.data, number)
    columns = _columns(content, entries.get(b"DecodeParms"), sum(widths))
    first, second, _ = accumulate(widths)
    kinds, seconds, thirds = map(_numbers, (columns[:first], columns[first:second], columns[second:]))
    require(len(kinds) == int(entries[b"Size"]))
    offsets: dict[int, int] = {}
    compressed: dict[int, tuple[int, int]] = {}
    for own, (kind, where, index) in enumerate(zip(kinds, seconds, thirds, strict=True)):
        if kind == _AT_OFFSET:
            require(index == 0)  # the generation
            offsets[own] = where
        elif kind == _COMPRESSED:
            compressed[own] = (where, index)
        else:
            require(kind == _FREE)
    return _Table(stream, start, offsets, compressed)


def _columns(content: bytes, parameters: bytes | None, count: int) -> list[list[int]]:
    """The bytes of the table's rows, by column. Rows are written as differences to the row above, or as they are."""
    if parameters is None:
        require(len(content) % count == 0)
        return [list(content[column::count]) for column in range(count)]
    given, _ = dictionary(parameters, 0)
    require(given == {b"Columns": b"%d" % count, b"Predictor": b"12"} and len(content) % (count + 1) == 0)
    require(set(content[:: count + 1]) == {_UP})
    return [[total & 255 for total in accumulate(content[column :: count + 1])] for column in range(1, count + 1)]


def _numbers(columns: list[list[int]]) -> list[int]:
    numbers = columns[0]
    for column in columns[1:]:
        numbers = [256 * number + byte for number, byte in zip(numbers, column, strict=True)]
    return numbers


def _stream(data: bytes, number: int, entries: dict[bytes, bytes], start: int) -> tuple[_Stream, int]:
    """A stream, and the offset of what follows its object: its length must lead to its end."""
    content = matched(_STREAM, data, start).end()
    end = content + int(entries[b"Length"])
    return _Stream(number, entries, data[content:end]), matched(_END_OF_STREAM, data, end).end()


def _widths(font: Mapping[bytes, bytes], printed: bytes) -> Widths:
    name, encoding = (font[key].decode("latin-1").removeprefix("/") for key in (b"BaseFont", b"Encoding"))
    widths = [int(width) for width in printed.split()]
    # 000 is a damaged 500, and two spaces were a digit.
    require(printed == b" ".join(b"%d" % width for width in widths))
    return Widths(name, encoding, int(font[b"FirstChar"]), int(font[b"LastChar"]), widths)


def _references(where: re.Pattern[bytes], objects: bytes) -> list[int]:
    values = b" ".join(found[0] for found in where.finditer(objects))
    return [int(number) for number in _REFERENCE.findall(values)]
