"""Chapters of the MTUS as its regulation and the letters name them, also when a name is printed with a slip.

Source: 8 CCR 9792.20 to 9792.27, the names that the letters of 2014 to 2017 print, and the review organization's own
list of 2018 to 2023 (`mtus_chapters.txt`). The ACOEM chapters of 2004 and 2007 were adopted into the MTUS, the
treatment guidelines for chronic pain, after surgery and with opioids in 2009 and 2016, and ACOEM's chapters of 2011 to
2022 since December 2017.
"""

from __future__ import annotations

import re
from functools import lru_cache

from imrllm.grammar.basis.known_chapters import KNOWN_CHAPTERS, slips_of, subject_of
from imrllm.grammar.word_lists import read_words

YEAR = r"(?:19|20)\d{2}"
# The rest of a date before its year: "May 15, ".
DAY = r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?\s(?:\d{1,2},?\s)?)"
# What may stand between a chapter's name and its year: ", ", "(", and the date of that edition: "(ACOEM May 15, 2017)".
BEFORE_YEAR = rf"(?:,?\s\(?(?:ACOEM,?\s)?{DAY}?)"
_NAMES = read_words("basis/chapters.txt")
ODG_NAMES = _NAMES["odg"]
# The publisher of ACOEM's chapters since 2011, by its name and its address: "MDGuidelines (www.mdguidelines.com)".
MD_GUIDELINES = r"(?:(?:Reed\ Group(?:'s)?,?\ )?MD\ ?Guidelines?(?:\.com)?(?:\ \((?:https?://)?www\.[^\s()]+\))?)"
ACOEM_NAME = rf"""(?:(?:
    (?:{MD_GUIDELINES}[,:/]?\ ?)?
    (?:American\ College\ of\ Occupational\ (?:and|&)\ Environmental\ Medicine\ \(ACOEM\)|ACOEM)
        (?:['s]{{1,2}})?,?\ (?:(?:Occupational\ Medicine\ )?Practice\ )?(?:Guidelines?)?,?:?\ ?
))"""
_PARTS = _NAMES["parts"]
_ACOEM_CHAPTERS = _NAMES["acoem"].replace(r"\ and\ ", r"\ (?:and|&)\ ")
_UNDATED_NAMES = rf"""(?:
    {_NAMES["mtus"]}
    | (?:{ACOEM_NAME})?(?:Chapter\ \d+:?,?\ ?\(?)?  # "ACOEM Practice Guidelines, Chapter 12: Low Back Complaints"
        (?:{_ACOEM_CHAPTERS}|(?:{_PARTS})\ (?:Complaints?|Disorders?))
        (?:\ Chapter|\ Guidelines?)?
    )"""
FORMULARY_NAMES = rf"(?:{_NAMES['formulary']})"
CHAPTER_NAMES = rf"(?:{_UNDATED_NAMES}|{FORMULARY_NAMES})"
DATED_NAMES = rf"(?:(?:{ACOEM_NAME})?(?:{_NAMES['dated']}|{_PARTS})(?:\ Guidelines?)?)"
# "Formulary" alone is a name where a citation opens with it.
FORMULARY = re.compile(rf"{FORMULARY_NAMES}|Formulary", re.IGNORECASE | re.VERBOSE)
CHAPTER = re.compile(
    rf"""
    (?:
        {CHAPTER_NAMES}(?!\w)
        | Formulary(?!\w)
        | {DATED_NAMES}(?={BEFORE_YEAR}{YEAR}\b)  # "Opioids 2017": a topic, unless a year follows
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What may be a chapter's name, by the year that follows it.
_UP_TO_YEAR = re.compile(rf"(?P<name>[A-Za-z][A-Za-z0-9&/,:() '-]{{2,90}}?)[\s,]{{1,2}}\(?{YEAR}\b")
_GOES_ON = re.compile(r"(?:[:,]|\s-)?\s(?:\((?!ACOEM))?[A-Za-z&]")
_WORDS = re.compile(r"\S+")
# Names that need no year, the most words first: they are compared with names that are printed with a slip.
_UNDATED = sorted(
    (known.name.lower() for known in KNOWN_CHAPTERS if CHAPTER.fullmatch(known.name)),
    key=lambda name: (-len(name.split()), -len(name)),
)


def chapter_end(text: str, start: int, end: int) -> int | None:
    """Where a chapter's name that opens a stretch ends.

    Args:
        text: folded text with plain quotes and dashes.
        start: where the name would start.
        end: where the stretch ends.

    Returns:
        The offset after the name, which may have up to two slips ("Low Back Compliants") and, where a year follows, its
        words in another order ("Foot and Ankle Disorder 2018"); None if the stretch does not open with a name of the
        list.
    """
    dated = _UP_TO_YEAR.match(text, start, end)
    if known := CHAPTER.match(text, start, end):
        # "Postsurgical Treatment Guidebines 2009": what a name is known by may be less than all of it.
        if (
            dated
            and dated.end("name") > known.end()
            and _GOES_ON.match(text, known.end())
            and subject_of(dated["name"])
        ):
            return dated.end("name")
        # "Chapter 12 (Low Back Complaints)": the bracket closes the name.
        opened = known.group().count("(") > known.group().count(")")
        return known.end() + (opened and text.startswith(")", known.end()))
    from rapidfuzz.distance import DamerauLevenshtein

    words = [(word.start(), word.end()) for word in _WORDS.finditer(text, start, min(end, start + 100))]
    for name in _UNDATED:
        count = len(name.split())
        if len(words) < count:
            continue
        last = words[count - 1][1]
        printed = text[start:last].rstrip(",.;:")
        slips = slips_of(name)
        if DamerauLevenshtein.distance(printed.lower(), name, score_cutoff=slips) <= slips:
            return start + len(printed)
    return dated.end("name") if dated and subject_of(dated["name"]) else None


# Letters cite the same chapters, and several checks ask of each.
@lru_cache(maxsize=4096)
def is_known(chapter: str, year: int | None = None) -> bool:
    """Whether a chapter's name is one of the MTUS, up to slips.

    Args:
        chapter: the name as the record has it.
        year: the year of its citation; where there is one, a short name is a chapter's too ("Opioids", "Low Back").
    """
    # "MTUS ACOEM" alone is a chapter of the review organization's list.
    if chapter == "ACOEM" or chapter_end(chapter, 0, len(chapter)) == len(chapter):
        return True
    return year is not None and subject_of(chapter) is not None
