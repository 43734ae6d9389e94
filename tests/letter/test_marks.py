"""Marks before headings are left out where they count a letter's items, and only there."""

from __future__ import annotations

import pytest

from imrllm.letter.marks import without_marks
from imrllm.spans import FoldedSpan


def headings(*printed: str) -> list[str]:
    """Headings without their marks."""
    line = " ".join(printed)
    spans, at = [], 0
    for each in printed:
        start = line.index(each, at)
        at = start + len(each)
        spans.append(FoldedSpan((start, at)))
    return [line[slice(*span)] for span in without_marks(line, spans)]


@pytest.mark.parametrize(
    "mark",
    [
        "{n}. ",
        "{n}) ",
        "({n}) ",
        "{a}. ",
        "({a}) ",
        "\u2022 ",
        "- ",
        "* ",
        "Issue {n} of 2: ",
        "Request {n}: ",
        "Item No. {n} - ",
        "Service in dispute #{n}: ",
        "What was asked, no. {n}: ",
        "[{n}] ",
        "{n}: ",
        "{n} of 2: ",
        "+ ",
    ],
)
def test_marks_that_count_the_items_are_left_out(mark: str) -> None:
    printed = [mark.format(n=n, a="abc"[n - 1]) + name for n, name in enumerate(("Norco 10/325mg #60", "A brace"), 1)]
    assert headings(*printed) == ["Norco 10/325mg #60", "A brace"]


@pytest.mark.parametrize(
    "printed",
    [
        ("2 tablets of Norco", "3 tablets of Soma"),  # amounts
        ("1. Norco", "Soma"),  # one item without
        ("1. Norco", "3. Soma"),  # one item lost
        ("1. Norco", "2) Soma"),  # marks of two kinds
        ("Issue 1 of 3: Norco", "Issue 2 of 3: Soma"),  # one item lost
        ("1. Norco 2. Soma",),  # a list within one request
        ("Norco 1: weaning",),
        ("A. Norco B. Soma",),
        ("1.",),  # nothing else
    ],
)
def test_other_headings_stay(printed: tuple[str, ...]) -> None:
    assert headings(*printed) == list(printed)


@pytest.mark.parametrize("mark", ["1. ", "1) ", "A. ", "(a) ", "\u2022 ", "Issue 1 of 1: ", "Request 1: "])
def test_a_single_item_has_a_mark_too(mark: str) -> None:
    assert headings(f"{mark}Norco 10/325mg #60") == ["Norco 10/325mg #60"]


def test_no_headings_have_no_marks() -> None:
    assert without_marks("", []) == ()
