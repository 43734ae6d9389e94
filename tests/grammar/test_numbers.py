"""Numbers in figures and in words."""

from __future__ import annotations

import re

import pytest

from imrllm.grammar.numbers import NUMBER, WHOLE, number
from imrllm.normalization import printed_number


@pytest.mark.parametrize(
    ("printed", "value", "reason"),
    [
        ("30", 30, "figures"),
        ("1,000", 1000, "a comma between thousands"),
        (".5", 0.5, "no nought before the point"),
        ("0.025", 0.025, "decimals"),
        ("Twelve", 12, "a word, whatever its case"),
        ("sixteen", 16, "not six"),
        ("twenty", 20, "tens"),
        ("twenty-four", 24, "tens and units with a hyphen"),
        ("twenty four", 24, "or a space"),
        ("ninety-nine", 99, "the last before a hundred"),
        ("one hundred", 100, "numbers in words up to one hundred"),
        ("hundred", 100, "without its one"),
        ("zero", 0, "none"),
    ],
)
def test_value(printed: str, value: float, reason: str) -> None:
    assert number(printed) == value, reason
    found = re.search(NUMBER, f"about {printed} units", re.IGNORECASE)
    assert found is not None, reason
    assert found.group() == printed, reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sixteens", "a longer word"),
        ("L5", "inside a code"),
        ("weightone", "inside a word"),
    ],
)
def test_no_number(text: str, reason: str) -> None:
    assert re.search(NUMBER, text, re.IGNORECASE) is None, reason


def test_a_whole_number_takes_no_decimals() -> None:
    assert [found.group() for found in re.finditer(WHOLE, "12 of 30", re.IGNORECASE)] == ["12", "30"]


@pytest.mark.parametrize(
    ("value", "printed"), [(10.0, "10"), (7.5, "7.5"), (0.025, "0.025"), (0.5, "0.5"), (1000.0, "1000")]
)
def test_printed_number(value: float, printed: str) -> None:
    assert printed_number(value) == printed
