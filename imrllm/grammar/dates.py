"""Dates as the letters print them, in figures and in words."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from imrllm.grammar.reading import DisjointSpans, Part, Reading
from imrllm.grammar.word_lists import read_entries
from imrllm.spans import PartSpan

_NAMES = dict(read_entries("words.txt"))["months"]
_MONTHS = {name[:3].lower(): number for number, name in enumerate(_NAMES, start=1)}
_MONTH = rf"(?:{'|'.join(_NAMES)})\.?"
# Accepts 10-13-16, 11/16/2016, 10/14/ 2016 (a stray space at a line's end), 3.12.09 and ISO dates; refuses
# parts of longer runs of figures (codes, telephone numbers, 5-325-60) and mixed separators.
# The lookbehind follows the first digit: a pattern that opens with a digit is three to ten times faster than one that
# opens with a lookbehind.
_FIGURES = re.compile(
    r"\d(?<![\w/.-].)(?:\d?(?P<sep>[-/.])\d{1,2}(?P=sep)(?: ?(?:19|20)\d{2}|\d{2})|\d{3}-\d{2}-\d{2})(?![\w/-]|\.\d)"
)
# Every full date has two figures with a separator between them, or a year.
_DATED = re.compile(r"\d[-/.]\s?\d|\d{4}")
# Years are few, so months are searched for right before them: at every word this would be the slowest pattern here.
_FOUR = re.compile(r"\d{4}\b(?<=[ ,-]....)")
_BEFORE_YEAR = re.compile(
    rf"""
    \b(?:(?P<first>(?<![\d/.#-])\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of\ )?)?  # "4th of"
    (?P<month>{_MONTH})(?:\ (?P<day>\d{{1,2}})(?:st|nd|rd|th)?)?  # "September 4"
    (?:,|\ of|,\ of)?[ -]$
    """,
    re.IGNORECASE | re.VERBOSE,
)
# In characters: the longest month with its day before it ("4th of September") or behind, and the character before it.
_BEFORE_REACH = 34
_FIGURE_MONTH = re.compile(r"(?P<month>\d(?<![\w/.-].)\d?)/(?P<year>(?:19|20)\d{2})(?![\w/-])")
# A year alone or at either end of a range of years ("2009-2012"); never an amount ("2000 mg", "2,000").
_YEAR = re.compile(
    r"""
    (?P<year>(?:19|20)\d{2})
    (?:(?<![\w/.,#-]....)|(?<=\b19\d\d-....)|(?<=\b20\d\d-....))
    (?!
        [\w/%] | [.,]\d | -(?!(?:19|20)\d\d\b)
        | \s?(?:mg|mcg|ml|cc|gm|grams?|units?)\b
    )
    """,
    re.VERBOSE,
)
# No letter is older than 2013: without its date, two-digit years up to this one are of this century.
_LAST_SHORT_YEAR = 2030


def full_date(year: int, month: int, day: int, latest: date | None = None) -> date | None:
    """A date, or None if the day does not exist. Two-digit years fall in the 60 years up to `latest`.

    Source of the century rule: the record's specification (an injury precedes its letter by no more than 60 years).
    """
    if year < 100:
        newest = latest.year if latest else _LAST_SHORT_YEAR
        year += newest // 100 * 100
        if year > newest:
            year -= 100
    try:
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=4)
def read_dates(part: Part, latest: date | None = None) -> tuple[Reading[date], ...]:
    """Every full date of a part, in the order in which they stand.

    Args:
        part: the stretch to read.
        latest: no two-digit year is read as later than this; the letter's own date where it is known.
    """
    # Several readers ask for a summary's dates: they are read once. Most headings have no date.
    if not _DATED.search(part.text):
        return ()
    found: list[Reading[date]] = []
    for match in _FIGURES.finditer(part.text):
        first, second, third = (int(piece) for piece in re.split(r"[-/.]", match.group()))
        iso = match.group().find("-") == 4
        value = full_date(first, second, third) if iso else full_date(third, first, second, latest)
        if value:
            found.append(part.reading(value, *match.span()))
    for month, span, year in _named(part):
        day = month["day"] or month["first"]
        value = full_date(year, _MONTHS[month["month"][:3].lower()], int(day)) if day else None
        if value:
            found.append(part.reading(value, *span))
    return tuple(sorted(found, key=lambda reading: reading.span))


@lru_cache(maxsize=2)
def _named(part: Part) -> tuple[tuple[re.Match[str], PartSpan, int], ...]:
    """Each month's name, with its day or without, that stands right before a year; the span of both, and the year."""
    found = []
    for year in _FOUR.finditer(part.text):
        low = max(0, year.start() - _BEFORE_REACH)
        named = _BEFORE_YEAR.search(part.text[low : year.start()])
        if named:
            found.append((named, PartSpan((low + named.start(), year.end())), int(year.group())))
    return tuple(found)


def read_partial_dates(part: Part, latest: date | None = None) -> list[Reading[str]]:
    """Every date of a part, full or not, as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, in the order in which they stand."""
    found: list[Reading[str]] = [
        Reading(reading.value.isoformat(), reading.span) for reading in read_dates(part, latest)
    ]
    taken = DisjointSpans(reading.span for reading in found)
    for named, within, year in _named(part):
        span = part.span(*within)
        if named["day"] is None and named["first"] is None and year // 100 in (19, 20) and taken.add(span):
            found.append(Reading(f"{year}-{_MONTHS[named['month'][:3].lower()]:02d}", span))
    for pattern in (_FIGURE_MONTH, _YEAR):
        for match in pattern.finditer(part.text):
            span = part.span(*match.span())
            month = match.groupdict().get("month")
            if month and not 1 <= int(month) <= 12:
                continue
            value = f"{match['year']}-{int(month):02d}" if month else match["year"]
            if taken.add(span):
                found.append(Reading(value, span))
    return sorted(found, key=lambda reading: reading.span)
