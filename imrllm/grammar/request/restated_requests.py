"""The request as the rationale and the case summary restate it.

In the rationale: "the request for Norco 10/325mg #60 is not medically necessary". In the case summary, where it
reports the utilization review: "the claims administrator denied requests for Norco 10/325mg #60 and for an MRI".
"""

from __future__ import annotations

import re

from imrllm.folding import caseless
from imrllm.grammar.reading import FieldReading, Part, Reading, tightened, value_of
from imrllm.grammar.request.request import RequestReadings, read_request
from imrllm.grammar.word_lists import read_words

# Up to its verb, within its sentence: a full stop of a number ("7.5mg") ends none.
_RESTATED = caseless(
    r"""
    \brequest(?:ed|s)?\s(?:is\s)?(?:for|of)\s  # "the request for"
    (?P<request>(?:[^.]|\.(?=\d)){3,200}?)  # "Norco 7.5mg #60"
    ,?\s(?:is|are|was|were)\s(?:therefore\s|thus\s|hence\s|also\s)?(?:not\s)?
    (?:medically|certified|considered|deemed|supported|indicated|established|recommended|approved)\b
    """,
    re.VERBOSE,
)
# What the two must agree in, where both state it.
_COMPARED = ("strengths", "quantity", "refills", "total_visits")
_WORDS = read_words("request/words.txt")
_ASKED = re.compile(rf"\b(?:{_WORDS['asked']})")
_OTHERWISE = re.compile(rf"\b(?:{_WORDS['another_amount']})")
# Where one request of a summary's list ends.
_NEXT = re.compile(
    r"""
    [;)]
    | ,\s(?=[A-Za-z])  # not the comma of "1,000"
    | \s(?:and|citing|with|as|on|due)\s  # "denied Norco citing the MTUS"
    """,
    re.VERBOSE,
)
_STOP = re.compile(r"\.(?=\s|[A-Z])")
# How far on either side of a name its sentence is looked for, in characters.
_SENTENCE = 400
_WORD = re.compile(r"[a-z]{3,}")


def read_disagreements(rationale: Part, request: RequestReadings) -> dict[str, FieldReading]:
    """Find where a rationale states a request differently from its heading.

    Args:
        rationale: the decision rationale.
        request: what the heading states.

    Returns:
        The rationale's reading by field; a list field has a reading of each entry. Only fields that both state are
        compared: a rationale may leave out what its heading has. A sentence that names another treatment, or the
        original of a partly authorized request, does not count.
    """
    text = rationale.lower
    if "request" not in text:
        return {}
    found: dict[str, FieldReading] = {}
    original = _original(request)
    for restated in _RESTATED.finditer(text):
        said = read_request(rationale.cut(*restated.span("request")))
        if same_treatment(request.treatment, said.treatment):
            compare(request, said, found, original)
    return found


def _original(request: RequestReadings) -> RequestReadings | None:
    """What the original of a partly authorized request states; None where there is no original."""
    printed = request.original_request
    return read_request(Part(printed.value, printed.value, printed.span[0])) if printed else None


def read_summary_disagreements(summary: Part, request: RequestReadings) -> dict[str, FieldReading]:
    """Find where a case summary states a denied request differently from its heading.

    Args:
        summary: the clinical case summary.
        request: what the heading states.

    Returns:
        As `read_disagreements`. Only the words right after the treatment's own name count, in a sentence that reports
        a request or its denial and no other amount. Empty if the request was authorized in part.
    """
    treatment = request.treatment
    found: dict[str, FieldReading] = {}
    if treatment is None or request.original_request:
        return found
    text, name = summary.lower, treatment.value.lower()
    at = text.find(name)
    while at >= 0:
        after = at + len(name)
        low, high = max(0, at - _SENTENCE), min(len(text), after + _SENTENCE)
        start = max((stop.end() for stop in _STOP.finditer(summary.text, low, at)), default=low)
        stop = _STOP.search(summary.text, after, high)
        end = stop.start() if stop else high
        if _ASKED.search(text, start, end) and not _OTHERWISE.search(text, start, end):
            following = _NEXT.search(summary.text, after, end)
            said = tightened(summary.text, at, following.start() if following else end)
            compare(request, read_request(summary.cut(*said)), found)
        at = text.find(name, after)
    return found


def compare(
    request: RequestReadings,
    said: RequestReadings,
    found: dict[str, FieldReading],
    original: RequestReadings | None = None,
) -> None:
    """Add to `found` what differs between a restated request and its heading."""
    for field in _COMPARED:
        reading: FieldReading | None = getattr(said, field)
        mine, theirs = value_of(getattr(request, field)), value_of(reading)
        # What was first asked for may be named with its own amounts.
        first = value_of(getattr(original, field, None))
        if reading and mine and theirs and theirs not in (mine, first):
            found.setdefault(field, reading)


def same_treatment(mine: Reading[str] | None, theirs: Reading[str] | None) -> bool:
    """Whether two names of treatments share a word, or neither is read."""
    if mine is None or theirs is None:
        return mine is theirs
    return not set(_WORD.findall(mine.value.lower())).isdisjoint(_WORD.findall(theirs.value.lower()))
