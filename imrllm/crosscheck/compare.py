"""Compare a finished record with its letter: every field is checked, nothing is resolved."""

from __future__ import annotations

from imrllm import pointers
from imrllm.crosscheck.assessment import assessed
from imrllm.crosscheck.ledger import Ledger
from imrllm.crosscheck.resolve import Resolved, attribute, reading_of, resolve
from imrllm.fields import BY_NAME, CASE_FIELDS, ITEM_FIELDS, ITEMS, field_at
from imrllm.grammar import LetterReadings
from imrllm.grammar.reading import FieldReading, value_of
from imrllm.letter import LetterParts
from imrllm.records import CheckStatus, Determination, DisputedItem, Resolution
from imrllm.spans import FoldedSpan, SourceSpan
from imrllm.trust import Arbitration

_HEADING = BY_NAME["heading"]


def compare(record: Determination, parts: LetterParts, readings: LetterReadings) -> Resolved:
    """Check a record against its letter.

    Its items are paired with the letter's by their headings, else by their order.

    Args:
        record: a record made earlier, by this or any other program.
        parts: the letter's form.
        readings: what the grammar reads.

    Returns:
        The record as given, with evidence and checks by the record's own pointers; an item that the letter does not
        have is `unsupported`, one that the record lacks `missing`.
    """
    pairing = _paired(record.disputed_items, parts)
    answers = [record.disputed_items[index] if index is not None else None for index in pairing]
    resolved = resolve(record.document_id, parts, readings, record, answers, "flag")
    ledger = Ledger(parts.folded, "flag", None, Arbitration())
    for field in CASE_FIELDS:
        if not field.is_asked:
            within: FoldedSpan | None = getattr(parts, field.part)
            reading: FieldReading | None = attribute(readings, field.path)
            ledger.settle(field.pointer, attribute(record, field.path), reading, within, field.same)
    _settled(ledger, record, parts, readings, pairing)
    for check in resolved.checks:
        if pointer := _own_pointer(check.pointer, pairing):
            ledger.checks.append(check.model_copy(update={"pointer": pointer}))
    evidence = _evidence(record, resolved, pairing)
    _, checks = assessed(ledger.checks, {}, ledger.arbitration, record, evidence)
    return Resolved(record, evidence, checks, form=parts.form)


def _paired(items: tuple[DisputedItem, ...], parts: LetterParts) -> list[int | None]:
    """For each item of the letter, the index of the same item in the record."""
    free = list(range(len(items)))
    pairing: list[int | None] = [None] * len(parts.items)
    for index, part in enumerate(parts.items):
        heading = parts.printed(part.heading)
        same = next((each for each in free if heading and _same_heading(items[each].heading, heading)), None)
        if same is not None:
            free.remove(same)
            pairing[index] = same
    unpaired = [index for index, item in enumerate(pairing) if item is None]
    if len(unpaired) == len(free):
        for index, item in zip(unpaired, free, strict=True):
            pairing[index] = item
    return pairing


def _same_heading(own: str | None, heading: str) -> bool:
    return own is not None and _HEADING.same(own, heading)


def _settled(
    ledger: Ledger, record: Determination, parts: LetterParts, readings: LetterReadings, pairing: list[int | None]
) -> None:
    for part, reading, index in zip(parts.items, readings.items, pairing, strict=True):
        if index is None:
            ledger.check("/disputed_items", "missing", None, parts.printed(part.heading), part.heading, "model")
            continue
        item = record.disputed_items[index]
        for field in ITEM_FIELDS:
            if field.is_asked:
                continue
            claimed: object = getattr(item, field.name)
            stated = value_of(reading_of(field, parts, part, reading))
            # Gold and the records of other programs may leave the rationale out.
            if claimed is None and (stated is None or field.weight == "unscored"):
                continue
            status: CheckStatus
            if stated is None:
                status = "unsupported"
            elif claimed is None:
                status = "missing"
            else:
                status = "confirmed" if field.same(claimed, stated) else "conflict"
            span: FoldedSpan | None = getattr(part, field.part)
            held: Resolution = "none" if status == "confirmed" else "model"
            ledger.check(field.at(index), status, claimed, stated, span, held)
    for index, item in enumerate(record.disputed_items):
        if index not in pairing:
            ledger.check(f"/disputed_items/{index}", "unsupported", item.heading, None, None, "model")


def _evidence(
    record: Determination, resolved: Resolved, pairing: list[int | None]
) -> dict[str, tuple[SourceSpan, ...]]:
    """The evidence of the record's own values, by its own pointers; entry by entry for a list in another order."""
    ours, theirs = record.model_dump(), resolved.record.model_dump()
    kept: dict[str, tuple[SourceSpan, ...]] = {}
    for pointer, spans in resolved.evidence.items():
        own = _own_pointer(pointer, pairing)
        if own is None:
            continue
        value = pointers.find(theirs, pointer)
        head = pointers.parent(own)
        entries = pointers.find(ours, head)
        listed = entries if isinstance(entries, tuple) else ()
        moved = (f"{head}/{index}" for index, entry in enumerate(listed) if _agree(own, entry, value))
        at = (
            own
            if _agree(own, pointers.find(ours, own), value)
            else next((each for each in moved if each not in kept), None)
        )
        if at is not None:
            kept[at] = spans
    return kept


def _agree(pointer: str, own: object, value: object) -> bool:
    field = field_at(pointer)
    return own is not None and (field.normal(own) == field.normal(value) if field else own == value)


def _own_pointer(pointer: str, pairing: list[int | None]) -> str | None:
    """Turn a pointer into the letter's items into one into the record's; None if the record does not have the item."""
    steps = pointers.split(pointer)
    if steps[:1] != [ITEMS] or len(steps) == 1:
        return pointer
    own = pairing[int(steps[1])]
    return None if own is None else pointers.join((ITEMS, str(own), *steps[2:]))
