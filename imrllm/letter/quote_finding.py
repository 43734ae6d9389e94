"""Finds words that a model quotes in a letter's text: no word or number in part, and only where a part may begin."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from imrllm.folding import Folded, fold, lowered
from imrllm.letter.layout import without_footers
from imrllm.letter.parts import trimmed
from imrllm.spans import FoldedSpan

Section = Literal["header", "credentials", "summary"]
# A quote is looked for at so many places: the words of a letter's own form repeat once an item.
_MOST_PLACES = 60
# Of a longer quote the start (or the end, of last words) is looked for. In characters.
_LONGEST_QUOTE = 200
# More characters are no line of their own, however they are wrapped.
_LONGEST_SEGMENT = 400
_BREAK = re.compile(r"\n\s*")
# A text with a longer line, in characters, is not wrapped, and one with such a line on average has lost its lines.
_LONGEST_WRAPPED_LINE, _NO_LINES = 240, 1000
_FEWEST_LINES = 3
# The share of a text's breaks.
_NOT_RARE = 0.1
_SENTENCE_END = re.compile(r"[.!?|][\"')\]]{0,2}\s(?=[A-Z0-9(\"'#*])")
# What may stand between the start of a line and a heading or a paragraph: a bullet, a number, a label.
_LEAD = re.compile(
    r"""
    [\W_]{0,6}  # "- ", "* ", "("
    (?:
        (?:\d{1,3}|[A-Za-z]|[IVXivx]{1,5})[.):\]]\s?[\W_]{0,4}  # "1. ", "(a) ", "IV) "
    )?
    (?:
        [^.!?|:]{1,90}[:|#=>]\s?  # "Requested service: "
        | [^.!?|:]{1,60}\s-{1,3}\s  # "Service 2 - "
        | (?:[A-Za-z]{1,12}\s){0,3}  # "Disputed item no. 2 "
            (?:services?|items?|issues?|requests?|treatments?|numbers?|no\.?|questions?|disputes?)
            \s?\#?\s?\d{1,2}\s[\W_]{0,3}
    )?
    [\W_]{0,4}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ENDS_LINE = re.compile(r"[.!?:;|][\"')\]]{0,2}\s?$")
_ENDS_SENTENCE = re.compile(r"[.!?:|][\"')\]]{0,2}\s?$")
_CLOSING = re.compile(r"[.!?]?[\"')\]]{0,2}")
# A line with a bullet, a number, a label or cells goes on with nothing.
_BEGINS_LINE = re.compile(
    r"""
    [\W_]{0,4}(?:
        \d{1,2}\s?[.):|]\s | \#\d | [*\u2022\u25cf\u25aa\u00b7-]\s
        | [A-Z][^.:|]{1,60}(?::\s|\s\|\s)
    )
    """,
    re.VERBOSE,
)
# A label that has lost its colon: few words, and then a capital.
_BARE_LABEL = re.compile(r"[\W_]{0,6}[A-Z][^.!?:|;]{2,60}\s[\"'(]?")
# A citation whose pages or sections stand on the next line.
_CITED_BEFORE = re.compile(r"\b(?:Page|Section)s?\(?s?\)?\s?:\s*$", re.IGNORECASE)
_CITED = re.compile(r"\W*(?:Page|Section)\(s\)", re.IGNORECASE)
_EDGES = " \t\"'`*"
_ELLIPSIS = re.compile(r"^\s*(?:\.{3}|\u2026)\s*|(?<!\s)\s*(?:\.{3}|\u2026)\s*$")


@dataclass(frozen=True, slots=True)
class Quote:
    """The first and the last words of a part, as a model quotes them."""

    first: str = field(repr=False)
    last: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QuotedItem:
    """A disputed item by its quotes; None for a part that the model does not find."""

    heading: Quote
    outcome: str | None = field(default=None, repr=False)
    claims_administrator: Quote | None = None
    reviewer_basis: Quote | None = None
    rationale: Quote | None = None


@dataclass(frozen=True, slots=True)
class QuotedWindow:
    """What a model quotes of one stretch of a letter.

    Attributes:
        start: source offset of the stretch.
        end: source offset just after it.
        sections: the quotes of `header`, `credentials` and `summary`, as far as they are there.
        items: the disputed items in the order of the answer.
    """

    start: int
    end: int
    sections: Mapping[Section, Quote]
    items: tuple[QuotedItem, ...]


@dataclass(frozen=True)
class Page:
    """A letter's text in which quotes are found.

    Attributes:
        folded: the text.
        lines: folded offsets of the first character of each line, ascending.
        gaps: the same for paragraphs.
        has_lines: whether the text still has its line breaks; without them, sentences count as lines.
        source_length: of the source text, in characters.
    """

    folded: Folded
    lines: tuple[int, ...]
    gaps: tuple[int, ...]
    has_lines: bool
    source_length: int

    @classmethod
    def of(cls, text: str) -> Page:
        """The page of a source text."""
        text = without_footers(text)
        folded = fold(text)
        breaks = [(folded.folded_offset(found.end()), found.group().count("\n")) for found in _BREAK.finditer(text)]
        lines = [0, *(at for at, _ in breaks)]
        has_lines = len(lines) > _FEWEST_LINES and len(folded.text) <= _NO_LINES * len(lines)
        if not has_lines:
            lines += [found.end() for found in _SENTENCE_END.finditer(folded.text)]
        return cls(folded, tuple(sorted(set(lines))), _gaps(breaks), has_lines, len(text))

    @cached_property
    def lower(self) -> str:
        """The folded text in lower case, offset for offset."""
        return lowered(self.folded.text)

    @cached_property
    def starts(self) -> frozenset[int]:
        """Where lines start, and where the text ends."""
        return frozenset((*self.lines, len(self.folded.text)))

    @cached_property
    def _width(self) -> int:
        """The length of most full lines."""
        lengths = sorted(end - start for start, end in zip(self.lines, self.lines[1:], strict=False))
        return lengths[len(lengths) * 9 // 10] if lengths else 0

    def line_of(self, at: int) -> tuple[int, int]:
        """The line that holds a folded offset."""
        index = bisect_right(self.lines, at) - 1
        end = self.lines[index + 1] if index + 1 < len(self.lines) else len(self.folded.text)
        return self.lines[index], end

    def segment_end(self, at: int) -> int:
        """The end of the line that holds a folded offset; of the paragraph, if the line is a wrapped one."""
        start, end = self.line_of(at)
        while end < len(self.folded.text) and end - at < _LONGEST_SEGMENT and self._continues(end, start):
            start, end = self.line_of(end)
        return end

    def opens(self, at: int) -> bool:
        """Whether a part may begin at a folded offset: at the start of a line, or after its bullet, number or label.

        A line that goes on with the sentence of the line before it opens nothing.
        """
        start, _ = self.line_of(at)
        lead = self.folded.text[start:at]
        if len(lead) > 100 or not _LEAD.fullmatch(lead):
            return not self.has_lines and bool(_ENDS_LINE.search(self.folded.text[max(0, at - 6) : at]))
        return self._begins(start)

    def _begins(self, start: int) -> bool:
        """Whether the line that begins at `start` does not go on with the one before."""
        previous = bisect_left(self.lines, start) - 1
        return previous < 0 or not self._continues(start, self.lines[previous])

    def paragraphs(self) -> Iterator[FoldedSpan]:
        """The lines, with those joined that go on with the line before; without empty ones."""
        starts = [
            start
            for index, start in enumerate(self.lines)
            if not index or not (self._continues(start, self.lines[index - 1]) or self._completes(start))
        ]
        for start, end in zip(starts, [*starts[1:], len(self.folded.text)], strict=True):
            if span := trimmed(self.folded.text, start, end):
                yield span

    def _completes(self, start: int) -> bool:
        """Whether a line has the pages or sections of a citation whose label ends the line before."""
        return bool(_CITED_BEFORE.search(self.folded.text[max(0, start - 14) : start])) or bool(
            _CITED.match(self.folded.text, start)
        )

    def begins_line(self, at: int) -> bool:
        """Whether a line begins at a folded offset with a bullet, a number or a label."""
        return at in self.starts and bool(_BEGINS_LINE.match(self.folded.text, at))

    def opens_paragraph(self, at: int) -> bool:
        """Whether a paragraph may begin at a folded offset: where a part may, or after a label without a colon."""
        if self.opens(at):
            return True
        start, _ = self.line_of(at)
        lead = self.folded.text[start:at]
        if not self.folded.text[at].isupper() or len(lead) > 70 or not _BARE_LABEL.fullmatch(lead):
            return False
        return self._begins(start)

    def _continues(self, start: int, before: int) -> bool:
        """Whether the line that begins at `start` goes on with the sentence of the line that begins at `before`."""
        if self._width > _LONGEST_WRAPPED_LINE:
            return False
        if _ENDS_SENTENCE.search(self.folded.text[max(before, start - 6) : start]):
            return False
        is_lower = self.folded.text[start : start + 1].islower()
        at = bisect_left(self.gaps, start)
        if at < len(self.gaps) and self.gaps[at] == start:
            # A break within a long sentence, such as a page's.
            return is_lower and start - before > self._width * 0.6
        if start - before <= self._width * 0.75 and not is_lower:
            return False
        return not _BEGINS_LINE.match(self.folded.text, start)

    def places(self, quote: str, start: int, end: int) -> list[FoldedSpan]:
        """Where quoted words stand between two folded offsets, in order.

        Args:
            quote: the words, in whatever case, quotes and spacing.
            start: folded offset from which they may begin.
            end: folded offset at which they must have ended.
        """
        words = _cleaned(quote, last=False)
        if sum(map(str.isalnum, words)) < 2:
            return []
        found: list[FoldedSpan] = []
        at = self.lower.find(words, start, end)
        while at >= 0 and len(found) < _MOST_PLACES:
            if self._is_whole(at, at + len(words)):
                found.append(FoldedSpan((at, at + len(words))))
            at = self.lower.find(words, at + 1, end)
        return found

    def first_place(self, quote: str, start: int, end: int) -> FoldedSpan | None:
        """The first place of the last words of a part that begins at `start` and ends before `end`."""
        return self._place(quote, start, end, last=False)

    def last_place(self, quote: str, start: int, end: int) -> FoldedSpan | None:
        """The last place of the last words of a part that begins at `start` and ends before `end`."""
        return self._place(quote, start, end, last=True)

    def _place(self, quote: str, start: int, end: int, *, last: bool) -> FoldedSpan | None:
        words = _cleaned(quote, last=True)
        if not any(map(str.isalnum, words)):
            return None
        for _ in range(_MOST_PLACES):
            at = self.lower.rfind(words, start, end) if last else self.lower.find(words, start, end)
            if at < 0:
                return None
            if self._is_whole(at, at + len(words)):
                return FoldedSpan((at, at + len(words)))
            start, end = (start, at + len(words) - 1) if last else (at + 1, end)
        return None

    def closed(self, at: int) -> int:
        """The end of a part with the punctuation that closes it."""
        found = _CLOSING.match(self.folded.text, at)
        return found.end() if found else at

    def after_sentence(self, at: int) -> int:
        """An offset where a sentence or a line has ended: the one given, or the end of the line that it stands in."""
        if at in self.starts or _ENDS_LINE.search(self.folded.text[max(0, at - 6) : at]):
            return at
        _, end = self.line_of(at)
        # The white space before a line is the end of the line before.
        return at if not self.folded.text[at:end].strip() else self.segment_end(at)

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether a stretch begins and ends with whole words and whole numbers: "25 mg" does not stand in "1.25 mg"."""
        text = self.lower
        before, after = text[max(0, start - 2) : start], text[end : end + 2]
        if text[start].isalnum() and before[-1:].isalnum():
            return False
        if text[end - 1].isalnum() and after[:1].isalnum():
            return False
        if text[start].isdigit() and len(before) == 2 and before[1] in ".,/" and before[0].isdigit():
            return False
        return not (text[end - 1].isdigit() and len(after) == 2 and after[0] in ".,/" and after[1].isdigit())


def _gaps(breaks: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Of breaks with their numbers of newlines, those with more than the smallest number that is not rare."""
    counted = Counter(count for _, count in breaks)
    usual = min((count for count, times in counted.items() if times >= _NOT_RARE * len(breaks)), default=0)
    return tuple(at for at, count in breaks if count > usual)


def _cleaned(quote: str, *, last: bool) -> str:
    """Quoted words as they are looked for."""
    words = lowered(fold(quote[-2000:] if last else quote[:2000]).text)
    words = _ELLIPSIS.sub("", words).strip(_EDGES)
    if len(words) > _LONGEST_QUOTE:
        # At a space, so that no word is cut.
        words = words[-_LONGEST_QUOTE:].partition(" ")[2] if last else words[:_LONGEST_QUOTE].rpartition(" ")[0]
    return words
