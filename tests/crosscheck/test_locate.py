"""Where a value stands: in other case and spacing, but never in part."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from imrllm.crosscheck.locate import locate
from imrllm.grammar import Part


@pytest.mark.parametrize(
    ("value", "text", "found", "reason"),
    [
        (45, "Norco #45", "45", "in figures"),
        (12.0, "Twelve visits", "Twelve", "in words"),
        (45, "Norco 450 mg", None, "a figure more"),
        (45, "4,5 mg", None, "a comma between"),
        (45, "Norco 4.5 mg", None, "a point between"),
        (4.5, "Norco 45 mg", None, "a point too many"),
        (4.5, "Norco 4.5 mg", "4.5", "a decimal"),
        (1000, "1,000 units", "1,000", "thousands"),
        (325, "Norco 5/325mg", None, "behind a slash: part of a strength"),
        (5, "L5-S1", None, "part of a word"),
        (True, "1 true", None, "a truth stands nowhere"),
        (None, "none", None, "nothing stands nowhere"),
        (date(2016, 3, 1), "hurt on March 1, 2016", "March 1, 2016", "a date in words"),
        (date(2016, 3, 1), "hurt on 3-1-16", "3-1-16", "a date in figures"),
        (date(2016, 3, 1), "hurt on 3/11/2016", None, "another day"),
        ("2016-03", "since March 2016", "March 2016", "a month"),
        ("2016", "since 2016", "2016", "a year"),
        ("Norco", "on NORCO daily", "NORCO", "in capitals"),
        ("Norco", "on Norcos", None, "part of a word"),
        ("Nor co", "Norco", None, "a space inside a word"),
        ("anxiety", "has anxietyPast care", "anxiety", "glued to the next sentence"),
        ("10/325 mg", "Norco 10/325mg", "10/325mg", "spacing of a unit"),
        ("5/325mg", "Norco 10/325mg", None, "a strength in part"),
        ("Norco 325mg", "Norco 10/325mg", None, "a strength in part, with its drug"),
        (
            "cervical spine",
            "cervical, thoracic and lumbar spine",
            "cervical, thoracic and lumbar spine",
            "a shared noun",
        ),
        ("spine cervical", "cervical spine", None, "out of order"),
        ("L5", "L4-5", None, "a level in part"),
        ("L4-5", "at L4-5 and S1", "L4-5", "a level"),
        ("", "anything", None, "no word"),
        ("--", "-- --", None, "no word but marks"),
    ],
)
def test_where_a_value_stands(value: Any, text: str, found: str | None, reason: str) -> None:
    before = "Elsewhere "
    span = locate(value, Part(text, text, len(before)))
    assert (None if span is None else (before + text)[slice(*span)]) == found, reason
