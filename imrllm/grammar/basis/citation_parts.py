"""What citations of every kind share: their pages, and their sections split at the right commas."""

from __future__ import annotations

import re

from imrllm.grammar.reading import MASK, Part, split_outside_brackets
from imrllm.grammar.word_lists import read_words
from imrllm.records import Citation, Guideline

SECTIONS_LABEL = re.compile(
    r"""
    [,;]?\s?\b
    (?:
        (?:Section|Topic)s?(?:\(s\))?\s?:\s?  # "Section(s):", "Topics:"
        | Section\(s\)\s?
        | Topic\(s\)\s?
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# An address is one topic, with all its punctuation.
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s,;]+", re.IGNORECASE)
_PAGE = r"[A-Z]?\d{1,4}[A-Za-z]?(?:\s?(?:-|\bto\b)\s?[A-Z]?\d{1,4})?"
_PAGES = re.compile(
    rf"""
    [,;(]?\s?\b
    (?:
        pages?(?:\(s\))?  # "Page(s): 75, 78", "pages 303-305"
        | pgs?\.?  # "pg. 607"
        | pp?(?:\.|(?=\s\d))  # "pp. 12 and 14", "p 24"
    )
    \s?(?:no\.)?\s?[:#]?\s?(?:pages?\s)?
    (?P<pages>{_PAGE}(?:\s?(?:,|&|;|\band\b)\s?(?:and\s)?{_PAGE})*)
    (?:\sof\s\d{{1,4}})?(?!\w)\)?  # "of 127"
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ONE_PAGE = re.compile(_PAGE)
# "114 to 118" and "58 - 60" are ranges as "63-66" is.
_RANGE = re.compile(r"\s?(?:-|\bto\b)\s?")


def citation(
    guideline: Guideline,
    within: bool,
    chapter: str | None,
    year: int | None = None,
    sections: tuple[str, ...] = (),
    pages: tuple[str, ...] = (),
) -> Citation:
    """A citation by its fields, in the record's order; `within` is `within_mtus`."""
    return Citation(guideline=guideline, within_mtus=within, chapter=chapter, year=year, sections=sections, pages=pages)


def without_pages(part: Part, start: int, end: int) -> tuple[tuple[str, ...], Part]:
    """The pages of a stretch, and the part with them masked out: several topics may each have theirs."""
    found = list(_PAGES.finditer(part.text, start, end))
    pages = (_RANGE.sub("-", page.group()) for each in found for page in _ONE_PAGE.finditer(each["pages"]))
    return tuple(pages), part.masked(part.spans_of(found))


_EFFECTIVE = re.compile(
    r"""
    [,;]?\s?\(?
    \b(?:effective|updated|revised)\b(?:\ date)?:?\s(?:on\s)?
    (?:[\d/.-]{4,10}|[A-Z][a-z]{2,8}\.?\ (?:\d{1,2},?\ )?\d{4})
    \)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_VERSION = re.compile(r"[,;]?\s?\(?\bv(?:er(?:sion|\.)?|\.)?\s?\d{1,3}(?!\w)\)?", re.IGNORECASE)


def without_dates(part: Part, start: int, end: int) -> Part:
    """A part with the dates of updates in a stretch masked out, which are no years: "(effective October 1, 2018)"."""
    return part.masked(part.spans_of(_EFFECTIVE.finditer(part.text, start, end)))


def without_versions(part: Part, start: int, end: int) -> Part:
    """A part with the versions in a stretch masked out, which are no sections: "Drug List v10"."""
    return part.masked(part.spans_of(_VERSION.finditer(part.text, start, end)))


# A comma that belongs to an index entry and does not separate two: "Topical Analgesics, Compounded".
# Opens with the comma, which the engine skips to.
KEPT_COMMA = re.compile(rf", (?:{read_words('basis/kept_commas.txt')['kept_commas']})", re.IGNORECASE)
_SECTION_JOINT = re.compile(r"\s*(?:and|as well as)\s+", re.IGNORECASE)


def read_sections(part: Part, start: int, end: int) -> tuple[str, ...]:
    """Section entries, split at the commas and semicolons that separate entries."""
    text = part.text[start:end]
    kept = KEPT_COMMA.sub(lambda comma: comma.group().replace(",", "\x01"), text)
    sections = []
    for low, high in split_outside_brackets(kept, ",;" + MASK):
        joint = _SECTION_JOINT.match(text, low, high)
        if reading := part.quote(start + (joint.end() if joint else low), start + high):
            sections.append(reading.value)
    return tuple(sections)
