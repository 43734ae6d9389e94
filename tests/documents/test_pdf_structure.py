"""Which PDFs are known to be intact, and that PDFium reads these as pypdf does."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from imrllm.documents import pdf
from imrllm.documents.pdf import pdf_text
from imrllm.documents.pdf_objects import OddPdfError, dictionary, string_bytes
from imrllm.documents.pdf_structure import intact_pages
from imrllm.errors import DocumentError
from tests.documents.published import assembled, parts, published

PAGES = (
    "Case Number: CM16-9900123\nThe letter is about an end-of-\nline hyphen.\n\nA HEADING\nand its text.\nIt goes on.",
    "Second page.",
)
TEXT = (
    "Case Number: CM16-9900123 \nThe letter is about an end-of-\nline hyphen. \n\nA HEADING \nand its text. \n"
    "It goes on. \n\nSecond page. \n"
)


@pytest.fixture(params=[True, False], ids=["encrypted", "plain"])
def encrypted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_pdfium_reads_an_intact_letter(encrypted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    data = published(PAGES, encrypted=encrypted)
    assert intact_pages(data) == 2
    with monkeypatch.context() as patched:
        patched.setattr(pdf, "_pages", None)  # pypdf is not asked
        text, breaks, recognized = pdf_text(data, name="a.pdf")
    assert (text, recognized) == (TEXT, ())
    assert [text[offset:] for offset in breaks] == ["Second page. \n"]
    monkeypatch.setattr(pdf, "intact_pages", lambda data: None)
    assert pdf_text(data, name="a.pdf").text.split() == text.split(), "pypdf reads the same"


def test_reading_an_intact_letter_loads_no_other_reader(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(published(PAGES))
    check = (
        "import sys, pathlib, imrllm.documents.pdf as pdf; loaded = sys.modules.keys()\n"
        "assert not loaded & {'pypdf', 'pypdfium2', 'cryptography'}, 'before it is needed'\n"
        "pdf.pdf_text(pathlib.Path(sys.argv[1]).read_bytes(), name='a'); sys.exit('pypdf' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", check, str(tmp_path / "a.pdf")], check=False, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_not_intact(share: float) -> None:
    data = published(PAGES)
    assert intact_pages(data[: int(len(data) * share)]) is None


def in_file(old: bytes, new: bytes) -> Callable[[bool], bytes]:
    """One change of the finished file, of the same length, outside of streams."""

    def changed(encrypted: bool) -> bytes:
        data = published(PAGES, encrypted=encrypted)
        assert len(old) == len(new)
        assert old in data
        return data.replace(old, new, 1)

    return changed


def in_object(number: int, old: bytes, new: bytes) -> Callable[[bool], bytes]:
    """Another object, in a file that is whole otherwise."""

    def changed(encrypted: bool) -> bytes:
        inside, outside = parts(PAGES)
        if number in inside:
            assert old in inside[number]
            inside[number] = inside[number].replace(old, new)
        else:
            head, content = outside[number]
            assert old in head
            outside[number] = (head.replace(old, new), content)
        return assembled(inside, outside, encrypted=encrypted)

    return changed


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (in_file(b"%PDF-1.6\r", b"%PDF-1.6\x00"), "the header ends with the line"),
        (in_file(b"20 0 obj", b"29 0 obj"), "another number"),
        (in_file(b"20 0 obj", b"20 1 obj"), "another generation"),
        (in_file(b"endobj\r", b"endobk\r"), "an object without its end"),
        (in_file(b"endstream", b"endstrean"), "a stream without its end"),
        (in_file(b"/Filter/FlateDecode/Length", b"/Filter/FlateDecodf/Length"), "a filter that is none"),
        (in_file(b"/Filter/FlateDecode/Length", b"/Filtes/FlateDecode/Length"), "a key that is none"),
        (in_file(b"/Type/ObjStm", b"/Type/ObjStn"), "no object stream any more"),
        (in_file(b"/First ", b"/Fisst "), "an object stream without its start"),
        (in_file(b"/Type/XRef", b"/Type/XReg"), "no cross-reference stream"),
        (in_file(b"/Root 1 0 R", b"/Root 2 0 R"), "another catalog"),
        (in_file(b"/Info 12 0 R", b"/Info 10 0 R"), "another dictionary about the document"),
        (in_file(b"/Size ", b"/Sizf "), "no size"),
        (in_file(b"/W[1 4 2]", b"/W[1 2 4]"), "another width of the table's columns"),
        (in_file(b"startxref", b"startxreg"), "no start"),
        (in_file(b"/Subtype/Image", b"/Subtype/Imagf"), "an image that is something else"),
        (in_file(b"/Flags 32", b"/Flags 34"), "a font with another encoding"),
        (in_file(b"/FontName/T", b"/FontName/U"), "a font that no page uses"),
        (in_file(b"/MaxWidth ", b"/MixWidth "), "an entry that is not known"),
        (in_file(b"[250 ", b"[850 "), "a width that is not the font's"),
        (in_file(b" 889 ", b" 88x "), "a width that is no number"),
        (in_file(b"/Pages 2 0 R", b"/Pages 3 0 R"), "a catalog whose pages are none"),
        (in_file(b"/BM/Normal", b"/Font/Norm"), "graphics that name a font"),
        (in_object(2, b"/Count 2", b"/Count 2/Parent 1 0 R"), "pages below others"),
        (in_object(2, b"40 0 R", b"40 0 R 40 0 R"), "a page twice"),
        (in_object(41, b"/Contents 21 0 R", b"/Contents 20 0 R"), "contents of two pages"),
        (in_object(41, b"/Contents 21 0 R", b"/Contents[21 0 R 21 0 R]"), "contents twice"),
        (in_object(41, b"/Contents 21 0 R", b"/Contents 11 0 R"), "contents that are none"),
        (in_object(4, b"/TrueType", b"/Type3"), "a font of drawings"),
        (in_object(4, b"/TrueType", b"/T#79pe3"), "the same, written in another way"),
        (in_object(4, b"/WinAnsiEncoding", b"/MacRomanEncoding"), "widths in an encoding that is not known"),
        (in_object(4, b"/LastChar 122", b"/LastChar 121"), "too many widths"),
        (in_object(5, b"/Widths 9 0 R", b""), "widths of no font"),
        (in_object(10, b"/Subtype/Image", b"/Subtype/Form"), "contents that contents name"),
        (in_object(12, b"/Author", b"/Type/Page/Author"), "a page outside of the object streams"),
    ],
)
def test_what_is_not_known_to_be_intact(encrypted: bool, changed: Callable[[bool], bytes], reason: str) -> None:
    assert intact_pages(changed(encrypted)) is None, reason


def with_content(content: bytes) -> bytes:
    """A letter whose first page has other bytes as its stream, encrypted as it must be."""
    inside, outside = parts(PAGES)
    outside[20] = (outside[20][0], content)
    return assembled(inside, outside)


def test_the_checksum_of_a_stream_is_checked() -> None:
    content = zlib.compress(b"BT ET")
    assert intact_pages(with_content(content)) == 2
    flipped = bytes([content[-1] ^ 1])
    for damaged in (content[:-1] + flipped, content[:-1], content + b"\n", b"BT ET"):
        assert intact_pages(with_content(damaged)) is None


def test_a_stream_that_swells_is_not_decompressed() -> None:
    assert intact_pages(with_content(zlib.compress(b" " * 4_900_000))) == 2
    assert intact_pages(with_content(zlib.compress(b" " * 5_000_000))) is None


def test_a_flip_of_any_bit_of_an_encrypted_stream_is_found() -> None:
    data = published(PAGES)
    stream = max(re.finditer(rb"stream\r\n(.*?)\r\nendstream", data, re.DOTALL), key=lambda found: len(found[1]))
    for at in range(*stream.span(1)):
        damaged = bytearray(data)
        damaged[at] ^= 1 << at % 8
        assert intact_pages(bytes(damaged)) is None, at


PRIVATE_USE = zlib.compress(
    b"/CMapName/A def begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <4F> <E000> endbfchar"
    b" endcmap"
)


def with_private_characters() -> bytes:
    inside, outside = parts(["Bold.", "One."])
    outside[14] = (b"<<", PRIVATE_USE)
    inside[5] = inside[5].replace(b"/Type/Font", b"/ToUnicode 14 0 R/Type/Font")
    return assembled(inside, outside)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (published(["One.", "\n"]), "a page without text that is an image"),
        (with_private_characters(), "characters that stand for a font's own signs"),
    ],
)
def test_pypdf_judges_what_pdfium_may_read_wrong(data: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert intact_pages(data)
    asked = []
    monkeypatch.setattr(pdf, "_pages", lambda data, name, ocr: (asked.append(name) or ["Text."], (), False))
    pdf_text(data, name="a.pdf")
    assert asked == ["a.pdf"], reason


def test_a_blank_page_is_a_page() -> None:
    text, breaks, _ = pdf_text(published(["One.", "", "Three."]), name="a.pdf")
    assert (text, breaks) == ("One. \n\n\n\nThree. \n", (7, 9))


@pytest.mark.parametrize(("limit", "value"), [("MAX_PAGES", 2), ("MAX_TEXT", 20)])
def test_pypdf_refuses_what_is_too_large(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, limit, value)
    with pytest.raises(DocumentError, match="too large"):
        pdf_text(published(["First page.", "Second.", "Third."]), name="a.pdf")


@pytest.mark.parametrize(
    ("printed", "entries"),
    [
        (b"<</A 1/B/C>>", {b"A": b"1", b"B": b"/C"}),
        (b" << /A [1 0 R 2]\r\n/B <</C <</D(e)>> >>>> ", {b"A": b"[1 0 R 2]", b"B": b"<</C <</D(e)>> >>"}),
        (b"<</A(\\)/B 1)/C<00ff>>>", {b"A": b"(\\)/B 1)", b"C": b"<00ff>"}),
        (b"<</A((b))/C true>>", {b"A": b"((b))", b"C": b"true"}),
        (b"<<>>", {}),
        (b"<</A 1/A 2>>", None),
        (b"<</A 1 2>>", None),
        (b"<</A>>", None),
        (b"<</A 1 % a comment\n>>", None),
        (b"<</A(", None),
    ],
)
def test_dictionaries(printed: bytes, entries: dict[bytes, bytes] | None) -> None:
    if entries is not None:
        assert dictionary(printed, 0) == (entries, len(printed))
        return
    with pytest.raises(OddPdfError):
        dictionary(printed, 0)


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        (b"<48656>", b"He`"),
        (b"(a\\)\\\\)", b"a)\\"),
        (b"(\\101\\n\\0)", b"A\n\0"),
        (b"(a\\\r\nb\r\nc\rd)", b"ab\nc\nd"),
    ],
)
def test_strings(printed: bytes, value: bytes) -> None:
    assert string_bytes(printed) == value


@pytest.mark.parametrize(
    "text", [b"<<" * 50_000, b"<</A" * 50_000, b"<</A(" + b"(" * 200_000, b"<</A[" + b"[" * 200_000]
)
def test_hostile_dictionaries_take_no_time(text: bytes) -> None:
    with pytest.raises(OddPdfError):
        dictionary(text, 0)


def test_many_fonts_take_no_time() -> None:
    inside, outside = parts(PAGES)
    for number in range(100, 8_100, 2):
        outside[number], outside[number + 1] = outside[6], outside[8]
        inside[number + 10_000] = inside[4].replace(b"/Widths 8", b"/Widths %d" % (number + 1))
    inside[30_000] = b"<<" + b" " * 4_000_000 + b">>"
    data = assembled(inside, outside, encrypted=False)
    started = time.process_time()
    assert intact_pages(data) == 2
    assert time.process_time() - started < 2
