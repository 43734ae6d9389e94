"""The risk of a value: the sum of its terms' weights, without the letters of its own fold, or none where unmeasured."""

from __future__ import annotations

from math import log
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from imrllm.fields import FIELDS, Group
from imrllm.trust import FOLDS, Arbitration, RiskModel, Signals, Table, estimate
from imrllm.trust.risk import kind_of
from tests.trust.made import by_fold, risk_model, table

AMOUNT = Signals("quantity", "amounts", frozenset({"long part", "unread words"}))
DIAGNOSES = Signals("clinical_summary.diagnoses", "lists", frozenset({"long part"}))


class TestSignals:
    def test_terms(self) -> None:
        assert AMOUNT.terms == (
            "any value",
            "quantity",
            "long part",
            "unread words",
            "amounts: long part",
            "amounts: unread words",
        )
        assert Signals("grounds", "grounds", frozenset()).terms == ("any value", "grounds")

    def test_lists_of_prose_and_grounds_take_judgment(self) -> None:
        prose = {group for group in get_args(Group) if kind_of(group) == "prose"}
        assert prose == {"lists", "grounds"} == {each.group for each in FIELDS if each.weight == "prose"}
        assert (AMOUNT.kind, DIAGNOSES.kind) == ("typed", "prose")


class TestEstimate:
    @pytest.mark.parametrize(
        ("weights", "risk", "reason"),
        [
            ({}, 0.5, "no weight: even odds"),
            ({"any value": log(1 / 3)}, 0.25, "1 to 3"),
            ({"any value": log(1 / 9), "quantity": log(3)}, 0.25, "the field counts"),
            ({"any value": log(1 / 9), "unread words": log(3)}, 0.25, "a signal counts"),
            ({"any value": log(1 / 9), "amounts: unread words": log(3)}, 0.25, "a signal in its group counts"),
            ({"any value": log(1 / 9), "basis: unread words": log(3)}, 0.1, "one in another group does not"),
            ({"any value": log(1 / 9), "refills": log(3), "odd": log(3)}, 0.1, "other fields and signals do not"),
            ({"any value": 900.0}, 1.0, "no overflow"),
            ({"any value": -900.0}, 0.0, "no overflow"),
        ],
    )
    def test_the_sum_of_weights_is_the_log_odds(self, weights: dict[str, float], risk: float, reason: str) -> None:
        assert estimate(risk_model(weights), 0, AMOUNT) == risk, reason

    @pytest.mark.parametrize("own", range(FOLDS))
    def test_a_letter_is_judged_by_weights_learned_without_it(self, own: int) -> None:
        """The weight at a fold was learned without its letters; no other stands for them."""
        model = risk_model({"any value": [log(1 / (fold + 2)) for fold in range(FOLDS)]})
        expected = pytest.approx(1 / (own + 3), abs=1e-4)
        assert estimate(model, own, AMOUNT) == expected
        assert Arbitration(table(risk=model), own).risk(AMOUNT) == expected

    @given(st.floats(-50, 50), st.floats(-50, 50))
    def test_a_larger_sum_is_no_smaller_risk(self, one: float, other: float) -> None:
        low, high = (estimate(risk_model({"any value": each}), 0, AMOUNT) for each in sorted((one, other)))
        assert low is not None
        assert high is not None
        assert 0 <= low <= high <= 1

    def test_a_kind_that_is_not_measured_has_none(self) -> None:
        model = risk_model({"any value": 1.0}, unmeasured=["prose"])
        assert estimate(model, 0, DIAGNOSES) is None
        assert estimate(model, 0, AMOUNT) == 0.7311
        assert Arbitration(table(risk=model)).risk(DIAGNOSES) is None

    def test_without_a_fitted_model_none_has(self) -> None:
        for arbitration in (Arbitration(), Arbitration(table())):
            assert arbitration.risk(AMOUNT) is None
            assert arbitration.review_above("typed") == 1

    def test_two_models_are_not_mixed_up(self) -> None:
        """What is prepared of a model is kept by the model."""
        low, high = risk_model({"any value": -1.0}), risk_model({"any value": 1.0})
        for _ in range(2):
            assert (estimate(low, 4, AMOUNT), estimate(high, 4, AMOUNT)) == (0.2689, 0.7311)


class TestThreshold:
    def test_by_kind_unless_a_user_gives_one(self) -> None:
        model = table(risk=risk_model({}, review_above={"typed": 0.03, "prose": 0.6}))
        assert [Arbitration(model).review_above(kind) for kind in ("typed", "prose")] == [0.03, 0.6]
        for given_one in (0.0, 0.2):
            arbitration = Arbitration(model, review_above=given_one)
            assert [arbitration.review_above(kind) for kind in ("typed", "prose")] == [given_one] * 2


def test_a_model_is_stored_with_its_table() -> None:
    model = risk_model({"any value": -1.5, "quantity": [*by_fold(1)]}, unmeasured=["prose"])
    written = table(risk=model)
    again = Table.model_validate_json(written.to_json())
    assert again.risk == model
    assert again.to_json() == written.to_json()


def test_a_weight_needs_every_fold() -> None:
    with pytest.raises(ValidationError, match="at least 10 items"):
        RiskModel.model_validate({**risk_model({}).model_dump(), "weights": {"any value": [1.0] * 9}})
