"""Rows of the table: texts, PDFs, Word documents, pages, and what is no file at all."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pypdf
from pypdf.generic import DecodedStreamObject, IndirectObject, NameObject

from imrllm.documents.html import MAX_HTML
from imrllm.documents.pdf import MAX_PDF
from imrllm.documents.text import MAX_TEXT
from tests.documents.made import RELATIONS, docx, pdf, zipped
from tests.hostile.cases import FileCase

SIGNS = "The requested Norco 10/325mg isn\u2019t medically necessary \u2013 30\u00b0 of flexion."
OLE = b"\xd0\xcf\x11\xe0" + bytes(600)


def refused_text(name: str, data: bytes, said: str, hint: str) -> FileCase:
    """A text file that is refused."""
    return FileCase(name, lambda: data, refused={"a": said}, hint=hint)


PDF = pdf(("First page,\nsecond line.", "Second page.", "Third page."))


def rewritten(change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    """The PDF after a change by pypdf."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(PDF))
    change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def encrypted(algorithm: str, password: str) -> bytes:
    """The PDF under a password."""
    return rewritten(lambda writer: writer.encrypt(password, "owner", algorithm=algorithm))


def without_content(writer: pypdf.PdfWriter) -> None:
    """Let a page refer to a content that is not in the file."""
    writer.pages[1][NameObject("/Contents")] = IndirectObject(9999, 0, writer)


def swelling(writer: pypdf.PdfWriter) -> None:
    """Let a page's content unpack to 40 MB."""
    stream = DecodedStreamObject()
    stream.set_data(b" " * 40_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def damaged_stream() -> bytes:
    """The PDF with zeros in a page's compressed content."""

    def compress(writer: pypdf.PdfWriter) -> None:
        for page in writer.pages:
            page.compress_content_streams()

    data = rewritten(compress)
    start = next(re.finditer(rb"stream\r?\n", data)).end()
    return data[: start + 10] + bytes(20) + data[start + 30 :]


def sparse(head: bytes, size: int) -> Callable[[Path], object]:
    """Write a file that is as large as is said and takes no room on the disk."""

    def put(path: Path) -> None:
        with path.open("wb") as file:
            file.write(head)
            file.truncate(size)

    return put


def word(**parts: str) -> bytes:
    """A zip that calls itself an Office document."""
    return zipped({name: content.encode() for name, content in {"[Content_Types].xml": "", **parts}.items()})


def nested_page(piece: str) -> bytes:
    """A page of 1.5 MB of one piece."""
    return ("<html>" + piece * (1_500_000 // len(piece))).encode()


def texts() -> Iterator[FileCase]:
    """Texts that are none."""
    yield refused_text("an empty file", b"", "is empty", "again")
    yield refused_text("white space alone", b" \r\n\x0c\n", "is empty", "again")
    yield refused_text("a byte order mark alone", b"\xef\xbb\xbf", "is empty", "again")
    yield refused_text("bytes of any value", bytes(range(256)) * 4, "is binary", "PDF")
    yield refused_text("a NUL in a text", b"text\x00text", "is binary", "PDF")
    yield refused_text("control characters", b"\x01\x02text" * 9, "is binary", "PDF")
    yield refused_text("control characters, not UTF-8", b"\xe9\x01" * 9, "is binary", "PDF")
    yield refused_text("RTF", rb"{\rtf1\ansi text}", "RTF", "Save it")
    yield refused_text("a scan as JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF", "is an image", "ocrmypdf")
    broken = SIGNS.encode()[:60] + b"\xe9" + SIGNS.encode()[60:]
    yield refused_text("UTF-8 with one foreign byte", broken, "at byte 60", "iconv")
    yield refused_text("UTF-8 cut in a character", "30\u00b0 isn\u2019t".encode()[:-2], "at byte 8", "iconv")
    yield refused_text("a byte that Windows-1252 lacks", b"caf\x81", "at byte 3", "iconv")
    yield refused_text("UTF-16 cut in a character", b"\xff\xfea\x00b", "UTF-16", "iconv")
    yield refused_text("more text than any letter has", b"a" * (MAX_TEXT + 1), "too large", "Split")
    for file, hint in (("a.doc", ".docx or PDF"), ("a.msg", "a message as .eml")):
        yield FileCase(f"a `{file[1:]}` file", lambda: OLE, file, refused={"a": "is an old Office document"}, hint=hint)
    yield FileCase("an `.rtf` file", lambda: rb"{\rtf1 text}", "a.rtf", refused={"a": "RTF"}, hint=".docx or PDF")


def pdfs() -> Iterator[FileCase]:
    """PDFs of which not all can be read."""

    def case(name: str, make: Callable[[], bytes], said: str, hint: str = "") -> FileCase:
        return FileCase(name, make, "a.pdf", refused={"a": said}, hint=hint)

    for algorithm in ("RC4-128", "AES-128", "AES-256"):
        yield case(f"a password ({algorithm})", partial(encrypted, algorithm, "secret"), "password", "qpdf")
    yield case("a scan", lambda: pdf((None,)), "every page is an image", "ocrmypdf")
    yield case("one scanned page among others", lambda: pdf(("One.", None, "Three.")), "page 2 is an image", "ocrmypdf")
    yield case("blank pages", lambda: pdf(("", "")), "has no text", "ocrmypdf")
    for share in (0.05, 0.3, 0.6, 0.9, 0.99):
        yield case(f"a PDF cut at {share:.0%}", lambda share=share: PDF[: int(len(PDF) * share)], "truncated")
    yield case("a page of an error under a PDF's name", lambda: b"<html>Not found</html>", "is not a PDF")
    yield case("a PDF's header and its end", lambda: b"%PDF-1.7\n%%EOF\n", "damaged")
    yield case("a page without its content", lambda: rewritten(without_content), "damaged")
    yield case("a damaged content", damaged_stream, "damaged")
    yield case("a content that swells to 40 MB", lambda: rewritten(swelling), "damaged")


def pages() -> Iterator[FileCase]:
    """Pages of one piece over and over; some parsers take minutes for these."""
    for piece in ("<a ", "<div>", "<!--", "&a", "<a b='", "</", "<script>", " \n", "<p hidden>"):
        name = f"a page of nothing but {f'`{piece.strip()}`' if piece.strip() else 'white space'}"
        yield FileCase(name, partial(nested_page, piece), "a.html", either=True)


def large_files() -> Iterator[FileCase]:
    """Files that are larger than any letter."""
    for file, head, size in (("a.txt", b"text", MAX_TEXT), ("a.pdf", b"%PDF-1.7\n", MAX_PDF), ("a", b"text", MAX_TEXT)):
        name, put = f"a file `{file}` that is too large", sparse(head, 10 * size)
        yield FileCase(name, put=put, file=file, refused={"a": "too large"}, hint="Split", unread=True)


DOCUMENT = "word/document.xml"
FILES: tuple[FileCase, ...] = (
    *texts(),
    *pdfs(),
    FileCase(
        "a Word document without its text",
        lambda: word(**{"_rels/.rels": RELATIONS}),
        "a.docx",
        refused={"a": "damaged"},
    ),
    FileCase("a Word document without relations", word, "a.docx", refused={"a": "damaged"}),
    FileCase(
        "a spreadsheet under a Word document's name",
        lambda: word(**{"_rels/.rels": RELATIONS.replace("word/", "xl/")}),
        "a.docx",
        refused={"a": "not a Word document"},
    ),
    FileCase(
        "entities that expand",
        lambda: word(**{"_rels/.rels": RELATIONS, DOCUMENT: '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'}),
        "a.docx",
        refused={"a": "entities"},
    ),
    FileCase("a Word document cut short", lambda: docx("Text.")[:-40], "a.docx", refused={"a": "cannot be unpacked"}),
    FileCase("an empty Word document", docx, "a.docx", refused={"a": "is empty"}),
    *pages(),
    FileCase("a page too large", put=sparse(b"<html>", MAX_HTML + 10), file="a.html", refused={"a": "too large"}),
    *large_files(),
    FileCase("a file of one line of 50 MB of zeros", put=sparse(b"", 50_000_000), refused={"a": "too large"}),
    FileCase("no file", put=lambda path: None, refused={"a": "does not exist"}, unread=True),
    FileCase(
        "a folder with nothing to read",
        put=lambda path: path.mkdir(),
        file="a.2016",
        refused={"a.2016": "contains no files that can be letters"},
    ),
    FileCase(
        "a link to nothing",
        put=lambda path: path.symlink_to("nowhere.txt"),
        refused={"a": "does not exist"},
        skipped="" if os.name == "posix" else "links need a privilege there",
    ),
)
