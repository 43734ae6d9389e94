"""A labeled letter taken apart: its sections and disputed items as printed, by the parts that its reader finds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from imrllm.errors import NotALetterError
from imrllm.evals.drift.header import header_values
from imrllm.letter import ItemParts, LetterParts, read_letter
from imrllm.normalization import normal_text
from imrllm.records import Decision
from imrllm.spans import FoldedSpan

SectionName = Literal["credentials", "summary", "decisions"]
ArgumentName = Literal["claims_administrator", "reviewer_basis", "rationale"]
SECTIONS: tuple[SectionName, ...] = get_args(SectionName)
ARGUMENTS: tuple[ArgumentName, ...] = get_args(ArgumentName)

_BREAK = re.compile(r"\n\s*")
_HEADING_LINE = re.compile(r"[^\S\n]*(?P<heading>[A-Z][A-Z ,()/&]{3,80}[A-Z)])[^\S\n]*:?[^\S\n]*(?:\n|\Z)")
# The sentence that ends the first section where the reviewer's credentials are a block of their own.
_CREDENTIALS_LABEL = re.compile(r"[^\n.]{4,80}:\s*\Z")
_LABEL = re.compile(r"[\s.]*(?:\d{1,3}\s+)?(?P<label>[A-Za-z][A-Za-z ]{3,60}?)\s?:\s*\Z")


@dataclass(frozen=True, slots=True)
class Section:
    """A section but for the letter's own text in it.

    Attributes:
        heading: its heading.
        lead: the fixed words after the heading; may be empty.
        label: the line that opens the reviewer's credentials, with its colon; empty in other sections.
        text: the letter's own text; empty for the disputed items.
    """

    heading: str
    lead: str
    label: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ItemPieces:
    """A disputed item.

    Attributes:
        request: its heading without the outcome.
        decision: what was decided.
        outcome: the outcome's word, as printed.
        labels: the labels of its paragraphs without their colons.
        texts: those paragraphs.
    """

    request: str
    decision: Decision
    outcome: str
    labels: Mapping[ArgumentName, str]
    texts: Mapping[ArgumentName, str]


@dataclass(frozen=True, slots=True)
class LetterPieces:
    """A letter's pieces, in the characters of its source text.

    Attributes:
        header: the text before all sections; empty if the letter has none.
        header_values: by the record's names, the values of the header block; empty if it is not the usual block.
        sections: its sections.
        items: its disputed items.
        newlines: newlines that end a line; a paragraph is followed by twice as many.
    """

    header: str
    header_values: Mapping[str, str]
    sections: Mapping[SectionName, Section]
    items: tuple[ItemPieces, ...]
    newlines: int


def take_apart(text: str, gold: Mapping[str, Any]) -> LetterPieces | None:
    """Take a letter of labeled paragraphs (2014 to 2017) apart.

    Args:
        text: its source text.
        gold: its true record, as JSON has it.

    Returns:
        Its pieces; None if its reader does not find the items and decisions of the gold, or if the letter has another
        form: such a letter cannot be printed anew with the same gold.
    """
    try:
        parts = read_letter(text)
    except NotALetterError:
        return None
    if not _is_as_gold(parts, gold):
        return None
    sections = _sections(text, parts)
    items = [_item(text, parts, item) for item in parts.items]
    found = [item for item in items if item]
    if sections is None or len(found) < len(items):
        return None
    header = "" if parts.header is None else _slice(text, parts, *parts.header)
    return LetterPieces(header, header_values(header, gold["letter"]), sections, tuple(found), _newlines(text))


def _is_as_gold(parts: LetterParts, gold: Mapping[str, Any]) -> bool:
    true = gold["disputed_items"]
    return len(true) == len(parts.items) and all(
        normal_text(parts.printed(item.heading) or "") == normal_text(its["heading"])
        and item.decision == its["decision"]
        for item, its in zip(parts.items, true, strict=True)
    )


def _slice(text: str, parts: LetterParts, start: int, end: int) -> str:
    """The source text from one folded offset to another."""
    if start >= end:
        return ""
    return text[slice(*parts.folded.source_span(FoldedSpan((start, end))))]


def _sections(text: str, parts: LetterParts) -> dict[SectionName, Section] | None:
    """The sections, if all three are printed in their usual order, each under a heading line of its own."""
    credentials, summary, first = parts.credentials, parts.summary, parts.items[0].heading
    if (
        credentials is None
        or summary is None
        or first is None
        or not credentials[1] <= summary[0] < summary[1] <= first[0]
    ):
        return None
    start = parts.header[1] if parts.header else 0
    gaps = ((start, credentials[0]), (credentials[1], summary[0]), (summary[1], first[0]))
    found: dict[SectionName, Section] = {}
    for name, gap, own in zip(SECTIONS, gaps, (credentials, summary, None), strict=True):
        between = _slice(text, parts, *gap).strip()
        heading = _HEADING_LINE.match(between)
        if heading is None:
            return None
        lead, label = between[heading.end() :].strip(), ""
        if name == "credentials" and (opened := _CREDENTIALS_LABEL.search(lead)):
            lead, label = lead[: opened.start()].strip(), opened.group().strip()
        found[name] = Section(heading["heading"], lead, label, _slice(text, parts, *own) if own else "")
    return found


def _item(text: str, parts: LetterParts, item: ItemParts) -> ItemPieces | None:
    """One item, if its parts are printed in their usual order under labels of a few words."""
    spans: dict[ArgumentName, FoldedSpan | None] = {name: getattr(item, name) for name in ARGUMENTS}
    labels: dict[ArgumentName, str] = {}
    texts: dict[ArgumentName, str] = {}
    if item.heading is None or item.outcome is None or item.decision is None or item.outcome[0] < item.heading[1]:
        return None
    before: FoldedSpan = item.outcome
    for name, span in spans.items():
        if span is None:
            continue
        label = _LABEL.match(parts.folded.printed, before[1], span[0]) if before[1] < span[0] else None
        if label is None:
            return None
        labels[name], texts[name] = label["label"], _slice(text, parts, *span)
        before = span
    request, outcome = _slice(text, parts, *item.heading), _slice(text, parts, *item.outcome)
    return ItemPieces(request, item.decision, outcome, labels, texts)


def _newlines(text: str) -> int:
    """How many newlines most line breaks of a text have."""
    return Counter(found.group().count("\n") for found in _BREAK.finditer(text)).most_common(1)[0][0]
