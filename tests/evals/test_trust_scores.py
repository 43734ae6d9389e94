"""What is flagged, what is wrong in spite of that, and how well the risk ranks: by hand, and by scikit-learn."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score

from imrllm.evals.column_scores import measure
from imrllm.evals.gates import judge, parse_thresholds
from imrllm.evals.outcomes import score
from imrllm.evals.runs import DocumentScore, LeafScore, Trust
from imrllm.evals.trust_scores import compare_trust, is_of_kind, measure_trust
from imrllm.fields import ITEMS
from tests.evals.gold import GOLD

COLUMN = measure({"a": score(GOLD, GOLD)})


def value(
    field: str = "quantity",
    risk: float | None = None,
    *,
    wrong: bool = False,
    flagged: bool = False,
    lost: bool = False,
) -> LeafScore:
    return LeafScore(field=field, item=0, path="/x", exact=not wrong, flagged=flagged, risk=risk, lost=lost)


def letter(name: str, *leaves: LeafScore, form: str | None = None, error: str | None = None) -> DocumentScore:
    return DocumentScore(document=name, columns={"resolved": leaves}, form=form, error=error)


def random_letters(seed: int, letters: int = 12) -> list[DocumentScore]:
    draw = random.Random(seed)
    fields = ("quantity", "treatment", "grounds", "letter.priority")
    return [
        letter(
            f"l{index}",
            *(
                # Of few decimals, so that many are equal.
                value(draw.choice(fields), risk := round(draw.random() ** 3, 1), wrong=draw.random() < risk)
                for _ in range(30)
            ),
        )
        for index in range(letters)
    ]


def flagged_above(risk: float, documents: Sequence[DocumentScore]) -> list[DocumentScore]:
    def flagged(leaf: LeafScore) -> LeafScore:
        return leaf.model_copy(update={"flagged": (leaf.risk or 0) > risk})

    return [letter(each.document, *map(flagged, each.columns["resolved"])) for each in documents]


def risks_of(documents: Iterable[DocumentScore]) -> tuple[Sequence[bool], Sequence[float]]:
    leaves = [leaf for document in documents for leaf in document.columns["resolved"]]
    return [not leaf.exact for leaf in leaves], [leaf.risk or 0.0 for leaf in leaves]


class TestFlags:
    def test_shares_by_kind(self) -> None:
        found = measure_trust(
            [
                letter(
                    "a", value(wrong=True, flagged=True), value(flagged=True), value(), value("grounds", wrong=True)
                ),
                letter("b", value(wrong=True), value(), value("grounds", flagged=True)),
            ]
        )
        typed, prose, whole = (found.kinds[kind] for kind in ("typed", "prose", "all"))
        assert (typed.values, typed.letters, typed.flagged.right, typed.flags_per_letter) == (5, 2, 2, 1.0)
        assert (typed.recall.right, typed.recall.of) == (1, 2)
        assert (typed.precision.right, typed.precision.of) == (1, 2)
        assert (typed.unflagged_wrong.right, typed.unflagged_wrong.of) == (1, 3)
        assert (prose.recall.rate, prose.precision.rate) == (0.0, 0.0)
        assert (whole.values, whole.flagged.right, whole.recall.of) == (7, 3, 3)
        assert (found.fields["grounds"].values, found.fields["quantity"].values) == (2, 5)

    def test_a_letter_is_ok_where_no_typed_value_is_flagged(self) -> None:
        typed = measure_trust(
            [
                letter("flagged", value(flagged=True, wrong=True)),
                letter("right", value(), value("grounds", flagged=True, wrong=True)),
                letter("wrong", value(wrong=True)),
                letter("unanswered", value(), error="ModelError: no answer"),
            ]
        ).kinds["typed"]
        assert (typed.ok_letters.right, typed.ok_letters.of) == (2, 4)
        assert (typed.wrong_ok.right, typed.wrong_ok.of) == (1, 2)
        # The exact bound for 1 of 2: 1 - p squared is 0.05 there.
        assert typed.wrong_ok_bound == pytest.approx(0.95**0.5)

    def test_no_letter_in_59_is_wrong(self) -> None:
        typed = measure_trust([letter(f"l{index}", value()) for index in range(59)]).kinds["typed"]
        assert typed.wrong_ok_bound == pytest.approx(0.05, abs=0.001)

    def test_a_lost_item_is_no_value_but_its_letter_is_wrong(self) -> None:
        lost = (value(ITEMS, wrong=True, lost=True), value(wrong=True, lost=True))
        typed = measure_trust([letter("a", value(), *lost)]).kinds["typed"]
        assert (typed.values, typed.recall.of) == (1, 0)
        assert (typed.ok_letters.right, typed.wrong_ok.right) == (1, 1)
        told = tuple(leaf.model_copy(update={"flagged": True}) for leaf in lost)
        assert measure_trust([letter("a", value(), *told)]).kinds["typed"].ok_letters.right == 0

    def test_a_letter_without_a_record_is_left_out(self) -> None:
        failed = letter("b", value(wrong=True, lost=True), error="ReadError: no text")
        assert measure_trust([letter("a", value()), failed]) == measure_trust([letter("a", value())])
        empty = measure_trust([failed]).kinds["all"]
        assert (empty.values, empty.flags_per_letter, empty.ok_letters.rate, empty.wrong_ok_bound) == (0,) + (None,) * 3

    def test_by_form(self) -> None:
        known = letter("a", value(flagged=True), form="2014")
        found = measure_trust([known, letter("b", value()), letter("c", value())])
        assert {form: kinds["typed"].letters for form, kinds in found.forms.items()} == {"2014": 1, "unknown": 2}
        assert found.forms["2014"]["typed"].flagged.rate == 1.0

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("quantity", True), (ITEMS, True), ("grounds", False), ("clinical_summary.diagnoses", False)],
    )
    def test_what_takes_judgment_is_prose(self, field: str, typed: bool) -> None:
        assert [is_of_kind(field, kind) for kind in ("typed", "prose", "all")] == [typed, not typed, True]


class TestRisk:
    def test_where_no_risk_is_measured_there_is_no_figure(self) -> None:
        found = measure_trust([letter("a", value(wrong=True), value()), letter("b", value())]).kinds["all"]
        assert (found.measured, found.auroc, found.calibration_error) == (0, None, None)
        assert (found.curve, found.bins) == ((), ())

    def test_without_a_wrong_value_nothing_ranks(self) -> None:
        found = measure_trust([letter("a", value(risk=0.25), value()), letter("b", value(risk=0.05))]).kinds["all"]
        assert (found.measured, found.auroc) == (2, None)
        assert found.calibration_error is not None
        assert found.calibration_error.value == pytest.approx(0.15)

    @pytest.mark.parametrize("seed", range(5))
    def test_the_auroc_is_that_of_scikit_learn(self, seed: int) -> None:
        documents = random_letters(seed)
        auroc = measure_trust(documents).kinds["all"].auroc
        assert auroc is not None
        assert auroc.value == pytest.approx(roc_auc_score(*risks_of(documents)))

    def test_the_interval_is_that_of_resampled_letters(self) -> None:
        documents = random_letters(7)
        auroc = measure_trust(documents).kinds["all"].auroc
        assert auroc is not None
        draw = np.random.default_rng(3)
        by_hand = [
            roc_auc_score(*risks_of([documents[index] for index in draw.integers(len(documents), size=len(documents))]))
            for _ in range(400)
        ]
        assert (auroc.low, auroc.high) == pytest.approx(np.quantile(by_hand, [0.025, 0.975]), abs=0.02)
        assert auroc == measure_trust(documents).kinds["all"].auroc

    def test_one_letter_with_wrong_values_gives_no_interval(self) -> None:
        auroc = (
            measure_trust([letter("a", value(risk=0.5, wrong=True)), letter("b", value(risk=0.5))]).kinds["all"].auroc
        )
        assert auroc is not None
        assert (auroc.value, auroc.low, auroc.high) == (0.5, None, None)

    @pytest.mark.parametrize("seed", range(5))
    def test_the_calibration_error_is_that_of_the_calibration_curve(self, seed: int) -> None:
        documents = random_letters(seed)
        wrong, risks = risks_of(documents)
        found = measure_trust(documents).kinds["all"]
        shares, means = calibration_curve(wrong, risks, n_bins=10)
        assert [each.wrong for each in found.bins] == pytest.approx(shares)
        assert [each.risk for each in found.bins] == pytest.approx(means)
        sizes = np.array([each.values for each in found.bins])
        assert found.calibration_error is not None
        assert found.calibration_error.value == pytest.approx((sizes * abs(shares - means)).sum() / len(risks))

    def test_the_curve_keeps_the_values_of_the_least_risk(self) -> None:
        risks = [0.1] * 6 + [0.2] * 2 + [0.4, 0.9]
        leaves = [value(risk=risk, wrong=index in (7, 9)) for index, risk in enumerate(risks)]
        curve = {
            point.coverage: (point.risk, point.wrong.right, point.wrong.of)
            for point in measure_trust([letter("a", *leaves)]).kinds["all"].curve
        }
        # Values of equal risk are kept together.
        assert curve[0.01] == curve[0.6] == (0.1, 0, 6)
        assert curve[0.61] == curve[0.8] == (0.2, 1, 8)
        assert curve[0.9] == (0.4, 1, 9)
        assert curve[1.0] == (0.9, 2, 10)
        assert len(curve) == 100


class TestComparison:
    def test_the_same_runs_do_not_differ(self) -> None:
        documents = random_letters(3)
        for metrics in compare_trust(documents, documents).values():
            assert all(
                (each.difference, each.low, each.high, each.higher) == (0, 0, 0, None) for each in metrics.values()
            )

    def test_swapped_runs_mirror_to_the_last_digit(self) -> None:
        one, other = flagged_above(0.4, random_letters(3)), flagged_above(0.2, random_letters(4))
        there, back = compare_trust(one, other), compare_trust(other, one)
        assert list(there) == ["typed", "prose", "all"]
        for kind, metrics in there.items():
            assert list(metrics) == ["flagged", "flag_recall", "auroc"]
            for metric, each in metrics.items():
                mirrored = back[kind][metric]
                assert (mirrored.a, mirrored.b, mirrored.difference) == (each.b, each.a, -each.difference)
                assert each.low is not None
                assert each.high is not None
                assert (mirrored.low, mirrored.high) == (-each.high, -each.low)
                assert (mirrored.higher, each.higher) in {("a", "b"), ("b", "a"), (None, None)}

    def test_more_flags_find_more(self) -> None:
        documents = random_letters(5)
        found = compare_trust(flagged_above(0.4, documents), flagged_above(0.2, documents))["all"]
        assert (found["flagged"].higher, found["flag_recall"].higher, found["auroc"].higher) == ("b", "b", None)
        assert found["auroc"].difference == 0

    def test_without_a_risk_nothing_ranks(self) -> None:
        one, other = ([letter("a", value(wrong=True), value()), letter("b", value(wrong=True))] for _ in range(2))
        assert list(compare_trust(one, other)["typed"]) == ["flagged", "flag_recall"]

    def test_a_letter_without_a_record_in_either_run_is_left_out(self) -> None:
        failed = letter("b", value(wrong=True, lost=True))
        one = [letter("a", value()), letter("b", value(flagged=True))]
        assert compare_trust(one, [letter("a", value()), failed])["typed"]["flagged"].a == 0
        assert compare_trust(one, one)["typed"]["flagged"].a == 0.5


class TestGates:
    def found(self, *names: str, trust: Trust | None) -> dict[str, tuple[float | None, bool]]:
        gates = judge(parse_thresholds(names), COLUMN, None, (), trust=trust)
        return {gate.name: (gate.value, gate.passed) for gate in gates}

    def test_shares_that_count_against_a_run_have_a_largest(self) -> None:
        trust = measure_trust(
            [
                letter("a", value(risk=0.9, wrong=True, flagged=True), *[value(risk=0.1)] * 9),
                letter("b", *[value(risk=0.1)] * 10),
                letter("c", *[value(risk=0.1)] * 9, value("grounds", risk=0.1, wrong=True)),
            ]
        )
        limits = ("flagged=0.04", "flag_recall=1", "flag_precision=1", "ok_letters=0.66", "wrong_ok=0", "auroc=0.7")
        assert self.found(*limits, "calibration_error=0.2", trust=trust) == {
            "flagged": (1 / 29, True),
            "flag_recall": (1.0, True),
            "flag_precision": (1.0, True),
            "ok_letters": (2 / 3, True),
            "wrong_ok": (0.0, True),
            "auroc": (0.75, True),
            "calibration_error": (pytest.approx(2 / 30), True),
        }
        assert self.found("flagged=0.03", trust=trust) == {"flagged": (1 / 29, False)}
        assert self.found("calibration_error=0.01", trust=trust)["calibration_error"][1] is False
        assert self.found("ok_letters=0.67", "auroc=0.76", trust=trust) == {
            "ok_letters": (2 / 3, False),
            "auroc": (0.75, False),
        }

    def test_a_risk_that_is_not_measured_fails_its_gates(self) -> None:
        trust = measure_trust([letter("a", value(wrong=True), value())])
        gates = judge({"auroc": 0.0, "calibration_error": 1.0}, COLUMN, None, (), trust=trust)
        assert [(gate.value, gate.passed, gate.details) for gate in gates] == [
            (None, False, ("the risk is not measured",))
        ] * 2

    def test_without_checks_every_gate_of_trust_fails(self) -> None:
        names = ("flagged=1", "flag_recall=0", "ok_letters=0", "auroc=0")
        assert all(each == (None, False) for each in self.found(*names, trust=None).values())
