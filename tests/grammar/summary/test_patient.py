"""The injured worker's age and sex."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.patient import read_age, read_sex
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
