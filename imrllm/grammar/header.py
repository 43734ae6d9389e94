"""The header block: six labels and their values, in whichever order the text extractor gives its two columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args

from imrllm.folding import caseless
from imrllm.grammar.dates import read_dates
from imrllm.grammar.reading import Part, Reading
from imrllm.letter.patterns import HeaderPatterns, default_patterns
from imrllm.records import Priority

_DateField = Literal["date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received"]

# CM, two digits of the year, a hyphen, seven digits (2013 letters: six or seven).
# A pattern that opens with letters is several times faster than one that opens with a boundary.
_CASE = caseless(r"CM(?<=\bCM)\s?\d{2}\s?-\s?\d{6,7}\b")
# Directly after its label, a number that does not begin with CM.
_LABELED_CASE = re.compile(r"[A-Z]{0,3}\s?\d[\d-]{5,14}(?!\w|/)")
_PRIORITY = re.compile(r"\b(?P<priority>Standard|Expedited)\b", re.IGNORECASE)
# A header with neither of these labels has no block of labels.
_TELLING = ("date_assigned", "decision_date")
_REACH = 4


@dataclass(frozen=True, slots=True)
class HeaderReadings:
    """What the grammar reads of the header, by the record's field names; None where a value is not printed."""

    case_number: Reading[str] | None = None
    date_assigned: Reading[date] | None = None
    date_of_injury: Reading[date] | None = None
    decision_date: Reading[date] | None = None
    ur_denial_date: Reading[date] | None = None
    application_received: Reading[date] | None = None
    priority: Reading[Priority] | None = None


def read_header(part: Part, patterns: HeaderPatterns | None = None) -> HeaderReadings:
    """Read the header's values.

    Args:
        part: the header.
        patterns: the labels of the letter's form; by default those of the first known form.
    """
    patterns = patterns or default_patterns().header
    case, priority = _CASE.search(part.lower) or _labelled_case(part, patterns), None
    found: dict[_DateField, Reading[date]] = {}
    dates = list(read_dates(part))
    if any(patterns.labels[each].search(part.text) for each in _TELLING if each in patterns.labels):
        found = _labelled_dates(part, dates, patterns)
        label = patterns.labels["priority"].search(part.text) if "priority" in patterns.labels else None
        priority = _PRIORITY.search(part.text, label.end() if label else 0)
    for field in get_args(_DateField):
        lead = patterns.prose.get(field)
        if lead and field not in found and (match := lead.search(part.text)):
            after = [each for each in dates if 0 <= part.offset(each.span[0]) - match.end() <= _REACH]
            if after:
                found[field] = after[0]
    return HeaderReadings(
        case_number=part.reading(re.sub(r"\s", "", case.group()).upper(), *case.span()) if case else None,
        priority=part.reading(cast(Priority, priority[0].capitalize()), *priority.span()) if priority else None,
        **found,
    )


def case_numbers(part: Part) -> tuple[Reading[str], ...]:
    """The case numbers of a text, each once, in printed order.

    Args:
        part: the header, or the whole letter: a footer or another letter may print one.
    """
    found: dict[str, Reading[str]] = {}
    for case in _CASE.finditer(part.lower):
        number = re.sub(r"\s", "", case.group()).upper()
        found.setdefault(number, part.reading(number, *case.span()))
    return tuple(found.values())


def _labelled_case(part: Part, patterns: HeaderPatterns) -> re.Match[str] | None:
    label = patterns.labels["case_number"].search(part.text) if "case_number" in patterns.labels else None
    return _LABELED_CASE.match(part.text, label.end()) if label else None


def _labelled_dates(
    part: Part, dates: list[Reading[date]], patterns: HeaderPatterns
) -> dict[_DateField, Reading[date]]:
    """Each label's date: the one right after it, else by the order of labels and values where columns came apart."""
    labels = [
        (match.start(), match.end(), field)
        for field in get_args(_DateField)
        if field in patterns.labels and (match := patterns.labels[field].search(part.text))
    ]
    labels.sort()
    free = list(dates)
    found: dict[_DateField, Reading[date]] = {}
    waiting: list[_DateField] = []
    for _, end, field in labels:
        near = [each for each in free if 0 <= part.offset(each.span[0]) - end <= _REACH]
        if near:
            found[field] = near[0]
            free.remove(near[0])
        else:
            waiting.append(field)
    # What is left stands in the labels' own order, whether the two columns were read across or down.
    if len(waiting) == len(free):
        found |= dict(zip(waiting, free, strict=True))
    return found
