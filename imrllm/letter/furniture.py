"""Where pages end within a letter: page numbers and what is printed beside them belong to no part of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A line that numbers its page: "Final letter, page 2 of 5", "Page 2", "2/5", "- 2 -". A number alone may be a value
# that was wrapped to a line of its own. So may "page 127.", but such numbers do not count up through the letter.
_PAGE = re.compile(
    r"""
    [^\w\n]*
    (?:
        (?:[A-Za-z][^\n\d]{0,60}?[^\w\n])?page\s?(?P<page>\d{1,3})\s?(?:of|/)\s?(?P<pages>\d{1,3})
        | page\s?(?P<alone>\d{1,3})
        | (?P<bare>\d{1,3})\s?(?:of|/)\s?(?P<all>\d{1,3})
        | -\s?(?P<dashed>\d{1,3})\s?-
    )
    [^\w\n]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LINE = re.compile(r"[^\n]+")
_DIGITS = re.compile(r"\d+")
# A list's number or the label of an item counts up too.
_COUNTS_ITEMS = re.compile(
    r"^\W{0,2}\d{1,3}\s?[.):]|:$|\b(?:items?|issues?|requests?|services?|questions?|dispute[sd]?|regarding|matter)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,3}")
# Lines of a letterhead that can stand on either side of a page number.
_BESIDE = 4
_LONGEST = 100
# A line with one of these words is of a letter's form or of its text, whatever it repeats.
_OWN_WORDS = re.compile(
    r"guideline|rationale|upheld|overturned|necessary|summary|determination was|treatment", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PageEnds:
    """Where pages end.

    Attributes:
        text: the letter's text with spaces in place of its furniture; all other characters keep their offsets.
        offsets: source offsets of the lines that number a page, ascending.
    """

    text: str
    offsets: tuple[int, ...]


def without_furniture(text: str) -> PageEnds:
    """Replace lines that number a page, and lines that are repeated beside these, with spaces.

    Args:
        text: the source text of one letter.
    """
    lines = [found.span() for found in _LINE.finditer(text) if not found.group().isspace()]
    # Without a figure a line numbers no page.
    short = {
        at: text[slice(*span)].strip()
        for at, span in enumerate(lines)
        if span[1] - span[0] <= _LONGEST and _DIGITS.search(text, *span)
    }
    found = {at: page for at, line in short.items() if (page := _PAGE.fullmatch(line))}
    numbered = sorted({*_counting_up(found), *_repeated_counting_up(short)})
    if not numbered:
        return PageEnds(text, ())
    furniture = set(numbered)
    beside = {
        (at, step): _DIGITS.sub("#", text[slice(*lines[at + step])].strip().lower())
        for at in numbered
        for step in range(-_BESIDE, _BESIDE + 1)
        if step and 0 <= at + step < len(lines)
    }
    repeated = Counter((step, line) for (_, step), line in beside.items())
    for at in numbered:
        for side in (-1, 1):
            # Up to the first line that is not repeated at the same distance of another page's number.
            for step in range(side, side * (_BESIDE + 1), side):
                line = beside.get((at, step))
                if line is None or repeated[step, line] < 2 or len(line) > _LONGEST or _OWN_WORDS.search(line):
                    break
                furniture.add(at + step)
    pieces, end = [], 0
    for at in sorted(furniture):
        start, stop = lines[at]
        pieces += [text[end:start], " " * (stop - start)]
        end = stop
    return PageEnds("".join([*pieces, text[end:]]), tuple(lines[at][0] for at in numbered))


def _counting_up(found: Mapping[int, re.Match[str]]) -> list[int]:
    """The lines that number pages one after another, all alike and from the first or the second page on."""
    kinds: dict[tuple[str, str | None], list[tuple[int, int]]] = {}
    for at, page in found.items():
        kind = next(name for name in ("page", "alone", "bare", "dashed") if page[name])
        kinds.setdefault((kind, page["pages"] or page["all"]), []).append((at, int(page[kind])))
    numbered = []
    for (_, pages), each in kinds.items():
        numbers = [number for _, number in each]
        first = numbers[0]
        if first > 2 or not _is_consecutive(numbers) or numbers[-1] > int(pages or numbers[-1]):
            continue
        numbered += [at for at, _ in each]
    return sorted(numbered)


def _repeated_counting_up(short: Mapping[int, str]) -> list[int]:
    """Lines with figures that are the same but for a number that counts up from 1 or 2, whatever their words say."""
    alike: dict[str, list[int]] = {}
    for at, line in short.items():
        alike.setdefault(_NUMBER.sub("#", line), []).append(at)
    numbered = []
    for each in alike.values():
        if len(each) == 1 or _OWN_WORDS.search(short[each[0]]) or _COUNTS_ITEMS.search(short[each[0]]):
            continue
        columns = [list(map(int, column)) for column in zip(*(_NUMBER.findall(short[at]) for at in each), strict=True)]
        changing = [column for column in columns if len(set(column)) > 1]
        if all(column[0] in (1, 2) and _is_consecutive(column) for column in changing) and changing:
            numbered += each
    return numbered


def _is_consecutive(numbers: Sequence[int]) -> bool:
    return list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))
