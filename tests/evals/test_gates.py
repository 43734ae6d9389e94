"""What the gates of a suite count."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm.evals.check_scores import measure_checks
from imrllm.evals.column_scores import measure
from imrllm.evals.gates import judge
from imrllm.evals.outcomes import score
from imrllm.fields import ITEMS
from imrllm.records import Determination
from tests.crosscheck.pointers import altered
from tests.evals.gold import GOLD

RIGHT = Determination.model_validate(GOLD)


def silent(record: dict[str, Any]) -> tuple[bool, float | None, tuple[str, ...]]:
    """Whether the gate of silent errors is passed by a record that nothing doubts, its count, and what counts."""
    outcomes = {"a": score(GOLD, record)}
    checks = measure_checks(outcomes, {"a": ()}, None, {})
    assert checks.silent, "all of them are silent errors"
    (gate,) = judge({"silent": 0}, measure(outcomes), checks, ())
    return gate.passed, gate.value, gate.details


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/disputed_items/0/quantity", 90.0),
        ("/disputed_items/0/treatment", "xylophone"),
        ("/disputed_items/0/category", None),
        ("/injured_worker/age", 99),
    ],
)
def test_a_silent_error_in_a_typed_value_counts(pointer: str, value: object) -> None:
    assert silent(altered(RIGHT, pointer, value).model_dump(mode="json")) == (False, 1, (f"a {pointer}",))


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/disputed_items/0/grounds", ["duplicate_or_already_provided"]),
        ("/clinical_summary/diagnoses", ["gout"]),
        ("/clinical_summary/treatments_to_date", []),
    ],
)
def test_one_in_a_list_that_takes_judgment_does_not(pointer: str, value: object) -> None:
    assert silent(altered(RIGHT, pointer, value).model_dump(mode="json")) == (True, 0, ())


def test_a_lost_item_counts() -> None:
    record = {**GOLD, ITEMS: GOLD[ITEMS][:2]}
    passed, _, details = silent(record)
    assert not passed
    assert "a /disputed_items/2" in details


def test_a_gate_with_nothing_to_count_is_passed() -> None:
    outcomes = {"a": score(GOLD, RIGHT.model_dump(mode="json"))}
    checks = measure_checks(outcomes, {"a": ()}, None, {})
    gates = judge({"caught": 0.98, "corruptions": 0.9}, measure(outcomes), checks, ())
    assert [(gate.passed, gate.value, gate.details) for gate in gates] == [(True, None, ())] * 2


def test_one_about_checks_is_not_where_there_are_none() -> None:
    outcomes = {"a": score(GOLD, RIGHT.model_dump(mode="json"))}
    gates = judge({"caught": 0.98, "silent": 0, "flagged": 1}, measure(outcomes), None, ())
    assert [gate.passed for gate in gates] == [False] * 3
    assert all("not every row carries checks" in gate.details[0] for gate in gates)
