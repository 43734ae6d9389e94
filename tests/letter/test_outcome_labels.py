"""The label of an outcome is not of the request before it."""

from __future__ import annotations

import pytest

from imrllm.errors import NotALetterError
from imrllm.letter import read_letter
from imrllm.letter.outcome_labels import request_end
from tests.letters import Item, letter


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("Norco 10/325mg #60 Determination", "Norco 10/325mg #60 "),
        ("Norco 10/325mg #60 Final Decision:", "Norco 10/325mg #60 "),
        ("Norco 10/325mg #60: Decision", "Norco 10/325mg #60"),
        ("Norco 10/325mg #60 OUTCOME OF REVIEW", "Norco 10/325mg #60 "),
        ("Norco 10/325mg #60", "Norco 10/325mg #60"),
        ("Evaluation of the functional status", "Evaluation of the functional status"),
        ("Determination", ""),
    ],
)
def test_where_a_request_ends(words: str, request_: str) -> None:
    assert words[: request_end(words, 0, len(words))] == request_


ITEMS = (Item("Norco 10/325mg #60"), Item("A lumbar brace"))


def test_requests_are_read_without_the_labels_of_their_outcomes() -> None:
    text = letter(*ITEMS)
    for item in ITEMS:
        assert f"{item.heading}: Upheld" in " ".join(text.split())
        text = text.replace(f"{item.heading}:", f"{item.heading}\n\n\n\nDetermination:")
    parts = read_letter(text)
    assert [parts.printed(item.heading) for item in parts.items] == [item.heading for item in ITEMS]
    assert {f"/disputed_items/{index}/decision" for index in range(2)} <= {each.pointer for each in parts.unsure}


def test_an_outcome_that_is_not_below_its_request_is_another_form() -> None:
    text = letter(*ITEMS)
    for item in ITEMS:
        # After the rationale before it, or after the heading of the section.
        text = text.replace(f"{item.heading}:", "Determination:")
    with pytest.raises(NotALetterError):
        read_letter(text)


@pytest.mark.parametrize("heading", ["Verdict", "What we say"])
def test_the_same_few_words_before_every_outcome_are_no_request(heading: str) -> None:
    with pytest.raises(NotALetterError):
        read_letter(letter(Item(heading), Item(heading)))
    assert len(read_letter(letter(Item(heading), Item("A lumbar brace"))).items) == 2
    assert len(read_letter(letter(Item("Norco 10/325mg #60"), Item("Norco 10/325mg #60"))).items) == 2
