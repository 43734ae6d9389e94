"""One result as rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from imrllm.analysis import ANALYSIS_COLUMNS, analyze
from imrllm.analysis.columns import PARTIES
from imrllm.analysis.field_values import place
from imrllm.audit.summary import AuditSummary
from imrllm.errors import StoreError
from imrllm.export.tables import (
    CHECKS,
    CITATIONS,
    DOCUMENTS,
    ITEMS,
    OF_DOCUMENTS,
    OF_ITEMS,
    TABLES,
    Column,
    Row,
    Table,
)
from imrllm.records import Basis, DisputedItem, FrozenModel, Result

_LARGEST = 2**63 - 1


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
    document = analyze(result)
    rows: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    values = _values(DOCUMENTS, result, result)
    id_and_status, rest = values[:2], values[2:]
    of_document = document.derived
    to_review = sum(each.review for each in document.values) if result.record else None
    trust: Row = (to_review, of_document.document_risk_max)
    rows["documents"].append((*id_and_status, *trust, *_derived(of_document, OF_DOCUMENTS), *rest))
    for each in document.items:
        number, item = each.number, each.item
        heading = result.evidence.get(f"/disputed_items/{number - 1}/heading") or ((None, None),)
        left_out = result.grounds_left_out(number - 1)
        derived = _derived(each.derived, OF_ITEMS)
        trust = (each.to_review, each.derived.risk_max)
        rows["analysis"].append(
            (name, number, *(_fitting(column.read(each), column.name, name) for column in ANALYSIS_COLUMNS))
        )
        rows["items"].append((name, number, *_values(ITEMS, item, result), *derived, left_out, *trust, *heading[0]))
        for side, party in PARTIES.items():
            basis: Basis | None = getattr(item, side)
            for at, citation in enumerate(basis.citations if basis else (), 1):
                rows["citations"].append((name, number, party, at, *_values(CITATIONS, citation, result)))
        rows["grounds"] += ((name, number, ground) for ground in each.grounds)
    items = result.record.disputed_items if result.record else ()
    for number, check in enumerate(result.checks, 1):
        item_number, field = place(check.pointer)
        among = _among(item_number, items)
        rows["checks"].append((name, number, among, field, *_values(CHECKS, check, result)))
    rows["field_values"] = [
        (name, each.pointer, _among(item_number, items), field, each.text, each.source, each.risk, each.review)
        for each in document.values
        for item_number, field in (place(each.pointer),)
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


def _among(item_number: int | None, items: Sequence[DisputedItem]) -> int | None:
    """An item's number if the record has it. Another program's check may be of an item that it does not have."""
    return item_number if item_number is not None and item_number <= len(items) else None


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
    return _fitting(value, column.name, result.document_id)


def _fitting(value: Any, column: str, document_id: str) -> Any:
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise StoreError(
            f"`{document_id}` has a number in `{column}` that is too large for a table.",
            hint="Correct it in the row, or delete the row.",
        )
    return value


def _derived(derived: FrozenModel, columns: Sequence[Column]) -> Row:
    """The values of columns that are derived."""
    return tuple(getattr(derived, column.name) for column in columns)
