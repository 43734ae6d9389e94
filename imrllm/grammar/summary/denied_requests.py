"""Requests that the case summary says were denied and that no disputed item is about: their items may be lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from imrllm.folding import caseless
from imrllm.grammar.numbers import number
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.request.matching import Asked, unasked
from imrllm.grammar.summary.stated_dates import sentence_ends
from imrllm.grammar.word_lists import read_words
from imrllm.spans import FoldedSpan, PartSpan

_WORDS = read_words("summary/denied_requests.txt")
_DENIED = caseless(rf"\b(?:{_WORDS['denied']})\b")
_REVIEWED = caseless(rf"\b(?:{_WORDS['reviewed']})")
_ALLOWED = caseless(rf"\b(?:{_WORDS['allowed']})\b")
# What may stand before such a verb and make it a denial: "failed to approve", in characters.
_BEFORE_ALLOWED = 14
_PASSIVE = caseless(r"\b(?:was|were|is|are|been|be)\s(?:[a-z]{1,15}ly\s)?$")
_BEFORE_PASSIVE = 24
_REASON = caseless(rf"\b(?:{_WORDS['reason']})\b")
# Reasons name requests too: "no history of ulcers to support the requested omeprazole".
_REQUESTED = re.compile(
    r"\brequested\s(?P<named>[^,;.]{3,80}?)(?=[,;.]|$|\s(?:is|are|was|were|to|for|not|in|as)\b)", re.IGNORECASE
)
# More than one request: "the requests were previously denied".
_SEVERAL = re.compile(
    r"""
    \b(?:the|these|those|following|remaining)\s(?:[a-z]{1,15}\s)?requests\b
        (?!\s(?:an?|the)\b)  # not "the patient requests a"
    | \brequests\s(?:were|have|had|below)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COUNT = re.compile(
    rf"""
    \b(?P<number>{_WORDS["numbers"]}|both)\s(?:of\s)?(?:the\s|these\s)?
        (?:[a-z]{{1,15}}\s){{0,2}}?(?:{_WORDS["counted"]})\b  # "four of the requests", "both topical analgesics"
    | \ball\s(?P<all>{_WORDS["numbers"]})\b  # "denied all three"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Bounds of the work on one letter: its last sentences about denials, and so many characters of each.
_SENTENCES, _LENGTH = 60, 2000


def read_unanswered_requests(summary: Part, items: Sequence[Asked]) -> tuple[Reading[str], ...]:
    """Find requests that the summary says were denied and that no disputed item is about.

    Args:
        summary: the clinical case summary.
        items: what the letter's disputed items ask for.

    Returns:
        The words that name each, as printed; also a count of denied requests that is higher than the number of items.
        Only drugs and services of the lexicons are compared. Empty where the summary names no denied request.
    """
    found: dict[FoldedSpan, Reading[str]] = {}
    for stretch in _denied(summary):
        for start, end in (*unasked(stretch, items), *_too_many(stretch, len(items))):
            if quoted := stretch.quote(start, end):
                found.setdefault(quoted.span, quoted)
    return tuple(found.values())


def _denied(summary: Part) -> Iterator[Part]:
    """The stretches that name what was denied, in the order of the summary."""
    text = summary.lower
    bounds = [0, *(end for _, end in sentence_ends(summary.text)), len(text)]
    denials = [
        (start, min(end, start + _LENGTH))
        for start, end in pairwise(bounds)
        if _DENIED.search(text, start, end) and _REVIEWED.search(text, start, end)
    ]
    for bound in denials[-_SENTENCES:]:
        sentence = summary.cut(*bound)
        verb = _DENIED.search(sentence.lower)
        reason = _REASON.search(sentence.lower, verb.end()) if verb else None
        stated = reason.start() if reason else len(sentence.text)
        yield _without_allowed(sentence.cut(0, stated))
        for named in _REQUESTED.finditer(sentence.text, stated):
            yield sentence.cut(*named.span("named"))


def _without_allowed(sentence: Part) -> Part:
    """A sentence with what the review allowed blanked out: before the verb in the passive, otherwise behind it."""
    text = sentence.lower
    denials = [at for found in _DENIED.finditer(text) for at in found.span()]
    allowed = []
    for verb in _ALLOWED.finditer(text):
        start, end = verb.span()
        if _DENIED.search(text, max(0, start - _BEFORE_ALLOWED), end):
            continue
        if _PASSIVE.search(text, max(0, start - _BEFORE_PASSIVE), start):
            start = max((at for at in denials if at <= start), default=0)
        else:
            end = min((at for at in denials if at >= end), default=len(text))
        allowed.append(sentence.span(start, end))
    return sentence.masked(sorted(allowed))


def _too_many(stretch: Part, items: int) -> Iterator[PartSpan]:
    """Counts of denied requests that are higher than the number of the letter's items."""
    for counted in _COUNT.finditer(stretch.text):
        word = (counted["number"] or counted["all"]).lower()
        if (2 if word == "both" else number(word)) > items:
            yield PartSpan(counted.span())
    if items == 1 and (several := _SEVERAL.search(stretch.text)):
        yield PartSpan(several.span())
