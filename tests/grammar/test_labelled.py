"""Requests and guideline paragraphs in the words of many offices, labelled by others than the grammar's author.

`labelled/requests.jsonl` holds a heading a line with the fields that it states; `open` names those on which the
record's rules leave a choice, `missed` those that the grammar reads wrong. `labelled/mixed_requests.jsonl` has more of
them, of all categories, labelled by the grammar's author before the grammar read them. `labelled/citations.jsonl` holds
a paragraph a line, with its stance and citations. `labelled/further_*.jsonl` hold more of both, labelled before the
grammar read them (86 of 87 requests and 59 of 64 paragraphs were read right at first). `labelled/later_citations.jsonl`
holds paragraphs as letters of 2018 to 2023 may print them, from the chapters and fields that are known of those years
(no letter is): of 92, 54 were read right at first, then of 42 more 24, and of the last 25, 21. All
are invented.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from imrllm.fields import ITEM_FIELDS
from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part
from tests.grammar.labels import rows

NORMAL = {field.path[-1]: field for field in ITEM_FIELDS}
REQUEST = (
    "original_request", "authorized", "treatment", "category", "ingredients", "strengths", "quantity",
    "quantity_unit", "refills", "frequency", "duration", "total_visits", "body_parts", "retrospective",
    "date_of_service",
)  # fmt: skip


def normal(name: str, value: Any) -> Any:
    """A value as the scorer compares it; what says nothing is None."""
    if value is None or value is False or value == []:
        return None
    field = NORMAL.get(name)
    if field is None:
        return value
    if isinstance(value, list):
        entries = [str(field.normal(each)) for each in value]
        return sorted(entries) if field.shape == "set" else entries
    return field.normal(value)


def plain(reading: Any) -> Any:
    if isinstance(reading, tuple):
        return [each.value for each in reading] or None
    value = None if reading is None else reading.value
    return value.isoformat() if isinstance(value, date) else value


def wrong(row: dict[str, Any]) -> dict[str, Any]:
    """What the grammar reads otherwise than labelled, by field: its own value and the label's."""
    read = read_request(part(row["heading"]))
    expected = {"request": row["heading"], **row}
    pairs = {name: (plain(getattr(read, name)), expected.get(name)) for name in ("request", *REQUEST)}
    return {
        name: (own, label)
        for name, (own, label) in pairs.items()
        if name not in row.get("open", ()) and normal(name, own) != normal(name, label)
    }


@pytest.mark.parametrize(
    "row",
    rows("requests.jsonl") + rows("mixed_requests.jsonl") + rows("further_requests.jsonl"),
    ids=lambda row: row["heading"][:60],
)
def test_requests(row: dict[str, Any]) -> None:
    found = wrong(row)
    assert sorted(found) == sorted(row.get("missed", ())), found


@pytest.mark.parametrize(
    "row",
    rows("citations.jsonl") + rows("further_citations.jsonl") + rows("later_citations.jsonl"),
    ids=lambda row: row["text"][-60:],
)
def test_citations(row: dict[str, Any]) -> None:
    basis = read_basis(part(row["text"])).basis
    read = [
        {name: value for name, value in each.model_dump(mode="json").items() if value not in (None, [])}
        for each in basis.value.citations
    ]
    right = (basis.value.stance, read) == (row["stance"], row["citations"])
    assert right is not row.get("missed", False), read
