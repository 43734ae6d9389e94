"""`imrllm audit`: a draw becomes a page, its export becomes verdicts, and the bound is printed."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from imrllm.store import read_manifest
from imrllm.store.audits import Audit
from tests.audit.made import QUANTITY, file_of, letters, results, verdicts
from tests.cli.conftest import Run
from tests.cli.test_view import embedded


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """62 letters with their rows, all `ok`."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    letters(folder, 62)
    file_of(folder, results(62, years=(2014, 2014, 2014, 2016)))
    return folder


def drawn(place: Path) -> Audit:
    manifest = read_manifest(place / "records.jsonl")
    assert manifest
    return manifest.audits[-1]


def export(place: Path, **given: Any) -> None:
    export = verdicts(drawn(place), results(62), **given)
    (place / "verdicts.json").write_text(export.model_dump_json())


def test_a_page_of_drawn_letters_and_the_file_of_the_draw(run: Run, place: Path) -> None:
    ran = run("audit", "records.jsonl", "--documents", "letters", "--seed", "7")
    assert (ran.code, ran.out) == (0, "")
    assert "`audit.html`: 60 of 62 `ok` letters, drawn with seed 7." in ran.err
    assert "at most 4.9% of the `ok` letters are, with 95% confidence" in ran.err
    assert "imrllm audit records.jsonl --verdicts" in ran.err
    page = (place / "audit.html").read_text()
    data = embedded(page)
    audit = drawn(place)
    assert data["audit"] is True
    assert data["digest"] == audit.page_sha256
    assert [each["id"] for each in data["documents"]] == [each.document_id for each in audit.letters]
    assert all(each["text"] for each in data["documents"])
    for said in ("Compare 60 letters with their records", "with seed 7 from 62 letters", "Export verdicts"):
        assert said in page
    written = json.loads((place / "audit.draw.json").read_text())
    assert Audit.model_validate(written) == audit
    assert {"rows_sha256", "seed", "version", "asked", "letters"} <= set(written)
    assert set(written["letters"][0]) == {"document_id", "sha256", "form", "verdict"}


def test_verdicts_become_the_bound(run: Run, place: Path) -> None:
    run("audit", "records.jsonl", "--documents", "letters", "-n", "60", "-q")
    export(place, right=60)
    ran = run("audit", "records.jsonl", "--verdicts", "verdicts.json")
    assert ran.code == 0
    assert ran.err == "`verdicts.json`: 60 new verdicts by AB, kept in the run manifest.\n"
    lines = ran.out.splitlines()
    assert lines[0] == (
        "records.jsonl: 0 of 60 letters wrong: at most 4.9% of the 62 `ok` letters are wrong, with 95% confidence."
    )
    assert lines[1].startswith("Typed values: 0 of ")
    assert "in 0 of 60 letters: at most 4.9% of the 62 `ok` letters have one" in lines[1]
    assert lines[2] == "By form of the letter:"
    assert lines[3].startswith("  decided in 2014: 0 of 4")
    assert lines[4].startswith("Too few letters to say (20 are needed): decided in 2016 (1")
    assert run("audit", "records.jsonl").out == ran.out


def test_a_part_of_the_verdicts(run: Run, place: Path) -> None:
    run("audit", "records.jsonl", "--documents", "letters", "-q")
    export(place, right=39, wrong={QUANTITY: 1})
    ran = run("audit", "records.jsonl", "--verdicts", "verdicts.json", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert "1 of 40 letters wrong: at most 11.3% of the 62" in ran.out
    assert "Left out: 20 drawn letters without a verdict." in ran.out
    # The export has them, with the letters that are left out.
    assert "3 audits" in run("export", "records.jsonl", "-o", "x.csv").err
    with (place / "x.csv" / "audits.csv").open(encoding="utf-8-sig") as file:
        total, *forms = csv.DictReader(file)
    assert (total["letters_of"], total["letters"], total["wrong_letters"], total["open_letters"]) == (
        *("all", "40", "1"),
        "20",
    )
    assert float(total["bound"]) == pytest.approx(0.1135, abs=1e-3)
    assert [each["letters_of"] for each in forms] == ["decided in 2014", "decided in 2016"]


def test_fewer_letters_than_asked_for_are_all(run: Run, place: Path) -> None:
    ran = run("audit", "records.jsonl", "--documents", "letters", "-n", "99", "-o", "all.html")
    assert "These are all of the `ok` letters, fewer than the 99 asked for" in ran.err
    assert (place / "all.draw.json").exists()
    export(place, right=62)
    ran = run("audit", "records.jsonl", "--verdicts", "verdicts.json")
    assert "these are all of the `ok` letters, so exactly 0% are wrong" in ran.out


@pytest.mark.parametrize(
    ("arguments", "why", "hint"),
    [
        (["records.jsonl"], "has no audit", "--documents DIR -n 60"),
        (["records.jsonl", "--documents", "letters", "--verdicts", "x.json"], "one after the other", "Leave"),
        (["records.jsonl", "--verdicts", "x.json"], "`x.json` cannot be read", "Check the name"),
        (["records.jsonl", "--verdicts", "records.jsonl"], "holds no corrections", "Export"),
        (["records.jsonl", "--documents", "letters", "-o", "records.jsonl"], "cannot be the page", "audit.html"),
        (["nowhere.jsonl", "--documents", "letters"], "`nowhere.jsonl` does not exist", "extract -o"),
        (["nowhere.jsonl"], "`nowhere.jsonl` does not exist", "extract -o"),
        (["records.jsonl", "--documents", "nowhere"], "drawn letters are not readable in `nowhere`", "--documents"),
    ],
)
def test_what_cannot_be_done(run: Run, place: Path, arguments: list[str], why: str, hint: str) -> None:
    ran = run("audit", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert hint in ran.err


def test_a_draw_that_waits(run: Run, place: Path) -> None:
    run("audit", "records.jsonl", "--documents", "letters", "-n", "5")
    ran = run("audit", "records.jsonl")
    assert (ran.code, "has 5 letters drawn and no verdicts" in ran.err) == (2, True)
    with (place / "records.jsonl").open("ab") as file:
        file.write(results(1)[0].model_dump_json().encode() + b"\n")
    ran = run("audit", "records.jsonl")
    assert (ran.code, "The file has changed since" in ran.err) == (2, True)
    export(place, right=5)
    ran = run("audit", "records.jsonl", "--verdicts", "verdicts.json")
    assert (ran.code, "has changed since the letters were drawn" in ran.err) == (2, True)
