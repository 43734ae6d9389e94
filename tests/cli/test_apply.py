"""`imrllm apply`: corrections become confirmed records and gold, or nothing is written at all."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from imrllm.store import read_manifest, read_results
from imrllm.suites import load_suite
from imrllm.trust import Table
from tests.cli.conftest import Run
from tests.report.reviewed import ALL, QUANTITY, correction, corrections, document, doubtful


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """Two doubtful rows, and corrections of all that is in doubt in the first."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    rows = [doubtful("w1"), doubtful("w2")]
    (folder / "records.jsonl").write_text("".join(f"{row.model_dump_json()}\n" for row in rows))
    export(folder, *(correction(doubtful("w1"), *each) for each in ALL), whole=[doubtful("w1")])
    return folder


def export(folder: Path, *given: dict[str, Any], **other: Any) -> None:
    (folder / "corrections.json").write_text(json.dumps(corrections(*given, **other)))


def test_corrections_go_into_their_rows(run: Run, place: Path) -> None:
    ran = run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl")
    assert (ran.code, ran.out) == (1, ""), "w2 is left to review"
    assert ran.err == "5 corrections by AB: 1 ok · 1 review · 0 failed.\n"
    one, other = read_results(place / "confirmed.jsonl")
    assert one.record
    assert (one.status, one.record.disputed_items[0].quantity) == ("ok", 45)
    assert other == doubtful("w2")
    manifest = read_manifest(place / "confirmed.jsonl")
    assert manifest
    assert manifest.command == "apply"
    # They are no rows for `extract` to go on with.
    (place / "letter.txt").write_text("A letter.")
    again = run("extract", "letter.txt", "--model", "none", "-o", "confirmed.jsonl")
    assert (again.code, "was made with `imrllm apply`" in again.err) == (2, True)


def test_what_was_settled_is_the_persons_in_the_tables(run: Run, place: Path) -> None:
    assert run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl").code == 1
    assert run("export", "confirmed.jsonl", "-o", "values.csv", "--table", "field_values").code == 0
    with (place / "values.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    persons = {row["pointer"] for row in rows if (row["document_id"], row["source"]) == ("w1", "person")}
    assert {each[0] for each in ALL} <= persons
    assert [row for row in rows if row["source"] == "person" and (row["risk"] or row["review"] == "true")] == []
    assert {row["document_id"] for row in rows if row["review"] == "true"} == {"w2"}
    quantity = {row["document_id"]: (row["value"], row["source"]) for row in rows if row["pointer"] == QUANTITY}
    assert quantity["w1"] == ("45", "person")
    assert quantity["w2"][1] != "person"


def test_all_settled_is_done(run: Run, place: Path) -> None:
    export(place, *(correction(doubtful(name), *each) for name in ("w1", "w2") for each in ALL))
    ran = run("apply", "corrections.json", "records.jsonl", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["status"] for row in rows] == ["ok", "ok"]
    by = {json.dumps(check["confirmed_by"]) for row in rows for check in row["checks"] if "confirmed_by" in check}
    assert by == {'{"initials": "AB", "on": "2026-11-24"}'}
    # What was applied already no longer fits.
    (place / "records.jsonl").write_text(ran.out)
    ran = run("apply", "corrections.json", "records.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "holds another value than the one that was reviewed" in ran.err


def test_letters_read_whole_become_gold(run: Run, place: Path) -> None:
    ran = run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl", "--gold", "evals/mine/gold")
    assert ran.err.splitlines()[-1] == "`evals/mine/gold`: 1 gold files."
    file = place / "evals/mine/gold/w1.json"
    written = json.loads(file.read_text())
    assert list(written) == ["sha256", "confirmed_by", "record"]
    assert written["confirmed_by"] == {"initials": "AB", "on": "2026-11-24"}
    assert {item["rationale"] for item in written["record"]["disputed_items"]} == {None}
    (place / "evals/mine/suite.toml").write_text('name = "mine"\ndescription = "Mine."\n')
    gold = load_suite("mine", place / "evals").gold["w1"]
    assert (gold.sha256, gold.record) == (doubtful("w1").provenance.sha256, written["record"])
    ran = run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl", "--gold", "evals/mine/gold")
    assert (ran.code, "already exists" in ran.err) == (2, True)


def test_calibrate_learns_from_letters_read_whole(run: Run, place: Path) -> None:
    run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl", "--gold", "evals/mine/gold")
    (place / "evals/mine/suite.toml").write_text('name = "mine"\ndescription = "Mine."\nletters = "letters"\n')
    (place / "evals/mine/letters").mkdir()
    (place / "evals/mine/letters/w1.txt").write_bytes(document("w1").text.encode())
    ran = run("calibrate", "mine", "--model", "none", "--evals", "evals", "--tables-dir", "tables")
    assert (ran.code, ran.err) == (0, "Wrote `tables/none.json`.\n")
    table = Table.model_validate_json((place / "tables/none.json").read_bytes())
    assert table.suites == {"mine": 1}
    gold = json.loads((place / "evals/mine/gold/w1.json").read_text())["record"]
    grounds = sum(len(item["grounds"]) for item in gold["disputed_items"])
    assert grounds
    assert sum(table.lists["grounds"].true) == grounds, "the reviewer's"


def test_an_added_item_and_a_removed_one_are_applied(run: Run, place: Path) -> None:
    given = doubtful("w1")
    assert given.record
    item = given.record.model_dump(mode="json")["disputed_items"][0] | {"heading": "Cane", "request": "Cane"}
    at = "/disputed_items"
    changes = [correction(given, f"{at}/1", None, "remove"), correction(given, f"{at}/3", item, "add", was=None)]
    export(place, *changes, version=2)
    ran = run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl")
    assert ran.err == "2 corrections by AB: 0 ok · 2 review · 0 failed.\n"
    one, _ = read_results(place / "confirmed.jsonl")
    assert one.record
    assert [each.heading for each in one.record.disputed_items][1:] == ["Ativan 1mg #30", "Cane"]


def test_nothing_is_written_where_one_correction_does_not_fit(run: Run, place: Path) -> None:
    good = correction(doubtful("w1"), QUANTITY, 45)
    export(place, good, correction(doubtful("w2"), QUANTITY, "many"), whole=[])
    (place / "confirmed.jsonl").write_text("as it was")
    before = sorted(place.iterdir())
    ran = run("apply", "corrections.json", "records.jsonl", "-o", "confirmed.jsonl", "--gold", "gold")
    assert (ran.code, ran.out) == (2, "")
    assert "`w2 /disputed_items/0/quantity` cannot hold such a value" in ran.err
    assert (place / "confirmed.jsonl").read_text() == "as it was"
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["records.jsonl", "records.jsonl"], "`records.jsonl` holds no corrections"),
        (["corrections.json", "corrections.json"], "is not a result"),
        (["corrections.json", "records.jsonl", "-o", "records.jsonl"], "is also an input"),
        (["corrections.json", "nowhere.jsonl"], "`nowhere.jsonl` cannot be read"),
    ],
)
def test_what_cannot_be_done(run: Run, place: Path, arguments: list[str], why: str) -> None:
    ran = run("apply", *arguments)
    assert ran.code == 2
    assert why in ran.err


def test_gold_needs_a_letter_read_whole_and_a_name_that_is_one(run: Run, place: Path) -> None:
    export(place, correction(doubtful("w1"), QUANTITY, 45))
    ran = run("apply", "corrections.json", "records.jsonl", "--gold", "gold")
    assert (ran.code, "No letter is marked as read in full" in ran.err) == (2, True)
    outside = doubtful("../w1")
    (place / "records.jsonl").write_text(f"{outside.model_dump_json()}\n")
    export(place, *(correction(outside, *each) for each in ALL), whole=[outside])
    ran = run("apply", "corrections.json", "records.jsonl", "--gold", "gold")
    assert (ran.code, "A gold file cannot be named `../w1`" in ran.err) == (2, True)
    assert not (place / "w1.json").exists()
