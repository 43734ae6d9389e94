"""A text that is only a rationale: one item without heading, and an outcome that stands apart."""

from __future__ import annotations

import pytest

from imrllm.errors import NotALetterError
from imrllm.letter import is_rationale, read_letter, read_rationale
from imrllm.letter.outcomes import read_outcome
from imrllm.letter.refusals import refusal


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("Upheld Decision of Health Plan", "upheld"),
        ("Overturned Decision of Health Plan", "overturned"),
        ("Upheld", "upheld"),
        ("OVERTURNED", "overturned"),
        ("Uphold", "upheld"),
        ("Overturn", "overturned"),
        ("Reversed", "overturned"),
        ("is not medically necessary and appropriate", "upheld"),
        ("IS/WAS NOT MEDICALLY NECESSARY", "upheld"),
        ("is medically necessary and appropriate", "overturned"),
        ("Not certified", "upheld"),
        ("Non-certified", "upheld"),
        ("Approved", "overturned"),
        ("Partially Overturned Decision of Health Plan", None),
        ("Partial Overturn", None),
        ("Upheld in part", None),
        ("Modified: upheld", None),
        ("Upheld; overturned", None),
        ("Withdrawn", None),
        ("Not upheld", "overturned"),
        ("never overturned", "upheld"),
        ("Non-upheld", None),
        ("Should not be upheld", None),
        ("2016", None),
    ],
)
def test_the_words_of_an_outcome(words: str, decision: str | None) -> None:
    assert read_outcome(words) == decision


def test_a_rationale_is_one_item_and_nothing_else() -> None:
    text = "  The request is not\nmedically necessary.\n"
    parts = read_rationale(text)
    assert is_rationale(parts)
    assert (parts.header, parts.credentials, parts.summary) == (None, None, None)
    (item,) = parts.items
    assert (item.heading, item.decision, item.outcome) == (None, None, None)
    assert (item.claims_administrator, item.reviewer_basis) == (None, None)
    assert parts.printed(item.rationale) == "The request is not medically necessary."


def test_the_outcome_is_no_part_of_the_rationale() -> None:
    text = "It is necessary.\n\nDetermination: Upheld  Decision"
    start = text.index("Upheld")
    parts = read_rationale(text, (start, len(text)))
    (item,) = parts.items
    assert parts.printed(item.rationale) == "It is necessary."
    assert parts.printed(item.outcome) == "Upheld Decision"
    assert item.decision == "upheld"
    assert item.outcome is not None
    assert parts.folded.source_span(item.outcome) == (start, len(text))


def test_a_text_that_prints_nothing_is_refused() -> None:
    with pytest.raises(NotALetterError, match="no words of a rationale"):
        read_rationale("\u200b\u200b")


def test_without_the_form_a_rationale_is_no_letter() -> None:
    with pytest.raises(NotALetterError):
        read_letter("The request is not medically necessary.")


def test_a_health_plans_review_is_refused_with_what_reads_it() -> None:
    text = "An enrollee has requested a wig. The Health Plan's denial should be overturned. Decision of Health Plan."
    with pytest.raises(NotALetterError) as raised:
        read_letter(text)
    why, hint = refusal(text, raised.value)
    assert "a health plan's" in why
    assert "`--form rationale`" in hint
