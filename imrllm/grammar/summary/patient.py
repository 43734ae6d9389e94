"""The injured worker's age and sex."""

from __future__ import annotations

import re

from imrllm.grammar.numbers import TENS, number
from imrllm.grammar.reading import Part, Reading
from imrllm.records import Sex

# Accepts "48 year old", "54-year-old", "62 years old", "48 y/o", "48 yo", "48-yr-old"; never a part of a number.
# In words only from twenty on: "a two year old injury" is not a worker's age.
_AGE = re.compile(
    rf"(?<![\w.,/-])(?P<age>\d{{1,3}}|{TENS})[- ]{{0,2}}(?:years?|yrs?\.?|y)[- /]{{0,2}}(?:old|o\b|of age)",
    re.IGNORECASE,
)
_AGED = re.compile(r"\b(?:aged?|age of)[: ]{1,2}(?P<age>\d{1,3})\b(?![/-]\d)", re.IGNORECASE)
_SEX = {
    "male": re.compile(r"\b(?:male|man|gentleman)\b(?! (?:erectile|pattern))", re.IGNORECASE),
    "female": re.compile(r"\b(?:female|woman|lady)\b", re.IGNORECASE),
}
_LETTER_SEX = re.compile(r"(?<=[oO] )(?P<sex>[MF])\b(?! \d)")
# How far from the age the sex may stand: "48-year-old right hand dominant female".
_REACH = 90
_PROVIDER = re.compile(r"\b(?:provider|physician|doctor|surgeon|therapist|Dr\.)[^.]{0,150}$", re.IGNORECASE)
# How far before a pronoun its noun is looked for, in characters.
_PRONOUN_REACH = 150
_PRONOUN = re.compile(r"(?<!/)\b(?:he|his|him|she|her|hers)\b(?!/)", re.IGNORECASE)


def read_age(part: Part) -> Reading[int] | None:
    """The injured worker's age in years: the summary's first one."""
    for pattern in (_AGE, _AGED):
        for match in pattern.finditer(part.text):
            if (age := int(number(match["age"]))) <= 120:
                return part.reading(age, *match.span("age"))
    return None


def read_sex(part: Part) -> Reading[Sex] | None:
    """The injured worker's sex as a noun says it, the one that stands nearest after the age, else the first.

    Where no noun does, the pronouns do, as long as all of them agree: "a 40-year-old. She was injured".
    """
    age = _AGE.search(part.text)
    near = _sexes(part, age.end(), age.end() + _REACH) if age else []
    found = near or _sexes(part, 0, len(part.text))
    if found:
        return part.reading(found[0][2], *found[0][:2])
    # A pronoun may be the provider's: "the attending provider did not state why he asked".
    pronouns = [
        found
        for found in _PRONOUN.finditer(part.text)
        if not _PROVIDER.search(part.text, max(0, found.start() - _PRONOUN_REACH), found.start())
    ]
    sexes: set[Sex] = {"male" if word.group().lower() in ("he", "his", "him") else "female" for word in pronouns}
    return part.reading(sexes.pop(), *pronouns[0].span()) if len(sexes) == 1 else None


def _sexes(part: Part, start: int, end: int) -> list[tuple[int, int, Sex]]:
    """The nouns of a stretch that say a sex, in printed order: where each stands, and which."""
    found: list[tuple[int, int, Sex]] = [
        (match.start(), match.end(), sex)  # type: ignore[misc]
        for sex, pattern in _SEX.items()
        for match in pattern.finditer(part.text, start, end)
    ]
    found += [
        (match.start(), match.end(), "male" if match["sex"] == "M" else "female")
        for match in _LETTER_SEX.finditer(part.text, start, end)
    ]
    return sorted(found)
