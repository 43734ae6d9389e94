"""The dates that the case summary states: of the injury and of the utilization review decision."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from datetime import date
from functools import lru_cache

from imrllm.folding import caseless
from imrllm.grammar.dates import read_dates, read_partial_dates
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_words

_WORDS = read_words("summary/words.txt")
_INJURY = caseless(rf"\b(?:{_WORDS['injury']})\b")
_INJURY_REACH = 70
_OF_INJURY = re.compile(r"\s(?:dates? of\s|industrial\s|work(?:-related)?\s)?", re.IGNORECASE)
_UP_TO = re.compile(r"\s?(?:to|through|thru|until|-)\s?(?:and including )?", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s(?:the dates?\s)?(?:of\s)?$", re.IGNORECASE)
_REVIEW = caseless(_WORDS["utilization_review"])
_REVIEW_REACH = 80
_LEAD = re.compile(r"taken directly from the utilization review denial/modification dated ", re.IGNORECASE)
_ON = re.compile(r"\b(?:on|in)\s(?:the\s)?$", re.IGNORECASE)
_NOTED = re.compile(rf"\b(?:{_WORDS['note']})\b", re.IGNORECASE)
# "On 11-3-16, utilization review determined ...", "On November 16, 2016 the Utilization Review ..."
_ON_DATE = re.compile(
    r"\s?[,;:]?\s?(?:was the date of\s)?(?:the\s|original\s|an?\s)*(?:prior\s)?(?:adverse\s)?$", re.IGNORECASE
)
_DECIDED = caseless(rf"\b(?:{_WORDS['decided']})\b")
_BY_OR_ON = re.compile(r"\b(?:on|dated)\s$", re.IGNORECASE)
_REQUEST_ALONE = re.compile(
    r"\s?,?\s(?:an?\s|the\s)?(?:retrospective\s|prospective\s)?requests?\s(?:for|of)\b", re.IGNORECASE
)
_SUBMITTED = re.compile(r"\b(?:submitted|made|sent|received|filed|faxed|placed|written)\b", re.IGNORECASE)
# Not after an initial ("J. Smith"), a title ("Dr. Smith"), a list number (": 1. lumbar strain") or "No. 3";
# "type I." is no initial.
SENTENCE_END = re.compile(
    r"\.(?=\s|[A-Z])(?:(?<=[Tt]ype [IV]\.)|(?<=[Gg]rade [IV]\.)|(?<=[Ss]tage [IV]\.)|(?<!\b[A-Z]\.))"
    r"(?<!\b(?:Dr|Mr|Ms|St|vs)\.)(?<!\bNo\.(?=\s\d))(?<![:,;] \d\.)|[!?]"
)


@lru_cache(maxsize=2)
def sentence_ends(text: str) -> tuple[tuple[int, int], ...]:
    """The spans of the marks that end a text's sentences. Several readers ask for those of a summary."""
    return tuple(stop.span() for stop in SENTENCE_END.finditer(text))


class _Sentences:
    """The sentences of a text. Finding the one of an offset costs a binary search, however many are looked for."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        stops = sentence_ends(text)
        self._starts = [start for start, _ in stops]
        self._ends = [end for _, end in stops]
        # A full stop right before an offset ends no sentence there, as where a lost space joined two.
        self._reach = [end + (text[start:end] == ".") for start, end in stops]

    def bounds(self, at: int) -> tuple[int, int]:
        """The sentence of an offset, `[start, end)` without its full stop."""
        before = bisect_right(self._reach, at)
        after = bisect_left(self._starts, at)
        return self._ends[before - 1] if before else 0, self._starts[after] if after < len(
            self._starts
        ) else self._length


def read_injury_date(part: Part, latest: date | None = None) -> Reading[str] | None:
    """The date of injury that the summary's text states, as far as it is printed; of a range the end.

    Args:
        part: the summary.
        latest: the letter's own date: the injury precedes it by no more than 60 years.
    """
    dates = [
        reading
        for reading in read_partial_dates(part, latest)
        if latest is None or reading.value[:4] <= str(latest.year)
    ]
    if not dates:
        return None
    sentences = _Sentences(part.text)
    for match in _INJURY.finditer(part.lower):
        start, end = sentences.bounds(match.start())
        last = min(end, match.end() + _INJURY_REACH)
        after = [each for each in dates if match.end() <= part.offset(each.span[0]) <= last]
        if after:
            return _end_of_range(part, dates, dates.index(after[0]))
        before = [each for each in dates if start <= part.offset(each.span[0]) < match.start()]
        if before and part.text[start:].lstrip().lower().startswith("on "):
            return before[0]
        # "a 4/2/2008 date of injury"
        if before and _OF_INJURY.fullmatch(part.text, part.offset(before[-1].span[1]), match.start()):
            return before[-1]
    # An injury without its name ("a pallet fell on her foot on 6/1/12"): the first date of the opening sentences, if it
    # is the day of an event and not of a note.
    _, first = sentences.bounds(0)
    _, second = sentences.bounds(min(first + 1, len(part.text)))
    for each in dates[:1]:
        start = part.offset(each.span[0])
        opening = part.text[max(0, start - 60) : start]
        if start < second and _ON.search(opening) and not _NOTED.search(opening):
            return each
    return None


def _end_of_range(part: Part, dates: list[Reading[str]], index: int) -> Reading[str]:
    if index + 1 < len(dates):
        between = part.text[part.offset(dates[index].span[1]) : part.offset(dates[index + 1].span[0])]
        opened = _BETWEEN.search(part.text, 0, part.offset(dates[index].span[0]))
        if _UP_TO.fullmatch(between) or (opened and between == " and "):
            return dates[index + 1]
    return dates[index]


def read_review_date(part: Part, latest: date | None = None) -> Reading[date] | None:
    """The date of the utilization review decision as the summary states it.

    Read beside the review's name, else beside the verb of its decision in the summary's last such sentence.
    """
    dates = read_dates(part, latest)
    named = list(_REVIEW.finditer(part.lower))
    for match in named:
        before = next((each for each in reversed(dates) if part.offset(each.span[1]) <= match.start()), None)
        if before and _ON_DATE.fullmatch(part.text[part.offset(before.span[1]) : match.start()]):
            return before
    for match in named:
        after = next((each for each in dates if part.offset(each.span[0]) >= match.end()), None)
        if after is None:
            continue
        start = part.offset(after.span[0])
        if start - match.end() <= _REVIEW_REACH and not SENTENCE_END.search(part.text, match.end(), start):
            return after
    sentences = _Sentences(part.text)
    stretches = [(each, *part.within(each.span)) for each in dates]
    for match in reversed(list(_DECIDED.finditer(part.lower))) if stretches else ():
        start, end = sentences.bounds(match.start())
        within = [(each, begin) for each, begin, finish in stretches if start <= begin and finish <= end]
        beside = [each for each, begin in within if part.text[start:begin].strip().lower() in ("on", "")]
        beside += [
            each for each, begin in within if begin >= match.end() and _BY_OR_ON.search(part.text[match.end() : begin])
        ]
        if beside:
            return beside[0]
    return _of_the_last_sentence(part, dates)


def _of_the_last_sentence(part: Part, dates: tuple[Reading[date], ...]) -> Reading[date] | None:
    """The date that opens a summary's last sentence, where it says only what was asked for: "On 1/5/16, request for X".

    The decision's verb is lost there. A request that was sent, made or received on that day is not meant.
    """
    last = 0
    for stop in SENTENCE_END.finditer(part.text.rstrip(" .")):
        last = stop.end()
    for each in dates:
        start, end = part.within(each.span)
        if start < last or part.text[last:start].strip().lower() != "on":
            continue
        if _REQUEST_ALONE.match(part.text, end) and not _SUBMITTED.search(part.text, end):
            return each
    return None


def read_lead_date(part: Part) -> Reading[date] | None:
    """The review's date as the form of 2013 prints it before the summary.

    Args:
        part: what stands right before the summary.
    """
    lead = _LEAD.search(part.text)
    return next((each for each in read_dates(part) if lead and part.offset(each.span[0]) >= lead.end()), None)
