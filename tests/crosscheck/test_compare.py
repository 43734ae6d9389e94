"""A record made elsewhere against its letter: the mutations that no scorer may miss, at the field's own pointer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from imrllm.crosscheck import Resolved, compare
from imrllm.records import Determination, DisputedItem
from tests.crosscheck.pointers import altered, is_there, value_at
from tests.letters import RIGHT_CASE, RIGHT_ITEMS, THREE, Item, letter, read

LETTER = read(letter(*THREE))
RIGHT = LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record
NORCO, REFILL, ATIVAN = RIGHT.disputed_items
INVENTED = ATIVAN.model_copy(update={"heading": "Soma 350mg #60", "request": "Soma 350mg #60"})


def compared(record: Determination) -> Resolved:
    return compare(record, LETTER.parts, LETTER.readings)


def doubts(result: Resolved) -> dict[str, str]:
    return {check.pointer: check.status for check in result.checks if check.status != "confirmed"}


def with_items(*items: DisputedItem) -> Determination:
    return RIGHT.model_copy(update={"disputed_items": items})


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (RIGHT, "identical"),
        (with_items(ATIVAN, NORCO, REFILL), "items in another order"),
        (altered(RIGHT, "/disputed_items/0/strengths", ["10mg", "325mg"]), "a strength without its space"),
        (altered(RIGHT, "/reviewer/licensed_states", ["Texas", "California"]), "states in another order"),
        (altered(RIGHT, "/disputed_items/0/rationale", None), "a gold record without rationale"),
    ],
)
def test_a_right_record_is_confirmed_as_it_is(record: Determination, reason: str) -> None:
    result = compared(record)
    assert not doubts(result), reason
    assert result.record is record, reason


@pytest.mark.parametrize(
    ("record", "pointer", "status", "reason"),
    [
        (
            altered(RIGHT, "/disputed_items/0/decision", "overturned"),
            "/disputed_items/0/decision",
            "conflict",
            "flipped",
        ),
        (
            altered(RIGHT, "/disputed_items/2/strengths/0", "10 mg"),
            "/disputed_items/2/strengths",
            "conflict",
            "1 to 10",
        ),
        (altered(RIGHT, "/disputed_items/0/quantity", 48), "/disputed_items/0/quantity", "conflict", "45 to 48"),
        (
            altered(RIGHT, "/disputed_items/2/reviewer_basis/citations/0/pages/0", "42"),
            "/disputed_items/2/reviewer_basis/citations/0/pages",
            "conflict",
            "page 24 to 42",
        ),
        (altered(RIGHT, "/disputed_items/1/refills", None), "/disputed_items/1/refills", "missing", "1 to null"),
        (altered(RIGHT, "/disputed_items/0/refills", 0), "/disputed_items/0/refills", "unsupported", "null to 0"),
        (with_items(NORCO, ATIVAN), "/disputed_items", "missing", "one item dropped"),
        (with_items(NORCO, REFILL, ATIVAN, INVENTED), "/disputed_items/3", "unsupported", "one item invented"),
        (altered(RIGHT, "/letter/decision_date", "2017-01-10"), "/letter/decision_date", "conflict", "a day later"),
        (altered(RIGHT, "/letter/case_number", "CM16-9900132"), "/letter/case_number", "conflict", "figures exchanged"),
        (altered(RIGHT, "/letter/priority", None), "/letter/priority", "missing", "left out"),
        (
            altered(RIGHT, "/disputed_items/0/heading", "Norco #45"),
            "/disputed_items/0/heading",
            "conflict",
            "shortened",
        ),
        (
            altered(RIGHT, "/disputed_items/0/original_request", "Norco #90"),
            "/disputed_items/0/original_request",
            "unsupported",
            "no original request is printed",
        ),
        (
            altered(RIGHT, "/disputed_items/0/rationale", "It is needed."),
            "/disputed_items/0/rationale",
            "conflict",
            "another rationale",
        ),
        (altered(RIGHT, "/injured_worker/age", 84), "/injured_worker/age", "conflict", "48 to 84"),
    ],
)
def test_a_mutation_is_found_at_its_own_pointer(record: Determination, pointer: str, status: str, reason: str) -> None:
    result = compared(record)
    assert doubts(result) == {pointer: status}, reason
    assert result.in_doubt
    assert result.record is record, "nothing is resolved"


def test_a_mutation_of_a_reordered_record_is_found_where_the_record_has_it() -> None:
    record = with_items(ATIVAN, altered(NORCO, "/quantity", 48), REFILL)
    assert doubts(compared(record)) == {"/disputed_items/1/quantity": "conflict"}


def test_a_flipped_decision_is_not_confirmed_by_the_rationale() -> None:
    record = altered(RIGHT, "/disputed_items/0/decision", "overturned")
    checks = [check for check in compared(record).checks if check.pointer == "/disputed_items/0/decision"]
    assert ("conflict", "overturned", "upheld") in {(c.status, c.model_value, c.source_value) for c in checks}


def test_a_record_of_another_letter() -> None:
    other = read(letter(Item("MRI of the left knee")))
    result = compare(RIGHT, other.parts, other.readings)
    assert doubts(result)["/disputed_items"] == "missing"
    assert {f"/disputed_items/{index}" for index in range(3)} <= set(doubts(result))
    assert not [pointer for pointer in result.evidence if pointer.startswith("/disputed_items")]


def test_no_items_at_all() -> None:
    result = compared(with_items())
    assert [check.status for check in result.checks if check.pointer == "/disputed_items"] == ["missing"] * 3


@pytest.mark.parametrize(
    ("change", "gone", "reason"),
    [
        (lambda: altered(RIGHT, "/letter/decision_date", "2017-01-10"), "/letter/decision_date", "another date"),
        (lambda: altered(RIGHT, "/letter/priority", None), "/letter/priority", "left out"),
        (lambda: altered(RIGHT, "/disputed_items/0/heading", "Soma"), "/disputed_items/0/heading", "another heading"),
        (
            lambda: altered(RIGHT, "/disputed_items/0/decision", "overturned"),
            "/disputed_items/0/decision",
            "another decision",
        ),
        (lambda: altered(RIGHT, "/disputed_items/0/quantity", 48), "/disputed_items/0/quantity", "another number"),
        (lambda: altered(RIGHT, "/disputed_items/0/rationale", None), "/disputed_items/0/rationale", "left out"),
    ],
)
def test_no_evidence_for_what_the_letter_does_not_say(
    change: Callable[[], Determination], gone: str, reason: str
) -> None:
    evidence = compared(change()).evidence
    assert gone not in evidence, reason
    assert set(evidence) == set(compared(RIGHT).evidence) - {gone}, reason


@pytest.mark.parametrize(
    "record",
    [
        RIGHT,
        with_items(ATIVAN, NORCO, REFILL),
        with_items(REFILL),
        with_items(INVENTED, NORCO, ATIVAN, REFILL),
        altered(RIGHT, "/reviewer/licensed_states", ["Texas", "California"]),
        altered(RIGHT, "/clinical_summary/diagnoses", ["insomnia", "insomnia", "lumbar radiculopathy"]),
    ],
)
def test_evidence_is_of_the_records_own_order(record: Determination) -> None:
    result = compared(record)

    def text(pointer: str) -> Any:
        (start, end), *_ = result.evidence[pointer]
        return LETTER.text[start:end]

    assert all(is_there(record, pointer) for pointer in result.evidence)
    for index, state in enumerate(record.reviewer.licensed_states):
        assert text(f"/reviewer/licensed_states/{index}") == state
    for index, diagnosis in enumerate(record.clinical_summary.diagnoses):
        assert text(f"/clinical_summary/diagnoses/{index}") == diagnosis
    for index, item in enumerate(record.disputed_items):
        if item is not INVENTED:
            assert text(f"/disputed_items/{index}/heading") == item.heading
            assert str(int(item.quantity or 0)) in text(f"/disputed_items/{index}/quantity")


def test_pointers_of_the_tests_themselves() -> None:
    assert value_at(RIGHT, "/letter/decision_date") == date(2017, 1, 9)
    assert not is_there(RIGHT, "/disputed_items/3")
    assert not is_there(RIGHT, "/reviewer/licensed_states/01")
