"""The injured worker's age and sex, the reviewer's states and specialties."""

from __future__ import annotations

import pytest

from imrllm.grammar.people import read_age, read_sex, read_specialties, read_states
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("text", "age", "reason"),
    [
        ("a 48 year old male", 48, "figures and words"),
        ("a 54-year-old female", 54, "hyphens"),
        ("62 years old", 62, "years"),
        ("62 years of age", 62, "of age"),
        ("48 y/o", 48, "y/o"),
        ("48 yo male", 48, "yo"),
        ("48-yr-old", 48, "yr"),
        ("48 yr. old", 48, "yr."),
        ("a 48 -year-old man", 48, "a space before the hyphen"),
        ("forty-eight year old", 48, "in words"),
        ("age 48", 48, "age"),
        ("aged 48", 48, "aged"),
        ("Age: 48", 48, "a label"),
        ("a 48 year old male, injured as a 40 year old", 48, "the first"),
        ("2048 year old", None, "a part of a number is none"),
        ("148 year old", None, "no such age"),
        ("5.48 year old", None, "a part of a decimal is none"),
        ("a 10 year history of pain", None, "a history is no age"),
        ("a two year old injury", None, "an injury's age in words"),
    ],
)
def test_age(text: str, age: int | None, reason: str) -> None:
    assert values(read_age(part(text))) == age, reason


@pytest.mark.parametrize(
    ("text", "sex", "reason"),
    [
        ("a 48 year old male", "male", "a noun"),
        ("a 54-year-old right hand dominant female", "female", "after other words; male is no part of female"),
        ("48 y/o M", "male", "a letter"),
        ("48 yo F", "female", "a letter"),
        ("a 54 year old woman", "female", "woman"),
        ("this gentleman", "male", "gentleman"),
        ("Her male physician saw the 48-year-old female", "female", "the one after the age"),
        ("male erectile dysfunction", None, "part of a diagnosis"),
        ("a 40-year-old. She reports pain in her knee.", "female", "pronouns, where no noun says it"),
        ("he says that she fell", None, "pronouns that do not agree"),
        ("The attending provider did not state why he asked.", None, "a provider's pronoun"),
        ("he/she has no affiliation", None, "both in one"),
    ],
)
def test_sex(text: str, sex: str | None, reason: str) -> None:
    assert values(read_sex(part(text))) == sex, reason


@pytest.mark.parametrize(
    ("text", "states", "reason"),
    [
        ("State(s) of Licensure: California", ("California",), "one"),
        ("State(s) of Licensure: Texas,New York", ("Texas", "New York"), "no space after the comma"),
        (
            "State(s) of Licensure: Texas, New York Certification(s)/Specialty: Urology",
            ("Texas", "New York"),
            "up to the next",
        ),
        ("State(s) of Licensure: West Virginia, Virginia", ("West Virginia", "Virginia"), "a name inside another"),
        ("State(s) of Licensure: Kansas, Arkansas", ("Kansas", "Arkansas"), "a name inside another's end"),
        (
            "State(s) of Licensure: Washington, D.C., Ohio",
            ("District of Columbia", "Ohio"),
            "the capital is not the state",
        ),
        ("He is licensed to practice in California. He has been", ("California",), "the older prose"),
        ("licensed to practice in Texas and New Mexico.", ("Texas", "New Mexico"), "two in prose"),
        ("He lives in Ohio.", (), "no licence"),
    ],
)
def test_states(text: str, states: tuple[str, ...], reason: str) -> None:
    assert values(read_states(part(text))) == states, reason


@pytest.mark.parametrize(
    ("text", "specialties", "reason"),
    [
        ("Certification(s)/Specialty: Family Practice", ("Family Practice",), "one"),
        (
            "Certification(s)/Specialty: Physical Medicine & Rehabilitation, Pain Management",
            ("Physical Medicine & Rehabilitation", "Pain Management"),
            "split at commas; an ampersand does not split",
        ),
        (
            (
                "The expert reviewer is Board Certified in Physical Medicine and Rehabilitation, has a subspecialty in "
                "Interventional Spine and is licensed to practice in California."
            ),
            ("Physical Medicine and Rehabilitation", "Interventional Spine"),
            "the older prose: X and Y",
        ),
        (
            "He is Board Certified in Internal Medicine and is licensed to practice in Texas.",
            ("Internal Medicine",),
            "X alone",
        ),
        ("State(s) of Licensure: Texas", (), "none"),
    ],
)
def test_specialties(text: str, specialties: tuple[str, ...], reason: str) -> None:
    assert values(read_specialties(part(text))) == specialties, reason
