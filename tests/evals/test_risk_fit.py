"""The fit of the risk: on values made by hand whose truth is known, and on the values of a small suite."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import roc_auc_score

from imrllm.documents import Document
from imrllm.evals.answers import LetterResults
from imrllm.evals.risk_fit import Judged, fit, judged_values, unflagged
from imrllm.fields import Group
from imrllm.pipeline.results import ResultBuilder
from imrllm.planning import read_in_full
from imrllm.records import Check
from imrllm.suites import Letters, Suite, load_suite
from imrllm.trust import FOLDS, RiskModel, Signals, Unflagged, estimate, fold_of
from tests.crosscheck.pointers import altered
from tests.letters import ATIVAN, THREE, letter

# How often values are wrong, by what is odd about them.
SHARES = {"clear": 0.02, "odd": 0.3, "very odd": 0.7}
DEVELOPED, VARIANT = "a letter that the grammar was developed on", "a variant"


def made(
    letters: int = 100,
    group: Group = "amounts",
    field: str = "quantity",
    *,
    besides: tuple[str, ...] = (),
    wrong_if: dict[str, float] | None = None,
    seed: int = 7,
) -> list[Judged]:
    """Ten values a letter; letters take turns in the folds."""
    draw = random.Random(seed)
    shares = wrong_if or SHARES
    return [
        Judged(
            f"l{number}",
            number % FOLDS,
            "a form",
            Signals(field, group, frozenset({name})),
            draw.random() < shares[name],
            besides,
        )
        for number in range(letters)
        for name in draw.choices([*SHARES], [8, 1, 1], k=10)
    ]


def fitted(judged: Sequence[Judged]) -> RiskModel:
    model = fit(judged)
    assert model
    return model


@cache
def of_made() -> RiskModel:
    return fitted(made())


def risk(model: RiskModel, name: str, fold: int = 0) -> float:
    found = estimate(
        model.model_copy(update={"unmeasured": ()}), fold, Signals("quantity", "amounts", frozenset({name}))
    )
    assert found is not None
    return found


def by_lot(judged: Sequence[Judged], seed: int) -> list[Judged]:
    """The same values and as many wrong ones, by lot."""
    wrong = [each.wrong for each in judged]
    random.Random(seed).shuffle(wrong)
    return [replace(each, wrong=is_wrong) for each, is_wrong in zip(judged, wrong, strict=True)]


class TestFit:
    def test_it_ranks_and_is_calibrated(self) -> None:
        model = of_made()
        for name, share in SHARES.items():
            assert risk(model, name) == pytest.approx(share, abs=0.08), name
        assert model.auroc["typed"] == pytest.approx(0.87, abs=0.06)
        assert model.auroc["prose"] is None, "no such value was seen"
        assert model.unmeasured == ("prose",)

    def test_its_figures(self) -> None:
        judged = made()
        model = of_made()
        assert (model.values, model.wrong) == (1000, sum(each.wrong for each in judged))
        assert (model.variant_values, model.variant_wrong) == (0, 0)
        risks = [estimate(model, each.fold, each.signals) for each in judged]
        wrong = [each.wrong for each in judged]
        assert model.auroc["typed"] == round(float(roc_auc_score(wrong, risks)), 3), "each letter by the others"
        looked_at = sum(each > model.review_above["typed"] for each in risks if each is not None)
        assert looked_at <= 0.02 * len(judged), "no more than the share that a person may be asked to look at"

    def test_the_same_values_give_the_same_model(self) -> None:
        assert fitted(made()) == of_made()
        assert fitted(made(seed=8)) != of_made()

    def test_labels_by_lot_are_not_ranked_and_give_no_risk(self) -> None:
        """A little below .5, never above: what is wrong often in one fold by chance is so less often elsewhere."""
        judged = made(400)
        for seed in range(3):
            model = fitted(by_lot(judged, seed))
            assert model.auroc["typed"] == pytest.approx(0.46, abs=0.06)
            assert model.unmeasured == ("typed", "prose")
            assert all(estimate(model, each.fold, each.signals) is None for each in judged)

    def test_one_kind_that_is_not_ranked_leaves_the_other_measured(self) -> None:
        even = dict.fromkeys(SHARES, 0.2)
        model = fitted([*made(), *made(group="grounds", field="grounds", wrong_if=even)])
        assert model.unmeasured == ("prose",)
        assert estimate(model, 0, Signals("grounds", "grounds", frozenset({"odd"}))) is None
        assert risk(model, "very odd") > risk(model, "odd") > risk(model, "clear")

    def test_too_few_values_give_no_risk(self) -> None:
        for letters, unmeasured in ((9, ("typed", "prose")), (10, ("prose",))):
            judged = made(letters, wrong_if={"clear": 0.1, "odd": 1.0, "very odd": 1.0}, seed=1)
            assert fitted(judged).unmeasured == unmeasured, f"{10 * letters} values"

    @pytest.mark.parametrize("wrong", [False, True])
    def test_nothing_can_be_learned_where_all_are_alike(self, wrong: bool) -> None:
        assert fit([replace(each, wrong=wrong) for each in made()]) is None

    def test_nor_where_all_wrong_values_are_in_one_fold(self) -> None:
        """Without that fold there would be none to learn from."""
        assert fit([replace(each, wrong=each.wrong and each.fold == 3) for each in made()]) is None

    @pytest.mark.parametrize("fold", [0, 6])
    def test_letters_of_a_fold_do_not_train_its_weights(self, fold: int) -> None:
        """Turned labels in one fold change the weights of every other fold, and none of its own."""
        turned = [replace(each, wrong=each.wrong != (each.fold == fold)) for each in made()]
        before, after = of_made(), fitted(turned)
        # A term whose weights are all small is left out: it is zero.
        zeros = (0.0,) * FOLDS
        for term in before.weights.keys() | after.weights.keys():
            one, other = before.weights.get(term, zeros)[fold], after.weights.get(term, zeros)[fold]
            assert one == pytest.approx(other, abs=0.02), term
        for other in set(range(FOLDS)) - {fold}:
            assert risk(before, "clear", other) < risk(after, "clear", other)


class TestBesides:
    """Terms for what is not measured on letters that are extracted: developed letters, and variants."""

    def test_letters_that_the_grammar_was_developed_on_do_not_make_others_look_sure(self) -> None:
        never = dict.fromkeys(SHARES, 0.0)
        unseen = made(60)
        model = fitted([*unseen, *made(300, besides=(DEVELOPED,), wrong_if=never)])
        plain = fitted([*unseen, *made(300, wrong_if=never)])
        assert DEVELOPED in model.weights
        assert max(model.weights[DEVELOPED]) < 0, "values of these letters are wrong less often"
        for name, share in SHARES.items():
            assert risk(model, name) > 0.6 * share, "as in letters that it was not developed on"
        assert risk(plain, "very odd") < 0.6 * SHARES["very odd"], "without the term the others would look sure"

    def test_variants_teach_and_are_not_judged(self) -> None:
        often = {"clear": 0.1, "odd": 0.6, "very odd": 0.9}
        real = made(40)
        model = fitted([*real, *made(200, besides=(VARIANT,), wrong_if=often, seed=3)])
        assert (model.values, model.variant_values) == (400, 2000)
        assert model.wrong == sum(each.wrong for each in real)
        risks = [estimate(model, each.fold, each.signals) for each in real]
        assert model.auroc["typed"] == round(float(roc_auc_score([each.wrong for each in real], risks)), 3)
        assert risk(model, "clear") < 0.06, "that variants are wrong more often is a term of its own"

    def test_a_signal_that_only_variants_have_counts(self) -> None:
        rare = [
            replace(each, signals=each.signals._replace(names=frozenset({"unheard of"})), wrong=index % 4 != 0)
            for index, each in enumerate(made(40, besides=(VARIANT,)))
        ]
        model = fitted([*made(), *rare])
        assert risk(model, "unheard of") > 0.3


class TestUnflagged:
    def test_by_form(self) -> None:
        typed, grounds = Signals("quantity", "amounts", frozenset()), Signals("grounds", "grounds", frozenset())
        judged = [
            Judged("a", 0, "one form", typed, wrong=True),
            Judged("a", 0, "one form", typed, wrong=True),
            Judged("a", 0, "one form", typed, wrong=True, flagged=True),
            Judged("a", 0, "one form", grounds, wrong=True),
            Judged("b", 1, "one form", typed, wrong=False),
            Judged("c", 2, "other form", typed, wrong=True),
            Judged("d", 3, "one form", typed, wrong=True, besides=(DEVELOPED,)),
            Judged("e", 4, None, typed, wrong=True),
        ]
        assert unflagged(judged) == {
            "one form": Unflagged(letters=2, letters_wrong=1, values=3, wrong=2),
            "other form": Unflagged(letters=1, letters_wrong=1, values=1, wrong=1),
        }
        assert unflagged([]) == {}


TEXTS = {"ada": letter(*THREE), "bea": letter(ATIVAN)}
QUANTITY, REFILLS = "/disputed_items/0/quantity", "/disputed_items/0/refills"


def make_suite(folder: Path, settings: str = "") -> Suite:
    """Gold that the grammar reads without a mistake, but for the first quantity of Ada."""
    (folder / "tiny" / "gold").mkdir(parents=True)
    (folder / "tiny" / "suite.toml").write_text(f'name = "tiny"\ndescription = "Two."\n{settings}')
    for name, text in TEXTS.items():
        record = read_in_full(Document.from_text(text, name)).by_grammar.record
        if name == "ada":
            record = altered(record, QUANTITY, 90)
        values = record.model_dump(mode="json")
        for item in values["disputed_items"]:
            item["rationale"] = None
        gold = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "record": values}
        (folder / "tiny" / "gold" / f"{name}.json").write_text(json.dumps(gold))
    return load_suite("tiny", folder)


def answers(*checks: Check) -> dict[str, LetterResults]:
    """What the grammar makes of both, with the checks given."""
    found = {}
    for name, text in TEXTS.items():
        document = Document.from_text(text, name)
        by_grammar = read_in_full(document).by_grammar
        result = ResultBuilder(document).result(replace(by_grammar, checks=checks))
        found[name] = LetterResults(result, None, result, signals=by_grammar.signals)
    return found


def judged(suite: Suite, given: dict[str, LetterResults], variants: int = 0) -> list[Judged]:
    letters = Letters({name: Document.from_text(text, name) for name, text in TEXTS.items()}, ())
    return [*judged_values([(suite, letters, given)], variants)]


class TestJudgedValues:
    def test_each_value_of_each_letter(self, tmp_path: Path) -> None:
        given = answers()
        found = judged(make_suite(tmp_path), given)
        assert len(found) == sum(len(each.signals) for each in given.values())
        (wrong,) = (each for each in found if each.wrong)
        assert (wrong.letter, wrong.signals.field, wrong.is_real) == ("ada", "quantity", True)
        folds = {name: fold_of(hashlib.sha256(text.encode()).hexdigest()) for name, text in TEXTS.items()}
        assert {(each.letter, each.fold) for each in found} == set(folds.items())
        assert {each.form for each in found} == {given["ada"].resolved.provenance.form}

    @pytest.mark.parametrize(
        ("settings", "developed"),
        [
            ("", set()),
            ("developed_on = true", {"ada", "bea"}),
            ('developed_on = true\nunseen = ["bea"]', {"ada"}),
        ],
    )
    def test_letters_that_the_grammar_was_developed_on(
        self, settings: str, developed: set[str], tmp_path: Path
    ) -> None:
        found = judged(make_suite(tmp_path, settings), answers())
        assert {each.letter for each in found if each.besides == (DEVELOPED,)} == developed
        assert all(each.besides in ((), (DEVELOPED,)) for each in found)

    @pytest.mark.parametrize(
        ("check", "flagged", "reason"),
        [
            ({"pointer": QUANTITY, "status": "confirmed", "review": True, "risk": 0.4}, {"quantity"}, "by its risk"),
            ({"pointer": QUANTITY, "status": "conflict", "review": True}, {"quantity"}, "without a risk"),
            ({"pointer": QUANTITY, "status": "conflict", "review": False, "risk": 0.1}, set(), "repaired"),
            ({"pointer": "/disputed_items/0/strengths/1", "status": "conflict"}, {"strengths"}, "by an entry"),
        ],
    )
    def test_what_a_person_is_asked_to_look_at(
        self, check: dict[str, Any], flagged: set[str], reason: str, tmp_path: Path
    ) -> None:
        found = judged(make_suite(tmp_path), answers(Check.model_validate(check)))
        assert {each.signals.field for each in found if each.flagged} == flagged, reason

    def test_variants_are_in_the_fold_of_their_letter(self, tmp_path: Path) -> None:
        suite, given = make_suite(tmp_path, "developed_on = true"), answers()
        found = [each for each in judged(suite, given, variants=3) if not each.is_real]
        assert found
        assert {each.besides for each in found} == {(VARIANT,)}
        assert {(each.letter, each.fold) for each in found} <= {
            (each.letter, each.fold) for each in judged(suite, given)
        }
        assert found == [each for each in judged(suite, given, variants=3) if not each.is_real], "by a fixed seed"
