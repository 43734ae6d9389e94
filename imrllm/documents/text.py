"""Decodes bytes as text, and refuses data that cannot be the text of one letter."""

from __future__ import annotations

import codecs
import re

from imrllm.errors import DocumentError

MAX_TEXT = 5_000_000
"""The most characters of one letter, and bytes of one text file. The longest of 95 real letters has 11,442."""

_BINARY = {
    b"PK\x03\x04": ("a zip archive or an Office document", "Unpack it, or save it as text or PDF."),
    b"{\\rtf": ("an RTF document", "Save it as .docx or PDF."),
    b"\xd0\xcf\x11\xe0": (
        "an old Office document, a password-protected one, or an Outlook message",
        "Save a document as .docx or PDF without a password, and a message as .eml.",
    ),
    b"\x1f\x8b": ("compressed with gzip", "Unpack it with `gunzip`."),
    b"\x89PNG": ("an image", "Convert it to a PDF with a text layer: `ocrmypdf --image-dpi 300 image out.pdf`."),
    b"\xff\xd8\xff": ("an image", "Convert it to a PDF with a text layer: `ocrmypdf --image-dpi 300 image out.pdf`."),
    b"II*\x00": ("an image", "Convert it to a PDF with a text layer: `ocrmypdf --image-dpi 300 image out.pdf`."),
    b"MM\x00*": ("an image", "Convert it to a PDF with a text layer: `ocrmypdf --image-dpi 300 image out.pdf`."),
}
_SAVE_AS_TEXT = "Save it as text or PDF."
_CONVERT = "Convert it: `iconv -f ENCODING -t UTF-8 in.txt > out.txt`."
# Tab, line feed, vertical tab, form feed and carriage return are layout; the other control characters are not text.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CONTROL_BYTE = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
# A complete UTF-8 sequence, or one truncated by the end of the file. Such a file is damaged UTF-8; reading it as
# Windows-1252 would silently turn each quote and degree sign into wrong characters.
_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\xe0-\xf4][\x80-\xbf]+\Z"
)
# Half of the bytes of English in UTF-16 are zeros: those at odd places, or those at even ones.
_MOSTLY = 0.9
_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(data: bytes, *, name: str, limit: int = MAX_TEXT) -> str:
    """Decode the text of a file.

    The text is UTF-8 or UTF-16, with a byte order mark or without. Other data is read as Windows-1252, the encoding of
    older Windows programs, if it has no control characters, no bytes unknown to Windows-1252 and no UTF-8 sequences.
    Line ends stay as they are.

    Args:
        data: the file's bytes.
        name: what to call it in messages.
        limit: the most characters allowed.

    Raises:
        DocumentError: the bytes are empty, binary, or in an unknown encoding.
    """
    for magic, (what, hint) in _BINARY.items():
        if data.startswith(magic):
            raise DocumentError(f"`{name}` is {what}, not text.", hint=hint)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return checked_text(data.decode("utf-16"), name=name, limit=limit)
        except UnicodeDecodeError:
            raise DocumentError(f"`{name}` starts as UTF-16 but is not valid UTF-16.", hint=_CONVERT) from None
    if encoding := _utf16(data[:4096]):
        try:
            return checked_text(data.decode(encoding), name=name, limit=limit)
        except UnicodeDecodeError:
            raise DocumentError(f"`{name}` is binary, not text.", hint=_SAVE_AS_TEXT) from None
    try:
        return checked_text(data.decode("utf-8-sig"), name=name, limit=limit)
    except UnicodeDecodeError as error:
        position = error.start
    if _CONTROL_BYTE.search(data):
        raise DocumentError(f"`{name}` is binary, not text.", hint=_SAVE_AS_TEXT)
    if not _UTF8_SEQUENCE.search(data):
        try:
            return checked_text(data.decode("cp1252"), name=name, limit=limit)
        except UnicodeDecodeError:
            pass
    raise DocumentError(f"`{name}` is not valid UTF-8: it is damaged or truncated at byte {position}.", hint=_CONVERT)


def is_plain(head: bytes) -> bool:
    """Whether the first bytes of a file are text: without control characters, or with the zeros of UTF-16."""
    return bool(head.strip()) and (_CONTROL_BYTE.search(head) is None or _utf16(head) is not None)


def _utf16(head: bytes) -> str | None:
    """The byte order of UTF-16 without its mark, by where the zeros of its ASCII characters stand; None if neither."""
    half = len(head) // 2
    if half < 2:
        return None
    zeros = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if zeros[1] > _MOSTLY * half and not zeros[0]:
        return "utf-16-le"
    return "utf-16-be" if zeros[0] > _MOSTLY * half and not zeros[1] else None


def checked_text(text: str, *, name: str, limit: int = MAX_TEXT) -> str:
    """Check that a text can be one letter, and make it encodable as UTF-8.

    Args:
        text: any text.
        name: what to call it in messages.
        limit: the most characters allowed.

    Returns:
        The text with the same length; lone surrogates, which UTF-8 cannot encode, become U+FFFD.

    Raises:
        DocumentError: the text is empty, longer than the limit, or binary (it contains a NUL, or more than
            one control character in a hundred).
    """
    if len(text) > limit:
        raise too_large(name, f"{limit:,} characters of text")
    if not text or text.isspace():
        raise DocumentError(f"`{name}` is empty.", hint="Download or export it again.")
    if "\x00" in text or len(_CONTROL.findall(text)) * 100 > len(text):
        raise DocumentError(f"`{name}` is binary, not text.", hint=_SAVE_AS_TEXT)
    return writable(text)


def writable(text: str) -> str:
    """Replace each lone surrogate, which UTF-8 cannot encode, by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def too_large(name: str, limit: str) -> DocumentError:
    """The error for data that is too large for one letter."""
    return DocumentError(
        f"`{name}` is too large: one letter may have at most {limit}.", hint="Split it into one file per letter."
    )
