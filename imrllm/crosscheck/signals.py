"""Signals on each value of a record: what is at hand that may tell a wrong value from a right one.

Sources: the letter's own text, what the readers left unread of it, how they agree, and what contradicts the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, Field, is_present
from imrllm.folding import Folded
from imrllm.grammar import ItemReadings, LetterReadings, is_known_chapter, named_categories
from imrllm.letter import ItemParts, LetterParts
from imrllm.pointers import parent
from imrllm.records import Check, Citation, Determination, DisputedItem
from imrllm.spans import FoldedSpan
from imrllm.trust import Signals

_WORD = re.compile(r"[a-z][a-z']*[a-z]|\d+(?:[./-]\d+)*")
# Words that a basis paragraph may hold beside its citations.
_BASIS_WORDS = frozenset((Path(__file__).parent / "basis_words.txt").read_text(encoding="utf-8").split())
_LONG: Mapping[str, tuple[int, int]] = {
    "heading": (60, 110),
    "claims_administrator": (160, 320),
    "reviewer_basis": (160, 320),
    "summary": (1500, 3000),
    "credentials": (160, 260),
    "rationale": (1200, 2400),
}
_DATE = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|[A-Z][a-z]{2,8}\.? \d{1,2}, ?\d{4}")
_REVIEWED = re.compile(r"utilization review|\bUR\b|non-?certif|denied|denial|modified")
_AGED = re.compile(r"year[ -]?old|years? of age|\byo\b|y/o")
_INJURED = re.compile(r"injur(?:y|ed|ies)|DOI\b|cumulative", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_COUNT = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|x ?\d|times|visits?|sessions?|weekly|monthly)\b"
)
_UNIT = re.compile(
    r"\b(?:tab(?:let)?|cap(?:sule)?|patch|pad|visit|session|tube|bottle|box|kit|gram|gm|ml|unit|hour|day)(?:e?s)?\b"
)
_JOINED = re.compile(r",|;|/|&|\+|\band\b|\bwith\b|\bor\b", re.IGNORECASE)
_ODD = re.compile(r"[^A-Za-z0-9 ,.'-]")
_IN_CHAPTER = re.compile(
    r"[:/()\d]|\b(?:section|treatment|version|edition|online|web|and|page|guideline)\b", re.IGNORECASE
)
_MOST_ENTRIES = 4
_LONGEST = 6
_MOST_ITEMS = 6


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
        self.folded: Folded = parts.folded
        self.by_pointer: dict[str, list[Check]] = {}
        self.disputed: set[str] = set()
        for check in checks:
            self.by_pointer.setdefault(check.pointer, []).append(check)
            if check.status != "confirmed":
                self.disputed.add("/".join(check.pointer.split("/")[: 3 if f"/{ITEMS}/" in check.pointer else 2]))
        self.whole = frozenset(self._of_letter())

    def _of_letter(self) -> Iterator[str]:
        if self.parts.header is None:
            yield "no header"
        if self.parts.credentials is None or self.parts.summary is None:
            yield "a section is absent"
        if len(self.parts.items) > _MOST_ITEMS:
            yield "many items"

    def signals(self) -> Iterator[tuple[str, Signals]]:
        in_part: dict[str, frozenset[str]] = {}
        for field in CASE_FIELDS:
            if field.weight == "unscored":
                continue
            if field.part not in in_part:
                span: FoldedSpan | None = getattr(self.parts, field.part)
                in_part[field.part] = frozenset(self._of_part(field.part, span))
            section, name = field.path
            value: object = getattr(getattr(self.record, section), name)
            yield field.pointer, self._value(field, field.pointer, value, in_part[field.part])
        for index, item in enumerate(self.record.disputed_items):
            yield from self._item(index, item, self.parts.items[index], self.readings.items[index])

    def _item(
        self, index: int, item: DisputedItem, part: ItemParts, reading: ItemReadings
    ) -> Iterator[tuple[str, Signals]]:
        heading = frozenset((*self._of_part("heading", part.heading), *self._of_request(reading, item)))
        rationale = frozenset(self._of_part("rationale", part.rationale))
        for field in ITEM_FIELDS:
            if field.weight == "unscored" or field.side:
                continue
            pointer = field.at(index)
            within = rationale if field.part == "rationale" else heading
            yield pointer, self._value(field, pointer, getattr(item, field.name), within)
        for side in ("claims_administrator", "reviewer_basis"):
            yield from self._basis(index, side, item, part)

    def _basis(self, index: int, side: str, item: DisputedItem, part: ItemParts) -> Iterator[tuple[str, Signals]]:
        basis = getattr(item, side)
        citations: tuple[Citation, ...] = basis.citations if basis else ()
        span: FoldedSpan | None = getattr(part, side)
        within = frozenset((*self._of_part(side, span), *self._left_of_basis(span, citations)))
        stance = next(field for field in ITEM_FIELDS if field.side == side)
        yield stance.at(index), self._value(stance, stance.at(index), basis and basis.stance, within)
        at = f"/{ITEMS}/{index}/{side}/citations"
        yield at, Signals("citations", "basis", within | self.whole | self._of_checks(at))
        for number, citation in enumerate(citations):
            for field in CITATION_FIELDS:
                if field.side == side:
                    pointer = field.at(index, number)
                    (name,) = field.path
                    own = within
                    if citation.chapter and citation.within_mtus and not is_known_chapter(citation.chapter):
                        own = own | {"unknown chapter"}
                    own = own | frozenset(_of_citation(citation))
                    yield pointer, self._value(field, pointer, getattr(citation, name), own)

    def _value(self, field: Field, pointer: str, value: object, within: frozenset[str]) -> Signals:
        found = {*within, *self.whole, *self._of_checks(pointer)}
        place = "/".join(pointer.split("/")[: 3 if field.place != "case" else 2])
        if place in self.disputed:
            found.add("a check nearby")
        if not is_present(value):
            found.add("absent")
        else:
            values = [str(each) for each in value] if isinstance(value, tuple) else [str(value)]
            if field.shape != "value" and len(values) > _MOST_ENTRIES:
                found.add("many entries")
            if field.line.type is str or field.shape != "value":
                if any(_ODD.search(each) for each in values):
                    found.add("odd characters")
                if any(len(each.split()) > _LONGEST for each in values):
                    found.add("long value")
                if field.group in ("lists", "naming") and any(_JOINED.search(each) for each in values):
                    found.add("joined value")
                if (
                    field.group == "basis"
                    and any(_FIGURE.search(each) for each in values)
                    and not pointer.endswith("pages")
                ):
                    found.add("figure in a name")
        found |= set(self._of_summary(field))
        if pointer in self.entries:
            shares = [each for each in self.entries[pointer] if each is not None]
            lowest = min(shares, default=1.0)
            found.add("an entry of even odds" if lowest < 0.6 else "a likely entry" if lowest < 0.8 else "sure entries")
            found.add(f"{min(len(shares), 3)} entries")
        return Signals(field.name, field.group, frozenset(found))

    def _of_checks(self, pointer: str) -> set[str]:
        """How the readers agree on a value, and whether the letter contradicts it."""
        found: set[str] = set()
        at = pointer
        while at.count("/") > 1:
            for check in self.by_pointer.get(at, ()):
                if at == pointer or check.status != "confirmed":
                    found.add(_AGREEMENT[check.status] if at == pointer else "a whole is disputed")
            at = parent(at)
        return found

    def _of_part(self, name: str, span: FoldedSpan | None) -> Iterator[str]:
        if span is None:
            yield "part is absent"
            return
        long, longer = _LONG.get(name, (10**9, 10**9))
        length = span[1] - span[0]
        if length > long:
            yield "long part" if length <= longer else "very long part"

    def _of_request(self, reading: ItemReadings, item: DisputedItem) -> Iterator[str]:
        request = reading.request
        if request.unread:
            yield "unread figures" if any(_FIGURE.search(each.value) for each in request.unread) else "unread words"
        if request.doubtful:
            yield "doubtful request"
        if item.original_request:
            yield "partly authorized"
        if reading.contested:
            yield "contested amounts"
        if item.category == "medication" and not item.ingredients:
            yield "unknown drug"
        yield from self._left_of_request(item)
        yield from _of_name(item)
        if item.retrospective:
            yield "retrospective"

    def _left_of_request(self, item: DisputedItem) -> Iterator[str]:
        """Figures and counts of a request that no value of the record holds."""
        amounts = (item.quantity, item.refills, item.total_visits, item.frequency, item.duration, item.date_of_service)
        held = " ".join(map(str, (*amounts, item.treatment, *item.strengths, *item.body_parts, *item.ingredients)))
        figures = {float(each) for each in _FIGURE.findall(held)}
        left = [each for each in _FIGURE.findall(item.request) if float(each) not in figures]
        if left:
            yield "a figure is left" if len(left) == 1 else "figures are left"
        counts = _COUNT.findall(item.request.lower())
        if counts and item.quantity is None and item.total_visits is None:
            yield "a count without a value"
        if _UNIT.search(item.request.lower()) and item.quantity_unit is None:
            yield "a unit without a value"
        if len(_FIGURE.findall(item.request)) > 2:
            yield "many figures"

    def _left_of_basis(self, span: FoldedSpan | None, citations: Sequence[Citation]) -> Iterator[str]:
        if span is None:
            return
        said = _words(self.folded.text[slice(*span)])
        held = [_BASIS_WORDS]
        for citation in citations:
            held.append(frozenset(_words(" ".join((citation.chapter or "", *citation.sections, *citation.pages)))))
            if citation.year:
                held.append(frozenset({str(citation.year)}))
        left = [word for word in said if not any(word in each for each in held)]
        figures = [word for word in left if word[0].isdigit()]
        if figures:
            yield "unread figures"
        if len(left) > len(figures):
            yield "unread words" if len(left) - len(figures) > 2 else "an unread word"
        if len(citations) > 3:
            yield "many citations"

    def _of_summary(self, field: Field) -> Iterator[str]:
        """Other candidates for a value of the summary."""
        if field.group != "worker" or self.parts.summary is None:
            return
        if not hasattr(self, "_counts"):
            text = self.folded.text[slice(*self.parts.summary)]
            self._counts = {
                "age": len(_AGED.findall(text)),
                "injury_date": len(_INJURED.findall(text)),
                "ur_decision_date": len(_REVIEWED.findall(text)),
                "dates": len(_DATE.findall(text)),
            }
        name = field.path[-1]
        rivals = self._counts.get(name, 0)
        if rivals > 1:
            yield "several mentions"
        if rivals == 0:
            yield "no mention"
        if name.endswith("date") and self._counts["dates"] > 6:
            yield "many dates"


def _of_name(item: DisputedItem) -> Iterator[str]:
    if item.treatment is None or item.category is None:
        yield "unknown treatment"
    if item.treatment and _JOINED.search(item.treatment):
        yield "joined treatments"
    named, unknown = named_categories(item.treatment or "")
    if item.ingredients:
        named |= {"medication"}
    if len(named) != 1:
        yield "no known term" if not named else "several categories"
    elif item.category not in named:
        yield "category of another term"
    if unknown:
        yield "an unknown word" if unknown == 1 else "unknown words in the name"


def _of_citation(citation: Citation) -> Iterator[str]:
    if citation.guideline == "other":
        yield "other guideline"
    elif citation.chapter is None:
        yield "no chapter"
    if any(is_known_chapter(section) for section in citation.sections):
        yield "a section named as a chapter"
    if citation.within_mtus and citation.year is None:
        yield "no year"
    if not citation.sections and not citation.pages:
        yield "neither section nor page"
    if citation.chapter and _IN_CHAPTER.search(citation.chapter):
        yield "odd chapter"


_AGREEMENT = {
    "confirmed": "agreed",
    "conflict": "disputed",
    "missing": "one reader alone",
    "unsupported": "unsupported",
}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
