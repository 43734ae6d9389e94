"""The text of an intact PDF by PDFium, laid out as pypdf does: a tenth of the time.

PDFium leaves out blank lines, which part headings from paragraphs. They are put back where the next line is far below.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Generator
from contextlib import closing
from itertools import islice, pairwise
from typing import NamedTuple

_BREAK = re.compile("\r\n|\ufffe")
# Characters that are no text, or that take two places in PDFium's own count: another reader may know better.
_STRANGE = re.compile("[^\t\n\r\x20-\ud7ff\uf900-\ufffc\ufffe]")
_PARTED = 1.75
"""A line that is this many usual steps below the one before it has a blank line above it. Measured on 120 letters:
lines of one paragraph are 1 step apart, paragraphs without a blank line 1.5, with one 2 or more."""


def pdfium_pages(data: bytes, count: int, *, limit: int) -> list[str] | None:
    """Read the pages of an intact PDF. PDFium may not be called by two threads at a time.

    Args:
        data: the file's bytes.
        count: how many pages it has.
        limit: the most characters of all pages.

    Returns:
        Each page's text, ending in a line feed. None where another reader should look: PDFium finds another number of
        pages, an image without text, no text at all, characters that are no text, or more characters than the limit.
    """
    pages: list[_Page] = []
    with closing(_pages(data)) as found:
        for total, page in found:
            if total != count or page is None or page.has_picture or _STRANGE.search(page.text):
                return None
            limit -= len(page.text) + 1
            if limit < 0:
                return None
            pages.append(page)
    if len(pages) != count or not any(page.text.strip() for page in pages):
        return None
    steps = sorted(step for page in pages for step in page.steps() if step > 0)
    least = _PARTED * steps[len(steps) // 2] if steps else 0
    return [_laid_out(page, least) for page in pages]


def pdfium_letters(data: bytes, most: int) -> list[int]:
    """How many characters that are no white space PDFium finds on each page, up to a number of pages.

    It is 0 for a page that PDFium cannot open; there is none if it cannot open the file.
    """
    with closing(_pages(data)) as found:
        return [0 if page is None else len("".join(page.text.split())) for _, page in islice(found, most)]


class _Page(NamedTuple):
    """A page as PDFium gives it.

    Attributes:
        text: its text.
        heights: how high each line stands, in points.
        has_picture: whether there is more than lines and text on a page without text.
    """

    text: str
    heights: list[float]
    has_picture: bool

    def steps(self) -> list[float]:
        """How far each line but the first is below the one before it."""
        return [above - below for above, below in pairwise(self.heights)]


def _pages(data: bytes) -> Generator[tuple[int, _Page | None]]:
    """The number of pages with each page; None for a page that cannot be opened."""
    # 50 ms to import.
    import pypdfium2.raw as pdfium

    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        return
    try:
        count = pdfium.FPDF_GetPageCount(document)
        for index in range(count):
            yield count, _page(document, index)
    finally:
        pdfium.FPDF_CloseDocument(document)


def _page(document: object, index: int) -> _Page | None:
    import pypdfium2.raw as pdfium

    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return None
    loaded = pdfium.FPDFText_LoadPage(page)
    try:
        if not loaded:
            return None
        count = max(0, pdfium.FPDFText_CountChars(loaded))
        units = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(loaded, 0, count, units)
        text = bytes(units)[: 2 * max(written - 1, 0)].decode("utf-16-le", errors="replace")
        x, y = ctypes.c_double(), ctypes.c_double()
        heights = []
        for start in (0, *(found.end() for found in _BREAK.finditer(text))):
            character = pdfium.FPDFText_GetCharIndexFromTextIndex(loaded, start)
            known = character >= 0 and pdfium.FPDFText_GetCharOrigin(loaded, character, x, y)
            heights.append(y.value if known else float("nan"))
        return _Page(text, heights, not text.strip() and _has_picture(page))
    finally:
        if loaded:
            pdfium.FPDFText_ClosePage(loaded)
        pdfium.FPDF_ClosePage(page)


def _has_picture(page: object) -> bool:
    import pypdfium2.raw as pdfium

    drawn = (pdfium.FPDFPage_GetObject(page, index) for index in range(pdfium.FPDFPage_CountObjects(page)))
    plain = {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH}
    return any(pdfium.FPDFPageObj_GetType(one) not in plain for one in drawn)


def _laid_out(page: _Page, least: float) -> str:
    lines = _BREAK.split(page.text)
    # U+FFFE is a hyphen at the end of a line.
    ends = ["-" if found.group() == "\ufffe" else "" for found in _BREAK.finditer(page.text)]
    parts = [lines[0]]
    for end, step, line in zip(ends, page.steps(), lines[1:], strict=True):
        parts.append(f"{end}\n\n{line}" if step > least else f"{end}\n{line}")
    # A page ends its paragraph: nothing tells whether the next page goes on with it.
    return "".join(parts) + "\n"
