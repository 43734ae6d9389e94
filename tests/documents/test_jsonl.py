"""JSONL rows: one document or one reason each."""

from __future__ import annotations

import hashlib
import json
import tracemalloc
from io import BytesIO

import pytest

from imrllm.documents import Document, Unreadable, jsonl
from imrllm.documents.jsonl import read_rows


def read(data: bytes, *, head: int = 0) -> list[Document | Unreadable]:
    stream = BytesIO(data)
    return list(read_rows(stream, stem="rows", source="rows.jsonl", head=stream.read(head)))


def test_rows_become_documents() -> None:
    first, second = read(b'{"id": "a", "text": "One.", "year": 2016}\n\n{"id": 7, "text": "Caf\\u00e9."}')
    assert first == Document("a", "One.", hashlib.sha256(b"One.").hexdigest(), "rows.jsonl:1")
    assert second == Document("7", "Caf\u00e9.", hashlib.sha256("Caf\u00e9.".encode()).hexdigest(), "rows.jsonl:3")


def test_a_row_without_id_is_called_by_its_line() -> None:
    assert [document.id for document in read(b'{"text": "One."}\n{"text": "Two.", "id": ""}\n')] == ["rows-1", "rows-2"]


@pytest.mark.parametrize("head", [0, 1, 20, 29, 30, 1000])
def test_what_was_read_ahead_is_not_lost(head: int) -> None:
    data = b'{"id": "a", "text": "One."}\r\n{"id": "b", "text": "Two."}\n{"id": "c", "text": "Three."}'
    assert [document.id for document in read(data, head=head)] == ["a", "b", "c"]


def test_a_surrogate_is_replaced_in_id_and_text() -> None:
    (document,) = read(rb'{"id": "a\ud800", "text": "b\udfff"}')
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("a\ufffd", "b\ufffd")


def test_a_line_too_long_is_skipped_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE", 100)
    long = json.dumps({"id": "b", "text": "x" * 500}).encode()
    outcomes = read(b'{"id": "a", "text": "One."}\n' + long + b'\n{"id": "c", "text": "Three."}\n' + long)
    assert [outcome.id for outcome in outcomes] == ["a", "rows-2", "c", "rows-4"]
    assert "line 2 is too large" in str(getattr(outcomes[1], "error", ""))


def test_memory_holds_one_row() -> None:
    class Endless(BytesIO):
        rows = 2000

        def readline(self, size: int | None = -1, /) -> bytes:
            self.rows -= 1
            return json.dumps({"text": f"{self.rows} " + "x" * 10_000}).encode() + b"\n" if self.rows >= 0 else b""

    tracemalloc.start()
    try:
        for _ in read_rows(Endless(), stem="rows", source="rows.jsonl"):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000, "20 MB of rows went by"
