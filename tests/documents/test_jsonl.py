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


@pytest.mark.parametrize(
    ("row", "id", "cause", "reason"),
    [
        (b"{", "rows-2", "line 2 is not JSON", "broken off"),
        (b"not json", "rows-2", "line 2 is not JSON (column 1)", "no JSON"),
        (b'"text"', "rows-2", "line 2 is not a JSON object", "JSON, but no object"),
        (b'{"id": "b"}', "b", "line 2 lacks `text`", "no text"),
        (b'{"id": "b", "text": 7}', "b", "line 2 lacks `text`", "a number for text"),
        (b'{"id": "b", "text": " "}', "b", "`b` is empty", "an empty text"),
        (b'{"id": "b", "text": "a\\u0000"}', "b", "`b` is binary", "a binary text"),
        (b'{"id": [1], "text": "One."}', "rows-2", "line 2 has an `id`", "a list for id"),
        (b'{"id": true, "text": "One."}', "rows-2", "line 2 has an `id`", "true is not an id"),
        (b'{"id": "b", "text": "\xff"}', "rows-2", "line 2 is not JSON in UTF-8", "invalid UTF-8"),
        (b'{"id": ' + b"9" * 5000 + b"}", "rows-2", "line 2 is not JSON", "a number longer than Python reads"),
        (b"[" * 100_000, "rows-2", "line 2 is not JSON", "nested without end"),
    ],
)
def test_a_bad_row_is_one_reason_and_reading_goes_on(row: bytes, id: str, cause: str, reason: str) -> None:
    first, bad, last = read(b'{"id": "a", "text": "One."}\n' + row + b'\n{"id": "c", "text": "Three."}\n')
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(bad, Unreadable), reason
    assert (bad.id, bad.source) == (id, "rows.jsonl:2")
    assert cause in str(bad.error)
    assert bad.error.hint


@pytest.mark.parametrize("head", [0, 1, 20, 29, 30, 1000])
def test_what_was_read_ahead_is_not_lost(head: int) -> None:
    data = b'{"id": "a", "text": "One."}\r\n{"id": "b", "text": "Two."}\n{"id": "c", "text": "Three."}'
    assert [document.id for document in read(data, head=head)] == ["a", "b", "c"]


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_no_row_at_all(data: bytes) -> None:
    (refused,) = read(data)
    assert isinstance(refused, Unreadable)
    assert refused.id == "rows"
    assert "is empty" in str(refused.error)


def test_utf_16_is_one_reason_not_one_a_line() -> None:
    (refused,) = read('{"id": "a", "text": "One."}\n'.encode("utf-16"), head=1000)
    assert isinstance(refused, Unreadable)
    assert "UTF-16" in str(refused.error)


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
