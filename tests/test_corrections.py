"""Corrections put into rows: what is settled is right and says by whom, and what does not fit is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imrllm.corrections import Applying, corrected_row, read_corrections, settled_at
from imrllm.errors import CorrectionError
from imrllm.records import Confirmation, Result
from tests.report.reviewed import (
    ALL,
    DIAGNOSES,
    QUANTITY,
    correction,
    corrections,
    document,
    doubtful,
    parsed,
    row,
)

BY = Confirmation(initials="AB", on="2026-11-24")  # type: ignore[arg-type]


def settled(result: Result, *given: tuple[Any, ...]) -> Result:
    return corrected_row(result, parsed(corrections(*(correction(result, *each) for each in given))).corrections, BY)


def checks(result: Result, pointer: str) -> list[tuple[str, str, bool]]:
    return [
        (check.status, check.resolution, check.confirmed_by == BY)
        for check in result.checks
        if check.pointer == pointer
    ]


def test_a_value_is_replaced_and_its_check_says_by_whom() -> None:
    given = doubtful()
    result = settled(given, (QUANTITY, 45, "source"))
    assert result.record
    assert result.record.disputed_items[0].quantity == 45
    assert checks(result, QUANTITY) == [("conflict", "human", True)]
    assert result.evidence[QUANTITY] == ((1117, 1120),), "a value that the letter states has its place"
    assert result.status == "review", "other values are in doubt yet"
    assert [check for check in result.checks if check.is_open] == [
        check for check in given.checks if check.is_open and check.pointer != QUANTITY
    ]


def test_the_row_is_ok_once_nothing_is_open() -> None:
    result = settled(doubtful(), *ALL)
    assert result.status == "ok"
    assert not any(check.is_open for check in result.checks)
    assert all(settled(doubtful(), *ALL[:number]).status == "review" for number in range(1, len(ALL)))
    assert Result.model_validate_json(result.model_dump_json()) == result


def test_a_scan_stays_to_be_reviewed() -> None:
    given = doubtful()
    scan = given.model_copy(update={"provenance": given.provenance.model_copy(update={"ocr_pages": (1,)})})
    assert settled(scan, *ALL).status == "review"


def test_accepting_leaves_the_value() -> None:
    given = doubtful()
    result = settled(given, (QUANTITY, 54, "accept"))
    assert result.record == given.record
    assert result.evidence == given.evidence
    assert checks(result, QUANTITY) == [("conflict", "human", True)]


def test_entries_of_a_list_take_their_evidence_and_checks_along() -> None:
    given = doubtful()
    result = settled(given, (DIAGNOSES, ["insomnia", "lumbar radiculopathy"], "edit"))
    assert result.record
    assert result.record.clinical_summary.diagnoses == ("insomnia", "lumbar radiculopathy")
    assert result.evidence[f"{DIAGNOSES}/1"] == given.evidence[f"{DIAGNOSES}/0"]
    assert f"{DIAGNOSES}/0" not in result.evidence
    assert checks(result, f"{DIAGNOSES}/1") == [("conflict", "human", True)], "radiculopathy's, which was confirmed"
    assert checks(result, DIAGNOSES) == [("unsupported", "human", True), ("conflict", "human", True)], (
        "gout's, the list's"
    )


@pytest.mark.parametrize(
    ("pointer", "value", "status", "reason"),
    [
        ("/injured_worker/age", 49, "conflict", "both readers agreed, the person does not"),
        ("/injured_worker/sex", "male", "confirmed", "all three agree"),
        ("/disputed_items/0/rationale", "Another.", "conflict", "the form's"),
        ("/disputed_items/0/authorized", "half of it", "missing", "nobody had read it"),
        ("/disputed_items/0/claims_administrator", None, "conflict", "a part of the record as a whole"),
    ],
)
def test_any_value_may_be_settled(pointer: str, value: Any, status: str, reason: str) -> None:
    result = settled(doubtful(), (pointer, value, "edit"))
    mine = [check for check in result.checks if check.confirmed_by]
    assert mine, reason
    assert all(check.pointer == pointer and check.resolution == "human" for check in mine), reason
    assert {check.status for check in mine} == {status}, reason


def test_a_part_and_what_is_in_it() -> None:
    side = "/disputed_items/1/claims_administrator"
    given = doubtful()
    assert given.record
    basis = given.record.model_dump(mode="json")["disputed_items"][1]["claims_administrator"]
    result = settled(
        given, (f"{side}/citations/0/pages", ["92"], "edit"), (side, basis | {"stance": "outside_mtus"}, "edit")
    )
    assert result.record
    held = result.record.disputed_items[1].claims_administrator
    assert held
    assert (held.stance, held.citations[0].pages) == ("outside_mtus", ("92",))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ((QUANTITY, "45"), "`w1 /disputed_items/0/quantity` cannot hold such a value: float_type"),
        ((QUANTITY, -1), "`w1 /disputed_items/0/quantity` cannot hold such a value: greater_than_equal"),
        (("/letter/decision_date", "soon"), "cannot hold such a value: date_"),
        (("/disputed_items/0/category", "magic"), "`w1 /disputed_items/0/category` cannot hold"),
        (("/disputed_items/0/nothing", 1), "`w1 /disputed_items/0/nothing` is not a field"),
        (("/disputed_items/9/quantity", 1), "`w1 /disputed_items/9/quantity` is not a field"),
        (("/disputed_items/-1/quantity", 1), "is not a field"),
        (("/disputed_items/00/quantity", 1), "is not a field"),
        (("/__class__", 1), "`w1 /__class__` is not a field"),
        (("quantity", 1), "is not a field"),
        (("", {}), "is not a field"),
        (("/document_id", "w2"), "`w1 /document_id` is not a field"),
        (("/disputed_items", []), "`w1 /disputed_items` may not gain or lose an item"),
        ((QUANTITY, 45, "accept"), "is accepted, and yet changed"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(given: tuple[Any, ...], why: str) -> None:
    with pytest.raises(CorrectionError) as error:
        settled(doubtful(), given)
    assert why in str(error.value)


def test_a_value_that_changed_since_is_refused() -> None:
    once = settled(doubtful(), (QUANTITY, 45))
    stale = parsed(corrections(correction(doubtful(), QUANTITY, 46))).corrections
    with pytest.raises(CorrectionError, match="holds another value than the one that was reviewed"):
        corrected_row(once, stale, BY)
    with pytest.raises(CorrectionError, match="settled twice"):
        settled(doubtful(), (QUANTITY, 45), (QUANTITY, 46))


ITEMS = "/disputed_items"


def item_of(result: Result, index: int, **changed: Any) -> dict[str, Any]:
    assert result.record
    return {**result.record.model_dump(mode="json")["disputed_items"][index], **changed}


def headings(result: Result) -> list[str]:
    assert result.record
    return [item.heading for item in result.record.disputed_items]


def with_items(result: Result, *given: dict[str, Any]) -> Result:
    return corrected_row(result, parsed(corrections(*given, version=2)).corrections, BY)


def removed(result: Result, index: int, **changed: Any) -> dict[str, Any]:
    return correction(result, f"{ITEMS}/{index}", None, "remove", **changed)


def added(result: Result, before: int, **changed: Any) -> dict[str, Any]:
    value = item_of(result, 0, **{"heading": "New", "request": "New", **changed})
    return correction(result, f"{ITEMS}/{before}", value, "add", was=None)


def test_a_removed_item_takes_its_evidence_and_checks_away_and_the_others_move() -> None:
    given = doubtful()
    result = with_items(given, removed(given, 0), correction(given, f"{ITEMS}/2/quantity", 31))
    assert result.record
    assert headings(result) == headings(given)[1:]
    assert result.record.disputed_items[1].quantity == 31
    for pointer, spans in result.evidence.items():
        if pointer.startswith(f"{ITEMS}/0/"):
            assert given.evidence[pointer.replace(f"{ITEMS}/0/", f"{ITEMS}/1/")] == spans
    assert not any(pointer.startswith(f"{ITEMS}/2/") for pointer in result.evidence)
    assert checks(result, f"{ITEMS}/1/quantity") == [("conflict", "human", True)]
    assert [check.pointer for check in result.checks if check.is_open and check.pointer.startswith(f"{ITEMS}/")] == [
        check.pointer.replace("/1/", "/0/").replace("/2/", "/1/")
        for check in given.checks
        if check.is_open and check.pointer.startswith((f"{ITEMS}/1/", f"{ITEMS}/2/"))
    ]
    (about,) = [check for check in result.checks if check.pointer == ITEMS]
    assert (about.status, about.model_value, about.resolution, about.confirmed_by) == (
        "unsupported",
        headings(given)[0],
        "human",
        BY,
    )


@pytest.mark.parametrize("before", [0, 1, 3])
def test_an_added_item_stands_where_the_letter_has_it(before: int) -> None:
    given = doubtful()
    result = with_items(given, added(given, before, grounds=["safety_risk"]))
    expected = headings(given)
    expected.insert(before, "New")
    assert headings(result) == expected
    assert checks(result, f"{ITEMS}/{before}") == [("missing", "human", True)]
    assert not any(pointer.startswith(f"{ITEMS}/{before}/") for pointer in result.evidence)
    assert result.supported_grounds(before) == ("safety_risk",), "a person chose them"
    moved = {pointer for pointer in result.evidence if pointer.endswith("/decision")}
    assert moved == {f"{ITEMS}/{index}/decision" for index in range(4) if index != before}
    assert len(result.checks) == len(given.checks) + 2


def test_items_are_added_and_removed_together() -> None:
    given = doubtful()
    one, other = added(given, 2, heading="A"), added(given, 2, heading="B")
    result = with_items(given, removed(given, 1), one, removed(given, 2), other, added(given, 0, heading="C"))
    assert headings(result) == ["C", headings(given)[0], "A", "B"]
    assert [check.pointer for check in result.checks if check.status == "missing" and check.confirmed_by] == [
        f"{ITEMS}/0",
        f"{ITEMS}/2",
        f"{ITEMS}/3",
    ]
    assert Result.model_validate_json(result.model_dump_json()) == result


def test_what_is_settled_has_no_risk_and_the_other_risks_move() -> None:
    given = doubtful().model_copy(
        update={"risks": {QUANTITY: 0.4, f"{ITEMS}/1/refills": 0.2, f"{ITEMS}/2/quantity": 0.1, DIAGNOSES: 0.3}}
    )
    result = with_items(given, removed(given, 1), correction(given, DIAGNOSES, ["insomnia"]))
    assert result.risks == {QUANTITY: 0.4, f"{ITEMS}/1/quantity": 0.1}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (lambda row: [removed(row, 3)], "is not a disputed item"),
        (lambda row: [added(row, 4)], "is not a disputed item"),
        (lambda row: [removed(row, 0, was={})], "holds another value than the one that was reviewed"),
        (lambda row: [removed(row, 0), removed(row, 0)], "is settled twice"),
        (
            lambda row: [removed(row, 0), correction(row, QUANTITY, 45)],
            "lies in an item that another correction removed",
        ),
        (lambda row: [correction(row, f"{ITEMS}/0", [], "add", was=None)], "is added, but is not an item"),
        (lambda row: [added(row, 0, quantity="45")], "cannot hold such a value: float_type"),
        (lambda row: [added(row, 0, heading=None)], "cannot hold such a value: string_type"),
        (lambda row: [correction(row, QUANTITY, None, "remove")], "is not a disputed item"),
    ],
)
def test_items_that_do_not_fit_are_refused(given: Any, why: str) -> None:
    with pytest.raises(CorrectionError) as error:
        with_items(doubtful(), *given(doubtful()))
    assert why in str(error.value)


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    file = tmp_path / "corrections.json"
    for version in (1, 2):
        file.write_text(json.dumps(corrections(correction(doubtful(), QUANTITY, 45), version=version)))
        assert read_corrections(file).version == version


def test_where_a_check_is_settled() -> None:
    record = {"list": ["a", "b"], "items": [{"x": None, "none": []}], "a/b": 1, "~": 2}
    for pointer, place in {
        "/list/1": "/list",
        "/list/7": "/list",
        "/list": "/list",
        "/items/0": "/items/0",
        "/items/0/x": "/items/0/x",
        "/items/0/x/y/0": "/items/0/x",
        "/items/0/none/0": "/items/0/none",
        "/items/4/x": "/items",
        "/a~1b": "/a~1b",
        "/~0": "/~0",
        "nowhere": "",
    }.items():
        assert settled_at(record, pointer) == place, pointer


def applied(given: dict[str, Any], *rows: Result) -> tuple[Applying, list[Result]]:
    applying = Applying(parsed(given))
    results = [applying.row(each) for each in rows]
    applying.finish()
    return applying, results


def test_rows_that_nobody_touched_stay_as_they_are() -> None:
    one, other = doubtful(), doubtful("w2")
    _, results = applied(corrections(correction(one, QUANTITY, 45)), one, other)
    assert results[1] is other
    assert results[0] != one


def test_every_misfit_is_named() -> None:
    one, other = doubtful(), doubtful("w2")
    given = corrections(
        correction(one, QUANTITY, 45, sha256="f" * 64),
        correction(other, QUANTITY, "45"),
        correction(other, QUANTITY, 45, document_id="w3"),
    )
    with pytest.raises(CorrectionError) as error:
        applied(given, one, other)
    for part in ("`w1` was made from another letter", "`w2 /disputed_items/0/quantity`", "there is no row of `w3`"):
        assert part in str(error.value)
    assert "imrllm view" in error.value.hint
    with pytest.raises(CorrectionError, match="`w1` has more than one row"):
        applied(corrections(correction(one, QUANTITY, 45)), one, one)


def test_a_failed_row_takes_no_correction() -> None:
    failed = Result(document_id="w1", status="failed", provenance=doubtful().provenance)
    with pytest.raises(CorrectionError, match="`w1` has no record"):
        applied(corrections(correction(doubtful(), QUANTITY, 45)), failed)


def test_a_letter_read_whole_is_gold_once_all_is_settled() -> None:
    given = doubtful()
    every = [correction(given, *each) for each in ALL]
    applying, _ = applied(corrections(*every, whole=[given]), given)
    sha256, record = applying.gold["w1"]
    assert (sha256, record.disputed_items[0].quantity) == (document().sha256, 45)
    with pytest.raises(CorrectionError, match="read as a whole, but `/disputed_items/0/quantity` is not settled"):
        applied(corrections(*every[1:], whole=[given]), given)
    odd = given.model_copy(update={"provenance": given.provenance.model_copy(update={"sha256": "odd"})})
    with pytest.raises(CorrectionError, match="`w1` has no record, or no SHA-256"):
        applied(corrections(*(correction(odd, *each) for each in ALL), whole=[odd]), odd)
    clean = row(document("w4"), lambda record: record["disputed_items"][2].update(grounds=["long_term_use"]))
    applying, results = applied(corrections(whole=[clean]), clean)
    assert results == [clean]
    assert list(applying.gold) == ["w4"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "`the file` (json_invalid)"),
        ("[]", "`the file` (model_type)"),
        (json.dumps(corrections(version=3)), "`version`"),
        (json.dumps(corrections(reviewer="")), "`initials`"),
        (json.dumps(corrections(reviewer="a\nb")), "`initials`"),
        (json.dumps(corrections(exported="today")), "`exported`"),
        (json.dumps(corrections({"document_id": "The heron stood."})), "`corrections/0/sha256`"),
    ],
)
def test_a_file_that_is_none_is_refused_without_its_words(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "corrections.json"
    file.write_text(text)
    with pytest.raises(CorrectionError) as error:
        read_corrections(file)
    assert where in str(error.value)
    assert "heron" not in str(error.value)
    with pytest.raises(CorrectionError, match="cannot be read"):
        read_corrections(tmp_path / "nowhere.json")
