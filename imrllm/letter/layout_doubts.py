"""What a letter's layout leaves in doubt: a heading of two paragraphs, and the parts around the end of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imrllm.letter.marks import may_be_marked
from imrllm.letter.parts import ItemParts, Unsure
from imrllm.spans import FoldedSpan

_NAMES = ("heading", "claims_administrator", "reviewer_basis", "rationale")
# How far before the first item's heading a page may end and leave words of its foot there, in characters.
_BEFORE = 200


def layout_doubts(
    line: str, items: Sequence[ItemParts], gaps: Sequence[int], page_ends: Sequence[int]
) -> tuple[Unsure, ...]:
    """Name the parts of disputed items whose words may be those of a label or of a page's head or foot.

    Args:
        line: the folded text.
        items: the items in printed order, each with its heading first.
        gaps: folded offsets after each paragraph gap, ascending.
        page_ends: folded offsets of lines that number a page. What is printed beside several of them is repeated and
            known by that; beside a single one it cannot be told from the letter's own words.

    Returns:
        The headings that hold a paragraph gap or begin with their item's number, outcomes with a label of their own,
        and the headings and bases beside the letter's only page number.
    """
    doubts = [
        Unsure(f"/disputed_items/{index}", item.heading, None, "layout")
        for index, item in enumerate(items)
        if item.heading and (_holds_gap(item.heading, gaps) or may_be_marked(line, item.heading, index))
    ]
    doubts += [
        Unsure(f"/disputed_items/{index}/decision", item.outcome, None, "layout")
        for index, item in enumerate(items)
        if item.heading and item.outcome and any(map(str.isalpha, line[item.heading[1] : item.outcome[0]]))
    ]
    if len(page_ends) == 1:
        doubts += _beside(items, page_ends[0])
    return tuple(doubts)


def _holds_gap(span: FoldedSpan, gaps: Sequence[int]) -> bool:
    return any(span[0] < gap < span[1] for gap in gaps)


def _beside(items: Sequence[ItemParts], page_end: int) -> Iterator[Unsure]:
    """The headings and bases that reach to a page's end, or begin after it."""
    parts: list[tuple[str, FoldedSpan]] = []
    for index, item in enumerate(items):
        for name in _NAMES:
            if span := getattr(item, name):
                pointer = f"/disputed_items/{index}" + ("" if name == "heading" else f"/{name}")
                parts.append((pointer, span))
    for at, (pointer, span) in enumerate(parts):
        start = parts[at - 1][1][1] if at else span[0] - _BEFORE
        end = parts[at + 1][1][0] if at + 1 < len(parts) else span[1]
        if start <= page_end < end and not pointer.endswith("/rationale"):
            yield Unsure(pointer, span, None, "layout")
