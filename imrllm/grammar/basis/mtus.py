"""Citations of the MTUS: one a chapter, in the older form and the newer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from imrllm.grammar.basis.chapters import ACOEM_NAME, CHAPTER, CHAPTER_NAMES, DATED_NAMES, YEAR, chapter_end
from imrllm.grammar.basis.citation_parts import SECTIONS_LABEL, citation, read_sections, without_pages
from imrllm.grammar.reading import Part, Reading, tightened
from imrllm.records import Citation
from imrllm.spans import PartSpan

_NEXT_CHAPTER = re.compile(
    rf"""
    (?:[,;]\s(?:and\s)?|\sand\s|(?<=[.;])\s)(?=
        (?:{CHAPTER_NAMES})\b\s*(?:{YEAR}\b|[,;.]|Section|Page|$)  # ", Elbow Disorders, page 10"
        | (?:{DATED_NAMES})\s{YEAR}\b  # " and Opioids 2009"
    )
    | ,?\sand\s(?=(?:{CHAPTER_NAMES})\b)  # the older form: the name may go straight on with its topic
    | (?<=\d)[,;.]?\s(?:and\s)?(?=(?:{CHAPTER_NAMES})\b)  # the older form: after the pages of the chapter before
    | ,?\sand\s(?=[A-Z][A-Za-z&/ -]{{3,70}}?\s
        {YEAR}\b(?:$|[,.]?\s?(?:Section|and\b)))  # an unknown chapter, recognized by its year
    """,
    re.VERBOSE,
)
_ACOEM_NAME = re.compile(ACOEM_NAME, re.IGNORECASE)
# ACOEM's second edition before the name of its chapter: "ACOEM Practice Guidelines 2nd Edition 2004, Chapter 14 ...".
_EDITION = re.compile(
    rf"{ACOEM_NAME}\(?\d(?:nd|rd) Ed(?:ition|\.)\)?,?\s?(?:\(?(?P<year>{YEAR})\)?)?[,;]?\s", re.IGNORECASE
)
# A year or a section of the regulation where a chapter's name would stand: "2009, 9792.24.2".
_UNNAMED = re.compile(
    rf"(?:(?P<year>{YEAR})\b[,;]?\s?)?(?=(?:8 C\.?C\.?R\.?[\s,]{{0,2}}(?:\u00a7\s?)?)?9792\b)", re.IGNORECASE
)
_DATED_SECTIONS = re.compile(rf"\b{YEAR},?\sSections?(?:\(s\))?\s?:", re.IGNORECASE)
_LAST_ENTRY = re.compile(r"\.?\s?$")
_TRAILING_YEAR = re.compile(rf"[\s,(]{{0,4}}\b(?P<year>{YEAR})\b\)?\s?$")
_CHAPTER_YEAR = re.compile(rf"[\s,(]*(?P<year>{YEAR})\b\)?")


def read_mtus(part: Part) -> Iterator[Reading[Citation]]:
    """One citation a chapter: a new one starts where a chapter's name, or a name and a year, follows a joint."""
    edition = _EDITION.match(part.text)
    if edition:
        part = part.cut(edition.end(), len(part.text))
    starts = [0]
    ends = []
    joints = list(_NEXT_CHAPTER.finditer(part.text))
    names = [found.span() for found in CHAPTER.finditer(part.text)] if joints else []
    for joint in joints:
        # Known names contain "and" and commas themselves; these do not separate chapters.
        before = bisect_left(names, (joint.start(), 0)) - 1
        if before >= 0 and names[before][0] < joint.start() < names[before][1]:
            continue
        if _in_a_list_of_sections(part.text, starts[-1], joint):
            continue
        ends.append(joint.start())
        starts.append(joint.end())
    ends.append(len(part.text))
    for start, end in zip(starts, ends, strict=True):
        given = int(edition["year"]) if edition and edition["year"] and not start else None
        yield _mtus_chapter(part, start, end, given)


def _in_a_list_of_sections(text: str, start: int, joint: re.Match[str]) -> bool:
    """Whether a joint stands in the section list of a dated chapter, and the name behind it opens no citation.

    "General Approaches 2004, Section(s): Prevention, Initial Approaches to Treatment": sections may be called as
    chapters are. A chapter of such a citation has its year, its own label or "and" before it.
    """
    if "and" in joint.group() or not _DATED_SECTIONS.search(text, start, joint.start()):
        return False
    name = CHAPTER.match(text, joint.end())
    return name is not None and _LAST_ENTRY.match(text, name.end()) is not None


def _mtus_chapter(part: Part, start: int, end: int, year: int | None) -> Reading[Citation]:
    whole = (start, end)
    pages, part = without_pages(part, start, end)
    text = part.text
    start, end = tightened(text, start, end)
    label = SECTIONS_LABEL.search(text, start, end)
    head_end = label.start() if label else end
    topic: PartSpan | None = None
    name_end = chapter_end(text, start, head_end)
    # The guideline's own name does not belong to its chapter's: "MTUS ACOEM Practice Guidelines, Chapter 12 ...".
    if name_end is not None and (work := _ACOEM_NAME.match(text, start, name_end)):
        start = work.end()
    if name_end is not None:
        topic_start = name_end
        if after := _CHAPTER_YEAR.match(text, name_end, head_end):
            year, topic_start = int(after["year"]), after.end()
        if text[topic_start:head_end].strip(" ,.;:-()"):
            topic = PartSpan((topic_start, head_end))
    elif unnamed := _UNNAMED.match(text, start, head_end):
        year = int(unnamed["year"]) if unnamed["year"] else year
        name_end, topic = start, PartSpan((unnamed.end(), head_end))
    else:
        name_end = head_end
        if trailing := _TRAILING_YEAR.search(text, start, head_end):
            year = int(trailing["year"])
            name_end = trailing.start()
    chapter = part.quote(start, name_end)
    # The older form's topic stays whole but for the separators of sections.
    sections = read_sections(part, *topic) if topic else ()
    if label:
        sections += read_sections(part, label.end(), end)
    return part.reading(citation("MTUS", True, chapter.value if chapter else None, year, sections, pages), *whole)
