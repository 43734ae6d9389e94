"""Drifted letters: other forms around the same words, alike for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest

from imrllm.evals.drift import (
    ALL,
    ALL_KINDS,
    KINDS,
    MIXED,
    UNCHANGED,
    DriftedLetter,
    Half,
    LabeledPieces,
    drift,
    labeled_pieces,
)
from imrllm.evals.drift.wordings import wordings
from imrllm.letter import read_letter
from imrllm.normalization import normal_text
from imrllm.suites import load_suite

SUITE = load_suite("written")
LETTERS = SUITE.letters().found
HALVES: tuple[Half, ...] = get_args(Half)
# With a header and without, wrapped with single and with double line breaks, with credentials as a block and in prose.
NAMES = ("w01-naproxen-zolpidem", "w02-cream-urine-visit", "w11-refills-therapy", "w16-twelve-requests")


@cache
def taken_apart() -> tuple[dict[str, LabeledPieces], list[str]]:
    return labeled_pieces(LETTERS, SUITE.gold)


@cache
def drifted(name: str, kind: str, half: Half = "seen", seed: int = 3) -> DriftedLetter | None:
    return drift(taken_apart()[0][name].pieces, kind, seed, half)


def all_drifted(kind: str) -> Iterator[DriftedLetter]:
    return (letter for name in NAMES for half in HALVES if (letter := drifted(name, kind, half)))


def test_only_letters_of_another_form_are_left_out() -> None:
    found, left_out = taken_apart()
    assert left_out == ["w06-numbered-2013", "w15-epidural-gabapentin-brace"]
    assert found.keys() | set(left_out) == LETTERS.keys()


def test_letters_whose_items_the_reader_does_not_find_are_left_out() -> None:
    name = NAMES[0]
    gold = dict(SUITE.gold[name].record)
    first, second = gold["disputed_items"]
    for other in ([first], [{**first, "decision": "upheld"}, second], [first, {**second, "heading": "a brace"}]):
        text = {name: LETTERS[name]}
        changed = SUITE.gold[name].__class__(name, "", {**gold, "disputed_items": other})
        assert labeled_pieces(text, {name: changed}) == ({}, [name])


@pytest.mark.parametrize("name", sorted(taken_apart()[0]))
def test_letters_printed_unchanged_have_the_parts_that_they_had(name: str) -> None:
    letter = drifted(name, UNCHANGED)
    assert letter
    before, after = read_letter(LETTERS[name].text), read_letter(letter.text)
    for part in ("header", "credentials", "summary"):
        assert after.printed(getattr(after, part)) == before.printed(getattr(before, part))
    assert len(after.items) == len(before.items)
    for one, other in zip(before.items, after.items, strict=True):
        assert other.decision == one.decision
        for part in ("heading", "claims_administrator", "reviewer_basis", "rationale"):
            assert after.printed(getattr(other, part)) == before.printed(getattr(one, part))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_letters_of_one_seed_are_the_same(kind: str) -> None:
    for name in NAMES:
        pieces = taken_apart()[0][name].pieces
        assert drift(pieces, kind, 3) == drifted(name, kind)


def test_letters_of_other_seeds_differ() -> None:
    assert len({letter.text for seed in range(6) if (letter := drifted(NAMES[0], MIXED, seed=seed))}) == 6


def test_letters_can_have_one_form() -> None:
    letters = [drift(taken_apart()[0][name].pieces, "renamed headings", 3, form="one") for name in NAMES]
    assert len({tuple(letter.style.headings.values()) for letter in letters if letter}) == 1


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("kind", [*KINDS, MIXED, ALL])
def test_each_kind_changes_what_is_printed(kind: str, half: Half) -> None:
    unchanged = {name: drifted(name, UNCHANGED) for name in NAMES}
    letters = {name: letter for name in NAMES if (letter := drifted(name, kind, half))}
    assert letters
    for name, letter in letters.items():
        before = unchanged[name]
        assert before
        assert letter.text != before.text
        assert letter.kinds if kind in (MIXED, ALL) else letter.kinds == (kind,)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_letters_own_words_stay_as_they_are(kind: str) -> None:
    for letter in all_drifted(kind):
        text, pieces, places = letter.text, letter.pieces, letter.printed.places
        furniture = letter.style.furniture
        own: dict[str, str] = {name: pieces.sections[name].text for name in ("credentials", "summary")}  # type: ignore[index]
        for index, item in enumerate(pieces.items):
            own[f"{index}/request"] = item.request
            own |= {f"{index}/{name}": argument for name, argument in item.texts.items()}
        for name, words in own.items():
            stands = text[slice(*places[name])]
            # A page may end within a long text, and nowhere else.
            if furniture and name.rpartition("/")[2] in ("credentials", "summary", "rationale"):
                assert is_within(words, stands), (kind, name)
            else:
                assert stands == words, (kind, name)


def is_within(words: str, text: str) -> bool:
    """Whether all words are in a text in their order, with others between some lines of it."""
    lines = iter(re.split(r"\n\s*", text.strip()))
    return all(line in lines for line in re.split(r"\n\s*", words.strip()))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_item_is_printed_with_an_outcome_of_its_own(kind: str) -> None:
    for letter in all_drifted(kind):
        words = {
            decision: {
                normal_text(letter.text[slice(*letter.printed.places[f"{index}/outcome"])])
                for index, item in enumerate(letter.pieces.items)
                if item.decision == decision
            }
            for decision in ("upheld", "overturned")
        }
        assert not words["upheld"] & words["overturned"]


@pytest.mark.parametrize("kind", ["three together", "all together"])
def test_a_letter_has_one_kind_of_change_in_each_place(kind: str) -> None:
    for letter in all_drifted(kind):
        slots = [KINDS[name].slot for name in letter.kinds]
        assert len(slots) == len(set(slots))


def test_wordings_that_are_held_out_are_not_among_those_for_development() -> None:
    seen, held_out = (wordings(half).model_dump(mode="json") for half in HALVES)
    for name in (
        "reworded",
        "renamed",
        "items",
        "outcomes",
        "tables",
        "fronts",
        "headers",
        "header_labels",
        "furniture",
    ):
        shared = set(phrases(seen[name])) & set(phrases(held_out[name]))
        assert shared <= {""}, name
    orders = {tuple(order) for order in seen["sections"]["orders"]} & {
        tuple(order) for order in held_out["sections"]["orders"]
    }
    assert not orders


def phrases(value: Any) -> Iterator[str]:
    """The phrases in a half's data; the names of an item's parts are no phrases."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "orders":
                yield from phrases(each)
    elif isinstance(value, list):
        for each in value:
            yield from phrases(each)
    elif isinstance(value, str):
        yield value
