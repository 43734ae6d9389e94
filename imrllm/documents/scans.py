"""The text of scanned pages: pdfium renders them, and tesseract recognizes the text.

A page goes to tesseract through a pipe. ocrmypdf would give the same text, but needs Ghostscript and some thirty
packages and writes the pages to disk, as pytesseract does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from imrllm.errors import DocumentError, UsageError

INSTALL = "`apt-get install tesseract-ocr`"
_DPI = 300
"""The resolution that tesseract is trained on."""

_LONGEST_SIDE = 5_000
"""The longest side of a picture, in pixels. A letter page has 3,300 at 300 dots per inch."""

_SECONDS = 300
"""The longest time for one page. Most pages take three seconds."""


def require_ocr() -> None:
    """Check that scans can be read.

    Raises:
        UsageError: tesseract is not installed.
    """
    if shutil.which("tesseract") is None:
        raise UsageError("`--ocr` needs tesseract, which is not installed.", hint=f"Run {INSTALL}.")


def recognized(data: bytes, pages: Sequence[int], *, name: str) -> list[str]:
    """Recognize the text of some pages of a PDF. Only one page's picture is in memory at a time.

    Args:
        data: the file's bytes.
        pages: the page numbers, from 1.
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
    # tesseract's threads wait for each other: on a busy machine, four threads take six times as long as one.
    one_thread = os.environ | {"OMP_THREAD_LIMIT": "1"}
    try:
        ran = subprocess.run(command, input=picture, capture_output=True, check=True, timeout=_SECONDS, env=one_thread)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DocumentError(
            f"tesseract did not finish {place} in {_SECONDS} seconds.", hint="Scan it again in black and white."
        ) from None
    except (OSError, subprocess.CalledProcessError):
        # Its output may quote the page.
        raise DocumentError(f"tesseract failed on {place}.", hint=f"Check the installation: {INSTALL}.") from None
    return ran.stdout.decode(errors="replace").replace("\f", "")
