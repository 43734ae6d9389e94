"""The entries that a list might hold, their situations, and the reviewer's own words for a ground."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.answer_models import GroundReason
from imrllm.crosscheck import GroundAnswers
from imrllm.crosscheck.candidates import Candidate, find_quote, ground_candidates, list_candidates
from imrllm.documents import fold
from imrllm.fields import BY_NAME
from imrllm.grammar import Part, Reading, tidy_treatment
from imrllm.grammar.rationale.grounds import read_grounds
from imrllm.spans import FoldedSpan

RATIONALE = (
    "Guidelines ask for a trial of therapy. The worker\u2019s pain   is unchanged\nafter 18 visits; it is not "
    "recommended for long-term use. The request is not medically necessary."
)
FOLDED = fold(RATIONALE)
# As in a letter: the rationale does not begin at the text's first character.
BEFORE = 10
PART = Part(FOLDED.text, FOLDED.printed).cut(BEFORE, len(FOLDED.text))
UNCHANGED = "pain is unchanged after 18 visits"


def words(span: FoldedSpan | None) -> str | None:
    """The words of a span of the letter's folded text."""
    return FOLDED.printed[slice(*span)] if span else None


class TestQuotes:
    @pytest.mark.parametrize(
        ("quote", "found", "reason"),
        [
            (UNCHANGED, UNCHANGED, "as it is folded"),
            (UNCHANGED.upper(), UNCHANGED, "in capitals"),
            ("pain   is unchanged\nafter\t18 visits", UNCHANGED, "with white space as printed"),
            (
                "  \u201cpain is unchanged after 18 visits...\u201d ",
                UNCHANGED,
                "between quotation marks, with an ellipsis",
            ),
            ("pain is unchanged after 18 visits\u2026", UNCHANGED, "with an ellipsis of one character"),
            ("worker's pain is", "worker\u2019s pain is", "with a plain apostrophe"),
            ("worker\u2019s pain is", "worker\u2019s pain is", "with the printed one"),
            ("long\u2011term use", "long-term use", "with another hyphen"),
            ("The request is not medically necessary.", "The request is not medically necessary", "a whole sentence"),
        ],
    )
    def test_verbatim_words_are_found(self, quote: str, found: str, reason: str) -> None:
        assert words(find_quote(quote, PART)) == found, reason

    @pytest.mark.parametrize(
        ("quote", "reason"),
        [
            ("pain is unchanged after 19 visits", "another figure"),
            ("pain is not unchanged after 18 visits", "a word more"),
            ("pain unchanged after 18 visits", "a word less"),
            ("pain is unchanged ... 18 visits", "a gap"),
            ("pain is unaltered after 18 visits", "a paraphrase"),
            ("after 18 visits pain is unchanged", "another order"),
            ("recommended for longterm use", "no hyphen"),
            ("Guidelines ask", "words before the rationale"),
            ("", "nothing"),
            (" ... ", "nothing but marks"),
            ("18", "too short to say anything"),
            ("visits;", "seven letters"),
        ],
    )
    def test_altered_words_are_not(self, quote: str, reason: str) -> None:
        assert find_quote(quote, PART) is None, reason

    @given(st.integers(0, len(PART.text)), st.integers(8, 60), st.data())
    def test_any_stretch_is_found_whatever_its_case_and_white_space(
        self, start: int, size: int, data: st.DataObject
    ) -> None:
        stretch = PART.printed[start : start + size]
        shown = "".join(
            data.draw(st.sampled_from([each.lower(), each.upper()])) if each.isascii() else each for each in stretch
        ).replace(" ", data.draw(st.sampled_from([" ", "\n", " \t ", "\r\n"])))
        span = find_quote(shown, PART)
        wanted = stretch.strip(" \t\n.,;:\"'\u201c\u201d\u2018\u2019\u2026")
        # A word or a number is never matched in part.
        whole = re.search(rf"(?<!\w){re.escape(wanted.lower())}(?!\w)", PART.printed.lower())
        if len(wanted) < 8 or whole is None:
            assert span is None
        else:
            assert (words(span) or "").lower() == wanted.lower()

    def test_a_number_is_not_matched_in_part(self) -> None:
        text = "The worker has had 118 sessions of therapy."
        part = Part(text, text)
        assert find_quote("118 sessions of therapy", part) is not None
        assert find_quote("8 sessions of therapy", part) is None

    @given(st.integers(0, len(PART.text) - 12), st.integers(0, 11))
    def test_a_stretch_with_one_character_another_is_not(self, start: int, at: int) -> None:
        stretch = PART.printed[start : start + 12]
        altered = f"{stretch[:at]}\u00a7{stretch[at + 1 :]}"
        assert find_quote(altered, PART) is None

    @pytest.mark.parametrize("letter", ["\u0130", "\ufb01", "\u1e9e", "\u00df"])
    def test_letters_whose_lower_case_is_longer_move_no_span(self, letter: str) -> None:
        text = f"Dr. {letter}{letter}{letter} notes that no gain was recorded here."
        part = Part(fold(text).text, fold(text).printed)
        span = find_quote("No gain was recorded", part)
        assert span is not None
        assert text[slice(*span)] == "no gain was recorded"


def reasons(*given: tuple[str, str]) -> GroundAnswers:
    return GroundAnswers(tuple(GroundReason(quote=quote, ground=ground) for quote, ground in given))  # type: ignore[arg-type]


def candidates(answers: GroundAnswers, decision: Any = "upheld") -> dict[str, Candidate]:
    # The words state the other ground too: here it is the model's alone.
    read = tuple(each for each in read_grounds(PART, decision) if each.value != "no_functional_improvement")
    found = ground_candidates(answers, read, PART)
    assert len({each.value for each in found}) == len(found), "each once"
    return {each.value: each for each in found}


class TestGrounds:
    @pytest.mark.parametrize(
        ("answers", "ground", "situation", "evidence"),
        [
            (GroundAnswers(), "long_term_use", "words", ["for long-term use"]),
            (
                reasons(("for LONG-TERM use", "long_term_use")),
                "long_term_use",
                "words+quote",
                ["for long-term use", "long-term use"],
            ),
            (reasons(("for ever", "long_term_use")), "long_term_use", "words+claim", ["for long-term use"]),
            (reasons(("", "long_term_use")), "long_term_use", "words+claim", ["for long-term use"]),
            (reasons((UNCHANGED, "no_functional_improvement")), "no_functional_improvement", "quote", [UNCHANGED]),
            (reasons(("no gain", "no_functional_improvement")), "no_functional_improvement", "claim", []),
        ],
    )
    def test_who_gave_it(self, answers: GroundAnswers, ground: str, situation: str, evidence: list[str]) -> None:
        found = candidates(answers)[ground]
        assert found.situation == f"{ground}|{situation}"
        shown = [words(span) or "" for span in found.spans]
        assert len(shown) == len(evidence)
        assert all(mine in theirs or theirs in mine for mine, theirs in zip(shown, evidence, strict=True)), shown
        assert found.claimed == (ground if answers.reasons else None)
        assert found.stated == ("words" in situation)

    @pytest.mark.parametrize(
        ("probability", "verdict", "given"),
        [
            (1.0, "yes", True),
            (0.75, "yes", True),
            (0.74, "likely", True),
            (0.6, "likely", True),
            (0.59, "unsure", True),
            (0.5, "unsure", True),
            (0.49, "unsure", False),
            (0.4, "unsure", False),
            (0.39, "no", False),
            (0.0, "no", False),
        ],
    )
    def test_a_verdict_in_words(self, probability: float, verdict: str, given: bool) -> None:
        answers = GroundAnswers(verdicts={"long_term_use": probability})
        found = candidates(answers)["long_term_use"]
        assert found.situation == f"long_term_use|words+{verdict}"
        assert found.claimed == ("long_term_use" if given else None)
        assert answers.given == (("long_term_use",) if given else ())

    def test_a_quote_and_a_verdict(self) -> None:
        answers = GroundAnswers(reasons(("for long-term use", "long_term_use")).reasons, {"long_term_use": 0.1})
        assert candidates(answers)["long_term_use"].situation == "long_term_use|words+quote+no"
        assert answers.given == ("long_term_use",), "it gave a reason"

    def test_of_several_reasons_the_quote_that_is_found_counts(self) -> None:
        ground = "no_functional_improvement"
        for order in ((UNCHANGED, "not in it at all"), ("not in it at all", UNCHANGED)):
            found = candidates(reasons(*((quote, ground) for quote in order)))[ground]
            assert found.situation == f"{ground}|quote"
            assert [words(span) for span in found.spans] == [UNCHANGED]

    def test_the_models_come_first_in_its_order(self) -> None:
        given = reasons(("a", "safety_risk"), ("b", "request_incomplete"), ("c", "safety_risk"))
        assert list(candidates(given)) == ["safety_risk", "request_incomplete", "long_term_use"]
        assert given.given == ("safety_risk", "request_incomplete")

    def test_without_a_rationale_no_quote_is_found(self) -> None:
        (found,) = ground_candidates(reasons((UNCHANGED, "safety_risk")), (), None)
        assert (found.situation, found.spans) == ("safety_risk|claim", ())


class TestLists:
    FIELD = BY_NAME["clinical_summary.treatments_to_date"]
    FOLDED = fold("Treatment: ice, Norco 5/325mg #180 and massage. He walks.")
    WHOLE = Part(FOLDED.text, FOLDED.printed)

    def found(self, claimed: tuple[str, ...], read: tuple[str, ...]) -> list[Candidate]:
        readings: list[Reading[object]] = []
        for each in read:
            at = self.FOLDED.text.index(each)
            readings.append(Reading(each, self.WHOLE.span(at, at + len(each))))
        return list_candidates(self.FIELD, claimed, readings, self.WHOLE, self.FOLDED, tidy_treatment)

    def test_who_gave_it_in_the_order_of_the_letter(self) -> None:
        found = self.found(("acupuncture", "walks", "massage"), ("ice", "massage"))
        assert [(each.value, each.situation, each.claimed, each.stated) for each in found] == [
            ("ice", "grammar", None, True),
            ("massage", "both", "massage", True),
            ("walks", "model", "walks", False),
            ("acupuncture", "unfound", "acupuncture", False),
        ]
        for each in found:
            assert [self.FOLDED.text[slice(*span)] for span in each.spans] == [each.value] * bool(each.spans)

    def test_an_entry_of_both_is_the_letters(self) -> None:
        (found,) = self.found(("ICE",), ("ice",))
        assert (found.value, found.claimed, found.situation) == ("ice", "ICE", "both")

    def test_an_entrys_own_dose_is_cut_away(self) -> None:
        (alone,) = self.found(("Norco 5/325mg #180",), ())
        assert (alone.value, alone.claimed, alone.situation) == ("Norco", "Norco 5/325mg #180", "alone")
        _, beside = self.found(("Norco 5/325mg #180",), ("ice",))
        assert (beside.value, beside.claimed, beside.situation) == ("Norco", "Norco 5/325mg #180", "model")
        (both,) = self.found(("Norco 5/325mg #180",), ("Norco",))
        assert (both.value, both.situation) == ("Norco", "both")

    def test_where_the_grammar_reads_no_entry_at_all_the_models_are_alone(self) -> None:
        found = self.found(("walks", "acupuncture", "ice"), ())
        assert [(each.value, each.situation) for each in found] == [
            ("ice", "alone"),
            ("walks", "alone"),
            ("acupuncture", "unfound"),
        ]
        beside = self.found(("walks",), ("ice",))
        assert [(each.value, each.situation) for each in beside] == [("ice", "grammar"), ("walks", "model")]

    def test_a_repeated_entry_is_one(self) -> None:
        (found,) = self.found(("ice", "Ice", "ICE"), ())
        assert found.claimed == "ice"

    def test_without_the_part_nothing_is_found(self) -> None:
        (found,) = list_candidates(self.FIELD, ("ice",), (), None, self.FOLDED, tidy_treatment)
        assert found.situation == "unfound"
