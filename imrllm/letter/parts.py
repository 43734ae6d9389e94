"""Find the parts of a determination letter: its sections and disputed items, each with its span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from imrllm.errors import NotALetterError
from imrllm.folding import Folded, fold
from imrllm.letter import form
from imrllm.letter.layout import heading_start, paragraph_gaps, without_footers
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
        by: who took them for it: the distance between the two, or a model.
    """

    pointer: str
    span: FoldedSpan
    known: str | None
    by: Literal["distance", "model"]


@dataclass(frozen=True, slots=True)
class ItemParts:
    """The parts of one disputed item; None for a part that is not printed."""

    heading: FoldedSpan
    decision: Decision
    outcome: FoldedSpan
    claims_administrator: FoldedSpan | None
    reviewer_basis: FoldedSpan | None
    rationale: FoldedSpan | None


@dataclass(frozen=True, slots=True)
class LetterParts:
    """The parts of a letter; None for a section that is not printed.

    Attributes:
        form: the name of the form that was read.
        unsure: what was found without the form's own words. A person is asked to look at what rests on it.
    """

    folded: Folded
    form: str
    header: FoldedSpan | None
    credentials: FoldedSpan | None
    summary: FoldedSpan | None
    items: tuple[ItemParts, ...]
    unsure: tuple[Unsure, ...] = ()

    def printed(self, span: FoldedSpan | None) -> str | None:
        """The text of a span as printed, with white space folded."""
        return None if span is None else self.folded.printed[slice(*span)]


def read_letter(text: str) -> LetterParts:
    """Find a letter's sections and disputed items.

    Args:
        text: the source text of one letter, from any extractor, with or without its header block.

    Returns:
        The parts; `folded` maps every span back to the source.

    Raises:
        NotALetterError: the text has no disputed item of any known form. Its message has no subject: the caller
            adds the document's name.
    """
    text = without_footers(text)
    folded = fold(text)
    line = folded.text
    method = form.METHOD.search(line)
    decisions = _last_before_items(line)
    # The lead sentence confirms the heading: prose or a list of records may say "case summary" too.
    summaries = list(
        form.SUMMARY.finditer(line, method.end() if method else 0, decisions.start() if decisions else len(line))
    )
    summary = next(
        (found for found in summaries if form.SUMMARY_LEAD.match(line, found.end())),
        summaries[0] if summaries else None,
    )
    read: form.Name = "labeled paragraphs"
    items = _labelled_items(line, decisions, paragraph_gaps(text, folded))
    if not items:
        read, items = "numbered sentences", _sentence_items(line)
    if not items:
        read, items = "professional review", _issues(line)
    if not items:
        raise NotALetterError(
            "has sections of a determination but no disputed item."
            if method or decisions
            else "is not an IMR final determination.",
            hint="Give the whole letter, one letter a document, as text or as a PDF that holds text.",
        )
    first = method or summary or decisions
    return LetterParts(
        folded=folded,
        form=read,
        header=trimmed(line, 0, first.start() if first else items[0].heading[0]),
        credentials=_credentials(line, method, summary),
        summary=_summary(line, summary, decisions, items),
        items=items,
    )


def _last_before_items(line: str) -> re.Match[str] | None:
    """The heading of the decisions section: the one followed by its lead sentence, otherwise the first."""
    found = list(form.DECISIONS.finditer(line))
    return next((each for each in found if form.DECISIONS_LEAD.match(line, each.end())), found[0] if found else None)


def _credentials(line: str, method: re.Match[str] | None, summary: re.Match[str] | None) -> FoldedSpan | None:
    own = form.QUALIFICATIONS.search(line)
    if own is None and method is None:
        return None
    # The separate block if the letter has one; otherwise the first section, which states them in a sentence.
    start = own.end() if own else method.end() if method else 0
    end = summary.start() if summary and summary.start() > start else len(line)
    return trimmed(line, start, end)


def _summary(
    line: str, summary: re.Match[str] | None, decisions: re.Match[str] | None, items: tuple[ItemParts, ...]
) -> FoldedSpan | None:
    if summary is None:
        return None
    start = summary.end()
    if lead := form.SUMMARY_LEAD.match(line, start):
        start = lead.end()
    # Letters of 2013 print the outcomes on the first page too: only items after the summary can end it.
    following = (item.heading[0] for item in items if item.heading[0] > start)
    argued = None if decisions else form.SENTENCE_ITEM.search(line, start)
    end = decisions.start() if decisions and decisions.start() > start else min(following, default=len(line))
    end = min(end, argued.start()) if argued else end
    if documents := form.DOCUMENTS.search(line, start, end):
        end = documents.start()
    return trimmed(line, start, end)


def _labelled_items(line: str, decisions: re.Match[str] | None, gaps: tuple[int, ...]) -> tuple[ItemParts, ...]:
    """Items of 2014 to 2017: a heading with its outcome word, then labeled paragraphs."""
    opening = 0
    if decisions:
        lead = form.DECISIONS_LEAD.match(line, decisions.end())
        opening = lead.end() if lead else decisions.end()
    outcomes = list(form.OUTCOME.finditer(line, opening))
    starts = [opening]
    for current, following in pairwise(outcomes):
        label = form.RATIONALE.search(line, current.end(), following.start())
        after = label.end() if label else current.end()
        starts.append(heading_start(line, after, following.start(), gaps))
    ends = [*starts[1:], len(line)]
    items = []
    if not outcomes:
        return ()
    if not decisions:
        starts[0] = heading_start(line, opening, outcomes[0].start(), gaps)
    for outcome, start, end in zip(outcomes, starts, ends, strict=True):
        heading = trimmed(line, start, outcome.start())
        if heading is None:
            continue
        administrator, reviewer, rationale = _labelled_parts(line, outcome.end(), end)
        decision: Decision = "upheld" if outcome["word"].lower() == "upheld" else "overturned"
        items.append(ItemParts(heading, decision, FoldedSpan(outcome.span("word")), administrator, reviewer, rationale))
    return tuple(items)


def _labelled_parts(line: str, start: int, end: int) -> tuple[FoldedSpan | None, FoldedSpan | None, FoldedSpan | None]:
    """The three labeled paragraphs of one item; None for those that are not printed."""
    # Only the first label of each kind opens a paragraph, in the form's order: a rationale may quote all labels.
    labels: list[re.Match[str] | None] = []
    for pattern in (form.CLAIMS_ADMINISTRATOR, form.REVIEWER, form.RATIONALE):
        labels.append(found := pattern.search(line, start, end))
        start = found.end() if found else start
    spans: list[FoldedSpan | None] = []
    for label in reversed(labels):
        spans.append(trimmed(line, label.end(), end) if label else None)
        end = label.start() if label else end
    return spans[2], spans[1], spans[0]


def _sentence_items(line: str) -> tuple[ItemParts, ...]:
    """Items of 2013: numbered sentences with the request and the outcome, argued later under the same number."""
    outcomes: dict[int, re.Match[str]] = {}
    for found in form.SENTENCE_OUTCOME.finditer(line):
        # Each sentence is printed twice; the first one is kept.
        outcomes.setdefault(int(found["number"]), found)
    argued = list(form.SENTENCE_ITEM.finditer(line))
    ends = [*(found.start() for found in argued[1:]), len(line)]
    arguments = {int(found["number"]): (found.end(), end) for found, end in zip(argued, ends, strict=False)}
    items = []
    for number, outcome in sorted(outcomes.items()):
        heading = trimmed(line, *outcome.span("item"))
        if heading is None:
            continue
        argument = arguments.get(number)
        administrator, basis, rationale = _argued_parts(line, *argument) if argument else (None, None, None)
        decision: Decision = "upheld" if outcome["not"] else "overturned"
        printed = FoldedSpan(outcome.span("not" if outcome["not"] else 0))
        items.append(ItemParts(heading, decision, printed, administrator, basis, rationale))
    return tuple(items)


def _issues(line: str) -> tuple[ItemParts, ...]:
    """Items of the professional review: an issue, and later its rationale, whose heading states the outcome."""
    issues = list(form.ISSUE.finditer(line))
    ends = [*(issue.start() for issue in issues[1:]), len(line)][: len(issues)]
    items = []
    for issue, end in zip(issues, ends, strict=True):
        argued = form.ISSUE_RATIONALE.search(line, issue.end(), end)
        summary = form.SUMMARY.search(line, issue.end(), end)
        basis = form.ISSUE_BASIS.search(line, issue.end(), end)
        stops = [found.start() for found in (summary, basis, argued) if found]
        heading = trimmed(line, issue.end(), min(stops, default=end))
        if argued is None or heading is None:
            continue
        own = form.QUALIFICATIONS.search(line, argued.end(), end)
        items.append(
            ItemParts(
                heading,
                "upheld" if argued["not"] else "overturned",
                FoldedSpan(argued.span("outcome")),
                None,
                trimmed(line, basis.end(), argued.start()) if basis and basis.end() < argued.start() else None,
                trimmed(line, argued.end(), own.start() if own else end),
            )
        )
    return tuple(items)


def _argued_parts(line: str, start: int, end: int) -> tuple[FoldedSpan | None, FoldedSpan | None, FoldedSpan | None]:
    """The three parts of one argument of 2013: labeled as in later forms, or with both bases in one paragraph."""
    administrator, reviewer, rationale = _labelled_parts(line, start, end)
    if administrator or reviewer:
        return administrator, reviewer, rationale
    opened = form.RATIONALE.search(line, start, end)
    stop = opened.start() if opened else end
    lead = form.SENTENCE_BASIS.search(line, start, stop)
    if lead is None:
        return None, None, rationale
    turn = form.REVIEWER_SENTENCE.search(line, lead.end(), stop)
    if turn is None:
        return None, trimmed(line, lead.end(), stop), rationale
    return trimmed(line, lead.end(), turn.start()), trimmed(line, turn.start(), stop), rationale


def trimmed(line: str, start: int, end: int) -> FoldedSpan | None:
    """A span without the white space at its ends; None if nothing is left."""
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return FoldedSpan((start, end)) if start < end else None
