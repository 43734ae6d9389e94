"""The label of an outcome that is printed apart from the request: "Determination: Upheld" on a line of its own."""

from __future__ import annotations

import re

# Longer than any such label, in characters.
_REACH = 60
# Nouns that name an outcome, in capitals or with a capital: as the last word of a treatment they are not printed so.
_LABEL = re.compile(
    r"""
    (?:^|\s)
    (?P<label>
        (?:(?:Final|Our|The|IMR|Reviewer'?s?|Review)\s){0,3}
        (?:Determination|Decision|Outcome|Result|Ruling|Finding|Conclusion|Disposition|Status)s?
        (?:\s(?:of|on|for)\s(?:the\s|this\s)?(?:review|request|appeal|item|service|treatment|dispute))?
    )
    \s?[:-]?\s?$
    """,
    re.VERBOSE | re.IGNORECASE,
)


def request_end(line: str, start: int, outcome: int) -> int:
    """Where the words before an outcome end, without the outcome's own label.

    Args:
        line: the folded text.
        start: offset from which these words may begin.
        outcome: offset of the outcome with its colon.
    """
    begin = max(start, outcome - _REACH)
    found = _LABEL.search(line[begin:outcome])
    if not (found and found["label"][0].isupper()):
        return outcome
    before = line[begin : begin + found.start("label")]
    words = before.rstrip(" :;-")
    # "Norco #60: Decision: Upheld": the request's own colon is none of its words.
    return begin + (len(words) if len(words) < len(before.rstrip()) else len(before))
