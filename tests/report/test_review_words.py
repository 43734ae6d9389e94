"""The words of each check: true of its case, whatever made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imrllm.documents import Document
from imrllm.pipeline import Extractor
from imrllm.records import Check, Result
from imrllm.report.review_words import reason, sides
from imrllm.spans import SourceSpan
from tests.letters import SUMMARY, THREE, Item, letter
from tests.report.reviewed import AGE, DIAGNOSES, QUANTITY, REFILLS, Record, document, doubtful, row, weighed


def words(result: Result, pointer: str, *, status: str | None = None) -> list[str]:
    record = result.record.model_dump(mode="json") if result.record else None
    found = [each for each in result.checks if each.pointer == pointer and status in (None, each.status)]
    return [reason(check, result, record) for check in found if check.is_open or check.status != "confirmed"]


def read(*items: Item, **given: Any) -> Result:
    return Extractor("none").extract(Document.from_text(letter(*(items or THREE), **given), "w1"))


def test_a_record_of_another_program() -> None:
    given = doubtful()
    assert words(given, QUANTITY) == ["the letter says otherwise"]
    assert words(given, REFILLS) == ["the letter states more than the record holds"]
    assert words(given, f"{DIAGNOSES}/1") == ["not found in its part of the letter"]


def derived(record: Record) -> None:
    """Values that follow from a letter's words, made otherwise; and two that are left out."""
    record["disputed_items"][0].update(category="imaging", ingredients=["codeine"], retrospective=True)
    record["disputed_items"][0]["reviewer_basis"].update(stance="none_cited")
    record["disputed_items"][1].update(category=None, ingredients=[], quantity=None)


@pytest.mark.parametrize("name", ["category", "ingredients", "retrospective", "reviewer_basis/stance"])
def test_what_no_letter_prints_is_not_said_to_be_in_it(name: str) -> None:
    given = row(document(), derived)
    pointer = f"/disputed_items/0/{name}"
    assert words(given, pointer) == ["another value follows from the letter's words"]
    (check,) = [each for each in given.checks if each.pointer == pointer and each.status == "conflict"]
    assert sides(check, given, None) == ("as made", "from the letter’s words")


def test_what_no_letter_prints_is_not_said_to_be_left_out_of_it() -> None:
    given = row(document(), derived)
    assert words(given, "/disputed_items/1/ingredients") == ["a value follows from the letter's words"]
    # One check compares the readers, the other asks for a look at any item without a category.
    said = ["a value follows from the letter's words", "the record holds no value"]
    assert words(given, "/disputed_items/1/category") == said
    assert words(given, "/disputed_items/1/quantity") == ["the letter states more than the record holds"]
    record = given.record and given.record.model_dump(mode="json")
    check = Check(pointer="/disputed_items/0/category", status="unsupported", model_value="imaging", span=None)
    assert reason(check, given, record) == "no words of the letter lead to it"
    asked = given.model_copy(update={"provenance": given.provenance.model_copy(update={"model": "openai/x"})})
    assert reason(check, asked, record) == "only the model has it: no words of the letter lead to it"


def test_a_model_and_the_letter() -> None:
    given = weighed()
    assert words(given, QUANTITY) == ["two readers differ"]
    assert words(given, REFILLS) == ["the model left it out"]
    assert words(given, f"{DIAGNOSES}/1") == ["only the model has it: not found in the letter"]
    assert words(given, AGE) == ["one reader, unsure"]


@pytest.mark.parametrize(
    ("model", "source", "risk", "said"),
    [
        (None, 48, 0.12, "one reader, unsure"),
        (None, 48, 0.5, "one reader, probably wrong"),
        (None, None, 0.12, "one reader found nothing, unsure"),
        (None, [], 0.98, "one reader found nothing, probably wrong"),
        (48, 48, 0.12, "both readers agree, but such values are often wrong"),
    ],
)
def test_a_risk_alone(model: object, source: object, risk: float, said: str) -> None:
    check = Check(pointer=AGE, status="confirmed", model_value=model, source_value=source, risk=risk, review=True)
    given = doubtful()
    assert reason(check, given, given.record and given.record.model_dump(mode="json")) == said


def test_the_heading_against_the_rationale() -> None:
    given = read(Item("Norco 10/325mg #45", rationale="It helps. The request is medically necessary."))
    (check,) = [each for each in given.checks if each.pointer == "/disputed_items/0/decision"]
    assert words(given, check.pointer) == ["the rationale concludes otherwise than the heading"]
    assert sides(check, given, None) == ("heading", "rationale")
    assert (check.model_value, check.source_value) == ("upheld", "overturned")
    silent = read(Item("Norco 10/325mg #45", rationale="The chart was reread."))
    assert "the rationale has no conclusion that could be read" in words(silent, check.pointer)


def test_a_decision_that_the_heading_does_not_have_is_not_the_rationale_s() -> None:
    given = row(document(), lambda record: record["disputed_items"][0].update(decision="overturned"))
    assert words(given, "/disputed_items/0/decision", status="conflict") == ["the letter says otherwise"]


def test_the_header_against_the_summary() -> None:
    given = read(summary=SUMMARY.replace("3/1/2016", "3/2/2016"))
    (check,) = [
        each for each in given.checks if each.pointer == "/injured_worker/injury_date" and each.status == "conflict"
    ]
    assert words(given, check.pointer) == ["the header's date differs from the summary's"]
    assert sides(check, given, None) == ("header", "summary")


def change(at: str, value: object) -> Callable[[Record], None]:
    def changed(record: Record) -> None:
        record["disputed_items"][0][at] = value

    return changed


def test_items_lost_and_invented() -> None:
    lost = row(document(), lambda record: record["disputed_items"].pop(1))
    assert words(lost, "/disputed_items") == ["the letter has an item that the record lacks"]
    twice = row(document(), lambda record: record["disputed_items"].append(record["disputed_items"][0]))
    assert words(twice, "/disputed_items/3") == ["the letter has no such item"]


def test_gaps_in_the_letter_itself() -> None:
    cut = read(Item("Norco 10/325mg #45", rationale="The chart was"))
    assert "the rationale is missing or breaks off" in words(cut, "/disputed_items/0/rationale")
    bare = read(Item("Norco 10/325mg #45", administrator=None))
    assert words(bare, "/disputed_items/0/claims_administrator") == [
        "this part is not printed, or its heading was not understood"
    ]
    headless = Document.from_text(letter(*THREE).replace("Case Number: CM16-9900123 ", ""), "w1")
    lost = Extractor("none").extract(headless)
    assert words(lost, "/letter/case_number") == ["not printed, or not understood"]
    odd = read(Item("Zzyzx"))
    assert "the request was not understood" in words(odd, "/disputed_items/0/category")
    more = read(Item("Norco 10/325mg #45 beside quux 17"))
    assert "the heading states more than was read" in words(more, "/disputed_items/0/request")


def test_grounds_without_words_of_the_rationale() -> None:
    given = row(document(), change("grounds", ["safety_risk"]))
    assert words(given, "/disputed_items/0/grounds/0") == ["no words of the rationale support it"]
    against = row(document(), change("grounds", ["guideline_criteria_met"]))
    assert "grounds that do not go with this decision" in words(against, "/disputed_items/0/grounds")


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        ("/letter", "this part begins at a heading that the letter's form does not have"),
        ("/clinical_summary", "this part begins at a heading that the letter's form does not have"),
        ("/disputed_items/0", "this item was found without a heading that the letter's form has"),
        ("/disputed_items/0/decision", "the outcome is not in words that the letter's form has"),
        ("/disputed_items/0/rationale", "this part begins at a label that the letter's form does not have"),
        ("/disputed_items/0/reviewer_basis", "this part begins at a label that the letter's form does not have"),
    ],
)
def test_what_was_not_found_by_the_form_s_own_words(pointer: str, said: str) -> None:
    check = Check(pointer=pointer, status="unsupported", span=SourceSpan((3, 12)), resolution="model", review=True)
    given = read()
    assert reason(check, given, given.record and given.record.model_dump(mode="json")) == said


def test_every_check_has_words_and_two_sides() -> None:
    for given in (doubtful(), weighed()):
        record = given.record.model_dump(mode="json") if given.record else None
        for check in given.checks:
            assert reason(check, given, record)
            assert all(sides(check, given, record))
