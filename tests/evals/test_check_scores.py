"""What is wrong without a check, what is right with one, and what seeded corruptions the checks catch."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from imrllm.evals.check_scores import against, flags, measure_checks
from imrllm.evals.outcomes import FieldOutcome, score
from imrllm.fields import ITEMS
from imrllm.records import Check, CheckStatus, Resolution
from tests.evals.gold import GOLD


def checked(pointer: str, status: CheckStatus = "conflict", resolution: Resolution = "model") -> Check:
    return Check(pointer=pointer, status=status, resolution=resolution)


def with_quantity(value: float | None) -> dict[str, Any]:
    record = deepcopy(GOLD)
    record[ITEMS][0]["quantity"] = value
    return record


def leaf_at(path: str, record: dict[str, Any] = GOLD) -> FieldOutcome:
    return next(leaf for leaf in score(GOLD, record) if leaf.path == path)


@pytest.mark.parametrize(
    ("pointer", "path", "speaks"),
    [
        pytest.param("/disputed_items/0/quantity", "/disputed_items/0/quantity", True, id="the place itself"),
        pytest.param("/disputed_items/0/quantity", "/disputed_items/0/quantity_unit", False, id="a longer name"),
        pytest.param("/disputed_items/1/quantity", "/disputed_items/0/quantity", False, id="another item's"),
        pytest.param("/disputed_items/0", "/disputed_items/0/quantity", True, id="the item that it is of"),
        pytest.param("/disputed_items/0/quantity", "/disputed_items/0", False, id="a field of an item that is there"),
        pytest.param("/clinical_summary/diagnoses/1", "/clinical_summary/diagnoses", True, id="an entry of the list"),
        pytest.param(
            "/disputed_items/0/reviewer_basis",
            "/disputed_items/0/reviewer_basis/citations/0/pages",
            True,
            id="the basis",
        ),
        pytest.param(
            "/disputed_items/0/reviewer_basis/citations/0/pages",
            "/disputed_items/0/reviewer_basis/citations/0/chapter",
            False,
            id="another field of the citation",
        ),
    ],
)
def test_what_a_check_speaks_against(pointer: str, path: str, speaks: bool) -> None:
    assert bool(against([checked(pointer)], leaf_at(path))) is speaks
    assert not against([checked(pointer, "confirmed")], leaf_at(path))


@pytest.mark.parametrize(
    ("status", "review", "disputed", "flagged"),
    [
        pytest.param("confirmed", False, False, False, id="agreed"),
        pytest.param("conflict", True, True, True, id="disputed"),
        pytest.param("conflict", False, True, False, id="repaired, not in doubt"),
        pytest.param("confirmed", True, False, True, id="one reader, unsure"),
    ],
)
def test_a_flag_is_a_check_that_asks_a_person_to_look(
    status: CheckStatus, review: bool, disputed: bool, flagged: bool
) -> None:
    at = "/disputed_items/0/quantity"
    check = checked(at, status).model_copy(update={"review": review})
    assert (bool(against([check], leaf_at(at))), bool(flags([check], leaf_at(at)))) == (disputed, flagged)
    wrong = {"a": score(GOLD, with_quantity(48.0))}
    found = measure_checks(wrong, {"a": [check]}, wrong, {})
    assert (found.caught.right, not found.silent) == (int(disputed), flagged)


def test_a_wrong_value_without_a_check_is_silent() -> None:
    wrong = {"a": score(GOLD, with_quantity(48.0))}
    silent = measure_checks(wrong, {"a": ()}, None, {}).silent
    assert [(error.document, error.path, error.gold, error.value) for error in silent] == [
        ("a", "/disputed_items/0/quantity", 45.0, 48.0)
    ]
    assert not measure_checks(wrong, {"a": [checked("/disputed_items/0/quantity")]}, None, {}).silent


def test_an_item_that_is_told_to_lack_hides_no_other_error() -> None:
    record = with_quantity(450.0)
    del record[ITEMS][1]
    lacking = checked(f"/{ITEMS}", "missing")
    final = {"a": score(GOLD, record)}
    told = [error.path for error in measure_checks(final, {"a": [lacking]}, None, {}).silent]
    assert told == ["/disputed_items/0/quantity"]
    # The values of a lost item count once, with it; a check for each that lacks.
    assert [error.path for error in measure_checks(final, {"a": ()}, None, {}).silent] == [
        "/disputed_items/0/quantity",
        "/disputed_items/1",
    ]
    del record[ITEMS][1]
    told = [error.path for error in measure_checks({"a": score(GOLD, record)}, {"a": [lacking]}, None, {}).silent]
    assert told == ["/disputed_items/0/quantity", "/disputed_items/2"]


def test_a_check_of_everything_is_one_of_nothing() -> None:
    wrong = {"a": score(GOLD, with_quantity(48.0))}
    for pointer in ("", "/disputed_items"):
        assert measure_checks(wrong, {"a": [checked(pointer)]}, None, {}).silent


def test_a_repaired_value_is_no_false_alarm() -> None:
    """The check says what the model had wrong; without the model's value its resolution tells."""
    final, model = {"a": score(GOLD, GOLD)}, {"a": score(GOLD, with_quantity(48.0))}
    repaired = {"a": [checked("/disputed_items/0/quantity", resolution="source")]}
    for known in (model, None):
        found = measure_checks(final, repaired, known, {})
        assert (found.silent, found.false_alarms) == ((), ())
    assert (
        measure_checks(final, repaired, model, {}).caught.right,
        measure_checks(final, {"a": ()}, model, {}).caught.right,
    ) == (1, 0)


def test_a_right_value_with_a_check_is_a_false_alarm() -> None:
    right = {"a": score(GOLD, GOLD)}
    found = measure_checks(right, {"a": [checked("/disputed_items/0/quantity")]}, right, {})
    assert [error.path for error in found.false_alarms] == ["/disputed_items/0/quantity"]
    assert (found.alarms.right, found.alarms.of) == (1, len(right["a"]))
