"""One disputed item's request: what was decided, and every value that its words state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from imrllm.grammar.dates import read_dates
from imrllm.grammar.numbers import NUMBER
from imrllm.grammar.reading import FieldReading, Part, Reading
from imrllm.grammar.request.amounts import Amount, explicit_amounts, read_amount
from imrllm.grammar.request.body_parts import read_body_parts
from imrllm.grammar.request.categories import read_category
from imrllm.grammar.request.courses import Course, read_course
from imrllm.grammar.request.headings import split_heading
from imrllm.grammar.request.medications import (
    directed_unit,
    name_numbers,
    read_directions,
    read_ingredients,
    read_refills,
    read_strengths,
)
from imrllm.grammar.request.residue import read_residue
from imrllm.grammar.request.treatments import left_out, read_treatment
from imrllm.records import Category
from imrllm.spans import FoldedSpan

_RETROSPECTIVE = re.compile(r"\bretro(?:spective|\b(?!-))", re.IGNORECASE)
# What a date of service stands behind. Written for `re.VERBOSE`.
_SERVED = r"""
DOS
| dates?\ of\ service
| service\ dates?
| (?:performed|provided|rendered|dispensed|given|administered)(?:\ on)?(?:\ dates?\ of\ service)?  # "dispensed on"
"""
_OF_SERVICE = re.compile(
    rf"""
    \b(?:{_SERVED}
        | retrospective(?:\ date)?(?=\s\d)  # "Retrospective 1/1/16"
    )\b
    [\s:(]{{0,3}}(?:on\ |of\ |from\ )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The date of an order, not of what was given.
_OF_ORDER = re.compile(r"\b(?:prescribed|ordered|requested|dated|per)\b[^\d]{0,12}$", re.IGNORECASE)
# A date's own words go with it: "(prescribed 8/20/14)", "DOS: 11/11/2016".
_DATED = re.compile(
    rf"\(?\b(?:prescribed|ordered|requested|{_SERVED}|per|between|from)\b[^()\x00]{{0,20}}$", re.IGNORECASE | re.VERBOSE
)
# Another date of service: "DOS 5/1/14, 5/8/14". Not one of an order.
_SERVED_BEFORE = re.compile(rf"\b(?:{_SERVED})\b[\d\s/,;&:-]{{1,40}}(?:and\s)?$", re.IGNORECASE | re.VERBOSE)
# How far before a date its own words may start, in characters.
_BEFORE_DATE = 50
_VISIT_CATEGORIES: tuple[Category, ...] = (
    "physical_therapy",
    "chiropractic",
    "acupuncture",
    "other_therapy",
    "psychological",
)
_DRUGS: tuple[Category, ...] = ("medication", "topical_compound")
# A lead-in that counts prescriptions, not units.
_PRESCRIPTIONS = re.compile(rf"{NUMBER}\s?(?:\(\d+\)\s?)?prescriptions?\b", re.IGNORECASE)
# Hours of each day are how often, not how many: "4 hours of home care per day".
_OF_EACH_DAY = re.compile(
    r"""
    \bh(?:ou)?rs?\b[^,;.]{0,60}?
    (?:
        \b(?:per|an?|each|every)\s(?:day|week|month)\b  # "hours a day"
        | \b(?:dai|week)ly\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FEW_UNITS = re.compile(r"^\d{1,2} units$")
_TOXIN = re.compile(r"botulinumtoxin")
# The number of a list's entry: "1) MRI".
_LISTED = re.compile(r"^\d{1,2}\)\s")
_BARE_STRENGTHS = re.compile(r"(?<=[A-Za-z)] )\d{1,3}(?:\.\d{1,2})?\s?[/-]\s?\d{2,3}(?![\w./-])")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class RequestReadings:
    """What a heading states, by the record's field names; None or empty where a value is not printed.

    Attributes:
        request: what was decided; None if a text that is only a rationale names no request, or several.
        unread: figures and words that no reader took: another treatment, a count, a name's end. Words that say nothing
            of what was asked for are left out ("for pain").
        doubtful: the heading mentions a partly authorized request in words that were not understood.
        contested: by field, a second value that the request prints and that disagrees with the one read: another amount
            beside its quantity, or a course of another length than its count of visits.
    """

    request: Reading[str] | None = None
    original_request: Reading[str] | None = None
    authorized: Reading[str] | None = None
    treatment: Reading[str] | None = None
    category: Reading[Category] | None = None
    ingredients: tuple[Reading[str], ...] = ()
    strengths: tuple[Reading[str], ...] = ()
    quantity: Reading[float] | None = None
    quantity_unit: Reading[str] | None = None
    refills: Reading[int] | None = None
    frequency: Reading[str] | None = None
    duration: Reading[str] | None = None
    total_visits: Reading[int] | None = None
    body_parts: tuple[Reading[str], ...] = ()
    retrospective: Reading[bool] | None = None
    date_of_service: Reading[date] | None = None
    unread: tuple[Reading[str], ...] = ()
    doubtful: bool = False
    contested: Mapping[str, FieldReading] = field(default_factory=dict)


def read_request(heading: Part, latest: date | None = None) -> RequestReadings:
    """Every value that a disputed item's heading states.

    Args:
        heading: the whole heading.
        latest: the letter's own date, for two-digit years.
    """
    parts = split_heading(heading)
    part = parts.decided
    ingredients = read_ingredients(part)
    # The number of "Tylenol #3" or "Vitamin B-12" is its name's.
    numbered = [span for span in _spans(ingredients) if _DIGIT.search(part.text, *part.within(span))]
    numbered += name_numbers(part)
    dated = _dated(part, latest)
    strengths = read_strengths(part.masked([*dated, *numbered]))
    if ingredients and all(_TOXIN.search(each.value) for each in ingredients):
        # A toxin is asked for by its units: they are the amount.
        strengths = tuple(each for each in strengths if not each.value.endswith(" units"))
    elif not ingredients or len({_FEW_UNITS.search(each.value) is None for each in strengths}) > 1:
        # So are a few units of what is no drug, or beside another strength.
        strengths = tuple(each for each in strengths if not _FEW_UNITS.search(each.value))
    strength_spans = _spans(strengths)
    # Neither refills nor directions nor a course may take the number of "#30": what is marked as an amount is hidden.
    refillable = part.masked([*dated, *numbered, *strength_spans])
    marked = explicit_amounts(refillable)
    refills = read_refills(refillable.masked(marked))
    free = refillable.masked(_spans(refills))
    unmarked = free.masked(marked)
    directions = read_directions(unmarked)
    course = read_course(unmarked.masked(_spans(directions)))
    amount = read_amount(free.masked([*_spans(directions), *course.spans]), course=bool(course.spans))
    if amount.unit and amount.unit.value == "hour" and _OF_EACH_DAY.search(part.text):
        amount = replace(amount, quantity=None, unit=None, visits=None, contested=None)
    bodies, body_spans = read_body_parts(part)
    prescribed = _PRESCRIPTIONS.finditer(free.text) if "prescription" in part.lower else ()
    prescriptions = part.spans_of(prescribed)
    listed = part.spans_of(_LISTED.finditer(part.text))
    amounts = (*listed, *_run_together(part, strength_spans), *_spans(refills), *amount.spans, *prescriptions)
    # The figures of "Percocet 5/325" are no part of the name; without a unit they are no strengths either, and unread.
    bare = part.spans_of(_BARE_STRENGTHS.finditer(free.text)) if len(ingredients) > 1 else ()
    endings = (*dated, *_spans(directions), *course.spans)
    left_aside = left_out(part)
    cut_out = (*body_spans, *left_aside)
    treatment, named = read_treatment(part, (*amounts, *amount.sizes, *bare), endings, cut_out)
    category = read_category(
        part.text,
        treatment.value if treatment else "",
        len(set(_spans(ingredients))),
        tuple(strength.value for strength in strengths),
    )
    where = treatment.span if treatment else part.whole
    drug = category in _DRUGS
    retrospective, served = _service(heading, latest)
    # The record has one date of service.
    served_too = [
        span
        for span, at in dated.items()
        if served
        and at[0] > served.span[0]
        and _SERVED_BEFORE.search(part.text, max(0, part.offset(at[0]) - _BEFORE_DATE), part.offset(at[0]))
    ]
    # Nothing is read of a second course beside directions, nor of a container's size where no container is counted.
    unread = {*served_too, *amount.apart, *course.apart, *(() if amount.quantity else amount.sizes)}
    if directions and course.frequency:
        first, last = course.frequency.span
        unread.update(span for span in course.spans if first <= span[0] < last)
    read = (*amounts, *amount.sizes, *endings, *left_aside, *named)
    taken = [span for span in read if span not in unread]
    # The amount chosen and its unit stand or fall together.
    contested: dict[str, FieldReading] = {}
    if amount.contested:
        contested = dict.fromkeys(("quantity", "quantity_unit"), amount.contested)
    if amount.visits and course.visits and amount.visits.value != course.visits.value and not drug:
        contested["total_visits"] = course.visits
    return RequestReadings(
        request=parts.request,
        original_request=parts.original_request,
        authorized=parts.authorized,
        treatment=treatment,
        category=Reading(category, where) if category else None,
        ingredients=ingredients if drug or category in ("injection", "surgical_adjunct") else (),
        strengths=strengths,
        quantity=amount.quantity,
        quantity_unit=_unit(amount, directions),
        refills=refills,
        frequency=directions or course.frequency,
        duration=course.duration,
        total_visits=None if drug else _visits(amount, course, category),
        body_parts=bodies,
        retrospective=retrospective,
        date_of_service=served,
        # Of parts that were not understood all is to be looked at.
        unread=() if parts.doubtful else read_residue(part, taken, body_spans),
        doubtful=parts.doubtful,
        contested=contested,
    )


def _spans(readings: FieldReading | None) -> list[FoldedSpan]:
    """The spans of a reading, of several, or of none."""
    if readings is None:
        return []
    return [reading.span for reading in (readings if isinstance(readings, tuple) else (readings,))]


def _run_together(part: Part, spans: list[FoldedSpan]) -> list[FoldedSpan]:
    """Spans with those made one that only a slash or a hyphen parts: "20/5%"."""
    joined: list[FoldedSpan] = []
    for span in sorted(spans):
        if joined and part.text[part.offset(joined[-1][1]) : part.offset(span[0])].strip() in ("/", "-"):
            joined[-1] = FoldedSpan((joined[-1][0], span[1]))
        else:
            joined.append(span)
    return joined


def _dated(part: Part, latest: date | None) -> dict[FoldedSpan, FoldedSpan]:
    """The stretches of a request's dates, each with the words and brackets that go with it, and the date's own span."""
    spans = {}
    for found in read_dates(part, latest):
        start, end = part.within(found.span)
        lead = _DATED.search(part.text, max(0, start - _BEFORE_DATE), start)
        start = lead.start() if lead else start
        if part.text[start] == "(" and part.text[end : end + 1] == ")":
            end += 1
        spans[part.span(start, end)] = found.span
    return spans


def _unit(amount: Amount, directions: Reading[str] | None) -> Reading[str] | None:
    """The quantity's unit: printed beside it, else the one that the directions name ("one tablet Q8 hours")."""
    if amount.quantity is None or amount.unit or directions is None:
        return amount.unit
    word = directed_unit(directions.value)
    return Reading(word, directions.span) if word else None


def _visits(amount: Amount, course: Course, category: Category | None) -> Reading[int] | None:
    """A course's visits: the printed count, else times a week × weeks, else a bare "times 12" of a therapy."""
    if amount.visits or amount.quantity is None:
        return amount.visits or course.visits
    if amount.unit:
        return None
    if course.visits is None and category in _VISIT_CATEGORIES:
        return Reading(round(amount.quantity.value), amount.quantity.span)
    return course.visits


def _service(heading: Part, latest: date | None) -> tuple[Reading[bool], Reading[date] | None]:
    """Whether the treatment was already given, and when, from the whole heading."""
    said = _RETROSPECTIVE.search(heading.text)
    served = None
    dates = read_dates(heading, latest)
    if marked := [found.end() for found in _OF_SERVICE.finditer(heading.text)] if dates else []:
        starts = {heading.offset(each.span[0]): each for each in dates}
        following = (starts.get(end + gap) for end in marked for gap in range(3))
        served = next(filter(None, following), None)
    if said and len(dates) == 1 and not _OF_ORDER.search(heading.text, 0, heading.offset(dates[0].span[0])):
        # "RETROSPECTIVE X-RAY (2/3/2016)": the one date of what was given already is when.
        served = dates[0]
    if said:
        return heading.reading(True, *said.span()), served
    return Reading(served is not None, served.span if served else heading.whole), served
