"""Where each letter begins in a file with several letters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from imrllm.folding import Folded, fold
from imrllm.letter import form
from imrllm.letter.layout import without_footers

# What every letter prints once: the heading of the method with the sentence after it (2014 to 2017), or the heading of
# the decision with its sentence (2013). A letter that quotes only the heading is not split there.
_ONCE = re.compile(
    rf"""
    {re.escape(form.METHOD.pattern)}\ ?:?\ ?MAXIMUS\ Federal\ Services(?:,\ Inc\.?)?\ sent\ the\ complete\ case\ file
    | (?P<titled>INDEPENDENT\ MEDICAL\ REVIEW\ DECISION\ AND\ RATIONALE\ ?:?\ ?
        An\ application\ for\ Independent\ Medical\ Review\ was)
    """,
    re.VERBOSE,
)
# How a letter opens if pages come before that phrase: its letterhead, title or case number.
_OPENING = re.compile(
    r"""
    MAXIMUS\ FEDERAL\ SERVICES,\ INC\b
    | Notice\ of\ Independent\ Medical\ Review\ Determination\ ?Dated\ ?:
    | Independent\ Medical\ Review\ Final\ Determination\ Letter\b
    | (?:\bIMR\ |\bMAXIMUS\ )?\bCase\ Number\ ?:\ ?CM\ ?\d\d\ ?-  # "IMR Case Number: CM15-"
    """,
    re.VERBOSE,
)
# The labels of the header block, in any order of its columns.
_LABEL = re.compile(
    r"""
    \b(?:
        Case\ Number | Date\ Assigned | Date\ of\ Injury | Decision\ Date | UR\ Denial\ Date | Priority
        | (?:Application\ )?Received
    )\ ?:
    """,
    re.VERBOSE,
)
# Characters for the values of six labels, if they are printed below all labels.
_REACH = 120
_LAST_PART = re.compile(rf"(?:{form.RATIONALE.pattern})|(?:{form.SENTENCE_ITEM.pattern})", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?][\"')\]]{0,2}\s*\Z")
# Longest letterhead at the top of a page, in characters.
_LETTERHEAD = 600


def letter_starts(text: str, page_breaks: Sequence[int] = ()) -> tuple[int, ...]:
    """Find where the letters of a text begin, except the first.

    A text is split only where the form's opening is repeated after a decided and argued item. In doubt, it stays one
    letter.

    Args:
        text: the text of one file.
        page_breaks: offsets of the first character of each page after the first.

    Returns:
        Ascending offsets of first characters; empty if the text is a single letter or not a letter.
    """
    text = without_footers(text)
    # Most files hold one letter: for them, this search of the unfolded text is the only cost.
    if len(re.findall(r"HOW\s+THE\s+IMR\s+FINAL|REVIEW\s+DECISION\s+AND\s+RATIONALE", text)) < 2:
        return ()
    folded = fold(text)
    line = folded.text
    starts = []
    for before, opened in pairwise(_ONCE.finditer(line)):
        # The labels of the arguments: without an argued item, the text is not split.
        argued = [label.end() for label in _LAST_PART.finditer(line, before.end(), opened.start())]
        start = _opening(line, argued[-1], opened) if argued else None
        if start is not None:
            starts.append(_from_page_top(text, folded, start, page_breaks))
    return tuple(starts)


def _opening(line: str, start: int, opened: re.Match[str]) -> int | None:
    """Where a letter begins, between the last argument of the letter before it and its own opening phrase."""
    first = _OPENING.search(line, start, opened.start())
    begin = opened.start()
    for label in reversed(list(_LABEL.finditer(line, start, opened.start()))):
        if begin - label.end() > _REACH:
            break
        begin = label.start()
    if first:
        begin = min(begin, first.start())
    # Letters of 2013 print the outcomes before the phrase. Without the title, they would go to the previous letter.
    return None if opened["titled"] and not first else begin


def _from_page_top(text: str, folded: Folded, start: int, page_breaks: Sequence[int]) -> int:
    """A letter's start in the source, moved to the top of its page if only a letterhead is above it."""
    offset = folded.source_offset(start)
    page = bisect_right(page_breaks, offset) - 1
    if page < 0:
        return offset
    above = text[page_breaks[page] : offset]
    return offset if len(above) > _LETTERHEAD or _ENDS_SENTENCE.search(above) else page_breaks[page]
