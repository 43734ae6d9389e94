"""Where each letter begins in a file with several letters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

from imrllm.folding import Folded, fold
from imrllm.letter.form import ChosenForm, Form, known_forms
from imrllm.letter.layout import without_footers
from imrllm.letter.patterns import compiled
from imrllm.letter.phrases import expression, plain

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
_ENDS_SENTENCE = re.compile(r"[.!?][\"')\]]{0,2}\s*\Z")
# Longest letterhead at the top of a page, in characters.
_LETTERHEAD = 600
# Words of a form's phrase that are sought in the unfolded text.
_FIRST_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Openings:
    """How the letters of some forms begin.

    Attributes:
        first_words: the first words of what every letter prints once, in unfolded text.
        once: what every letter prints once; with a group `titled` where a title must be before it. A letter that quotes
            only the heading is not split there.
        title: what a letter may print before that: a letterhead, a title, a case number.
        last_part: the labels of the arguments.
    """

    first_words: re.Pattern[str]
    once: re.Pattern[str]
    title: re.Pattern[str]
    last_part: re.Pattern[str]


@cache
def _openings(forms: tuple[Form, ...]) -> _Openings:
    split = [form for form in forms if form.openings.once]
    once = [expression(form.openings.once) for form in split if not form.openings.needs_title]
    titled = [expression(form.openings.once) for form in split if form.openings.needs_title]
    first = {
        r"\s+".join(map(re.escape, plain(each).split()[:_FIRST_WORDS])) for form in split for each in form.openings.once
    }
    # One form can extend another: its phrases are the same.
    titles = dict.fromkeys(each for form in split for each in form.openings.title)
    arguments: dict[str, None] = {}
    for form in split:
        patterns = compiled(form.words)
        label = patterns.labels.get("rationale")
        arguments |= dict.fromkeys(each.pattern for each in (label, patterns.argument) if each)
    return _Openings(
        re.compile("|".join(sorted(first))),
        re.compile(
            "|".join(
                [*dict.fromkeys(once), *([f"(?P<titled>{'|'.join(titled)})"] if titled else ["(?P<titled>(?!))"])]
            ),
            re.VERBOSE,
        ),
        re.compile(expression(titles), re.VERBOSE),
        re.compile("|".join(arguments), re.VERBOSE | re.IGNORECASE),
    )


def letter_starts(text: str, page_breaks: Sequence[int] = (), forms: Sequence[Form] | None = None) -> tuple[int, ...]:
    """Find where the letters of a text begin, except the first.

    A text is split only where the form's opening is repeated after a decided and argued item. In doubt, it stays one
    letter.

    Args:
        text: the text of one file.
        page_breaks: offsets of the first character of each page after the first.
        forms: the forms that the letters may have; by default the known ones.

    Returns:
        Ascending offsets of first characters; empty if the text is a single letter or not a letter.
    """
    text = without_footers(text)
    openings = _openings(known_forms() if forms is None else tuple(forms))
    # Most files hold one letter: for them, this search of the unfolded text is the only cost.
    if len(openings.first_words.findall(text)) < 2:
        return ()
    folded = fold(text)
    line = folded.text
    starts = []
    for before, opened in pairwise(openings.once.finditer(line)):
        # The labels of the arguments: without an argued item, the text is not split.
        argued = [label.end() for label in openings.last_part.finditer(line, before.end(), opened.start())]
        start = _opening(line, argued[-1], opened, openings.title) if argued else None
        if start is not None:
            starts.append(_from_page_top(text, folded, start, page_breaks))
    return tuple(starts)


def starts_by(form: ChosenForm | None) -> Callable[[str, Sequence[int]], tuple[int, ...]] | None:
    """`letter_starts` with the openings of a form that the user names; None if it has none."""
    if form and form.is_rationale:
        return never_split
    return partial(letter_starts, forms=form.forms) if form and form.form and form.form.openings.once else None


def never_split(text: str, page_breaks: Sequence[int] = ()) -> tuple[int, ...]:  # noqa: ARG001
    """Where the letters of a text begin if it is only one rationale: nowhere after its start."""
    return ()


def _opening(line: str, start: int, opened: re.Match[str], title: re.Pattern[str]) -> int | None:
    """Where a letter begins, between the last argument of the letter before it and its own opening phrase."""
    first = title.search(line, start, opened.start())
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
