"""A form from letters that a model read: what recurs before their parts, and nothing that one letter alone prints."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from imrllm.errors import FormError
from imrllm.letter import read_letter
from imrllm.letter.form import read_form
from imrllm.letter.form_learning import LearnedForm
from tests.letter.drifted import (
    CREDENTIALS,
    GYM,
    MRI,
    NORCO,
    SUMMARY,
    Drifted,
    items_of,
    outcome_last,
    paragraphs,
    read,
)

LETTERS = ([NORCO, MRI], [GYM, NORCO], [MRI, GYM, NORCO])


def colons(items: Sequence[Drifted]) -> str:
    """A form that ends each heading with its outcome."""
    printed = "\n\n".join(
        f"{item.heading}: {item.outcome}\n\nGuidelines named by the carrier: {item.administrator}\n\n"
        f"Guidelines of our reviewer: {item.reviewer}\n\nWhy we decided so: {item.rationale}"
        for item in items
    )
    return f"About the reviewer\n{CREDENTIALS}\n\nHistory of the case\n{SUMMARY}\n\nOur decisions\n\n{printed}\n"


def learned(form: Callable[[Sequence[Drifted]], str], letters: Sequence[Sequence[Drifted]] = LETTERS) -> LearnedForm:
    found = LearnedForm()
    for items in letters:
        text = form(items)
        found.add(text, read(text, [item.quoted for item in items]))
    return found


@pytest.mark.parametrize("form", [paragraphs, colons])
def test_the_form_reads_letters_that_it_was_not_learned_from(form: Callable[[Sequence[Drifted]], str]) -> None:
    text = learned(form).checked_text("learned")
    new = [
        replace(GYM, heading="Zolpidem 10mg #30", outcome="Denial reversed"),
        replace(NORCO, heading="Left knee brace", rationale="None is needed. It is not medically necessary."),
    ]
    parts = read_letter(form(new), (read_form(text, "learned.toml"),))
    assert items_of(parts) == [("Zolpidem 10mg #30", "overturned"), ("Left knee brace", "upheld")]
    assert parts.printed(parts.summary) == " ".join(SUMMARY.split())
    for item, written in zip(parts.items, new, strict=True):
        # What ends a letter has no heading: it belongs to its last rationale.
        assert str(parts.printed(item.rationale)).startswith(" ".join(written.rationale.split()))
    assert [parts.printed(item.reviewer_basis) for item in parts.items] == [item.reviewer for item in new]
    assert parts.unsure == ()


@pytest.mark.parametrize("form", [paragraphs, colons, outcome_last])
def test_no_letters_own_text_is_proposed(form: Callable[[Sequence[Drifted]], str]) -> None:
    text = learned(form).text("learned")
    for item in (NORCO, MRI, GYM):
        for own in (item.heading, item.rationale[:30], item.administrator, item.reviewer):
            assert own not in text
    assert "ladder" not in text
    assert "Nevada" not in text
    assert "0001234" not in text


def test_each_phrase_says_where_it_was_seen() -> None:
    text = learned(paragraphs).text("learned")
    assert '"Why we decided so:",  # 3 of 3 letters, 7 items' in text
    assert '"What happened",  # 3 of 3 letters' in text
    assert '"Denial affirmed",  # 3 of 3 letters' in text
    form = tomllib.loads(text)
    assert form["layout"] == "blocks"
    assert form["items"]["order"] == ["issue", "outcome", "claims_administrator", "reviewer", "rationale"]


def test_what_one_letter_prints_is_left_out() -> None:
    found = learned(paragraphs, LETTERS[:2])
    odd = paragraphs([MRI]).replace("Why we decided so", "Thoughts of Dr. Heron")
    found.add(odd, read(odd, [MRI.quoted]))
    assert "Heron" not in found.text("learned")


@pytest.mark.parametrize("letters", [[], [[NORCO, MRI, GYM]]])
def test_one_letter_makes_no_form(letters: Sequence[Sequence[Drifted]]) -> None:
    with pytest.raises(FormError, match="recur"):
        learned(paragraphs, letters).text("learned")
