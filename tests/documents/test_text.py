"""Bytes to text: what is believed, what is refused, and with which hint."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imrllm.documents import Document
from imrllm.documents.text import checked_text, decoded
from imrllm.errors import DocumentError

LETTER = "The requested Norco 10/325mg isn\u2019t medically necessary \u2013 30\u00b0 of flexion."


@pytest.mark.parametrize(
    ("data", "text", "reason"),
    [
        (b"plain", "plain", "ASCII"),
        (LETTER.encode(), LETTER, "UTF-8"),
        (LETTER.encode("utf-8-sig"), LETTER, "UTF-8 with a byte order mark, which is no text"),
        (LETTER.encode("utf-16"), LETTER, "UTF-16 by its mark"),
        (LETTER.encode("utf-16-le"), LETTER, "UTF-16 without its mark"),
        (LETTER.encode("utf-16-be"), LETTER, "UTF-16 without its mark, the other order"),
        (b"\xfe\xff" + LETTER.encode("utf-16-be"), LETTER, "UTF-16, the other order"),
        (LETTER.encode("cp1252"), LETTER, "Windows-1252"),
        ("caf\u00e9".encode("cp1252"), "caf\u00e9", "Windows-1252, its only sign the last byte"),
        (b"a\r\nb\x0cc\td", "a\r\nb\x0cc\td", "layout stays as it is, so that offsets count the file's own characters"),
        (b"a" * 200 + b"\x1a", "a" * 200 + "\x1a", "one stray control character, as DOS ended files"),
    ],
)
def test_decoded(data: bytes, text: str, reason: str) -> None:
    assert decoded(data, name="a") == text, reason


@given(st.binary())
@example(b"\xed\xa0\x80")
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decoded(data, name="a")
    except DocumentError as error:
        assert error.hint
    else:
        assert text.encode()


def test_a_lone_surrogate_is_replaced_in_place() -> None:
    assert checked_text("a\ud800b", name="a") == "a\ufffdb"


def test_a_document_does_not_show_its_text() -> None:
    # Reprs reach logs and tracebacks; the letter may not.
    assert "canary" not in repr(Document.from_text("a canary sentence", "letter"))
