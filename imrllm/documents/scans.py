"""The text of scanned pages: pdfium draws them, tesseract reads what is drawn.

Not ocrmypdf, which adds Ghostscript and some thirty packages and writes the pages to disk to come to the same text; not
pytesseract, which writes them too. Here a page goes to tesseract through a pipe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec

from imrllm.errors import DocumentError, UsageError

INSTALL = "`pip install 'imrllm[ocr]'` and `apt-get install tesseract-ocr`"
_DPI = 300
"""What tesseract is trained on."""

_LONGEST_SIDE = 5_000
"""Pixels; a letter page has 3,300 at 300 dots an inch."""

_SECONDS = 300
"""For one page; most take three."""


def require_ocr() -> None:
    """Make sure that scans can be read.

    Raises:
        UsageError: a part of it is not installed.
    """
    if find_spec("pypdfium2") is None or shutil.which("tesseract") is None:
        raise UsageError("Scans cannot be read here: `--ocr` needs pypdfium2 and tesseract.", hint=f"Run {INSTALL}.")


def recognized(data: bytes, pages: Sequence[int], *, name: str) -> list[str]:
    """The text of some pages of a PDF; one page's picture is held at a time.

    Args:
        data: the file's bytes.
        pages: their numbers, from 1.
        name: what to call it in messages.

    Raises:
        DocumentError: a page takes too long, or tesseract fails.
    """
    import pypdfium2

    texts = []
    with pypdfium2.PdfDocument(data) as document:
        for number in pages:
            page = document[number - 1]
            scale = min(_DPI / 72, _LONGEST_SIDE / max(page.get_size()))
            bitmap = page.render(scale=scale, grayscale=True)
            rows = memoryview(bitmap.buffer).cast("B")
            picture = b"".join(
                rows[at : at + bitmap.width] for at in range(0, bitmap.height * bitmap.stride, bitmap.stride)
            )
            header = b"P5 %d %d 255\n" % (bitmap.width, bitmap.height)
            texts.append(_read(header + picture, round(scale * 72), f"`{name}` page {number}"))
    return texts


def _read(picture: bytes, dpi: int, place: str) -> str:
    command = ["tesseract", "stdin", "stdout", "--dpi", str(dpi)]
    # Its threads wait for one another: on a busy machine four of them take six times as long as one.
    one_thread = os.environ | {"OMP_THREAD_LIMIT": "1"}
    try:
        ran = subprocess.run(command, input=picture, capture_output=True, check=True, timeout=_SECONDS, env=one_thread)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DocumentError(
            f"{place} takes tesseract more than {_SECONDS} seconds.", hint="Scan it again, as text in black and white."
        ) from None
    except (OSError, subprocess.CalledProcessError):
        # What it prints may quote the page.
        raise DocumentError(f"{place} cannot be read by tesseract.", hint=f"Check it: {INSTALL}.") from None
    return ran.stdout.decode(errors="replace").replace("\f", "")
