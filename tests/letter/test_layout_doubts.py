"""Headings of two paragraphs, and parts beside the only page number, are in doubt."""

from __future__ import annotations

from imrllm.letter import ItemParts
from imrllm.letter.layout_doubts import layout_doubts
from imrllm.spans import FoldedSpan


def item(start: int) -> ItemParts:
    """An item of 500 characters: its heading of 100, two bases and a rationale."""
    spans = [FoldedSpan((start + at, start + end)) for at, end in ((0, 100), (120, 200), (220, 300), (320, 490))]
    heading, administrator, reviewer, rationale = spans
    return ItemParts(heading, "upheld", FoldedSpan((start + 102, start + 108)), administrator, reviewer, rationale)


ITEMS = (item(1000), item(1500))
LINE = " " * 2000


def doubted(gaps: tuple[int, ...] = (), page_ends: tuple[int, ...] = ()) -> list[str]:
    return [each.pointer for each in layout_doubts(LINE, ITEMS, gaps, page_ends)]


def test_a_heading_that_holds_a_paragraph_gap_is_in_doubt() -> None:
    assert doubted(gaps=(1000, 1120, 1500)) == []
    assert doubted(gaps=(1000, 1050, 1500)) == ["/disputed_items/0"]
    assert layout_doubts(LINE, ITEMS, (1550,), ())[0].by == "layout"


def test_parts_beside_the_only_page_number_are_in_doubt() -> None:
    # Within a basis; between a rationale and the next heading; within a rationale.
    assert doubted(page_ends=(1150,)) == ["/disputed_items/0/claims_administrator"]
    assert doubted(page_ends=(1495,)) == ["/disputed_items/1"]
    assert doubted(page_ends=(1400,)) == []
    # Before the first heading.
    assert doubted(page_ends=(950,)) == ["/disputed_items/0"]
    assert doubted(page_ends=(100,)) == []


def test_several_page_numbers_show_what_is_repeated_beside_them() -> None:
    assert doubted(page_ends=(1150, 1650)) == []


def test_outcomes_with_a_label_of_their_own_are_in_doubt() -> None:
    first = ITEMS[0]
    assert first.heading
    line = LINE[: first.heading[1]] + ":" + LINE[first.heading[1] + 1 :]
    assert layout_doubts(line, ITEMS, (), ()) == ()
    line = LINE[: first.heading[1]] + "X:" + LINE[first.heading[1] + 2 :]
    assert [each.pointer for each in layout_doubts(line, ITEMS, (), ())] == ["/disputed_items/0/decision"]


def test_a_heading_that_begins_with_a_count_of_its_own_is_in_doubt() -> None:
    start = ITEMS[0].start
    for words, pointers in (
        ("Matter 1: Norco", ["/disputed_items/0"]),
        ("Matter 2: Norco", []),
        ("Norco 10/325mg", []),
        ("2 tablets", []),
    ):
        line = LINE[:start] + words + LINE[start + len(words) :]
        assert [each.pointer for each in layout_doubts(line, ITEMS, (), ())] == pointers
