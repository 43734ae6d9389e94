"""Courses of treatment: how often, for how long, how many visits; and the amount that a request names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imrllm.grammar.numbers import FIGURES, NUMBER, number
from imrllm.grammar.reading import Part, Reading
from imrllm.records import Span

_RANGE = rf"(?:{NUMBER})(?:\s?(?:-|to)\s?(?:{NUMBER}))?"
_PERIOD = r"(?:week|wk|month|day|dai|year)"
# Accepts "2 times a week", "2x/week", "twice weekly", "1 to 2 times per week", "3 per week", "2 x week", "6 hours per
# day", "2 sessions a week"; refuses a count with no period ("2 times 6" is a course's short form, read below) and a
# length of time ("6 week program").
_EVENTS = r"(?:times|x|visits|sessions|treatments|appointments|days|hours|hrs)"
_FREQUENCY = re.compile(
    rf"(?:\b(?P<word>once|twice|thrice)|(?P<low>{NUMBER})(?:\s?(?:-|to)\s?(?P<high>{NUMBER}))?)"
    rf"(?:\s?{_EVENTS}?\s?,?(?:\s?\b(?:a|per|each|every)\s|\s?/\s?)(?P<period>{_PERIOD})\b"
    rf"|(?:\s?(?:times|x))?\s(?P<every>{_PERIOD})ly\b|\s?(?:times|x)\s(?P<short>{_PERIOD})\b)"
    rf"|\b(?P<adverb>weekly|monthly|daily)\b",
    re.IGNORECASE,
)
# "for 6 weeks", "times 2 weeks", "x 6 wks", "over two weeks", "30 day rental", "3 months coverage"; as printed, the number and
# its unit. A per-period ("2 per week") has no number right before the unit.
_DURATION = re.compile(
    rf"(?:\b(?:for|over|x|times)\s?(?:an?\s|the next\s|up to\s)?|(?<=\d)x\s?)?(?P<printed>(?P<count>{NUMBER})\s?(?:\(\d+\)\s?)?-?\s?"
    rf"(?P<unit>days?|weeks?|wks?|months?|years?))\b(?:\s(?:rental|coverage|supply|trial|period))?",
    re.IGNORECASE,
)
_DURATION_RANGE = re.compile(rf"(?P<printed>(?P<low>{NUMBER})\s?(?:-|to)\s?{NUMBER}\s?(?:days?|weeks?|wks?|months?))\b", re.IGNORECASE)
# "2 times 6", "2x6", "2 x 6": times a week and weeks (the record's rule).
_SHORT_COURSE = re.compile(
    rf"(?P<times>{NUMBER})\s?(?:x|times|\*)\s?(?P<weeks>(?:{FIGURES})(?![\w.%]|\s?(?:mg|mcg|gm?|ml|cm|mm|%|days?|weeks?|wks?|months?|hours?|per|a)\b))",
    re.IGNORECASE,
)
_HOURLY = re.compile(r"hours|hrs", re.IGNORECASE)
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}

_VISITS = r"visits?|sessions?|treatments?|appointments?"
_CONTAINERS = r"boxes|box|bottles?|tubes?|vials?|units?|kits?|packs?|packages?|pairs?|syringes?|ampules?|pens?|refills?"
_FORMS = r"tablets?|tabs?|capsules?|caps?|pills?|patch(?:es)?|lozenges?|suppositor(?:y|ies)|drops?|sprays?|inhalers?"
_THINGS = r"injections?|evaluations?|consultations?|nights?"
_UNIT_NAMES = {
    "tab": "tablet",
    "cap": "capsule",
    "boxes": "box",
    "patches": "patch",
    "suppositories": "suppository",
    "gm": "gram",
    "gms": "gram",
    "g": "gram",
    "grams": "gram",
    "ounces": "ounce",
    "oz": "ounce",
    "milliliters": "ml",
    "milliliter": "ml",
}
_NOUN = rf"(?:{_VISITS}|{_FORMS}|{_CONTAINERS}|{_THINGS})"
_HASH = re.compile(rf"#\s?(?P<count>\d[\d,]*)(?![\w.]|\s?/\d|/)(?:\s?(?P<noun>{_NOUN})\b)?", re.IGNORECASE)
_QTY = re.compile(
    rf"\b(?:qty|quantity|count|disp(?:ense[d]?)?)\b\.?\s?(?:of\b|[:#=])?\s?#?\(?(?P<count>{NUMBER})(?![\w/%-])\)?(?:\s?(?P<noun>{_NOUN})\b)?",
    re.IGNORECASE,
)
# "Twelve physical therapy visits": up to five plain words between the number and its noun, none of which starts another amount.
_BETWEEN = r"(?:(?!(?:times|x|per|a|an|for|week|weeks|month|months|day|days|every|or|and|with|of|to|in)\b)[A-Za-z][A-Za-z/'-]*\s){0,5}"
_COUNTED = re.compile(
    rf"(?P<low>{NUMBER})(?P<range>\s?(?:-|to|or)\s?{NUMBER})?(?:\s?\(\d+\))?\s?(?P<between>{_BETWEEN})(?P<noun>{_NOUN})\b", re.IGNORECASE
)
_TIMES_COUNT = re.compile(
    rf"(?:(?<!\w)x|\btimes)\s?(?P<count>{NUMBER})(?![\w.%/]|\s?(?:mg|mcg|gm?|ml|cm|mm|%|days?|weeks?|wks?|months?|hours?|per|a|times)\b)",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    rf"(?<![\w./-])(?P<count>{FIGURES})\s?-?\s?(?P<noun>grams?|gms?|g|ml|cc|oz|ounces?|milliliters?)\b(?!\s?/)", re.IGNORECASE
)
_VISIT_WORD = re.compile(r"\b(?:visits|sessions)\b", re.IGNORECASE)
_FORM_WORD = re.compile(rf"\b(?:{_FORMS})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Course:
    """What a request says of a course; spans are of the letter's folded text."""

    frequency: Reading[str] | None
    duration: Reading[str] | None
    visits: Reading[int] | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many units a request asks for.

    Attributes:
        quantity: the number of units; None where none is printed, or several that do not agree.
        unit: singular, lower case; None where it is not printed.
        visits: the printed count of visits, where the unit is one.
        spans: every amount's stretch, those that do not agree included.
        contested: another amount beside the quantity, as printed: "#1" beside "120 grams".
    """

    quantity: Reading[float] | None
    unit: Reading[str] | None
    visits: Reading[int] | None
    spans: tuple[Span, ...]
    contested: Reading[str] | None = None


def singular(noun: str) -> str:
    """A unit's name as the record has it: singular, lower case, abbreviations of forms written out."""
    word = noun.lower()
    if word in _UNIT_NAMES:
        return _UNIT_NAMES[word]
    word = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    return _UNIT_NAMES.get(word, word)


def read_course(part: Part) -> Course:
    """Frequency and duration as printed, and the visits that follow from them: times a week × weeks.

    Returns:
        A course; `visits` is None where either factor is a range or missing.
    """
    text = part.text
    spans: list[Span] = []
    frequencies = list(_FREQUENCY.finditer(text))
    frequency = part.quote(frequencies[0].start(), frequencies[-1].end()) if _adjoining(text, frequencies) else None
    if frequency is None and frequencies:
        frequency = part.quote(*frequencies[0].span())
    spans += [match.span() for match in frequencies]
    duration_match = next(
        (match for match in _DURATION.finditer(text) if not _overlaps(match.span("printed"), spans) and match["count"]), None
    )
    ranged = next((match for match in _DURATION_RANGE.finditer(text) if not _overlaps(match.span(), spans)), None)
    duration = None
    if ranged:
        duration = part.quote(*ranged.span("printed"))
        spans.append(ranged.span())
        duration_match = None
    elif duration_match:
        duration = part.quote(*duration_match.span("printed"))
        spans.append(duration_match.span())
    visits: Reading[int] | None = None
    counted = next((match for match in reversed(frequencies) if not match["adverb"] and not _HOURLY.search(match.group())), None)
    if counted and duration_match and not counted["high"]:
        per = _TIMES[counted["word"].lower()] if counted["word"] else number(counted["low"])
        period = counted["period"] or counted["every"] or counted["short"]
        if _period(period) == _period(duration_match["unit"]):
            start, end = min(counted.start(), duration_match.start()), max(counted.end(), duration_match.end())
            visits = part.reading(round(per * number(duration_match["count"])), start, end)
    elif not frequencies and (short := _SHORT_COURSE.search(text)) and not _overlaps(short.span(), spans):
        visits = part.reading(round(number(short["times"]) * number(short["weeks"])), *short.span())
        spans.append(short.span())
    return Course(frequency, duration, visits, tuple((part.start + start, part.start + end) for start, end in spans))


def read_amount(part: Part) -> Amount:
    """The units requested, from a request whose strengths, refills, directions and course are masked out."""
    text = part.text
    found: list[tuple[int, int, float | None, str | None]] = []
    taken: list[Span] = []

    def add(match: re.Match[str], count: float | None, noun: str | None) -> None:
        if _overlaps(match.span(), [(start, end) for start, end, _, _ in found]):
            return
        found.append((match.start(), match.end(), count, singular(noun) if noun else None))
        # "Twelve physical therapy visits": the words between the number and its noun are not the amount's.
        between = match.groupdict().get("between")
        taken.extend([(match.start(), match.start("between")), match.span("noun")] if between else [match.span()])

    for pattern in (_QTY, _HASH):
        for match in pattern.finditer(text):
            add(match, number(match["count"]), match["noun"])
    for match in _COUNTED.finditer(text):
        if not re.search(r"refill", match["noun"], re.IGNORECASE):
            add(match, None if match["range"] else number(match["low"]), match["noun"])
    for match in _VOLUME.finditer(text):
        add(match, number(match["count"]), match["noun"])
    for match in _TIMES_COUNT.finditer(text):
        add(match, number(match["count"]), None)
    found.sort()
    chosen = _agreed(found)
    if chosen is None:
        return Amount(None, None, None, tuple((part.start + start, part.start + end) for start, end in taken))
    start, end, count, noun = chosen
    assert count is not None
    quantity = part.reading(count, start, end)
    unit = part.reading(noun, start, end) if noun else None
    if unit is None and (form := _FORM_WORD.search(text)):
        unit = part.reading(singular(form.group()), *form.span())
    elif unit is None and text[start] in "#Qq" and (visited := _VISIT_WORD.search(text)):
        # "therapy sessions #6": the unit is printed, apart from its number.
        unit = part.reading(singular(visited.group()), *visited.span())
        taken.append(visited.span())
    spans = tuple((part.start + start, part.start + end) for start, end in taken)
    is_visits = unit is not None and bool(re.fullmatch(_VISITS, unit.value))
    visits = part.reading(round(count), start, end) if is_visits else None
    other = next(((low, high) for low, high, each, _ in found if each != count), None)
    contested = part.quote(*other) if other else None
    return Amount(quantity, unit, visits, spans, contested)


def _agreed(found: list[tuple[int, int, float | None, str | None]]) -> tuple[int, int, float | None, str | None] | None:
    """The one amount that all agree on; a single container of a printed volume or weight is that volume."""
    if not found or any(count is None for _, _, count, _ in found):
        return None
    volumes = [each for each in found if each[3] in ("gram", "ml", "cc", "ounce")]
    others = [each for each in found if each not in volumes]
    if len(volumes) == 1 and all(count == 1 for _, _, count, _ in others):
        return volumes[0]
    named = [each for each in others if each[3]] or others
    if len({(count, noun) for _, _, count, noun in named}) == 1 and len({count for _, _, count, _ in others}) == 1:
        return named[0]
    return None


def explicit_amounts(part: Part) -> tuple[Span, ...]:
    """Where counts with a mark of their own stand ("#30", "Qty 30"): no direction or course may take their number."""
    return tuple((part.start + match.start(), part.start + match.end()) for pattern in (_QTY, _HASH) for match in pattern.finditer(part.text))


def _adjoining(text: str, matches: list[re.Match[str]]) -> bool:
    """Whether frequencies follow each other with nothing but a comma between ("6 hours per day, 5 times a week")."""
    pairs = zip(matches, matches[1:], strict=False)
    return bool(matches) and all(re.fullmatch(r"[,;]?\s?", text[first.end() : second.start()]) for first, second in pairs)


def _period(unit: str) -> str:
    """A period's name for comparison: singular, written out; "dai" for "daily" is the day."""
    return unit.lower().rstrip("s").replace("wk", "week").replace("dai", "day")


def _overlaps(span: Span, spans: list[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in spans)
