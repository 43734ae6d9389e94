"""The reviewer's credentials: states of licensure and specialties."""

from __future__ import annotations

import re
from collections.abc import Mapping

from imrllm.grammar.reading import Part, Reading, split_outside_brackets
from imrllm.grammar.word_lists import read_words
from imrllm.letter.patterns import default_patterns

Labels = Mapping[str, re.Pattern[str]]

_STATES = read_words("states.txt")["states"]
# The capital first, so that "Washington, D.C." is not the state; no name is another's tail at a word's start.
_STATE = re.compile(rf"\b(?:(?P<capital>Washington,? D\.?C\b\.?)|{_STATES})(?!\w)")
_LICENSED_IN = re.compile(r"licensed to practice(?: medicine| [a-z]{3,20})? in ", re.IGNORECASE)
_BOARD_CERTIFIED = re.compile(r"\bboard[- ]certified in ", re.IGNORECASE)
_SUBSPECIALTY = re.compile(
    r"\b(?:has an? )?(?:sub-?specialty|fellowship|added qualifications?)(?: training)? in ", re.IGNORECASE
)
_END_OF_CREDENTIAL = re.compile(r",? (?:and (?:is|has|holds)\b|has (?:a|an)\b|is licensed)|\. |$")


def _found(labels: Labels, name: str, part: Part, start: int = 0) -> re.Match[str] | None:
    return labels[name].search(part.text, start) if name in labels else None


def read_states(part: Part, labels: Labels | None = None) -> tuple[Reading[str], ...]:
    """The states of licensure by their full names, in document order.

    Args:
        part: the credentials.
        labels: the labels of the letter's form, `states` and `specialties`; by default those of the first known form.
    """
    labels = default_patterns().credentials if labels is None else labels
    block = _found(labels, "states", part)
    if block:
        end = _found(labels, "specialties", part, block.end())
        stretch = (block.end(), end.start() if end else len(part.text))
    else:
        prose = _LICENSED_IN.search(part.text)
        if prose is None:
            return ()
        stop = part.text.find(". ", prose.end())
        stretch = (prose.end(), stop if stop >= 0 else len(part.text))
    return tuple(
        part.reading("District of Columbia" if match["capital"] else match.group(), *match.span())
        for match in _STATE.finditer(part.text, *stretch)
    )


def read_specialties(part: Part, labels: Labels | None = None) -> tuple[Reading[str], ...]:
    """Certifications and specialties as printed, split at commas; "A & B" is one. The arguments are as above."""
    labels = default_patterns().credentials if labels is None else labels
    block = _found(labels, "specialties", part)
    if block:
        # The two labels can be in the other order.
        end = _found(labels, "states", part, block.end())
        return _split(part, block.end(), end.start() if end else len(part.text))
    readings: list[Reading[str]] = []
    for pattern in (_BOARD_CERTIFIED, _SUBSPECIALTY):
        for match in pattern.finditer(part.text):
            stop = _END_OF_CREDENTIAL.search(part.text, match.end())
            readings += _split(part, match.end(), stop.start() if stop else len(part.text))
    return tuple(sorted(readings, key=lambda reading: reading.span))


def _split(part: Part, start: int, end: int) -> tuple[Reading[str], ...]:
    pieces = (part.quote(*span) for span in split_outside_brackets(part.text, ",;", start, end))
    return tuple(piece for piece in pieces if piece)
