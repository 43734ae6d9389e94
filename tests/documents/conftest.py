"""PDFs made for the tests, of invented text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from tests.documents.made import pdf

MakePdf = Callable[[Sequence[str | None]], bytes]
Encrypt = Callable[..., bytes]


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """A PDF with a page for each text, line by line; a page for `None` shows an image alone."""
    return pdf


@pytest.fixture(scope="session")
def encrypt() -> Encrypt:
    """The same PDF protected by a password; AES-128 with an empty one is what DWC publishes."""

    def encrypted(made: bytes, password: str, algorithm: str = "AES-128") -> bytes:
        writer = PdfWriter(clone_from=PdfReader(BytesIO(made)))
        writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
        written = BytesIO()
        writer.write(written)
        return written.getvalue()

    return encrypted
