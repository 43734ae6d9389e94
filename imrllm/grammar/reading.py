"""What every reader of the grammar takes and returns: a part of the letter, and a value with its span."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from re import Match
from typing import Generic, NamedTuple, TypeVar

from imrllm.folding import Folded, lowered
from imrllm.spans import FoldedSpan, PartSpan

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Span = TypeVar("Span", FoldedSpan, PartSpan)
# Stands for what another reader took: no word, no number, no space.
MASK = "\x00"
_EDGES = " \t,.;:-/" + MASK


@dataclass(frozen=True, slots=True)
class Reading(Generic[T_co]):
    """A value read from the letter.

    Attributes:
        value: the value, normalised as the record has it.
        span: where the value stands in the letter.
    """

    value: T_co
    span: FoldedSpan


class Part(NamedTuple):
    """One stretch of a letter, as a reader sees it.

    Attributes:
        text: folded text with plain quotes and dashes: what patterns run over.
        printed: the same stretch as printed, same length: what text values are copied from.
        start: offset of its first character in the letter's folded text.
    """

    text: str
    printed: str
    start: int = 0

    @classmethod
    def of(cls, folded: Folded, span: FoldedSpan) -> Part:
        """The part of a folded text that a span marks."""
        return cls(folded.text[slice(*span)], folded.printed[slice(*span)], span[0])

    def cut(self, start: int, end: int) -> Part:
        """A stretch of this part, by offsets within it."""
        return Part(self.text[start:end], self.printed[start:end], self.start + start)

    def masked(self, spans: Iterable[FoldedSpan]) -> Part:
        """This part with spans of the letter's folded text blanked out, so that no pattern reads across them."""
        pieces: list[str] = []
        at = 0
        for start, end in sorted(spans):
            low, high = max(at, start - self.start), min(len(self.text), end - self.start)
            if low < high:
                pieces += [self.text[at:low], MASK * (high - low)]
                at = high
        return Part("".join((*pieces, self.text[at:])), self.printed, self.start) if pieces else self

    def closing(self, size: int, words: FoldedSpan) -> str:
        """The last sentences of this part as printed, after the sentence that holds some words, if it comes before.

        Args:
            size: the most characters of the last sentences.
            words: a span within this part.
        """
        text = self.text
        start = max(0, len(text) - size)
        if start and (end := text.find(". ", start)) >= 0:
            start = end + 2
        low, high = self.within(words)
        if low >= start:
            return self.printed[start:]
        opens, closes = text.rfind(". ", 0, low), text.find(". ", high)
        first = 0 if opens < 0 else opens + 2
        if closes < 0 or closes + 2 >= start:
            return self.printed[first:]
        return f"{self.printed[first : closes + 1]} ... {self.printed[start:]}"

    def span(self, start: int, end: int) -> FoldedSpan:
        """The span of the letter's folded text for a stretch of this part, by offsets within it."""
        return FoldedSpan((self.start + start, self.start + end))

    def spans(self, stretches: Iterable[PartSpan]) -> tuple[FoldedSpan, ...]:
        """The spans of the letter's folded text for stretches of this part."""
        return tuple(self.span(*stretch) for stretch in stretches)

    def spans_of(self, matches: Iterable[Match[str]]) -> tuple[FoldedSpan, ...]:
        """The spans of the letter's folded text for matches within this part."""
        return tuple(self.span(*match.span()) for match in matches)

    def within(self, span: FoldedSpan) -> PartSpan:
        """The stretch of this part for a span of the letter's folded text."""
        return PartSpan((span[0] - self.start, span[1] - self.start))

    def offset(self, at: int) -> int:
        """The offset within this part for an offset in the letter's folded text."""
        return at - self.start

    @property
    def whole(self) -> FoldedSpan:
        """The span of all of this part."""
        return self.span(0, len(self.text))

    @property
    def lower(self) -> str:
        """The text in lower case, offset for offset: what patterns without flags run over, twice as fast."""
        return lowered(self.text)

    def reading(self, value: T, start: int, end: int) -> Reading[T]:
        """A reading whose span is given by offsets within this part."""
        return Reading(value, FoldedSpan((self.start + start, self.start + end)))

    def quote(self, start: int, end: int) -> Reading[str] | None:
        """A text value as printed, without surrounding punctuation; None where nothing is left."""
        start, end = tightened(self.text, start, end)
        return self.reading(self.printed[start:end], start, end) if start < end else None


# What is read of one field: of a list field, a reading of each entry.
FieldReading = Reading[object] | tuple[Reading[object], ...]


def value_of(reading: FieldReading | None) -> object:
    """The value of a reading, a tuple of the values of several, or None for no reading."""
    if isinstance(reading, tuple):
        return tuple(each.value for each in reading)
    return None if reading is None else reading.value


def overlaps(span: Span, spans: Iterable[Span]) -> bool:
    """Whether a span shares a character with any of several."""
    return any(start < span[1] and span[0] < end for start, end in spans)


class DisjointSpans(Generic[Span]):
    """Spans that share no character, in order. Adding one costs a binary search, however many there are."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> bool:
        """Add a span unless it shares a character with one that is there; return whether it was added."""
        at = bisect_left(self._spans, span)
        if at and self._spans[at - 1][1] > span[0]:
            return False
        if at < len(self._spans) and self._spans[at][0] < span[1]:
            return False
        self._spans.insert(at, span)
        return True


def tightened(text: str, start: int, end: int) -> PartSpan:
    """A span without the white space and punctuation at its ends; unpaired brackets at the ends go too."""
    while start < end:
        if text[start] in _EDGES or text[start] in ")]":
            start += 1
        elif text[end - 1] in _EDGES or text[end - 1] in "([":
            end -= 1
        elif text[start] in "([" and text.find(")" if text[start] == "(" else "]", start, end) < 0:
            start += 1
        elif text[end - 1] in ")]" and text.count("(", start, end) + text.count("[", start, end) < text.count(
            ")", start, end
        ) + text.count("]", start, end):
            end -= 1
        else:
            break
    return PartSpan((start, end))


@cache
def _separators(characters: str) -> re.Pattern[str]:
    """A pattern of some characters, and of brackets."""
    return re.compile(f"[][(){re.escape(characters)}]")


def split_outside_brackets(text: str, separators: str, start: int = 0, end: int | None = None) -> list[PartSpan]:
    """Spans of the pieces between separator characters that stand outside brackets."""
    end = len(text) if end is None else end
    spans: list[PartSpan] = []
    depth = 0
    begin = start
    for found in _separators(separators).finditer(text, start, end):
        character = found.group()
        if character in "([":
            depth += 1
        elif character in ")]":
            depth = max(0, depth - 1)
        elif depth == 0:
            spans.append(PartSpan((begin, found.start())))
            begin = found.end()
    spans.append(PartSpan((begin, end)))
    return spans
