"""The parts of a determination letter: its sections and disputed items, each with its span."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imrllm.folding import Folded
from imrllm.letter.patterns import FormPatterns, default_patterns
from imrllm.records import Decision
from imrllm.spans import FoldedSpan


@dataclass(frozen=True, slots=True)
class Unsure:
    """A heading, label or outcome that was not found by the words of the letter's form.

    Attributes:
        pointer: the JSON Pointer in the record of what rests on it, such as `/clinical_summary` or
            `/disputed_items/0/decision`; `/letter` is the header.
        span: its words, as they are printed.
        known: the form's phrase that they were taken for; None if a model named them.
        by: who took them for it: the distance between the two, or a model; or the layout, which leaves in doubt
            whether they are the part's own.
    """

    pointer: str
    span: FoldedSpan
    known: str | None
    by: Literal["distance", "model", "layout"]


@dataclass(frozen=True, slots=True)
class ItemParts:
    """The parts of one disputed item; None for a part that is not printed.

    Only in a text that is no more than a rationale are the heading and the outcome not printed.
    """

    heading: FoldedSpan | None
    decision: Decision | None
    outcome: FoldedSpan | None
    claims_administrator: FoldedSpan | None
    reviewer_basis: FoldedSpan | None
    rationale: FoldedSpan | None

    @property
    def start(self) -> int:
        """Where its first part begins."""
        parts = (self.heading, self.claims_administrator, self.reviewer_basis, self.rationale)
        return min(span[0] for span in parts if span)


@dataclass(frozen=True, slots=True)
class LetterParts:
    """The parts of a letter; None for a section that is not printed.

    Attributes:
        form: the name of the form that was read.
        unsure: what was found without the form's own words. A person is asked to look at what rests on it.
        undecided: labels that open a disputed item in which no outcome was found: these items are not in `items`.
        patterns: the patterns of the form.
    """

    folded: Folded
    form: str
    header: FoldedSpan | None
    credentials: FoldedSpan | None
    summary: FoldedSpan | None
    items: tuple[ItemParts, ...]
    unsure: tuple[Unsure, ...] = ()
    undecided: tuple[FoldedSpan, ...] = ()
    patterns: FormPatterns = field(default_factory=default_patterns, repr=False, compare=False)

    def printed(self, span: FoldedSpan | None) -> str | None:
        """The text of a span as printed, with white space folded."""
        return None if span is None else self.folded.printed[slice(*span)]


def trimmed(line: str, start: int, end: int) -> FoldedSpan | None:
    """A span without the white space at its ends; None if nothing is left."""
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return FoldedSpan((start, end)) if start < end else None
