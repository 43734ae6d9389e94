"""The record of trust: who gave each value, its risk, and whether a person is asked to look at it."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from imrllm.analysis.field_values import FieldValue, field_values
from imrllm.corrections import Correction, corrected_row
from imrllm.crosscheck import Resolved, compare
from imrllm.export.rows import rows_of
from imrllm.fields import CASE_FIELDS, FIELDS
from imrllm.records import Check, Confirmation, Provenance, Result
from tests.crosscheck.pointers import altered
from tests.export.made import failed, item, result
from tests.letters import RIGHT_CASE, RIGHT_ITEMS, THREE, Item, letter, read

LETTER = read(letter(*THREE))
ITEM = "/disputed_items/0"
BY = Confirmation(initials="AB", on=date(2026, 11, 29))


def row(resolved: Resolved, **changed: Any) -> Result:
    return Result(
        document_id="letter",
        status="review",
        record=resolved.record,
        evidence=resolved.evidence,
        checks=resolved.checks,
        provenance=Provenance(model="none", version="0"),
        **changed,
    )


def known(given: Result) -> dict[str, FieldValue]:
    values = field_values(given)
    assert len({each.pointer for each in values}) == len(values)
    return {each.pointer: each for each in values}


def sources(given: Result) -> set[str | None]:
    return {each.source for each in field_values(given) if each.text is not None}


def test_every_field_of_the_record_has_a_row_absent_ones_too() -> None:
    values = known(row(LETTER.resolve(None, [None] * 3, asked=False)))
    general = {"/".join("*" if step.isdigit() else step for step in at.split("/")) for at in values}
    lists = {f"/disputed_items/*/{side}/citations" for side in ("claims_administrator", "reviewer_basis")}
    assert general == {field.pointer for field in FIELDS} | lists
    assert list(values)[: len(CASE_FIELDS)] == [field.pointer for field in CASE_FIELDS]
    assert (values[f"{ITEM}/quantity"].text, values[f"{ITEM}/refills"].text) == ("45", None)
    assert values[f"{ITEM}/strengths"].text == "10 mg; 325 mg"
    assert values[f"{ITEM}/retrospective"].text == "false"
    assert values[f"{ITEM}/reviewer_basis/citations"].text == "1"
    assert values["/letter/decision_date"].text == "2017-01-09"


def test_without_a_model_the_letter_gave_every_value() -> None:
    assert sources(row(LETTER.resolve(None, [None] * 3, asked=False))) == {"letter"}


def test_what_two_readers_agree_on_is_from_both_and_the_rest_from_the_letter() -> None:
    given = row(LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS))
    for at, each in known(given).items():
        name = at.rpartition("/")[2]
        alone = at.startswith("/letter") or name in ("heading", "decision", "request", "rationale")
        if each.text is not None:
            assert each.source == ("letter" if alone else "both"), at


@pytest.mark.parametrize(
    ("policy", "pointer", "value", "source"),
    [
        ("repair", "/quantity", 48.0, "letter"),
        ("flag", "/quantity", 48.0, "model"),
        # The model left it out: the record holds the letter's value, or under `flag` the model's silence.
        ("repair", "/quantity", None, "letter"),
        ("flag", "/quantity", None, "model"),
        # Only the model has it: the letter's silence is preferred, or the model's word.
        ("repair", "/duration", "6 weeks", "letter"),
        ("flag", "/duration", "6 weeks", "model"),
        ("flag", "/strengths", ("10 mg",), "model"),
        ("flag", "/reviewer_basis/citations/0/pages", ("79",), "model"),
        ("repair", "/reviewer_basis/citations/0/pages", ("79",), "letter"),
        ("flag", "/grounds", ("safety_risk",), "model"),
    ],
)
def test_where_two_readers_differ_the_source_is_the_one_that_the_record_follows(
    policy: Any, pointer: str, value: Any, source: str
) -> None:
    changed = altered(RIGHT_ITEMS[0], pointer, value)
    given = row(LETTER.resolve(RIGHT_CASE, [changed, *RIGHT_ITEMS[1:]], policy))
    if pointer == "/grounds":
        given = given.model_copy(update={"evidence": {}})
    each = known(given)[f"{ITEM}{pointer}"]
    assert (each.source, each.review) == (source, True)


def test_a_side_that_only_one_reader_has_gives_its_citations_too() -> None:
    changed = altered(RIGHT_ITEMS[0], "/reviewer_basis", None)
    values = known(row(LETTER.resolve(RIGHT_CASE, [changed, *RIGHT_ITEMS[1:]])))
    basis = {at: each for at, each in values.items() if at.startswith(f"{ITEM}/reviewer_basis") and each.text}
    assert {each.source for each in basis.values()} == {"letter"}
    # The check is of the whole, which has a row of its own: nothing that is to be reviewed is lost.
    assert [at for at, each in values.items() if each.review] == [f"{ITEM}/reviewer_basis"]


def test_a_list_with_entries_of_each_reader_is_from_both() -> None:
    def source(*checks: Check) -> str | None:
        return known(result(checks=checks))["/clinical_summary/diagnoses"].source

    at = "/clinical_summary/diagnoses"
    mine = Check(pointer=f"{at}/0", status="unsupported", model_value="strain; sprain", resolution="model")
    theirs = Check(pointer=f"{at}/1", status="missing", source_value="insomnia", resolution="source")
    agreed = Check(pointer=f"{at}/1", status="confirmed", model_value="insomnia", source_value="insomnia")
    whole = Check(pointer=at, status="conflict", model_value=["x"], source_value=["y"], resolution="model")
    assert source(mine, theirs, whole) == "both"
    # Beside entries that both gave, those of one reader make the list that reader's.
    assert source(mine, agreed, whole) == "model"
    assert source(agreed, whole) == "letter"
    assert source(agreed.model_copy(update={"pointer": f"{at}/0"}), agreed, whole) == "both"
    assert source(mine.model_copy(update={"pointer": f"{at}/1", "model_value": "insomnia"}), mine) == "model"
    # What was not asked about is the grammar's.
    assert source(theirs, whole) == "letter"


@pytest.mark.parametrize(
    "item",
    [
        Item("Acupuncture 2 times a week for 4 weeks (6 visits)"),
        Item("Norco 10/325mg #60", rationale="The request for Norco 10/325mg #90 is not medically necessary."),
        Item("MRI of the jaw", maximus="Decision based on MTUS Tooth Complaints 2004, Section(s): Imaging."),
        Item("Norco 10/325mg #60", rationale="It is not med"),
    ],
    ids=["two counts", "two amounts", "an unknown chapter", "a cut rationale"],
)
def test_what_the_letter_contradicts_is_no_word_of_a_model(item: Item) -> None:
    given = row(read(letter(item)).resolve(None, [None], asked=False))
    assert any(check.resolution == "model" for check in given.checks)
    assert sources(given) == {"letter"}
    assert any(each.review for each in field_values(given))


def test_an_unsure_reading_without_a_model_does_not_make_a_contradiction_the_models() -> None:
    resolved = read(letter(Item("Acupuncture 2 times a week for 4 weeks (6 visits)"))).resolve(
        None, [None], asked=False
    )
    unsure = Check(pointer=f"{ITEM}/retrospective", status="confirmed", source_value=False, risk=0.3, review=True)
    given = row(resolved).model_copy(update={"checks": (*resolved.checks, unsure)})
    assert sources(given) == {"letter"}


def test_what_a_person_accepted_without_a_model_says_nothing_of_other_values() -> None:
    given = row(LETTER.resolve(None, [None] * 3, asked=False))
    assert given.record
    accepted = [
        Correction(document_id="letter", sha256=None, pointer=at, action="accept", was=value, value=value)
        for at, value in (
            (f"{ITEM}/heading", given.record.disputed_items[0].heading),
            (f"{ITEM}/reviewer_basis/stance", "cited"),
        )
    ]
    values = known(corrected_row(given, accepted, BY))
    persons = {each.pointer for each in accepted}
    assert {at for at, each in values.items() if each.source == "person"} == persons
    assert {each.source for at, each in values.items() if each.text is not None and at not in persons} == {"letter"}


def test_what_another_program_made_is_the_models_unless_the_letter_says_so() -> None:
    made = LETTER.resolve(None, [None] * 3, asked=False).record
    wrong = made.disputed_items[0].model_copy(update={"quantity": 48.0, "heading": "Norco 10/325mg #48"})
    record = made.model_copy(update={"disputed_items": (wrong, *made.disputed_items[1:])})
    values = known(row(compare(record, LETTER.parts, LETTER.readings)))
    assert values[f"{ITEM}/quantity"].source == values[f"{ITEM}/heading"].source == "model"
    assert values["/letter/case_number"].source == values["/disputed_items/1/quantity"].source == "both"
    invented = made.model_copy(update={"disputed_items": (*made.disputed_items, wrong)})
    values = known(row(compare(invented, LETTER.parts, LETTER.readings)))
    assert values["/disputed_items/3/quantity"].source == "model"
    assert values["/disputed_items/3"].review


@pytest.mark.parametrize(("value", "text"), [(48.0, "48"), (45.0, "45"), (None, None)])
def test_what_a_person_settled_is_the_persons_and_has_no_risk(value: Any, text: str | None) -> None:
    at = f"{ITEM}/quantity"
    given = row(LETTER.resolve(None, [None] * 3, asked=False), risks={at: 0.4, f"{ITEM}/treatment": 0.2})
    action = "accept" if value == 45.0 else "edit"
    settled = Correction(
        document_id="letter", sha256=None, pointer=at, action=cast("Any", action), was=45.0, value=value
    )
    values = known(corrected_row(given, [settled], BY))
    assert values[at] == FieldValue(at, text, "person", None, False)
    assert values[f"{ITEM}/treatment"] == FieldValue(f"{ITEM}/treatment", "Norco", "letter", 0.2, False)


def test_a_whole_that_a_person_settled_makes_its_fields_the_persons() -> None:
    at = f"{ITEM}/reviewer_basis"
    basis = {"stance": "none_cited", "citations": []}
    given = row(LETTER.resolve(RIGHT_CASE, [altered(RIGHT_ITEMS[0], "/reviewer_basis", None), *RIGHT_ITEMS[1:]]))
    assert given.record
    was = given.record.model_dump(mode="json")["disputed_items"][0]["reviewer_basis"]
    settled = Correction(document_id="letter", sha256=None, pointer=at, action="edit", was=was, value=basis)
    values = known(corrected_row(given, [settled], BY))
    assert (values[f"{at}/stance"].source, values[f"{at}/stance"].text) == ("person", "none_cited")
    assert not any(each.review for each in values.values())


def test_an_item_that_the_record_lacks_or_a_person_removed_says_nothing_of_the_others() -> None:
    lacks = Check(pointer="/disputed_items", status="missing", source_value="MRI", resolution="model")
    removed = Check(pointer="/disputed_items", status="unsupported", resolution="human", confirmed_by=BY)
    values = known(result(checks=(lacks, removed)))
    assert values["/disputed_items"] == FieldValue("/disputed_items", "2", "person", None, True)
    assert values[f"{ITEM}/quantity"].source == "letter"


def test_an_item_that_a_person_added_is_the_persons_and_a_removed_one_leaves_the_others_as_they_were() -> None:
    given = row(LETTER.resolve(None, [None] * 3, asked=False))
    assert given.record
    first = given.record.model_dump(mode="json")["disputed_items"][0]
    added = Correction(document_id="letter", sha256=None, pointer=ITEM, action="add", was=None, value=first)
    removed = Correction(document_id="letter", sha256=None, pointer=ITEM, action="remove", was=first, value=None)
    for correction, persons in ((added, {"1"}), (removed, set[str]())):
        rows = rows_of(corrected_row(given, [correction], BY))["field_values"]
        of_fields = [(str(made[2]), made[5]) for made in rows if made[4] is not None and made[1] != "/disputed_items"]
        assert {number for number, source in of_fields if source == "person"} == persons
        assert {source for number, source in of_fields if number not in persons} == {"letter"}


def test_one_reader_alone_and_unsure_is_asked_about() -> None:
    at = f"{ITEM}/category"
    unsure = Check(pointer=at, status="confirmed", source_value="medication", risk=0.3, review=True)
    each = known(result(checks=(unsure,), risks={at: 0.3}))[at]
    assert each == FieldValue(at, "medication", "letter", 0.3, True)
    # Repaired, and so often right that nobody is asked.
    repaired = Check(
        pointer=at,
        status="conflict",
        model_value="imaging",
        source_value="medication",
        resolution="source",
        review=False,
    )
    assert known(result(checks=(repaired,), risks={at: 0.01}))[at] == FieldValue(
        at, "medication", "letter", 0.01, False
    )


def test_letters_and_items_count_what_is_to_be_reviewed_with_the_risk_max() -> None:
    risks = {"/injured_worker/age": 0.3, f"{ITEM}/quantity": 0.02, "/disputed_items/1/category": 0.7}
    checks = (
        Check(pointer="/injured_worker/age", status="missing", source_value=48),
        Check(pointer=f"{ITEM}/grounds/0", status="unsupported", model_value="long_term_use", resolution="model"),
        Check(pointer=f"{ITEM}/grounds/1", status="unsupported", model_value="safety_risk", resolution="model"),
        Check(pointer="/disputed_items/1/category", status="conflict", resolution="human", confirmed_by=BY),
    )
    rows = rows_of(result(checks=checks, risks=risks))
    assert rows["documents"][0][:4] == ("a", "review", 2, 0.3)
    # Two entries of a list are one field, and what a person settled has no risk.
    assert [made[-4:-2] for made in rows["items"]] == [(1, 0.02), (0, None)]
    assert rows_of(failed("b"))["documents"][0][:4] == ("b", "failed", None, None)


def test_rows_of_earlier_versions_have_no_risk_and_ask_about_what_did_not_confirm() -> None:
    old = result(risks={}).model_dump(mode="json")
    del old["risks"]
    for check in old["checks"]:
        del check["review"], check["risk"]
    given = Result.model_validate(old)
    values = known(given)
    assert {each.risk for each in values.values()} == {None}
    asked = [at for at, each in values.items() if each.review]
    assert asked == [
        "/injured_worker/age",
        "/disputed_items/1/reviewer_basis/citations/0/pages",
        "/disputed_items/7/quantity",
    ]
    # The record has no item 8: the check counts for the letter alone.
    assert [made[-4:-2] for made in rows_of(given)["items"]] == [(0, None), (1, None)]
    assert rows_of(given)["documents"][0][2] == 3


def test_grounds_are_those_of_their_table_and_long_texts_are_cut() -> None:
    given = result("a", item(rationale="word " * 400))
    values = known(given)
    assert values[f"{ITEM}/grounds"].text == "long_term_use; safety_risk"
    text = values[f"{ITEM}/rationale"].text
    assert text is not None
    assert (len(text), text.endswith("[cut]")) == (1_000, True)
    unsupported = result(evidence={f"{ITEM}/heading": ((0, 3),)})
    assert known(unsupported)[f"{ITEM}/grounds"].text is None


def test_a_failed_document_has_none() -> None:
    assert field_values(failed("b")) == []


@pytest.mark.parametrize("pointer", ["", "quantity", "/", "/disputed_items/x", "/nowhere/1/chapter"])
def test_pointers_of_other_programs_have_rows_and_break_nothing(pointer: str) -> None:
    odd = Check(pointer=pointer, status="unsupported", source_value="x", resolution="model", span=(0, 1))
    conflict = Check(pointer=pointer, status="conflict", source_value="x", resolution="model")
    assert known(result(checks=(odd, conflict)))[pointer].review
