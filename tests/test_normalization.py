"""Normal forms of texts, pages, units and strengths."""

from __future__ import annotations

import pytest

from imrllm.normalization import normal_pages, normal_strength, normal_text, normal_unit


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("Norco 10/325mg", "norco 10 / 325 mg"),
        ("Norco 10/325 mg.", "norco 10 / 325 mg"),
        ("Right  Shoulder.", "right shoulder"),
        (".5 mg", "0.5 mg"),
        ("1-2 tablets", "1 2 tablets"),
        ("4,5", "4,5"),
        ("5%", "5 %"),
    ],
)
def test_text(printed: str, normal: str) -> None:
    assert normal_text(printed) == normal


@pytest.mark.parametrize("printed", ["63-66", "63 - 66", "63\u201366", "63\u2212 66 "])
def test_a_range_of_pages_is_the_same_with_any_dash(printed: str) -> None:
    assert normal_pages(printed) == "63-66"


@pytest.mark.parametrize("printed", ["63, 66", "63 66", "6366"])
def test_two_pages_are_not_a_range(printed: str) -> None:
    assert normal_pages(printed) != "63-66"


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("Tabs", "tablet"),
        ("tablets", "tablet"),
        ("boxes", "box"),
        ("gms", "gram"),
        ("hrs", "hour"),
        ("visits", "visit"),
    ],
)
def test_unit(printed: str, normal: str) -> None:
    assert normal_unit(printed) == normal


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("10mg", "10 mg"),
        ("0.025%", "0.025 %"),
        ("25 MCG/HR", "25 mcg/hr"),
        ("5 mg / 5 ml", "5 mg/5 ml"),
        ("1.30 %", "1.3 %"),
        ("1,000 mg", "1000 mg"),
        ("10/325  mg", "10/325 mg"),
    ],
)
def test_strength(printed: str, normal: str) -> None:
    assert normal_strength(printed) == normal
