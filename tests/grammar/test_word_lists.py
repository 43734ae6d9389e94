from typing import get_args

from imrllm.grammar.word_lists import read_entries, read_sections
from imrllm.records import Category, Ground


def test_the_sections_of_the_category_lexicon_are_categories() -> None:
    sections = {name for name, _ in read_sections("request/categories.txt")}
    # The grammar reads drugs and compounds from the drug list, not from the lexicon.
    assert sections | {"medication", "topical_compound"} == set(get_args(Category))


def test_the_sections_of_the_grounds_are_the_grounds_of_the_record() -> None:
    upheld = [name for name, _ in read_sections("rationale/upheld_grounds.txt")]
    overturned = [name for name, _ in read_sections("rationale/overturned_grounds.txt")]
    assert sorted(upheld + overturned) == sorted(get_args(Ground))


def test_comments_are_left_out_and_an_alternative_may_start_with_a_hash() -> None:
    entries = [entry for _, section in read_entries("summary/words.txt") for entry in section]
    assert any(entry.startswith("[#]") for entry in entries)
    assert not any(entry.startswith("#") or "  #" in entry for entry in entries)


def test_expressions_mean_the_same_with_and_without_verbose() -> None:
    sections = dict(read_sections("basis/chapters.txt"))
    assert r"Low\ Back\ Complaints" in sections["acoem"].split("|")
    assert any(r"[\#]" in words for _, words in read_sections("summary/words.txt"))
