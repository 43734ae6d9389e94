"""A finished record, whoever made it, against the letter: every field checked, nothing resolved."""

from __future__ import annotations

from typing import Any

from imrllm.crosscheck.ledger import Ledger, as_text, exactly
from imrllm.crosscheck.resolve import Resolved, resolve
from imrllm.grammar import LetterReadings
from imrllm.letter import LetterParts
from imrllm.records import Check, CheckStatus, Determination, DisputedItem, LetterHeader
from imrllm.spans import SourceSpan

_SETTLED = ("heading", "decision", "request", "original_request", "authorized", "rationale")


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
    sheet = Ledger(parts.folded, "flag", True)
    for name in LetterHeader.model_fields:
        sheet.settle(
            f"/letter/{name}", getattr(record.letter, name), getattr(readings.letter, name), parts.header, exactly
        )
    _settled(sheet, record, parts, readings, pairing)
    moved = [_own(check, pairing) for check in resolved.checks]
    return Resolved(record, _evidence(record, resolved, pairing), (*sheet.checks, *(check for check in moved if check)))


def _paired(items: tuple[DisputedItem, ...], parts: LetterParts) -> list[int | None]:
    """For each item of the letter, the index of the record's item that is the same one."""
    free = list(range(len(items)))
    pairing: list[int | None] = [None] * len(parts.items)
    for index, part in enumerate(parts.items):
        heading = parts.printed(part.heading)
        same = next((each for each in free if as_text(items[each].heading, heading)), None)
        if same is not None:
            free.remove(same)
            pairing[index] = same
    unpaired = [index for index, item in enumerate(pairing) if item is None]
    if len(unpaired) == len(free):
        for index, item in zip(unpaired, free, strict=True):
            pairing[index] = item
    return pairing


def _settled(
    sheet: Ledger, record: Determination, parts: LetterParts, readings: LetterReadings, pairing: list[int | None]
) -> None:
    for part, reading, index in zip(parts.items, readings.items, pairing, strict=True):
        if index is None:
            sheet.check("/disputed_items", "missing", None, parts.printed(part.heading), part.heading, "model")
            continue
        item = record.disputed_items[index]
        source = {"heading": parts.printed(part.heading), "decision": part.decision}
        source |= {name: each.value for name in _SETTLED if (each := getattr(reading.request, name, None))}
        source["rationale"] = parts.printed(part.rationale)
        for name in _SETTLED:
            claimed, stated = getattr(item, name), source.get(name)
            # Records made elsewhere may leave the rationale out.
            if claimed is None and (stated is None or name == "rationale"):
                continue
            pointer = f"/disputed_items/{index}/{name}"
            span = {"decision": part.outcome, "rationale": part.rationale}.get(name, part.heading)
            status: CheckStatus = (
                "unsupported"
                if stated is None
                else "missing"
                if claimed is None
                else "confirmed"
                if as_text(claimed, stated)
                else "conflict"
            )
            sheet.check(pointer, status, claimed, stated, span, "none" if status == "confirmed" else "model")
    for index, item in enumerate(record.disputed_items):
        if index not in pairing:
            sheet.check(f"/disputed_items/{index}", "unsupported", item.heading, None, None, "model")


def _evidence(
    record: Determination, resolved: Resolved, pairing: list[int | None]
) -> dict[str, tuple[SourceSpan, ...]]:
    """The evidence of what the record itself holds, by its own pointers; of a list in another order, entry by entry."""
    ours, theirs = record.model_dump(), resolved.record.model_dump()
    kept: dict[str, tuple[SourceSpan, ...]] = {}
    for pointer, spans in resolved.evidence.items():
        own = _own_pointer(pointer, pairing)
        if own is None:
            continue
        value = _value_at(theirs, pointer)
        head, _, last = own.rpartition("/")
        entries = _value_at(ours, head) if last.isdigit() else ()
        moved = (f"{head}/{index}" for index, entry in enumerate(entries or ()) if _agree(entry, value))
        at = own if _agree(_value_at(ours, own), value) else next((each for each in moved if each not in kept), None)
        if at is not None:
            kept[at] = spans
    return kept


def _agree(own: Any, value: Any) -> bool:
    return own is not None and (as_text(own, value) if isinstance(own, (str, tuple)) else exactly(own, value))


def _value_at(record: Any, pointer: str) -> Any:
    """What a JSON Pointer of letters and figures points at; None where there is nothing."""
    for name in pointer.split("/")[1:]:
        if isinstance(record, dict):
            record = record.get(name)
        else:
            record = record[int(name)] if record and int(name) < len(record) else None
    return record


def _own_pointer(pointer: str, pairing: list[int | None]) -> str | None:
    """A pointer into the letter's items as one into the record's; None where the record has no such item."""
    head, _, rest = pointer.removeprefix("/disputed_items/").partition("/")
    if head == pointer or not pointer.startswith("/disputed_items/"):
        return pointer
    own = pairing[int(head)]
    return None if own is None else f"/disputed_items/{own}/{rest}"


def _own(check: Check, pairing: list[int | None]) -> Check | None:
    pointer = _own_pointer(check.pointer, pairing)
    return check.model_copy(update={"pointer": pointer}) if pointer else None
