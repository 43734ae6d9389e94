"""What stand-ins for a model quote of drifted letters."""

from __future__ import annotations

from random import Random

import pytest

from imrllm.evals.drift import ALL_KINDS, UNCHANGED, DriftedLetter, drift, labeled_pieces
from imrllm.evals.drift.quoting import MANNERS, Quotes, ends, quoted_well
from imrllm.suites import load_suite

SUITE = load_suite("written")
NAME = "w16-twelve-requests"
LETTERS, _ = labeled_pieces({NAME: SUITE.letters().found[NAME]}, SUITE.gold)


def drifted(kind: str) -> DriftedLetter:
    letter = drift(LETTERS[NAME].pieces, kind, 1)
    assert letter
    return letter


def quoted(manner: str, seed: int) -> Quotes:
    letter = drifted(UNCHANGED)
    return MANNERS[manner](letter, letter.text, Random(seed))


def folded(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_good_quotes_are_the_first_and_last_words_of_every_part(kind: str) -> None:
    letter = drifted(kind)
    quotes = quoted_well(letter, letter.text)
    pieces = letter.pieces
    assert quotes.sections.keys() == {"header", "credentials", "summary"}
    assert quotes.sections["summary"] == ends(pieces.sections["summary"].text)
    assert len(quotes.items) == len(pieces.items)
    for item, its in zip(quotes.items, pieces.items, strict=True):
        assert item.heading == ends(its.request)
        assert item.arguments == {name: ends(text) for name, text in its.texts.items()}
        assert item.outcome
        assert item.outcome in folded(letter.text)


def test_a_part_is_quoted_only_if_it_is_shown_as_a_whole() -> None:
    letter = drifted(UNCHANGED)
    start, end = letter.printed.places["2/rationale"]
    quotes = quoted_well(letter, letter.text[letter.printed.places["2/request"][0] : end])
    assert [item.heading for item in quotes.items] == [ends(letter.pieces.items[2].request)]
    assert not quotes.sections
    (half,) = quoted_well(letter, letter.text[letter.printed.places["2/request"][0] : (start + end) // 2]).items
    assert "rationale" not in half.arguments
    assert "reviewer_basis" in half.arguments


@pytest.mark.parametrize("manner", MANNERS)
def test_quotes_of_one_seed_are_the_same(manner: str) -> None:
    assert quoted(manner, 1) == quoted(manner, 1)


def test_bad_quotes_leave_out_paraphrase_and_swap() -> None:
    good = quoted("standin-good", 1)
    bad = [quoted("standin-bad", seed) for seed in range(40)]
    assert any(len(quotes.items) < len(good.items) for quotes in bad)
    text = folded(drifted(UNCHANGED).text)
    assert any(end not in text for quotes in bad for item in quotes.items for end in item.heading)
    outcomes = {item.heading: item.outcome for item in good.items}
    assert any(
        item.outcome and outcomes.get(item.heading, item.outcome) != item.outcome for q in bad for item in q.items
    )
    # None is made up.
    assert all(len(quotes.items) <= len(good.items) for quotes in bad)


def test_malicious_quotes_invent_flip_and_give_orders() -> None:
    good = quoted("standin-good", 1)
    harmful = [quoted("standin-malicious", seed) for seed in range(40)]
    assert all(len(quotes.items) > len(good.items) for quotes in harmful)
    known = {item.heading: item.outcome for item in good.items}
    assert any(known.get(item.heading, item.outcome) != item.outcome for quotes in harmful for item in quotes.items)
    every = [end for quotes in harmful for item in quotes.items for each in item.arguments.values() for end in each]
    assert any(len(end) > 50_000 for end in every)
    assert "" in every
    assert any("instructions" in end.lower() for end in every)
