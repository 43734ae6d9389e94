"""Which of the items that a model quotes are items: they share one structure, as a letter prints it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from imrllm.letter.layout import PARTLY_AUTHORIZED, is_prose
from imrllm.letter.outcomes import read_outcome, speaks_of_review
from imrllm.letter.quote_finding import Page
from imrllm.letter.quoted_items import PLACES, FoundItem, Place
from imrllm.letter.quoted_outcomes import Outcome, outcomes_in, says_outcome, segments
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

# What follows a heading in a text without lines: a separator, a label, or the verb of its outcome.
_AFTER_HEADING = re.compile(r"\s?(?:[:;.|=-]|(?:is|are|was|were)\b|[A-Z(\d][^.:|]{0,90}[:|]|$)")
# A heading with so many words that has a verb is a sentence.
_WORDS_OF_PROSE = 8
# What cites a guideline or names a part of a letter asks for nothing.
_CITATION = re.compile(
    r"""
    \b(?:
        guidelines? | criteria | mtus | acoem | odg | (?:page|section)s?(?=\(s\)|:) | chapter | cited?
        | evidence | basis | based\ on | medically | rationale | analysis | discussion | reviewer
        | result | outcome | decision | determination | denial
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Where an outcome stands beside the parts of two items, or of none.
_UNCLEAR: tuple[Place, ...] = ("before", "end", "list")
# Of an outcome that stands alone on its line.
_FEW_WORDS = 4
_FIGURES = re.compile(r"[\d\W_]+$|\d+")
_WORD = re.compile(r"[A-Za-z]{3}")
T = TypeVar("T")
# Whether a rationale concludes that the request is medically necessary, with the words that say so; None if it says
# neither. The grammar knows; the letter's rooms are below it.
Conclude = Callable[[FoldedSpan], tuple[bool, FoldedSpan] | None]


@dataclass(frozen=True, slots=True)
class SettledItem:
    """An item with its decision, and the words that it was read from."""

    found: FoundItem
    decision: Decision
    outcome: FoldedSpan
    separator: str | None


def settled_items(
    page: Page, items: Sequence[FoundItem], sections: Iterable[FoldedSpan], conclude: Conclude
) -> list[SettledItem]:
    """The items that the text supports, in printed order.

    Args:
        page: the letter's text.
        items: what was found, in printed order.
        sections: the letter's other sections: what stands in them is no item.
        conclude: reads the conclusion of a rationale.
    """
    within = list(sections)
    kept = [
        item
        for item in _apart(items)
        if item.paragraphs
        and can_be_heading(page, item.heading)
        and not any(overlap(item.heading, span) for span in within)
    ]
    kept = _like_most(kept, lambda item: "rationale" in item.paragraphs)
    place = _place_of_outcomes(kept, conclude)
    alone = None if _prints_outcomes(page, kept, within) else Counter(_figureless(page, item.heading) for item in kept)
    settled = [each for item in kept if (each := _settled(page, item, place, conclude, alone))]
    if place in _UNCLEAR:
        # An outcome beside two items may be the other's: the rationale must not say the opposite.
        settled = [each for each in settled if _concluded(each.found, conclude) in (None, each.decision)]
    printed = [each for each in settled if each.separator is not None]
    if len(printed) * 2 >= len(settled):
        # The letter prints outcomes: what has none, like a page's title before a rationale, is no item.
        settled = printed
    usual = _most_common([each.separator for each in printed])
    return [each for each in settled if each.separator is None or each.separator == usual]


def can_be_heading(page: Page, heading: FoldedSpan) -> bool:
    """Whether words can name a request: no sentence, no citation, no outcome, and no second paragraph."""
    words = page.folded.text[slice(*heading)]
    # What begins with an amount is the second half of one.
    if words.endswith((":", "|")) or words.startswith("#") or not _WORD.search(words):
        return False
    at = bisect_right(page.gaps, heading[0])
    if at < len(page.gaps) and page.gaps[at] < heading[1] and page.has_lines:
        return False
    if not page.has_lines and not _AFTER_HEADING.match(page.folded.text, heading[1]):
        return False
    if any(map(PARTLY_AUTHORIZED.search, words.split(". "))):
        return True
    return not (
        is_prose(words, _WORDS_OF_PROSE) or _CITATION.search(words) or read_outcome(words) or speaks_of_review(words)
    )


def _apart(items: Sequence[FoundItem]) -> list[FoundItem]:
    """Items whose parts share no character with those of an item before."""
    kept: list[FoundItem] = []
    taken: list[FoldedSpan] = []
    for item in items:
        spans = [item.heading, *item.paragraphs.values()]
        if any(overlap(span, other) for span in spans for other in taken):
            continue
        kept.append(item)
        taken += spans
    return kept


def _like_most(items: list[FoundItem], has: Callable[[FoundItem], bool]) -> list[FoundItem]:
    """The items without those that lack what more than half of them have."""
    having = [item for item in items if has(item)]
    return having if len(having) * 2 > len(items) else items


def _place_of_outcomes(items: Sequence[FoundItem], conclude: Conclude) -> Place | None:
    """Where most items print their outcome, and fewest of their rationales conclude the opposite."""
    counted: Counter[Place] = Counter()
    against: Counter[Place] = Counter()
    for item in items:
        concluded = _concluded(item, conclude)
        for place in PLACES:
            decided = {each.decision for each in item.outcomes.get(place, ()) if each.decision}
            counted[place] += bool(decided)
            against[place] += bool(decided) and concluded is not None and concluded not in decided
    place = max(PLACES, key=lambda each: counted[each] - 2 * against[each])
    if place in ("before", "end") and counted["before"] == counted["end"]:
        # What stands between two items belongs to either: neither is taken.
        return None
    return place if counted else None


def _concluded(item: FoundItem, conclude: Conclude) -> Decision | None:
    """What an item's rationale concludes; None if it does not say."""
    rationale = item.paragraphs.get("rationale")
    concluded = conclude(rationale) if rationale else None
    return None if concluded is None else "overturned" if concluded[0] else "upheld"


def _prints_outcomes(page: Page, items: Sequence[FoundItem], sections: Sequence[FoldedSpan]) -> bool:
    """Whether the letter prints outcomes in words of their own that no item claims: no rationale decides then."""
    claimed = list(sections)
    for item in items:
        claimed += [item.heading, *item.paragraphs.values()]
        claimed += [each.span for place in PLACES for each in item.outcomes.get(place, ())]
    at = 0
    for start, end in sorted((*claimed, FoldedSpan((len(page.lower), len(page.lower))))):
        for found in outcomes_in(page, at, start):
            words = page.lower[slice(*found.span)]
            if found.decision and (says_outcome(words) or len(words.split()) <= _FEW_WORDS):
                return True
        at = max(at, end)
    return False


def _figureless(page: Page, heading: FoldedSpan) -> str:
    return _FIGURES.sub("", page.lower[slice(*heading)]).strip()


def _settled(
    page: Page, item: FoundItem, place: Place | None, conclude: Conclude, alone: Counter[str] | None
) -> SettledItem | None:
    """An item with its decision, by its outcome's own words or else its rationale's conclusion; None without either.

    Args:
        page: the letter's text.
        item: the item.
        place: where the items print their outcomes.
        conclude: reads the conclusion of a rationale.
        alone: how many items have each heading, figures left out; None where no rationale decides.
    """
    printed: list[Outcome] = item.outcomes.get(place, []) if place else []
    elsewhere = [each for other in PLACES[:3] for each in item.outcomes.get(other, ())]
    if place in ("after", "between"):
        after, between = item.outcomes.get("after", []), item.outcomes.get("between", [])
        if between and (after or item.outcomes.get("end") or not item.is_whole):
            # A second outcome after a paragraph is of an item that the model overlooked.
            return None
        printed = after or between
    elif place in ("before", "end"):
        if not item.is_whole:
            return None
        printed = [*printed, *elsewhere] if printed else []
    if printed:
        decisions = {each.decision for each in printed}
        decision = printed[0].decision
        # One outcome an item: two that differ, or one that is neither, are not this program's to settle.
        if len(decisions) != 1 or decision is None or _holds_outcome(page, item):
            return None
        return SettledItem(item, decision, printed[0].span, printed[0].separator)
    rationale = item.paragraphs.get("rationale")
    if rationale is None or not item.is_whole or elsewhere or alone is None:
        return None
    # "Item 1", a label, a page's footer: what is printed again names no request.
    words = _figureless(page, item.heading)
    if alone[words] > 1 or sum(words == _figureless(page, line) for line in page.paragraphs()) > 1:
        return None
    # Words that a quote leaves out may be those that turn it.
    whole = FoldedSpan((rationale[0], max(rationale[1], min(item.end, page.segment_end(rationale[1] - 1)))))
    if any(page.begins_line(low) for low, _ in segments(page, *rationale) if low > rationale[0]):
        # A label within it may be that of another item.
        return None
    concluded, also = conclude(whole), conclude(rationale)
    if concluded is None or also is None or concluded[0] != also[0]:
        return None
    decision = "overturned" if concluded[0] else "upheld"
    # Its last sentence may say the opposite in words that the grammar holds to be weaker.
    *_, closing = segments(page, *whole)
    if read_outcome(page.lower[slice(*closing)]) not in (None, decision):
        return None
    return SettledItem(item, decision, concluded[1], None)


def _holds_outcome(page: Page, item: FoundItem) -> bool:
    """Whether a paragraph goes on into another item: it holds a label with an outcome."""
    for span in item.paragraphs.values():
        # With its label, which stands before it on its line.
        for low, high in segments(page, page.line_of(span[0])[0], span[1]):
            if says_outcome(page.lower[low:high]):
                return True
    return False


def _most_common(values: Sequence[T]) -> T | None:
    """The value of more than half; None if no value is."""
    if not values:
        return None
    value, count = Counter(values).most_common(1)[0]
    return value if count * 2 > len(values) else None


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two spans share a character."""
    return one[0] < other[1] and other[0] < one[1]
