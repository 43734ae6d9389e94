"""Checks for what a letter itself contradicts or leaves open, whichever reader is right."""

from __future__ import annotations

from imrllm.crosscheck.ledger import Ledger
from imrllm.crosscheck.part_signals import is_odd_section
from imrllm.fields import ITEMS, SIDES
from imrllm.grammar import BasisReadings, ItemReadings, LetterReadings, Part, is_known_chapter
from imrllm.grammar.dates import read_dates
from imrllm.grammar.reading import value_of
from imrllm.letter import LetterParts
from imrllm.records import Basis, CheckStatus, Determination, DisputedItem, Resolution
from imrllm.spans import FoldedSpan

# How the last sentence of a rationale may end.
_LAST_CHARACTERS = (".", "!", "?", '"', "'", ")", "]", "\u201d", "\u2019")


def contradictions(ledger: Ledger, record: Determination, readings: LetterReadings) -> None:
    """Add a check for each contradiction and each gap in the letter itself."""
    injured = readings.injured_worker.injury_date
    header = record.letter.date_of_injury
    if injured and header and len(injured.value) == 10 and injured.value != header.isoformat():
        held: Resolution = "source" if record.injured_worker.injury_date == injured.value else "model"
        ledger.check("/injured_worker/injury_date", "conflict", header, injured.value, injured.span, held)
    for index, (item, reading) in enumerate(zip(record.disputed_items, readings.items, strict=True)):
        pointer = f"/disputed_items/{index}"
        conclusion = reading.medically_necessary
        outcome = "overturned" if conclusion and conclusion.value else "upheld"
        status: CheckStatus = (
            "unsupported" if conclusion is None else "confirmed" if outcome == item.decision else "conflict"
        )
        ledger.check(
            f"{pointer}/decision",
            status,
            item.decision,
            outcome if conclusion else None,
            conclusion.span if conclusion else None,
            "none" if status == "confirmed" else "model",
            always=status != "confirmed",
        )
        disputed_values(ledger, pointer, item, reading)
        for side in SIDES:
            _citations(ledger, f"{pointer}/{side}", getattr(item, side), getattr(reading, side))
        for words in reading.request.unread:
            ledger.check(f"{pointer}/request", "missing", None, words.value, words.span, "model", always=True)
        # Every request is for something: without a name or a category it was not understood.
        for name in ("treatment", "category"):
            if getattr(item, name) is None:
                where = reading.request.request.span if reading.request.request else None
                ledger.check(f"{pointer}/{name}", "missing", None, None, where, "model", always=True)
        if is_cut(item.rationale):
            ledger.check(f"{pointer}/rationale", "missing", None, None, None, "model", always=True)


def disputed_values(ledger: Ledger, pointer: str, item: DisputedItem, reading: ItemReadings) -> None:
    """Add a check if an item's request was not understood, and for each value that a second place contradicts."""
    if reading.request.doubtful:
        # Of several treatments, the values of one cannot be told from those of another.
        ledger.check(f"{pointer}/request", "unsupported", item.request, None, None, "model", always=True)
    for name, rival in reading.contested.items():
        span = rival[0].span if isinstance(rival, tuple) else rival.span
        ledger.check(f"{pointer}/{name}", "conflict", getattr(item, name), value_of(rival), span, "model", always=True)


def _citations(ledger: Ledger, pointer: str, basis: Basis | None, read: BasisReadings | None) -> None:
    """Add a check for each chapter that the MTUS does not have, and for sections that hold a chapter."""
    held = basis.citations if basis else ()
    found = read.citations if read else ()
    if read is not None and read.basis.value.stance != "none_cited" and not found:
        # The letter argues from a guideline, in words that no rule reads as a citation: forms of one's own often do.
        ledger.check(f"{pointer}/citations", "missing", None, None, None, "model", always=True)
    for number, citation in enumerate(found):
        chapter, year = citation.value.chapter, citation.value.year
        if citation.value.within_mtus and chapter and not is_known_chapter(chapter, year):
            at = f"/citations/{number}/chapter" if number < len(held) else ""
            ledger.check(f"{pointer}{at}", "unsupported", chapter, None, citation.span, "model")
    for number, cited in enumerate(held):
        # A label or a year among the sections: a chapter follows that was not recognized.
        if cited.within_mtus and any(map(is_odd_section, cited.sections)):
            span = found[number].span if number < len(found) else None
            at = f"{pointer}/citations/{number}/sections"
            ledger.check(at, "unsupported", cited.sections, None, span, "model", always=True)


def is_cut(rationale: str | None) -> bool:
    """Whether a rationale is missing or breaks off within a sentence: the letter was cut, and the rest is lost."""
    return rationale is None or not rationale.endswith(_LAST_CHARACTERS)


def absent_sections(ledger: Ledger, parts: LetterParts) -> None:
    """Add a check for each section that is not printed: the letter was cut, or its heading was not understood.

    The header is none of them: many letters start after it. A rationale that is absent has a check already.
    """
    sections: dict[str, FoldedSpan | None] = {"/reviewer": parts.credentials, "/clinical_summary": parts.summary}
    for index, part in enumerate(parts.items):
        sections |= {f"/disputed_items/{index}/{side}": getattr(part, side) for side in SIDES}
    checked = {check.pointer for check in ledger.checks}
    for pointer, span in sections.items():
        # What a model makes of a basis that is not printed has a check, which nobody's risk measures.
        if span is None and pointer not in checked:
            ledger.check(pointer, "missing", None, None, None, "model", always=True)


def overlooked(ledger: Ledger, parts: LetterParts) -> None:
    """Add a check for outcome words in an item's parts: they may belong to an item whose labels or page were lost.

    Also for each label that opens an item of which the letter states no outcome.
    """
    for span in parts.undecided:
        ledger.check(f"/{ITEMS}", "missing", None, None, span, "model", always=True)
    for index, part in enumerate(parts.items):
        for name in ("heading", *SIDES, "rationale"):
            span = getattr(part, name)
            found = parts.patterns.any_outcome.search(ledger.folded.text, *span) if span else None
            if found:
                where = FoldedSpan(found.span())
                ledger.check(
                    f"/disputed_items/{index}/{name}", "missing", None, found.group(), where, "model", always=True
                )


def not_by_the_form(ledger: Ledger, parts: LetterParts) -> None:
    """Add a check for each heading, label and outcome that was not found by the form's own words.

    It has neither reader's value, since both read the part that such a heading opens: only its words in the letter.
    """
    for each in parts.unsure:
        # Of the list of items: one may have been missed, and the record lacks it.
        status: CheckStatus = "missing" if each.pointer == "/disputed_items" else "unsupported"
        ledger.check(each.pointer, status, None, None, each.span, "model", always=True)


def unread_header(ledger: Ledger, parts: LetterParts, readings: LetterReadings) -> None:
    """Add a check if the header prints a date that no field has: its labels are not those of the letter's form."""
    if parts.header is None:
        return
    header = readings.letter
    read = (
        header.date_assigned,
        header.date_of_injury,
        header.decision_date,
        header.ur_denial_date,
        header.application_received,
    )
    known = {each.value for each in read if each}
    unread = next((day for day in read_dates(Part.of(parts.folded, parts.header)) if day.value not in known), None)
    if unread:
        ledger.check("/letter", "missing", None, unread.value.isoformat(), unread.span, "model", always=True)
