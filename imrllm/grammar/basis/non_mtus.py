"""Citations outside the MTUS: ODG's and ACOEM's by their names, and other works, copied whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrllm.grammar.basis.chapters import DAY, MD_GUIDELINES, YEAR, chapter_end
from imrllm.grammar.basis.citation_parts import ADDRESS, SECTIONS_LABEL, citation, without_pages
from imrllm.grammar.basis.odg import ODG_CHAPTER, read_odg
from imrllm.grammar.reading import MASK, Part, Reading, split_outside_brackets, tightened
from imrllm.records import Citation, Guideline
from imrllm.spans import PartSpan

# ODG's name, in its spellings and with the slips that occur in it; written for `re.VERBOSE`.
ODG_NAME = r"""
(?:
    Off?i\w{3,6}\ Disab\w{3,7}(?:\ Treatment)?\ Guid\w{4,8}  # "Offical Disability Guidelines"
        (?:\s?[-/,]?\s?(?:\((?:ODG|TWC)\)[-/,]?\s?)?Treatment\ in\ Workers'?\ Comp(?:ensation)?)?
        (?:\ \((?:ODG|TWC|ODG[- ]TWC)\))?  # "(ODG)"
    | Work\ Loss\ Data\ Institute
    | ODG(?:[- ]TWC)?\b
)
(?:\ by\ MCG(?:\ Health)?\b)?  # its publisher since 2017
"""
ODG = re.compile(rf"\b{ODG_NAME}", re.IGNORECASE | re.VERBOSE)
ACOEM = re.compile(
    r"""
    \b(?:
        American\ College\ of\ Occupational\ (?:and|&)\ Environmental\ Medicine(?:\ \(ACOEM\))?
        | (?<!\.com/)(?<!\.org/)(?<!www\.)ACOEM  # but not in "https://www.mdguidelines.com/acoem"
    )(?![A-Za-z])
    (?:['s]*,?\s?(?:Occupational\ Medicine\ )?(?:Practice\ )?Guidelines?\b)?  # "ACOEM's Practice Guidelines"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# ACOEM's publisher: its name alone stands for ACOEM where ACOEM's own name or a chapter follows.
_PUBLISHER = re.compile(rf"\(?(?<![\w.@])(?<!//){MD_GUIDELINES}\)?", re.IGNORECASE | re.VERBOSE)
_GAP = re.compile(r"[\s,;:/().-]*")
_EDITION = re.compile(
    r"[\s,;()]*\b(?:\d(?:st|nd|rd|th)|second|third) ed(?:ition|\.)?\)?[\s,;:.]*(?:\((?P<year>(?:19|20)\d{2})\)[\s,]*)?",
    re.IGNORECASE,
)
_REVISED = re.compile(rf"[\s,()]*{DAY}?(?P<year>{YEAR})\)?(?:\sRevis(?:ed|ion)\b)?[\s,:]*")
_OTHER = re.compile(
    r"\bOther Medical Treatment Guidelines?(?: or Medical Evidence)?\s?:?|\bMedical Evidence\s?:", re.IGNORECASE
)
# ACOEM's second edition by its editor, as bibliographies name it: another work opens there without punctuation.
_EDITOR = re.compile(r"\bHarris,? J\b", re.IGNORECASE)
# What stands before the first guideline's name without citing anything.
_LEAD = re.compile(
    r"""
    [\s,;:.(-]*
    (?:(?:
        MTUS\ (?:is|are|was)\ silent\b[^.]{0,40}\.  # "MTUS is silent on this."
        | the | and | both | MTUS | current | per | see | online
        | Other\ Medical\ Treatment\ Guidelines?(?:\ or\ Medical\ Evidence)?
    )[\s,;:.-]*)*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OTHER_LEAD = re.compile(rf"^[\s,;:.]*(?:and\s)?(?:{_OTHER.pattern})\s*", re.IGNORECASE)


def read_non_mtus(part: Part) -> Iterator[Reading[Citation]]:
    """Citations outside the MTUS: stretches that open with ODG's or ACOEM's name, and other works."""
    text = part.text
    lead = _OTHER_LEAD.match(text)
    start = lead.end() if lead else 0
    names: list[tuple[int, int, Guideline]] = [
        *((found.start(), found.end(), "ODG") for found in ODG.finditer(text, start)),
        *((found.start(), found.end(), "ACOEM") for found in ACOEM.finditer(text, start)),
        *((found.start(), found.end(), "other") for found in _OTHER.finditer(text, start)),
        *((found.start(), found.start(), "other") for found in _EDITOR.finditer(text, start)),
        *_publishers(text, start),
    ]
    names.sort()
    opening: list[tuple[int, int, Guideline]] = []
    for name in names:
        before = text[opening[-1][1] if opening else start : name[0]]
        # "Official Disability Guidelines (ODG)" is one name, and a name inside brackets opens nothing.
        # The label of other guidelines may go before a guideline that has a name of its own.
        if opening and opening[-1][2] in (name[2], "other") and not before.strip(" ,;:/()-"):
            opening[-1] = (opening[-1][0], name[1], name[2])
            continue
        if before.count("(") > before.count(")") and opening:
            continue
        opening.append(name)
    if not opening or (opening[0][2] == "ODG" and opening[0][0] > start and ODG_CHAPTER.match(text, start)):
        yield from _named_last(part, start, opening)
        return
    if text[start : opening[0][0]].strip(" ,;:.(-") and not _LEAD.fullmatch(text, start, opening[0][0]):
        # Something else is cited before ODG or ACOEM is named in passing.
        if reading := part.quote(start, len(text)):
            work: Guideline = "ACOEM" if opening[0][2] == "ACOEM" else "other"
            yield Reading(citation(work, False, reading.value), reading.span)
        return
    ends = [*(name[0] for name in opening[1:]), len(text)]
    for (begin, name_end, guideline), end in zip(opening, ends, strict=True):
        finish = name_end + len(_TRAILING_JOINT.sub("", text[name_end:end]))
        if guideline == "ODG":
            yield from read_odg(part, begin, name_end, finish)
        elif guideline == "other":
            yield from _other(part, name_end, finish)
        else:
            yield _acoem(part, begin, name_end, finish)


def _publishers(text: str, start: int) -> Iterator[tuple[int, int, Guideline]]:
    """Where ACOEM's publisher is named: for ACOEM or another work, but not where its name only follows ACOEM's."""
    for found in _PUBLISHER.finditer(text, start):
        gap = _GAP.match(text, found.end())
        after = gap.end() if gap else found.end()
        if ACOEM.match(text, after) or chapter_end(text, after, len(text)):
            yield found.start(), found.end(), "ACOEM"
        elif after < len(text) or not ACOEM.search(text, start, found.start()):
            yield found.start(), found.start(), "other"


# The words that join one citation to the next belong to neither.
_TRAILING_JOINT = re.compile(r"(?:[\s,;:.]|\b(?:and|or|the)\b){1,12}$", re.IGNORECASE)


def _named_last(part: Part, start: int, opening: list[tuple[int, int, Guideline]]) -> Iterator[Reading[Citation]]:
    """Citations that do not open with a guideline's name: ODG by its chapter's name, else another work, whole."""
    text = part.text
    if opening and (chapter := ODG_CHAPTER.match(text, start)):
        names = [PartSpan((begin, name_end)) for begin, name_end, guideline in opening if guideline == "ODG"]
        stop = start + len(text[start : opening[0][0]].rstrip(" ,;("))
        if chapter.end() >= stop:
            # "Pain Chapter, Official Disability Guidelines (ODG), Insomnia treatment": the name separates the two.
            yield from read_odg(part.masked(part.spans(names)), start, start, len(text))
            return
        yield from read_odg(part, start, start, stop)
        for begin, name_end in names:
            yield from read_odg(part, begin, name_end, len(text))
        return
    yield from _other(part, start, len(text))


# A year inside an address, or of an access or update, is not the work's own.
_NOT_THE_WORKS_YEAR = re.compile(
    r"""
    https?://\S+
    | \b(?:accessed|updated?|retrieved|version)\b[^,;]{0,40}  # "accessed on 5 May 2015"
    | \d{1,2}/\d{1,2}/\d{2,4}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ANY_YEAR = re.compile(rf"(?<![\d-]){YEAR}(?![\d-])")


def _other(part: Part, start: int, end: int) -> Iterator[Reading[Citation]]:
    """Another work, copied whole; its year if it prints only one, and its pages."""
    if reading := part.quote(start, end):
        years = set(_ANY_YEAR.findall(_NOT_THE_WORKS_YEAR.sub(" ", reading.value)))
        year = int(years.pop()) if len(years) == 1 else None
        pages, _ = without_pages(part, start, end)
        yield Reading(citation("other", False, reading.value, year, pages=pages), reading.span)


def _acoem(part: Part, begin: int, start: int, end: int) -> Reading[Citation]:
    pages, part = without_pages(part, start, end)
    notes = [*SECTIONS_LABEL.finditer(part.text, start, end), *_PUBLISHER.finditer(part.text, start, end)]
    part = part.masked(part.spans_of(notes))
    start, stop = tightened(part.text, start, end)
    year: int | None = None
    if edition := _EDITION.match(part.text, start, stop):
        start = edition.end()
        year = int(edition["year"]) if edition["year"] else None
    if given := _REVISED.match(part.text, start, stop):
        year, start = int(given["year"]), given.end()
    # A chapter of the list keeps its commas: "Hand, Wrist, and Forearm Disorders".
    start, stop = tightened(part.text, start, stop)
    if (known := chapter_end(part.text, start, stop)) and (name := part.quote(start, known)):
        if given := _REVISED.match(part.text, known, stop):
            year, known = int(given["year"]), given.end()
        quotes = [name, *_topics(part, known, stop)]
    else:
        # As in ODG citations a slash sets off the chapter, and joins within a topic.
        quotes = list(_topics(part, start, stop, first="/"))
    names = tuple(quote.value for quote in quotes)
    value = citation("ACOEM", False, names[0] if names else None, year, names[1:], pages)
    return part.reading(value, begin, max(end, begin + 1))


def _topics(part: Part, start: int, end: int, first: str = "") -> Iterator[Reading[str]]:
    """What commas, semicolons and colons set apart, addresses whole; `first` separates within the first piece too."""
    at = start
    addresses = (
        found for found in ADDRESS.finditer(part.text, start, end) if not part.text.endswith("(", 0, found.start())
    )
    for address in (*addresses, None):
        pieces = split_outside_brackets(part.text, ",;:" + MASK, at, address.start() if address else end)
        if first and at == start:
            pieces = [*split_outside_brackets(part.text, first, *pieces[0]), *pieces[1:]]
        yield from (quote for piece in pieces if (quote := part.quote(*piece)))
        if address:
            if quote := part.quote(*address.span()):
                yield quote
            at = address.end()
