"""The request category: a lexicon of what treatments are called, after DWC's list of treatment request categories."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from imrllm.folding import lowered
from imrllm.grammar.lexicon import Lexicon
from imrllm.grammar.word_lists import read_entries, read_words
from imrllm.records import Category
from imrllm.spans import PartSpan

# The category names are those of the record: a test reads every section.
_NAMES = tuple(cast(Category, name) for name, _ in read_entries("request/categories.txt"))
_CATEGORIES = Lexicon([entries for _, entries in read_entries("request/categories.txt")])
# Mixtures of a pharmacy.
_COMPOUND = re.compile(
    r"""
    compound
    | \bflu[rt]iflex\b | \btg-?hot\b | \bcap-?toli\b  # names of pharmacies' own mixtures
    | \bcream\ base
    | \bin\ (?:cream|gel)\ base
    | \bcustom\ cream
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORDS = read_words("request/words.txt")
_TOPICAL = re.compile(r"\b(?:cream|gel|ointment|lotion|topical|\d+\s?(?:gm?|grams?))\b", re.IGNORECASE)
_INJECTED = re.compile(r"inject|\bIM\b|\bIV\b|infusion", re.IGNORECASE)
# Ultrasound of something is a study, not a modality.
_SCANNED = re.compile(r"^(?!associated|pre-?\s?op).{0,40}\bultrasound of\b", re.IGNORECASE)
_PURCHASED = re.compile(r"\b(?:unit|rental|(?<!pharmacy )purchase|device)\b", re.IGNORECASE)
# A test that no term knows.
_TEST = re.compile(r"\b(?:test(?:s|ing)?|study|studies)\b", re.IGNORECASE)
# What stands behind these is not what is asked for.
_WITH = re.compile(
    r"""
    \swith\s  # "injection with sedation"
    | ,\s
    | \sunder\s(?!anesthesia)  # "manipulation under anesthesia" is a treatment's name
    | \(?\s\(?(?:ultrasound|fluoro(?:scop\w+)?|CT|image)[- ]guid  # "ultrasound-guided": what guides a needle
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DRUG_FORM = re.compile(_WORDS["signs_of_a_drug"], re.IGNORECASE)
_BEFORE_SURGERY = re.compile(rf"\b(?:{_WORDS['before_surgery']})\b", re.IGNORECASE)


def serves_surgery(request: str) -> bool:
    """Whether a request is for a test that an anesthetist wants: beside an operation in its letter it serves that."""
    return bool(_BEFORE_SURGERY.search(request))


# Several questions are asked of a request and of its treatment, one after another.
@lru_cache(maxsize=8)
def _found_in(text: str) -> frozenset[int]:
    return _CATEGORIES.found_in(lowered(text))


def _categories_in(text: str) -> frozenset[Category]:
    return frozenset(_NAMES[number] for number in _found_in(text))


def is_equipment(text: str) -> bool:
    """Whether a text names equipment."""
    return "equipment" in _categories_in(text)


def treatment_terms(text: str, start: int, end: int) -> list[PartSpan]:
    """Where a stretch of text names treatments, by the terms of the lexicon."""
    return [PartSpan(found.span()) for _, found in _CATEGORIES.matches(lowered(text), start, end)]


def named_terms(text: str) -> list[tuple[Category, PartSpan]]:
    """Where a text names treatments: each term of the lexicon with its category, in the order of the lexicon."""
    return [(_NAMES[number], PartSpan(found.span())) for number, found in _CATEGORIES.matches(lowered(text))]


def named_categories(text: str) -> tuple[frozenset[Category], int]:
    """The categories that a text has terms of, and how many of its words stand in no term of the lexicon."""
    terms = named_terms(text)
    known = {at for _, span in terms for at in range(*span)}
    unknown = sum(word.start() not in known for word in _A_WORD.finditer(text))
    return frozenset(category for category, _ in terms), unknown


def read_category(heading: str, treatment: str, drugs: int, strengths: tuple[str, ...]) -> Category | None:
    """The request category, None where no term of the lexicon settles it.

    Args:
        heading: the whole request, plain text: its lead-ins count too.
        treatment: the treatment's name.
        drugs: how many drugs the request names, a brand of several ingredients counted once.
        strengths: their strengths as the record has them.
    """
    if re.match(r"\s*associated surg", heading, re.IGNORECASE):
        return "surgical_adjunct"
    if of_drug := _drug_category(heading, treatment, drugs, strengths):
        return of_drug
    if _SCANNED.search(heading):
        return "imaging"
    # What a treatment comes "with" is not what it is.
    head = _WITH.split(treatment)[0]
    # An operation that brings its assistant or its stay is an operation.
    in_head = _found_in(head)
    is_operation = any(_NAMES[number] == "surgery" for number in in_head)
    in_opening = _found_in(_WITH.split(heading)[0] if is_operation else heading)
    for number, category in enumerate(_NAMES):
        if number in (in_opening if category == "surgical_adjunct" else in_head):
            # A modality is a therapy when it is given in sessions, equipment when it is bought or rented.
            if category in ("other_therapy", "physical_therapy") and _PURCHASED.search(heading):
                return "equipment"
            return category
    if treatment != heading:
        return read_category(heading, heading, drugs, strengths)
    if _COMPOUND.search(heading):
        return "topical_compound"
    if _DRUG_FORM.search(heading):
        return "medication"
    spelt = _corrected(heading)
    if spelt != heading:
        return read_category(spelt, spelt, drugs, strengths)
    return "other_diagnostic" if _TEST.search(head) else None


def _drug_category(heading: str, treatment: str, drugs: int, strengths: tuple[str, ...]) -> Category | None:
    """The category of a request that names a drug or a strength; None where it asks for something else."""
    # A drug that a test is for ("urine drug screen for norco") is not asked for.
    if not ((drugs and "laboratory" not in _categories_in(treatment)) or strengths):
        return None
    shares = [strength for strength in strengths if strength.endswith("%")]
    # Several drugs under one slash in a cream, or by the gram, are mixed for the patient; a brand and its generic
    # count as one drug here.
    mixed = drugs >= 2 and (len(shares) >= 2 or ("/" in treatment and _TOPICAL.search(heading)))
    if _COMPOUND.search(heading) or mixed:
        return "topical_compound"
    # A toxin or a viscosupplement is injected, whether the request says so or not.
    if _INJECTED.search(heading) or "injection" in _categories_in(treatment):
        return "injection"
    if _PURCHASED.search(heading) or re.search(r"phoresis", heading, re.IGNORECASE):
        return None
    return "medication"


_A_WORD = re.compile(r"[A-Za-z]{3,}")
_SPELT = _WORDS["corrected"].split("|")
_LONG_WORD = re.compile(r"[a-z]{7,}", re.IGNORECASE)


def _corrected(heading: str) -> str:
    """The request with the terms of the lexicon that are one slip (Damerau-Levenshtein distance 1) from it."""
    from rapidfuzz.distance import OSA

    def corrected(word: re.Match[str]) -> str:
        printed = word.group().lower()
        near = (term for term in _SPELT if OSA.distance(printed, term, score_cutoff=1) <= 1)
        return next(near, word.group())

    return _LONG_WORD.sub(corrected, heading)
