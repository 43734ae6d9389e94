"""The widths of characters in the fonts that letters use, to tell whether a PDF's own list of widths is damaged.

A reader joins or parts words by these widths, and some programs write them where no checksum vouches for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_FIRST = 32
_FAMILIES = {"times": "Times", "arial": "Helvetica", "helvetica": "Helvetica"}
_FACES = {
    "Times": ("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
    # An oblique Helvetica has the widths of the upright.
    "Helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica", "Helvetica-Bold"),
}


def are_known_widths(font: Mapping[bytes, bytes], printed: bytes) -> bool:
    """Whether a font's list of widths is right.

    Args:
        font: the font dictionary's entries, as printed.
        printed: the list's numbers, one for each character from `/FirstChar` to `/LastChar`; 0 where a character is
            not in the document.

    Returns:
        False if a width is another than the font's, and if the font or its encoding is not known here.
    """
    first, last = int(font[b"FirstChar"]), int(font[b"LastChar"])
    widths = [int(width) for width in printed.split()]
    face = _face(font[b"BaseFont"].decode("latin-1"))
    if face is None or font[b"Encoding"] != b"/WinAnsiEncoding" or first < _FIRST or len(widths) != last - first + 1:
        return False
    known = _known_widths()[face][first - _FIRST : last - _FIRST + 1]
    return len(known) == len(widths) and all(width in {0, right} for width, right in zip(widths, known, strict=True))


def _face(name: str) -> str | None:
    """The standard font of a name such as `/Times#20New#20Roman,Bold` or `/ABCDEF+Arial-BoldMT`."""
    name = name.removeprefix("/").rpartition("+")[2].replace("#20", "").lower()
    family = next((family for start, family in _FAMILIES.items() if name.startswith(start)), None)
    if family is None or "narrow" in name or "black" in name:
        return None
    return _FACES[family][("bold" in name) + 2 * ("italic" in name or "oblique" in name)]


@cache
def _known_widths() -> dict[str, list[int]]:
    text = (files("imrllm.documents") / "font_widths.txt").read_text(encoding="utf-8")
    sections = (section.partition("]\n") for section in text.split("[")[1:])
    return {face: [int(width) for width in widths.split()] for face, _, widths in sections}
