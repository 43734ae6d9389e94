"""The text of a PDF: the whole letter or an error, never a part of the letter.

PDFium reads the files that are known to be intact, as nearly all published letters are. pypdf reads and judges the
others. It repairs what it can and logs the rest. A repair can lose a page and its disputed items without notice, so a
document is refused if pypdf reports a loss, if it repaired something in silence, and if PDFium finds more text.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from itertools import accumulate
from typing import NamedTuple

from imrllm.documents import scans
from imrllm.documents.pdf_repairs import has_drawn_fonts, has_silent_repairs
from imrllm.documents.pdf_structure import intact_pages
from imrllm.documents.pdfium import pdfium_letters, pdfium_pages
from imrllm.documents.text import MAX_TEXT, too_large, writable
from imrllm.errors import DocumentError

MAX_PDF = 50_000_000
"""The largest PDF, in bytes. A scanned letter of ten pages has some five million."""

MAX_PAGES = 1_000
"""The most pages of one PDF. At some 30 ms per page, this limits the time for one document."""

_REWRITE = "Download it again, or rewrite it: `qpdf in.pdf out.pdf`."
_OCR = f"Read it with `--ocr` ({scans.INSTALL}), or add a text layer: `ocrmypdf --skip-text in.pdf out.pdf`."
_EMPTY = "Download or scan it again."
_MORE, _FEW_LETTERS = 1.1, 10
"""How many more characters PDFium may find on a page than pypdf: this share, and as many more. In 120 letters both find
the same; in other PDFs they may differ about signs of a font's own."""

# Message templates of pypdf that report unread content. Its other warnings are about font metrics, metadata and errors
# that it repairs completely (a wrong offset in the cross-reference table, a duplicate key).
_LOSS = re.compile(
    r"""
    not\ defined | not\ found | Impossible\ to\ decode | Exceeded | Invalid\ stream | Invalid\ object\ number
    | may\ be\ missing | might\ be\ truncated | seems\ truncated | cannot\ be\ read | can\ not\ be\ read
    | might\ be\ wrong | might\ be\ incorrect | check\ if\ output | padding | contents\ are\ not
    | not\ a\ dictionary:\ %\((?:resources|fonts|x_object|entry)\)
    | %\(exception\)[rs]$  # the text of an exception
    | exceeds\ maximum | decompress | invalid\ (?:distance|block|code|stored|literal|bit|stream)  # zlib's messages
    """,
    re.VERBOSE,
)
# pypdf's logger and the warnings filter belong to the whole process, and PDFium is not thread-safe, so only one PDF is
# read at a time.
_READING = threading.Lock()


class PdfText(NamedTuple):
    """The text of a PDF.

    Attributes:
        text: the pages' texts joined by line feeds.
        page_breaks: the offset of the first character of each page after the first.
        ocr_pages: numbers, from 1, of the pages whose text was recognized in an image.
    """

    text: str
    page_breaks: tuple[int, ...]
    ocr_pages: tuple[int, ...] = ()


def pdf_text(data: bytes, *, name: str, ocr: bool = False) -> PdfText:
    """Read the text of a PDF.

    Args:
        data: the file's bytes.
        name: what to call it in messages.
        ocr: recognize the text of pages that are images; without it such pages are refused.

    Raises:
        DocumentError: the file is not a PDF, is truncated, damaged, protected by a password or too large, or a page
            with an image has no text.
    """
    return intact_text(data) or pypdf_text(data, name=name, ocr=ocr)


def intact_text(data: bytes) -> PdfText | None:
    """Read by PDFium a file that is known to be intact and has no page that is an image; None for all others."""
    count = intact_pages(data)
    if not count or count > MAX_PAGES:
        return None
    with _READING:
        pages = pdfium_pages(data, count, limit=MAX_TEXT)
    return _joined(pages) if pages else None


def pypdf_text(data: bytes, *, name: str, ocr: bool = False) -> PdfText:
    """Read any PDF by pypdf; arguments and errors are those of `pdf_text`."""
    if b"%PDF-" not in data[:1024]:
        raise DocumentError(
            f"`{name}` is not a PDF: its first bytes are not `%PDF-`.", hint="Download or export it again."
        )
    # PDF readers expect the end marker at the end. A truncated download lacks it, and pypdf would rebuild the table of
    # the remaining objects and return only the pages that survived.
    if b"%%EOF" not in data.rstrip(b"\x00\r\n\t ")[-1024:]:
        raise DocumentError(f"`{name}` is a truncated PDF: its end marker is missing.", hint=_REWRITE)
    try:
        with _READING, _watched() as losses:
            pages, recognized, bounded = _pages(data, name, ocr=ocr)
            lost = bool(losses)
            if bounded and not lost:
                lost = _lacks_text(pages, recognized, pdfium_letters(data, len(pages) + 1))
    except DocumentError:
        raise
    except Exception as error:  # noqa: BLE001
        # A damaged file raises nearly any exception, as pypdf documents, and the message may quote the letter.
        kind = type(error).__name__
        raise DocumentError(f"`{name}` is damaged: some of it cannot be read (`{kind}`).", hint=_REWRITE) from None
    if lost:
        raise DocumentError(f"`{name}` is damaged: some of it cannot be read.", hint=_REWRITE)
    if not any(page.strip() for page in pages):
        raise DocumentError(f"`{name}` has no text: its pages are images or empty.", hint=_EMPTY if ocr else _OCR)
    return _joined(pages, recognized)


def _lacks_text(pages: Sequence[str], recognized: Sequence[int], letters: Sequence[int]) -> bool:
    """Whether PDFium finds pages or much text that pypdf has not: a page or a font was lost.

    Args:
        pages: the texts by pypdf.
        recognized: numbers, from 1, of the pages whose text was recognized in an image.
        letters: how many characters PDFium finds on each page; none where it cannot read the file.
    """
    if len(letters) > len(pages):
        return True
    return any(
        found > _MORE * len("".join(page.split())) + _FEW_LETTERS
        for number, (page, found) in enumerate(zip(pages, letters, strict=False), start=1)
        if number not in recognized
    )


def _joined(pages: Sequence[str], recognized: tuple[int, ...] = ()) -> PdfText:
    breaks = tuple(accumulate(len(page) + 1 for page in pages[:-1]))
    return PdfText(writable("\n".join(pages)), breaks, recognized)


def _pages(data: bytes, name: str, *, ocr: bool) -> tuple[list[str], tuple[int, ...], bool]:
    """Read the pages by pypdf.

    Returns:
        Their texts; the numbers of those that were recognized; and whether PDFium may look at the file too. It has no
        limit for contents that name contents, which pypdf reports as a loss, nor for characters that do.
    """
    # pypdf takes 0.4 s to import.
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    # Damaged streams are not recovered, because recovery returns only what precedes the damage. The limits are below
    # pypdf's defaults by far: a page of 95 real letters takes at most 1,250 operators and 27 kB.
    limits = pypdf.apply_configuration(
        zlib_maximum_recovery_input_length=0,
        zlib_maximum_output_length=20_000_000,
        stream_parsing_work_maximum_count=100_000,
        xform_maximum_invocations_per_extraction=200,
        page_tree_maximum_entries=2 * MAX_PAGES,
    )
    with limits:
        try:
            reader = pypdf.PdfReader(BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise FileNotDecryptedError
            count = len(reader.pages)
        except FileNotDecryptedError:
            raise DocumentError(
                f"`{name}` is protected by a password.", hint="Run `qpdf --password=... --decrypt in.pdf out.pdf`."
            ) from None
        except (DependencyError, NotImplementedError):
            raise DocumentError(
                f"`{name}` is encrypted and cannot be read.", hint="Print it to a new PDF without encryption."
            ) from None
        if count > MAX_PAGES:
            raise too_large(name, f"{MAX_PAGES:,} pages")
        pages: list[str] = []
        length = 0
        bare: list[int] = []
        for number, page in enumerate(reader.pages, start=1):
            text = page.extract_text()
            length += len(text) + 1
            if length > MAX_TEXT:
                raise too_large(name, f"{MAX_TEXT:,} characters of text")
            if not text.strip() and len(page.images):
                bare.append(number)
            pages.append(text)
        if has_silent_repairs(reader):
            raise DocumentError(f"`{name}` is damaged: some of it cannot be read.", hint=_REWRITE)
        if bare and ocr:
            for number, text in zip(bare, scans.recognized(data, bare, name=name), strict=True):
                pages[number - 1] = text
        elif bare:
            which = "every page is an image" if len(bare) == count else f"page {bare[0]} is an image"
            raise DocumentError(f"`{name}` cannot be read completely: {which} without text.", hint=_OCR)
    return pages, tuple(bare), not has_drawn_fonts(reader)


class _Losses(logging.Handler):
    """Keeps the templates of pypdf's messages about losses, but not the values, which may quote the letter."""

    def __init__(self) -> None:
        super().__init__()
        self.templates: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        template = str(record.msg)
        if _LOSS.search(template):
            self.templates.append(template)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Keep pypdf's messages out of all other logs, and collect those that report a loss."""
    logger = logging.getLogger("pypdf")
    handler = _Losses()
    propagate, level = logger.propagate, logger.level
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    logger.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield handler.templates
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        logger.setLevel(level)
