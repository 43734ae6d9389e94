"""The grounds that a rationale states in words of their own; what it only argues is left to the model."""

from __future__ import annotations

import re
from typing import cast

from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.word_lists import read_sections
from imrllm.records import Decision, Ground

# Each ground with the turns of phrase that state it. A phrase may also stand in a guideline that the
# rationale quotes: these confirm a model's answer, they do not replace it.
_PATTERNS: dict[str, tuple[tuple[Ground, re.Pattern[str]], ...]] = {
    decision: tuple(
        (cast(Ground, ground), re.compile(words, re.IGNORECASE))
        for ground, words in read_sections(f"rationale/{decision}_grounds.txt")
    )
    for decision in ("upheld", "overturned")
}


def can_apply(ground: str, decision: Decision) -> bool:
    """Whether a ground can be why an item was decided so: the record has some for overturned items alone."""
    return any(ground == name for name, _ in _PATTERNS["overturned"]) == (decision == "overturned")


def read_grounds(rationale: Part, decision: Decision) -> tuple[Reading[str], ...]:
    """The grounds whose words stand in a rationale, in the order in which they first stand.

    These support a model's answer; they are no reading of the argument, and a phrase may be quoted from a guideline.

    Args:
        rationale: the decision rationale.
        decision: the printed outcome: it settles which grounds can apply.
    """
    found = [
        rationale.reading(str(ground), *match.span())
        for ground, words in _PATTERNS[decision]
        if (match := words.search(rationale.text))
    ]
    return tuple(sorted(found, key=lambda reading: reading.span))
