"""Read a text as if its near misses were printed as the form has them, with a map back to what is printed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from imrllm.letter.near_misses import NearMiss
from imrllm.spans import FoldedSpan


@dataclass(frozen=True, slots=True)
class Repaired:
    """A folded text with a form's own words where near misses were.

    Attributes:
        line: the text.
    """

    line: str
    _repaired_at: tuple[int, ...]
    _printed_at: tuple[int, ...]

    def printed_offset(self, offset: int) -> int:
        """The folded offset of what is at an offset of the repaired text; for repaired words, where they start."""
        piece = bisect_right(self._repaired_at, offset) - 1
        end = self._printed_at[piece + 1] if piece + 1 < len(self._printed_at) else None
        moved = self._printed_at[piece] + offset - self._repaired_at[piece]
        # Every second piece is a repair. Both of its ends are known, and nothing between.
        if piece % 2:
            return self._printed_at[piece]
        return moved if end is None else min(moved, end)

    def printed_span(self, span: FoldedSpan) -> FoldedSpan:
        """The span of the folded text that a non-empty span of the repaired text stands for."""
        last = span[1] - 1
        piece = bisect_right(self._repaired_at, last) - 1
        end = self._printed_at[piece + 1] if piece % 2 else self.printed_offset(last) + 1
        return FoldedSpan((self.printed_offset(span[0]), end))

    def repaired_offset(self, offset: int) -> int:
        """The offset of the repaired text for a folded offset; within repaired words, where they start."""
        piece = bisect_right(self._printed_at, offset) - 1
        if piece % 2:
            return self._repaired_at[piece]
        return self._repaired_at[piece] + offset - self._printed_at[piece]


def repaired(line: str, near: Sequence[NearMiss]) -> Repaired:
    """Put a form's own words where near misses are.

    Args:
        line: the folded text.
        near: the near misses, ascending, without overlap.

    Returns:
        The repaired text. A phrase has a space on both sides, and an outcome the form's mark before it.
    """
    pieces: list[str] = []
    repaired_at: list[int] = []
    printed_at: list[int] = []
    size = end = 0
    for each in near:
        kept = line[end : each.span[0]]
        # Patterns read single spaces, as folded text has them.
        before = "" if each.phrase.role == "outcome" or kept.endswith(" ") or not (pieces or kept) else " "
        words = f"{before}{each.phrase.text} "
        repaired_at += [size, size + len(kept)]
        printed_at += [end, each.span[0]]
        pieces += [kept, words]
        size += len(kept) + len(words)
        end = each.span[1]
    repaired_at.append(size)
    printed_at.append(end)
    pieces.append(line[end:])
    return Repaired("".join(pieces), tuple(repaired_at), tuple(printed_at))
