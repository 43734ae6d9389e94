"""A disputed item's heading: what was decided, what was originally requested and what was authorized."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imrllm.grammar.reading import Part, Reading

# The sentences of a partly authorized request, in the two orders that the letters print. No request is longer than
# `_REQUEST` accepts: without a bound each repeat of a sentence's opening would search to the end.
_REQUEST = r".{1,2000}?"
_ORIGINAL = re.compile(r"^(?P<original>.+?),? (?:was|were|is|are) the original requests?\b", re.IGNORECASE)
_ADMINISTRATOR = r"Claims\ Admin[a-z]{4,12}"  # however it is spelled
_AUTHORIZING = r"(?:authorized|certified|approved)"
_AUTHORIZED = re.compile(
    rf"""
    (?:^|\.\s)(?:The\ )?{_ADMINISTRATOR}\ (?:has\ )?{_AUTHORIZING}\ (?P<before>{_REQUEST})
        (?:
            ,?\ leaving\ the\ original\ request\ IMR\ eligible  # "The Claims Administrator authorized X, leaving ..."
            | \.\s?$  # "The Claims Administrator authorized X." before the remaining part
        )
    | (?:^|(?<=original\ request\.)|(?<=original\ request,))\s?(?P<after>{_REQUEST})
        ,?\ (?:was|were)\ {_AUTHORIZING}\ by\ (?:the\ )?{_ADMINISTRATOR}\b  # "X was authorized by the ..."
    """,
    re.IGNORECASE | re.VERBOSE,
)
_REMAINING = re.compile(
    r"""
    (?:\bThe\ )?
    (?:
        \bremaining\ (?:IMR[- ]eligible\ )?portion\ of\ the\ original\ request(?:\ that\ is\ IMR[- ]eligible)?
        | (?P<kept>(?<=[.,]\ )The\ original\ request)
    )
    ,?\s(?:of\ |for\ )?(?P<request>.+?)(?:,?\ (?:is|are))?$  # ", Norco 10/325mg #60, is"
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SPEAKS_OF_PARTS = re.compile(
    r"\boriginal request\b|\bauthorized by the Claims Administrator\b|\bIMR eligible\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's parts: `decided` is the part of the letter that `request` was read from."""

    decided: Part
    request: Reading[str]
    original_request: Reading[str] | None = None
    authorized: Reading[str] | None = None
    doubtful: bool = False


def split_heading(heading: Part) -> Heading:
    """Split a heading into what was decided, what was asked for and what was authorized."""
    text = heading.text
    whole = heading.quote(0, len(text)) or heading.reading(heading.printed, 0, len(text))
    if not _SPEAKS_OF_PARTS.search(text):
        return Heading(heading, whole)
    remaining = _REMAINING.search(text)
    decided = heading.quote(*remaining.span("request")) if remaining else None
    if remaining is None or decided is None:
        return Heading(heading, whole, doubtful=True)
    original = _ORIGINAL.search(text, 0, remaining.start())
    asked = heading.quote(*original.span("original")) if original else None
    if original is None and remaining["kept"]:
        # "The Claims Administrator authorized Y, leaving the original request IMR eligible. The original request, X":
        # what is decided is the original request itself.
        asked = decided
    found = _AUTHORIZED.search(text, original.end() if original else 0, remaining.start() or len(text))
    authorized = heading.quote(*found.span("before" if found["before"] else "after")) if found else None
    part = heading.cut(*heading.within(decided.span))
    return Heading(part, decided, asked, authorized, doubtful=not (found and asked))
