"""Texts that are only a decision's reasoning: other published review sets give one a row, with the outcome apart."""

from __future__ import annotations

import re

from imrllm.errors import NotALetterError
from imrllm.folding import fold
from imrllm.letter.form import RATIONALE_FORM
from imrllm.letter.parts import ItemParts, LetterParts, trimmed
from imrllm.records import Decision

# The outcome words of the known forms, and those of health plan reviews ("Upheld Decision of Health Plan").
_UPHELD = re.compile(
    r"""
    \b(?:
        upheld | uphold | affirmed? | denial\ stands
        | (?:is|was|are|were)?\s?not\ (?:found\ )?medically\ (?:necessary|appropriate)
        | denied | non-?certified | not\ (?:certified|approved)
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OVERTURNED = re.compile(
    r"""
    \b(?:
        overturn(?:ed)? | revers(?:ed?|al)
        | (?<!not\ )(?<!not\ found\ )medically\ (?:necessary|appropriate)
        | (?<!not\ )(?<!non-)(?<!non)(?:certified|approved)
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A case that was decided both ways decides no single request.
_BOTH_WAYS = re.compile(r"\bpart(?:ial(?:ly)?|ly)?\b|\bmodif|\bmixed\b|\bsplit\b", re.IGNORECASE)


def is_rationale(parts: LetterParts) -> bool:
    """Whether a text was read as a rationale and nothing else."""
    return parts.form == RATIONALE_FORM


def outcome_of(words: str) -> Decision | None:
    """The decision that the words of an outcome column state; None if they state none, or both."""
    upheld, overturned = _UPHELD.search(words), _OVERTURNED.search(words)
    if _BOTH_WAYS.search(words) or bool(upheld) == bool(overturned):
        return None
    return "upheld" if upheld else "overturned"


def read_rationale(text: str, outcome: tuple[int, int] | None = None) -> LetterParts:
    """Take a text as the rationale of one disputed item.

    Args:
        text: the source text.
        outcome: the span of the outcome that stands in its last paragraph, apart from the rationale; None without one.

    Returns:
        Parts with one item, whose heading and bases are None, as are all sections. Its decision is None if no outcome
        stands beside the rationale, or if its words are not known.

    Raises:
        NotALetterError: the text prints nothing. Its message has no subject: the caller adds the document's name.
    """
    folded = fold(text)
    end, printed, decision = len(folded.text), None, None
    if outcome:
        # The outcome's paragraph opens with its column's name.
        end = folded.folded_offset(text.rfind("\n\n", 0, outcome[0]))
        printed = trimmed(folded.text, *map(folded.folded_offset, outcome))
        decision = outcome_of(folded.text[slice(*printed)]) if printed else None
    rationale = trimmed(folded.text, 0, end)
    if rationale is None:
        raise NotALetterError("holds no words of a rationale.", hint="Give the text of a decision's reasoning.")
    item = ItemParts(None, decision, printed, None, None, rationale)
    return LetterParts(folded, RATIONALE_FORM, None, None, None, (item,))
