"""The list of MTUS chapters: names with slips are known, other names are not."""

from __future__ import annotations

import pytest

from imrllm.grammar.basis.chapters import chapter_end, is_known


@pytest.mark.parametrize(
    ("printed", "known", "reason"),
    [
        ("Low Back Complaints", True, "as the regulation has it"),
        ("low back complaints", True, "in small letters"),
        ("Low Back Compliants", True, "two letters swapped"),
        ("Low Back Complaint", True, "one letter missing"),
        ("Chronic Pain Treatement Guidelines", True, "one letter more"),
        ("Chapter 12 (Low Back Complaints)", True, "with its number"),
        ("Opioid Treatment", True, "of 2016"),
        ("Tooth Complaints", False, "no chapter"),
        ("Low Back Complaints and Others", False, "more than a name"),
        ("Opioids", False, "a topic, where no year follows"),
        ("ACOEM", True, "a chapter of the review organization's list"),
    ],
)
def test_is_known(printed: str, known: bool, reason: str) -> None:
    assert is_known(printed) is known, reason


@pytest.mark.parametrize(
    ("printed", "known", "reason"),
    [
        ("Opioids", True, "a chapter of 2017"),
        ("Low Back", True, "a lost word"),
        ("Foot and Ankle Disorder", True, "in another order"),
        ("Coronavirus (COVID-19)", True, "a name that ends in a bracket"),
        ("Drug List", True, "of the formulary"),
        ("Tooth Disorders", False, "no chapter"),
        ("Weaning of Medications", False, "a topic"),
    ],
)
def test_a_year_makes_a_short_name_known(printed: str, known: bool, reason: str) -> None:
    assert is_known(printed, 2018) is known, reason


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (
            "Chronic Pain Treatement Guidelines Opioids",
            "Chronic Pain Treatement Guidelines",
            "a topic follows",
        ),
        ("Low Back Compliants, Lifting", "Low Back Compliants", "a comma follows it"),
        ("Chronic Pain 2016", "Chronic Pain", "a short name with its year"),
        ("Chronic Pain (2017), Massage", "Chronic Pain", "in brackets"),
        ("Coronavirus (COVID-19) 2021", "Coronavirus (COVID-19)", "a bracket of its own"),
        ("Wrist, Hand, & Forarm Disorders 2019", "Wrist, Hand, & Forarm Disorders", "another order, and a slip"),
        ("Drug Formulary exempt", "Drug Formulary", "the formulary"),
    ],
)
def test_a_name_ends_where_its_topic_starts(text: str, name: str, reason: str) -> None:
    assert text[: chapter_end(text, 0, len(text))] == name, reason


def test_a_letter_that_is_longer_in_lower_case_moves_no_offset() -> None:
    name = "Chronic Pain \u0130eatment Guidelines"
    assert chapter_end(name, 0, len(name)) == len(name)
