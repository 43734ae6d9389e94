"""Signals on each value of a record: what is at hand that may tell a wrong value from a right one.

Sources: the letter's own text, what the readers left unread of it, how they agree, and what contradicts the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from imrllm.crosscheck.part_signals import (
    FIGURE,
    JOINED,
    of_basis,
    of_citation,
    of_length,
    of_request,
    of_summary,
)
from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, SIDES, Field, Side, is_present
from imrllm.grammar import ItemReadings, LetterReadings
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import Basis, Check, CheckStatus, Determination, DisputedItem
from imrllm.spans import FoldedSpan
from imrllm.trust import Signals

# More disputed items, more entries of a list, or more words in a text than these are many.
_MANY_ITEMS = 6
_MANY_ENTRIES = 4
_MANY_WORDS = 6
# An entry of a list that is right less often is of even odds, or only likely.
_EVEN_ODDS = 0.6
_LIKELY = 0.8
# The signals say how many entries a list of grounds has, up to so many.
_MOST_COUNTED = 3
_ODD = re.compile(r"[^A-Za-z0-9 ,.'-]")
_AGREEMENT: Mapping[CheckStatus, str] = {
    "confirmed": "agreed",
    "conflict": "disputed",
    "missing": "one reader alone",
    "unsupported": "unsupported",
}
_CASE_FIELDS = tuple(field for field in CASE_FIELDS if field.weight != "unscored")
_ITEM_FIELDS = tuple(field for field in ITEM_FIELDS if field.weight != "unscored" and not field.side)
_STANCES: Mapping[Side, Field] = {field.side: field for field in ITEM_FIELDS if field.side}
_CITATION_FIELDS: Mapping[Side, tuple[Field, ...]] = {
    side: tuple(field for field in CITATION_FIELDS if field.side == side) for side in SIDES
}
# The names of the fields whose values are texts, or lists.
_TEXTS = frozenset(
    field.name
    for field in (*_CASE_FIELDS, *_ITEM_FIELDS, *CITATION_FIELDS)
    if field.shape != "value" or field.line.type is str
)
_NOTHING: frozenset[str] = frozenset()


def signals_of(
    record: Determination,
    parts: LetterParts,
    readings: LetterReadings,
    checks: Sequence[Check],
    entries: Mapping[str, Sequence[float | None]],
) -> dict[str, Signals]:
    """The signals on every value of a record, on absent ones too.

    Args:
        record: the settled record.
        parts: the letter's parts.
        readings: what the grammar reads.
        checks: the checks on the record.
        entries: by the JSON Pointer of a list of grounds, the share of right ones among gold's entries like each.

    Returns:
        By JSON Pointer of a field, or of the list of a side's citations, the names of its signals.
    """
    return dict(_Letter(record, parts, readings, checks, entries).signals())


class _Letter:
    """One letter, while the signals on its values are gathered."""

    def __init__(
        self,
        record: Determination,
        parts: LetterParts,
        readings: LetterReadings,
        checks: Sequence[Check],
        entries: Mapping[str, Sequence[float | None]],
    ) -> None:
        self.record, self.parts, self.readings, self.entries = record, parts, readings, entries
        self.whole = frozenset(_of_letter(parts))
        self.of_absent: dict[frozenset[str], frozenset[str]] = {}
        self.agreements: dict[str, frozenset[str]] = {}
        for check in checks:
            self.agreements[check.pointer] = self.agreements.get(check.pointer, _NOTHING) | {_AGREEMENT[check.status]}
        self.disputed = {check.pointer for check in checks if check.status != "confirmed"}
        # What the list of items or a section is disputed for says nothing of one value.
        self.disputed_wholes = tuple(f"{at}/" for at in self.disputed if at.count("/") > 1)

    def signals(self) -> Iterator[tuple[str, Signals]]:
        """By pointer, in the order of the record."""
        of_worker = of_summary(self._text(self.parts.summary) or "") if self.parts.summary else {}
        of_part = {
            part: self.whole.union(of_length(part, getattr(self.parts, part)))
            for part in dict.fromkeys(field.part for field in _CASE_FIELDS)
        }
        for field in _CASE_FIELDS:
            section, name = field.path
            within = of_part[field.part] | self._nearby(f"/{section}")
            if field.group == "worker":
                within |= of_worker.get(name, _NOTHING)
            yield self._value(field, field.pointer, getattr(getattr(self.record, section), name), within)
        for index, each in enumerate(
            zip(self.record.disputed_items, self.parts.items, self.readings.items, strict=True)
        ):
            yield from self._item(index, *each)

    def _item(
        self, index: int, item: DisputedItem, part: ItemParts, reading: ItemReadings
    ) -> Iterator[tuple[str, Signals]]:
        nearby = self._nearby(f"/{ITEMS}/{index}")
        heading = self.whole.union(nearby, of_length("heading", part.heading), of_request(reading, item))
        rationale = self.whole.union(nearby, of_length("rationale", part.rationale))
        for field in _ITEM_FIELDS:
            within = rationale if field.part == "rationale" else heading
            yield self._value(field, field.at(index), getattr(item, field.name), within)
        for side in SIDES:
            yield from self._basis(index, side, getattr(item, side), getattr(part, side), nearby)

    def _basis(
        self, index: int, side: Side, basis: Basis | None, span: FoldedSpan | None, nearby: frozenset[str]
    ) -> Iterator[tuple[str, Signals]]:
        stance, citations = (basis.stance, basis.citations) if basis else (None, ())
        within = self.whole.union(of_length(side, span), of_basis(self._text(span), citations))
        yield self._value(_STANCES[side], _STANCES[side].at(index), stance, within | nearby)
        at = f"/{ITEMS}/{index}/{side}/citations"
        yield at, Signals("citations", "basis", within | self._agreement(at))
        for number, citation in enumerate(citations):
            own = within.union(nearby, of_citation(citation))
            for field in _CITATION_FIELDS[side]:
                (name,) = field.path
                yield self._value(field, field.at(index, number), getattr(citation, name), own)

    def _value(self, field: Field, pointer: str, value: object, within: frozenset[str]) -> tuple[str, Signals]:
        # Most values add nothing to what is known of their part: they share its set.
        names = within | agreement if (agreement := self._agreement(pointer)) else within
        if not is_present(value):
            names = self._absent(names)
        elif field.name in _TEXTS:
            names = names.union(_of_texts(field, value))
        if pointer in self.entries:
            names = names.union(_of_entries(self.entries[pointer]))
        return pointer, Signals(field.name, field.group, names)

    def _absent(self, names: frozenset[str]) -> frozenset[str]:
        """The signals on an absent value. Most absent values of a part share them."""
        if names not in self.of_absent:
            self.of_absent[names] = names | {"absent"}
        return self.of_absent[names]

    def _text(self, span: FoldedSpan | None) -> str | None:
        return None if span is None else self.parts.folded.text[slice(*span)]

    def _nearby(self, holder: str) -> frozenset[str]:
        """Whether a check disputes a value of a section or of an item."""
        is_disputed = any(f"{at}/".startswith(f"{holder}/") for at in self.disputed)
        return frozenset({"a check nearby"}) if is_disputed else _NOTHING

    def _agreement(self, pointer: str) -> frozenset[str]:
        """How the readers agree on a value or on what holds it, and whether the letter contradicts it."""
        agreement = self.agreements.get(pointer, _NOTHING)
        if pointer.startswith(self.disputed_wholes):
            agreement |= {"a whole is disputed"}
        return agreement


def _of_letter(parts: LetterParts) -> Iterator[str]:
    if parts.header is None:
        yield "no header"
    if parts.credentials is None or parts.summary is None:
        yield "a section is absent"
    if len(parts.items) > _MANY_ITEMS:
        yield "many items"


def _of_texts(field: Field, value: object) -> Iterator[str]:
    """What is odd about a text or a list of texts."""
    texts = [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
    if len(texts) > _MANY_ENTRIES:
        yield "many entries"
    if any(map(_ODD.search, texts)):
        yield "odd characters"
    if any(len(each.split()) > _MANY_WORDS for each in texts):
        yield "long value"
    if field.group in ("lists", "naming") and any(map(JOINED.search, texts)):
        yield "joined value"
    if field.group == "basis" and field.path[-1] != "pages" and any(map(FIGURE.search, texts)):
        yield "figure in a name"


def _of_entries(shares: Sequence[float | None]) -> Iterator[str]:
    """How often entries like those of a list are right, by the least sure of them, and how many entries it has."""
    known = [each for each in shares if each is not None]
    lowest = min(known, default=1.0)
    yield "an entry of even odds" if lowest < _EVEN_ODDS else "a likely entry" if lowest < _LIKELY else "sure entries"
    yield f"{min(len(known), _MOST_COUNTED)} entries"
