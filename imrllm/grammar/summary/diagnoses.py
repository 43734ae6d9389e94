"""The diagnoses that the case summary lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imrllm.folding import caseless
from imrllm.grammar.lexicon import glancing
from imrllm.grammar.reading import Part, Reading, tightened
from imrllm.grammar.summary.coordination import are_two, continues, has_condition
from imrllm.grammar.summary.lists import (
    LISTS,
    WORDS,
    find_lists,
    read_entries,
    sentences,
    split_at,
    split_entries,
    untied,
    words_of,
)

_LEAD = glancing(
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
    re.VERBOSE,
)
# The name of a list after the list: "were the diagnoses given", "was diagnosed".
_LISTED = caseless(
    r"\s(?:is|are|was|were)\s(?:(?:the|his|her)\s(?:\w+\s)?diagnos[ei]s|diagnosed)\b(?!\s(?:with|as|to|by)\b)"
)
_AND = re.compile(r",?\s(?:and|as well as|along with)\s(?!/)|\s(?=(?:rule out|r/o)\s)", re.IGNORECASE)
_CODE = re.compile(rf"\s?\((?:{WORDS['code']})\)")
# A code before its diagnosis: "724.2 Lumbago".
_LEADING_CODE = re.compile(r"(?:ICD[- ]?\d{1,2}:?\s)?(?:\d{3}\.\d{1,2}|[A-Z]\d{2}\.\w{1,4})[\s:-]{1,3}(?=[A-Za-z])")
_ENDS = caseless(rf"\s(?:{WORDS['diagnosis_ends']})\b")
_LAST = re.compile(r"^\s?(?:and|as well as)\s", re.IGNORECASE)


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
    if note := _ENDS.search(entry.lower, start, end):
        end = note.start()
    return untied(entry.cut(*tightened(entry.text, start, end)))


def _lists_before(part: Part) -> Iterator[tuple[Part, str]]:
    """The lists that precede their name: "Lumbar strain and sciatica were diagnosed"."""
    for sentence in sentences(part):
        if (name := _LISTED.search(sentence.lower)) and has_condition(words_of(sentence.text[: name.start()])):
            yield sentence.cut(0, name.start()), ","


def _split(listed: Part, separator: str) -> Iterator[Part]:
    entries = split_entries(listed.text, separator, continues)
    for start, end in entries:
        # The last entry may be two: "sciatica and asthma".
        ending = end == len(listed.text)
        joined = _LAST.match(listed.text[start:end]) is not None
        last = ending and (separator == "," or not joined)
        closes = ending and separator == "," and len(entries) > 1 and not joined
        only = closes and len(_AND.findall(listed.text, start, end)) == 1

        def split_here(left: str, _joint: str, right: str, *, last: bool = last, only: bool = only) -> bool:
            return (last or separator == ",") and are_two(left, right, last=last, closes_list=only)

        for piece in split_at(_AND, listed.text, start, end, split_here):
            yield tidy_diagnosis(listed.cut(*piece))
