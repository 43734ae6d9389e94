"""`imrllm report`: where the tables go, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.export.made import failed, file_of, result


def test_the_terminal_shows_the_default_tables(run: Run, tmp_path: Path) -> None:
    ran = run("report", file_of(tmp_path, result("a"), failed("b")))
    assert (ran.code, ran.err) == (0, "")
    assert "2 disputed items of 1 letter. Not counted: 1 document without a record." in ran.out
    for title in ("service (CWCI's groups)", "drug classes", "opioid", "Letters by quarter", "Made from"):
        assert title in ran.out


@pytest.mark.parametrize("ending", ["html", "md", "csv"])
def test_files(run: Run, tmp_path: Path, ending: str) -> None:
    records, output = file_of(tmp_path, result("a")), tmp_path / f"report.{ending}"
    ran = run("report", records, "--by", "drug_class,guideline", "--by", "quarter", "-o", output)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"`{output}`: 3 tables of 2 disputed items.\n"
    first = output.read_bytes()
    assert b"opioids" in first
    assert run("report", records, "--by", "drug_class,guideline", "--by", "quarter", "-o", output, "-q").err == ""
    assert output.read_bytes() == first


def test_what_is_refused(run: Run, tmp_path: Path) -> None:
    records = file_of(tmp_path, result("a"))
    for arguments, said in (
        ([records, "-o", "x.xlsx"], "`x.xlsx` has no ending of a report."),
        ([records, "--by", "patient"], "There is no column `patient`."),
        ([tmp_path / "nowhere.jsonl"], "does not exist"),
    ):
        ran = run("report", *arguments)
        assert ran.code == 2
        assert said in ran.err
    assert "The columns are" in run("report", records, "--by", "patient").err
