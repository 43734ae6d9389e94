"""Guideline citations: each side's stance, and the chapters, years, sections and pages that it cites."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from imrllm.grammar.chapters import CHAPTER, CHAPTER_NAMES, DATED_NAMES, YEAR, chapter_end
from imrllm.grammar.reading import MASK, Part, Reading, split_outside_brackets, tightened
from imrllm.records import Basis, Citation, Guideline, Span, Stance

_NONE_CITED = re.compile(r"did not cite any\b|\bno (?:medical evidence|guidelines?) (?:was|were) cited", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"did not base (?:its|their|his|her|his/her|the) decision on the MTUS"
    r"|recommendation\(?s?\)? outside of the MTUS|outside (?:of )?the MTUS",
    re.IGNORECASE,
)
# "Decision based on MTUS ...", "Decision based on Non-MTUS Citation ..."; 2013: "based its decision on the ...".
_CLAUSE = re.compile(
    r"(?:\bDecision based on (?:the )?|[,;.]?\s(?:and|as well as)\s(?=Non-?\s?MTUS\b)"
    r"|\b(?:Reviewer|Administrator|It|He/she) (?:found|cited|used|applied|referenced|relied (?:up)?on) (?:the )?"
    r"(?=[A-Z])"
    r"|\bbased (?:its|their|his|her|his/her|the) decision on (?:the )?)"
    r"(?P<kind>Non-?\s?MTUS(?: Citations?)?|MTUS\b)?[\s:,]*",
    re.IGNORECASE,
)
# How 2013 ends a citation: "which is part of the MTUS", "relevant to the issue at dispute".
_PART_OF_MTUS = re.compile(
    r",?\s(?:(?:which )?(?:is|are)\s)?(?:a )?part of the "
    r"(?:California )?(?:MTUS|Medical Treatment Utilization Schedule)\b.*$"
    r"|,?\s(?:relevant|applicable|appropriate)\b.*$",
    re.IGNORECASE,
)
_STANCE_WORDS = re.compile(r"\b(?:Claims Administrator|Expert Reviewer|Physician Reviewer)\b", re.IGNORECASE)

_SECTIONS = re.compile(r"[,;]?\s?\bSections?(?:\(s\))?\s?:\s?|[,;]?\s?\bSection\(s\)\s?", re.IGNORECASE)
_PAGE = r"[A-Z]?\d{1,4}[A-Za-z]?(?:\s?-\s?[A-Z]?\d{1,4})?"
# "Page(s): 75, 78", "pages 303-305", "pg. 607", "p. 24", "pp. 12 and 14".
_PAGES = re.compile(
    rf"[,;(]?\s?\b(?:pages?(?:\(s\))?|pgs?\.?|pp?(?:\.|(?=\s\d)))\s?(?:no\.)?\s?[:#]?\s?(?:pages?\s)?(?P<pages>{_PAGE}(?:\s?(?:,|&|;|\band\b)\s?(?:and\s)?{_PAGE})*)(?:\sof\s\d{{1,4}})?(?!\w)\)?",
    re.IGNORECASE,
)
_ONE_PAGE = re.compile(_PAGE)

_NEXT_CHAPTER = re.compile(
    rf"(?:[,;]\s(?:and\s)?|\sand\s|(?<=[.;])\s)(?=(?:{CHAPTER_NAMES})\b\s*(?:{YEAR}\b|[,;.]|Section|Page|$)|(?:{DATED_NAMES})\s{YEAR}\b)"
    # After "and" a known chapter may go straight on with its topic, as in the older form.
    rf"|,?\sand\s(?=(?:{CHAPTER_NAMES})\b)"
    # The older form: a chapter's name after the pages of the one before.
    rf"|(?<=\d)[,;.]?\s(?:and\s)?(?=(?:{CHAPTER_NAMES})\b)"
    # A chapter that is not known here is told by its year.
    rf"|,?\sand\s(?=[A-Z][A-Za-z&/ -]{{3,70}}?\s{YEAR}\b(?:$|[,.]?\s?(?:Section|and\b)))"
)
_ACOEM_NAME = re.compile(r"ACOEM (?:(?:Occupational Medicine )?Practice )?(?:Guidelines)?,? ?", re.IGNORECASE)
_TRAILING_YEAR = re.compile(rf"[\s,(]{{0,4}}\b(?P<year>{YEAR})\b\)?\s?$")
_CHAPTER_YEAR = re.compile(rf"[\s,(]*(?P<year>{YEAR})\b\)?")

_ODG = re.compile(
    r"\b(?:Official Disability(?: Treatment)? Guidelines?"
    r"(?:\s?[-/,]?\s?(?:\((?:ODG|TWC)\)[-/,]?\s?)?Treatment in Workers'? Comp(?:ensation)?)?"
    r"(?: \((?:ODG|TWC|ODG[- ]TWC)\))?|Work Loss Data Institute|ODG(?:[- ]TWC)?\b)",
    re.IGNORECASE,
)
_ACOEM = re.compile(
    r"\b(?:American College of Occupational (?:and|&) Environmental Medicine(?: \(ACOEM\))?"
    r"|ACOEM)\b(?:['s]*\s?(?:Occupational Medicine )?(?:Practice )?Guidelines?\b)?",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"[\s,;()]*\b(?:\d(?:st|nd|rd|th)|second|third) ed(?:ition|\.)?\)?[\s,;:.]*(?:\((?P<year>(?:19|20)\d{2})\)[\s,]*)?",
    re.IGNORECASE,
)
_REVISED = re.compile(rf"[\s,()]*(?P<year>{YEAR})\)?(?:\sRevis(?:ed|ion)\b)?[\s,:]*")
_UPDATED = re.compile(
    r"\s?[(\[,]?\s?\b(?:last )?(?:updated?|accessed|current through"
    r"|last update)\b:?\s(?:on\s)?[\d/.-]{4,10}[)\]]?|\s?\(\s?(?:online|web)(?: version)?, [^)]*\)"
    # Which printing of ODG it is, as its index names it: "Treatment Index, 11th Edition (web)".
    r"|,?\s?\bTreatment Index\b(?:,?\s\d{1,2}(?:st|nd|rd|th) Edition\b(?:\s?\((?:web|online)\))?)?",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\bOther Medical Treatment Guidelines?(?: or Medical Evidence)?\s?:?|\bMedical Evidence\s?:", re.IGNORECASE
)
# ACOEM's second edition by its editor, as bibliographies name it: another work opens there without punctuation.
_EDITOR = re.compile(r"\bHarris,? J\b", re.IGNORECASE)
_OTHER_LEAD = re.compile(rf"^[\s,;:.]*(?:and\s)?(?:{_OTHER.pattern})\s*", re.IGNORECASE)
_ODG_NAME = (
    r"(?:Neck (?:and|&) Upper Back|Neck|Low Back|Lower Back|Upper Back|Shoulder|Elbow"
    r"|Forearm,? Wrist,? ?(?:and|&)? Hands?|Forearm,? Wrist (?:and|&) Hand"
    r"|Wrist (?:and|&) Hand|Carpal Tunnel(?: Syndrome)?|Hips? (?:and|&) Pelvis|Hip|Knee (?:and|&) Leg"
    r"|Knee|Ankle (?:and|&) Foot|Foot and Ankle|Head|Eye"
    r"|Mental Illness (?:and|&) Stress|Mental\s?(?:/|and|&)\s?Stress|Mental|Stress|Pain|Burns|Diabetes|Hernia"
    r"|Infectious Diseases?|Pulmonary|Fitness for Duty|Cervical|Lumbar|Thoracic)"
)
# An ODG chapter with what is printed as part of its name: "Low Back - Lumbar & Thoracic (Acute & Chronic)",
# "Pain Chapter".
_ODG_CHAPTER = re.compile(
    rf"(?:Chapter:?\s)?{_ODG_NAME}(?:\s?[-,/ ]\s?Lumbar (?:and|&) Thoracic| (?:and"
    rf"|&) Thoracic)?(?:\s(?:chapters?|section)\b)?"
    # ODG's own titles: "(Acute & Chronic)", "(trauma, headaches, etc., not including stress & mental disorders)".
    r"(?:,?\s?\((?:(?:[^()]{0,40}\b)?(?:Acute|Chronic)|[^()]{0,60}\bnot including\b[^()]{0,60}"
    r"|Type 1\b[^()]{0,40})\))?(?:,?\s(?:chapters?|section|procedures?"
    r"|disorders)\b)?(?:\sGuidelines)?(?:\s?\(online version\))?"
    r"(?:(?<=\))|(?=[\s\x00]*(?:$|[,;:/.(-]|chapter|and\s)))",
    re.IGNORECASE,
)
_CHAPTER_WORD = re.compile(r"[\s\x00]*(?P<word>chapters?)\b\s?:?", re.IGNORECASE)
_BRACKETED_TOPIC = re.compile(r"\s?\((?P<topic>[^()]*(?:\([^()]*\)[^()]*)*)\)")
_ARTICLE = re.compile(r"(?:and|the)\s", re.IGNORECASE)
_DASH = re.compile(r"\s-\s|(?<=\w)-\s")


def read_basis(part: Part) -> tuple[Reading[Basis], tuple[Reading[Citation], ...]]:
    """What one side based its decision on.

    Args:
        part: the paragraph after "Claims Administrator guideline:" or "MAXIMUS guideline:".

    Returns:
        The basis, and a reading of each of its citations in printed order.
    """
    stance: Stance = "cited"
    if _NONE_CITED.search(part.text):
        stance = "none_cited"
    elif _OUTSIDE.search(part.text):
        stance = "outside_mtus"
    readings = tuple(_citations(part))
    basis = Basis(stance=stance, citations=tuple(reading.value for reading in readings))
    return part.reading(basis, 0, len(part.text)), readings


def _citations(part: Part) -> Iterator[Reading[Citation]]:
    clauses = list(_CLAUSE.finditer(part.text))
    ends = [*(clause.start() for clause in clauses[1:]), len(part.text)][: len(clauses)]
    for clause, limit in zip(clauses, ends, strict=True):
        kind = (clause["kind"] or "").lower()
        stretch = part.text[clause.end() : limit]
        if not kind and _OUTSIDE.search(clause.group() + stretch[:60]):
            continue
        # The next sentence of stance may have lost its full stop; what is cited ends where it starts.
        trailing = _STANCE_WORDS.search(stretch, stretch.rfind(".") + 1)
        start, end = tightened(part.text, clause.end(), clause.end() + trailing.start() if trailing else limit)
        if start >= end:
            if kind == "mtus":
                yield part.reading(_citation("MTUS", True, None), *clause.span())
            continue
        cut = part.cut(start, end)
        if kind:
            yield from _mtus(cut) if kind == "mtus" else _non_mtus(cut)
        elif named := CHAPTER.match(cut.text):
            ending = _PART_OF_MTUS.search(cut.text, named.end())
            yield from _mtus(cut.cut(0, ending.start()) if ending else cut)
        elif _ODG.match(cut.text) or _ACOEM.match(cut.text):
            yield from _non_mtus(cut)


def _citation(
    guideline: Guideline,
    within: bool,
    chapter: str | None,
    year: int | None = None,
    sections: tuple[str, ...] = (),
    pages: tuple[str, ...] = (),
) -> Citation:
    return Citation(guideline=guideline, within_mtus=within, chapter=chapter, year=year, sections=sections, pages=pages)


def _mtus(part: Part) -> Iterator[Reading[Citation]]:
    """One citation a chapter: a new one starts where a chapter's name, or a name and a year, follows a joint."""
    starts = [0]
    ends = []
    joints = list(_NEXT_CHAPTER.finditer(part.text))
    names = [found.span() for found in CHAPTER.finditer(part.text)] if joints else []
    for joint in joints:
        # Known names hold "and" and commas themselves; a joint inside one is none.
        before = bisect_left(names, (joint.start(), 0)) - 1
        if before >= 0 and names[before][0] < joint.start() < names[before][1]:
            continue
        ends.append(joint.start())
        starts.append(joint.end())
    ends.append(len(part.text))
    for start, end in zip(starts, ends, strict=True):
        yield _mtus_chapter(part, start, end)


def _mtus_chapter(part: Part, start: int, end: int) -> Reading[Citation]:
    whole = (start, end)
    pages, part = _without_pages(part, start, end)
    text = part.text
    start, end = tightened(text, start, end)
    label = _SECTIONS.search(text, start, end)
    head_end = label.start() if label else end
    year: int | None = None
    topic: Span | None = None
    name_end = chapter_end(text, start, head_end)
    # The guideline's own name is no part of its chapter's: "MTUS ACOEM Practice Guidelines, Chapter 12 ...".
    if name_end is not None and (work := _ACOEM_NAME.match(text, start, name_end)):
        start = work.end()
    if name_end is not None:
        after = _CHAPTER_YEAR.match(text, name_end, head_end)
        if after:
            year = int(after["year"])
        topic_start = after.end() if after else name_end
        if text[topic_start:head_end].strip(" ,.;:-()"):
            topic = (topic_start, head_end)
    else:
        name_end = head_end
        if trailing := _TRAILING_YEAR.search(text, start, head_end):
            year = int(trailing["year"])
            name_end = trailing.start()
    chapter = part.quote(start, name_end)
    sections: tuple[str, ...] = ()
    if topic:
        # The older form's topic stays whole but for the separators of sections.
        sections = _sections(part, *topic)
    if label:
        sections = (*sections, *_sections(part, label.end(), end))
    return part.reading(_citation("MTUS", True, chapter.value if chapter else None, year, sections, pages), *whole)


def _without_pages(part: Part, start: int, end: int) -> tuple[tuple[str, ...], Part]:
    """The pages of a stretch, and the part with them masked out: several topics may each have theirs."""
    found = list(_PAGES.finditer(part.text, start, end))
    pages = (re.sub(r"\s", "", page.group()) for each in found for page in _ONE_PAGE.finditer(each["pages"]))
    return tuple(pages), part.masked(part.spans(each.span() for each in found))


# Entries of the MTUS index that hold a comma of their own (source: the headings of the 2009 and 2016 chronic pain
# guidelines as the letters print them); the comma before these words joins, it does not separate.
_KEPT_COMMA = re.compile(
    r"(?<=CRPS), (?=diagnostic|medication|prevention|sympathetic|treatment)"
    r"|(?<=Chronic pain programs), (?=early|intensity|opioids)"
    r"|(?<=Psychological evaluations), (?=IDDS)|(?<=Spinal cord stimulators), (?=psychological)"
    r"|(?<=TENS), (?=chronic pain|post operative)|(?<=Ultrasound), (?=therapeutic)"
    r"|(?<=Opioids), (?=criteria|dealing|specific|dosing|long-term|pain|screening|state|differentiation"
    r"|indicators|psychological|steps|tools|weaning|never|cancer|medication)"
    r"|(?<=NSAIDs), (?=GI |specific|hypertension)|(?<=Wrist), (?=(?:&|and) Hand)|(?<=Forearm), (?=Wrist)"
    r"|(?<=Pain), (?=Suffering)|(?<=Suffering), (?=and the Restoration)"
    r"|(?<=Topical Analgesics), (?=Compounded|compounded)|(?<=Addiction), (?=Prior to)"
    r"|(?<=Adverse Events), (?=Prior to)|(?<=Evaluation), (?=psychological)"
    r"|(?<=Antidepressants), (?=SSRI)|(?<=drug list)(?=\b)|(?<=Lioresal), (?=generic)"
    r"|(?<=Ultram), (?=Ultram ER)|(?<=generic available)(?=\b)"
    r"|(?<=drugs), (?=specific)|(?<=Work conditioning), (?=work hardening)|(?<=Manipulation), (?=under)"
    r"|(?<=Surgery), (?=general)|(?<=testing), (?=general)|(?<=Injections), (?=epidural)",
    re.IGNORECASE,
)


_SECTION_JOINT = re.compile(r"\s*(?:and|as well as)\s+", re.IGNORECASE)


def _sections(part: Part, start: int, end: int) -> tuple[str, ...]:
    """Section entries, split at the commas and semicolons that separate entries."""
    text = part.text[start:end]
    kept = _KEPT_COMMA.sub(lambda comma: comma.group().replace(",", "\x01"), text)
    sections = []
    for low, high in split_outside_brackets(kept, ",;" + MASK):
        joint = _SECTION_JOINT.match(text, low, high)
        if reading := part.quote(start + (joint.end() if joint else low), start + high):
            sections.append(reading.value)
    return tuple(sections)


def _non_mtus(part: Part) -> Iterator[Reading[Citation]]:
    """Citations outside the MTUS: stretches that open with ODG's or ACOEM's name, and whatever else is cited."""
    text = part.text
    lead = _OTHER_LEAD.match(text)
    start = lead.end() if lead else 0
    names: list[tuple[int, int, Guideline]] = [
        *((found.start(), found.end(), "ODG") for found in _ODG.finditer(text, start)),
        *((found.start(), found.end(), "ACOEM") for found in _ACOEM.finditer(text, start)),
        *((found.start(), found.end(), "other") for found in _OTHER.finditer(text, start)),
        *((found.start(), found.start(), "other") for found in _EDITOR.finditer(text, start)),
    ]
    names.sort()
    opening: list[tuple[int, int, Guideline]] = []
    for name in names:
        before = text[opening[-1][1] if opening else start : name[0]]
        # "Official Disability Guidelines (ODG)" is one name, and a name inside brackets opens nothing.
        # The label of other guidelines may go before a guideline that has a name of its own.
        if opening and opening[-1][2] in (name[2], "other") and not before.strip(" ,;:()-"):
            opening[-1] = (opening[-1][0], name[1], name[2])
            continue
        if before.count("(") > before.count(")") and opening:
            continue
        opening.append(name)
    if not opening or (opening[0][2] == "ODG" and _names_chapter_first(text, start, opening[0][0])):
        yield from _named_last(part, start, opening)
        return
    if text[start : opening[0][0]].strip(" ,;:.(-") and not _is_lead(text[start : opening[0][0]]):
        # Something else is cited before ODG or ACOEM is named in passing.
        if reading := part.quote(start, len(text)):
            yield Reading(
                _citation(opening[0][2], False, reading.value)
                if opening[0][2] == "ACOEM"
                else _citation("other", False, reading.value),
                reading.span,
            )
        return
    ends = [*(name[0] for name in opening[1:]), len(text)]
    for (begin, name_end, guideline), end in zip(opening, ends, strict=True):
        finish = name_end + len(_TRAILING_JOINT.sub("", text[name_end:end]))
        if guideline == "ODG":
            yield from _odg(part, begin, name_end, finish)
        elif guideline == "other":
            yield from _other(part, name_end, finish)
        else:
            yield _acoem(part, begin, name_end, finish)


# What joins one citation to the next is no part of it.
_TRAILING_JOINT = re.compile(r"(?:[\s,;:.]|\b(?:and|or|the)\b){1,12}$", re.IGNORECASE)


def _is_lead(text: str) -> bool:
    return bool(
        re.fullmatch(
            r"[\s,;:.(-]*(?:(?:the|and|both|MTUS|current|per|see|online"
            r"|Other Medical Treatment Guidelines?(?: or Medical Evidence)?)[\s,;:.-]*)*",
            text,
            re.IGNORECASE,
        )
    )


def _names_chapter_first(text: str, start: int, end: int) -> bool:
    return bool(_ODG_CHAPTER.match(text, start)) and end > start


def _named_last(part: Part, start: int, opening: list[tuple[int, int, Guideline]]) -> Iterator[Reading[Citation]]:
    """What names no guideline at its head: ODG by its chapter's name alone, else another work, copied whole."""
    text = part.text
    if opening and _ODG_CHAPTER.match(text, start):
        stretch = text[start : opening[0][0]].rstrip(" ,;(")
        yield from _odg(part, start, start, start + len(stretch))
        for begin, name_end, guideline in opening:
            if guideline == "ODG":
                yield from _odg(part, begin, name_end, len(text))
        return
    yield from _other(part, start, len(text))


# A year inside an address, or of an access or update, is not the work's own.
_NOT_THE_WORKS_YEAR = re.compile(
    r"https?://\S+|\b(?:accessed|updated?|retrieved|version)\b[^,;]{0,40}|\d{1,2}/\d{1,2}/\d{2,4}", re.IGNORECASE
)
_ANY_YEAR = re.compile(rf"(?<![\d-]){YEAR}(?![\d-])")


def _other(part: Part, start: int, end: int) -> Iterator[Reading[Citation]]:
    """Another work, copied whole; its year where it prints just one, and its pages."""
    if reading := part.quote(start, end):
        years = set(_ANY_YEAR.findall(_NOT_THE_WORKS_YEAR.sub(" ", reading.value)))
        year = int(years.pop()) if len(years) == 1 else None
        pages, _ = _without_pages(part, start, end)
        yield Reading(_citation("other", False, reading.value, year, pages=pages), reading.span)


def _odg(part: Part, begin: int, start: int, end: int) -> Iterator[Reading[Citation]]:
    """ODG: chapter X and section Y from "X/Y", "X, Y", "X: Y" and "X - Y"; a topic without a chapter is a section."""
    _, last = tightened(part.text, begin, end)
    pages, part = _without_pages(part, start, end)
    notes = _UPDATED.finditer(part.text, start, end)
    masked = part.masked(part.spans(note.span() for note in notes))
    start, end = tightened(masked.text, start, end)
    pieces = list(_odg_pieces(masked, start, end))
    chapter: str | None = None
    sections: list[str] = []
    year: int | None = None
    first = begin
    for reading, is_chapter in pieces:
        if re.fullmatch(YEAR, reading.value):
            year = int(reading.value)
            continue
        # "physical therapy, elbow chapter": the chapter may follow its section.
        if is_chapter and chapter is not None:
            yield part.reading(
                _citation("ODG", False, chapter, year, tuple(sections), pages), first, reading.span[0] - part.start
            )
            chapter, sections, first = reading.value, [], reading.span[0] - part.start
        elif is_chapter:
            chapter = reading.value
        else:
            sections.append(reading.value)
    if chapter is None and len(sections) > 1:
        chapter, sections = sections[0], sections[1:]
    yield part.reading(_citation("ODG", False, chapter, year, tuple(sections), pages), first, max(last, begin + 1))


def _odg_pieces(part: Part, start: int, end: int) -> Iterator[tuple[Reading[str], bool]]:
    """The chapters (True) and topics (False) of one ODG citation, in printed order."""
    text = part.text
    at = start
    # A slash sets a chapter off from its section; in a topic it joins ("Physical/Occupational therapy").
    separators = ",;:/" + MASK
    while at < end:
        while at < end and text[at] in " ,;:/.-" + MASK:
            at += 1
        if joint := _ARTICLE.match(text, at, end):
            at = joint.end()
        chapter = _ODG_CHAPTER.match(text, at, end)
        if chapter:
            stop = chapter.end()
            # "Knee & Leg (updated ...) Chapter": the word after the note is the name's.
            if label := _CHAPTER_WORD.match(text, stop, end):
                stop = label.end("word")
            if reading := _unmasked(part, at, stop):
                yield reading, True
            at = label.end() if label else stop
            # "Low Back (Shock wave therapy)": the topic stands in brackets.
            if bracket := _BRACKETED_TOPIC.match(text, at, end):
                if reading := _unmasked(part, *bracket.span("topic")):
                    yield reading, False
                at = bracket.end()
        else:
            stop = _topic_end(text, separators, at, end)
            if reading := _unmasked(part, at, stop):
                yield reading, False
            at = stop
        separators = ",;:" + MASK


def _topic_end(text: str, separators: str, start: int, end: int) -> int:
    pieces = split_outside_brackets(text, separators, start, end)
    stop = pieces[0][1]
    if dash := _DASH.search(text, start, stop):
        return dash.start()
    kept = _KEPT_COMMA.search(text, max(start, stop - 1), min(end, stop + 12))
    if kept and text[stop : stop + 1] == "," and len(pieces) > 1:
        stop = pieces[1][1]
    return max(stop, start + 1)


def _unmasked(part: Part, start: int, end: int) -> Reading[str] | None:
    """A quote without the update note that was masked inside it."""
    reading = part.quote(start, end)
    if reading is None or MASK not in part.text[start:end]:
        return reading
    kept = "".join(
        printed for printed, plain in zip(part.printed[start:end], part.text[start:end], strict=True) if plain != MASK
    )
    value = " ".join(kept.split()).strip(" ,;:-/")
    return Reading(value, reading.span) if value else None


def _acoem(part: Part, begin: int, start: int, end: int) -> Reading[Citation]:
    pages, part = _without_pages(part, start, end)
    _, stop = tightened(part.text, start, end)
    year: int | None = None
    if edition := _EDITION.match(part.text, start, stop):
        start = edition.end()
        year = int(edition["year"]) if edition["year"] else None
    if given := _REVISED.match(part.text, start, stop):
        year, start = int(given["year"]), given.end()
    chapter: Reading[str] | None = None
    sections: tuple[str, ...] = ()
    pieces = split_outside_brackets(part.text, ",;:" + MASK, start, stop)
    # As in ODG citations a slash sets off the chapter, and joins within a topic.
    pieces = [*split_outside_brackets(part.text, "/", *pieces[0]), *pieces[1:]]
    quotes = [quote for piece in pieces if (quote := part.quote(*piece))]
    # A chapter of the list keeps its commas: "Hand, Wrist, and Forearm Disorders".
    start, stop = tightened(part.text, start, stop)
    if (known := chapter_end(part.text, start, stop)) and (name := part.quote(start, known)):
        pieces = split_outside_brackets(part.text, ",;:" + MASK, known, stop)
        quotes = [name, *(quote for piece in pieces if (quote := part.quote(*piece)))]
    if quotes:
        chapter, sections = quotes[0], tuple(quote.value for quote in quotes[1:])
    value = _citation("ACOEM", False, chapter.value if chapter else None, year, sections, pages)
    return part.reading(value, begin, max(end, begin + 1))
