"""`imrllm export`: what it says, and where the tables lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Run
from tests.export.made import failed, file_of, item, result


def test_a_folder_of_tables(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "made" / "x.csv"
    ran = run("export", file_of(tmp_path, result("a"), failed("b")), "-o", output)
    rows = "2 analysis, 2 documents, 2 items, 3 citations, 2 grounds, 3 checks, 85 field_values"
    said = f"{rows} (1 of the documents failed)"
    assert ran == Ran(0, "", f"`{output}`: {said}.\n")
    names = ["analysis", "checks", "citations", "data_dictionary", "documents", "field_values", "grounds", "items"]
    assert sorted(file.name for file in output.iterdir()) == [f"{name}.csv" for name in names]


def test_one_table(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "items.csv"
    assert run("export", file_of(tmp_path, result("a")), "-o", output, "--table", "items", "-q") == Ran(0, "", "")
    assert output.read_text(encoding="utf-8-sig").startswith("document_id,item,heading,")


def test_texts_that_excel_cannot_hold_are_told(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="openpyxl is in the extra `export`")
    ran = run("export", file_of(tmp_path, result("a", item(rationale="word " * 8_000))), "-o", tmp_path / "x.xlsx")
    assert (ran.code, "ending in `[cut]`: 1 texts." in ran.err) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.tsv"], "Error: `x.tsv` has no ending of a table format.\nHint: The endings are"),
        (["-o", "x.csv", "--table", "item"], "Error: There is no table `item`.\n"),
        (["-o", "records.jsonl"], "Error: `records.jsonl` has no ending of a table format.\n"),
        ([], "Missing option '--output'"),
    ],
)
def test_what_cannot_be_done(run: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    ran = run("export", file_of(tmp_path, result("a")), *arguments)
    assert (ran.code, message in ran.err) == (2, True), ran.err


def test_the_dictionary_is_printed(run: Run) -> None:
    ran = run("schema", "tables")
    assert (ran.code, ran.err) == (0, "")
    assert "| `refills` | integer, may be empty |  | Number of refills" in ran.out
    refused = run("schema", "tables", "--strict")
    assert (refused.code, refused.err.startswith("Error: `--strict` is for JSON Schemas.")) == (2, True)
