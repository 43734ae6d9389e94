"""Decide which near misses are headings and labels: by their order, and once an item.

A near miss is read only where the form's own words are not: a letter that prints every heading and label exactly has
none. A label in doubt is left out: what follows it then stays where it was, and the letter's own checks speak.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from imrllm.letter.label_words import Role, word_classes
from imrllm.letter.near_misses import Lines, NearMiss, Nearness, Phrase, near_misses, squeezed
from imrllm.spans import FoldedSpan

# The labels of one item, in the order of every form that prints them.
LABELS: tuple[Role, ...] = ("claims_administrator", "reviewer", "rationale")
UPHELD = Phrase(": Upheld", "outcome")
OVERTURNED = Phrase(": Overturned", "outcome")
# What stands directly before an item's first label: the outcome word with what separates it from the heading.
_OUTCOME = re.compile(
    r"""
    (?P<mark>[\s:;.,=|*-]*)
    (?P<word>[^\W\d_][\w|!$]*|\d[A-Za-z]\w+)
    [\s.,;:!*]*(?:(?<=\s)\d{1,3}\s)?$  # a page number can follow
    """,
    re.VERBOSE,
)
# Directly before the word. "Upheld in part" does not end with an outcome's word.
_PARTIAL = re.compile(r"\b(?:partial(?:ly)?|partly|in part|modified|conditionally)\b[\s:,-]*$", re.IGNORECASE)
# Characters of the longest outcome with its label, and words of the longest outcome.
_REACH = 80
_OUTCOME_WORDS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A heading, label or outcome that a form's own words printed."""

    role: Role
    span: FoldedSpan


@dataclass(frozen=True, slots=True)
class _Label:
    role: Role
    span: FoldedSpan
    near: NearMiss | None


def placed(
    line: str, lines: Lines, phrases: Sequence[Phrase], order: Sequence[Role], known: Sequence[Found] = ()
) -> tuple[NearMiss, ...]:
    """Find what stands for the phrases of a form that a letter does not print exactly.

    Args:
        line: the folded text.
        lines: where its lines and paragraphs start.
        phrases: the form's headings and labels; for one role, any number.
        order: the form's sections in their order, without those of items.
        known: what was found exactly.

    Returns:
        Near misses in the order of the text, with outcome words (`UPHELD`, `OVERTURNED`). They do not overlap.
    """
    known = [found for found in known if not _is_cut(line, found.span[1])]
    near = near_misses(line, lines, phrases, taken=[found.span for found in known])
    # A form's own words inside a longer heading that nearly is one ("CLINIICAL CASE SUMMARY") are not the heading.
    known = [found for found in known if not any(_holds(each, found) for each in near)]
    items = _items(line, lines, _labels(near, known), known)
    first = items[0][0].start if items else len(line)
    sections = _sections(near, order, known, first)
    ends = [each.span[1] for each in sections]
    ends += [found.span[1] for found in known if found.role in order and found.span[1] <= first]
    body = max(ends, default=0)
    chosen = list(sections)
    for outcome, own in items:
        if own[0].span[0] < body:
            continue
        if outcome.near:
            chosen.append(outcome.near)
        chosen += _own_labels(own)
    return tuple(sorted(chosen, key=lambda each: each.span))


@dataclass(frozen=True, slots=True)
class _Outcome:
    start: int
    near: NearMiss | None


def _is_cut(line: str, end: int) -> bool:
    """Whether a word goes on after what was found: "CLINICAL CASE SUMMARYS"."""
    after = line[end : end + 2]
    return line[end - 1 : end].isalpha() and (after[:1].islower() or (after[:1] == "S" and not after[1:].isalpha()))


def _holds(near: NearMiss, found: Found) -> bool:
    return near.phrase.role == found.role and near.span[0] < found.span[0] and found.span[1] <= near.span[1]


def _labels(near: Sequence[NearMiss], known: Sequence[Found]) -> list[_Label]:
    exact = [_Label(found.role, found.span, None) for found in known if found.role in LABELS]
    slipped = [_Label(each.phrase.role, each.span, each) for each in near if each.phrase.role in LABELS]
    return sorted((*exact, *slipped), key=lambda label: label.span)


def _items(
    line: str, lines: Lines, labels: Sequence[_Label], known: Sequence[Found]
) -> list[tuple[_Outcome, list[_Label]]]:
    """Items: each starts at a label with an outcome directly before it, or at its own heading.

    An item has all labels up to the next.
    """
    outcomes = {found.span[1]: found.span for found in known if found.role == "outcome"}
    headings = [found.span for found in known if found.role == "issue"]
    items: list[tuple[_Outcome, list[_Label]]] = []
    free = 0
    for label in labels:
        start = label.span[0]
        heading = next((span[0] for span in reversed(headings) if free <= span[0] < start), None)
        if exact := outcomes.get(start):
            named = _named_outcome(line, lines, exact)
            items.append((_Outcome(named.span[0] if named else exact[0], named), []))
        elif heading is not None:
            items.append((_Outcome(heading, None), []))
        elif not (items and _continues(items[-1][1], label)) and (outcome := near_outcome(line, free, start)):
            items.append((_Outcome(outcome.span[0], outcome), []))
        if items:
            items[-1][1].append(label)
        free = label.span[1]
    return items


def _named_outcome(line: str, lines: Lines, exact: FoldedSpan) -> NearMiss | None:
    """A form's own outcome word with a label before it that is not the form's: "Decision: Upheld"."""
    label = _outcome_label().search(line, max(0, exact[0] - _REACH), exact[0])
    # The last words of a heading can be those of a label.
    if label is None or not (label[0].strip()[:1] in tuple(":;.,=|*-") or label.end("mark") in lines.starts):
        return None
    phrase = UPHELD if "pheld" in line[slice(*exact)].lower() else OVERTURNED
    return NearMiss(phrase, FoldedSpan((label.start(), exact[1])), 0, "meaning", 6)


def _continues(own: Sequence[_Label], label: _Label) -> bool:
    """Whether a label is one that an item still lacks: the paragraph before it may end with an outcome's word."""
    return not own or LABELS.index(label.role) > max(LABELS.index(each.role) for each in own)


@cache
def _outcome_label() -> re.Pattern[str]:
    """The label of an outcome ("Decision:") at the end of a text, with the mark before it."""
    labels = "|".join(sorted(word_classes()["outcome"]["labels"], key=len, reverse=True))
    return re.compile(rf"(?P<mark>[\s:;.,=|*-]*)\b(?:{labels})$", re.IGNORECASE)


def _own_labels(labels: Sequence[_Label]) -> list[NearMiss]:
    """An item's near misses: of each kind without an exact label, the first in the form's order."""
    exact = {label.role: label.span[0] for label in reversed(labels) if label.near is None}
    chosen: list[NearMiss] = []
    after = -1
    for place, role in enumerate(LABELS):
        if role in exact:
            after = max(after, exact[role])
            continue
        before = min((exact[later] for later in LABELS[place + 1 :] if later in exact), default=None)
        own = next(
            (
                label
                for label in labels
                if label.role == role and label.span[0] > after and (before is None or label.span[0] < before)
            ),
            None,
        )
        if own and own.near:
            chosen.append(own.near)
            after = own.span[0]
    return chosen


def _sections(near: Sequence[NearMiss], order: Sequence[Role], known: Sequence[Found], first: int) -> list[NearMiss]:
    """The headings of sections that were not found exactly: each between its neighbors in the form's order."""
    spans = {found.role: found.span for found in reversed(known)}
    chosen: list[NearMiss] = []
    sought = [each for each in near if each.phrase.role in order and each.phrase.role not in spans]
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


def near_outcome(line: str, start: int, end: int) -> NearMiss | None:
    """An outcome word directly before an item's first label, near to a form's own.

    Args:
        line: the folded text.
        start: where to look from.
        end: the label's start.

    Returns:
        The near miss, with the mark or label before it ("Decision:"). None for a word that is neither outcome, for a
        part of the request, and for a word of a sentence.
    """
    begin = max(start, end - _REACH)
    tail = line[begin:end]
    stop = len(tail)
    words: list[tuple[int, int]] = []
    while len(words) < _OUTCOME_WORDS and (found := _OUTCOME.search(tail, 0, stop)):
        words.insert(0, found.span("word"))
        stop = found.start("mark")
        read = _decided(tail[words[0][0] : words[-1][1]])
        # A sentence can end with the word: "was upheld".
        if read and not (found["word"][0].islower() and not found["mark"].strip()):
            phrase, edits, by = read
            # Part of a request has another outcome than the rest.
            if _PARTIAL.search(tail, 0, stop):
                return None
            if labelled := _outcome_label().search(tail, 0, stop):
                stop = labelled.start()
            return NearMiss(phrase, FoldedSpan((begin + stop, end)), edits, by, 6)
        if found["mark"].strip():
            break
    return None


def _decided(printed: str) -> tuple[Phrase, int, Nearness] | None:
    """The outcome that some words stand for, the edits between them, and in what they are near."""
    from rapidfuzz.distance import OSA

    letters = squeezed(printed)
    for phrase, most in ((UPHELD, 1), (OVERTURNED, 2)):
        sought = squeezed(phrase.text)
        edits = OSA.distance(sought, letters, score_cutoff=most)
        if edits <= most:
            return phrase, edits, "letters"
    classes = word_classes()["outcome"]
    for phrase, name in ((UPHELD, "upheld"), (OVERTURNED, "overturned")):
        if any(letters == squeezed(word) for word in classes[name]):
            return phrase, 0, "meaning"
    return None
