"""Turns the words that a model quotes of a letter into its parts, as far as the letter's text supports them.

A model says where the parts of an unknown form begin and end, by their first and last words. Nothing else of its answer
counts: words that are not in the text are not there, the outcome is read from the letter's own words, and items that do
not share one structure are dropped, which the record says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from imrllm.errors import NotALetterError
from imrllm.folding import Folded
from imrllm.letter.outcomes import read_outcome, speaks_of_review
from imrllm.letter.parts import ItemParts, LetterParts, Unsure, trimmed
from imrllm.letter.quote_finding import Page, QuotedWindow, Section
from imrllm.letter.quoted_items import PARAGRAPHS, FoundItem, Paragraph, closing_of, find_items
from imrllm.letter.quoted_outcomes import LONGEST_OUTCOME, segments, separator_of
from imrllm.letter.quoted_structure import SettledItem, overlap, settled_items
from imrllm.spans import FoldedSpan

FORM = "read by the model"
ITEMS = "/disputed_items"
_SECTIONS: dict[Section, str] = {"header": "/letter", "credentials": "/reviewer", "summary": "/clinical_summary"}

# In a text without lines an outcome is what follows a label.
_LABELLED = re.compile(r"[:|]\s?(?P<words>[^.:|]{3,60})")


def read_quotes(
    text: str,
    windows: Sequence[QuotedWindow],
    conclude: Callable[[Folded, FoldedSpan], tuple[bool, FoldedSpan] | None],
) -> LetterParts:
    """Find the parts of a letter by the words that a model quotes of it.

    Args:
        text: the source text of one letter.
        windows: the quotes of each stretch of the letter that the model was shown, in order.
        conclude: whether a rationale, given as a span of the folded text, concludes that the request is medically
            necessary, and the span of the words that say so.

    Returns:
        The parts. Whatever they hold is `unsure`, and so is what was quoted but dropped, and outcome words that no
        item claims.

    Raises:
        NotALetterError: the text supports no item.
    """
    page = Page.of(text)
    sections = _sections(page, windows)
    stops = sorted(span[0] for span in sections.values())
    found: list[FoundItem] = []
    lacking = 0
    for window in windows:
        start, end = page.folded.folded_offset(window.start), page.folded.folded_offset(window.end)
        items, absent = find_items(page, window.items, start, end, stops)
        found = _merged(found, items)
        lacking += absent
    found = _with_rows(page, found)
    sections = _around(page, sections, found)
    settled = settled_items(page, found, sections.values(), lambda span: conclude(page.folded, span))
    if not settled:
        raise NotALetterError(
            "has no disputed item that its text supports.",
            hint="Give the whole letter, one letter a document, or a file of its form.",
        )
    dropped = [item.heading for item in found if all(item is not each.found for each in settled)]
    if lacking and not dropped:
        dropped = [settled[0].found.heading]
    claimed = _claimed(sections, settled, found)
    unclaimed = _unclaimed_outcomes(page, settled, claimed)
    first = min([*(span[0] for name, span in sections.items() if name != "header"), settled[0].found.heading[0]])
    header = sections.get("header") or trimmed(page.folded.text, 0, first)
    return LetterParts(
        folded=page.folded,
        form=FORM,
        header=header,
        credentials=sections.get("credentials"),
        summary=sections.get("summary"),
        items=tuple(map(_parts_of, settled)),
        unsure=(
            *(Unsure(_SECTIONS[name], span, None, "model") for name, span in sections.items()),
            *_unsure_items(settled),
            *(Unsure(ITEMS, span, None, "model") for span in (*dropped, *unclaimed)),
        ),
    )


def with_lost_parts(parts: LetterParts, quoted: LetterParts) -> LetterParts:
    """The parts that a known form finds, and in the place of those that it does not, what a model quotes.

    Args:
        parts: the parts by the form. They stay as they are.
        quoted: the parts of the same letter by a model's quotes.
    """
    known = [each for item in parts.items for each in _spans_of(item) if each]
    known += [span for span in (parts.header, parts.credentials, parts.summary) if span]
    sections: dict[Section, FoldedSpan] = {}
    for name in ("credentials", "summary"):
        span = getattr(quoted, name)
        if span and getattr(parts, name) is None and not any(overlap(span, each) for each in known):
            sections[name] = span
    known += sections.values()
    items, unsure = [], []
    for index, item in enumerate(parts.items):
        same = next(
            (each for each in quoted.items if each.heading and item.heading and overlap(each.heading, item.heading)),
            None,
        )
        more: dict[Paragraph, FoldedSpan] = {}
        for name in PARAGRAPHS:
            span = getattr(same, name) if same else None
            if span and getattr(item, name) is None and not any(overlap(span, each) for each in known):
                more[name] = span
                unsure.append(Unsure(f"{ITEMS}/{index}/{name}", span, None, "model"))
        items.append(
            replace(
                item,
                claims_administrator=item.claims_administrator or more.get("claims_administrator"),
                reviewer_basis=item.reviewer_basis or more.get("reviewer_basis"),
                rationale=item.rationale or more.get("rationale"),
            )
        )
        known += more.values()
    unsure += [Unsure(_SECTIONS[name], span, None, "model") for name, span in sections.items()]
    return replace(
        parts,
        credentials=parts.credentials or sections.get("credentials"),
        summary=parts.summary or sections.get("summary"),
        items=tuple(items),
        unsure=(*parts.unsure, *unsure),
    )


def _spans_of(item: ItemParts) -> tuple[FoldedSpan | None, ...]:
    return item.heading, item.outcome, item.claims_administrator, item.reviewer_basis, item.rationale


def _sections(page: Page, windows: Sequence[QuotedWindow]) -> dict[Section, FoldedSpan]:
    """The letter's other sections, each in the first window that has it; none overlaps another."""
    found: dict[Section, FoldedSpan] = {}
    for window in windows:
        low, high = page.folded.folded_offset(window.start), page.folded.folded_offset(window.end)
        for name, quote in window.sections.items():
            if name in found:
                continue
            for place in page.places(quote.first, low, high):
                if page.has_lines and not page.opens(place[0]):
                    continue
                closing = closing_of(page, quote.last, place, high, long=False)
                if closing and not any(overlap((place[0], closing[1]), span) for span in found.values()):
                    found[name] = FoldedSpan((place[0], page.closed(closing[1])))
                    break
    return found


def _around(page: Page, sections: dict[Section, FoldedSpan], items: Sequence[FoundItem]) -> dict[Section, FoldedSpan]:
    """The sections, of which one that would swallow whole items ends before the first of them."""
    kept: dict[Section, FoldedSpan] = {}
    for name, (start, end) in sections.items():
        swallowed = [
            item
            for item in items
            if start <= item.heading[0] and all(span[1] <= end for span in (item.heading, *item.paragraphs.values()))
        ]
        stop = page.line_of(swallowed[0].heading[0])[0] if swallowed and len(swallowed) == len(items) else end
        if cut := trimmed(page.folded.text, start, stop):
            kept[name] = cut
    return kept


def _merged(found: list[FoundItem], more: Sequence[FoundItem]) -> list[FoundItem]:
    """The items of two windows that overlap: of an item that both have, the one with more of its parts."""
    merged = list(found)
    for item in more:
        same = next((each for each in merged if overlap(each.heading, item.heading)), None)
        if same is None:
            merged.append(item)
        elif item.score > same.score:
            merged[merged.index(same)] = item
    return sorted(merged, key=lambda item: item.heading)


def _with_rows(page: Page, found: Sequence[FoundItem]) -> list[FoundItem]:
    """The items, with outcomes from rows of a list that another window has: their headings have the same words."""
    rows: dict[str, list[FoundItem]] = {}
    for item in found:
        if not item.paragraphs and item.outcomes.get("after"):
            rows.setdefault(page.lower[slice(*item.heading)], []).append(item)
    taken: list[FoundItem] = []
    for item in found:
        row = next(iter(rows.get(page.lower[slice(*item.heading)], ())), None)
        if row and item.paragraphs and not any(item.outcomes.get(place) for place in ("after", "between", "list")):
            item.outcomes["list"] = row.outcomes["after"][:1]
            rows[page.lower[slice(*item.heading)]].remove(row)
            taken.append(row)
    return [item for item in found if not any(item is each for each in taken)]


def _parts_of(item: SettledItem) -> ItemParts:
    own = item.found.paragraphs
    return ItemParts(
        item.found.heading,
        item.decision,
        item.outcome,
        own.get("claims_administrator"),
        own.get("reviewer_basis"),
        own.get("rationale"),
    )


def _unsure_items(items: Sequence[SettledItem]) -> Iterator[Unsure]:
    for index, item in enumerate(items):
        yield Unsure(f"{ITEMS}/{index}", item.found.heading, None, "model")
        yield Unsure(f"{ITEMS}/{index}/decision", item.outcome, None, "model")


def _claimed(
    sections: dict[Section, FoldedSpan], settled: Sequence[SettledItem], found: Sequence[FoundItem]
) -> list[FoldedSpan]:
    """Every stretch that a section or an item claims, in order."""
    spans = [*sections.values(), *(item.outcome for item in settled)]
    for item in found:
        spans += [item.heading, *item.paragraphs.values()]
    return sorted(spans)


def _unclaimed_outcomes(
    page: Page, settled: Sequence[SettledItem], claimed: Sequence[FoldedSpan]
) -> Iterator[FoldedSpan]:
    """Segments that say an outcome as the items' own do, but belong to none of them: an item may have been missed."""
    usual = next((item.separator for item in settled if item.separator is not None), None)
    at = 0
    for start, end in (*claimed, FoldedSpan((len(page.lower), len(page.lower)))):
        for low, high in segments(page, at, start):
            words = page.lower[low:high]
            if len(words) > LONGEST_OUTCOME:
                labelled = (found for found in _LABELLED.finditer(words) if read_outcome(found["words"]))
                yield from (FoldedSpan((low + found.start("words"), low + found.end())) for found in labelled)
            elif read_outcome(words) and (separator_of(words) == usual or speaks_of_review(words)):
                yield FoldedSpan((low, high))
        at = max(at, end)
