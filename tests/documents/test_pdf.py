"""PDFs: the whole text or a refusal with a hint."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from io import BytesIO

import pypdf
import pytest
from pypdf.generic import NameObject

from imrllm.documents import pdf
from imrllm.documents.pdf import pdf_text
from imrllm.errors import DocumentError

MakePdf = Callable[[Sequence[str | None]], bytes]
Encrypt = Callable[..., bytes]

PAGES = ("First page,\nsecond line.", "Second page.", "Third page.")
# reportlab ends each page with a line end of its own.
TEXT = "\n".join(f"{page}\n" for page in PAGES)


@pytest.fixture(scope="module")
def letter(make_pdf: MakePdf) -> bytes:
    return make_pdf(PAGES)


def refusal(data: bytes) -> DocumentError:
    with pytest.raises(DocumentError) as raised:
        pdf_text(data, name="a.pdf")
    assert str(raised.value).startswith("`a.pdf` ")
    assert raised.value.hint
    return raised.value


def rewritten(data: bytes, change: Callable[[pypdf.PdfWriter], object]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    change(writer)
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def test_pages_and_their_breaks(letter: bytes) -> None:
    text, breaks, _ = pdf_text(letter, name="a.pdf")
    assert text == TEXT
    assert [text[offset:].partition("\n")[0] for offset in breaks] == ["Second page.", "Third page."]


def test_a_blank_page_is_a_page(make_pdf: MakePdf) -> None:
    text, breaks, _ = pdf_text(make_pdf(["One.", "", "Three."]), name="a.pdf")
    assert (text, breaks) == ("One.\n\n\nThree.\n", (6, 7))


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_an_empty_password_opens(letter: bytes, encrypt: Encrypt, algorithm: str) -> None:
    assert pdf_text(encrypt(letter, "", algorithm), name="a.pdf")[0] == TEXT


def test_zeros_after_the_end_do_not_matter(letter: bytes) -> None:
    assert pdf_text(letter + bytes(5000), name="a.pdf")[0] == TEXT


def test_a_page_that_raises_refuses_all(letter: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(page: object) -> str:
        raise KeyError("the letter's own words")

    monkeypatch.setattr(pypdf.PageObject, "extract_text", fails)
    error = refusal(letter)
    assert "`KeyError`" in str(error)
    assert "words" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("limit", "value", "what"), [("MAX_PAGES", 2, "2 pages"), ("MAX_TEXT", 20, "20 characters of text")]
)
def test_too_large(letter: bytes, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, what: str) -> None:
    monkeypatch.setattr(pdf, limit, value)
    error = refusal(letter)
    assert "too large" in str(error)
    assert what in str(error)


def test_pypdf_is_heard_by_nobody_else(
    letter: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def noisy(page: object) -> str:
        logging.getLogger("pypdf._cmap").warning("Skipping broken line %(line)r", {"line": "the letter's own words"})
        warnings.warn("the letter's own words", UserWarning, stacklevel=1)
        return "Text."

    monkeypatch.setattr(pypdf.PageObject, "extract_text", noisy)
    monkeypatch.setattr(pdf, "pdfium_letters", lambda data, most: [])
    logger = logging.getLogger("pypdf")
    before = (logger.propagate, logger.level, list(logger.handlers))
    with caplog.at_level(logging.DEBUG):
        assert pdf_text(letter, name="a.pdf")[0] == "Text.\nText.\nText."
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
    assert (logger.propagate, logger.level, list(logger.handlers)) == before


@pytest.mark.parametrize(
    ("template", "lost"),
    [
        ("Object %(idnum)d %(generation)d not defined.", True),
        ("Impossible to decode XFormObject %(operand)s: %(exception)s", True),
        ("CAUTION: startxref found while searching for %%EOF. The file might be truncated and some data", True),
        ("Ignoring page tree entry that is not a dictionary: %(entry)s", True),
        ("Error -3 while decompressing data: invalid distance too far back", True),
        ("Superfluous whitespace found in object header %(idnum)r %(generation)r", False),
        ("Multiple definitions in dictionary at byte %(position)s for key %(key)s", False),
        ("incorrect startxref pointer(%(xref_issue_nr)d)", False),
        ("Ignoring wrong pointing object %(id)d %(gen)d (offset %(offset)d)", False),
        ("Expected numeric value for width, got %(w_entry)s. Ignoring it.", False),
    ],
)
def test_which_of_pypdfs_messages_report_a_loss(
    letter: bytes, monkeypatch: pytest.MonkeyPatch, template: str, lost: bool
) -> None:
    def reports(page: object) -> str:
        logging.getLogger("pypdf._reader").warning(template)
        return "Text."

    monkeypatch.setattr(pypdf.PageObject, "extract_text", reports)
    monkeypatch.setattr(pdf, "pdfium_letters", lambda data, most: [])
    if lost:
        refusal(letter)
    else:
        assert pdf_text(letter, name="a.pdf")[0].startswith("Text.")


def test_text_that_only_pdfium_finds_refuses_all(letter: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pypdf.PageObject, "extract_text", lambda page: "A part.")
    assert "damaged" in str(refusal(letter))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"/Type /Page\n", b"/Type /Pagd\n", "pypdf goes on without the page"),
        (b"/Resources <<", b"/Resourcf <<", "pypdf goes on without the fonts"),
    ],
)
def test_a_flip_in_a_dictionary_that_loses_text_refuses_all(letter: bytes, old: bytes, new: bytes, reason: str) -> None:
    assert old in letter
    assert "damaged" in str(refusal(letter.replace(old, new, 1))), reason


def test_the_checksum_of_a_stream_is_checked_whoever_reads(letter: bytes) -> None:
    def plain(writer: pypdf.PdfWriter) -> None:
        for page in writer.pages:
            page.compress_content_streams()

    compressed = rewritten(letter, plain)
    end = compressed.index(b"endstream")
    end -= 1 if compressed[end - 1 : end] == b"\n" else 0
    damaged = compressed[: end - 1] + bytes([compressed[end - 1] ^ 1]) + compressed[end:]
    assert "damaged" in str(refusal(damaged))


def bomb(depth: int, *, drawn: bool) -> bytes:
    """A page whose contents, or whose characters, name a form that names another twice, and so on."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(612, 792)
    form = {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": [0, 0, 9, 9]}
    below = None
    for _ in range(depth):
        resources = {"/XObject": {"/X": below}} if below else {}
        below = writer._add_object(
            stream(b"/X Do /X Do" if below else b"0 0 m 9 9 l S", form | {"/Resources": resources})
        )
    resources = {"/Font": {"/F": {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}}}
    named = {"/XObject": {"/X": below}}
    if drawn:
        glyph = writer._add_object(stream(b"1000 0 d0 /X Do", {}))
        resources["/Font"]["/T"] = {
            "/Type": "/Font", "/Subtype": "/Type3", "/FontBBox": [0, 0, 9, 9], "/FontMatrix": [1, 0, 0, 1, 0, 0],
            "/FirstChar": 65, "/LastChar": 65, "/Widths": [1000], "/Encoding": {"/Differences": [65, "/A"]},
            "/CharProcs": {"/A": glyph}, "/Resources": named,
        }  # fmt: skip
    else:
        resources |= named
    page[NameObject("/Resources")] = made(resources)
    shown = b"/T 9 Tf (A) Tj ET" if drawn else b"ET /X Do"
    page[NameObject("/Contents")] = writer._add_object(stream(b"BT /F 9 Tf (A text) Tj " + shown, {}))
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def made(value: object) -> pypdf.generic.PdfObject:
    """A value as an object of pypdf's."""
    generic = pypdf.generic
    if isinstance(value, dict):
        return generic.DictionaryObject({NameObject(name): made(entry) for name, entry in value.items()})
    if isinstance(value, list):
        return generic.ArrayObject(map(made, value))
    if isinstance(value, int):
        return generic.NumberObject(value)
    return NameObject(value) if isinstance(value, str) else value


def stream(content: bytes, entries: dict[str, object]) -> pypdf.generic.StreamObject:
    written = pypdf.generic.DecodedStreamObject()
    written.set_data(content)
    written.update(made(entries))
    return written


def test_contents_that_name_contents_without_end_take_no_time() -> None:
    started = time.process_time()
    refusal(bomb(40, drawn=False))
    assert "A text" in pdf_text(bomb(40, drawn=True), name="a.pdf").text
    assert time.process_time() - started < 5
