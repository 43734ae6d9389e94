"""What the case summary states in fixed turns of phrase: dates of injury and review, diagnoses, care to date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from imrllm.grammar.dates import read_dates, read_partial_dates
from imrllm.grammar.reading import Part, Reading, split_outside_brackets

# What an injury's date follows in the letters: "an industrial injury on", "an occupational claim from", "DOI:".
_INJURY = re.compile(
    r"\b(?:injur(?:y|ies|ed)|occupational claim|workers'? compensation claim|DOI|cumulative trauma|accident)\b", re.IGNORECASE
)
_INJURY_REACH = 70
_UP_TO = re.compile(r"\s?(?:to|through|thru|until|-)\s?(?:and including )?$", re.IGNORECASE)
_REVIEW = re.compile(
    r"\butilization (?:review|determination|management)\b|\bUR\b|\b(?:prior|previous|original|initial) (?:determination|decision)\b", re.IGNORECASE
)
_REVIEW_REACH = 80
# "On 11-3-16, utilization review determined ...", "On November 16, 2016 the Utilization Review ..."
_ON_DATE = re.compile(r"\s?[,;:]?\s?(?:the\s|original\s|an?\s)*(?:prior\s)?$", re.IGNORECASE)
# How a summary tells of the decision without naming the review: "On 12-19-16 the request was non-certified".
_DECIDED = re.compile(r"\b(?:non-?\s?certified|denied|not certified|modified|partially (?:certified|approved)|(?:failed to|did not) (?:approve|certify)|non-?certification|denial)\b", re.IGNORECASE)
_BY_OR_ON = re.compile(r"\b(?:on|dated)\s$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"\.(?=\s|[A-Z])(?<!\b[A-Z]\.)|[!?]")

_DIAGNOSES = re.compile(
    r"\b(?:(?:was|were|been|is) diagnosed (?:with|as having)|diagnos[ie]s(?:es)?(?: (?:is|are|was|were))?"
    r"(?: (?:documented|listed|noted|given|reported))?(?: (?:as|is|to be|of|include[sd]?|included|including)| ?:)"
    r"|(?:being treated|treated|undergoing treatment|treatment) for(?: the diagnos[ie]s of)?)\s?:?\s",
    re.IGNORECASE,
)
_TREATMENTS = re.compile(
    r"\b(?:treatments?(?: and diagnostic studies)?(?: to date)?(?: (?:has|have|had))?(?: (?:also |previously )?)?include[sd]?(?: the following)?"
    r"|treatments?(?: to date)? consist(?:s|ed) of|(?:been|was|were) (?:previously )?treated with"
    r"|current medications (?:include|are|were|included)|medications include[sd]?)\s?:?\s",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^(?:and|as well as|along with|the following|also)\s+|^(?:a|an|the)\s+", re.IGNORECASE)
_LAST_AND = re.compile(r",?\s(?:and|as well as)\s(?!/)")
_CODE = re.compile(r"\s?\((?:ICD[- ]?\d{1,2}[^)]*|[A-Z]?\d{2,3}(?:\.\d+)?[A-Z]?)\)")


def _sentence_bounds(text: str, at: int) -> tuple[int, int]:
    start = 0
    for match in _SENTENCE_END.finditer(text, 0, at):
        start = match.end()
    stop = _SENTENCE_END.search(text, at)
    return start, stop.start() if stop else len(text)


def read_injury_date(part: Part, latest: date | None = None) -> Reading[str] | None:
    """The date of injury that the summary's text states, as far as it is printed; of a range the end.

    Args:
        part: the summary.
        latest: the letter's own date: the injury precedes it by no more than 60 years.
    """
    dates = [reading for reading in read_partial_dates(part, latest) if latest is None or reading.value[:4] <= str(latest.year)]
    if not dates:
        return None
    for match in _INJURY.finditer(part.text):
        start, end = _sentence_bounds(part.text, match.start())
        after = [each for each in dates if match.end() <= each.span[0] - part.start <= min(end, match.end() + _INJURY_REACH)]
        if after:
            return _end_of_range(part, dates, dates.index(after[0]))
        before = [each for each in dates if start <= each.span[0] - part.start < match.start()]
        if before and part.text[start:].lstrip().lower().startswith("on "):
            return before[0]
    return None


def _end_of_range(part: Part, dates: list[Reading[str]], index: int) -> Reading[str]:
    if index + 1 < len(dates):
        between = part.text[dates[index].span[1] - part.start : dates[index + 1].span[0] - part.start]
        if _UP_TO.fullmatch(between):
            return dates[index + 1]
    return dates[index]


def read_review_date(part: Part, latest: date | None = None) -> Reading[date] | None:
    """The date of the utilization review decision as the summary states it.

    Read beside the review's name, else beside the verb of its decision in the summary's last such sentence.
    """
    dates = list(read_dates(part, latest))
    named = list(_REVIEW.finditer(part.text))
    for match in named:
        before = next((each for each in reversed(dates) if each.span[1] - part.start <= match.start()), None)
        if before and _ON_DATE.fullmatch(part.text[before.span[1] - part.start : match.start()]):
            return before
    for match in named:
        after = next((each for each in dates if each.span[0] - part.start >= match.end()), None)
        if after is None:
            continue
        start = after.span[0] - part.start
        if start - match.end() <= _REVIEW_REACH and not _SENTENCE_END.search(part.text, match.end(), start):
            return after
    for match in reversed(list(_DECIDED.finditer(part.text))):
        start, end = _sentence_bounds(part.text, match.start())
        within = [each for each in dates if start <= each.span[0] - part.start and each.span[1] - part.start <= end]
        beside = [each for each in within if part.text[start : each.span[0] - part.start].strip().lower() in ("on", "")]
        beside += [each for each in within if each.span[0] - part.start >= match.end() and _BY_OR_ON.search(part.text[match.end() : each.span[0] - part.start])]
        if beside:
            return beside[0]
    return None


def read_diagnoses(part: Part) -> tuple[Reading[str], ...]:
    """What the summary lists as diagnoses, one reading each, without codes; a repeat counts once."""
    return tuple(_listed(part, _DIAGNOSES))


def read_treatments(part: Part) -> tuple[Reading[str], ...]:
    """What the summary lists as treatment to date and current medications, one reading each."""
    return tuple(_listed(part, _TREATMENTS))


def _listed(part: Part, lead: re.Pattern[str]) -> Iterator[Reading[str]]:
    seen: set[str] = set()
    position = 0
    while match := lead.search(part.text, position):
        stop = _SENTENCE_END.search(part.text, match.end())
        end = stop.start() if stop else len(part.text)
        position = max(end, match.end())
        for start, finish in split_outside_brackets(part.text, ",;", match.end(), end):
            for piece in _unjoined(part.text, start, finish, last=finish == end):
                reading = part.quote(*piece)
                if reading and reading.value.lower() not in seen and len(reading.value) <= 120:
                    seen.add(reading.value.lower())
                    yield reading


def _unjoined(text: str, start: int, end: int, *, last: bool) -> list[tuple[int, int]]:
    """One entry of a list without its article and code; the last one split at its "and"."""
    pieces = [(start, end)]
    if last and (joined := _LAST_AND.search(text, start, end)):
        pieces = [(start, joined.start()), (joined.end(), end)]
    trimmed = []
    for begin, finish in pieces:
        while begin < finish and text[begin] == " ":
            begin += 1
        while lead := _JOINED.match(text[begin:finish]):
            begin += lead.end()
        if code := _CODE.search(text, begin, finish):
            finish = code.start()
        trimmed.append((begin, finish))
    return trimmed
