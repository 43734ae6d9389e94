from typing import get_args

from imrllm.grammar.word_lists import read_sections
from imrllm.records import Category, Ground


def test_the_sections_of_the_category_lexicon_are_categories() -> None:
    sections = {name for name, _ in read_sections("request/categories.txt")}
    # The grammar reads drugs and compounds from the drug list, not from the lexicon.
    assert sections | {"medication", "topical_compound"} == set(get_args(Category))


def test_the_sections_of_the_grounds_are_the_grounds_of_the_record() -> None:
    upheld = [name for name, _ in read_sections("rationale/upheld_grounds.txt")]
    overturned = [name for name, _ in read_sections("rationale/overturned_grounds.txt")]
    assert sorted(upheld + overturned) == sorted(get_args(Ground))
