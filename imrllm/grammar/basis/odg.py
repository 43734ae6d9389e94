"""Citations of the Official Disability Guidelines: chapter and sections, however they are set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrllm.grammar.basis.chapters import ODG_NAMES, YEAR
from imrllm.grammar.basis.citation_parts import ADDRESS, KEPT_COMMA, SECTIONS_LABEL, citation, without_pages
from imrllm.grammar.reading import MASK, Part, Reading, split_outside_brackets, tightened
from imrllm.records import Citation

_UPDATED = re.compile(
    r"""
    \s?[(\[,]?\s?\b(?:last\ )?(?:updated?|accessed|current\ through|last\ update)\b
        :?\s(?:on\s)?(?:[\d/.-]{4,10}|[A-Z][a-z]{2,8}\.?\ (?:\d{1,2},?\ )?\d{4})[)\]]?  # "(updated 5/15/15)"
    # The date alone: "(12/20/2016)", "12/22/16 update".
    | [,;]?\s?[(\[]?(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d{2}\b(?![/.-]\d)
        (?:\ (?:update|version|edition|revision)\b)?[)\]]?
    | \s?\(\s?(?:online|web)(?:\ version)?,\ [^)]*\)  # "(online version, 2014)"
    # Which printing of ODG it is, as its index names it: "Treatment Index, 11th Edition (web)".
    | ,?\s?\bTreatment\ Index\b
    | ,?\s?\b\d{1,2}(?:st|nd|rd|th)\ (?:Annual\ )?Edition\b(?:\s?\((?:web|online)\))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
# An ODG chapter with what is printed as part of its name: "Low Back - Lumbar & Thoracic (Acute & Chronic)",
# "Pain Chapter".
ODG_CHAPTER = re.compile(
    rf"""
    (?:Chapter:?\s)?(?:{ODG_NAMES})
    (?:\s?[-,/ ]\s?Lumbar\ (?:and|&)\ Thoracic|\ (?:and|&)\ Thoracic)?  # "Low Back - Lumbar & Thoracic"
    (?:\s(?:chapters?|section)\b)?
    (?:,?\s?\((?:
        (?:[^()]{{0,40}}\b)?(?:Acute|Chronic)  # "(Acute & Chronic)"
        | [^()]{{0,60}}\bnot\ including\b[^()]{{0,60}}  # "(trauma, headaches, etc., not including stress)"
        | Type\ 1\b[^()]{{0,40}}  # "(Type 1, 2, and Gestational)"
    )\))?
    (?:,?\s(?:chapters?|section|procedures?|disorders)\b)?
    (?:\sGuidelines)?
    (?:\s?\((?:online|web|internet)(?:\ (?:version|edition))?\))?
    (?:(?<=\))|(?=[\s\x00]*(?:$|[,;:/.(-]|chapter|and\s)|\s?\x00))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CHAPTER_WORD = re.compile(r"[\s\x00]*(?P<word>chapters?)\b\s?:?", re.IGNORECASE)
_BRACKETED_TOPIC = re.compile(r"\s?\((?P<topic>[^()]*(?:\([^()]*\)[^()]*)*)\)")
_ARTICLE = re.compile(r"(?:and|the)\s", re.IGNORECASE)
_LABEL = re.compile(r"(?:chapter|topics?|sections?(?:\(s\))?)\s?:\s?", re.IGNORECASE)
_REPEATED = re.compile(r"(?P<first>(?P<word>[A-Z][a-z]{3,20})\b[^,;]{1,60}?)\sand\s(?=(?P=word)\b)")
# Which publication of ODG was looked at, where a chapter would stand: "ODG Web Version, Neck", "ODG online, Pain".
_PUBLICATION = re.compile(
    r"""
    \(?\b(?:online|web|internet)(?:[- ]?based)?
    (?:
        \ (?:versions?|editions?|database|index)\b\)?
        | \)
        | (?=\s?(?:$|[,;:/]))
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# A chapter that is not in the list of names, known by its last word.
_CALLED_A_CHAPTER = re.compile(r"(?!chapter)[A-Z][\w&,/' -]{2,60}\schapter", re.IGNORECASE)
# What a slash joins where no chapter of the list stands before it: adjectives of one noun ("Physical/Occupational
# therapy"), abbreviations ("EMG/NCS").
_SLASH_JOINS = re.compile(
    r"(?:[A-Z][a-z]{2,15}(?:al|ic|ive|ary)(?=/[A-Za-z])|[A-Z]{2,5}(?=/[A-Z]{2,5}\b))/", re.VERBOSE
)
_DASH = re.compile(r"\s-\s|(?<=\w)-\s")


def read_odg(part: Part, begin: int, start: int, end: int) -> Iterator[Reading[Citation]]:
    """ODG: chapter X and section Y from "X/Y", "X, Y", "X: Y" and "X - Y"; a topic without a chapter is a section."""
    _, last = tightened(part.text, begin, end)
    pages, part = without_pages(part, start, end)
    notes = [*_UPDATED.finditer(part.text, start, end), *SECTIONS_LABEL.finditer(part.text, start, end)]
    masked = part.masked(part.spans_of(notes))
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
            at = part.offset(reading.span[0])
            yield part.reading(citation("ODG", False, chapter, year, tuple(sections), pages), first, at)
            chapter, sections, first = reading.value, [], at
        elif is_chapter:
            chapter = reading.value
        else:
            sections.append(reading.value)
    if chapter is None and len(sections) > 1:
        chapter, sections = sections[0], sections[1:]
    yield part.reading(citation("ODG", False, chapter, year, tuple(sections), pages), first, max(last, begin + 1))


def _odg_pieces(part: Part, start: int, end: int) -> Iterator[tuple[Reading[str], bool]]:
    """The chapters (True) and topics (False) of one ODG citation, in printed order."""
    text = part.text
    at = start
    # A slash sets a chapter off from its section; in a topic it joins ("Physical/Occupational therapy").
    separators = ",;:/" + MASK
    while at < end:
        at = _next_piece(text, at, end)
        if joint := _ARTICLE.match(text, at, end) or _LABEL.match(text, at, end):
            at = joint.end()
        if address := ADDRESS.match(text, at, end):
            # An address is one topic, with all its punctuation.
            if reading := part.quote(*address.span()):
                yield reading, False
            at = address.end()
            continue
        chapter = ODG_CHAPTER.match(text, at, end)
        if chapter:
            stop = chapter.end()
            # "Knee & Leg (updated ...) Chapter": the word after the note belongs to the name.
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
                yield reading, bool(_CALLED_A_CHAPTER.fullmatch(reading.value))
            at = stop
        # A colon separates chapter and section; within a topic it belongs to the topic.
        separators = ",;" + MASK


def _next_piece(text: str, at: int, end: int) -> int:
    """Where the next piece starts, behind separators and the words that say which publication was looked at."""
    while at < end:
        if text[at] in " ,;:/.-" + MASK:
            at += 1
        elif publication := _PUBLICATION.match(text, at, end):
            at = publication.end()
        else:
            break
    return at


def _topic_end(text: str, separators: str, start: int, end: int) -> int:
    joined = _SLASH_JOINS.match(text, start, end)
    pieces = split_outside_brackets(text, separators.replace("/", "") if joined else separators, start, end)
    stop = pieces[0][1]
    # Two entries of the index under one word: "Preoperative lab testing and Preoperative testing".
    if repeated := _REPEATED.match(text, start, stop):
        return repeated.end("first")
    if dash := _DASH.search(text, start, stop):
        return dash.start()
    kept = KEPT_COMMA.search(text, max(start, stop - 1), min(end, stop + 20))
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
