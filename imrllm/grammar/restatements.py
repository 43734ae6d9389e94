"""The request as the rationale says it again: "the request for Norco 10/325mg #60 is not medically necessary"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.requests import read_request

# Up to its verb, within its sentence: a full stop of a number ("7.5mg") ends none.
_RESTATED = re.compile(
    r"\brequest(?:ed|s)?\s(?:is\s)?(?:for|of)\s(?P<request>(?:[^.]|\.(?=\d)){3,200}?)"
    r",?\s(?:is|are|was|were)\s(?:therefore\s|thus\s|hence\s|also\s)?(?:not\s)?"
    r"(?:medically|certified|considered|deemed|supported|indicated|established|recommended|approved)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"request", re.IGNORECASE)
# What the two must agree in, where both state it.
_COMPARED = ("strengths", "quantity", "refills", "total_visits")
_WORD = re.compile(r"[a-z]{3,}")


def read_disagreements(rationale: Part, request: Mapping[str, Any]) -> dict[str, Any]:
    """What a rationale says of the request that its heading says otherwise.

    Args:
        rationale: the decision rationale.
        request: readings of the heading by the record's field names.

    Returns:
        By field, the rationale's reading, of a list those of its entries. Only fields that both state: a rationale may
        well leave out what its heading has. What names another treatment is no restatement, and nor is the original of
        a partly authorized request.
    """
    if not _OPENING.search(rationale.text):
        return {}
    found: dict[str, Any] = {}
    for restated in _RESTATED.finditer(rationale.text):
        said = read_request(rationale.cut(*restated.span("request"))).fields
        if not _same_treatment(request.get("treatment"), said.get("treatment")):
            continue
        for field in _COMPARED:
            mine, theirs = _value(request.get(field)), _value(said.get(field))
            if mine and theirs and mine != theirs:
                found.setdefault(field, said[field])
    return found


def _same_treatment(mine: Reading[str] | None, theirs: Reading[str] | None) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    return not set(_WORD.findall(mine.value.lower())).isdisjoint(_WORD.findall(theirs.value.lower()))


def _value(reading: Any) -> Any:
    return [each.value for each in reading] if isinstance(reading, tuple) else reading and reading.value
