"""Courses of treatment: how often, for how long, and how many visits follow."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from imrllm.folding import caseless
from imrllm.grammar.numbers import NUMBER, REPEAT, TO, WORD, number
from imrllm.grammar.reading import Part, Reading, overlaps
from imrllm.normalization import COUNTABLE, FIGURES
from imrllm.spans import FoldedSpan, PartSpan

_PERIOD = r"(?:week|wk|month|day|dai|quarter|year)"
_EVENTS = r"(?:times?|x|visits?|sessions?|treatments?|appointments?|days?|hours?|hrs?)"
# A count with its period. Not "2 times 6" (a course's short form, read below) nor "6 week program" (a length of time).
_FREQUENCY = caseless(
    rf"""
    (?:\b(?P<word>once|twice|thrice)|(?P<low>{NUMBER}){REPEAT}(?:{TO}(?P<high>{NUMBER}){REPEAT})?)  # "twice", "1 to 2"
    (?:
        \s?{_EVENTS}?\s?,?(?:\s?\b(?:a|per|each|every)\s?|\s?/\s?)
            (?P<period>{_PERIOD})\b  # "2 times a week", "2x/week", "3 per week", "6 hours per day", "2 sessions a week"
        | (?:\s?(?:times|x))?\s(?P<every>{_PERIOD})ly\b  # "twice weekly", "2 x weekly"
            (?!\s(?:[a-z]+\s){{0,4}}(?:visits|sessions|appointments|treatments)\b)  # "6 monthly sessions" are six
        | \s?(?:times\s|x\s?)(?P<short>{_PERIOD})\b  # "2 x week"
    )
    | \b(?P<interval>once\ every\ {NUMBER}\ (?:days|weeks|months))\b  # "once every 30 days"
    | \b(?P<adverb>weekly|monthly|quarterly|daily)\b
    """,
    re.VERBOSE,
)
# A length of time; as printed, the number and its unit. "2 per week" has no number right before the unit.
_DURATION = caseless(
    rf"""
    (?:
        \b(?:for|over|x|times)\s?(?:an?\s|the\ next\s|up\ to\s)?  # "for 6 weeks", "x 6 wks", "over the next two weeks"
        | (?<=\d)x\s?  # "2x 6 weeks"
    )?
    (?P<printed>
        (?P<count>(?<=\bfor){COUNTABLE}\d+|{NUMBER}){REPEAT}\s?-?\s?  # "for6", "6", "six (6)"
        (?P<unit>days?|weeks?|wks?|months?|years?)
    )\b
    (?:\s(?:rental|coverage|supply|trial|period))?  # "30 day rental"
    """,
    re.VERBOSE,
)
# "4 to 6 weeks".
_DURATION_RANGE = caseless(rf"(?P<printed>{NUMBER}{REPEAT}{TO}{NUMBER}{REPEAT}\s?(?:days?|weeks?|wks?|months?))\b")
# "2 times 6", "2x6", "2 x 6 weeks": times a week and weeks (the record's rule).
_SHORT_COURSE = caseless(
    rf"""
    (?P<least>{NUMBER}{TO})?(?P<times>{NUMBER})  # "2", "2-3"
    \s?(?:x|times|\*)\s?
    (?P<weeks>
        (?:{FIGURES}|\b{WORD})(?P<most>{TO}(?:{FIGURES}|\b{WORD}))?  # "6", "6-8"
        (?![\w.%]|\s?(?:mg|mcg|gm?|ml|cm|mm|%|days?|months?|hours?|per|a)\b)  # not "2 x 6 days"
    )
    (?:\s?(?P<unit>weeks?|wks?)\b)?
    """,
    re.VERBOSE,
)
_IN = re.compile(r"\b(?:in|after)\s$", re.IGNORECASE)
_HOURLY = re.compile(r"(?<![a-z])(?:hours?|hrs?)\b", re.IGNORECASE)
# More treatments a week than this are no frequency.
_MOST_A_WEEK = 7
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
# Words without which no course stands; most requests hold none.
_TIMED = caseless(r"week|wk|quarter|month|da[yi]|year|times|\*|x")


@dataclass(frozen=True, slots=True)
class Course:
    """What a request says of a course; spans are of the letter's folded text.

    Attributes:
        frequency: how often, as printed.
        duration: for how long, as printed.
        visits: the visits that follow.
        spans: every stretch that speaks of a course.
        apart: those of them that are in none of the values: a second course's frequency.
    """

    frequency: Reading[str] | None
    duration: Reading[str] | None
    visits: Reading[int] | None
    spans: tuple[FoldedSpan, ...]
    apart: tuple[FoldedSpan, ...] = ()


def read_course(part: Part) -> Course:
    """Frequency and duration as printed, and the visits that follow from them: times a week × weeks.

    Returns:
        A course; `visits` is None where either factor is a range or missing.
    """
    text = part.lower
    if not _TIMED.search(text):
        return Course(None, None, None, ())
    spans: list[PartSpan] = []
    frequencies = list(_FREQUENCY.finditer(text))
    frequency = (
        part.quote(frequencies[0].start(), frequencies[-1].end()) if _adjoining(part.text, frequencies) else None
    )
    apart = [] if frequency else frequencies[1:]
    if frequency is None and frequencies:
        frequency = part.quote(*frequencies[0].span())
    spans += [PartSpan(match.span()) for match in frequencies]
    short = None if frequencies else _SHORT_COURSE.search(text)
    if short and short["unit"] and number(short["times"]) > _MOST_A_WEEK:
        # "12 times 2 weeks" is an amount and how long it lasts.
        short = None
    duration_match = next(
        (
            match
            for match in _DURATION.finditer(text)
            if not overlaps(PartSpan(match.span("printed")), spans) and match["count"]
        ),
        None,
    )
    ranged = next(
        (match for match in _DURATION_RANGE.finditer(text) if not overlaps(PartSpan(match.span()), spans)), None
    )
    duration = None
    if duration_match and (waited := _IN.search(text, 0, duration_match.start("printed"))):
        # "Follow-up visit in 6 weeks" says when, not how long.
        spans.append(PartSpan((waited.start(), duration_match.end())))
        duration_match = None
    if short and short["unit"]:
        duration = part.quote(short.start("weeks"), short.end())
        ranged = duration_match = None
    elif ranged:
        duration = part.quote(*ranged.span("printed"))
        spans.append(PartSpan(ranged.span()))
        duration_match = None
    elif duration_match:
        duration = part.quote(*duration_match.span("printed"))
        spans.append(PartSpan(duration_match.span()))
    visits: Reading[int] | None = None
    counted = next(
        (
            match
            for match in reversed(frequencies)
            if not (match["adverb"] or match["interval"] or _HOURLY.search(match.group()))
        ),
        None,
    )
    if counted and duration_match and not counted["high"]:
        per = _TIMES[counted["word"].lower()] if counted["word"] else number(counted["low"])
        period = counted["period"] or counted["every"] or counted["short"]
        if _period(period) == _period(duration_match["unit"]):
            start, end = min(counted.start(), duration_match.start()), max(counted.end(), duration_match.end())
            visits = part.reading(round(per * number(duration_match["count"])), start, end)
            apart = [match for match in apart if match is not counted]
    elif short and not overlaps(PartSpan(short.span()), spans):
        if not (short["least"] or short["most"]):
            visits = part.reading(round(number(short["times"]) * number(short["weeks"])), *short.span())
        spans.append(PartSpan(short.span()))
    return Course(frequency, duration, visits, part.spans(spans), part.spans_of(apart))


def _adjoining(text: str, matches: list[re.Match[str]]) -> bool:
    """Whether frequencies follow each other with nothing but a comma between ("6 hours per day, 5 times a week")."""
    pairs = pairwise(matches)
    return bool(matches) and all(
        re.fullmatch(r"[,;]?\s?(?:(?:x|times|and|for)\s)?", text[first.end() : second.start()])
        for first, second in pairs
    )


def _period(unit: str) -> str:
    """A period's name for comparison: singular, written out; "dai" for "daily" is the day."""
    return unit.lower().rstrip("s").replace("wk", "week").replace("dai", "day")
