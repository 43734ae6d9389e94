"""Lists that take judgment: what a table has the record hold, what the checks say of it, and its evidence."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm.answer_models import GroundReason
from imrllm.crosscheck import GroundAnswers, Resolved
from imrllm.records import Check, ConflictPolicy
from imrllm.trust import Arbitration, ListCounts
from tests.crosscheck.pointers import altered, is_there, value_at
from tests.letters import RIGHT_CASE, RIGHT_ITEMS, THREE, Item, letter, read
from tests.trust.made import PRIOR, listed, table

DIAGNOSES = "/clinical_summary/diagnoses"
GROUNDS = "/disputed_items/0/grounds"
LETTER = read(letter(*THREE))
READ = ("lumbar radiculopathy", "insomnia")


def accepting(
    *situations: str, refusing: tuple[str, ...] = (), field: str = "clinical_summary.diagnoses"
) -> Arbitration:
    """What a table that shows these situations to be right, and those to be wrong, has the record take."""
    counted = {**dict.fromkeys(situations, (90, 80)), **dict.fromkeys(refusing, (90, 1))}
    counts: ListCounts = listed(90 * len(situations), counted)
    return Arbitration(table(lists={field: counts}))


def checks(result: Resolved, pointer: str) -> list[Check]:
    found = [check for check in result.checks if f"{check.pointer}/".startswith(f"{pointer}/")]
    assert all(is_there(result.record, check.pointer) for check in found)
    return found


class TestListsOfTheSummary:
    def resolve(
        self, entries: tuple[str, ...], arbitration: Arbitration, policy: ConflictPolicy = "repair"
    ) -> tuple[tuple[str, ...], dict[tuple[str, str], str]]:
        """The diagnoses, and the resolution of each check by pointer and status."""
        case = altered(RIGHT_CASE, DIAGNOSES, entries)
        result = LETTER.resolve(case, RIGHT_ITEMS, policy, arbitration=arbitration)
        for index, entry in enumerate(result.record.clinical_summary.diagnoses):
            spans = result.evidence.get(f"{DIAGNOSES}/{index}", ())
            assert all(" ".join(LETTER.text[start:end].split()) == entry for start, end in spans), entry
        return result.record.clinical_summary.diagnoses, {
            (check.pointer.removeprefix(DIAGNOSES), check.status): check.resolution
            for check in checks(result, DIAGNOSES)
        }

    def test_entries_of_the_model_alone_where_gold_shows_them_right(self) -> None:
        kept, told = self.resolve(("insomnia", "sleeps badly"), accepting("both", "grammar", "model"))
        assert kept == (*READ, "sleeps badly"), "in the order of the letter"
        assert told == {
            ("/0", "missing"): "source",
            ("/1", "confirmed"): "none",
            ("/2", "confirmed"): "none",
            ("", "conflict"): "model",
        }

    def test_entries_of_the_grammar_alone_where_gold_shows_them_wrong(self) -> None:
        kept, told = self.resolve(("insomnia",), accepting("both", refusing=("grammar",)))
        assert kept == ("insomnia",)
        assert told[("/0", "confirmed")] == "none"
        assert told[("", "missing")] == "model", "and what is left out is said"

    def test_intersection(self) -> None:
        kept, told = self.resolve(("insomnia", "sleeps badly"), accepting("both", refusing=("grammar", "model")))
        assert kept == ("insomnia",)
        # The check of the whole list comes last and has the pointer of those of entries that were not taken.
        assert set(told) == {("/0", "confirmed"), ("", "missing"), ("", "conflict")}

    def test_an_entry_that_is_not_in_the_letter_is_unsupported_even_if_taken(self) -> None:
        kept, told = self.resolve((*READ, "gout"), accepting("both", "unfound"))
        assert kept == (*READ, "gout")
        assert told[("/2", "unsupported")] == "model"

    def test_all_alike_is_confirmed(self) -> None:
        kept, told = self.resolve(READ, accepting("both"))
        assert kept == READ
        assert told == {("/0", "confirmed"): "none", ("/1", "confirmed"): "none", ("", "confirmed"): "none"}

    @pytest.mark.parametrize("policy", ["flag", "reask"])
    def test_another_policy_keeps_the_models(self, policy: ConflictPolicy) -> None:
        kept, _ = self.resolve(("gout", "insomnia"), accepting("both", refusing=("unfound",)), policy)
        assert kept == ("gout", "insomnia")

    def test_a_case_without_an_answer_has_the_grammars_whatever_gold_shows(self) -> None:
        refusing = accepting("both", refusing=("grammar",))
        result = LETTER.resolve(None, RIGHT_ITEMS, arbitration=refusing)
        assert result.record.clinical_summary.diagnoses == READ
        assert {check.status for check in checks(result, DIAGNOSES)} == {"missing"}

    def test_what_was_not_asked_is_the_grammars_without_a_check(self) -> None:
        result = LETTER.resolve(None, [None] * 3, asked=False, arbitration=accepting("both", refusing=("grammar",)))
        assert result.record.clinical_summary.diagnoses == READ
        assert checks(result, DIAGNOSES) == []
        assert f"{DIAGNOSES}/1" in result.evidence
        assert DIAGNOSES not in result.candidates, "nothing to count"


WORDS = "The requested drug is not recommended for long-term use."
GUIDELINE = "It is not recommended for long-term use."
QUOTE = "pain is what it was after 18 visits"


def ground(
    *reasons: tuple[str, str],
    verdicts: dict[str, float] | None = None,
    arbitration: Arbitration | None = None,
    policy: ConflictPolicy = "repair",
    outcome: str = "Upheld",
    asked: bool = True,
    words: str = WORDS,
) -> tuple[Resolved, str]:
    """One item's grounds, settled; and the letter."""
    concluded = "is not" if outcome == "Upheld" else "is"
    text = f"The worker\u2019s {QUOTE}. {words} The request {concluded} medically necessary."
    own = read(letter(Item("Ativan 1mg #30", outcome, rationale=text)))
    answer = altered(RIGHT_ITEMS[2], "/grounds", ())
    answers = GroundAnswers(
        tuple(GroundReason(quote=quote, ground=kind) for quote, kind in reasons),  # type: ignore[arg-type]
        verdicts or {},
    )
    options: dict[str, Any] = {"asked": asked, "grounds": [answers], "arbitration": arbitration}
    return own.resolve(RIGHT_CASE, (answer,), policy, **options), own.text


def kept(result: Resolved) -> tuple[str, ...]:
    return result.record.disputed_items[0].grounds


class TestGrounds:
    def test_the_evidence_is_the_reviewers_own_words(self) -> None:
        result, text = ground((QUOTE.upper(), "no_functional_improvement"), ("", "long_term_use"))
        assert kept(result) == ("no_functional_improvement", "long_term_use")
        quoted, read_ = (result.evidence[f"{GROUNDS}/{index}"] for index in (0, 1))
        assert [" ".join(text[start:end].split()) for start, end in quoted] == [QUOTE]
        assert all("long-term" in text[start:end] for start, end in read_)
        rationale = result.evidence["/disputed_items/0/rationale"][0]
        assert all(rationale[0] <= start < end <= rationale[1] for start, end in (*quoted, *read_))

    def test_words_and_another_quote_are_both_its_evidence(self) -> None:
        result, _ = ground((QUOTE, "long_term_use"))
        assert len(result.evidence[f"{GROUNDS}/0"]) == 2
        (check,) = checks(result, GROUNDS)
        assert (check.status, check.resolution, check.risk) == ("confirmed", "none", None)

    @pytest.mark.parametrize(
        ("quote", "taken", "reason"),
        [
            (QUOTE, True, "the reviewer's words"),
            (QUOTE.replace("18", "19"), False, "a figure altered"),
            ("the worker has shown no gain at all", False, "a paraphrase"),
            ("", False, "none"),
        ],
    )
    def test_a_ground_of_the_model_alone_needs_a_quote_that_stands_there(
        self, quote: str, taken: bool, reason: str
    ) -> None:
        result, _ = ground((quote, "no_functional_improvement"))
        assert ("no_functional_improvement" in kept(result)) == taken, reason
        (check,) = (each for each in checks(result, GROUNDS) if each.model_value == "no_functional_improvement")
        assert (check.status, check.resolution) == ("unsupported", "model" if taken else "source"), reason
        assert bool(check.span) == taken, reason
        flagged, _ = ground((quote, "no_functional_improvement"), policy="flag")
        assert kept(flagged) == ("no_functional_improvement",), reason

    @pytest.mark.parametrize(
        ("outcome", "impossible"), [("Upheld", "guideline_criteria_met"), ("Overturned", "long_term_use")]
    )
    @pytest.mark.parametrize("quote", [QUOTE, ""])
    def test_an_impossible_ground_contradicts_the_decision_even_with_a_quote(
        self, outcome: str, impossible: str, quote: str
    ) -> None:
        result, _ = ground((quote, impossible), outcome=outcome)
        assert impossible not in kept(result)
        (check,) = (each for each in checks(result, GROUNDS) if each.status == "conflict")
        assert (check.pointer, check.model_value, check.resolution) == (GROUNDS, [impossible], "source")
        flagged, _ = ground((quote, impossible), outcome=outcome, policy="flag")
        assert kept(flagged) == (impossible,)
        assert next(each.status for each in checks(flagged, GROUNDS) if each.pointer == GROUNDS) == "conflict"

    def test_an_impossible_ground_is_not_taken_whatever_gold_shows(self) -> None:
        trusting = accepting("guideline_criteria_met|quote", refusing=("long_term_use|words",), field="grounds")
        result, _ = ground((QUOTE, "guideline_criteria_met"), arbitration=trusting)
        assert kept(result) == ()

    @pytest.mark.parametrize(
        ("probability", "status"),
        [(0.9, "confirmed"), (0.65, "confirmed"), (0.55, "confirmed"), (0.45, "missing"), (0.1, "missing")],
    )
    def test_a_verdict_leaves_words_in_the_record_without_a_table(self, probability: float, status: str) -> None:
        result, _ = ground(verdicts={"long_term_use": probability})
        assert kept(result) == ("long_term_use",)
        (check,) = checks(result, GROUNDS)
        assert (check.pointer, check.status) == (f"{GROUNDS}/0", status)
        assert check.resolution == ("none" if status == "confirmed" else "source"), "a doubt is said"

    @pytest.mark.parametrize(
        ("probability", "taken", "status"),
        [(0.9, True, "confirmed"), (0.65, True, "confirmed"), (0.55, False, "conflict"), (0.1, False, "missing")],
    )
    def test_gold_may_have_words_left_out_that_a_model_doubts(
        self, probability: float, taken: bool, status: str
    ) -> None:
        wary = accepting(
            "long_term_use|words+yes",
            "long_term_use|words+likely",
            refusing=("long_term_use|words+unsure", "long_term_use|words+no"),
            field="grounds",
        )
        result, _ = ground(verdicts={"long_term_use": probability}, arbitration=wary)
        assert kept(result) == (("long_term_use",) if taken else ())
        (check,) = checks(result, GROUNDS)
        assert (check.pointer, check.status) == (f"{GROUNDS}/0" if taken else GROUNDS, status)

    @pytest.mark.parametrize(
        ("reasons", "verdicts", "status"),
        [
            ((), {}, "missing"),
            ((("", "long_term_use"),), {}, "conflict"),
            ((), {"long_term_use": 0.9}, "conflict"),
        ],
    )
    def test_words_that_only_describe_a_guideline_are_not_taken_without_a_table(
        self, reasons: tuple[tuple[str, str], ...], verdicts: dict[str, float], status: str
    ) -> None:
        result, text = ground(*reasons, verdicts=verdicts, words=GUIDELINE)
        assert kept(result) == ()
        assert f"{GROUNDS}/0" not in result.evidence
        (check,) = checks(result, GROUNDS)
        assert (check.pointer, check.status) == (GROUNDS, status), "and what is left out is said"
        assert check.span
        assert "long-term" in text[slice(*check.span)]
        assert result.candidates[GROUNDS][0].situation.startswith("long_term_use|guideline")

    def test_a_quote_of_words_that_only_describe_a_guideline_is_not_taken_without_a_table(self) -> None:
        result, _ = ground(("for long-term use", "long_term_use"), words=GUIDELINE)
        assert kept(result) == ()
        assert [check.status for check in checks(result, GROUNDS)] == ["conflict"]

    def test_gold_may_have_words_taken_that_only_describe_a_guideline(self) -> None:
        result, text = ground(words=GUIDELINE, arbitration=accepting("long_term_use|guideline", field="grounds"))
        assert kept(result) == ("long_term_use",)
        assert all("long-term" in text[start:end] for start, end in result.evidence[f"{GROUNDS}/0"])

    @pytest.mark.parametrize("policy", ["flag", "repair"])
    def test_a_ground_given_twice_is_held_once(self, policy: ConflictPolicy) -> None:
        once, _ = ground(("", "long_term_use"), policy=policy)
        twice, _ = ground(("", "long_term_use"), ("", "long_term_use"), policy=policy)
        assert kept(once) == ("long_term_use",)
        assert (twice.record, twice.checks, twice.evidence) == (once.record, once.checks, once.evidence)

    def test_gold_may_have_a_verdict_of_no_taken_and_a_claim(self) -> None:
        trusting = accepting("long_term_use|words+no", "safety_risk|claim", field="grounds")
        result, _ = ground(("", "safety_risk"), verdicts={"long_term_use": 0.1}, arbitration=trusting)
        assert kept(result) == ("safety_risk", "long_term_use")
        assert f"{GROUNDS}/0" not in result.evidence, "no words stand for it"
        assert [(check.pointer[-2:], check.status, check.resolution) for check in checks(result, GROUNDS)] == [
            ("/0", "unsupported", "model"),
            ("/1", "missing", "source"),
        ]

    def test_the_risk_is_the_share_of_wrong_ones_in_the_situation(self) -> None:
        # 80 of 90 are right, and 8 of the average 81 of 92.
        risk = round(1 - (80 + PRIOR * 81 / 92) / (90 + PRIOR), 3)
        trusting = accepting("long_term_use|words+quote", field="grounds")
        result, _ = ground(("for long-term use", "long_term_use"), arbitration=trusting)
        (check,) = checks(result, GROUNDS)
        assert (check.status, check.risk) == ("confirmed", risk)

    def test_what_is_not_taken_has_no_risk_of_its_own(self) -> None:
        wary = accepting("safety_risk|words", refusing=("long_term_use|words+quote",), field="grounds")
        result, _ = ground(("for long-term use", "long_term_use"), arbitration=wary)
        assert kept(result) == ()
        (check,) = checks(result, GROUNDS)
        assert (check.pointer, check.status, check.risk, check.resolution) == (GROUNDS, "conflict", None, "source")


class TestGroundsWithoutAModel:
    def test_the_words_own_with_a_check(self) -> None:
        result, text = ground(asked=False)
        assert kept(result) == ("long_term_use",)
        (check,) = checks(result, GROUNDS)
        assert (check.pointer, check.status, check.risk) == (f"{GROUNDS}/0", "confirmed", None)
        assert check.model_value is None
        assert check.source_value == "long_term_use"
        assert check.span
        assert "long-term" in text[slice(*check.span)]
        assert value_at(result.record, check.pointer) == "long_term_use"

    def test_the_check_carries_the_risk_that_gold_shows(self) -> None:
        result, _ = ground(asked=False, arbitration=accepting("long_term_use|words", field="grounds"))
        (check,) = checks(result, GROUNDS)
        assert check.risk == round(1 - (80 + PRIOR * 81 / 92) / (90 + PRIOR), 3)
        assert kept(result) == ("long_term_use",)

    def test_words_that_gold_shows_to_mislead_are_no_ground(self) -> None:
        wary = accepting("safety_risk|words", refusing=("long_term_use|words",), field="grounds")
        result, _ = ground(asked=False, arbitration=wary)
        assert kept(result) == ()
        assert checks(result, GROUNDS) == []
        assert result.candidates[GROUNDS][0].situation == "long_term_use|words", "counted all the same"

    def test_words_that_only_describe_a_guideline_are_no_ground_without_a_table(self) -> None:
        result, _ = ground(asked=False, words=GUIDELINE)
        assert kept(result) == ()
        assert checks(result, GROUNDS) == []
        assert result.candidates[GROUNDS][0].situation == "long_term_use|guideline", "counted all the same"

    def test_a_ground_that_gold_never_shows_keeps_its_cautious_rule(self) -> None:
        # Gold shows the same kinds of words of another ground alone.
        for words, arbitration, taken in (
            (WORDS, accepting("safety_risk|words", field="grounds"), True),
            (WORDS, accepting("safety_risk|quote", refusing=("safety_risk|words",), field="grounds"), True),
            (GUIDELINE, accepting("safety_risk|guideline", field="grounds"), False),
        ):
            result, _ = ground(asked=False, words=words, arbitration=arbitration)
            assert kept(result) == (("long_term_use",) if taken else ())
            assert all(check.risk is None for check in checks(result, GROUNDS)), "no risk of its own was seen"
