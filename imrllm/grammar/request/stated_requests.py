"""The request that a rationale names, where no heading is printed.

Most to the point is the sentence that decides it ("the request for Norco 10/325mg #60 is not medically necessary"),
then one that only names it ("the request for 12 visits exceeds the guideline"), then what somebody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from imrllm.grammar.reading import FieldReading, Part, tightened
from imrllm.grammar.request.request import RequestReadings, read_request
from imrllm.grammar.request.restated_requests import compare, same_treatment

# What stands before a request's own words.
_OPENING = re.compile(
    r"""
    \brequests?\ (?:is\ |was\ )?(?:for|of)\ (?:authorization\ (?:for|of)\ )?  # "the request for"
    | \b(?:the|this|these|his|her)\ (?:currently\ )?requested\ (?!by\b|that\b|to\b|in\b|on\b|for\b)  # "the requested"
    | (?P<asked>
        \b(?:(?:has|have|had|is|was)\ (?:also\ )?request(?:ed|ing)|(?:asked|asks)(?=\ for\b)
            |requests(?=\ (?:for|an?|the|authorization|coverage)\b))
        (?:\ (?:prior\ )?(?:authorization|coverage|reimbursement|approval|payment))?
        (?:\ (?:and|or)\ (?:coverage|reimbursement))?\ (?:for\ |of\ )?  # "has requested authorization for"
        (?:(?:reimbursement|coverage|authorization|approval|payment)\ (?:for|of)\ )?  # "asked for reimbursement of"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Where the request's words end: at the verb, at a clause that says more of it, or at the end of the sentence.
_ENDING = re.compile(
    r"""
    (?P<verb>
        ,?\ (?:therefore\ |thus\ |hence\ |also\ )?
        (?:is|are|was|were|be|cannot|can\ not|does|do|did|has|have|had|would|should|could|may(?!\ \d)|will
        |exceeds?|meets?|met|fails?|lacks?|falls?|goes|remains?|appears?|seems?)\b
    )
    | ,?\ (?:that|which|who|since|because|given|due\ to|based\ on)\b
    | [;:]
    | \.(?!\d)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DECIDES = re.compile(
    r"""
    [^.;]{0,100}?\b
    (?:medically|certified|considered|deemed|supported|indicated|established|recommended|approved|appropriate
    |warranted|reasonable|likely)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NEGATED = re.compile(r"\b(?:not|cannot|never|neither|nor|fails?|lacks?)\b", re.IGNORECASE)
# In characters: a longer stretch is not one request.
_LONGEST = 200
# Words that name no treatment: "the requested services are not medically necessary".
_GENERAL = re.compile(
    r"""
    (?:(?:the|an?|this|these|such|above|additional|other|disputed|continued|further|medical|health\ care)\ )*
    (?:services?|treatments?|procedures?|medications?|drugs?|therap(?:y|ies)|items?|devices?|tests?|testing|studies|study
    |interventions?|care|equipment|supplies|coverage|admission|stay|hospitalization|injections?|surgery|authorization)
    (?:\ (?:at\ issue|in\ question|in\ dispute))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What is asked of a person and is no treatment: "was asked for his notes".
_PAPERS = re.compile(
    r"[^,;.]{0,40}?\b(?:notes?|records?|information|documentation|documents?|reports?|reviews?|appeal|opinion|letter)\b",
    re.IGNORECASE,
)
Kind = Literal["decided", "named", "asked"]


@dataclass(frozen=True, slots=True)
class StatedRequests:
    """The requests that a rationale names.

    Attributes:
        request: what its words state; nothing if it names no request, or several.
        several: whether it names several treatments: one item's values cannot be told from another's.
        both_ways: whether it decides some of them one way and some the other.
    """

    request: RequestReadings
    several: bool = False
    both_ways: bool = False


def read_stated_request(rationale: Part) -> StatedRequests:
    """Read the request that a rationale names, from the sentences that are most to the point.

    Args:
        rationale: the decision rationale.

    Returns:
        The request in the rationale's own words, with every value that they state. Where it is named more than once,
        the words with most values; a value that others state differently is `contested`.
    """
    found = _found(rationale)
    for kind in ("decided", "named", "asked"):
        named = [(request, negated) for each, request, negated in found if each == kind]
        if not named:
            continue
        best = max((request for request, _ in named), key=_stated)
        # A name that was not read says nothing.
        others = [request.treatment for request, _ in named if request.treatment]
        if any(not same_treatment(best.treatment, other) for other in others if best.treatment):
            both_ways = kind == "decided" and len({negated for _, negated in named}) > 1
            return StatedRequests(RequestReadings(doubtful=True), several=True, both_ways=both_ways)
        rivals: dict[str, FieldReading] = dict(best.contested)
        for request, _ in named:
            if request is not best:
                compare(best, request, rivals)
        contested: Mapping[str, FieldReading] = rivals
        return StatedRequests(replace(best, contested=contested))
    return StatedRequests(RequestReadings())


def _found(rationale: Part) -> list[tuple[Kind, RequestReadings, bool]]:
    """The requests of a rationale: how each is named, what it states, and whether its verb is negated."""
    text = rationale.text
    found: list[tuple[Kind, RequestReadings, bool]] = []
    for opening in _OPENING.finditer(text):
        start = opening.end()
        ending = _ENDING.search(text, start, min(len(text), start + _LONGEST))
        if ending is None:
            if len(text) - start > _LONGEST:
                continue
            end = len(text)
        else:
            end = ending.start()
        start, end = tightened(text, start, end)
        if start >= end or _GENERAL.fullmatch(text, start, end):
            continue
        kind: Kind = "asked" if opening["asked"] else "named"
        if kind == "asked" and _PAPERS.match(text, start, end):
            continue
        decides = _DECIDES.match(text, ending.end()) if ending and ending["verb"] and kind == "named" else None
        if decides:
            kind = "decided"
        negated = (
            decides is not None and ending is not None and bool(_NEGATED.search(text, ending.start(), decides.end()))
        )
        found.append((kind, read_request(rationale.cut(start, end)), negated))
    return found


def _stated(request: RequestReadings) -> int:
    """How many values a request states."""
    values = (
        request.treatment, request.category, request.strengths, request.quantity, request.refills, request.frequency,
        request.duration, request.total_visits, request.body_parts,
    )  # fmt: skip
    return sum(bool(value) for value in values)
