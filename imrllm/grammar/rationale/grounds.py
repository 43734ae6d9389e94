"""The grounds that a rationale states in fixed phrases. Grounds that it only argues are left to the model."""

from __future__ import annotations

import re
from typing import cast

from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_sections
from imrllm.records import Decision, Ground

# Each ground with the phrases that state it. A phrase may also come from a guideline that the rationale
# quotes, so these confirm a model's answer and do not replace it.
_PATTERNS: dict[str, tuple[tuple[Ground, re.Pattern[str]], ...]] = {
    decision: tuple(
        (cast(Ground, ground), re.compile(words, re.IGNORECASE))
        for ground, words in read_sections(f"rationale/{decision}_grounds.txt")
    )
    for decision in ("upheld", "overturned")
}


def can_apply(ground: str, decision: Decision) -> bool:
    """Whether a ground can explain a decision: some are only for overturned items, the others for upheld ones."""
    return any(ground == name for name, _ in _PATTERNS["overturned"]) == (decision == "overturned")


def read_grounds(rationale: Part, decision: Decision) -> tuple[Reading[str], ...]:
    """Find the grounds whose phrases a rationale contains, in the order of first occurrence.

    They support a model's answer but do not replace it: a phrase may be quoted from a guideline.

    Args:
        rationale: the decision rationale.
        decision: the printed outcome, which determines the grounds that can apply.
    """
    found = [
        rationale.reading(str(ground), *match.span())
        for ground, words in _PATTERNS[decision]
        if (match := words.search(rationale.text))
    ]
    return tuple(sorted(found, key=lambda reading: reading.span))
