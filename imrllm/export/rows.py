"""One result as rows of the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from imrllm.audit.summary import AuditSummary
from imrllm.errors import StoreError
from imrllm.export.field_values import FieldValue, field_values
from imrllm.export.tables import CHECKS, CITATIONS, DOCUMENTS, ITEMS, PARTIES, Column, Row, Table
from imrllm.records import Basis, DisputedItem, Result

_LARGEST = 2**63 - 1
_ITEM = re.compile(r"/disputed_items/([0-9]{1,9})(?:/|$)")
_NUMBERS = re.compile(r"[0-9]+")


def rows_of(result: Result) -> dict[str, list[Row]]:
    """Make a result's rows.

    Args:
        result: one document's.

    Returns:
        By table name, the rows. Each has a value per column: text, int, float, bool, date, a tuple of texts or ints,
        or None.

    Raises:
        StoreError: a number is too large for a table.
    """
    name = result.document_id
    rows: dict[str, list[Row]] = {
        "documents": [],
        "items": [],
        "citations": [],
        "grounds": [],
        "checks": [],
        "field_values": [],
    }
    values = _values(DOCUMENTS, result, result)
    known = field_values(result)
    placed = [(*_place(each.pointer), each) for each in known]
    id_and_status, rest = values[:2], values[2:]
    rows["documents"].append((*id_and_status, *(_trust(known) if result.record else (None, None)), *rest))
    items = result.record.disputed_items if result.record else ()
    for number, item in enumerate(items, 1):
        heading = result.evidence.get(f"/disputed_items/{number - 1}/heading") or ((None, None),)
        grounds = result.supported_grounds(number - 1)
        left_out = result.grounds_left_out(number - 1)
        trust = _trust([each for among, _, each in placed if among == number])
        rows["items"].append((name, number, *_values(ITEMS, item, result), left_out, *trust, *heading[0]))
        for side, party in PARTIES.items():
            basis: Basis | None = getattr(item, side)
            for place, citation in enumerate(basis.citations if basis else (), 1):
                rows["citations"].append((name, number, party, place, *_values(CITATIONS, citation, result)))
        rows["grounds"] += ((name, number, ground) for ground in grounds)
    for number, check in enumerate(result.checks, 1):
        item_number, field = _place(check.pointer)
        among = _among(item_number, items)
        rows["checks"].append((name, number, among, field, *_values(CHECKS, check, result)))
    rows["field_values"] = [
        (name, each.pointer, _among(item_number, items), field, each.text, each.source, each.risk, each.review)
        for item_number, field, each in placed
    ]
    return rows


def audit_rows(summary: AuditSummary | None) -> list[Row]:
    """The rows of the table of audits; none without a verdict."""
    if summary is None or not summary.total.letters:
        return []
    verdicts = [letter.verdict for draw in summary.draws for letter in draw.done]
    draws = (
        tuple(draw.seed for draw in summary.draws),
        tuple(draw.drawn.isoformat() for draw in summary.draws),
        tuple(sorted({verdict.reviewer for verdict in verdicts if verdict})),
        summary.draws[0].rows_sha256,
    )
    return [
        (
            group.form or "all",
            None if group.form else summary.ok_letters,
            None if group.form else summary.open,
            group.letters,
            group.wrong,
            group.bound,
            group.is_full,
            group.typed_letters,
            group.typed_letters_wrong,
            group.typed_bound,
            group.typed_values,
            group.typed_wrong,
            *draws,
        )
        for group in summary.groups
    ]


def _trust(known: Sequence[FieldValue]) -> tuple[int, float | None]:
    """How many values are to be reviewed, and the highest risk."""
    risks = [each.risk for each in known if each.risk is not None]
    return sum(each.review for each in known), max(risks, default=None)


def _among(item_number: int | None, items: Sequence[DisputedItem]) -> int | None:
    """An item's number if the record has it. Another program's check may be of an item that it does not have."""
    return item_number if item_number is not None and item_number <= len(items) else None


def _place(pointer: str) -> tuple[int | None, str]:
    """The number of a pointer's disputed item, and its field's name."""
    found = _ITEM.match(pointer)
    names = pointer[found.end(1) :] if found else pointer
    field = ".".join(part for part in names.split("/") if part and not _NUMBERS.fullmatch(part))
    return (int(found[1]) + 1 if found else None), field or "disputed_items"


def _values(table: Table, holder: Any, result: Result) -> Row:
    """The values of a table's columns that are fields, from what holds the fields."""
    return tuple(_value(column, holder, result) for column in table.columns if column.path)


def _value(column: Column, holder: Any, result: Result) -> Any:
    value = holder
    for part in column.path:
        if value is None:
            return None
        value = value[part] if isinstance(part, int) else getattr(value, part)
    if column.kind == "JSON" and value is not None:
        return json.dumps(value, ensure_ascii=False)
    if column.kind == "integer" and value is not None and abs(value) > _LARGEST:
        raise StoreError(
            f"`{result.document_id}` has a number in `{column.name}` that is too large for a table.",
            hint="Correct it in the row, or delete the row.",
        )
    return value
