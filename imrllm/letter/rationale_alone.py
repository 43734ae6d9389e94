"""Texts that are only a decision's reasoning: other published review sets give one a row, with the outcome apart."""

from __future__ import annotations

from imrllm.errors import NotALetterError
from imrllm.folding import fold
from imrllm.letter.form import RATIONALE_FORM
from imrllm.letter.outcomes import read_outcome
from imrllm.letter.parts import ItemParts, LetterParts, trimmed


def is_rationale(parts: LetterParts) -> bool:
    """Whether a text was read as a rationale and nothing else."""
    return parts.form == RATIONALE_FORM


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
        decision = read_outcome(folded.text[slice(*printed)]) if printed else None
    rationale = trimmed(folded.text, 0, end)
    if rationale is None:
        raise NotALetterError("holds no words of a rationale.", hint="Give the text of a decision's reasoning.")
    item = ItemParts(None, decision, printed, None, None, rationale)
    return LetterParts(folded, RATIONALE_FORM, None, None, None, (item,))
