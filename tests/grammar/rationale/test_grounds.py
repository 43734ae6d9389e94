"""The grounds that a rationale's words state, and whether the words are about the case or about a guideline."""

from __future__ import annotations

import pytest

from imrllm.grammar.rationale.grounds import read_grounds
from imrllm.records import Decision
from tests.grammar.folded import part
from tests.grammar.labels import rows


def stated(text: str, decision: Decision = "upheld", *, applied: bool = True) -> set[str]:
    """The grounds whose words are about the case, or those whose words only describe a guideline."""
    return {found.value for found in read_grounds(part(text), decision) if found.applied == applied}


@pytest.mark.parametrize(
    ("text", "grounds", "reason"),
    [
        ("There is no documentation of less pain or better function.", {"no_functional_improvement"}, "benefit"),
        ("There is no record of lasting relief from the pills.", {"no_functional_improvement"}, "relief"),
        ("His response to the first six visits was not reported.", {"no_functional_improvement"}, "a response"),
        ("The claimant has been on this drug for two years.", {"long_term_use"}, "how long"),
        ("He has taken it nightly since 03/02/2016.", {"long_term_use"}, "since when"),
        ("The twenty visits sought exceed what the MTUS advises.", {"exceeds_recommended_amount"}, "an amount"),
        ("He has already had 24 visits.", {"exceeds_recommended_amount"}, "an amount already used"),
        ("There is no evidence of a trial of physical therapy.", {"first_line_not_tried"}, "care not tried"),
        ("Two oral agents have not been tried.", {"first_line_not_tried"}, "drugs not tried"),
        ("There is no sign of nerve root compromise.", {"no_red_flags_or_objective_findings"}, "a sign"),
        ("She has normal reflexes.", {"no_red_flags_or_objective_findings"}, "a normal examination"),
        ("The pair leaves him drowsy at the wheel.", {"safety_risk"}, "harm"),
        ("The request does not state the dose.", {"request_incomplete"}, "a detail"),
        ("The frequency of the visits is not specified.", {"request_incomplete"}, "the detail first"),
        ("The same MRI was already done in May.", {"duplicate_or_already_provided"}, "already done"),
        (
            "Since the operation is not medically necessary, the sling is not needed.",
            {"dependent_on_denied_procedure"},
            "a denied procedure",
        ),
        (
            "The worker does not have a diagnosis of neuropathy.",
            {"not_industrial_or_not_indicated_for_diagnosis"},
            "no",
        ),
        ("The claimant does not meet the criteria.", {"guideline_criteria_not_met"}, "criteria"),
        ("The claimant is not homebound.", {"guideline_criteria_not_met"}, "a status"),
        ("The provider's reason was not provided.", {"insufficient_documentation"}, "records"),
        ("It is unclear why a brace is wanted.", {"insufficient_documentation"}, "unclear"),
        ("No pain contract is in the file.", {"insufficient_documentation"}, "what the file lacks"),
        ("There is no red flag. It does not meet MTUS guidelines.", {"no_red_flags_or_objective_findings"}, "why not"),
    ],
)
def test_grounds_of_upheld_items(text: str, grounds: set[str], reason: str) -> None:
    assert stated(f"{text} The request is not medically necessary.") == grounds, reason


@pytest.mark.parametrize(
    ("text", "grounds", "reason"),
    [
        ("The MTUS criteria are met.", {"guideline_criteria_met"}, "criteria"),
        ("The six visits stay within the guideline.", {"guideline_criteria_met"}, "an amount"),
        ("She walks farther and is back to full duty.", {"supports_recovery_or_function"}, "function"),
        ("There is no improvement in function with rest alone.", set(), "no function"),
    ],
)
def test_grounds_of_overturned_items(text: str, grounds: set[str], reason: str) -> None:
    assert stated(f"{text} It is medically necessary.", "overturned") == grounds, reason


@pytest.mark.parametrize(
    ("text", "absent", "reason"),
    [
        ("There is no report of side effects.", "safety_risk", "no harm is no risk"),
        ("He has had unspecified sprain of the neck.", "request_incomplete", "a diagnosis, not a request"),
        ("The MRI without contrast shows a red flag.", "no_red_flags_or_objective_findings", "contrast is no finding"),
        ("This exceeds the advice for short-term use.", "exceeds_recommended_amount", "how long, not how much"),
        ("The patient has not failed to improve.", "no_functional_improvement", "twice negated"),
        ("Its benefit was not documented.", "insufficient_documentation", "the more specific ground"),
    ],
)
def test_words_that_do_not_state_a_ground(text: str, absent: str, reason: str) -> None:
    found = read_grounds(part(f"{text} The request is not medically necessary."), "upheld")
    assert absent not in {reading.value for reading in found}, reason


RULE = "The MTUS does not recommend opioids in the long term, for they carry a risk of addiction."


@pytest.mark.parametrize(
    ("text", "about_case", "about_guideline"),
    [
        (f"{RULE} There is no documentation of relief.", {"no_functional_improvement"}, {"long_term_use"}),
        (f"{RULE} Patients may come to harm.", {"long_term_use", "safety_risk"}, set()),
        (f"{RULE} In this case the claimant sleeps well.", set(), {"long_term_use", "safety_risk"}),
        (f"{RULE} The worker took it. He is at risk of harm.", {"safety_risk"}, {"long_term_use"}),
        ("According to the notes he has used it long-term.", {"long_term_use"}, set()),
        ("Per the ODG it is used short-term. The patient should be watched. He slept.", set(), {"long_term_use"}),
        ("Short-term relief is the aim. He slept.", set(), {"long_term_use"}),
        (f"{RULE} The pills were taken long-term.", {"long_term_use"}, set()),
        (f"{RULE} The requested dose exceeds the guideline recommendation.", {"exceeds_recommended_amount"}, set()),
        ("Given that the ODG does not recommend it, none is due. He slept.", {"not_recommended_by_guideline"}, set()),
    ],
)
def test_words_about_the_case_and_words_of_a_guideline(
    text: str, about_case: set[str], about_guideline: set[str]
) -> None:
    text = f"{text} The request is not medically necessary."
    assert (stated(text) >= about_case, stated(text, applied=False) >= about_guideline) == (True, True)
    assert not stated(text) & about_guideline


def test_words_about_the_case_are_taken_before_words_of_a_guideline() -> None:
    text = "The MTUS limits this drug to short-term use. The claimant has used it long-term."
    (found,) = (reading for reading in read_grounds(part(text), "upheld") if reading.value == "long_term_use")
    assert found.applied
    assert text[slice(*found.span)].endswith("long-term")


def test_weak_words_count_only_where_nothing_else_is_stated() -> None:
    assert stated("There was no crepitus.") == {"guideline_criteria_not_met"}
    assert stated("There was no crepitus. The dose is not specified.") == {"request_incomplete"}


def test_the_notice_after_an_opioid_decision_states_nothing() -> None:
    notice = "This decision addresses the medical necessity of opioids. Do not stop long-term opioids abruptly."
    assert not stated(f"He slept. The request is not medically necessary. {notice}")


def requested(text: str, category: str | None = None, treatment: str = "") -> set[str]:
    """The grounds about the case, of an upheld request of a category for a treatment."""
    found = read_grounds(part(f"{text} The request is not medically necessary."), "upheld", category, treatment)
    return {reading.value for reading in found if reading.applied}


@pytest.mark.parametrize(
    ("text", "category", "expected", "absent"),
    [
        ("There is no sign of nerve root compromise.", "imaging", "no_red_flags_or_objective_findings", ""),
        (
            "There is no sign of nerve root compromise.",
            "injection",
            "guideline_criteria_not_met",
            "no_red_flags_or_objective_findings",
        ),
        ("The records show no improvement in pain.", "physical_therapy", "no_functional_improvement", ""),
        (
            "There is no documentation of relief.",
            "imaging",
            "insufficient_documentation",
            "no_functional_improvement",
        ),
        ("He has used it for two years.", "medication", "long_term_use", ""),
        ("The claimant meets none of it. He has used it for two years.", "chiropractic", "", "long_term_use"),
        ("This exceeds the recommended treatment period.", "medication", "long_term_use", "exceeds_recommended_amount"),
    ],
)
def test_the_category_of_a_request_tells_what_words_mean(text: str, category: str, expected: str, absent: str) -> None:
    found = requested(text, category)
    assert not expected or expected in found
    assert absent not in found


@pytest.mark.parametrize(
    ("text", "treatment", "expected"),
    [
        ("Per the ODG, magnets are not recommended. He slept.", "Magnets", True),
        ("Per the ODG, magnets are not recommended. He slept.", "Copper cuff", False),
        ("Per the ODG, magnets are not recommended unless rest has failed. He slept.", "Magnets", False),
        ("The MTUS holds that lumbar supports are not recommended. He slept.", "Brace", True),
        ("Per the ODG, magnets are not recommended. He slept.", "", False),
    ],
)
def test_a_guideline_that_does_not_recommend_the_treatment_speaks_of_this_case(
    text: str, treatment: str, expected: bool
) -> None:
    assert ("not_recommended_by_guideline" in requested(text, "equipment", treatment)) == expected


@pytest.mark.parametrize(
    ("text", "ground", "expected", "reason"),
    [
        ("Twelve visits also go beyond the ten that the MTUS allows.", "exceeds_recommended_amount", True, "compared"),
        ("The ODG lists ten. The order does not say how many visits.", "request_incomplete", True, "an order"),
        (
            'The ODG says, "a drug of this class is for use in the short term only, and is watched." He slept.',
            "long_term_use",
            False,
            "a quotation",
        ),
        (
            "It is not medically necessary. Long-term use may be harmful. In this case he slept.",
            "long_term_use",
            False,
            "a rule after the conclusion",
        ),
    ],
)
def test_what_is_said_of_this_case(text: str, ground: str, expected: bool, reason: str) -> None:
    assert (ground in requested(text)) == expected, reason


def test_labelled_rationales() -> None:
    """Sixty invented rationales in many hands, labelled before the words were run on them: .88 then."""
    right = given = true = 0
    for case in rows("rationales.jsonl"):
        read = read_grounds(part(case["rationale"]), case["decision"], case["category"], case["treatment"])
        # What a guideline says counts for an overturned request.
        found = {each.value for each in read if each.applied or each.value == "guideline_criteria_met"}
        right += len(found & set(case["grounds"]))
        given, true = given + len(found), true + len(case["grounds"])
    assert 2 * right / (given + true) >= 0.95
