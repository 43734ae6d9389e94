"""Evaluations and comparisons on a terminal: nothing that it would obey, and no answer where there is none."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from imrllm.evals.runs import Rate
from imrllm.report.eval_tables import comparison_tables, eval_tables
from imrllm.report.formatting import rate_with_interval
from tests.report.runs import (
    HOSTILE,
    change,
    column,
    comparison,
    encodable,
    error,
    kind_trust,
    letter,
    run,
    suite,
    trust,
    trust_difference,
    wrong_leaf,
)


def drawn(renderable: Any) -> str:
    file = io.StringIO()
    Console(file=file, width=160).print(renderable)
    return file.getvalue()


def test_a_rate_is_shown_with_its_interval() -> None:
    assert rate_with_interval(Rate(right=18, of=20, rate=0.9, low=0.5958, high=0.9821)) == "90.0% (59.6\u201398.2)"
    assert rate_with_interval(Rate(right=0, of=0, rate=None, low=None, high=None)) == "\u2013"


@pytest.mark.parametrize(("text", "reason"), HOSTILE)
def test_nothing_in_the_data_is_more_than_text(text: str, reason: str) -> None:
    name = encodable(text)
    bad = error(document=name, path=name, gold=text, value=[text])
    columns = {"resolved": column(critical=[bad])}
    found = suite(
        letter(name, wrong_leaf(path=name, gold=text, value=text)),
        suite=name,
        columns=columns,
        missing=[name],
        trust=trust(name=name),
    )
    shown = drawn(eval_tables(run(found, skipped={name: name}), only_failed=True))
    shown += drawn(comparison_tables(comparison(changes=(change(document=name, gold=text, a=text, b=text),))))
    assert shown.replace("\n", "").isprintable()


def test_a_failed_gate_stands_with_what_counts_against_it() -> None:
    gates = [
        {"name": "critical", "limit": 0, "value": 1, "passed": False, "details": ["w01 /disputed_items/0/quantity"]},
        {"name": "silent", "limit": 0, "value": None, "passed": False, "details": ["the rows carry no checks"]},
        {"name": "quantity", "limit": 0.98, "value": 1.0, "passed": True, "details": []},
    ]
    shown = drawn(eval_tables(run(suite(gates=gates, crosscheck=None))))
    assert "Gate critical 0: 1, FAILED" in shown
    assert "  w01 /disputed_items/0/quantity" in shown
    assert "Gate silent 0: nothing to count, FAILED" in shown
    assert "Gate quantity 0.98: 1, passed" in shown
    assert "Not every row carries checks or has its letter here: the cross-check is not scored." in shown


def test_flags_and_risks_by_kind_coverage_field_and_form() -> None:
    shown = " ".join(drawn(eval_tables(run(suite(letter("w01"), trust=trust(name="quantity"))))).split())
    assert "of the wrong, flagged 1 of 3, 33.3% (25.0–75.0)" in shown
    assert "of these, with a wrong value 1 of 2, at most 97.5%" in shown
    assert "risk: AUROC 0.910 (0.880–0.960)" in shown
    assert "kept 50% 80% 90% 95% 98% 99% 100%" in shown
    assert "typed fields 0% 0% 2.2% – – – 3.8%" in shown
    assert "quantity 80 2 3 1 0.910 (0.880–0.960)" in shown
    assert "Form quantity2" in shown


def test_a_risk_that_is_not_measured_is_no_figure() -> None:
    kind = kind_trust(measured=0, auroc=None, calibration_error=None, curve=[], bins=[])
    shown = " ".join(drawn(eval_tables(run(suite(letter("w01"), trust=trust(kind))))).split())
    assert "risk: AUROC not measured not measured not measured" in shown
    assert "kept 50%" not in shown
    gate = {"name": "auroc", "limit": 0.9, "value": None, "passed": False, "details": ["the risk is not measured"]}
    assert "Gate auroc 0.9: not measured, FAILED" in drawn(eval_tables(run(suite(gates=[gate]))))


def test_only_failed_leaves_out_what_is_right() -> None:
    found = run(suite(letter("w01", wrong_leaf()), letter("w02")))
    assert "decision" in drawn(eval_tables(found))
    shown = drawn(eval_tables(found, only_failed=True))
    assert "decision" not in shown
    assert "w02" not in shown
    assert "/disputed_items/0/quantity: 45 \u2192 48  (not flagged)" in shown


def test_critical_errors_stand_there_without_checks_too() -> None:
    columns = {"resolved": column(critical=[error()])}
    shown = drawn(eval_tables(run(suite(columns=columns, crosscheck=None))))
    assert "Critical errors:\n  w01 /disputed_items/0/quantity: 45 \u2192 48" in shown


def test_a_side_of_records_hides_no_column_of_the_other() -> None:
    compared = comparison()
    one, other = compared.sides
    of_records = {"resolved": one.columns["resolved"]}
    one = one.model_copy(update={"columns": of_records, "item_exact": of_records})
    shown = drawn(comparison_tables(compared.model_copy(update={"sides": (one, other)})))
    assert "model alone: fields right" in shown


def test_a_comparison_names_the_better_side() -> None:
    shown = drawn(comparison_tables(comparison(changes=(change(),))))
    assert "v2 is better" in shown
    assert "gain: w01 /disputed_items/0/quantity: gold 45 · v1 48 · v2 45" in shown
    assert "v1 \u2192 v2 · resolved · rests on 8 letters" in shown


def test_a_comparison_says_where_more_is_flagged() -> None:
    differ = {"flagged": trust_difference(), "auroc": trust_difference(-0.01, 0.06)}
    shown = " ".join(drawn(comparison_tables(comparison(trust={"typed": differ}))).split())
    assert "Flags and risks · v1 → v2 · rests on 8 letters" in shown
    assert "typed fields: values flagged 2.0% 5.0% +3.0 (+1.0 to +5.0) higher in v2" in shown
    assert "typed fields: AUROC of the risk 2.0% 5.0% +3.0 (−1.0 to +6.0) no difference shown" in shown
    assert "Flags and risks" not in drawn(comparison_tables(comparison()))
