"""`imrllm check`: records made earlier, or by another program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("pipeline")

RECORD = {"letter": {}, "reviewer": {}, "injured_worker": {}, "clinical_summary": {}, "disputed_items": []}


def rows(file: Path, *given: Any) -> Path:
    file.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in given))
    return file


def test_confirmed_records(run: Run, letters: Path, tmp_path: Path) -> None:
    records = rows(tmp_path / "r.jsonl", {"document_id": "a", "record": RECORD, "more": 1}, "")
    ran = run("check", records, "--documents", letters)
    assert ran.code == 0
    assert json.loads(ran.out)["checks"][0]["status"] == "confirmed"
    assert "1 confirmed" in ran.err


def test_a_value_that_is_not_confirmed_makes_the_answer_no(run: Run, letters: Path, tmp_path: Path) -> None:
    records = rows(tmp_path / "r.jsonl", *({"document_id": name, "record": RECORD} for name in "ca"))
    output = tmp_path / "checked.jsonl"
    ran = run("check", records, "--documents", letters, "-o", output)
    assert (ran.code, ran.out) == (1, "")
    assert [json.loads(line)["document_id"] for line in output.read_text().splitlines()] == ["c", "a"]


def test_extracts_own_rows_are_read(run: Run, letters: Path, tmp_path: Path) -> None:
    run("extract", letters, "--model", "none", "-o", tmp_path / "records.jsonl")
    ran = run("check", tmp_path / "records.jsonl", "--documents", letters)
    assert len(ran.out.splitlines()) == 5


@pytest.mark.parametrize(
    ("row", "said", "reason"),
    [
        ({"document_id": "zz", "record": RECORD}, "no letter", "a record of a letter that is not there"),
        ({"document_id": "a", "record": None}, "no `record`", "a document that failed"),
        ({"document_id": "a", "record": {**RECORD, "disputed_items": 3}}, "at `/disputed_items`", "not of the schema"),
        ({"record": RECORD}, "Line 1", "nobody's record"),
        ("{", "Line 1", "not JSON"),
        ("[" * 100_000, "Line 1", "nested past what a parser takes"),
    ],
)
def test_rows_that_cannot_be_checked_fail_alone(
    run: Run, letters: Path, tmp_path: Path, row: Any, said: str, reason: str
) -> None:
    records = rows(tmp_path / "r.jsonl", row, {"document_id": "b", "record": RECORD})
    ran = run("check", records, "--documents", letters)
    assert ran.code == 1, reason
    bad, good = map(json.loads, ran.out.splitlines())
    assert (bad["status"], good["status"]) == ("failed", "ok")
    assert said in bad["error"]["message"]


def test_what_a_record_says_is_not_repeated(run: Run, letters: Path, tmp_path: Path) -> None:
    bad = {**RECORD, "injured_worker": {"age": "private words"}}
    ran = run("check", rows(tmp_path / "r.jsonl", {"document_id": "a", "record": bad}), "--documents", letters)
    assert "injured_worker" in ran.err
    assert "private" not in ran.err + ran.out


def test_standard_input(run: Run, letters: Path) -> None:
    row = json.dumps({"document_id": "a", "record": RECORD}).encode()
    assert run("check", "-", "--documents", letters, stdin=row).code == 0


def test_no_records_and_no_letters(run: Run, letters: Path, tmp_path: Path) -> None:
    ran = run("check", tmp_path / "none.jsonl", "--documents", letters)
    assert (ran.code, ran.out) == (2, "")
    assert "none.jsonl" in ran.err
    ran = run("check", rows(tmp_path / "r.jsonl"), "--documents", tmp_path / "here")
    assert ran.code == 2
    assert "is an empty folder" in ran.err
