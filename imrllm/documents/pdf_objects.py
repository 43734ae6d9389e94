"""The objects of a PDF as far as the check of its structure reads them: dictionaries entry by entry, as printed.

What is written in another way than programs do (comments, references in strange spacing) is not read, and the file is
called odd. Source of the rules: ISO 32000-1, 7.3.
"""

from __future__ import annotations

import re

# A NUL counts as white space in ISO 32000-1, but only damage puts one between objects.
SPACE = rb"[\t\n\x0c\r ]*+"
_SCALAR = rb"""(?:
    /[^\x00-\x20()<>\[\]{}/%]++  # a name
    | [0-9]++\x20[0-9]++\x20R  # a reference
    | [+-]?[0-9.]++ | true | false
    | \((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\)  # a string
    | <[0-9A-Fa-f]*+>
)"""
_NAME = rb"/[A-Za-z0-9]++"


def _dictionary(value: bytes) -> bytes:
    return rb"<<(?:" + SPACE + _NAME + SPACE + value + rb")*+" + SPACE + rb">>"


def _value(*nested: bytes) -> bytes:
    member = rb"(?:" + rb"|".join([_SCALAR, *nested]) + rb")"
    return rb"(?:" + member + rb"|\[(?:" + SPACE + member + rb")*+" + SPACE + rb"\])"


# Three levels: an encryption dictionary has its filters two levels down.
_VALUE = _value(_dictionary(_value(_dictionary(_value()))))
_DICTIONARY = re.compile(SPACE + _dictionary(_VALUE) + SPACE, re.VERBOSE | re.DOTALL)
_ENTRY = re.compile(rb"(" + _NAME + rb")" + SPACE + rb"(" + _VALUE + rb")", re.VERBOSE | re.DOTALL)
_STRING = re.compile(rb"<[0-9A-Fa-f]*+>|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_REFERENCE = re.compile(rb"([0-9]{1,7}) 0 R")


class OddPdfError(Exception):
    """The file has something that the check of its structure does not know."""


def require(condition: object) -> None:
    """Check what a file must be like.

    Raises:
        OddPdfError: it is not.
    """
    if not condition:
        raise OddPdfError


def matched(pattern: re.Pattern[bytes], data: bytes, start: int) -> re.Match[bytes]:
    """What a pattern finds at an offset.

    Raises:
        OddPdfError: it does not match there.
    """
    found = pattern.match(data, start)
    if found is None:
        raise OddPdfError
    return found


def dictionary(data: bytes, start: int) -> tuple[dict[bytes, bytes], int]:
    """Read the dictionary at an offset.

    Returns:
        Each entry's value as printed, by its name without the slash; and the offset after the dictionary.

    Raises:
        OddPdfError: there is none, or it names an entry twice.
    """
    found = matched(_DICTIONARY, data, start)
    printed = _ENTRY.findall(data, start, found.end())
    entries = {name[1:]: value for name, value in printed}
    require(len(entries) == len(printed))
    return entries, found.end()


def reference(value: bytes) -> int:
    """The number of the object that a value refers to.

    Raises:
        OddPdfError: it is no reference.
    """
    found = _REFERENCE.fullmatch(value)
    if found is None:
        raise OddPdfError
    return int(found[1])


def first_string(value: bytes) -> bytes:
    """The bytes of the first string in a value.

    Raises:
        OddPdfError: it has none.
    """
    found = _STRING.search(value)
    if found is None:
        raise OddPdfError
    return string_bytes(found[0])


def is_string(value: bytes) -> bool:
    """Whether a value is a string."""
    return _STRING.fullmatch(value) is not None


def string_bytes(printed: bytes) -> bytes:
    """The bytes that a printed string stands for (7.3.4)."""
    if printed.startswith(b"<"):
        digits = printed[1:-1].decode("ascii")
        return bytes.fromhex(digits + "0" * (len(digits) % 2))
    # A line end in a string is one line feed, however it is written.
    return _ESCAPE.sub(_unescaped, printed[1:-1].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    character = escape[1]
    return bytes([int(character, 8) & 255]) if character[0] in b"01234567" else _ESCAPED.get(character, character)
