"""Repairs that pypdf makes without a word: what it reads then may be another text."""

from __future__ import annotations

import pytest

from imrllm.documents import pdf
from imrllm.documents.pdf import pypdf_text
from imrllm.errors import DocumentError
from tests.documents.published import published

PAGES = ("Case Number: CM16-9900123\nThe first page.", "The second page.")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"/N 3/", b"/N 1/", "an object stream that ends early"),
        (b"6 0 obj\r<<", b"6 0 obj\r8<", "a font without its descriptor"),
        (b"[250 333 408 500", b"[250 333 408 5 0", "one width too many"),
        (b"[250 333 408 500", b"[250 333 408 900", "a width of another font"),
    ],
)
def test_silent_repairs_are_refused(old: bytes, new: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = published(PAGES)
    # The second object stream: pypdf notices damage in the first one.
    second = data.index(b"43 0 obj")
    at = data.index(old, 0 if old.startswith((b"6", b"[")) else second)
    damaged = data[:at] + new + data[at + len(old) :]
    monkeypatch.setattr(pdf, "pdfium_letters", lambda data, most: [])
    with pytest.raises(DocumentError, match="damaged"):
        pypdf_text(damaged, name="a.pdf")
    monkeypatch.setattr(pdf, "has_silent_repairs", lambda reader: False)
    assert pypdf_text(damaged, name="a.pdf").text, "pypdf does not say so"
