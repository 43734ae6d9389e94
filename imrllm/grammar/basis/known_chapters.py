"""Facts on the chapters of the MTUS: the subject of each, and the years that a citation of it may print."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from imrllm.grammar.word_lists import read_entries

# Letters that may be wrong, missing, added or swapped in a name, and the letters of a name for each of them: two in a
# short one would make "Drug List" of "Drug Test".
_SLIPS = 2
_LETTERS_A_SLIP = 6
_WORD = re.compile(r"[a-z0-9]+")
# Abbreviations that stand for a name; behind it, in brackets, they repeat it.
_ABBREVIATIONS = {
    "ptsd": "posttraumatic stress disorder",
    "asd": "acute stress disorder",
    "tbi": "traumatic brain injury",
}
_ABBREVIATION = re.compile(r"\b(?:ptsd|asd|tbi)\b")
_REPEATED = re.compile(r" \((?:ptsd|asd|tbi)\)")
_ASIDE = re.compile(r"\b(?:mtus|acoem|(?:occupational medicine )?practice guidelines?|chapter(?: \d+)?)\b")
_FILLER = frozenset(dict(read_entries("basis/chapters.txt"))["filler"])
# The longest text that can be a chapter's name: ACOEM's name and the longest one.
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class KnownChapter:
    """A chapter of the MTUS.

    Attributes:
        name: its name as the regulation or the review organization prints it.
        subject: what it is about, the same for all chapters that replaced one another: "low back".
        years: the years that citations of it print; empty if any may be.
    """

    name: str
    subject: str
    years: frozenset[int]


def _known_chapters() -> tuple[KnownChapter, ...]:
    chapters = []
    for subject, entries in read_entries("basis/mtus_chapters.txt"):
        for entry in entries:
            name, _, years = entry.partition(" = ")
            found = frozenset(int(year) for year in years.split(", ") if year)
            chapters.append(KnownChapter(name, subject.replace("_", " "), found))
    return tuple(chapters)


KNOWN_CHAPTERS = _known_chapters()


def slips_of(name: str) -> int:
    """How many letters may be wrong, missing, added or swapped in a name."""
    return min(_SLIPS, len(name) // _LETTERS_A_SLIP)


def _words(name: str) -> tuple[str, ...]:
    """The words of a name in alphabetical order, each in the singular: "Approaches" and "Approach" are one."""
    plain = _ASIDE.sub(" ", name.lower().replace("post-", "post").replace("work-place", "workplace"))
    plain = _ABBREVIATION.sub(lambda found: _ABBREVIATIONS[found.group()], _REPEATED.sub("", plain))
    return tuple(sorted(re.sub(r"(?<=\w\w)(?:(?<=ch)e)?s$", "", word) for word in _WORD.findall(plain)))


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _FILLER)


_BY_WORDS: dict[tuple[str, ...], tuple[KnownChapter, ...]] = {}
_BY_CORE: dict[tuple[str, ...], tuple[KnownChapter, ...]] = {}
for _chapter in KNOWN_CHAPTERS:
    _all = _words(_chapter.name)
    for _index, _key in ((_BY_WORDS, tuple(w for w in _all if w != "and")), (_BY_CORE, _core(_all))):
        _index[_key] = (*_index.get(_key, ()), _chapter)

_SORTED = {" ".join(words): found for words, found in _BY_WORDS.items()}
_PRINTED = {known.name.lower(): (known,) for known in KNOWN_CHAPTERS}


@lru_cache(maxsize=4096)
def _of_name(name: str) -> tuple[KnownChapter, ...]:
    """The chapters that a name may mean: those of its words, else of what it is about, else up to two slips."""
    words = tuple(word for word in _words(name) if word != "and")
    if found := _BY_WORDS.get(words) or _BY_CORE.get(_core(words)):
        return found
    from rapidfuzz.distance import DamerauLevenshtein

    # Letter by letter in either order: a slip may be in what the words are sorted by, or in the space between them.
    nearest: tuple[KnownChapter, ...] = ()
    best = _SLIPS + 1
    for printed, names in ((" ".join(words), _SORTED), (name.lower(), _PRINTED)):
        slips = slips_of(printed)
        for key, known in names.items():
            distance = DamerauLevenshtein.distance(printed, key, score_cutoff=slips)
            if distance <= slips and distance < best:
                nearest, best = known, distance
    return nearest


def subject_of(chapter: str) -> str | None:
    """What a chapter of the MTUS is about: "low back" for "Low Back Complaints" and for "Low Back Disorders".

    Args:
        chapter: a chapter's name, as the record has it. Word order, "&", plurals, a lost "Disorders" and up to two
            wrong letters do not matter, and neither does ACOEM's name before it.

    Returns:
        The subject in small letters, the same for all chapters that replaced one another (8 CCR 9792.22 to 9792.27);
        None if the name is not a chapter's.
    """
    found = _of_name(chapter) if len(chapter) <= _LONGEST else ()
    return found[0].subject if found else None


def known_years(chapter: str) -> frozenset[int]:
    """The years that citations of a chapter print, as far as known; empty for an unknown chapter, and if any may be.

    A letter may print another year, and the record keeps that one.
    """
    found = _of_name(chapter) if len(chapter) <= _LONGEST else ()
    if any(not known.years for known in found):
        return frozenset()
    return frozenset(year for known in found for year in known.years)
