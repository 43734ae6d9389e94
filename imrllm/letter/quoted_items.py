"""Places of one disputed item's quotes: its heading, its paragraphs, and the outcome words beside them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from imrllm.letter.outcomes import outcome_start
from imrllm.letter.quote_finding import Page, Quote, QuotedItem
from imrllm.letter.quoted_outcomes import (
    ADMINISTRATOR,
    FEW_WORDS,
    LONGEST_OUTCOME,
    SEPARATOR,
    Outcome,
    is_labelled,
    outcomes_in,
)
from imrllm.spans import FoldedSpan

Paragraph = Literal["claims_administrator", "reviewer_basis", "rationale"]
PARAGRAPHS: tuple[Paragraph, ...] = ("claims_administrator", "reviewer_basis", "rationale")
# Where an item prints its outcome: after its heading, between its paragraphs, beside its heading in a list or table
# elsewhere, before the heading, or at its end.
Place = Literal["after", "between", "list", "before", "end"]
PLACES: tuple[Place, ...] = ("after", "between", "list", "before", "end")

# In characters.
_LONGEST_HEADING = 900
_LONGEST_BEFORE = 60
# In words.
_MOST_WORDS_BETWEEN = 10
# Of an item's number.
_MOST_FIGURES = 2
_LONGEST_LABEL = 120
# Labels, an outcome, and a paragraph of one sentence that was not quoted.
_LONGEST_GAP = 280
# What may stand between a heading and its outcome, or after it on its line.
_LINK = re.compile(r"[\W_]*(?:(?:is|are|was|were|has been|have been|to be|service|services|treatment)[\W_]*){0,3}")
_LABEL = re.compile(r"(?<![a-z,])\s[A-Z][^.:!?|]{2,80}:\s|\|")
_REVIEWER = re.compile(r"(?<!utilization )review(?:er|ing)|\bimr\b|independent|maximus|expert|panel|\bour\b")
# The item's own label or number, which a model may quote with it.
_OWN_LABEL = re.compile(
    r"""
    [\W_]*(?:
        (?:(?:disputed|requested|treatment|services?|items?|issues?|request|procedure|medication|in\ dispute|at\ issue)
            [\s/]*){1,4}(?:(?:no\.?|number|\#)\s?)?\d{0,2}\s?[:.)|-]+\s
        | \(?\d{1,2}[.)]\s
        | \d{1,2}\s?\|\s
        | \#\d{1,2}[.:]\s
    )
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class FoundItem:
    """A disputed item as it was found.

    Attributes:
        heading: its heading.
        end: where the next item or section begins.
        paragraphs: its paragraphs by their names.
        outcomes: what may be its outcome, by place.
        is_whole: whether no other item can stand between its heading and its paragraphs.
    """

    heading: FoldedSpan
    end: int
    paragraphs: dict[Paragraph, FoldedSpan] = field(default_factory=dict)
    outcomes: dict[Place, list[Outcome]] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def score(self) -> int:
        """How much of an item stands here."""
        return len(self.paragraphs) + 2 * bool(self.outcomes.get("after") or self.outcomes.get("between"))


def find_items(
    page: Page, quoted: Sequence[QuotedItem], start: int, end: int, stops: Sequence[int]
) -> tuple[list[FoundItem], int]:
    """Find the items of one window.

    Args:
        page: the letter's text.
        quoted: the items in the order of the answer, which must be the letter's.
        start: folded offset of the window.
        end: folded offset just after it.
        stops: folded offsets at which sections begin: no item goes on past them.

    Returns:
        The items in printed order, and how many others were quoted but are not there.
    """
    places = [list(_headings(page, item.heading, start, end)) for item in quoted]
    bounds = sorted({place[0] for each in places for place in each} | set(stops))

    def limit(after: int) -> int:
        at = bisect_left(bounds, after)
        return min(bounds[at], end) if at < len(bounds) else end

    laid = [
        [_laid_out(page, item, place, limit(place[1]), start) for place in own]
        for item, own in zip(quoted, places, strict=True)
    ]
    found = _in_order(laid)
    quoted_of: dict[int, QuotedItem] = {}
    for item in found:
        index = next(index for index, each in enumerate(laid) if any(item is one for one in each))
        quoted_of[id(item)] = quoted[index]
        for other in laid[index]:
            if other is not item:
                _complete(item, other)
    _argued_apart(page, found, quoted_of, stop=end)
    return found, len(quoted) - len(found)


def _argued_apart(page: Page, found: Sequence[FoundItem], quoted: Mapping[int, QuotedItem], stop: int) -> None:
    """Give the items of a list their paragraphs, which follow the list in the same order under the items' numbers."""
    if (
        len(found) < 2
        or any(item.paragraphs for item in found[:-1])
        or not all(item.outcomes["after"] for item in found)
    ):
        return
    at = page.line_of(found[-1].outcomes["after"][0].span[1] - 1)[1]
    given: list[dict[Paragraph, FoldedSpan]] = []
    for number, item in enumerate(found, 1):
        own = _paragraphs(page, quoted[id(item)], at, stop)
        first = min((span[0] for span in own.values()), default=at)
        if not own or not re.search(rf"\b{number}\b", page.lower[at:first]):
            return
        given.append(own)
        at = max(span[1] for span in own.values())
    for item, own in zip(found, given, strict=True):
        item.paragraphs, item.outcomes = own, {"list": item.outcomes["after"][:1]}


def _in_order(laid: Sequence[Sequence[FoundItem]]) -> list[FoundItem]:
    """One place of each item, such that the headings are in the order of the answer and as much as can be is there.

    What fits nowhere in that order is left out. Costs the number of places times its logarithm.
    """
    # Chains by the end of their last heading: a later end counts only if the chain is worth more.
    ends: list[int] = [-1]
    chains: list[tuple[int, tuple[FoundItem, ...]]] = [(0, ())]
    for places in laid:
        longer = []
        for item in places:
            worth, chain = chains[bisect_right(ends, item.heading[0]) - 1]
            longer.append((item.heading[1], worth + 1 + 2 * item.score, (*chain, item)))
        for end, worth, chain in longer:
            at = bisect_right(ends, end)
            if chains[at - 1][0] >= worth:
                continue
            last = at
            while last < len(chains) and chains[last][0] <= worth:
                last += 1
            ends[at:last] = [end]
            chains[at:last] = [(worth, chain)]
    return list(chains[-1][1])


def _headings(page: Page, quote: Quote, start: int, end: int) -> Iterator[FoldedSpan]:
    """Where a heading stands: at the start of a line, or after its bullet, number or label."""
    for place in page.places(quote.first, start, end):
        if not page.opens(place[0]):
            continue
        closing = page.first_place(quote.last, place[0], min(end, place[0] + _LONGEST_HEADING))
        if closing is None:
            continue
        yield FoldedSpan((place[0], max(place[1], closing[1])))


def _laid_out(page: Page, item: QuotedItem, heading: FoldedSpan, limit: int, start: int) -> FoundItem:
    """An item whose heading stands at a place, with what stands between it and the next."""
    found = FoundItem(heading, limit, _paragraphs(page, item, heading[1], limit))
    found.heading = _without_label(page, _whole_heading(page, found))
    _find_outcomes(page, found, start)
    return found


def _paragraphs(page: Page, item: QuotedItem, start: int, end: int) -> dict[Paragraph, FoldedSpan]:
    """The paragraphs of an item between two offsets."""
    found: dict[Paragraph, FoldedSpan] = {}
    opened: dict[Paragraph, FoldedSpan] = {}
    for name in PARAGRAPHS:
        quote: Quote | None = getattr(item, name)
        taken = {span[0] for span in opened.values()}
        for place in page.places(quote.first, start, end) if quote else ():
            if place[0] not in taken and page.opens_paragraph(place[0]) and _is_of(page, name, place[0]):
                opened[name] = place
                break
    starts = sorted(span[0] for span in opened.values())
    for name, place in opened.items():
        quote = getattr(item, name)
        following = next((at for at in starts if at > place[0]), end)
        closing = closing_of(page, quote.last, place, following, long=name == "rationale") if quote else None
        if closing and closing[1] >= min(place[1], following):
            found[name] = FoldedSpan((place[0], page.closed(closing[1])))
    return found


def closing_of(page: Page, words: str, opening: FoldedSpan, end: int, *, long: bool) -> FoldedSpan | None:
    """Where the last words of a paragraph end it: at their first place, unless a rationale says them again.

    A label on the way to their last place belongs to what follows the paragraph.
    """
    first = page.first_place(words, opening[0], end)
    while first and first[1] < min(opening[1], end):
        first = page.first_place(words, first[0] + 1, end)
    last = page.last_place(words, first[1], end) if first and long else None
    return last if first and last and not _LABEL.search(page.folded.text, first[1], last[0]) else first


def _is_of(page: Page, name: Paragraph, at: int) -> bool:
    """Whether the label before a paragraph does not name the other side."""
    if name == "rationale":
        return True
    line, _ = page.line_of(at)
    label = page.lower[line:at]
    if not label.strip(" \t*-|") and line:
        above, _ = page.line_of(line - 1)
        label = page.lower[above:line] if line - above <= _LONGEST_LABEL else ""
    label = label[-_LONGEST_LABEL:]
    administrator = bool(ADMINISTRATOR.search(label))
    reviewer = bool(_REVIEWER.search(label))
    if administrator == reviewer:
        return True
    return administrator == (name == "claims_administrator")


def _complete(item: FoundItem, other: FoundItem) -> None:
    """Add what stands at another place of an item's heading: its row in a list, or its paragraphs after the list."""
    if not item.outcomes.get("after") and not item.outcomes.get("between") and other.outcomes.get("after"):
        item.outcomes.setdefault("list", []).extend(other.outcomes["after"])
    for name, span in other.paragraphs.items():
        item.paragraphs.setdefault(name, span)


def _whole_heading(page: Page, item: FoundItem) -> FoldedSpan:
    """A heading to its end: a model may have quoted it without its amounts or without all of its words."""
    start, end = item.heading
    stop = min([page.line_of(end - 1)[1], item.end, *(span[0] for span in item.paragraphs.values() if span[0] >= end)])
    rest = page.lower[end:stop]
    words = rest[: outcome_start(rest)]
    found = SEPARATOR.search(words)
    words = words[: found.start()] if found else words
    if not page.has_lines and not any(map(str.isdigit, words)):
        # Its line would end with the next label.
        return item.heading
    if _LINK.fullmatch(words) or len(words) > LONGEST_OUTCOME:
        return item.heading
    return FoldedSpan((start, end + len(words.rstrip(" .:-|"))))


def _without_label(page: Page, heading: FoldedSpan) -> FoldedSpan:
    """A heading without the item's number or label, which a model may have quoted with it."""
    label = _OWN_LABEL.match(page.lower, *heading)
    return FoldedSpan((label.end(), heading[1])) if label and label.end() < heading[1] else heading


def _find_outcomes(page: Page, item: FoundItem, start: int) -> None:
    """Note what may be an item's outcome: short segments outside its heading and its paragraphs."""
    parts = sorted(item.paragraphs.values())
    at = item.heading[1]
    place: Place = "after"
    for low, high in (*parts, (item.end, item.end)):
        last = low == item.end
        printed = list(outcomes_in(page, at, min(low, at + 2 * LONGEST_OUTCOME) if last else low))
        if last:
            # What stands before the next heading on its line is said of that one.
            printed = [each for each in printed if page.lower[each.span[1] : low].strip() or low in page.starts]
        # Only what stands directly beside a part is said of it; what follows on its line says it again.
        beside = bool(printed) and page.lower.count(" ", at, printed[0].span[0]) <= _MOST_WORDS_BETWEEN
        line_end = page.line_of(printed[0].span[0])[1] if beside else 0
        found = [each for each in printed if each.span[0] < line_end]
        if found and not (_follows(page, at, found[0]) if place == "after" else _stands_alone(page, found[0])):
            found = []
        if last and parts:
            place, found = "end", [each for each in found[:1] if not _adjoins(page, each.span[1], item.end)]
        elif not last:
            if place == "after" and found:
                # Another outcome before the first paragraph is not this program's to choose from.
                found += [each for each in printed if each.decision != found[0].decision and each not in found]
            item.is_whole &= len(found) == len(printed) and low - at <= _LONGEST_GAP
        item.outcomes.setdefault(place, []).extend(found)
        at, place = page.after_sentence(max(at, high)), "between"
    line, _ = page.line_of(item.heading[0])
    above, _ = page.line_of(max(start, line - 1))
    before = list(outcomes_in(page, line, item.heading[0]))
    if not before and _adjoins(page, above, line):
        before = list(outcomes_in(page, above, line))
    item.outcomes["before"] = [each for each in before[-1:] if each.span[1] - each.span[0] <= _LONGEST_BEFORE]


def _follows(page: Page, at: int, outcome: Outcome) -> bool:
    """Whether nothing but a label stands between a heading and its outcome: no amount, and few words."""
    low, high = outcome.span
    between = page.lower[at : low + outcome_start(page.lower[low:high])]
    return sum(map(str.isdigit, between)) <= _MOST_FIGURES and between.count(" ") <= _MOST_WORDS_BETWEEN


def _stands_alone(page: Page, outcome: Outcome) -> bool:
    """Whether an outcome is no sentence of a paragraph: it begins a line, and has a label or few words."""
    words = page.lower.count(" ", *outcome.span) + 1
    return page.opens(outcome.span[0]) and (is_labelled(outcome.separator) or words <= FEW_WORDS)


def _adjoins(page: Page, start: int, end: int) -> bool:
    """Whether no paragraph gap stands between two offsets of a text that has such gaps, and no more than a label."""
    at = bisect_right(page.gaps, start)
    return bool(page.gaps) and not (at < len(page.gaps) and page.gaps[at] <= end) and end - start <= _LONGEST_LABEL
