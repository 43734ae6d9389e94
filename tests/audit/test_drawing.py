"""Draws are random, reproducible and kept, and refused where they would not be random."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from imrllm.audit.drawing import draw, form_of
from imrllm.audit.verdicts import take_verdicts
from imrllm.errors import StoreError, UsageError
from imrllm.records import LetterHeader
from imrllm.store import manifest_path, read_manifest, read_results
from imrllm.store.files import locked, unlocked
from tests.audit.made import file_of, letters, results, verdicts


def names(drawn: object) -> list[str]:
    return [each.document_id for each in drawn.audit.letters]  # type: ignore[attr-defined]


def test_only_letters_that_are_ok_are_drawn_each_once(tmp_path: Path) -> None:
    rows = results(12)
    rows[3] = rows[3].model_copy(update={"status": "review"})
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 12)
    drawn = draw(records, folder, 11, seed=7)
    assert sorted(names(drawn)) == [f"w{number:02}" for number in range(12) if number != 3]
    assert [each.document_id for each in drawn.results] == names(drawn) == [each.id for each in drawn.letters]
    assert (drawn.audit.ok_letters, drawn.audit.drawn_from, drawn.is_full) == (11, 11, True)
    assert all(each.sha256 == rows[0].provenance.sha256 for each in drawn.audit.letters)


def test_the_newest_row_of_a_document_counts(tmp_path: Path) -> None:
    rows = results(2)
    records = file_of(tmp_path, [rows[0].model_copy(update={"status": "review"}), *rows])
    assert draw(records, letters(tmp_path, 2), 5).audit.ok_letters == 2


def test_every_letter_is_drawn_equally_often(tmp_path: Path) -> None:
    records, folder = file_of(tmp_path, results(6)), letters(tmp_path, 6)
    manifest = manifest_path(records).read_bytes()
    counts: Counter[str] = Counter()
    for seed in range(200):
        counts.update(names(draw(records, folder, 3, seed=seed)))
        manifest_path(records).write_bytes(manifest)
    # 100 each; four standard deviations.
    assert all(72 <= counts[f"w{number:02}"] <= 128 for number in range(6)), counts


def test_the_same_seed_and_number_give_the_same_draw_and_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    rows = results(8)
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 8)
    first = draw(records, folder, 4, seed=3)
    again = draw(records, folder, 4, seed=3)
    assert (names(again), again.again, first.again) == (names(first), True, False)
    manifest = read_manifest(records)
    assert manifest is not None
    assert manifest.audits == (first.audit,), "it is noted once"
    file_of(tmp_path, rows[::-1])
    assert names(draw(records, folder, 4, seed=3)) == names(first)
    assert names(draw(records, folder, 4, seed=4)) != names(first)


def test_without_a_seed_a_new_one_is_taken_and_stated(tmp_path: Path) -> None:
    records, folder = file_of(tmp_path, results(3)), letters(tmp_path, 3)
    seeds = {draw(records, folder, 1).audit.seed for _ in range(4)}
    assert len(seeds) > 1


def test_a_second_draw_leaves_out_letters_with_a_verdict(tmp_path: Path) -> None:
    rows = results(10)
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 10)
    first = draw(records, folder, 4, seed=1)
    take_verdicts(records, verdicts(first.audit, rows, right=3))
    second = draw(records, folder, 9, seed=2)
    assert not set(names(first)[:3]) & set(names(second))
    assert (second.audit.drawn_from, second.audit.ok_letters, second.is_full) == (7, 10, True)
    take_verdicts(records, verdicts(second.audit, rows, right=7))
    with pytest.raises(UsageError, match=r"Every one of the 10 `ok` letters of .* has a verdict"):
        draw(records, folder, 1)


def test_the_draw_is_noted_and_a_resumed_run_is_not_disturbed(tmp_path: Path) -> None:
    records = file_of(tmp_path, results(2))
    before = read_manifest(records)
    drawn = draw(records, letters(tmp_path, 2), 1, seed=5)
    after = read_manifest(records)
    assert before is not None
    assert after is not None
    assert after.audits == (drawn.audit,)
    assert after.differences(before) == []
    assert after.model_copy(update={"audits": ()}) == before
    assert len(list(read_results(records))) == 2


def test_a_row_that_is_no_row(tmp_path: Path) -> None:
    records = file_of(tmp_path, results(2))
    records.write_bytes(records.read_bytes() + b'{"document_id":')
    with pytest.raises(StoreError, match="line 3 is not a result"):
        draw(records, letters(tmp_path, 2), 1)


@pytest.mark.parametrize(
    ("break_it", "why", "hint"),
    [
        pytest.param("manifest", "has no run manifest", "`imrllm extract` with `-o", id="rows from standard output"),
        pytest.param("ok", "no letter with status `ok`", "imrllm apply", id="all to review"),
        pytest.param("records", "does not exist", "extract -o", id="a wrong name"),
        pytest.param("letter", "1 of 2 drawn letters are not readable in", "--documents", id="a letter is missing"),
        pytest.param("bytes", "1 of 2 drawn letters have changed", "would not be random", id="another letter"),
        pytest.param("lock", "is being written by another run", "Wait", id="a run is under way"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_not_noted(tmp_path: Path, break_it: str, why: str, hint: str) -> None:
    rows = results(2)
    if break_it == "ok":
        rows = [each.model_copy(update={"status": "review"}) for each in rows]
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 2)
    lock = locked(records) if break_it == "lock" else None
    if break_it == "manifest":
        manifest_path(records).unlink()
    elif break_it == "records":
        records = tmp_path / "nowhere" / "records.jsonl"
    elif break_it == "letter":
        (folder / "w01.txt").unlink()
    elif break_it == "bytes":
        (folder / "w01.txt").write_text("Another letter.")
    with pytest.raises((UsageError, StoreError), match=why) as refused:
        draw(records, folder, 2)
    assert hint in refused.value.hint
    if lock:
        unlocked(lock)
    manifest = read_manifest(records)
    assert manifest is None or manifest.audits == ()
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("header", "form"),
    [
        pytest.param(
            {"decision_date": "2017-01-09", "case_number": "CM16-0000001"}, "decided in 2017", id="the decision's year"
        ),
        pytest.param({"case_number": "CM14-0000001"}, "decided in 2014", id="else the case number's"),
        pytest.param({"case_number": "7"}, None, id="another number"),
        pytest.param({}, None, id="nothing is known"),
    ],
)
def test_form(header: dict[str, str], form: str | None) -> None:
    (row,) = results(1)
    assert row.record
    record = row.record.model_copy(update={"letter": LetterHeader.model_validate(header)})
    assert form_of(row.model_copy(update={"record": record})) == form
    assert form_of(row.model_copy(update={"record": None})) is None
    made = row.provenance.model_copy(update={"form": "numbered sentences"})
    assert form_of(row.model_copy(update={"record": record, "provenance": made})) == "numbered sentences"
