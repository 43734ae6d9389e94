"""`imrllm view`: which rows come with their letters, and what is said of the others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from imrllm.documents import Document
from tests.cli.conftest import Run
from tests.letters import THREE, letter
from tests.report.reviewed import doubtful, row


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Rows of three letters: one is here, one is not, one has changed; a failed row, and one of another program."""
    folder = tmp_path / "letters"
    folder.mkdir()
    text = letter(*THREE)
    (folder / "w1.txt").write_text(text)
    (folder / "w3.txt").write_text(f"{text}\n")
    failed = {"document_id": "w4", "status": "failed", "checks": [], "provenance": {"model": "none", "version": "1"}}
    failed["error"] = {"type": "DocumentError", "message": "It is empty."}
    theirs = {"document_id": "w5", "record": json.loads(doubtful().model_dump_json())["record"]}
    rows = [doubtful(), row(Document.from_text(text, "w2")), row(Document.from_text(text, "w3"))]
    lines = [each.model_dump_json() for each in rows] + [json.dumps(failed), json.dumps(theirs), "no row"]
    (tmp_path / "records.jsonl").write_text("\n".join(lines))
    return tmp_path


def embedded(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_rows_are_shown_with_the_letters_that_they_were_made_from(run: Run, place: Path) -> None:
    ran = run("view", place / "records.jsonl", "--documents", place / "letters", "-o", place / "review.html")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"`{place / 'review.html'}`: 6 documents, 5 without their letter.\n"
    documents = {each["id"]: each for each in embedded((place / "review.html").read_text())["documents"]}
    notes = {name: each["note"] for name, each in documents.items()}
    assert documents["w1"]["text"] == letter(*THREE)
    assert notes["w1"] is None
    assert "not among the documents" in notes["w2"]
    assert "SHA-256 differs" in notes["w3"]
    assert documents["w3"]["text"] is None
    assert documents["w4"]["error"] == "DocumentError: It is empty."
    assert "`imrllm check`" in notes["w5"]
    assert "not a row" in notes["records:6"]


def test_without_documents_the_records_alone(run: Run, place: Path) -> None:
    ran = run("view", "-", "--quiet", stdin=(place / "records.jsonl").read_bytes())
    assert (ran.code, ran.err) == (0, "")
    data = embedded(ran.out)
    assert all(each["text"] is None for each in data["documents"])
    assert [each["id"] for each in data["documents"]] == ["w1", "w2", "w3", "w4", "w5", "stdin:6"]


def test_the_last_of_several_rows_of_a_document_counts(run: Run, place: Path) -> None:
    rows = place / "twice.jsonl"
    first = doubtful().model_copy(update={"status": "ok"})
    rows.write_text(f"{first.model_dump_json()}\n{doubtful('w2').model_dump_json()}\n{doubtful().model_dump_json()}\n")
    data = embedded(run("view", rows).out)
    assert [(each["id"], each["status"]) for each in data["documents"]] == [("w1", "review"), ("w2", "review")]


def test_the_overview_has_the_tables_that_are_asked_for(run: Run, place: Path) -> None:
    page = run("view", place / "records.jsonl", "--by", "drug_class,guideline", "--by", "opioid").out
    assert re.findall("Outcomes by [a-z' ]+", page) == [
        "Outcomes by drug classes and reviewer",
        "Outcomes by opioid",
    ]
    assert len(embedded(page)["bars"]) == 3, "and the grounds"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere.jsonl"], "`nowhere.jsonl` cannot be read"),
        (["records.jsonl", "--documents", "empty"], "`empty` is an empty folder"),
        (["records.jsonl", "-o", "records.jsonl"], "`records.jsonl` is the records file"),
        (["records.jsonl", "--by", "drug_clas"], "Did you mean `drug_classes`?"),
    ],
)
def test_what_cannot_be_done(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], why: str
) -> None:
    (place / "empty").mkdir()
    monkeypatch.chdir(place)
    ran = run("view", *arguments)
    assert ran.code == 2
    assert why in ran.err
