"""What a letter contradicts itself in: a check of its own, and no value chosen in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imrllm.letter import Unsure
from imrllm.spans import FoldedSpan
from tests.letters import Item, letter, read

REQUEST = "/disputed_items/0"


def raised(item: Item) -> dict[str, tuple[str, Any]]:
    """The checks that a letter of one item raises without a model: by pointer their status and the letter's value."""
    resolved = read(letter(item)).resolve(None, [None], asked=False)
    return {
        check.pointer: (check.status, check.source_value) for check in resolved.checks if check.status != "confirmed"
    }


@pytest.mark.parametrize(
    ("item", "checks", "reason"),
    [
        (Item("Acupuncture 2 times a week for 4 weeks (8 visits)"), {}, "a count and a course that agree"),
        (
            Item("Acupuncture 2 times a week for 4 weeks (6 visits)"),
            {f"{REQUEST}/total_visits": ("conflict", 8)},
            "a count and a course that do not",
        ),
        (
            Item("Norco 10/325mg #60", rationale="The request for Norco 10/325mg #90 is not medically necessary."),
            {f"{REQUEST}/quantity": ("conflict", 90)},
            "the rationale has another amount",
        ),
        (
            Item("Norco 10/325mg #60", rationale="The request for Norco 5/325mg #60 is not medically necessary."),
            {f"{REQUEST}/strengths": ("conflict", ["5 mg", "325 mg"])},
            "the rationale has another strength",
        ),
        (
            Item("MRI of the jaw", maximus="Decision based on MTUS Tooth Complaints 2004, Section(s): Imaging."),
            {f"{REQUEST}/reviewer_basis/citations/0/chapter": ("unsupported", None)},
            "a chapter that the MTUS does not have",
        ),
        (
            Item("MRI of the jaw", maximus="Decision based on MTUS Low Back Compliants 2004, Section(s): Imaging."),
            {},
            "a chapter with a slip",
        ),
        (
            Item("MRI of the jaw", maximus="Decision based on MTUS Opioids 2017, Section(s): Naloxone."),
            {},
            "a short name, which its year makes a chapter's",
        ),
        (
            Item(
                "MRI of the jaw",
                maximus="Decision based on MTUS Opioids 2017, Section(s): Naloxone, Eyn 2017, Section(s): Imaging.",
            ),
            {f"{REQUEST}/reviewer_basis/citations/0/sections": ("unsupported", None)},
            "a year and a label among the sections: a chapter that was not recognized",
        ),
    ],
)
def test_contradictions(item: Item, checks: dict[str, tuple[str, Any]], reason: str) -> None:
    assert raised(item) == checks, reason


def test_an_item_without_an_outcome_is_always_reviewed() -> None:
    given = read(letter(Item("Acupuncture 2 times a week for 4 weeks (8 visits)")))
    words = FoldedSpan((3, 12))
    resolved = replace(given, parts=replace(given.parts, undecided=(words,))).resolve(None, [None], asked=False)
    (check,) = [check for check in resolved.checks if check.review]
    assert (check.pointer, check.status, check.span) == (
        "/disputed_items",
        "missing",
        given.parts.folded.source_span(words),
    )


@pytest.mark.parametrize("by", ["distance", "model"])
@pytest.mark.parametrize(
    "pointer",
    ["/letter", "/clinical_summary", "/disputed_items/0", "/disputed_items/0/decision", f"{REQUEST}/rationale"],
)
def test_what_was_not_found_by_the_form_s_own_words_is_always_reviewed(pointer: str, by: Any) -> None:
    given = read(letter(Item("Acupuncture 2 times a week for 4 weeks (8 visits)")))
    assert not given.resolve(None, [None], asked=False).in_doubt
    words = FoldedSpan((3, 12))
    unsure = Unsure(pointer, words, "CLINICAL CASE SUMMARY" if by == "distance" else None, by)
    resolved = replace(given, parts=replace(given.parts, unsure=(unsure,))).resolve(None, [None], asked=False)
    (check,) = [check for check in resolved.checks if check.review]
    assert (check.pointer, check.status, check.span) == (pointer, "unsupported", given.parts.folded.source_span(words))
    assert resolved.record == given.resolve(None, [None], asked=False).record


@pytest.mark.parametrize("label", ["Date of lnjury", "Injured on"])
def test_a_date_of_the_header_that_no_field_has_is_reviewed(label: str) -> None:
    """A label that is not the form's loses its value: without a check, the row would be ok without it."""
    whole = letter(Item("Acupuncture 2 times a week for 4 weeks (8 visits)"))
    assert "Date of Injury" in whole
    assert not read(whole).resolve(None, [None], asked=False).in_doubt
    resolved = read(whole.replace("Date of Injury", label)).resolve(None, [None], asked=False)
    (check,) = [check for check in resolved.checks if check.pointer == "/letter"]
    assert check.review
    assert check.span
    assert check.source_value


@pytest.mark.parametrize("words", ["MTUS Opioids Guideline (2017).", "The Expert Reviewer cited no guideline."])
def test_a_basis_without_a_citation_that_was_read_is_reviewed(words: str) -> None:
    assert f"{REQUEST}/reviewer_basis/citations" in raised(Item("Norco 10/325mg #45", maximus=words))
    read_one = Item("Norco 10/325mg #45", maximus="Decision based on MTUS Opioids Guideline (2017).")
    assert f"{REQUEST}/reviewer_basis/citations" not in raised(read_one)
