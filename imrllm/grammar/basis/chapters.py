"""Chapters of the MTUS as its regulation and the letters name them, also when a name is printed with a slip.

Source: 8 CCR 9792.20 to 9792.26, and the names that the letters of 2014 to 2017 print. The ACOEM chapters of 2004 and
2007 were adopted into it, the treatment guidelines for chronic pain, after surgery and with opioids in 2009 and 2016.
"""

from __future__ import annotations

import re

from imrllm.grammar.word_lists import read_entries, read_words

YEAR = r"(?:19|20)\d{2}"
_NAMES = read_words("basis/chapters.txt")
ODG_NAMES = _NAMES["odg"]
ACOEM_NAME = r"ACOEM\ (?:(?:Occupational\ Medicine\ )?Practice\ )?(?:Guidelines)?,?\ ?"
# "ACOEM Practice Guidelines, Chapter 12: Low Back Complaints".
CHAPTER_NAMES = rf"{_NAMES['mtus']}|(?:{ACOEM_NAME})?(?:Chapter\ \d+:?,?\ ?\(?)?(?:{_NAMES['acoem']})(?:\ Chapter)?"
DATED_NAMES = _NAMES["dated"]
CHAPTER = re.compile(rf"(?:(?:{CHAPTER_NAMES})\b|(?:{DATED_NAMES})(?=\s{YEAR}\b))", re.IGNORECASE)

_COMMON = dict(read_entries("basis/chapters.txt"))["common"]
_WORDS = re.compile(r"\S+")
# Letters that may be wrong, missing, added or swapped in a name of several words.
_SLIPS = 2


def chapter_end(text: str, start: int, end: int) -> int | None:
    """Where a chapter's name that opens a stretch ends.

    Args:
        text: folded text with plain quotes and dashes.
        start: where the name would start.
        end: where the stretch ends.

    Returns:
        The offset after the name, which may have up to two slips ("Low Back Compliants"); None if the stretch does not
        open with a name of the list.
    """
    if known := CHAPTER.match(text, start, end):
        # "Chapter 12 (Low Back Complaints)": the bracket closes the name.
        return known.end() + ("(" in known.group() and text.startswith(")", known.end()))
    from rapidfuzz.distance import DamerauLevenshtein

    words = [(word.start(), word.end()) for word in _WORDS.finditer(text, start, min(end, start + 80))]
    for name in _COMMON:
        count = len(name.split())
        if len(words) < count:
            continue
        last = words[count - 1][1]
        printed = text[start:last].rstrip(",.;:").lower()
        if DamerauLevenshtein.distance(printed, name.lower(), score_cutoff=_SLIPS) <= _SLIPS:
            return start + len(printed)
    return None


def is_known(chapter: str) -> bool:
    """Whether a chapter's name, as the record has it, is one of the list, up to two slips."""
    return chapter_end(chapter, 0, len(chapter)) == len(chapter)
