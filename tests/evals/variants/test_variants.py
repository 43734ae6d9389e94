"""Variants of labeled letters: the text and the gold change together, and alike for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from random import Random

import pytest

from imrllm import pointers
from imrllm.evals.variants import KINDS, Variant, some_variants
from imrllm.evals.variants.amounts import course, drug_amount, refills, spelled
from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.pools import read_pool, treatments
from imrllm.evals.variants.requests import compose, pick
from imrllm.normalization import normal_text
from imrllm.records import Category, Determination
from imrllm.suites import load_suite
from tests.evals.gold import GOLD
from tests.letters import THREE, letter

SUITE = load_suite("written")
LETTERS = SUITE.letters().found
# Of every form: 2013, 2014 and 2016.
NAMES = ("w01-naproxen-zolpidem", "w06-numbered-2013", "w16-twelve-requests", "w22-tile-setter")


@cache
def made(name: str, number: int = 12, seed: int = 5) -> list[Variant]:
    return some_variants(LETTERS[name].text, dict(SUITE.gold[name].record), seed, number)


@pytest.mark.parametrize("name", NAMES)
def test_variants_of_one_seed_are_the_same(name: str) -> None:
    again = some_variants(LETTERS[name].text, dict(SUITE.gold[name].record), 5, 12)
    assert made(name) == again
    assert made(name, 3) != made(name, 3, seed=6)


@pytest.mark.parametrize("name", NAMES)
def test_gold_of_a_variant_is_a_record_of_the_same_letter(name: str) -> None:
    for variant in made(name):
        assert Determination.model_validate(variant.gold).document_id == name
        assert len(variant.gold["disputed_items"]) == len(SUITE.gold[name].record["disputed_items"])


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_named_as_changed_differs_from_the_gold(name: str) -> None:
    for variant in made(name):
        before, after = leaves(dict(SUITE.gold[name].record)), leaves(variant.gold)
        for pointer in before.keys() | after.keys():
            if before.get(pointer) != after.get(pointer):
                assert any(pointer == each or pointer.startswith(f"{each}/") for each in variant.changed), pointer


@pytest.mark.parametrize("name", NAMES)
def test_changed_texts_stand_in_the_changed_letter(name: str) -> None:
    printed = [
        (normal_text(variant.text), text)
        for variant in made(name)
        for pointer in variant.changed
        for text in texts(pointer, pointers.find(variant.gold, pointer))
    ]
    assert printed
    assert [text for letter, text in printed if normal_text(text) not in letter] == []


def test_gold_and_letter_are_not_changed_in_place() -> None:
    before = repr(GOLD)
    some_variants(letter(*THREE), GOLD, 1, 20)
    assert repr(GOLD) == before


def test_every_kind_is_applied_somewhere() -> None:
    kinds = Counter(kind for name in LETTERS for variant in made(name, 4, 1) for kind in variant.kind.split(" + "))
    assert set(kinds) == set(KINDS)


def test_a_variant_has_one_to_three_changes() -> None:
    assert {len(variant.kind.split(" + ")) for name in NAMES for variant in made(name)} == {1, 2, 3}


def test_a_text_that_is_not_a_letter_has_no_variants() -> None:
    assert some_variants("Dear colleague, thank you.", GOLD, 1, 3) == []


def test_words_are_found_only_where_they_stand_once_and_whole() -> None:
    draft = Draft.of(letter(*THREE), GOLD)
    assert draft.parts
    summary = draft.parts.summary
    assert draft.find(summary, "chiropractic care")
    assert draft.find(summary, "iropractic care") is None
    assert draft.find(summary, "he") is None


def test_treatments_of_the_pool_have_a_category_of_the_record() -> None:
    pool = treatments()
    assert len(pool) >= 300
    assert {each.category for each in pool} <= set(Category.__args__)
    assert len({each.name for each in pool}) == len(pool)
    # Each strength is one for each ingredient, or one alone.
    assert all(len(one) in (1, len(each.ingredients)) for each in pool for one in each.strengths)
    assert all(each.ingredients for each in pool if each.category in ("medication", "topical_compound"))


def test_a_request_states_its_fields() -> None:
    random = Random(3)
    for _ in range(300):
        heading, values = compose(random, pick(random), date(2015, 3, 1))
        told = normal_text(heading)
        assert values["quantity"] is None or values["quantity"] >= 1
        for field in ("frequency", "duration"):
            assert values[field] is None or normal_text(values[field]) in told
        assert all(normal_text(part).split()[-1] in told for part in values["body_parts"])


@pytest.mark.parametrize(
    ("number", "words"), [(0, "zero"), (12, "twelve"), (45, "forty-five"), (120, "one hundred twenty")]
)
def test_numbers_are_spelled(number: int, words: str) -> None:
    assert spelled(number) == words


def test_amounts_have_the_values_that_the_rulings_give() -> None:
    random = Random(1)
    seen = [drug_amount(random) for _ in range(400)]
    assert all(
        str(int(each.values["quantity"])) in each.words or spelled(int(each.values["quantity"])) in each.words.lower()
        for each in seen
    )
    assert {each.values.get("quantity_unit") for each in seen} == {None, "tablet", "capsule", "pill"}
    assert any(each.values["refills"] == 0 for each in (refills(random) for _ in range(50)))
    # A course in months, or a count alone, has no product of times and weeks.
    for _ in range(300):
        values = course(random).values
        if "month" in values.get("duration", ""):
            assert "total_visits" not in values


def test_forms_have_no_stray_placeholders() -> None:
    assert all("{" not in entry for entry in read_pool("body_parts.txt")["paired"])


def leaves(value: object, pointer: str = "") -> dict[str, object]:
    """The values of a record by JSON Pointer."""
    if isinstance(value, dict):
        return {
            place: leaf for name, inner in value.items() for place, leaf in leaves(inner, f"{pointer}/{name}").items()
        }
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return leaves({str(index): inner for index, inner in enumerate(value)}, pointer)
    return {pointer: value}


def texts(pointer: str, value: object) -> list[str]:
    """The texts of a changed value that are copied as printed."""
    field = pointer.rpartition("/")[2]
    if field in ("claims_administrator", "reviewer_basis") and isinstance(value, dict):
        return [text for one in value["citations"] for text in (one["chapter"], *one["sections"]) if text]
    if field in ("specialties", "licensed_states", "diagnoses", "body_parts") and isinstance(value, list):
        return value if field != "body_parts" else [part.split()[-1] for part in value]
    return [str(value)] if field in ("heading", "request", "frequency", "duration") and value else []
