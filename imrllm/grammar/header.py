"""The header block: six labels and their values, in whichever order the text extractor gives its two columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from imrllm.grammar.dates import read_dates
from imrllm.grammar.reading import Part, Reading
from imrllm.records import Priority

_DateField = Literal["date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received"]

# CM, two digits of the year, a hyphen, seven digits (2013 letters: six or seven).
_CASE = re.compile(r"\bCM\s?\d{2}\s?-\s?\d{6,7}\b", re.IGNORECASE)
_LABELS: dict[_DateField, re.Pattern[str]] = {
    "date_assigned": re.compile(r"Date Assigned\s?:", re.IGNORECASE),
    "date_of_injury": re.compile(r"Date of Injury\s?:", re.IGNORECASE),
    "decision_date": re.compile(r"Decision Date\s?:", re.IGNORECASE),
    "ur_denial_date": re.compile(r"(?:UR Denial Date|Date of UR Decision|UR Decision Date)\s?:", re.IGNORECASE),
    "application_received": re.compile(
        r"(?:IMR )?Application Received\s?:|Application\s(?=.{0,40}Received\s?:)", re.IGNORECASE
    ),
}
_PRIORITY = re.compile(r"\b(?P<priority>Standard|Expedited)\b", re.IGNORECASE)
_REACH = 4
# 2013 states the dates in prose.
_PROSE: dict[_DateField, re.Pattern[str]] = {
    "application_received": re.compile(
        r"application for Independent Medical Review was (?:filed|received) on ", re.IGNORECASE
    ),
    "ur_denial_date": re.compile(
        r"Utilization Review (?:Denial|Decision|determination)(?: letter)? dated ", re.IGNORECASE
    ),
    "date_assigned": re.compile(
        r"Notice of Assignment and Request for Information was provided(?: [a-z, ]{0,60})? on ", re.IGNORECASE
    ),
    "decision_date": re.compile(r"\bDated:\s?", re.IGNORECASE),
}


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


def read_header(part: Part) -> HeaderReadings:
    """Read the header's values."""
    case, priority = _CASE.search(part.text), None
    found: dict[_DateField, Reading[date]] = {}
    dates = list(read_dates(part))
    if len(_LABELS["date_assigned"].findall(part.text)) or _LABELS["decision_date"].search(part.text):
        found = _labelled_dates(part, dates)
        priority = _PRIORITY.search(part.text)
    for field, lead in _PROSE.items():
        if field not in found and (match := lead.search(part.text)):
            after = [each for each in dates if 0 <= part.offset(each.span[0]) - match.end() <= _REACH]
            if after:
                found[field] = after[0]
    return HeaderReadings(
        case_number=part.reading(re.sub(r"\s", "", case.group()).upper(), *case.span()) if case else None,
        priority=part.reading(cast(Priority, priority[0].capitalize()), *priority.span()) if priority else None,
        **found,
    )


def _labelled_dates(part: Part, dates: list[Reading[date]]) -> dict[_DateField, Reading[date]]:
    """Each label's date: the one right after it, else by the order of labels and values where columns came apart."""
    labels = [
        (match.start(), match.end(), field) for field, label in _LABELS.items() if (match := label.search(part.text))
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
