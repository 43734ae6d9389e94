"""Existing records read again, checked beside their letters, and shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import imrllm
from imrllm import Document, Extractor, Result, check, read_documents, read_results, to_frames
from imrllm.checking import read_some_letters
from imrllm.errors import DocumentError, UsageError
from imrllm.records import Failure, Provenance
from tests.documents.made import zipped
from tests.letters import THREE, letter

TEXT = letter(*THREE)
LETTER = Document.from_text(TEXT, "one")


@pytest.fixture
def result() -> Result:
    return Extractor("none").extract(LETTER)


@pytest.fixture
def rows(tmp_path: Path, result: Result) -> Path:
    """Results of two runs: the newer row of `one` counts."""
    failed = Result(
        document_id="one", status="failed", error=Failure(type="X", message="x"), provenance=result.provenance
    )
    file = tmp_path / "records.jsonl"
    file.write_text("".join(f"{each.model_dump_json()}\n" for each in (failed, result)))
    return file


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "one.txt").write_text(TEXT)
    return folder


def test_public_names_are_there() -> None:
    assert set(imrllm.__all__) <= set(dir(imrllm))
    assert all(getattr(imrllm, name) is not None for name in imrllm.__all__)


def test_a_string_is_one_path_and_letters_are_split(tmp_path: Path, letters: Path) -> None:
    assert [each.id for each in read_documents(str(letters))] == ["one"]
    (tmp_path / "two.txt").write_text(f"{TEXT}\n\n{TEXT}")
    assert [each.id for each in read_documents(tmp_path / "two.txt")] == ["two#1", "two#2"]
    with pytest.raises(DocumentError, match="several"):
        Document.from_path(tmp_path / "two.txt")
    assert Document.from_path(letters / "one.txt").text == TEXT
    with pytest.raises(DocumentError, match="does not exist"):
        Document.from_path(tmp_path / "none.txt")
    with pytest.raises(DocumentError):
        Document.from_path(tmp_path / "letters" / "..", ocr=False)


def test_the_newest_result_of_a_document_is_read(rows: Path, result: Result) -> None:
    assert list(read_results(rows)) == [result]


def test_a_result_quotes_its_letter(rows: Path, letters: Path, result: Result) -> None:
    pointer = "/disputed_items/0/quantity"
    assert result.text(pointer) == "#45"
    assert result.text("/nowhere") is None
    (read,) = read_results(rows)
    with pytest.raises(UsageError, match="does not have its letter's text") as raised:
        read.text(pointer)
    assert "documents=" in raised.value.hint
    assert read.with_text(TEXT).text(pointer) == "#45"
    for documents in (letters, [LETTER], [letters]):
        (quoting,) = read_results(rows, documents=documents)
        assert quoting.text(pointer) == "#45"
        assert quoting == read, "the text is not compared"
        assert quoting.model_dump_json() == read.model_dump_json(), "and not written"
    (changed,) = read_results(rows, documents=[Document.from_text(f"{TEXT} ", "one")])
    with pytest.raises(UsageError):
        changed.text(pointer)


def test_records_are_checked_in_their_order(rows: Path, letters: Path, result: Result) -> None:
    assert result.record
    for records, documents in ((rows, letters), ([result, result.record], [LETTER])):
        failed_first = list(check(records, documents))
        assert [each.document_id for each in failed_first] == ["one", "one"]
        assert failed_first[1].checks
        assert failed_first[1].provenance.sha256 == LETTER.sha256
    (unmatched,) = check([result], [Document.from_text(TEXT, "two")])
    assert unmatched.error
    assert "no letter among the documents" in unmatched.error.message
    with pytest.raises(UsageError, match="no letter that can be read"):
        list(check([result], []))


def test_frames_have_the_columns_of_the_export(result: Result) -> None:
    frames = to_frames([result])
    assert list(frames) == ["analysis", "documents", "items", "citations", "grounds", "checks", "field_values"]
    assert frames["items"]["quantity"].tolist() == [45, 30, 30]
    assert len(frames["checks"]) == len(result.checks)
    assert (frames["field_values"]["risk"].dtype, frames["field_values"]["review"].dtype) == ("Float64", "boolean")
    assert set(frames["field_values"]["source"].dropna()) == {"letter"}
    to_review = frames["field_values"][frames["field_values"]["review"]].sort_values("risk", ascending=False)
    assert len(to_review) == frames["documents"]["to_review"].sum() > 0
    # The letter's own values belong to no item.
    assert to_review["item"].notna().sum() == frames["items"]["to_review"].sum()
    assert frames["items"]["refills"].dtype == "Int64"
    assert all(frame.empty for frame in to_frames([]).values())


def test_frames_without_pandas(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pandas") as raised:
        to_frames([result])
    assert raised.value.hint == "`pip install pandas`"


def test_a_result_shows_itself(result: Result) -> None:
    assert repr(LETTER) == f"Document('one', {len(TEXT):,} characters)"
    assert (
        repr(result)
        == str(result)
        == f"Result('one', {result.status}, 3 items, {len(result.to_review)} checks to review)"
    )
    shown = result._repr_html_()
    assert "<td>overturned</td>" in shown
    assert "Norco" in shown
    made = Provenance(model="none", version="0")
    error = Failure(type="DocumentError", message="`<b>` & more")
    odd = Result(document_id="<script>", status="failed", error=error, provenance=made)
    assert "<script>" not in odd._repr_html_()
    assert "&lt;b&gt;` &amp; more" in odd._repr_html_()
    assert "text" not in json.loads(result.model_dump_json())


def test_only_the_named_letters_are_read(tmp_path: Path, letters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder, from rows, from a file that holds several letters; an archive is read as a whole."""
    (letters / "unreadable.txt").mkdir()
    (letters / "rows.jsonl").write_text("".join(json.dumps({"id": name, "text": TEXT}) + "\n" for name in ("r1", "r2")))
    (letters / "both.txt").write_text(f"{TEXT}\n\f{TEXT}")
    both = [each.id for each in read_documents(letters / "both.txt")]
    names = ["one", "r2", *both]
    found = read_some_letters(letters, names)
    assert [name for name in names if not isinstance(found.get(name), Document)] == []
    assert set(found) == set(names)
    assert all(isinstance(each, Document) and TEXT.strip() in each.text for each in map(found.get, ("one", "r2")))
    archive = tmp_path / "letters.zip"
    archive.write_bytes(zipped({"one.txt": TEXT.encode(), "two.txt": TEXT.encode()}))
    assert isinstance(read_some_letters(archive, ["two"])["two"], Document)
    assert read_some_letters(letters, ["nowhere"]) == {}
    monkeypatch.setattr("imrllm.checking.read_location", lambda place: pytest.fail(place.id))
    read_some_letters(letters, [])
