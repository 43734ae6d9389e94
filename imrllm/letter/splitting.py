"""Several letters in one file: where each of them begins."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from imrllm.folding import Folded, fold
from imrllm.letter import form
from imrllm.letter.layout import without_footers

# What every letter prints once, by form: the heading of its method with the sentence that follows it (2014 to 2017),
# and the heading of its decision with its own (2013). A letter that quotes the heading alone is not cut there.
_ONCE = re.compile(
    rf"""
    {re.escape(form.METHOD.pattern)}\ ?:?\ ?MAXIMUS\ Federal\ Services(?:,\ Inc\.?)?\ sent\ the\ complete\ case\ file
    | (?P<titled>INDEPENDENT\ MEDICAL\ REVIEW\ DECISION\ AND\ RATIONALE\ ?:?\ ?
        An\ application\ for\ Independent\ Medical\ Review\ was)
    """,
    re.VERBOSE,
)
# How a letter opens where pages stand before that: its letterhead, its title, its number.
_OPENING = re.compile(
    r"""
    MAXIMUS\ FEDERAL\ SERVICES,\ INC\b
    | Notice\ of\ Independent\ Medical\ Review\ Determination\ ?Dated\ ?:
    | Independent\ Medical\ Review\ Final\ Determination\ Letter\b
    | (?:\bIMR\ |\bMAXIMUS\ )?\bCase\ Number\ ?:\ ?CM\ ?\d\d\ ?-  # "IMR Case Number: CM15-"
    """,
    re.VERBOSE,
)
# The header block, whichever of its columns is printed first.
_LABEL = re.compile(
    r"""
    \b(?:
        Case\ Number | Date\ Assigned | Date\ of\ Injury | Decision\ Date | UR\ Denial\ Date | Priority
        | (?:Application\ )?Received
    )\ ?:
    """,
    re.VERBOSE,
)
# The values of six labels, where they stand below all of them.
_REACH = 120
_LAST_PART = re.compile(rf"(?:{form.RATIONALE.pattern})|(?:{form.SENTENCE_ITEM.pattern})", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?][\"')\]]{0,2}\s*\Z")
# Characters of a letterhead; above it a new page holds nothing.
_LETTERHEAD = 600


def letter_starts(text: str, page_breaks: Sequence[int] = ()) -> tuple[int, ...]:
    """Where the letters of a text begin, each after the first.

    A cut needs the form's own opening a second time, and a decided item with its argument before it: what is in doubt
    stays one letter.

    Args:
        text: the text of one file.
        page_breaks: offsets of the first character of each page after the first.

    Returns:
        Offsets of first characters, ascending; none where the text is one letter, or no letter at all.
    """
    text = without_footers(text)
    # Most files hold one letter: the search of the unfolded text is what they cost.
    if len(re.findall(r"HOW\s+THE\s+IMR\s+FINAL|REVIEW\s+DECISION\s+AND\s+RATIONALE", text)) < 2:
        return ()
    folded = fold(text)
    line = folded.text
    starts = []
    for before, opened in pairwise(_ONCE.finditer(line)):
        # The labels of the arguments: where nothing was decided and argued, there is no cut.
        argued = [label.end() for label in _LAST_PART.finditer(line, before.end(), opened.start())]
        start = _opening(line, argued[-1], opened) if argued else None
        if start is not None:
            starts.append(_from_page_top(text, folded, start, page_breaks))
    return tuple(starts)


def _opening(line: str, start: int, opened: re.Match[str]) -> int | None:
    """Where the letter of an opening phrase begins, in what stands between the argument before it and the phrase."""
    first = _OPENING.search(line, start, opened.start())
    begin = opened.start()
    for label in reversed(list(_LABEL.finditer(line, start, opened.start()))):
        if begin - label.end() > _REACH:
            break
        begin = label.start()
    if first:
        begin = min(begin, first.start())
    # Of 2013 the outcomes stand before the phrase: without its title they would be the letter's before.
    return None if opened["titled"] and not first else begin


def _from_page_top(text: str, folded: Folded, start: int, page_breaks: Sequence[int]) -> int:
    """A letter's start in the source, moved to its page's top where only a letterhead stands between."""
    offset = folded.source_offset(start)
    page = bisect_right(page_breaks, offset) - 1
    if page < 0:
        return offset
    above = text[page_breaks[page] : offset]
    return offset if len(above) > _LETTERHEAD or _ENDS_SENTENCE.search(above) else page_breaks[page]
