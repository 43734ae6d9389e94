"""What pypdf read from a PDF although it is damaged: repairs that it makes without a word.

pypdf reads a Flate stream whose checksum is wrong or whose end is missing, takes an object from an object stream
without looking at the object's number, goes on without an object stream that it cannot read or a part of a font, and
parts words by wrong widths.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, cast

from imrllm.documents.font_widths import Widths

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, EncodedStreamObject

_FLATE = "/FlateDecode"


def has_silent_repairs(reader: PdfReader) -> bool:
    """Whether pypdf has read damaged streams or widths, or other objects than those that were asked for.

    Args:
        reader: the file, after its text was read.
    """
    from pypdf.generic import DictionaryObject, EncodedStreamObject

    for _, value in list(reader.resolved_objects.items()):
        if isinstance(value, EncodedStreamObject):
            if value.decoded_self is not None and not _is_whole(value):
                return True
        elif isinstance(value, DictionaryObject) and value.get("/Type") == "/Font" and _is_damaged(value):
            return True
    contained: dict[int, set[int]] = {}
    for number, (stream, _) in reader.xref_objStm.items():
        if stream not in contained:
            contained[stream] = _contained(reader, stream)
        if number not in contained[stream]:
            return True
    return False


def has_drawn_fonts(reader: PdfReader) -> bool:
    """Whether pypdf has met a font whose characters are contents of their own (Type 3), after its text was read."""
    from pypdf.generic import ArrayObject, DictionaryObject

    left: list[object] = list(reader.resolved_objects.values())
    while left:
        value = left.pop()
        if isinstance(value, DictionaryObject):
            if value.get("/Subtype") == "/Type3":
                return True
            left += value.values()
        elif isinstance(value, ArrayObject):
            left += value
    return False


def _contained(reader: PdfReader, stream: int) -> set[int]:
    """The numbers of the objects in an object stream; none if it is no such stream."""
    from pypdf.generic import EncodedStreamObject

    value = reader.get_object(stream)
    if not isinstance(value, EncodedStreamObject) or value.get("/Type") != "/ObjStm":
        return set()
    first, count = int(str(value["/First"])), int(str(value["/N"]))
    return {int(number) for number in value.get_data()[:first].split()[: 2 * count : 2]}


def _is_damaged(font: DictionaryObject) -> bool:
    """Whether a font lacks what it names, or has widths that are not its own."""
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

    kinds = (
        ("/FontDescriptor", (DictionaryObject,)),
        ("/Widths", (ArrayObject,)),
        ("/ToUnicode", (StreamObject, NameObject)),
    )
    if any(name in font and not isinstance(font[name], kind) for name, kind in kinds):
        return True
    if not {"/BaseFont", "/Encoding", "/FirstChar", "/LastChar", "/Widths"} <= font.keys():
        return False
    name, encoding = (str(font[key]).removeprefix("/") for key in ("/BaseFont", "/Encoding"))
    first, last = (int(str(font[key])) for key in ("/FirstChar", "/LastChar"))
    given = cast(ArrayObject, font["/Widths"])
    return Widths(name, encoding, first, last, [float(str(width.get_object())) for width in given]).are_damaged()


def _is_whole(stream: EncodedStreamObject) -> bool:
    """Whether a stream that was decoded ends where its checksum is, if it has one."""
    from pypdf import filters

    given = stream.get("/Filter")
    names = [str(name) for name in (given if isinstance(given, list) else [given])]
    if _FLATE not in names:
        return True
    data = stream._data  # as it stands in the file, decrypted
    for name in names[: names.index(_FLATE)]:
        if name == "/ASCII85Decode":
            data = filters.ASCII85Decode.decode(data)
        elif name == "/ASCIIHexDecode":
            data = filters.ASCIIHexDecode.decode(data)
        else:
            return True
    flate = zlib.decompressobj()
    while not flate.eof and data:
        if not flate.decompress(data, 1 << 20) and not flate.unconsumed_tail:
            break
        data = flate.unconsumed_tail
    return flate.eof
