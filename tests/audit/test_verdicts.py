"""Verdicts are counted honestly, added to earlier ones, and refused where they do not belong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imrllm.audit.drawing import draw
from imrllm.audit.summary import audit_summary, counted
from imrllm.audit.verdicts import take_verdicts
from imrllm.errors import CorrectionError, UsageError
from imrllm.store import Manifest, manifest_path, merge, read_manifest
from imrllm.trust.bounds import upper_bound
from tests.audit.made import DIAGNOSES, QUANTITY, file_of, letters, results, verdicts
from tests.report.reviewed import correction, corrections, parsed


def manifest_of(records: Path) -> Manifest:
    manifest = read_manifest(records)
    assert manifest
    return manifest


def test_a_letter_with_a_changed_value_is_wrong(tmp_path: Path) -> None:
    rows = results(10)
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 10), 8, seed=1).audit
    given = verdicts(audit, rows, right=6, wrong={QUANTITY: 46, DIAGNOSES: ["insomnia"]})
    taken = take_verdicts(records, given)
    total = taken.summary.total
    assert (taken.new, taken.changed, total.letters, total.wrong) == (8, 0, 8, 2)
    assert total.bound == upper_bound(2, 8)
    # Diagnoses take judgment: the letter is wrong, its typed values are right.
    assert (total.typed_wrong, total.typed_letters_wrong, total.typed_letters) == (1, 1, 8)
    assert total.typed_values > 8 * 20
    assert total.typed_bound == upper_bound(1, 8)
    kept = manifest_of(records).audits[0]
    assert kept == taken.audit
    assert (kept.right, kept.wrong, kept.bound) == (6, 2, total.bound)
    assert {(each.verdict.reviewer, str(each.verdict.on)) for each in kept.letters if each.verdict} == {
        ("AB", "2026-11-24")
    }
    written = manifest_path(records).read_text()
    assert '"wrong": 2' in written
    assert '"right": 6' in written


def test_letters_without_a_verdict_are_left_out_until_they_have_one(tmp_path: Path) -> None:
    rows = results(10)
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 10), 6, seed=1).audit
    first = take_verdicts(records, verdicts(audit, rows, right=4)).summary
    assert (first.total.letters, first.open, first.total.bound) == (4, 2, upper_bound(0, 4))
    # The rest, by another person: both files count, and a verdict may change.
    rest = verdicts(audit, rows, right=3, wrong={QUANTITY: 1}, reviewer="CD")
    second = take_verdicts(records, rest)
    assert (second.new, second.changed) == (0, 1)
    assert (second.summary.total.letters, second.summary.total.wrong) == (4, 1)
    assert take_verdicts(records, verdicts(audit, rows, right=6)).summary.open == 0


def test_a_changed_value_is_enough_and_an_accepted_one_is_no_verdict(tmp_path: Path) -> None:
    rows = results(4)
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 4), 3, seed=1).audit
    by_name = {row.document_id: row for row in rows}
    one, two, three = (by_name[each.document_id] for each in audit.letters)
    given = corrections(
        correction(one, QUANTITY, 1),
        correction(two, QUANTITY, None, action="accept") | {"value": correction(two, QUANTITY, 0)["was"]},
        whole=[three],
        records=audit.page_sha256,
    )
    summary = take_verdicts(records, parsed(given)).summary
    assert (summary.total.letters, summary.total.wrong, summary.unmarked, summary.open) == (2, 1, 1, 1)
    assert summary.total.typed_letters == 1


@pytest.mark.parametrize("action", ["add", "remove"])
def test_an_item_that_is_added_or_removed_makes_a_letter_wrong(tmp_path: Path, action: str) -> None:
    rows = results(3)
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 3), 2, seed=1).audit
    row = next(row for row in rows if row.document_id == audit.letters[0].document_id)
    held = correction(row, "/disputed_items/0", None, action)
    given = held if action == "remove" else held | {"was": None, "value": held["was"]}
    export = parsed(corrections(given, whole=[row], records=audit.page_sha256, version=2))
    total = take_verdicts(records, export).summary.total
    assert (total.letters, total.wrong, total.typed_letters_wrong) == (1, 1, 1)
    assert total.typed_wrong > 5, "the item and each of its values"


def test_audits_add_up(tmp_path: Path) -> None:
    rows = results(9)
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 9)
    for seed, right in ((1, 3), (2, 2)):
        audit = draw(records, folder, right, seed=seed).audit
        summary = take_verdicts(records, verdicts(audit, rows, right=right)).summary
    assert (summary.total.letters, summary.total.bound, len(summary.draws)) == (5, upper_bound(0, 5), 2)
    # All that are left: then nothing is estimated.
    audit = draw(records, folder, 100, seed=3).audit
    summary = take_verdicts(records, verdicts(audit, rows, right=3, wrong={QUANTITY: 1})).summary
    assert (summary.total.letters, summary.total.is_full, summary.total.bound) == (9, True, 1 / 9)
    assert counted(records) == summary


def test_by_form_where_there_are_enough(tmp_path: Path) -> None:
    rows = results(62, years=(2014, 2016, 2016))
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 62), 60, seed=1).audit
    summary = take_verdicts(records, verdicts(audit, rows, right=60)).summary
    forms = {group.form: group for group in summary.forms}
    assert forms["decided in 2014"].letters + forms["decided in 2016"].letters == 60
    assert forms["decided in 2016"].bound == upper_bound(0, forms["decided in 2016"].letters)
    few = forms["decided in 2014"]
    assert few.bound == (upper_bound(0, few.letters) if few.letters >= 20 else None)


def test_rows_that_changed_since_do_not_count(tmp_path: Path) -> None:
    rows = results(4)
    records = file_of(tmp_path, rows[:3])
    audit = draw(records, letters(tmp_path, 4), 2, seed=1).audit
    take_verdicts(records, verdicts(audit, rows, right=1))
    with records.open("ab") as file:
        file.write(rows[3].model_dump_json().encode() + b"\n")
    with pytest.raises(CorrectionError, match="has changed since the letters were drawn") as refused:
        take_verdicts(records, verdicts(audit, rows, right=2))
    assert "draw again" in refused.value.hint
    summary = counted(records)
    assert summary
    assert (summary.total.letters, summary.outdated) == (0, 1)
    again = draw(records, tmp_path / "letters", 4, seed=2).audit
    assert again.drawn_from == 4, "a verdict on other rows leaves no letter out"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param({"records": "0" * 64}, "does not belong to a draw", id="another draw"),
        pytest.param({"whole": []}, "holds no verdict", id="nothing is marked"),
    ],
)
def test_verdicts_that_do_not_belong(tmp_path: Path, other: dict[str, Any], why: str) -> None:
    rows = results(3)
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 3), 2, seed=41).audit
    before = manifest_path(records).read_bytes()
    with pytest.raises(CorrectionError, match=why) as refused:
        take_verdicts(records, verdicts(audit, rows, right=2, **other))
    assert "seed 41" in refused.value.hint or "compare" in refused.value.hint
    left = [row for row in rows if row.document_id not in {each.document_id for each in audit.letters}]
    with pytest.raises(CorrectionError, match="is not a letter of the draw"):
        take_verdicts(records, verdicts(audit, rows, whole=left))
    assert manifest_path(records).read_bytes() == before


def test_verdicts_before_a_draw_or_without_a_manifest(tmp_path: Path) -> None:
    rows = results(2)
    records = file_of(tmp_path, rows)
    assert counted(records) is None
    given = parsed(corrections(whole=rows))
    with pytest.raises(CorrectionError) as refused:
        take_verdicts(records, given)
    assert "--documents DIR" in refused.value.hint
    manifest_path(records).unlink()
    with pytest.raises(UsageError, match="no run manifest"):
        take_verdicts(records, given)
    assert counted(records) is None


def test_merged_rows_have_no_audit(tmp_path: Path) -> None:
    records = file_of(tmp_path, results(2))
    draw(records, letters(tmp_path, 2), 1)
    merge(tmp_path / "all.jsonl", [records])
    assert manifest_of(tmp_path / "all.jsonl").audits == ()


def test_a_letter_of_two_draws_counts_once(tmp_path: Path) -> None:
    rows = results(4)
    records, folder = file_of(tmp_path, rows), letters(tmp_path, 4)
    one = draw(records, folder, 3, seed=1).audit
    two = draw(records, folder, 3, seed=2).audit
    take_verdicts(records, verdicts(two, rows, right=3))
    summary = take_verdicts(records, verdicts(one, rows, right=3)).summary
    drawn = {each.document_id for each in (*one.letters, *two.letters)}
    assert summary.total.letters == len(drawn)
    assert audit_summary([], "").total.bound is None
