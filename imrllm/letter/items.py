"""Find the disputed items of a letter, in each of the layouts that a form can have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from imrllm.letter.form import Label, Words
from imrllm.letter.layout import heading_start
from imrllm.letter.marks import without_marks
from imrllm.letter.outcome_labels import request_end
from imrllm.letter.parts import ItemParts, trimmed
from imrllm.letter.patterns import FormPatterns
from imrllm.letter.sections import FoundSections
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

# What may stand between an outcome in a block of its own and the next part.
_NOTHING_MORE = re.compile(r"[\s.]*(?:\d{1,3}\s)?")
_BASES: tuple[Label, ...] = ("claims_administrator", "reviewer", "rationale")


@dataclass(frozen=True, slots=True)
class FoundItems:
    """The disputed items of a letter.

    Attributes:
        items: the items, in printed order.
        starts: where parts of items start: a section before them ends there.
        undecided: labels that open an item in which no outcome was found.
        is_misplaced: whether outcomes are printed elsewhere than below their requests, so that no item can be read.
    """

    items: tuple[ItemParts, ...] = ()
    starts: tuple[int, ...] = ()
    undecided: tuple[FoldedSpan, ...] = ()
    is_misplaced: bool = False


def find_items(
    line: str, words: Words, patterns: FormPatterns, sections: FoundSections, gaps: tuple[int, ...]
) -> FoundItems:
    """Find the disputed items.

    Args:
        line: the folded text.
        words: the phrases of the form.
        patterns: its patterns.
        sections: the headings of the letter's sections.
        gaps: offsets after each paragraph gap, ascending.
    """
    if words.layout == "headings":
        return _headings(line, words, patterns, sections, gaps)
    if words.layout == "sentences":
        return _sentences(line, words, patterns)
    return _blocks(line, words, patterns)


def _decision(outcome: re.Match[str]) -> tuple[Decision, FoldedSpan]:
    """What an outcome decides, and its words."""
    kind: Decision = "upheld" if outcome["upheld"] else "overturned"
    return kind, FoldedSpan(outcome.span(kind))


def _headings(
    line: str, words: Words, patterns: FormPatterns, sections: FoundSections, gaps: tuple[int, ...]
) -> FoundItems:
    """A heading with its outcome word, then labeled paragraphs."""
    decisions = sections.spans.get("decisions")
    opening = decisions[1] if decisions else 0
    outcomes = list(patterns.outcome.finditer(line, opening))
    if not outcomes:
        return FoundItems()
    stops = [request_end(line, opening, outcome.start()) for outcome in outcomes]
    starts = [opening if decisions else heading_start(line, opening, stops[0], gaps)]
    last = words.items.order[-1]
    lost = list(patterns.labels[last].finditer(line, opening, stops[0])) if last in patterns.labels else []
    if lost and stops[0] == outcomes[0].start():
        # An item before the first outcome has lost its own.
        starts = [heading_start(line, lost[-1].end(), stops[0], gaps)]
    for (current, following), stop in zip(pairwise(outcomes), stops[1:], strict=True):
        label = (
            patterns.labels[last].search(line, current.end(), following.start()) if last in patterns.labels else None
        )
        starts.append(heading_start(line, label.end() if label else current.end(), stop, gaps))
    # A letter may print other sections after its items, whatever its form's order.
    after = [span[0] for span in sections.spans.values() if span[0] > outcomes[-1].end()]
    ends = [*starts[1:], min(after, default=len(line))]
    items = []
    for outcome, start, stop, end in zip(outcomes, starts, stops, ends, strict=True):
        heading = trimmed(line, start, stop)
        if stop < outcome.start() and (heading is None or _has_label(line, patterns, heading)):
            return FoundItems(is_misplaced=True)
        if heading is not None:
            decision, printed = _decision(outcome)
            spans = _labelled(line, words, patterns, outcome.end(), end)
            items.append(ItemParts(heading, decision, printed, *spans))
    if _are_labels([line[slice(*item.heading)] for item in items if item.heading]):
        return FoundItems(is_misplaced=True)
    first = tuple(item.start for item in items)
    unmarked = without_marks(line, [item.heading for item in items if item.heading])
    items = [replace(item, heading=heading) for item, heading in zip(items, unmarked, strict=True)]
    return FoundItems(tuple(items), first, tuple(FoldedSpan(label.span()) for label in lost))


def _are_labels(headings: Sequence[str]) -> bool:
    """Whether all headings are the same one to five words without a figure: no requests, but the outcome's label."""
    one = headings[0].lower() if headings else ""
    same = len(headings) > 1 and all(heading.lower() == one for heading in headings)
    return same and one.count(" ") < 5 and not any(map(str.isdigit, one))


def _has_label(line: str, patterns: FormPatterns, span: FoldedSpan) -> bool:
    return any(label.search(line, *span) for label in patterns.labels.values())


def _labelled(
    line: str, words: Words, patterns: FormPatterns, start: int, end: int
) -> tuple[FoldedSpan | None, FoldedSpan | None, FoldedSpan | None]:
    """The three labeled paragraphs of one item; None for those that are not printed."""
    # Only the first label of each kind opens a paragraph, in the form's order: a rationale may quote all labels.
    found: dict[Label, FoldedSpan | None] = {}
    labels: list[tuple[Label, re.Match[str]]] = []
    for name in words.items.order:
        if name in patterns.labels and (label := patterns.labels[name].search(line, start, end)):
            labels.append((name, label))
            start = label.end()
    for name, label in reversed(labels):
        found[name] = trimmed(line, label.end(), end)
        end = label.start()
    return found.get("claims_administrator"), found.get("reviewer"), found.get("rationale")


def _sentences(line: str, words: Words, patterns: FormPatterns) -> FoundItems:
    """Numbered sentences with the request and the outcome, argued later under the same number."""
    outcomes: dict[int, re.Match[str]] = {}
    for found in patterns.outcome.finditer(line):
        # Each sentence is printed twice; the first one is kept.
        outcomes.setdefault(int(found["number"]), found)
    if not outcomes:
        return FoundItems()
    argued = list(patterns.argument.finditer(line))
    ends = [*(found.start() for found in argued[1:]), len(line)]
    arguments = {int(found["number"]): (found.end(), end) for found, end in zip(argued, ends, strict=False)}
    items = []
    for number, outcome in sorted(outcomes.items()):
        heading = trimmed(line, *outcome.span("item"))
        if heading is None:
            continue
        argument = arguments.get(number)
        spans = _argued(line, words, patterns, *argument) if argument else (None, None, None)
        items.append(ItemParts(heading, *_decision(outcome), *spans))
    starts = (*(item.start for item in items), *(found.start() for found in argued))
    # What is argued under a number that no sentence decides lost its outcome.
    undecided = tuple(FoldedSpan(found.span()) for found in argued if int(found["number"]) not in outcomes)
    return FoundItems(tuple(items), starts, undecided)


def _argued(
    line: str, words: Words, patterns: FormPatterns, start: int, end: int
) -> tuple[FoldedSpan | None, FoldedSpan | None, FoldedSpan | None]:
    """The three parts of one argument: labeled as in other forms, or with both bases in one paragraph."""
    administrator, reviewer, rationale = _labelled(line, words, patterns, start, end)
    if administrator or reviewer:
        return administrator, reviewer, rationale
    opened = patterns.labels["rationale"].search(line, start, end) if "rationale" in patterns.labels else None
    stop = opened.start() if opened else end
    lead = patterns.both_sides.search(line, start, stop)
    if lead is None:
        return None, None, rationale
    turn = patterns.reviewer_sentence.search(line, lead.end(), stop)
    if turn is None:
        return None, trimmed(line, lead.end(), stop), rationale
    return trimmed(line, lead.end(), turn.start()), trimmed(line, turn.start(), stop), rationale


@dataclass(frozen=True, slots=True)
class _Mark:
    """A label or heading within one item."""

    start: int
    end: int
    label: Label | None


def _blocks(line: str, words: Words, patterns: FormPatterns) -> FoundItems:
    """Each part of an item is opened by a label; the first label of the form's order opens an item."""
    first = next(label for label in words.items.order if label in patterns.labels)
    opened = list(patterns.labels[first].finditer(line))
    ends = [*(each.start() for each in opened[1:]), len(line)][: len(opened)]
    items = []
    undecided = []
    for opening, end in zip(opened, ends, strict=True):
        item = _block(line, words, patterns, opening.start(), end)
        if item:
            items.append(item)
        else:
            undecided.append(FoldedSpan(opening.span()))
    return FoundItems(tuple(items), tuple(each.start() for each in opened), tuple(undecided) if items else ())


def _block(line: str, words: Words, patterns: FormPatterns, start: int, end: int) -> ItemParts | None:
    marks = sorted(_marks(line, words, patterns, start, end), key=lambda mark: mark.start)
    # Where the next label or heading starts; those that come after belong to no part of this item.
    stops = {mark: following.start for mark, following in pairwise(marks)}
    spans = {mark.label: trimmed(line, mark.end, stops.get(mark, end)) for mark in marks if mark.label}
    heading = spans.get("issue")
    outcome = patterns.outcome.search(line, start, end)
    if heading is None or outcome is None or not _is_stated(line, outcome, marks, stops, end):
        return None
    decision, printed = _decision(outcome)
    return ItemParts(heading, decision, printed, *(spans.get(label) for label in _BASES))


def _marks(line: str, words: Words, patterns: FormPatterns, start: int, end: int) -> Iterator[_Mark]:
    at = start
    # As in the other layouts, only the first label of each kind counts, in the form's order.
    for name in words.items.order:
        if name in patterns.labels and (label := patterns.labels[name].search(line, at, end)):
            yield _Mark(label.start(), label.end(), name)
            at = label.end()
    for heading in patterns.headings.values():
        if found := heading.search(line, start, end):
            yield _Mark(found.start(), found.end(), None)


def _is_stated(line: str, outcome: re.Match[str], marks: Sequence[_Mark], stops: dict[_Mark, int], end: int) -> bool:
    """Whether an outcome is one of the item's own: in a label, or all that its label opens."""
    mark = next((each for each in marks if each.label and each.start == outcome.start()), None)
    if mark is None:
        return False
    if mark.end >= outcome.end() - 1:
        return True
    more = _NOTHING_MORE.match(line, outcome.end())
    return more is not None and more.end() >= stops.get(mark, end)
