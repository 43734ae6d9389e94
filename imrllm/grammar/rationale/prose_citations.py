"""Citations in the sentences of a rationale, where no labeled paragraph states them.

A guideline is cited where a sentence names it as saying something. Each is read once for each chapter; a name without
chapter and pages counts only if no chapter of the same guideline is named.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from imrllm.grammar.basis.chapters import ACOEM_NAME, CHAPTER, DATED_NAMES, ODG_NAMES, YEAR
from imrllm.grammar.basis.citation_parts import SECTIONS_LABEL, citation, without_pages
from imrllm.grammar.basis.non_mtus import ACOEM, ODG
from imrllm.grammar.rationale.conclusions import SENTENCE_END
from imrllm.grammar.reading import MASK, DisjointSpans, Part, Reading
from imrllm.grammar.word_lists import read_words
from imrllm.records import Citation, Guideline
from imrllm.spans import PartSpan

_WORDS = read_words("rationale/cited_works.txt")
_MTUS = re.compile(
    r"\b(?:(?:California|CA)\ )?(?:MTUS|Medical\ Treatment\ Utilization\ Schedule(?:\ \(MTUS\))?)(?![A-Za-z])",
    re.IGNORECASE | re.VERBOSE,
)
# What may stand between a guideline's name and its chapter: "MTUS/ACOEM (2004), Chapter 12: ".
_JOINT = re.compile(
    rf"""
    (?:'s)?[\s,:;(/-]{{0,3}}
    (?:(?:Practice\ |Treatment\ )?Guidelines?[\s,:;(-]{{0,3}})?
    (?:(?P<year>{YEAR})\)?[\s,:;-]{{0,3}})?
    (?:the\ )?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ACOEM_LEAD = re.compile(ACOEM_NAME, re.IGNORECASE | re.VERBOSE)
_LEAD = re.compile(rf"(?P<mtus>{_MTUS.pattern})?{_JOINT.pattern}$", re.IGNORECASE | re.VERBOSE)
_OF = re.compile(r"(?:\ chapter|\ section)?\ (?:of|in|from)\ (?:the\ )?", re.IGNORECASE | re.VERBOSE)
_ODG_CHAPTER = re.compile(
    rf"""
    (?P<name>(?:{ODG_NAMES})
        (?:\s?-\s?Lumbar\ (?:and|&)\ Thoracic)?
        (?:\s?\((?:[^()]{{0,40}}\b)?(?:Acute|Chronic)\))?
        (?P<word>\ chapter)?
    )
    (?![\w-])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DATED = re.compile(rf"(?:{DATED_NAMES})(?=[,;)]|\ page|\ section|\ chapter)", re.VERBOSE)
# "the Low Back Chapter of the ODG": the chapter before its guideline.
_CHAPTER_BEFORE = re.compile(
    r"""
    (?P<name>(?!The\ )(?:[A-Z][a-z]+,?(?:\ (?:and|&|/))?\ ){1,6}?)
    (?P<word>[Cc]hapter|[Ss]ection)\ (?:of|in)\ (?:the\ )?$
    """,
    re.VERBOSE,
)
_TOPIC = re.compile(
    r",\ (?P<topic>[A-Z][^,.;()]{2,60}),?\ (?=(?:states?|recommends?|notes?|indicates?|supports?|allows?|says?)\b)",
    re.VERBOSE,
)
_YEAR_AFTER = re.compile(rf"[\s,]{{0,2}}\(?(?P<year>{YEAR})\)?(?![\w/-])")
# A guideline that says nothing of the matter is named, not cited.
_SILENT = re.compile(
    r"""
    [^.;]{0,60}?\b
    (?:
        (?:is|are|was|were)\ (?:silent|mute)
        | (?:do|does|did)\ not\ (?:\w+\ )?(?:address|discuss|mention|contain|cover|comment)
        | (?:has|have|offers?|gives?|provides?|contains?)\ no\ (?:\w+\ )?(?:recommendation|guideline|guidance|mention)
    )\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOT_ADDRESSED = re.compile(
    r"\bnot\ (?:\w+\ )?(?:addressed|discussed|mentioned|covered)\ (?:in|by)\ (?:the\ )?$", re.IGNORECASE | re.VERBOSE
)
# What the other side cited is not the reviewer's basis.
_OTHER_SIDE = re.compile(
    r"""
    \b(?:claims\ administrator|utilization\ review(?:er)?|UR|(?:health\ )?plan|insurer|carrier)\b
    [^.;]{0,60}\b(?:cited|cites|based|relied|used|uses|applied|referenced|quoted|criteria|policy)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Works of a health plan review: bodies that publish guidelines, by their names' own words, and collections.
_OTHER = re.compile(
    rf"""
    (?P<guidelines>\b[Gg]uidelines?\ (?:of|by|from)\ (?:the\ )?)?
    (?P<work>
        \b(?!The\ )(?:[A-Z][\w'&-]{{1,30}}\ ){{1,5}}?(?:{_WORDS["body"]})\b
            (?:\ (?:of|for|on|in)\ (?:the\ )?(?:[A-Z][\w'-]+(?:,?\ (?:and|&)\ |,?\ )?){{1,6}}(?<!\ ))?
            (?:\ \([A-Z][A-Za-z]{{1,9}}\))?  # "(NCCN)"
        | \b(?:{_WORDS["body"]})\ (?:of|for)\ (?:the\ )?(?:[A-Z][\w'-]+(?:\ (?:and|&)\ |\ )?){{1,6}}(?<!\ )
        | \b(?:{_WORDS["abbreviation"]})\b
        | \b(?:{_WORDS["collection"]})\b
    )
    (?P<kind>(?:\ (?:[Cc]linical|[Pp]ractice|[Cc]onsensus|[Tt]reatment|[Cc]are|[Pp]osition))*
        \ (?:[Gg]uidelines?|[Rr]eviews?|[Cc]riteria|[Pp]olicy|[Ss]tatements?|[Rr]ecommendations?)\b)?
    """,
    re.VERBOSE,
)
# "(Smith et al., 2014)". Guidelines that are quoted have references of their own: see `_references`.
_REFERENCE = re.compile(
    rf"""
    [(;]\s?
    (?P<work>[A-Z][\w'-]+(?:\ et\ al\.?|(?:,?\ (?:and|&)|,)\ [A-Z][\w'-]+){{0,4}},?\ (?P<year>{YEAR})[a-z]?)
    (?=\s?[);])
    """,
    re.VERBOSE,
)
_ENTRY = re.compile(r"[A-Z][^,.;:()]{2,50}(?=[,.;)]|$)")
_CAPITALIZED = re.compile(r"[A-Za-z][\w'-]*")
_SMALL = frozenset({"and", "the", "of", "to", "for"})
# Characters after a name in which its pages may stand.
_NEAR = 60


@dataclass(frozen=True, slots=True)
class _Mention:
    """One place that names a guideline, by offsets within the part."""

    guideline: Guideline
    within_mtus: bool
    chapter: str | None
    year: int | None
    sections: tuple[str, ...]
    start: int
    end: int


def read_prose_citations(part: Part) -> tuple[Reading[Citation], ...]:
    """Read the guidelines and works that the sentences of a rationale cite.

    Args:
        part: the decision rationale.

    Returns:
        One citation for each guideline and chapter, in the order of their first mention.
    """
    mentions = sorted(_mentions(part), key=lambda each: each.start)
    limits = [*(each.start for each in mentions[1:]), len(part.text)]
    read = [_with_pages(part, each, limit) for each, limit in zip(mentions, limits, strict=False)]
    return tuple(_once(read))


def _mentions(part: Part) -> Iterator[_Mention]:
    text = part.text
    starts = [0, *(found.end() for found in SENTENCE_END.finditer(text))]
    # By sentence, where it is first said that the other side cites.
    others: dict[int, int] = {}
    for found in _OTHER_SIDE.finditer(text):
        others.setdefault(bisect_right(starts, found.start()) - 1, found.end())
    taken: DisjointSpans[PartSpan] = DisjointSpans()
    named = False
    for read in (_chapters, _guidelines, _others):
        for mention in list(read(part)):
            if not taken.add(PartSpan((mention.start, mention.end))):
                continue
            named = named or read is not _others
            sentence = bisect_right(starts, mention.start) - 1
            before = text[max(starts[sentence], mention.start - _NEAR) : mention.start]
            theirs = others.get(sentence)
            if not (
                _SILENT.match(text, mention.end)
                or _NOT_ADDRESSED.search(before)
                or (theirs is not None and theirs <= mention.end)
            ):
                yield mention
    if not named:
        yield from _references(part)


def _chapters(part: Part) -> Iterator[_Mention]:
    """Chapters of the MTUS and of ACOEM by their own names."""
    text = part.text
    for found in CHAPTER.finditer(text):
        start, end = found.span()
        if found.group().endswith(" chapter"):
            end -= len(" chapter")
        # Health plans have formularies too.
        if not _is_name(text[start:end]) or text[start:end] == "Formulary":
            continue
        before = text[max(0, start - _NEAR) : start]
        name, acoem = part.printed[start:end], _ACOEM_LEAD.match(text, start)
        lead = _LEAD.search(before)
        owner, after = _owner_after(text, end)
        is_acoem = acoem is not None or owner == "ACOEM" or _ends_with_acoem(before)
        in_mtus = bool(lead and lead["mtus"]) or owner == "MTUS" or not is_acoem
        if acoem:
            name = name[acoem.end() - start :].strip(" ,:")
        if lead and lead["mtus"]:
            start -= len(before) - lead.start("mtus")
        guideline: Guideline = "MTUS" if in_mtus else "ACOEM"
        year = _YEAR_AFTER.match(text, after)
        own = year or (lead if lead and lead["year"] else None)
        yield _Mention(
            guideline, in_mtus, name, int(own["year"]) if own else None, (), start, year.end() if year else after
        )


def _owner_after(text: str, end: int) -> tuple[Guideline | None, int]:
    """The guideline that a chapter belongs to, if it is named after it ("Low Back Complaints chapter of ACOEM").

    Returns:
        The guideline or None, and where its name ends or, without one, the chapter's.
    """
    if joint := _OF.match(text, end):
        if acoem := ACOEM.match(text, joint.end()):
            return "ACOEM", acoem.end()
        if mtus := _MTUS.match(text, joint.end()):
            return "MTUS", mtus.end()
    return None, end


def _ends_with_acoem(before: str) -> bool:
    named = list(ACOEM.finditer(before))
    return bool(named) and _JOINT.fullmatch(before, named[-1].end()) is not None


def _guidelines(part: Part) -> Iterator[_Mention]:
    """The MTUS, ODG and ACOEM by their own names, with a chapter that stands beside them."""
    text = part.text
    for found in _MTUS.finditer(text):
        joint = _JOINT.match(text, found.end())
        dated = _DATED.match(text, joint.end()) if joint else None
        end = dated.end() if dated else found.end()
        year = int(joint["year"]) if joint and joint["year"] else None
        yield _Mention("MTUS", True, dated and part.printed[slice(*dated.span())], year, (), found.start(), end)
    for found in ODG.finditer(text):
        yield _odg(part, found.start(), found.end())
    for found in ACOEM.finditer(text):
        # "MTUS/ACOEM" is one name.
        if not re.search(r"MTUS\s?[/-]?\s?$", text[max(0, found.start() - 8) : found.start()]):
            year_after = _YEAR_AFTER.match(text, found.end())
            year = int(year_after["year"]) if year_after else None
            yield _Mention("ACOEM", False, None, year, (), *found.span())


def _odg(part: Part, start: int, end: int) -> _Mention:
    text = part.text
    joint = _JOINT.match(text, end)
    year = int(joint["year"]) if joint and joint["year"] else None
    chapter = _ODG_CHAPTER.match(text, joint.end()) if joint else None
    if chapter and (chapter["word"] or _is_name(chapter["name"])):
        stop = chapter.end("name")
        topic = _TOPIC.match(text, stop)
        sections = (part.printed[slice(*topic.span("topic"))],) if topic else ()
        name = part.printed[slice(*chapter.span("name"))]
        return _Mention("ODG", False, name, year, sections, start, topic.end() if topic else stop)
    low = max(0, start - _NEAR)
    before = _CHAPTER_BEFORE.search(text[low:start])
    known = _ODG_CHAPTER.fullmatch(before["name"].strip()) if before else None
    if before and known:
        name = part.printed[low + before.start("name") : low + before.end("word")]
        return _Mention("ODG", False, name, year, (), low + before.start("name"), end)
    return _Mention("ODG", False, None, year, (), start, end)


def _others(part: Part) -> Iterator[_Mention]:
    for found in _OTHER.finditer(part.text):
        start, end = found.span("guidelines" if found["guidelines"] else "work")[0], found.end()
        after = _YEAR_AFTER.match(part.text, end)
        end = after.end() if after else end
        name = part.printed[start:end].strip()
        yield _Mention("other", False, name, int(after["year"]) if after else None, (), start, end)


def _references(part: Part) -> Iterator[_Mention]:
    """Works by author and year. Where a guideline is named, they may be those of its quoted text: none is read."""
    for found in _REFERENCE.finditer(part.text):
        name = part.printed[slice(*found.span("work"))]
        yield _Mention("other", False, name, int(found["year"]), (), *found.span("work"))


def _is_name(words: str) -> bool:
    """Whether words are written as a name: "Low Back Complaints", not "low back complaints"."""
    return all(word[0].isupper() or word in _SMALL for word in _CAPITALIZED.findall(words))


def _with_pages(part: Part, mention: _Mention, limit: int) -> Reading[Citation]:
    end = min(limit, mention.end + _NEAR)
    if turn := SENTENCE_END.search(part.text, mention.end, end):
        end = turn.start()
    pages: tuple[str, ...] = ()
    sections = mention.sections
    stop = mention.end
    if label := SECTIONS_LABEL.match(part.text, stop, end):
        # In a sentence, a comma may end the list as well as go on with it: one entry is sure.
        entry = _ENTRY.match(part.text, label.end(), end)
        if entry and (quote := part.quote(*entry.span())):
            sections, stop = (*sections, quote.value), entry.end()
    if mention.guideline != "other":
        after = part.cut(stop, end)
        pages, masked = without_pages(after, 0, len(after.text))
        stop += masked.text.rfind(MASK) + 1
    value = citation(mention.guideline, mention.within_mtus, mention.chapter, mention.year, sections, pages)
    return part.reading(value, mention.start, stop)


def _once(read: list[Reading[Citation]]) -> Iterator[Reading[Citation]]:
    """Each guideline and chapter once: the first mention, with what later ones add to it."""
    kept: dict[tuple[str, bool, str], list[Reading[Citation]]] = {}
    for reading in read:
        value = reading.value
        key = (value.guideline, value.within_mtus, (value.chapter or "").lower().removesuffix(" chapter"))
        kept.setdefault(key, []).append(reading)
    chaptered = {guideline for guideline, _, chapter in kept if chapter}
    for (guideline, _, chapter), mentions in kept.items():
        values = [each.value for each in mentions]
        pages = tuple(dict.fromkeys(page for value in values for page in value.pages))
        if chapter or pages or guideline not in chaptered:
            added = {
                "year": next((value.year for value in values if value.year), None),
                "sections": tuple(dict.fromkeys(section for value in values for section in value.sections)),
                "pages": pages,
            }
            yield Reading(values[0].model_copy(update=added), mentions[0].span)
