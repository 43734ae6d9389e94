"""Paragraphs by numbers: which may be headings, and quotes of what follows those that a small model picks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from imrllm.errors import NotALetterError
from imrllm.letter.numbered import NumberedLetter
from imrllm.letter.quotes import read_quotes
from tests.letter.drifted import (
    FORMS,
    GYM,
    MRI,
    NORCO,
    THREE,
    conclude,
    items_of,
    outcome_last,
    paragraphs,
    sentences,
    table,
)

GOLD = [(item.heading, "upheld" if item.outcome == "Denial affirmed" else "overturned") for item in THREE]


def numbers(letter: NumberedLetter, headings: Sequence[str]) -> list[int]:
    """The candidates that name some treatments."""
    return [number for number, words in letter.candidates() if any(each in words for each in headings)]


def read(text: str, headings: Sequence[str]) -> list[tuple[str | None, str]]:
    letter = NumberedLetter.of(text)
    picked = numbers(letter, headings)
    return items_of(read_quotes(text, [letter.quoted(letter.sections(picked), picked)], conclude))


@pytest.mark.parametrize("form", ["paragraphs", "outcome_last", "sentences"])
def test_each_heading_is_a_candidate_without_its_outcome(form: str) -> None:
    words = [words for _, words in NumberedLetter.of(FORMS[form]()).candidates()]
    for item in THREE:
        (found,) = [each for each in words if item.heading in each]
        assert item.outcome not in found


@pytest.mark.parametrize("form", [paragraphs, outcome_last, sentences])
def test_what_follows_the_headings(form: object) -> None:
    text = form()  # type: ignore[operator]
    letter = NumberedLetter.of(text)
    picked = numbers(letter, [item.heading for item in THREE])
    parts = read_quotes(text, [letter.quoted(letter.sections(picked), picked)], conclude)
    assert items_of(parts) == GOLD
    assert [parts.printed(item.reviewer_basis) for item in parts.items] == [item.reviewer for item in THREE]
    assert [parts.printed(item.claims_administrator) for item in parts.items] == [item.administrator for item in THREE]
    for item, written in zip(parts.items, THREE, strict=True):
        assert str(parts.printed(item.rationale)).startswith(" ".join(written.rationale.split()))
    assert "ladder" in str(parts.printed(parts.summary))
    assert "license" in str(parts.printed(parts.credentials))


def test_prose_and_citations_are_no_candidates() -> None:
    words = " ".join(words for _, words in NumberedLetter.of(paragraphs()).candidates())
    for item in THREE:
        assert item.rationale.partition("\n")[0] not in words
        assert item.administrator not in words
    assert "ladder" not in words


def test_a_model_that_says_yes_to_every_line_invents_nothing() -> None:
    for form in (paragraphs, outcome_last, sentences, table):
        text = form()
        letter = NumberedLetter.of(text)
        every = [number for number, _ in letter.candidates()]
        try:
            parts = read_quotes(text, [letter.quoted(letter.sections(every), every)], conclude)
        except NotALetterError:
            continue
        assert set(items_of(parts)) <= set(GOLD)


def test_a_model_that_misses_one() -> None:
    assert read(paragraphs(), [NORCO.heading, GYM.heading]) in ([GOLD[0], GOLD[2]], [GOLD[2]])


@pytest.mark.parametrize("picked", [[], [0, -1, 99], [1], [1, 2, 3, 4, 5]])
def test_numbers_that_are_none(picked: list[int]) -> None:
    text = paragraphs([MRI])
    letter = NumberedLetter.of(text)
    with pytest.raises(NotALetterError):
        read_quotes(text, [letter.quoted(letter.sections(picked), picked)], conclude)
