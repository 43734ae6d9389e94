"""A letter's paragraphs by numbers, for models that cannot quote: which may be headings, and what stands between these.

A small model says of each short paragraph whether it names a treatment. What follows is found by rules: the paragraphs
by what their labels say of whose they are, the sections by their words; the rest is not there. The quotes that come of
it are then judged as those of any model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from imrllm.letter.outcomes import outcome_start, read_outcome
from imrllm.letter.quote_finding import Page, Quote, QuotedItem, QuotedWindow, Section
from imrllm.letter.quoted_items import Paragraph
from imrllm.letter.quoted_structure import can_be_heading
from imrllm.spans import FoldedSpan

_MOST_HEADING_WORDS = 70
_MOST_CANDIDATES = 60
# Lines of the form itself, and of its header.
_OF_FORM = re.compile(
    r"case number|date of|received|priority|licens|certification|specialt|\bpage \d|determination", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"\blicens|board[ -]certified|certification", re.IGNORECASE)
_AGE = re.compile(r"\b\d\d[ -]?years?[ -]old\b", re.IGNORECASE)
_TELLS_HISTORY = re.compile(r"\binjur(?:y|ed)\b|\bdiagnos", re.IGNORECASE)
_WORDS_OF_HISTORY = 25
# A quote needs no more words to be found.
_QUOTED_WORDS = 8
_LABEL = re.compile(r"(?![^:|]{0,60}\b(?:page|section)\(s\))[^:|.]{2,70}[:|]\s+(?=\S)", re.IGNORECASE)
_BARE_LABEL = re.compile(r"[A-Z][^.!?;]{2,70}?:?")
_MOST_LABEL_WORDS = 9
_NUMBER = re.compile(r"\d+")
# Whose a paragraph is, by its label.
_ROLES: tuple[tuple[Paragraph, re.Pattern[str]], ...] = (
    (
        "claims_administrator",
        re.compile(r"claims? admin|utilization|\bur\b|carrier|insurer|employer|adjuster|payer|\bdenial|denied|refus"),
    ),
    ("rationale", re.compile(r"rationale|reason|\bwhy\b|analysis|discussion|explanation|explained|grounds")),
    (
        "reviewer_basis",
        re.compile(r"review|\bimr\b|independent|maximus|expert|panel|\bour\b|\bwe\b|physician|decision"),
    ),
)
_CONCLUDES = re.compile(r"medical(?:ly)?\s+necess", re.IGNORECASE)
# The label of an outcome at the end of a heading.
_OUTCOME_LABEL = re.compile(
    r"(?<![\s:|.;-])[\s:|.;-]+(?:[A-Za-z]+\s){0,3}"
    r"(?:decision|determination|outcome|result|finding|conclusion|disposition|status|review)s?\s?[:|-]\s*$",
    re.IGNORECASE,
)
_MOST_OUTCOME_WORDS = 8
_WORDS_OF_PROSE = 15


@dataclass(frozen=True, slots=True)
class NumberedLetter:
    """The paragraphs of a letter, numbered from 1.

    Attributes:
        page: the letter's text.
        spans: the paragraphs, ascending.
    """

    page: Page
    spans: tuple[FoldedSpan, ...]

    @classmethod
    def of(cls, text: str) -> NumberedLetter:
        """The paragraphs of a source text: wrapped lines are joined."""
        page = Page.of(text)
        return cls(page, tuple(page.paragraphs()))

    def candidates(self) -> list[tuple[int, str]]:
        """The paragraphs that may be a disputed item's heading, each with its number and without its outcome."""
        found = []
        for number, (start, _) in enumerate(self.spans, 1):
            words = _without_outcome(self._text(number))
            span = FoldedSpan((start, start + len(words)))
            if words.isupper() or len(words.split()) > _MOST_HEADING_WORDS or not can_be_heading(self.page, span):
                continue
            if _OF_FORM.search(words) or read_outcome(words):
                continue
            found.append((number, words))
        return found[:_MOST_CANDIDATES]

    def sections(self, headings: Iterable[int]) -> dict[Section, int | None]:
        """The numbers of the paragraphs with the reviewer's credentials and the patient's history, by their words.

        Args:
            headings: the numbers of the disputed items' headings, which are neither.
        """
        heads = set(headings)
        found: dict[Section, int | None] = {"credentials": None, "summary": None}
        for number in range(1, len(self.spans) + 1):
            words = self._text(number)
            if number in heads:
                continue
            if not found["credentials"] and _CREDENTIALS.search(words):
                found["credentials"] = number
            elif not found["summary"] and (
                _AGE.search(words) or (len(words.split()) >= _WORDS_OF_HISTORY and _TELLS_HISTORY.search(words))
            ):
                found["summary"] = number
        return found

    def quoted(self, sections: Mapping[Section, int | None], headings: Iterable[int]) -> QuotedWindow:
        """The quotes of the parts of the whole letter.

        Args:
            sections: the numbers of the sections' first paragraphs.
            headings: the numbers of the paragraphs that name a treatment.
        """
        last = len(self.spans)
        known = {name: number for name, number in sections.items() if number and 0 < number <= last}
        heads = sorted({number for number in headings if 0 < number <= last} - set(known.values()))
        stops = [*heads, *known.values(), last + 1]
        groups = [range(head + 1, min(stop for stop in stops if stop > head)) for head in heads]
        paragraphs = self._paragraphs(groups)
        labels = Counter(label for head in heads if (label := self._label(head)))
        items = [
            QuotedItem(self._heading(head, labels), None, **{name: self._part(*ends) for name, ends in own.items()})
            for head, own in zip(heads, paragraphs, strict=True)
        ]
        quoted = {
            name: self._section(number, min(stop for stop in stops if stop > number)) for name, number in known.items()
        }
        return QuotedWindow(0, self.page.source_length, quoted, tuple(items))

    def _text(self, number: int) -> str:
        return self.page.folded.printed[slice(*self.spans[number - 1])]

    def _label(self, number: int) -> str | None:
        """The label of a paragraph, without its numbers."""
        found = _LABEL.match(self._text(number))
        return _NUMBER.sub("", found.group()).strip() if found else None

    def _paragraphs(self, groups: Sequence[range]) -> list[dict[Paragraph, tuple[int, int]]]:
        """The paragraphs of each item, by the numbers of the first and the last: after its heading, or after a list."""
        found = [self._assigned(group) for group in groups]
        if len(groups) < 2 or any(found[:-1]):
            return found
        # A list of headings comes first: what follows it is cut where the first label comes again.
        rest = groups[-1]
        labelled = [(number, label) for number in rest if (label := self._label(number)) and _role(label)]
        starts = [number for number, label in labelled if label == labelled[0][1]]
        if len(starts) != len(groups):
            return found
        ends = [*starts[1:], rest.stop]
        return [self._assigned(range(start, end)) for start, end in zip(starts, ends, strict=True)]

    def _assigned(self, numbers: range) -> dict[Paragraph, tuple[int, int]]:
        """Paragraphs by what their labels say of whose they are."""
        found: dict[Paragraph, tuple[int, int]] = {}
        current: Paragraph | None = None
        above: str | None = None
        for number in numbers:
            text, label = self._text(number), self._label(number)
            words = len(text.split())
            if current == "rationale" and label is None and text.endswith("."):
                found[current] = (found[current][0], number)
                continue
            if words <= _MOST_LABEL_WORDS and (read_outcome(text) or _BARE_LABEL.fullmatch(text)):
                # An outcome, or a label on a line of its own.
                current, above = None, None if read_outcome(text) else text
                continue
            role = _role(label or above or "")
            if role and role not in found:
                current, found[role] = role, (number, number)
            elif label is None and above is None and current:
                found[current] = (found[current][0], number)
            elif not (current == "rationale" and above is None):
                current = None
            above = None
        if "rationale" not in found:
            taken = {number for ends in found.values() for number in range(ends[0], ends[1] + 1)}
            prose = [
                number
                for number in numbers
                if number not in taken
                and len(self._text(number).split()) >= _WORDS_OF_PROSE
                and _CONCLUDES.search(self._text(number))
            ]
            if prose:
                found["rationale"] = (prose[-1], prose[-1])
        return found

    def _heading(self, number: int, labels: Counter[str]) -> Quote:
        """A heading without the label that it shares with others, and without its outcome."""
        words = self._text(number)
        label = _LABEL.match(words)
        if label and labels[_NUMBER.sub("", label.group()).strip()] > 1:
            words = words[label.end() :]
        return _quote(_without_outcome(words))

    def _part(self, first: int, last: int) -> Quote:
        """The words of some paragraphs, without the label of the first."""
        words = self._text(first)
        label = _LABEL.match(words)
        words = words[label.end() :] if label and _role(label.group()) else words
        return Quote(_quote(words).first, _quote(words if first == last else self._text(last)).last)

    def _section(self, first: int, stop: int) -> Quote:
        """The words of a section: up to the next part, or to what looks like its heading."""
        last = first
        while last + 1 < stop and not _BARE_LABEL.fullmatch(self._text(last + 1)):
            last += 1
        return Quote(_quote(self._text(first)).first, _quote(self._text(last)).last)


def _role(label: str) -> Paragraph | None:
    """Whose paragraph a label opens; None if it does not say."""
    words = label.lower()
    return next((name for name, pattern in _ROLES if pattern.search(words)), None)


def _without_outcome(words: str) -> str:
    """A heading without the outcome that it ends with, and without what separates the two."""
    start = outcome_start(words)
    ending = words[start:]
    if not ending or len(ending.split()) > _MOST_OUTCOME_WORDS or not read_outcome(ending):
        return words
    before = words[:start]
    label = _OUTCOME_LABEL.search(before)
    return (before[: label.start()] if label else before).rstrip(" :|-")


def _quote(words: str) -> Quote:
    each = words.split()
    return Quote(" ".join(each[:_QUOTED_WORDS]), " ".join(each[-_QUOTED_WORDS:]))
