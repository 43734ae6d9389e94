"""The patterns of a form: its phrases, compiled once. Each runs in linear time over folded text.

Section headings are compared with their case: prose that mentions them is in another. Labels, outcomes and the header
are not, except for a label of one word, which prose has too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from imrllm.letter.form import Label, Section, Words, known_forms
from imrllm.letter.phrases import expression, plain, states_outcome

# A page number can stand between an item's outcome and its first label.
_PAGE_NUMBER = r"[\s.]{0,3}(?:\d{1,3}\s)?"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class HeaderPatterns:
    """The patterns of the header, by the record's field names.

    Attributes:
        labels: of the header block.
        prose: what stands before a date in a sentence.
    """

    labels: Mapping[str, re.Pattern[str]]
    prose: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class FormPatterns:
    """The patterns of one form. What the form does not have never matches.

    Attributes:
        headings: by section, of its heading.
        summary_lead: the sentence after the summary's heading.
        decisions_lead: the sentence after the heading of the decisions.
        labels: by part of an item, of its label.
        outcome: an item's outcome where its layout prints it, with a group `upheld` or `overturned`; in the layout
            `sentences` also with `number` and `item`.
        argument: what opens the part that argues a numbered decision, with a group `number`.
        both_sides: the label of a paragraph with both sides' bases.
        reviewer_sentence: where the reviewer's basis begins in it.
        any_outcome: an outcome's words after a colon, anywhere.
        header: the patterns of the header.
        credentials: the labels within the credentials, `states` and `specialties`.
    """

    headings: Mapping[Section, re.Pattern[str]]
    summary_lead: re.Pattern[str]
    decisions_lead: re.Pattern[str]
    labels: Mapping[Label, re.Pattern[str]]
    outcome: re.Pattern[str]
    argument: re.Pattern[str]
    both_sides: re.Pattern[str]
    reviewer_sentence: re.Pattern[str]
    any_outcome: re.Pattern[str]
    header: HeaderPatterns
    credentials: Mapping[str, re.Pattern[str]]


@cache
def compiled(words: Words) -> FormPatterns:
    """The patterns of a form's phrases."""
    items, sections = words.items, words.sections
    outcomes = _outcomes(words)
    labels = {label: _label(getattr(items, label), outcomes) for label in items.order if getattr(items, label)}
    return FormPatterns(
        headings={each: _pattern(getattr(sections, each)) for each in sections.order if getattr(sections, each)},
        summary_lead=_lead(words.leads.summary),
        decisions_lead=_lead(words.leads.decisions),
        labels=labels,
        outcome=_outcome(words, outcomes),
        argument=_pattern(items.argument, re.IGNORECASE, spaces_may_be_lost=items.spaces_may_be_lost),
        both_sides=_pattern(items.both_sides),
        reviewer_sentence=_pattern(items.reviewer_sentence, before=r"\b"),
        any_outcome=_any_outcome(words, outcomes),
        header=_header(words),
        credentials={
            name: _pattern(phrases, re.IGNORECASE)
            for name in ("states", "specialties")
            if (phrases := getattr(words.credentials, name))
        },
    )


@cache
def default_patterns() -> FormPatterns:
    """The patterns of the first known form: for parts that were found without a form."""
    return compiled(known_forms()[0].words)


def _pattern(
    phrases: tuple[str, ...], flags: int = 0, *, before: str = "", spaces_may_be_lost: bool = False
) -> re.Pattern[str]:
    if not phrases:
        return _NEVER
    words = expression(phrases, spaces_may_be_lost=spaces_may_be_lost)
    return re.compile(f"{before}(?:{words})", re.VERBOSE | flags)


def _lead(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\s?(?:{expression(phrases)})\s?", re.VERBOSE) if phrases else _NEVER


def _label(phrases: tuple[str, ...], outcomes: str) -> re.Pattern[str]:
    """Labels of one word begin a word, and have their own case: prose has such words too."""
    single = [each for each in phrases if " " not in plain(each)]
    longer = expression([each for each in phrases if each not in single], outcome=outcomes)
    if not single:
        return re.compile(longer, re.VERBOSE | re.IGNORECASE)
    alternatives = [
        rf"(?<![A-Za-z])(?:{expression(single, outcome=outcomes)})",
        *([f"(?i:{longer})"] if longer else []),
    ]
    return re.compile("|".join(alternatives), re.VERBOSE)


def _outcomes(words: Words) -> str:
    """The outcome words, each kind in a group of its name. Longer ones first: "not necessary" holds "necessary"."""
    loose = words.items.spaces_may_be_lost
    first, second = sorted(
        ("upheld", "overturned"), key=lambda kind: -max(len(plain(each)) for each in getattr(words.outcomes, kind))
    )
    groups = (
        f"(?P<{kind}>{expression(getattr(words.outcomes, kind), spaces_may_be_lost=loose)})" for kind in (first, second)
    )
    return f"(?:{'|'.join(groups)})"


def _outcome(words: Words, outcomes: str) -> re.Pattern[str]:
    items = words.items
    if words.layout == "sentences":
        found = expression(items.sentence, outcome=outcomes, spaces_may_be_lost=items.spaces_may_be_lost)
        return re.compile(found, re.VERBOSE | re.IGNORECASE)
    if words.layout == "blocks":
        labelled = expression([each for each in items.outcome if not states_outcome(each)])
        stated = [each for label in items.order for each in getattr(items, label) if states_outcome(each)]
        found = expression(stated, outcome=outcomes) if stated else rf"(?:{labelled}){outcomes}\b"
        return re.compile(found, re.VERBOSE | re.IGNORECASE)
    # The outcome word counts only directly before one of the item's labels, with at most a page number between them:
    # summaries and rationales have it too.
    following = "|".join(
        expression(getattr(items, label), ends_open=True) for label in items.order if getattr(items, label)
    )
    return re.compile(rf"\s?:\s?{outcomes}\b{_PAGE_NUMBER}(?={following})", re.VERBOSE | re.IGNORECASE)


def _any_outcome(words: Words, outcomes: str) -> re.Pattern[str]:
    # The two words of the known forms count in any form: a letter may quote another.
    own = outcomes.replace("?P<upheld>", "?:").replace("?P<overturned>", "?:")
    if words.layout == "headings":
        return re.compile(rf":\s?(?:Upheld|Overturned|{own})\b", re.VERBOSE | re.IGNORECASE)
    return re.compile(r":\s?(?:Upheld|Overturned)\b", re.IGNORECASE)


def _header(words: Words) -> HeaderPatterns:
    labels, prose = words.header, words.header.prose
    return HeaderPatterns(
        {
            name: _pattern(getattr(labels, name), re.IGNORECASE)
            for name in type(labels).model_fields
            if name != "prose" and getattr(labels, name)
        },
        {
            name: _pattern(getattr(prose, name), re.IGNORECASE, before=r"\b")
            for name in type(prose).model_fields
            if getattr(prose, name)
        },
    )
