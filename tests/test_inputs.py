"""One letter in every format: the record is the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from imrllm import Document, Extractor
from imrllm.documents import Unreadable, read_documents
from imrllm.errors import UsageError
from imrllm.letter import letter_starts
from imrllm.records import Result
from tests.documents.made import docx, mail, page, tarred, zipped

LETTERS = ["w01-naproxen-zolpidem", "w03-knee-mri", "w06-numbered-2013", "w12-lumbar-fusion", "w23-keg-driver"]
LINES = 60


def pages(text: str) -> Iterator[list[str]]:
    # The letters of the suite stand as a PDF's text does: every second line is empty.
    lines = text.split("\n")
    for start in range(0, len(lines), LINES):
        yield lines[start : start + LINES]


def pdf(*texts: str) -> bytes:
    made = BytesIO()
    canvas = Canvas(made, invariant=True)
    for text in texts:
        for lines in pages(text):
            for number, line in enumerate(lines):
                canvas.drawString(40, 770 - 12 * number, line)
            canvas.showPage()
    canvas.save()
    return made.getvalue()


def scan(text: str) -> bytes:
    made = BytesIO()
    canvas = Canvas(made, invariant=True)
    font = ImageFont.load_default(22)
    for lines in pages(text):
        picture = Image.new("L", (1224, 1584), 255)
        for number, line in enumerate(lines):
            ImageDraw.Draw(picture).text((80, 60 + 24 * number), line, 0, font=font)
        canvas.drawImage(ImageReader(picture), 0, 0, width=612, height=792)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


FORMATS: dict[str, Callable[[str], bytes]] = {
    "letter.txt": str.encode,
    "letter.pdf": pdf,
    "letter.docx": docx,
    "letter.html": page,
    "letter.eml": mail,
    "rows.jsonl": lambda text: json.dumps({"id": "letter", "text": text}).encode(),
    "mail.eml": lambda text: mail("See attached.", {"letter.pdf": pdf(text)}),
    "letters.zip": lambda text: zipped({"in/letter.docx": docx(text)}),
    "letters.tgz": lambda text: tarred({"in/letter.html": page(text)}, "gz"),
    "nested.zip": lambda text: zipped({"mail.eml": mail("See attached.", {"letter.docx": docx(text)})}),
}


@pytest.fixture
def written(repository: Path) -> dict[str, str]:
    folder = repository / "evals" / "written" / "letters"
    return {name: (folder / f"{name}.txt").read_text() for name in LETTERS}


def extracted(*inputs: Path | str, ocr: bool = False) -> list[Result]:
    extractor = Extractor(model="none")
    return [extractor.extract(each) for each in read_documents(inputs, letter_starts=letter_starts, ocr=ocr)]


def record(result: Result) -> dict[str, Any]:
    assert result.record is not None, result.error
    return result.record.model_dump(exclude={"document_id"})


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("file", FORMATS)
def test_the_record_is_the_same(tmp_path: Path, written: dict[str, str], name: str, file: str) -> None:
    (tmp_path / file).write_bytes(FORMATS[file](written[name]))
    (result,) = extracted(tmp_path / file)
    # By its hash a letter belongs to one of ten folds, which have risks of their own.
    sha256 = result.provenance.sha256
    assert sha256
    letter = replace(Document.from_text(written[name], "letter"), sha256=sha256)
    expected = Extractor(model="none").extract(letter)
    assert result.document_id == "letter"
    assert record(result) == record(expected)
    assert result.status == expected.status
    assert result.risks == expected.risks
    assert set(result.evidence) == set(expected.evidence)


def test_from_a_list_the_record_is_the_same(tmp_path: Path, written: dict[str, str]) -> None:
    (tmp_path / "any.docx").write_bytes(docx(written["w03-knee-mri"]))
    (tmp_path / "list.csv").write_text("path,id\nany.docx,letter\n")
    (result,) = extracted(tmp_path / "list.csv")
    assert result.document_id == "letter"
    assert record(result) == record(Extractor(model="none").extract(Document.from_text(written["w03-knee-mri"], "a")))


def test_letters_of_one_pdf(tmp_path: Path, written: dict[str, str]) -> None:
    (tmp_path / "all.pdf").write_bytes(pdf(*written.values()))
    documents = list(read_documents([tmp_path / "all.pdf"], letter_starts=letter_starts))
    results = extracted(tmp_path / "all.pdf")
    assert [result.document_id for result in results] == [f"all#{number}" for number in range(1, 6)]
    for document, result, text in zip(documents, results, written.values(), strict=True):
        (tmp_path / "one.pdf").write_bytes(pdf(text))
        (alone,) = read_documents([tmp_path / "one.pdf"])
        assert isinstance(document, Document)
        assert isinstance(alone, Document)
        assert document.text.strip() == alone.text.strip()
        assert document.page_breaks == alone.page_breaks
        assert record(result) == record(Extractor(model="none").extract(alone))


def test_a_scan_says_how_it_can_be_read(tmp_path: Path, written: dict[str, str]) -> None:
    (tmp_path / "scan.pdf").write_bytes(scan(written["w03-knee-mri"][:200]))
    (outcome,) = read_documents([tmp_path / "scan.pdf"])
    assert isinstance(outcome, Unreadable)
    for part in ("--ocr", "tesseract-ocr"):
        assert part in outcome.error.hint


def test_ocr_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="needs tesseract") as raised:
        read_documents(["a.pdf"], ocr=True)
    assert "apt-get install tesseract-ocr" in raised.value.hint


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_a_scan_is_recognized_and_looked_at(tmp_path: Path, written: dict[str, str]) -> None:
    text = written["w03-knee-mri"]
    (tmp_path / "scan.pdf").write_bytes(scan(text))
    (result,) = extracted(tmp_path / "scan.pdf", ocr=True)
    assert result.status == "review", "however clean it looks"
    assert result.provenance.ocr_pages == tuple(range(1, len(list(pages(text))) + 1))
    assert result.record is not None
    expected = Extractor(model="none").extract(Document.from_text(text, "a")).record
    assert expected is not None
    decisions: Sequence[str] = [item.decision for item in result.record.disputed_items]
    assert decisions == [item.decision for item in expected.disputed_items]


def test_a_page_with_text_is_not_recognized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imrllm.documents.inputs.require_ocr", lambda: None)
    monkeypatch.setattr("imrllm.documents.scans.recognized", lambda data, pages, *, name: [f"Page {pages}."])
    made = BytesIO()
    canvas = Canvas(made)
    canvas.drawString(40, 700, "Text.")
    canvas.showPage()
    canvas.drawImage(ImageReader(Image.new("L", (8, 8))), 72, 72, width=400, height=400)
    canvas.save()
    (tmp_path / "half.pdf").write_bytes(made.getvalue())
    (document,) = read_documents([tmp_path / "half.pdf"], ocr=True)
    assert isinstance(document, Document)
    assert (document.text, document.ocr_pages) == ("Text.\n\nPage [2].", (2,))
