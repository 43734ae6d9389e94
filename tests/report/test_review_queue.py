"""What a person looks at first: risk times cost, item by item, and what nobody is asked about."""

from __future__ import annotations

import pytest

from imrllm.corrections import settled_at
from imrllm.fields import COSTS
from imrllm.records import Check, Confirmation, Result
from imrllm.report.review_queue import UNMEASURED, by_worth, queue, repairs, worth
from tests.report.reviewed import DIAGNOSES, GROUNDS, QUANTITY, REFILLS, SPECIALTIES, doubtful, weighed

HEADING, DECISION = "/disputed_items/2/heading", "/disputed_items/2/decision"


def places(result: Result) -> list[str]:
    record = result.record.model_dump(mode="json") if result.record else None
    return [settled_at(record, check.pointer) for check in result.checks]


def asked(*given: tuple[str, float | None]) -> Result:
    checks = tuple(Check(pointer=at, status="conflict", risk=risk, review=True) for at, risk in given)
    return doubtful().model_copy(update={"checks": checks})


def queued(result: Result) -> list[str]:
    return [doubt.at for doubt in queue(result, places(result))]


@pytest.mark.parametrize(
    ("pointer", "risk", "cost", "reason"),
    [
        (QUANTITY, 0.1, COSTS["critical"], "a wrong amount is a critical error"),
        (HEADING, 0.1, COSTS["core"], "a field of its own"),
        (GROUNDS, 0.1, COSTS["prose"], "takes judgment"),
        (f"{DIAGNOSES}/1", 0.1, COSTS["prose"], "an entry costs what its list does"),
        ("/disputed_items", 0.1, COSTS["critical"], "an item was lost"),
        ("/disputed_items/3", 0.1, COSTS["critical"], "an item was invented"),
        ("/disputed_items/0/reviewer_basis", 0.1, COSTS["core"], "holds core fields"),
        (QUANTITY, 0.0, COSTS["critical"], "no risk is not the same as none measured"),
    ],
)
def test_worth_is_risk_times_cost(pointer: str, risk: float, cost: float, reason: str) -> None:
    assert worth(pointer, risk) == pytest.approx(risk * cost), reason
    assert worth(pointer, None) == pytest.approx(UNMEASURED * cost), reason


def test_the_most_worth_comes_first_and_an_item_stays_together() -> None:
    given = asked((GROUNDS, 0.9), (SPECIALTIES, 0.2), (QUANTITY, 0.3), (HEADING, 0.1), (DECISION, 0.25))
    assert queued(given) == [QUANTITY, DECISION, GROUNDS, HEADING, SPECIALTIES]


def test_without_risks_critical_fields_come_first_in_the_letter_s_order() -> None:
    given = asked((GROUNDS, None), (SPECIALTIES, None), (REFILLS, None), (DIAGNOSES, None), (QUANTITY, None))
    assert queued(given) == [QUANTITY, REFILLS, SPECIALTIES, DIAGNOSES, GROUNDS]
    assert {doubt.risk for doubt in queue(given, places(given))} == {None}


def test_a_field_with_several_checks_is_there_once_with_its_highest_risk() -> None:
    given = asked((f"{DIAGNOSES}/0", 0.1), (f"{DIAGNOSES}/1", 0.4), (DIAGNOSES, None))
    assert [(doubt.at, doubt.risk) for doubt in queue(given, places(given))] == [(DIAGNOSES, 0.4)]


def test_a_check_without_risk_has_that_of_its_field() -> None:
    given = asked((QUANTITY, None)).model_copy(update={"risks": {QUANTITY: 0.07}})
    assert [doubt.risk for doubt in queue(given, places(given))] == [0.07]


def test_repairs_are_what_differs_and_nobody_is_asked_about() -> None:
    given = weighed()
    found = repairs(given, places(given))
    asked = {doubt.at for doubt in queue(given, places(given))}
    differ = {at for check, at in zip(given.checks, places(given), strict=True) if check.status != "confirmed"}
    assert set(found) == differ - asked
    assert (len(found), *found[:2], found[-1]) == (18, SPECIALTIES, DIAGNOSES, GROUNDS), "in the record's order"
    assert repairs(doubtful(), places(doubtful())) == [], "without a measured risk each difference is in doubt"
    by = Confirmation(initials="AB", on="2026-11-24")  # type: ignore[arg-type]
    done = given.model_copy(
        update={"checks": tuple(check.model_copy(update={"confirmed_by": by}) for check in given.checks)}
    )
    assert (repairs(done, places(done)), queue(done, places(done))) == ([], [])


def test_a_field_in_doubt_is_not_a_repair_too() -> None:
    check = Check(pointer=DIAGNOSES, status="conflict", review=False)
    both = asked((f"{DIAGNOSES}/0", 0.3))
    both = both.model_copy(update={"checks": (*both.checks, check)})
    assert repairs(both, places(both)) == []


def test_letters_with_the_most_to_look_at_come_first() -> None:
    little, much, nothing = asked((GROUNDS, 0.1)), asked((QUANTITY, 0.5), (GROUNDS, 0.1)), asked()
    assert by_worth([queue(each, places(each)) for each in (nothing, little, much, nothing)]) == [2, 1, 0, 3]
