"""Whose value a record takes: by hand-computed counts, without a letter's own fold, and cautiously without a table."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imrllm.trust import FOLDS, Arbitration, cross_validated_f1
from tests.trust.made import PRIOR, by_fold, entries, listed, table, values

DIAGNOSES = "clinical_summary.diagnoses"


def of_values(model: Any, grammar: Any, fold: int | None = None) -> bool:
    """Whether the model's category is preferred, by how often each of the two is right."""
    counts = table(values={"category": {"differ": values(99, model, grammar)}})
    return Arbitration(counts, fold).prefers_model("category", "differ")


class TestValues:
    @pytest.mark.parametrize(
        ("model", "grammar", "preferred", "reason"),
        [
            (0, 0, False, "nothing was seen"),
            (4, 0, False, "4 of 4: 1/16 = .0625"),
            (5, 0, True, "5 of 5: 1/32 = .031"),
            (6, 1, False, "6 of 7: 8/128 = .0625"),
            (7, 1, True, "7 of 8: 9/256 = .035"),
            (8, 2, False, "8 of 10: 56/1024 = .0547"),
            (9, 2, True, "9 of 11: 67/2048 = .033"),
            (5, 5, False, "as often"),
            (2, 9, False, "the grammar more often"),
            (0, 90, False, "the grammar always"),
            (60, 40, True, "60 of 100: .028"),
            (58, 42, False, "58 of 100: .067"),
        ],
    )
    def test_a_sign_test(self, model: int, grammar: int, preferred: bool, reason: str) -> None:
        assert of_values(model, grammar) is preferred, reason

    def test_counts_of_all_folds_are_added(self) -> None:
        assert of_values([1, 1, 1, 1, 1], [0])
        assert not of_values([1, 1, 1, 1, 0], [0])

    def test_each_field_and_each_way_to_differ_has_its_own(self) -> None:
        arbitration = Arbitration(table(values={"category": {"model_only": values(9, 9, 0)}}))
        assert arbitration.prefers_model("category", "model_only")
        assert not arbitration.prefers_model("category", "differ")
        assert not arbitration.prefers_model("category", "grammar_only")
        assert not arbitration.prefers_model("treatment", "model_only")

    def test_both_right_speak_for_neither(self) -> None:
        """Where both are right, as with a value and its spelling, the counts weigh out."""
        assert not of_values(50, 50)


class TestOwnFold:
    """A letter is judged by counts of the others alone."""

    @pytest.mark.parametrize("fold", range(FOLDS))
    def test_values(self, fold: int) -> None:
        counts = by_fold(5, fold)
        assert of_values(counts, [0], None)
        for own in range(FOLDS):
            assert of_values(counts, [0], own) == (own != fold)

    @pytest.mark.parametrize("fold", range(FOLDS))
    def test_entries(self, fold: int) -> None:
        counts = table(lists={DIAGNOSES: listed(by_fold(9, fold), {"model": (by_fold(9, fold), by_fold(9, fold))})})
        for own in range(FOLDS):
            arbitration = Arbitration(counts, own)
            # 9 of 9 are right, where the bar is below .5: 1/512 at most. Without its fold nothing was seen.
            assert arbitration.accepts(DIAGNOSES, "model") == (own != fold)
            share = arbitration.share_right(DIAGNOSES, "model")
            # 9 of 9, and 8 of the average (9 + 1) / (9 + 2); without its fold 8 of the average 1 / 2.
            assert share == pytest.approx(0.5 if own == fold else (9 + PRIOR * 10 / 11) / (9 + PRIOR))

    @pytest.mark.parametrize("fold", range(FOLDS))
    def test_entries_that_gold_shows_wrong(self, fold: int) -> None:
        every = [9] * FOLDS
        counts = listed(every, {"both": (every, every), "grammar": (by_fold(90, fold), by_fold(0, fold))})
        for own in range(FOLDS):
            assert Arbitration(table(lists={DIAGNOSES: counts}), own).accepts(DIAGNOSES, "grammar") == (own == fold)

    @given(st.integers(0, FOLDS - 1), st.data())
    def test_no_count_of_the_own_fold_changes_an_answer(self, own: int, data: st.DataObject) -> None:
        def drawn() -> tuple[tuple[int, ...], tuple[int, ...]]:
            """Two sequences of counts alike outside the own fold."""
            one = data.draw(st.lists(st.integers(0, 9), min_size=FOLDS, max_size=FOLDS))
            other = [data.draw(st.integers(0, 99)) if index == own else count for index, count in enumerate(one)]
            return tuple(one), tuple(other)

        names = ("both", "grammar", "model", "alone", "unfound")
        right, grammar, true = drawn(), drawn(), drawn()
        seen = {name: drawn() for name in names}
        tables = [
            table(
                values={"category": {"differ": values(right[at], right[at], grammar[at])}},
                lists={DIAGNOSES: listed(true[at], {name: (seen[name][at],) * 2 for name in names})},
            )
            for at in (0, 1)
        ]
        one, other = (Arbitration(each, own) for each in tables)
        assert one.prefers_model("category", "differ") == other.prefers_model("category", "differ")
        for name in names:
            assert one.accepts(DIAGNOSES, name) == other.accepts(DIAGNOSES, name)
            assert one.share_right(DIAGNOSES, name) == other.share_right(DIAGNOSES, name)


class TestEntries:
    """Gold overrules the cautious rule where so many right or wrong ones would be rare at the bar."""

    def accepts(self, situation: str, seen: int, right: int) -> bool:
        """Whether entries are taken beside 90 of both readers, which are all right; 100 are true.

        The share of `both` is (90 + 8 * 91 / 92) / 98 = .999. With it alone half of the best F1 is 89.92 / 190 = .473.
        """
        counts = entries(100, both=(90, 90), **{situation: (seen, right)})
        return Arbitration(table(lists={DIAGNOSES: counts})).accepts(DIAGNOSES, situation)

    @pytest.mark.parametrize("situation", ["model", "alone", "unfound"])
    @pytest.mark.parametrize(
        ("seen", "right", "accepted", "reason"),
        [
            # Entries with a share above the bar raise it: for 4 of 4 the share is (4 + 8 * 5/6) / 12 = .889, and the
            # bar (89.92 + 4 * .889) / (94 + 100) = .482.
            (0, 0, False, "nothing was seen"),
            (4, 4, False, "the bar is .482, its 4th power .054"),
            (5, 5, True, "(89.92 + 5 * .912) / 195 = .4845, its 5th power .027"),
            (7, 6, False, "(89.92 + 7 * .815) / 197 = .4854: 7 * .4854^6 * .5146 + .4854^7 = .0534"),
            (8, 7, True, "(89.92 + 8 * .838) / 198 = .4880: 8 * .4880^7 * .5120 + .4880^8 = .030"),
            (100, 50, False, "(89.92 + 100 * .5) / 290 = .4825: 50 or more of 100 have .40"),
            (100, 57, False, "(89.92 + 100 * .570) / 290 = .507: 57 or more of 100 have .12"),
            (100, 65, True, "(89.92 + 100 * .650) / 290 = .534: 65 or more of 100 have .013"),
            (100, 5, False, "below the bar, as the rule has it"),
        ],
    )
    def test_an_entry_that_the_rule_leaves_out(
        self, situation: str, seen: int, right: int, accepted: bool, reason: str
    ) -> None:
        assert self.accepts(situation, seen, right) is accepted, reason

    @pytest.mark.parametrize(
        ("seen", "right", "accepted", "reason"),
        [
            # Entries with a share below the bar of .473 do not change it: a wrong one has .527.
            (0, 0, True, "nothing was seen"),
            (4, 0, True, ".527^4 = .077"),
            (5, 0, False, ".527^5 = .041"),
            (7, 1, True, ".527^7 + 7 * .473 * .527^6 = .082"),
            (8, 1, False, ".527^8 + 8 * .473 * .527^7 = .0485"),
            (100, 40, True, "40 or fewer of 100 have .09"),
            (100, 38, False, "38 or fewer of 100 have .04"),
            (100, 95, True, "above the bar, as the rule has it"),
        ],
    )
    def test_an_entry_that_the_rule_takes(self, seen: int, right: int, accepted: bool, reason: str) -> None:
        assert self.accepts("grammar", seen, right) is accepted, reason

    @pytest.mark.parametrize(("true", "accepted"), [(200, False), (400, False), (800, True)])
    def test_the_bar_falls_with_what_nobody_gives(self, true: int, accepted: bool) -> None:
        # Shares are about 1, .6 and .3. Of 200 true ones, the best F1 is with the first two, 2 * 160 / 400, and the bar
        # .40. Of 400 it is with all three, 2 * 190 / 700, and the bar .27: 30 or more of 100 have .29. Of 800 the bar
        # is 190 / 1100 = .173: they have .001.
        counts = table(lists={DIAGNOSES: entries(true, both=(100, 100), grammar=(100, 60), model=(100, 30))})
        assert Arbitration(counts).accepts(DIAGNOSES, "model") is accepted
        assert all(Arbitration(counts).accepts(DIAGNOSES, name) for name in ("both", "grammar"))

    def test_each_situation_by_its_own_counts(self) -> None:
        counts = entries(100, both=(90, 90), grammar=(100, 5), model=(10, 9), unfound=(10, 6))
        arbitration = Arbitration(table(lists={DIAGNOSES: counts}))
        accepted = [name for name in counts.situations if arbitration.accepts(DIAGNOSES, name)]
        # The bar is (89.92 + 10 * .867 + 10 * .592) / (110 + 100) = .498: 9 or more of 10 have .010, 6 or more .37.
        assert accepted == ["both", "model"]

    def test_where_nothing_was_seen(self) -> None:
        arbitration = Arbitration(table(lists={DIAGNOSES: entries(9, both=(0, 0))}))
        assert arbitration.share_right(DIAGNOSES, "both") == 0.5
        assert arbitration.share_right(DIAGNOSES, "model") is None
        assert arbitration.accepts(DIAGNOSES, "both")
        assert not arbitration.accepts(DIAGNOSES, "model")

    def test_thousands_of_entries(self) -> None:
        counts = entries(9000, both=(8000, 7900), grammar=(5000, 500), model=(4000, 3000), unfound=(3000, 1200))
        arbitration = Arbitration(table(lists={DIAGNOSES: counts}))
        assert [name for name in counts.situations if arbitration.accepts(DIAGNOSES, name)] == ["both", "model"]
        assert of_values(2100, 1900), "2100 of 4000 are 3.2 standard deviations above a half"
        assert not of_values(2040, 1960), "1.3 standard deviations"

    @given(
        st.integers(0, 60),
        st.dictionaries(
            st.sampled_from(["both", "grammar", "model", "alone", "unfound"]),
            st.tuples(st.integers(0, 30), st.integers(0, 30)),
            min_size=1,
        ),
    )
    def test_against_every_choice_and_exact_probabilities(self, more: int, drawn: dict[str, tuple[int, int]]) -> None:
        counted = {name: (seen, min(seen, right)) for name, (seen, right) in drawn.items()}
        true = sum(right for _, right in counted.values()) + more
        arbitration = Arbitration(table(lists={DIAGNOSES: listed(true, counted)}))

        def half_of_f1(chosen: set[str]) -> float:
            right = sum(counted[name][0] * (arbitration.share_right(DIAGNOSES, name) or 0) for name in chosen)
            whole = sum(counted[name][0] for name in chosen) + true
            return right / whole if whole else 0.0

        names = sorted(counted)
        every = ({name for at, name in enumerate(names) if bits >> at & 1} for bits in range(2 ** len(names)))
        bar = Fraction(max(map(half_of_f1, every)))
        for name, (seen, right) in counted.items():
            rule = name in ("both", "grammar")
            rare = range(right + 1) if rule else range(right, seen + 1)
            chance = sum(comb(seen, k) * bar**k * (1 - bar) ** (seen - k) for k in rare)
            assume(abs(chance - Fraction("0.05")) > 1e-9)
            assert arbitration.accepts(DIAGNOSES, name) == (rule != (chance < Fraction("0.05")))


class TestShares:
    def test_few_entries_are_drawn_to_the_average_of_the_same_readers(self) -> None:
        counted = {"long_term_use|words": (1, 0), "safety_risk|words": (99, 79), "safety_risk|claim": (50, 1)}
        arbitration = Arbitration(table(lists={"grounds": listed(200, counted)}))
        # Of words alone 79 of 100 are right: (79 + 1) / (100 + 2), of which 8 are added.
        average = 80 / 102
        assert arbitration.share_right("grounds", "long_term_use|words") == pytest.approx(PRIOR * average / (1 + PRIOR))
        assert arbitration.share_right("grounds", "safety_risk|words") == pytest.approx(
            (79 + PRIOR * average) / (99 + PRIOR)
        )
        # A claim's average is its own: 2 of 52.
        assert arbitration.share_right("grounds", "safety_risk|claim") == pytest.approx(
            (1 + PRIOR * 2 / 52) / (50 + PRIOR)
        )

    def test_a_ground_that_was_seen_once_and_was_wrong_is_still_taken(self) -> None:
        counted = {"long_term_use|words": (1, 0), "safety_risk|words": (99, 79)}
        arbitration = Arbitration(table(lists={"grounds": listed(100, counted)}))
        assert arbitration.accepts("grounds", "long_term_use|words")

    def test_a_share_is_a_probability(self) -> None:
        for seen, right in ((0, 0), (1, 0), (1, 1), (1000, 0), (1000, 1000)):
            share = Arbitration(table(lists={DIAGNOSES: entries(9, both=(seen, right))})).share_right(DIAGNOSES, "both")
            assert share is not None
            assert 0 < share < 1


class TestUnseenSituations:
    """A situation that gold never shows follows the cautious rule, whatever gold shows of others."""

    def arbitration(self, **more: tuple[int, int]) -> Arbitration:
        # Of 100 words 80 are right, of 100 words about a guideline 2. With the former alone and 100 true grounds half
        # of the best F1 is 80 / (100 + 100) = .40.
        counts = {
            "safety_risk|words": (60, 50),
            "request_incomplete|words": (40, 30),
            "safety_risk|guideline": (100, 2),
        }
        counts |= {f"safety_risk|{readers}": each for readers, each in more.items()}
        return Arbitration(table(lists={"grounds": listed(100, counts)}))

    @pytest.mark.parametrize(("readers", "accepted"), [("words", True), ("guideline", False)])
    def test_as_the_same_readers_where_gold_agrees_with_the_rule(self, readers: str, accepted: bool) -> None:
        arbitration = self.arbitration()
        assert arbitration.accepts("grounds", f"long_term_use|{readers}") is accepted
        assert arbitration.accepts("grounds", f"safety_risk|{readers}") is accepted, "as where it was seen"
        assert arbitration.share_right("grounds", f"long_term_use|{readers}") is None

    @pytest.mark.parametrize(("right", "accepted"), [(46, True), (34, True), (31, False), (2, False)])
    def test_what_gold_shows_of_one_ground_says_nothing_of_another(self, right: int, accepted: bool) -> None:
        # With 46 right quotes of 100 the bar is (80 + 46) / 300 = .42; they are above it. With fewer than 40 it is .40:
        # 34 or fewer of 100 have .13 there, 31 or fewer .04.
        arbitration = self.arbitration(quote=(100, right))
        assert arbitration.accepts("grounds", "safety_risk|quote") is accepted
        assert arbitration.accepts("grounds", "long_term_use|quote")

    def test_gold_overrules_what_is_cautious_in_both_directions_where_it_was_seen(self) -> None:
        arbitration = self.arbitration(words=(900, 5), claim=(90, 88))
        assert not arbitration.accepts("grounds", "safety_risk|words"), "though cautious rules take words"
        assert arbitration.accepts("grounds", "safety_risk|claim"), "though they do not take claims"
        assert arbitration.accepts("grounds", "long_term_use|words")
        assert not arbitration.accepts("grounds", "long_term_use|claim")

    @pytest.mark.parametrize(
        ("readers", "by_rule"),
        [("words", True), ("words+claim", True), ("quote", True), ("claim", False), ("guideline", False)],
    )
    def test_whatever_gold_shows_of_the_same_readers(self, readers: str, by_rule: bool) -> None:
        # The bar lies between 1 and 85 of 90.
        arbitration = self.arbitration(**{readers: (90, 1) if by_rule else (90, 85)})
        assert arbitration.accepts("grounds", f"safety_risk|{readers}") is not by_rule, "overruled where it was seen"
        assert arbitration.accepts("grounds", f"long_term_use|{readers}") is by_rule
        assert arbitration.share_right("grounds", f"long_term_use|{readers}") is None

    @pytest.mark.parametrize(("readers", "accepted"), [("words+quote", True), ("quote", True), ("claim", False)])
    def test_where_gold_never_shows_its_readers(self, readers: str, accepted: bool) -> None:
        assert self.arbitration().accepts("grounds", f"long_term_use|{readers}") is accepted
        assert self.arbitration().share_right("grounds", f"long_term_use|{readers}") is None

    def test_a_verdict_has_counts_of_its_own(self) -> None:
        # The words that a model denies are wrong, those that it affirms are right.
        arbitration = self.arbitration(**{"words+no": (40, 2), "words+yes": (40, 36)})
        assert not arbitration.accepts("grounds", "safety_risk|words+no")
        assert arbitration.accepts("grounds", "safety_risk|words+yes")
        assert arbitration.accepts("grounds", "safety_risk|words+unsure"), "never seen"
        assert arbitration.accepts("grounds", "long_term_use|words+no"), "never seen of this ground"

    def test_without_the_letters_own_fold(self) -> None:
        # The claims of fold 0 are right, those of fold 1 are not.
        counted = {"safety_risk|words": ([90, 90], [80, 80]), "safety_risk|claim": ([90, 90], [90, 0])}
        counts = table(lists={"grounds": listed([180, 180], counted)})
        assert Arbitration(counts, 1).accepts("grounds", "safety_risk|claim")
        assert not Arbitration(counts, 0).accepts("grounds", "safety_risk|claim")
        # 90 of 180 are right. The bar with all of them is (160 + 90) / (360 + 360) = .35: as many have less than .0001.
        assert Arbitration(counts).accepts("grounds", "safety_risk|claim")
        # A claim that only the own fold shows is as one that gold never shows.
        alone = table(lists={"grounds": listed([180, 180], {**counted, "safety_risk|claim": ([90], [90])})})
        assert Arbitration(alone).accepts("grounds", "safety_risk|claim")
        assert not Arbitration(alone, 0).accepts("grounds", "safety_risk|claim")


class TestWithoutATable:
    @pytest.mark.parametrize(
        ("situation", "accepted"),
        [
            ("both", True),
            ("grammar", True),
            ("model", False),
            ("alone", False),
            ("unfound", False),
            ("long_term_use|words", True),
            ("long_term_use|quote", True),
            ("long_term_use|claim", False),
            ("long_term_use|words+quote", True),
            ("long_term_use|words+claim", True),
            ("long_term_use|words+yes", True),
            ("long_term_use|words+likely", True),
            ("long_term_use|words+unsure", True),
            ("long_term_use|words+no", True),
            ("long_term_use|words+claim+no", True),
            ("long_term_use|quote+no", True),
            ("long_term_use|claim+yes", False),
            ("long_term_use|yes", False),
            ("long_term_use|likely", False),
            ("long_term_use|guideline", False),
            ("long_term_use|guideline+quote", False),
            ("long_term_use|guideline+claim", False),
            ("long_term_use|guideline+yes", False),
            ("long_term_use|guideline+quote+yes", False),
        ],
    )
    def test_cautious_rules(self, situation: str, accepted: bool) -> None:
        for arbitration in (Arbitration(), Arbitration(table()), Arbitration(None, 3)):
            field = "grounds" if "|" in situation else DIAGNOSES
            assert arbitration.accepts(field, situation) is accepted
            assert arbitration.share_right(field, situation) is None

    @pytest.mark.parametrize("verdict", ["yes", "likely", "unsure", "no"])
    def test_a_ground_with_words_a_quote_and_any_verdict_is_taken(self, verdict: str) -> None:
        assert Arbitration().accepts("grounds", f"long_term_use|words+quote+{verdict}")

    @pytest.mark.parametrize("agreement", ["differ", "model_only", "grammar_only"])
    def test_a_typed_value_is_the_grammars(self, agreement: Any) -> None:
        assert not Arbitration().prefers_model("category", agreement)

    def test_a_table_of_one_list_leaves_the_other_to_cautious_rules(self) -> None:
        arbitration = Arbitration(table(lists={"grounds": listed(9, {"safety_risk|words": (9, 0)})}))
        assert arbitration.accepts(DIAGNOSES, "grammar")
        assert not arbitration.accepts(DIAGNOSES, "model")


class TestCrossValidatedF1:
    def test_each_fold_is_judged_by_the_others(self) -> None:
        # Fold 0 alone would take the model's entries, which are right there and nowhere else.
        counts = listed([10, 10], {"both": ([8, 8], [8, 8]), "model": ([9, 90], [9, 0])})
        # Fold 0 is judged by 0 right ones of 90: they are left out. Fold 1 is judged by 9 of 9: the shares of both
        # (8 + 8 * 9/10) / 16 and of the model (9 + 8 * 10/11) / 17 give the bar (8 * .95 + 9 * .957) / (17 + 10) = .60,
        # its 9th power is .010: 90 wrong ones are taken.
        assert cross_validated_f1(table(lists={DIAGNOSES: counts}), DIAGNOSES) == pytest.approx(2 * 16 / (16 + 90 + 20))

    def test_without_entries(self) -> None:
        assert cross_validated_f1(table(), DIAGNOSES) is None
        assert cross_validated_f1(table(lists={DIAGNOSES: entries(0, both=(0, 0))}), DIAGNOSES) is None
