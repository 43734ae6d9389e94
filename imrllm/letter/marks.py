"""What counts the disputed items before their headings: bullets, numbers, letters, and labels as "Issue 1 of 3:"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imrllm.spans import FoldedSpan

_MARK = re.compile(
    r"""
    (?P<bullet>[^\w\s("'#$.]\s)  # any sign that stands alone
    | (?P<label>(?:[A-Za-z][A-Za-z'/]{1,12},?\s){0,4}(?:no\.?\s|\#)?)  # "Disputed service #"
      [(\[<]?(?P<number>\d{1,2})
      (?:\s?(?:of|/)\s?(?P<count>\d{1,2}))?
      (?:[)\]>]?[.:]\s|[)\]>]\s|\s-{1,2}\s|\s\|\s)
    | [(\[]?(?P<letter>[A-Za-z])(?:[.):\]]|\)\.)\s
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Words before a single item's number. What words of several items say does not matter: they count up.
_LABEL = re.compile(r"\b(?:items?|issues?|requests?|services?|questions?|treatments?|disputes?)\b", re.IGNORECASE)


def without_marks(line: str, headings: Sequence[FoldedSpan]) -> tuple[FoldedSpan, ...]:
    """Leave out what counts the items before their headings.

    Marks are of one kind in all items of a letter and count them from the first: "2 tablets" is none.

    Args:
        line: the folded text.
        headings: the headings in printed order.

    Returns:
        The headings without their marks; as they are, if one item has none.
    """
    marks = [_MARK.match(line, *span) for span in headings]
    found = [mark for mark in marks if mark and mark.end() < len(line)]
    if len(found) < len(headings) or not found:
        return tuple(headings)
    shapes = {_shape(mark) for mark in found}
    counts = all(_counts(mark, index, len(found)) for index, mark in enumerate(found))
    if len(shapes) > 1 or not counts or (len(found) == 1 and not _is_certain(line, headings[0], found[0])):
        return tuple(headings)
    spans = (FoldedSpan((mark.end(), span[1])) for mark, span in zip(found, headings, strict=True))
    return tuple(span if span[0] < span[1] else heading for span, heading in zip(spans, headings, strict=True))


def _shape(mark: re.Match[str]) -> str:
    """A mark without its number or letter."""
    name = "number" if mark["number"] else "letter" if mark["letter"] else None
    if name is None:
        return mark.group()
    start, end = mark.span(name)
    return f"{mark.string[mark.start() : start]}#{mark.string[end : mark.end()]}".lower()


def _counts(mark: re.Match[str], index: int, items: int) -> bool:
    if mark["number"]:
        return int(mark["number"]) == index + 1 and (not mark["count"] or int(mark["count"]) == items)
    return not mark["letter"] or ord(mark["letter"].lower()) == ord("a") + index


def _is_certain(line: str, heading: FoldedSpan, mark: re.Match[str]) -> bool:
    """Whether the mark of a single item is one: not the first number of a list within the request."""
    if mark["bullet"]:
        return line.count(mark["bullet"], *heading) == 1
    if mark["letter"]:
        return not re.search(r"\b[Bb][.):]\s", line[slice(*heading)])
    if mark["label"]:
        return bool(_LABEL.search(mark["label"]))
    return bool(mark["count"]) or not re.search(r"\b2[.):]\s", line[slice(*heading)])


def may_be_marked(line: str, heading: FoldedSpan, index: int) -> bool:
    """Whether the heading of an item begins with the item's number, counted from 0, though not all headings do."""
    mark = _MARK.match(line, *heading)
    return bool(mark and mark["number"] and int(mark["number"]) == index + 1 and mark.end() < heading[1])
