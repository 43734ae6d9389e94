"""The widths of characters in the fonts that letters use, to tell whether a PDF's own list of widths is damaged.

A reader joins or parts words by these widths, and most programs write them where no checksum vouches for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_FIRST, _LAST_LETTER = 32, 126
_NAME = re.compile(
    r"""
    (?:[A-Z]{6}\+)?  # a part of the font
    (?:(?P<times>Times(?:-Roman|NewRoman(?:PS)?)?)|Arial|Helvetica)(?:MT)?
    (?:[,-](?P<bold>Bold)?(?P<italic>Italic|Oblique)?(?:MT)?)?
    """,
    re.VERBOSE,
)
_ROUNDED = 1
"""How far a width may be from the font's: some programs write fractions of a thousandth."""

_FEW = 0.1
"""The most wrong widths among all, as a share, that are damage. A font that only has a known name has more."""


class Widths(NamedTuple):
    """A font's own list of widths in a PDF.

    Attributes:
        name: the font's name, such as `TimesNewRomanPS-BoldMT` or `Times New Roman,Bold`.
        encoding: the name of its encoding; the widths of `WinAnsiEncoding` are known.
        first: the code of the character that the first width is for.
        last: the code of the last character.
        given: the widths in thousandths of the size; 0 where a character is not in the document.
    """

    name: str
    encoding: str
    first: int
    last: int
    given: Sequence[float]

    def are_right(self) -> bool:
        """Whether each width is the font's; False as well if the font or its encoding is not known here."""
        known = self._known()
        return known is not None and len(self.given) == len(known) and not self._wrong(known, by=0)

    def are_damaged(self) -> bool:
        """Whether there are too few or too many, or a few are not the font's; False if the font is not known here."""
        known = self._known()
        if known is None or len(self.given) != len(known):
            return known is not None
        # Beyond ASCII, fonts of one name have different widths.
        wrong = self._wrong(known[: max(0, _LAST_LETTER + 1 - self.first)], by=_ROUNDED)
        return 0 < wrong <= max(1, _FEW * len(known))

    def _wrong(self, known: Sequence[int], *, by: float) -> int:
        return sum(given != 0 and abs(given - right) > by for given, right in zip(self.given, known, strict=False))

    def _known(self) -> Sequence[int] | None:
        face = _face(self.name)
        if face is None or self.encoding != "WinAnsiEncoding" or not _FIRST <= self.first <= self.last < 256:
            return None
        return _known_widths()[face][self.first - _FIRST : self.last - _FIRST + 1]


def _face(name: str) -> str | None:
    """The standard font whose widths a font has: Times New Roman has those of Times, Arial those of Helvetica."""
    found = _NAME.fullmatch(name.replace("#20", "").replace(" ", ""))
    if found is None:
        return None
    family = "Times" if found["times"] else "Helvetica"
    # An oblique Helvetica is as wide as the upright.
    style = (found["bold"] or "") + ("Italic" if found["italic"] and found["times"] else "")
    return f"{family}-{style}".removesuffix("-")


@cache
def _known_widths() -> dict[str, list[int]]:
    text = (files("imrllm.documents") / "font_widths.txt").read_text(encoding="utf-8")
    sections = (section.partition("]\n") for section in text.split("[")[1:])
    return {face: [int(width) for width in widths.split()] for face, _, widths in sections}
