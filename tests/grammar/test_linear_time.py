"""No pattern backtracks: each runs over hostile inputs of growing length, and its time grows in step with them."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.header import read_header
from imrllm.grammar.lexicon import Lexicon
from imrllm.grammar.rationale.conclusions import read_conclusion
from imrllm.grammar.rationale.grounds import _phrases, read_grounds
from imrllm.grammar.reading import Part
from imrllm.grammar.request.request import read_request
from imrllm.grammar.summary.diagnoses import read_diagnoses
from imrllm.grammar.summary.stated_dates import read_injury_date, read_review_date
from imrllm.grammar.summary.treatments import read_treatments
from imrllm.letter.form import known_forms, read_form
from imrllm.letter.patterns import HeaderPatterns, compiled
from imrllm.letter.splitting import _openings
from imrllm.records import Decision
from tests.grammar.folded import part
from tests.letter.own_form import BLOCKS

PACKAGES = ("imrllm.grammar", "imrllm.letter", "imrllm.crosscheck", "imrllm.documents")
# Repeated, each is the start of something that a pattern goes after and never finds. The line breaks and runs of
# spaces stand for text before folding.
UNITS = (
    "1", "1 ", "1/", "1,", "1-1 ", "#1 ", "a", "a ", "A. ", "ab, ", "(", "(a ", ")", " - ", ", ", ": ", "  ", " \n",
    "\x00", "not ", "one ", "2 x ", "2 times ", "for ", "5mg/", "5 mg ", "a5%/", "take 1 ", "1 to ",
    "Section(s): a, ", "p. 1, 2 and ", "2004 ", "Low Back Complaints ", "(ODG ", "Upheld: ", "1) the request for ",
    "was the original request, a ", ". Claims Administrator authorized a ", "Decision based on Non-MTUS Citation ",
    "L4-", "cervical and ", "medically ", "diagnosed with ", "On 1/1/16 ", "Case Number: ",
    "a@", "a@a.", "123-", "(123) 123-", "Claim # ", "Claim # 1-", "Claim # 123 ", "claim A-", "MRN A",
    "SSN 123-12-", "+1",
)  # fmt: skip
# What a pattern's last token refuses, so that every start of a match runs to the end and fails there.
ENDING = ".!"
# Characters of the shorter and of the longer input; the second pair, with the pattern's own words alone, is a whole
# letter of 100 KB.
LENGTHS = (3_000, 12_000)
WHOLE_LETTER = (25_600, 102_400)
# Four times the input may take this many times the time: 4 in step, 16 where it is squared.
MOST = 10.0
# Seconds for the shorter input below which even a squared time is harmless (0.1 s for 100 KB).
FLOOR = 0.0001
_LITERAL = re.compile(r"(?<!\\)[A-Za-z]{3,}")
# Comments of verbose patterns.
_COMMENT = re.compile(r"(?<![\\\[])\s#.*")
_USE = re.compile(r"\b(\w+)\.(match|fullmatch|search|finditer|findall|sub|split)\(")
# `matched` of documents/pdf_objects.py tries a pattern at one place, `remembered` of summary/lists.py on whole words.
_USE_OF_MATCHED = re.compile(r"\b(?:matched|remembered)\((\w+)[,)]")


def _modules() -> Iterator[Any]:
    yield importlib.import_module("imrllm.normalization")
    for name in PACKAGES:
        package = importlib.import_module(name)
        for info in pkgutil.walk_packages(package.__path__, f"{name}."):
            yield importlib.import_module(info.name)


def _matched_only() -> set[str]:
    """Names of the patterns that are only ever tried at one place: a search for them does not occur."""
    uses: dict[str, set[str]] = {}
    for module in _modules():
        source = Path(module.__file__).read_text(encoding="utf-8")
        for name, method in (*_USE.findall(source), *((name, "match") for name in _USE_OF_MATCHED.findall(source))):
            uses.setdefault(name, set()).add(method)
    return {name for name, methods in uses.items() if methods <= {"match", "fullmatch"}}


def _patterns() -> Iterator[tuple[str, str, re.Pattern[Any]]]:
    """Every compiled pattern of the packages once, also those inside tuples and mappings, and its attribute's name."""
    seen: set[int] = set()
    holders = [(module.__name__.removeprefix("imrllm."), vars(module)) for module in _modules()]
    holders += [(f"letter.forms.{name}", patterns) for name, patterns in _patterns_of_forms()]
    holders += [("grammar.rationale.grounds", {each: _phrases(each).lexicon for each in get_args(Decision)})]
    for holder, values in holders:
        for attribute, value in sorted(values.items()):
            for pattern in _inside(value):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    yield f"{holder}.{attribute}.{len(seen)}", attribute, pattern


def _patterns_of_forms() -> Iterator[tuple[str, dict[str, Any]]]:
    """The patterns that the phrases of each known form, and of a form of the tests' own, become."""
    for form in (*known_forms(), read_form(BLOCKS, "my.toml")):
        patterns = compiled(form.words)
        yield form.name, {each.name: getattr(patterns, each.name) for each in fields(patterns)}
    yield (
        "openings",
        {each.name: getattr(_openings(known_forms()), each.name) for each in fields(_openings(known_forms()))},
    )


def _inside(value: Any) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _inside(each)
    elif isinstance(value, dict):
        yield from _inside(tuple(value.values()))
    elif isinstance(value, Lexicon):
        yield from (value._scan, *value.patterns)
    elif isinstance(value, HeaderPatterns):
        yield from _inside((value.labels, value.prose))


MATCHED_ONLY = _matched_only()
PATTERNS = tuple(_patterns())


def _own_units(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Hostile units of a pattern's own words: what it reacts to, over and over."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    if pattern.flags & re.VERBOSE:
        source = _COMMENT.sub("", source)
    words = list(dict.fromkeys(_LITERAL.findall(source)))
    if words:
        yield " ".join(words[:40]) + " "
    yield from (f"{word} " for word in words[:3])


def _seconds(pattern: re.Pattern[Any], text: str, *, anchored: bool, runs: int = 1) -> float:
    """The least processor time of several runs over the whole text: other work on the machine does not count."""
    subject: Any = text if isinstance(pattern.pattern, str) else text.encode()
    best = float("inf")
    for _ in range(runs):
        start = time.process_time()
        if anchored:
            pattern.match(subject)
        else:
            for _found in pattern.finditer(subject):
                pass
        best = min(best, time.process_time() - start)
    return best


def _out_of_step(pattern: re.Pattern[Any], unit: str, lengths: tuple[int, int], *, anchored: bool) -> str | None:
    """What is wrong with a pattern's time over repeats of a unit; None where it grows in step."""
    shorter, longer = (unit * (length // len(unit)) + ENDING for length in lengths)
    first = _seconds(pattern, shorter, anchored=anchored)
    if first < FLOOR:
        return None
    second = _seconds(pattern, longer, anchored=anchored)
    if second > MOST * first:
        # A measurement may be disturbed: the best of five decides.
        first = _seconds(pattern, shorter, anchored=anchored, runs=5)
        second = _seconds(pattern, longer, anchored=anchored, runs=5)
    return f"{unit!r}: {first:.4f} s, then {second:.4f} s" if second > MOST * first else None


@pytest.mark.parametrize(
    ("attribute", "pattern"),
    [(attribute, pattern) for _, attribute, pattern in PATTERNS],
    ids=[name for name, _, _ in PATTERNS],
)
def test_time_grows_in_step_with_the_input(attribute: str, pattern: re.Pattern[Any]) -> None:
    anchored = attribute in MATCHED_ONLY
    own = list(_own_units(pattern))
    wrong = [_out_of_step(pattern, unit, LENGTHS, anchored=anchored) for unit in (*UNITS, *own)]
    wrong += [_out_of_step(pattern, unit, WHOLE_LETTER, anchored=anchored) for unit in own[:1]]
    assert not [each for each in wrong if each]


def test_patterns_were_found() -> None:
    assert len(PATTERNS) > 80
    for form in ("2016-2017", "early 2014", "2013", "professional review"):
        assert any(name.startswith(f"letter.forms.{form}.headings.") for name, _, _ in PATTERNS), form
    assert sum(name.startswith("documents.redaction._IDENTIFIERS") for name, _, _ in PATTERNS) == 7
    assert any(name.startswith("grammar.request.categories._CATEGORIES") for name, _, _ in PATTERNS)
    assert sum(name.startswith("grammar.rationale.grounds.upheld") for name, _, _ in PATTERNS) == 14
    assert "_LEAD_INS" in MATCHED_ONLY


def test_a_squared_time_is_seen() -> None:
    # Eight times the input is 64 times the time: far from the bound on both sides, however disturbed the machine.
    assert _out_of_step(re.compile(r"a+\d"), "a", (1_000, 8_000), anchored=False)
    assert _out_of_step(re.compile(r"a\d"), "a", WHOLE_LETTER, anchored=False) is None


def read_upheld_grounds(rationale: Part) -> object:
    return read_grounds(rationale, "upheld")


READERS: tuple[Callable[..., Any], ...] = (
    read_request,
    read_basis,
    read_conclusion,
    read_upheld_grounds,
    read_injury_date,
    read_review_date,
    read_diagnoses,
    read_treatments,
    read_header,
)
# What a reader finds over and over: the cost of the many, not of a pattern.
FOUND = (
    "#30 ", "Norco 10/325mg #30 ", "a5% ", "x 2 ", "2 times a week ", "right knee ", "(DOS: 1/1/16) ", "1/1/16 ",
    "in 2009 ", "injury ", "On 1/1/16 utilization review denied it. ", "Diagnoses: a, b. ", "is medically necessary ",
    "Decision based on MTUS Low Back Complaints 2004, Section(s): a. ", " and Low Back Complaints 2004",
    "Decision based on Non-MTUS Citation ODG Low Back, MRI; ", "; Shouldr Disorders 2019, Section(s): a, b",
    ", and Wrist, Hand, & Forarm (ACOEM May 1, 2019", ", Drug Formulary - a (v1), ",
    "ACOEM (MDGuidelines), a, https://a/b ",
    "no documentation of benefit ", "no red flag. ",
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_a_readers_time_grows_in_step_with_what_it_finds(reader: Callable[..., Any]) -> None:
    def seconds(unit: str, length: int, runs: int) -> float:
        text = part(f"Decision based on MTUS {unit * (length // len(unit))}")
        best = float("inf")
        for _ in range(runs):
            start = time.process_time()
            reader(text)
            best = min(best, time.process_time() - start)
        return best

    for unit in FOUND:
        shorter, longer = LENGTHS
        if seconds(unit, longer, 1) > MOST * seconds(unit, shorter, 1):
            first, second = seconds(unit, shorter, 5), seconds(unit, longer, 5)
            assert second <= max(MOST * first, FLOOR), f"{unit!r}: {first:.4f} s, then {second:.4f} s"
