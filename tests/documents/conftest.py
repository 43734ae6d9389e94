"""PDFs made for the tests, of invented text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

MakePdf = Callable[[Sequence[str | None]], bytes]
Encrypt = Callable[..., bytes]


@pytest.fixture(scope="session")
def make_pdf() -> MakePdf:
    """A PDF with a page for each text, line by line; a page for `None` shows an image alone."""

    def make(pages: Sequence[str | None]) -> bytes:
        made = BytesIO()
        canvas = Canvas(made, invariant=True)
        for page in pages:
            if page is None:
                canvas.drawImage(ImageReader(Image.new("L", (8, 8))), 72, 72, width=400, height=400)
            else:
                for number, line in enumerate(page.split("\n")):
                    canvas.drawString(72, 760 - 14 * number, line)
            canvas.showPage()
        canvas.save()
        return made.getvalue()

    return make


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
