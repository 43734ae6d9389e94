"""White-space folding with an exact map back to the source.

Patterns and prompts see one line of text with plain quotes and dashes; every span found there maps back to the
characters of the original. What is dropped or joined follows the record's rule for text values: runs of white
space become one space, and a hyphen at the end of a printed line joins its halves.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
# Only what changes is matched, so that plain text costs one scan: an end-of-line hyphen (not a dash set off by a
# space), and a run of white space and of characters that print nothing, unless it is one plain space.
_CHANGES = re.compile(rf"(?<=\w)-[^\S\n]*\n\s*(?=\w)|[\s{_INVISIBLE}]{{2,}}|[^\S ]|[{_INVISIBLE}]")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u00d7": "x",
        "\uff1a": ":",
    }
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text on one line, with the way back.

    Attributes:
        text: the folded text with plain quotes, dashes and multiplication signs: what patterns read.
        printed: the same text with the characters as printed; same length, so one offset serves both.
    """

    text: str = field(repr=False)
    printed: str = field(repr=False)
    _folded_at: tuple[int, ...] = field(repr=False)
    _source_at: tuple[int, ...] = field(repr=False)

    def source_offset(self, offset: int) -> int:
        """The source offset of the character at a folded offset."""
        piece = bisect_right(self._folded_at, offset) - 1
        return self._source_at[piece] + offset - self._folded_at[piece]

    def folded_offset(self, offset: int) -> int:
        """The folded offset of the first character kept at or after a source offset."""
        piece = bisect_right(self._source_at, offset) - 1
        end = self._folded_at[piece + 1] if piece + 1 < len(self._folded_at) else len(self.text)
        return min(self._folded_at[piece] + offset - self._source_at[piece], end)

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The `[start, end)` span of the source that a non-empty `[start, end)` span of the folded text stands for."""
        return self.source_offset(start), self.source_offset(end - 1) + 1


def fold(text: str) -> Folded:
    """Fold a text.

    Args:
        text: any text, in code points.

    Returns:
        The folded text. It holds no line break, no two spaces in a row and nothing invisible.
    """
    pieces: list[str] = []
    folded_at = [0]
    source_at = [0]
    length = 0
    previous = 0
    for change in _CHANGES.finditer(text):
        start, end = change.span()
        if start > previous:
            pieces.append(text[previous:start])
            length += start - previous
        run = change.group()
        kept = "-" if run[0] == "-" else " " if any(map(str.isspace, run)) else ""
        if kept:
            # The kept character stands for the run's first; what follows resumes after the run.
            folded_at.append(length)
            source_at.append(start)
            pieces.append(kept)
            length += 1
        folded_at.append(length)
        source_at.append(end)
        previous = end
    pieces.append(text[previous:])
    # U+FFFE is how one extractor prints a hyphen at a line's end.
    printed = "".join(pieces).replace("\ufffe", "-")
    return Folded(printed.translate(_PLAIN), printed, tuple(folded_at), tuple(source_at))
