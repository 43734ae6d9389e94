"""Citations of the MTUS: one a chapter, in the older form and the newer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from imrllm.folding import caseless
from imrllm.grammar.basis.chapters import (
    ACOEM_NAME,
    BEFORE_YEAR,
    CHAPTER,
    CHAPTER_NAMES,
    DATED_NAMES,
    FORMULARY,
    FORMULARY_NAMES,
    MD_GUIDELINES,
    YEAR,
    chapter_end,
)
from imrllm.grammar.basis.citation_parts import (
    SECTIONS_LABEL,
    citation,
    read_sections,
    without_dates,
    without_pages,
    without_versions,
)
from imrllm.grammar.basis.known_chapters import subject_of
from imrllm.grammar.reading import MASK, Part, Reading, tightened
from imrllm.records import Citation
from imrllm.spans import PartSpan

_SCHEDULE = r"(?:(?:California|CA)\ )?MTUS(?:\ Guidelines?)?:?"
_NEXT_CHAPTER = re.compile(
    rf"""
    (?=[,;.\s])  # what all begin with
    (?:
        (?:[,;]\s(?i:and\s)?|\s(?:(?i:and)|&)\s|(?<=[.;])\s)(?=
            (?:{_SCHEDULE}\s)?
            (?:
                {CHAPTER_NAMES}(?!\w)\s*(?:\(?{YEAR}\b|[,;.]|Section|Page|$)  # ", Elbow Disorders, page 10"
                | {FORMULARY_NAMES}(?::|\s-)  # "; Drug Formulary: Exempt"
                # A year makes a name certain in any case of letters: " and Opioids 2009", ", OPIOIDS (2017)".
                | (?i:(?:{CHAPTER_NAMES}|{DATED_NAMES}){BEFORE_YEAR}{YEAR}\b)
            )
        )
        # The older form: the name may go straight on with its topic, and follow the pages of the chapter before.
        | (?:,?\sand\s|(?<=\d)[,;.]?\s(?:and\s)?)(?=(?:{_SCHEDULE}\s)?{CHAPTER_NAMES}(?!\w))
        | ,?\sand\s(?=[A-Z][A-Za-z&/ -]{{3,70}}?\s
            \(?{YEAR}\b\)?(?:$|[,.]?\s?(?:Section|and\b)))  # an unknown chapter, recognized by its year
        | [,;]\s(?=(?P<unknown>[A-Z][A-Za-z&/ -]{{3,70}}?)\s
            \(?{YEAR}\b\)?[,.]?\s?Section)  # ... and by a label of its own
        # What may be a name with a slip.
        | (?i:[,;]\s(?:and\s)?|\s(?:and|&)\s|(?<=[.;])\s)(?=
            (?:{_SCHEDULE}\s)?(?P<near>[A-Za-z][A-Za-z0-9&/:,()' -]{{3,90}}?){BEFORE_YEAR}{YEAR}\b)
    )
    (?:{_SCHEDULE}\s)?  # " and MTUS Opioids 2017"
    """,
    re.VERBOSE,
)
# Tried at the start of words alone: a third of the time.
_NAMES = caseless(rf"\b{CHAPTER.pattern}", re.VERBOSE)
_INNER_JOINT = re.compile(r"[,;]\s(?:and\s)?|\sand\s")
_ACOEM_NAME = re.compile(ACOEM_NAME, re.IGNORECASE | re.VERBOSE)
# ACOEM's second edition before the name of its chapter: "ACOEM Practice Guidelines 2nd Edition 2004, Chapter 14 ...".
_EDITION = re.compile(
    rf"{ACOEM_NAME}\(?\d(?:nd|rd)\ Ed(?:ition|\.)\)?,?\s?(?:\(?(?P<year>{YEAR})\)?)?[,;]?\s",
    re.IGNORECASE | re.VERBOSE,
)
# A year or a section of the regulation where a chapter's name would stand: "2009, 9792.24.2".
_UNNAMED = re.compile(
    rf"(?:(?P<year>{YEAR})\b[,;]?\s?)?(?=(?:8 C\.?C\.?R\.?[\s,]{{0,2}}(?:\u00a7\s?)?)?9792\b)", re.IGNORECASE
)
_DATED_SECTIONS = re.compile(rf"\b{YEAR}\)?,?\s(?:Section|Topic)s?(?:\(s\))?\s?:", re.IGNORECASE)
# An entry of the list ends there, and no label or page follows, as they do behind a chapter.
_WHOLE_ENTRY = re.compile(rf"[,;.]?\s?$|\sand\s|[,;]\s(?!\(?{YEAR}\b|Sections?\b|Topics?\b|Pages?\b|pgs?\b|pp?\b)")
_TRAILING_YEAR = re.compile(rf"[\s,(]{{0,4}}\b(?P<year>{YEAR})\b\)?\s?$")
# What follows a chapter's name: its edition and its year, either of which may be absent.
_AFTER_NAME = re.compile(
    rf"""
    (?P<edition>[\s,(]{{1,3}}\d(?:nd|rd|th)\ Ed(?:ition\b|\.)\)?)?
    (?:(?:{BEFORE_YEAR}|[\s,({MASK}]*)(?P<year>{YEAR})\b\)?)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may stand between the schedule's name and a chapter's: "MTUS Guidelines, Opioids 2017", "MTUS (2017) Opioids".
_LEAD = re.compile(rf"(?:(?:Treatment )?Guidelines?\b[:,]?\s?)?(?:\(?(?P<year>{YEAR})\b\)?[:,]?\s?)?", re.IGNORECASE)
_BRACKETED = re.compile(r"^\(([^()]*)\)$")
_PUBLISHER = re.compile(MD_GUIDELINES, re.IGNORECASE | re.VERBOSE)


def read_mtus(part: Part) -> Iterator[Reading[Citation]]:
    """One citation a chapter: a new one starts where a chapter's name, or a name and a year, follows a joint."""
    edition = _EDITION.match(part.text)
    if edition:
        part = part.cut(edition.end(), len(part.text))
    part = part.masked(part.spans_of(_PUBLISHER.finditer(part.text)))
    starts = [0]
    ends = []
    joints = list(_NEXT_CHAPTER.finditer(part.text))
    names = [found.span() for found in _NAMES.finditer(part.lower)] if joints else []
    opening = chapter_end(part.text, 0, len(part.text)) if joints else None
    for joint in joints:
        # Known names contain "and" and commas themselves; these do not separate chapters.
        before = bisect_left(names, (joint.start(), 0)) - 1
        if before >= 0 and names[before][0] < joint.start() < names[before][1]:
            continue
        if opening is not None and joint.start() < opening:
            continue
        # "MTUS 2019 Low Back Disorders": a year alone is not a chapter.
        if starts[-1] < joint.start() and _LEAD.fullmatch(part.text, starts[-1], joint.start()):
            continue
        if joint["near"] and not _is_one_name(joint["near"]):
            continue
        # "Section(s): Sleep, Exercise and Opioids 2017": an entry, and behind it a chapter.
        if (name := joint["unknown"]) and " and " in name and subject_of(name) is None:
            continue
        if _in_a_list_of_sections(part.text, starts[-1], joint):
            continue
        ends.append(joint.start())
        starts.append(joint.end())
        opening = chapter_end(part.text, joint.end(), len(part.text))
    ends.append(len(part.text))
    for start, end in zip(starts, ends, strict=True):
        given = int(edition["year"]) if edition and edition["year"] and not start else None
        yield _mtus_chapter(part, start, end, given)


def _is_one_name(words: str) -> bool:
    """Whether words are a chapter's name with a slip, and not a section before a chapter's name."""
    behind = _INNER_JOINT.split(words)
    return subject_of(words) is not None and (len(behind) == 1 or subject_of(behind[-1]) is None)


def _in_a_list_of_sections(text: str, start: int, joint: re.Match[str]) -> bool:
    """Whether a joint stands in the section list of a dated chapter, and the name behind it opens no citation.

    "General Approaches 2004, Section(s): Prevention, Initial Approaches to Treatment": sections may be called as
    chapters are. A chapter of such a citation has its year, its own label or "and" before it.
    """
    if "and" in joint.group().lower() or not _DATED_SECTIONS.search(text, start, joint.start()):
        return False
    name = CHAPTER.match(text, joint.end())
    if name is None or (FORMULARY.fullmatch(name.group()) and text[name.end() :].strip(" .")):
        return False
    return _WHOLE_ENTRY.match(text, name.end()) is not None


def _mtus_chapter(part: Part, start: int, end: int, year: int | None) -> Reading[Citation]:
    whole = (start, end)
    pages, part = without_pages(part, start, end)
    start, end = tightened(part.text, start, end)
    label = SECTIONS_LABEL.search(part.text, start, end)
    head_end = label.start() if label else end
    part = without_dates(part, start, head_end)
    text = part.text
    topic: PartSpan | None = None
    if name := _name(text, start, head_end):
        start, name_end, leading = name
        formulary = FORMULARY.fullmatch(text, start, name_end) is not None
        if formulary:
            part = without_versions(part, name_end, end)
            text = part.text
        year, topic_start = leading or year, name_end
        if after := _AFTER_NAME.match(text, name_end, head_end):
            year, topic_start = int(after["year"]) if after["year"] else year, after.end()
        if text[topic_start:head_end].strip(" ,.;:-()" + MASK):
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
    if topic and sections:
        # "Drug List (non-exempt)", "Drug List (8 CCR 9792.27.15), Exempt".
        sections = (_BRACKETED.sub(r"\1", sections[0]), *sections[1:])
    return part.reading(citation("MTUS", True, chapter.value if chapter else None, year, sections, pages), *whole)


def _name(text: str, start: int, end: int) -> tuple[int, int, int | None] | None:
    """Where a chapter's name starts and ends, and the year that stands before it; None if no name is there."""
    leading = None
    lead = _LEAD.match(text, start, end)
    name_end = chapter_end(text, lead.end(), end) if lead else None
    if lead and name_end is None and lead["year"]:
        name_end = _short_name_end(text, lead.end(), end)
    if lead and name_end is not None:
        start, leading = lead.end(), int(lead["year"]) if lead["year"] else None
    else:
        name_end = chapter_end(text, start, end)
    if name_end is None:
        return None
    # The guideline's own name does not belong to its chapter's: "MTUS ACOEM Practice Guidelines, Chapter 12 ...".
    if work := _ACOEM_NAME.match(text, start, name_end):
        start = work.end()
    return start, name_end, leading


def _short_name_end(text: str, start: int, end: int) -> int | None:
    """Where a name ends that needs a year, if the year stands before it: "MTUS (2017) Chronic Pain, ..."."""
    stop, _ = min(((at, mark) for mark in ",;:." if (at := text.find(mark, start, end)) >= 0), default=(end, ""))
    return stop if subject_of(text[start:stop]) else None
