"""Decide which near misses are headings and labels: by their order, and once an item.

A near miss is read only where the form's own words are not: a letter that prints every heading and label exactly has
none. A label in doubt is left out: what follows it then stays where it was, and the letter's own checks speak.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imrllm.letter.label_words import Role
from imrllm.letter.near_misses import Lines, NearMiss, Phrase, is_in
from imrllm.letter.near_outcomes import decided, outcome_before
from imrllm.spans import FoldedSpan


@dataclass(frozen=True, slots=True)
class Sought:
    """What a form prints, as far as near misses of it are sought.

    Attributes:
        sections: the roles of its sections, in their order.
        labels: the roles of an item's labels, in their order.
        phrases: all headings and labels; for one role, any number.
        outcomes: the outcome words, each with its decision.
        opened_by_label: whether the first label opens an item. Otherwise an outcome before the first label does, or the
            item's own opening (role `issue`).
    """

    sections: tuple[Role, ...]
    labels: tuple[Role, ...]
    phrases: tuple[Phrase, ...]
    outcomes: tuple[Phrase, ...]
    opened_by_label: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A heading, label or outcome that a form's own words printed."""

    role: Role
    span: FoldedSpan


@dataclass(frozen=True, slots=True)
class Placed:
    """The near misses of a letter.

    Attributes:
        near: in the order of the text; they do not overlap.
        undecided: labels that seem to open an item, without an outcome before them.
    """

    near: tuple[NearMiss, ...]
    undecided: tuple[FoldedSpan, ...]


@dataclass(frozen=True, slots=True)
class _Label:
    role: Role
    span: FoldedSpan
    near: NearMiss | None


@dataclass(slots=True)
class _Item:
    """A disputed item: where it starts, its outcome if that is a near miss, and the labels up to the next item.

    Attributes:
        reached: the place of its last label in the form's order.
    """

    start: int
    outcome: NearMiss | None
    labels: list[_Label] = field(default_factory=list)
    reached: int = -1


def placed(line: str, lines: Lines, sought: Sought, candidates: Sequence[NearMiss], known: Sequence[Found]) -> Placed:
    """Choose the near misses that stand for a form's headings, labels and outcomes.

    Args:
        line: the folded text.
        lines: where its lines and paragraphs start.
        sought: what the form prints.
        candidates: the near misses of its phrases, ascending.
        known: what the form's own words printed, ascending.
    """
    known = [found for found in known if not _is_held(found, candidates)]
    labels = sorted((*_exact(known, sought), *_slipped(candidates, sought)), key=lambda label: label.span)
    undecided: list[FoldedSpan] = []
    if sought.opened_by_label:
        items = _blocks(labels, sought)
    else:
        items, undecided = _items(line, lines, labels, known, sought)
    # Blocks can have sections before them and after them.
    first = items[0].start if items and not sought.opened_by_label else len(line)
    sections = _sections(candidates, sought.sections, known, first)
    ends = [each.span[1] for each in sections]
    ends += [found.span[1] for found in known if found.role in sought.sections and found.span[1] <= first]
    body = max(ends, default=0)
    chosen = list(sections)
    for item in items:
        if sought.opened_by_label or item.labels[0].span[0] >= body:
            chosen += [item.outcome] if item.outcome else []
            own = _own_labels(item.labels, sought.labels)
            chosen += [label.near for label in own if label.near]
            if sought.opened_by_label and (outcome := _outcome_after(line, own, item.labels, sought)):
                chosen.append(outcome)
    return Placed(
        tuple(sorted(chosen, key=lambda each: each.span)), tuple(span for span in undecided if span[0] >= body)
    )


def _is_held(found: Found, candidates: Sequence[NearMiss]) -> bool:
    """Whether a form's own words stand in a longer heading that nearly is one: "CLINIICAL CASE SUMMARY"."""
    before = bisect_left(candidates, found.span, key=lambda near: near.span)
    near = candidates[before - 1] if before else None
    return near is not None and near.phrase.role == found.role and near.span[1] >= found.span[1]


def _exact(known: Sequence[Found], sought: Sought) -> list[_Label]:
    return [_Label(found.role, found.span, None) for found in known if found.role in sought.labels]


def _slipped(candidates: Sequence[NearMiss], sought: Sought) -> list[_Label]:
    return [_Label(each.phrase.role, each.span, each) for each in candidates if each.phrase.role in sought.labels]


def _blocks(labels: Sequence[_Label], sought: Sought) -> list[_Item]:
    items: list[_Item] = []
    for label in labels:
        if label.role == sought.labels[0]:
            items.append(_Item(label.span[0], None))
        if items:
            items[-1].labels.append(label)
    return items


def _items(
    line: str, lines: Lines, labels: Sequence[_Label], known: Sequence[Found], sought: Sought
) -> tuple[list[_Item], list[FoldedSpan]]:
    """Items: each starts at a label with an outcome directly before it, or at its own opening."""
    outcomes = {found.span[1]: found.span for found in known if found.role == "outcome"}
    openings = [found.span[0] for found in known if found.role == "issue"]
    items: list[_Item] = []
    undecided: list[FoldedSpan] = []
    free = 0
    for label in labels:
        start = label.span[0]
        before = bisect_left(openings, start)
        opening = openings[before - 1] if before and openings[before - 1] >= free else None
        goes_on = bool(items) and _goes_on(items[-1], label, sought.labels)
        exact = outcomes.get(start)
        near = None
        if not exact and opening is None and not goes_on:
            near = outcome_before(line, free, start, sought.outcomes)
        if exact:
            items.append(_Item(exact[0], None))
        elif opening is not None:
            items.append(_Item(opening, None))
        elif near:
            items.append(_Item(near.span[0], near))
        elif not goes_on and label.role == sought.labels[0] and _opens_paragraph(line, lines, start):
            undecided.append(label.span)
        if items:
            items[-1].labels.append(label)
            items[-1].reached = max(items[-1].reached, sought.labels.index(label.role))
        free = label.span[1]
    return items, undecided


def _opens_paragraph(line: str, lines: Lines, start: int) -> bool:
    return is_in(start, lines.starts) or line[max(0, start - 3) : start].rstrip()[-1:] in tuple(".!?)")


def _goes_on(item: _Item, label: _Label, order: Sequence[Role]) -> bool:
    """Whether an item still lacks a label: the paragraph before it may end with an outcome's word."""
    return order.index(label.role) > item.reached


def _own_labels(labels: Sequence[_Label], order: Sequence[Role]) -> list[_Label]:
    """An item's own labels: of each kind the exact one, otherwise the first near one in the form's order."""
    exact: Mapping[Role, _Label] = {label.role: label for label in reversed(labels) if label.near is None}
    own: list[_Label] = []
    after = -1
    for place, role in enumerate(order):
        before = min((exact[later].span[0] for later in order[place + 1 :] if later in exact), default=None)
        chosen = exact.get(role) or next(
            (
                label
                for label in labels
                if label.role == role and label.span[0] > after and (before is None or label.span[0] < before)
            ),
            None,
        )
        if chosen:
            own.append(chosen)
            after = max(after, chosen.span[0])
    return own


def _outcome_after(line: str, own: Sequence[_Label], labels: Sequence[_Label], sought: Sought) -> NearMiss | None:
    """The outcome that its label opens, if it is not printed exactly."""
    label = next((each for each in own if each.role == "outcome"), None)
    if label is None:
        return None
    start = label.span[1]
    stop = min((each.span[0] for each in labels if each.span[0] >= start), default=start)
    printed = line[start:stop].strip(" .:;*-")
    read = decided(printed, sought.outcomes) if printed else None
    if read is None or printed.lower() == read[0].text.strip(": ").lower():
        return None
    return NearMiss(read[0], FoldedSpan((start, stop)), read[1], read[2], 6)


def _sections(
    candidates: Sequence[NearMiss], order: Sequence[Role], known: Sequence[Found], first: int
) -> list[NearMiss]:
    """The headings of sections that were not found exactly: each between its neighbors in the form's order."""
    spans = {found.role: found.span for found in reversed(known)}
    chosen: list[NearMiss] = []
    sought = [each for each in candidates if each.phrase.role in order and each.phrase.role not in spans]
    # The surest first: it limits where the others can stand.
    for each in sorted(sought, key=lambda each: (each.by == "meaning", each.edits - each.place, each.span)):
        place = order.index(each.phrase.role)
        before = [spans[role][1] for role in order[:place] if role in spans]
        after = [spans[role][0] for role in order[place + 1 :] if role in spans]
        if each.phrase.role in spans or each.span[0] < max(before, default=0):
            continue
        if each.span[1] <= min((*after, first)):
            spans[each.phrase.role] = each.span
            chosen.append(each)
    return chosen
