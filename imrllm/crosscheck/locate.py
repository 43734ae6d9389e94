"""Finds where a part of the letter states a value, regardless of case and spacing."""

from __future__ import annotations

import re
from datetime import date

from imrllm.grammar.dates import read_dates, read_partial_dates
from imrllm.grammar.numbers import NUMBER, number
from imrllm.grammar.reading import Part
from imrllm.spans import FoldedSpan

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
# How many words of the letter may stand between two words of a value that the letter spreads over a list
# ("cervical spine" in "cervical, thoracic and lumbar spine").
_GAP = 6


def locate(value: object, part: Part) -> FoldedSpan | None:
    """Find the span of a value in a part of the letter; None if the part does not state it.

    Text counts as standing where its words stand in order, whatever the case, spacing and punctuation; a word or a
    number is never matched in part, and a number within it follows its word directly. A number counts in figures or
    in words, a date in any form that the grammar reads.

    Args:
        value: a value of the record.
        part: the field's own part of the letter.

    Returns:
        `[start, end)` in the letter's folded text.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        for found in _NUMBER.finditer(part.text):
            if number(found.group()) == value:
                return part.span(*found.span())
        return None
    if isinstance(value, date):
        return next((reading.span for reading in read_dates(part) if reading.value == value), None)
    text = str(value)
    if re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
        dated = next((reading.span for reading in read_partial_dates(part) if reading.value == text), None)
        if dated:
            return dated
    return _text(text, part)


def _text(value: str, part: Part) -> FoldedSpan | None:
    wanted = [token.group().lower() for token in _TOKEN.finditer(value)]
    if not wanted:
        return None
    # A quick test: most absent values have a word that the part does not have.
    lower = part.text.lower()
    if not all(word in lower for word in wanted):
        return None
    exact = lower.find(value.lower())
    end = exact + len(value)
    if exact >= 0 and _is_edge(part.text, exact) and _is_edge(part.text, end):
        return part.span(exact, end)
    tokens = list(_TOKEN.finditer(part.text))
    words = [token.group().lower() for token in tokens]
    for gap in (0, _GAP):
        span = _in_order(wanted, words, gap)
        if span:
            return part.span(tokens[span[0]].start(), tokens[span[1]].end())
    return None


def _is_edge(text: str, at: int) -> bool:
    """Whether a word ends at an index, also if a lost line break joined it to the next sentence."""
    before, after = text[at - 1 : at], text[at : at + 1]
    return not (before.isalnum() and after.isalnum()) or (before.islower() and after.isupper())


def _in_order(wanted: list[str], words: list[str], gap: int) -> tuple[int, int] | None:
    """First and last index of the wanted words in order, with at most `gap` words between two of them."""
    for first, word in enumerate(words):
        if word != wanted[0]:
            continue
        at = first
        for following in wanted[1:]:
            # "Norco 325 mg" does not stand in "Norco 10/325 mg", nor "L5" in "L4-5".
            window = words[at + 1 : at + 2 + (0 if following[0].isdigit() else gap)]
            if following not in window:
                break
            at += 1 + window.index(following)
        else:
            return first, at
    return None
