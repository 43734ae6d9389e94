"""What `imrllm calibrate` shows of the risk of values."""

from __future__ import annotations

from math import log
from typing import Any

from rich.console import Console

from imrllm.report.calibration_table import calibration_table
from imrllm.trust import FOLDS, RiskModel, Unflagged
from tests.trust.made import risk_model, table


def shown(risk: RiskModel | None) -> list[list[str]]:
    """The words of each line, from the risk on."""
    console = Console(width=140)
    with console.capture() as capture:
        console.print(calibration_table(table(risk=risk)))
    lines = [line.split() for line in capture.get().splitlines()]
    return lines[next(index for index, line in enumerate(lines) if line[:1] == ["Risk:"]) :]


def model(**changes: Any) -> RiskModel:
    given = {
        "review_above": {"typed": 0.028, "prose": 0.66},
        "auroc": {"typed": 0.892, "prose": 0.749},
        "variant_values": 5400,
        "variant_wrong": 321,
    }
    return risk_model({"any value": log(1 / 50), "odd": [log(4)] * FOLDS}, **{**given, **changes})


def test_how_well_it_ranks_and_whom_it_asks() -> None:
    lines = shown(model())
    assert ["typed", "fields", "0.892", "2.8%"] in lines
    assert ["prose", "and", "grounds", "0.749", "66.0%"] in lines
    said = " ".join(word for line in lines for word in line)
    assert "Fitted on 900 values of gold (90 wrong) and 5,400 of variants (321 wrong)." in said


def test_a_kind_that_is_not_measured_asks_nobody_by_risk() -> None:
    lines = shown(model(auroc={"typed": None, "prose": 0.51}, unmeasured=["typed", "prose"]))
    assert ["typed", "fields", "not", "measured"] in lines
    assert ["prose", "and", "grounds", "0.510,", "not", "measured"] in lines


def test_the_strongest_terms_by_how_much_they_change_the_odds() -> None:
    weights = {f"term{number:02}": log(number) for number in range(1, 30)}
    lines = shown(risk_model({**weights, "rarely": -9.0, "[bold]odd": log(1200)}))
    at = next(index for index, line in enumerate(lines) if line[:1] == ["term"])
    assert lines[at + 2 : at + 5] == [["rarely", "0.00012"], ["[bold]odd", "1,200"], ["term29", "29"]]
    terms = [line[0] for line in lines if line and line[0].startswith("term") and line[0] != "term"]
    assert terms == [f"term{number}" for number in range(29, 11, -1)], "twenty with the two before"


def test_what_nobody_is_asked_about_with_its_bound() -> None:
    """By letter: 0 wrong in 59 bound the share at 5%."""
    left = {
        "2013": Unflagged(letters=59, letters_wrong=0, values=4200, wrong=0),
        "2014-2015": Unflagged(letters=23, letters_wrong=5, values=2531, wrong=9),
    }
    lines = shown(model(unflagged=left))
    assert ["2013", "59", "0", "5.0%", "4,200", "0"] in lines
    assert ["2014-2015", "23", "5", "40.4%", "2,531", "9"] in lines
    assert not any("2013" in line for line in shown(model()))


def test_a_table_without_a_risk_says_so() -> None:
    assert shown(None) == [["Risk:", "not", "fitted;", "every", "value's", "risk", "is", "null."]]
