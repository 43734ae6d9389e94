"""Patterns that are searched together find what each of them finds alone."""

from __future__ import annotations

import random
import re

import pytest

from imrllm.folding import caseless
from imrllm.grammar.lexicon import Lexicon, _end, beginnings, glancing
from imrllm.grammar.rationale.grounds import _phrases
from imrllm.grammar.request.categories import _CATEGORIES
from imrllm.grammar.request.matching import _REGIONS
from imrllm.grammar.word_lists import read_entries

LEXICONS = {
    "upheld": _phrases("upheld").lexicon,
    "overturned": _phrases("overturned").lexicon,
    "categories": _CATEGORIES,
    "regions": _REGIONS,
}
SENTENCES = (
    "the request for a cervical mri and right knee arthroscopy was not certified",
    "there is no documentation of functional improvement with prior physical therapy sessions",
    "guidelines do not recommend long-term use of muscle relaxants beyond two weeks",
    "as the surgery is not medically necessary, the assistant surgeon is not needed",
    "a urine drug screen, an orif of the left wrist and a low back brace were denied",
    "the worker has not failed first-line drugs and shows no objective signs; nothing is reported",
)
# Source, and what its matches begin with.
BEGINNINGS = (
    ("transport", {"tran"}),
    ("ab", {"ab"}),
    (r"\bMRI\b", {"mri"}),
    ("x-?rays?", {"x-ra", "xray"}),
    (r"(?:re-?)?eval", {"re-e", "reev", "eval"}),
    ("(?P<kind>no|not) more", {"no m", "not "}),
    (r"\d+ visits", set("0123456789")),
    ("[AP]CDF", {"acdf", "pcdf"}),
    ("[^.]x", {""}),
    (r"\wectom", {""}),
    ("a*b", {"a", "b"}),
    ("ab+c", {"ab"}),
    ("a{0,2}b", {"a", "b"}),
    ("(?:ab)+c", {"ab"}),
    ("(?!ten)t(?=x)wo", {"two"}),
    ("(?!)", set()),
    (r"(?<=a )\(b", {"(b"}),
    ("(?:a|[xy]|b?)c", {"ac", "xc", "yc", "bc", "c"}),
    (r"[)|(]a|b", {""}),
)


@pytest.mark.parametrize(("source", "expected"), BEGINNINGS)
def test_the_beginnings_of_a_pattern(source: str, expected: set[str]) -> None:
    assert beginnings(source) == expected


def _shuffled(seed: int) -> str:
    """Words of the sentences in another order, and some letters of another alphabet or glued."""
    chance = random.Random(seed)
    words = [word for sentence in SENTENCES for word in sentence.split()]
    return "".join(chance.choice(words) + chance.choice((" ", " ", " ", "", ". ", "\u00e9 ")) for _ in range(120))


@pytest.mark.parametrize("name", LEXICONS)
def test_all_patterns_find_what_each_finds_alone(name: str) -> None:
    lexicon = LEXICONS[name]
    total = 0
    for text in (*SENTENCES, *map(_shuffled, range(30))):
        for start, end in ((0, len(text)), (len(text) // 3, len(text) // 2), (7, 7)):
            alone = [
                (number, found.span(), found.lastgroup)
                for number, pattern in enumerate(lexicon.patterns)
                for found in pattern.finditer(text, start, end)
            ]
            together = [(number, found.span(), found.lastgroup) for number, found in lexicon.matches(text, start, end)]
            assert together == alone
            total += len(alone)
        found_in = {number for number, pattern in enumerate(lexicon.patterns) if pattern.search(text)}
        assert lexicon.found_in(text) == found_in <= set(lexicon.possible_in(text))
    assert total > 20


def test_a_pattern_is_tried_only_where_it_may_begin() -> None:
    lexicon = Lexicon([("knee",), ("brace", "(?:right|left) splint")])
    assert lexicon.possible_in("a brace") == [1]
    assert lexicon.possible_in("nothing of the kind") == []


def test_patterns_ignore_case() -> None:
    lexicon = Lexicon([(r"\bPHP\b", r"\S-?RAY")], [r"(?P<name>\bPHP\b|\S-?RAY)"])
    assert [found["name"] for _, found in lexicon.matches("a php, an x-ray")] == ["php", "x-ray"]


# Source and flags; whether a match may begin with anything.
GLANCED = (
    (r"\b(?:not|no|knee|a)\b", 0, False),
    (r"\b(?:was|is)\ (?P<not>not)\s?|\bprior\b", 0, False),
    (r"(?<!the )request(?:ed)?|\d+|[.]\s", 0, True),
    (r"(?:un)?(?:certified|needed)|\.", 0, False),
    (r"[\s,]{0,3}(?:was|is)", 0, True),
    (
        r"""
        \b (?:                     # "(" | in a comment
            muscle \ relaxants?
            | urine [ ] drug | \#[#]  # none of these stands there
            | (?:past\ |prior\ )?physical \# ?
        )
        | \ba\ +  # the last line""",
        re.VERBOSE,
        False,
    ),
)


@pytest.mark.parametrize(("source", "flags", "unknown"), GLANCED)
def test_a_pattern_that_glances_finds_the_same(source: str, flags: int, unknown: bool) -> None:
    plain, glancing_one = caseless(source, flags), glancing(source, flags)
    assert (glancing_one.pattern == plain.pattern) == unknown
    total = 0
    for text in (*SENTENCES, *map(_shuffled, range(30))):
        found, expected = ([(m.span(), m.groupdict()) for m in each.finditer(text)] for each in (glancing_one, plain))
        assert found == expected
        total += len(found)
    assert total > 20


@pytest.mark.parametrize("source", ["a(b", "a\\"])
def test_what_is_no_pattern_is_refused(source: str) -> None:
    with pytest.raises((ValueError, re.error)):
        Lexicon([(source,)])


@pytest.mark.parametrize(
    "path", ["rationale/upheld_grounds.txt", "rationale/overturned_grounds.txt", "request/categories.txt"]
)
def test_no_alternative_has_a_bar_outside_of_brackets(path: str) -> None:
    for name, entries in read_entries(path):
        assert not [each for each in entries if _end(each, 0, "|") < len(each)], name
