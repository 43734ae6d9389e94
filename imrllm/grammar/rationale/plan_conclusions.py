"""The conclusion of a health plan's review, which ends with the plan's denial rather than with medical necessity."""

from __future__ import annotations

import re

from imrllm.grammar.rationale.conclusions import SENTENCE_END, read_conclusion
from imrllm.grammar.reading import Part, Reading

# Experimental treatments are judged by whether they are more beneficial: California Health and Safety Code 1370.4.
_PLAN = re.compile(
    r"""
    (?P<no>
        \b(?:denials?|decisions?|determinations?)\b[^.;]{0,60}?\b(?:be|is|are|was|were|been)\ (?:therefore\ )?upheld\b
        | \b(?:not|unlikely)\ (?:likely\ )?to\ be\ more\ beneficial\b
    )
    | (?P<yes>
        \b(?:denials?|decisions?|determinations?)\b[^.;]{0,60}?\b(?:be|is|are|was|were|been)
            \ (?:therefore\ )?(?:overturned|reversed)\b
        | \blikely\ to\ be\ more\ beneficial\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_IN_PART = re.compile(
    r"\b(?:partial(?:ly)?|partly)\ (?:overturn|upheld|uphold|revers)|\b(?:overturned|upheld|reversed)\ in\ part\b",
    re.IGNORECASE,
)
# The conclusion stands in the last sentences: so many characters.
_LAST_WORDS = 500


def read_any_conclusion(rationale: Part) -> Reading[bool] | None:
    """Read what a rationale of any review concludes: in a plan's words if its last sentences use them, else in others.

    Returns:
        Whether the treatment is medically necessary; None if no known words say so, or if it was decided in part.
    """
    text = rationale.text
    first = max(0, len(text) - _LAST_WORDS)
    if first and (turn := SENTENCE_END.search(text, first)):
        first = turn.end()
    if _IN_PART.search(text, first):
        return None
    found = list(_PLAN.finditer(text, first))
    if found:
        return rationale.reading(found[-1]["yes"] is not None, *found[-1].span())
    return read_conclusion(rationale)
