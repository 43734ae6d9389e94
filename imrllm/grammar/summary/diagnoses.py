"""The diagnoses that the case summary lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrllm.grammar.reading import Part, Reading, tightened
from imrllm.grammar.summary.lists import (
    LISTS,
    WORDS,
    find_lists,
    is_course,
    is_modifier,
    places,
    read_entries,
    sentences,
    split_at,
    split_entries,
    untied,
    words_of,
)

_LEAD = re.compile(
    rf"""
    \b
    (?:
        (?:diagnosed|assessed)\ (?:on\ [\d/-]{{6,10}}\ |by\ (?:[\w.]+\ ){{1,3}})?(?:with|as(?:\ having)?|to\ have)
        | diagnosed(?=\ (?:an?|right|left|bilateral)\ )
        | (?<!differential\ )diagnos[ie]s\b
            (?:,?\ (?!of\b(?!\ \d)|as\ of|include|are\b|is\b|was\b|were\b|as\b|to\b)[\w/-]+,?){{0,6}}
            (?:\ as\ of\ [\d/-]{{6,10}})?
            (?:
                {LISTS}  # "diagnoses include", "Diagnoses listed on 6-11-2015:"
                | \ (?:is|are|was|were)(?:\ (?:documented|listed|noted|given|reported|stated)\ is)?
                | \ of | \ as | \ consistent\ with
            )
        | (?:(?:diagnostic|clinical|working|the|his|her)\ impressions?|assessments?)
            (?:\ (?:is|are|was|were)(?:\s?:)?|\s?:)
        | (?<!MRI\ )(?<!CT\ )(?<!ray\ )impressions?\s?:  # not that of a study
        | (?<!physical\ )assessments?\ include[sd]?
        | problem\ list{LISTS}
        | \bDx\s?:
        | diagnos[ie]s\ \(?\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}\)?
            (?:\s?:|(?=\s?-\s))  # a dated list, whose entries open with dashes: "Diagnoses 02/11/14:- lumbar strain"
        | (?:
                (?:being|been|was|is)\ (?:\w+\ (?:and\ )?)?treated
                | (?:undergo(?:ing|es)|receiv(?:ing|es)|under)\ (?:\w+\ )?(?:treatments?|care)
            )
            \ for(?:\ (?:the|an?)\ diagnos[ie]s\ of)?
    )
    \s?:?(?:\s|(?=-\s))
    | \bdiagnos[ie]s\s?(?P<bracket>\()(?!\d)  # a list in brackets: "current diagnoses (lumbar strain, and insomnia)"
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The name of a list after the list: "were the diagnoses given", "was diagnosed".
_LISTED = re.compile(
    r"\s(?:is|are|was|were)\s(?:(?:the|his|her)\s(?:\w+\s)?diagnos[ei]s|diagnosed)\b(?!\s(?:with|as|to|by)\b)",
    re.IGNORECASE,
)
_AND = re.compile(r",?\s(?:and|as well as|along with)\s(?!/)|\s(?=(?:rule out|r/o)\s)", re.IGNORECASE)
_CODE = re.compile(rf"\s?\((?:{WORDS['code']})\)")
# A code before its diagnosis: "724.2 Lumbago".
_LEADING_CODE = re.compile(r"(?:ICD[- ]?\d{1,2}:?\s)?(?:\d{3}\.\d{1,2}|[A-Z]\d{2}\.\w{1,4})[\s:-]{1,3}(?=[A-Za-z])")
# Text after a comma that continues the diagnosis before it.
_GOES_ON = re.compile(
    r"""
    \s?(?:
        with(?:out)?\s  # "cuff tear, right shoulder, with residual stiffness"
        | (?:(?:due|secondary|related)\ to|associated\ with)\s
        | not\ (?:otherwise|elsewhere|specified)\s
        | (?:initial|subsequent)\ encounter\b  # "fracture, initial encounter for closed fracture"
        | current\ injury\b  # "tear of medial meniscus, current injury"
        | (?:and\ )?(?:fascia|tendons?|ligaments?)\b  # "strain of muscle, fascia and tendon"
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(rf"\s(?:{WORDS['diagnosis_ends']})\b", re.IGNORECASE)
_CONDITION = re.compile(WORDS["condition"], re.IGNORECASE)
_OPERATION = re.compile(
    rf"{WORDS['operation']}|{WORDS['connecting']}|surgical|arthroscopic|open|closed|internal|reduction|\d+",
    re.IGNORECASE,
)
_PLACED = re.compile(r"\b(?:of|in|to)\s", re.IGNORECASE)
_PAIRED = re.compile(WORDS["paired"], re.IGNORECASE)
_AFFECTING = re.compile(r"\b(?:affecting|involving|causing)\s", re.IGNORECASE)
_MOOD = re.compile(r"depressed mood\b", re.IGNORECASE)
_LAST = re.compile(r"^\s?(?:and|as well as)\s", re.IGNORECASE)
_STATUS_POST = re.compile(r"\s?(?:status[ -]post|s/p)\s", re.IGNORECASE)


def read_diagnoses(part: Part) -> tuple[Reading[str], ...]:
    """Read the diagnoses that the summary lists, without codes; a repeat counts once."""
    return tuple(read_entries([*find_lists(part, _LEAD), *_lists_before(part)], _split))


def tidy_diagnosis(part: Part) -> Part:
    """Strip an entry's number, article and code, and the words about who found it and when."""
    entry = untied(part)
    start, end = 0, len(entry.text)
    if code := _LEADING_CODE.match(entry.text):
        start = code.end()
    if code := _CODE.search(entry.text, start, end):
        end = code.start()
    if note := _ENDS.search(entry.text, start, end):
        end = note.start()
    return untied(entry.cut(*tightened(entry.text, start, end)))


def _lists_before(part: Part) -> Iterator[tuple[Part, str]]:
    """The lists that precede their name: "Lumbar strain and sciatica were diagnosed"."""
    for sentence in sentences(part):
        if (name := _LISTED.search(sentence.text)) and _has_condition(words_of(sentence.text[: name.start()])):
            yield sentence.cut(0, name.start()), ","


def _split(listed: Part, separator: str) -> Iterator[Part]:
    for start, end in split_entries(listed.text, separator, _goes_on):
        # The last entry may be two: "sciatica and asthma".
        last = end == len(listed.text) and (separator == "," or not _LAST.match(listed.text[start:end]))

        def are_two(left: str, _joint: str, right: str, *, last: bool = last) -> bool:
            return (last or separator == ",") and _are_two(left, right, last=last)

        for piece in split_at(_AND, listed.text, start, end, are_two):
            yield tidy_diagnosis(listed.cut(*piece))


def _goes_on(before: str, text: str) -> bool:
    if _GOES_ON.match(text):
        return True
    if operated := _STATUS_POST.match(text):
        # An operation without a place belongs to the diagnosis before it: "cuff tear, status post repair".
        return all(_OPERATION.fullmatch(word) for word in words_of(text[operated.end() :]))
    pieces = _LAST.sub("", text).split(" and ")
    if is_course(pieces[0]):
        return True
    # "sprain of the neck, right shoulder and anxiety"
    other = next((words for words in map(words_of, pieces) if words and not is_modifier(" ".join(words))), [])
    if other and is_modifier(pieces[0]) and not is_modifier(other[0]):
        return places(before, pieces[0]) and _PLACED.search(before) is not None
    # "cervical, thoracic, and lumbar strain" shares its noun.
    return places(before, text) if is_modifier(text) else is_modifier(before)


def _are_two(left: str, right: str, *, last: bool) -> bool:
    """Whether "and" separates two diagnoses: "sciatica and asthma", not "lumbar and cervical sprain"."""
    if is_modifier(left) or is_modifier(right):
        return False
    first, second = words_of(left), words_of(right)
    if not first or not second:
        return False
    # "stress affecting sleep and mood", "adjustment disorder with anxiety and depressed mood"
    if _AFFECTING.search(left) or _MOOD.match(right):
        return False
    # "cervical sprain and strain", "numbness and weakness of the hand"
    if _PAIRED.fullmatch(first[-1]) and _PAIRED.fullmatch(second[0]) and 1 in (len(first), len(second)):
        return False
    return last or (_has_condition(first) and _has_condition(second))


def _has_condition(words: list[str]) -> bool:
    return any(_CONDITION.fullmatch(word) for word in words)
