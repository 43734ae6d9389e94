"""The grounds that a rationale's words state, and whether the words are about the case or about a guideline."""

from __future__ import annotations

import pytest

from imrllm.grammar.rationale.grounds import read_grounds
from imrllm.records import Decision
from tests.grammar.folded import part


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
