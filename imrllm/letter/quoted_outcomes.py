"""Segments of a letter's text that may be an outcome: a line or a sentence, its decision, and what stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imrllm.letter.outcomes import is_between, outcome_start, read_outcome, speaks_of_review
from imrllm.letter.parts import trimmed
from imrllm.letter.quote_finding import Page
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

# In characters, and in words.
LONGEST_OUTCOME = 200
FEW_WORDS = 8
SEPARATOR = re.compile(r"[:|]|\s-\s|;")
# Whose words are not the reviewer's.
ADMINISTRATOR = re.compile(r"claims? admin|utilization|\bur\b|carrier|insurer|employer|adjuster|payer|\bdenial\b")
_BREAK = re.compile(r"[.!?;|][\"')\]]{0,2}\s(?=[A-Z(\"'#*])|\|")
# Words before an outcome that differ from item to item.
_FILLER = re.compile(
    r"not|never|no|be|been|to|considered|deemed|found|medically|a|the|and|therefore|hereby|thus|denial|request"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Words of the letter that may be an item's outcome.

    Attributes:
        span: the words, to the end of their line or sentence.
        decision: what they decide; None if they say something between.
        separator: what stands before them on their line, without figures: items of one letter share it.
    """

    span: FoldedSpan
    decision: Decision | None
    separator: str


def says_outcome(words: str) -> bool:
    """Whether a segment is a label with an outcome and no more."""
    after = SEPARATOR.split(words)[-1]
    return after != words and len(after.split()) <= FEW_WORDS and read_outcome(after) is not None


def is_labelled(separator: str) -> bool:
    """Whether a label stands before an outcome."""
    return any(mark in separator for mark in ":|=-")


def outcomes_in(page: Page, start: int, end: int) -> Iterator[Outcome]:
    """The segments of a stretch that may be an outcome: lines or sentences, none of them long."""
    for low, high in segments(page, start, end):
        words = page.lower[low:high]
        if len(words) > LONGEST_OUTCOME or not (read_outcome(words) or is_between(words)):
            continue
        if ADMINISTRATOR.search(words) and not speaks_of_review(words):
            # What the claims administrator decided.
            continue
        yield Outcome(FoldedSpan((low, high)), read_outcome(words), separator_of(words))


def segments(page: Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines and sentences of a stretch, without white space at their ends."""
    at = start
    while at < end:
        stop = min(end, page.segment_end(at))
        turn = _BREAK.search(page.folded.text, at, stop)
        stop = turn.end() if turn and turn.end() > at else stop
        if span := trimmed(page.folded.text, at, stop):
            yield span
        at = max(stop, at + 1)


def separator_of(words: str) -> str:
    """What stands before the outcome in its segment, as items of one letter share it: no figure, no negation."""
    before = words[: outcome_start(words)]
    cut = max(before.rfind(":"), before.rfind("|"), before.rfind(" - "), before.rfind("="))
    if cut >= 0:
        before = before[: cut + 1]
    kept = re.findall(r"[a-z]+|[:|=]|(?<=\s)-(?=\s)", before)
    return " ".join(word for word in kept if not _FILLER.fullmatch(word))
