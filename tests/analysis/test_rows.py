"""What is derived of a result: each rule with the cases that it must tell apart."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

import pytest

from imrllm.analysis import ANALYSIS_COLUMNS, AnalyzedItem, analyze
from imrllm.analysis.services import services
from imrllm.fields import CASE_FIELDS, ITEM_FIELDS, field_at
from imrllm.records import Basis, Category, Check, Citation, DisputedItem, LetterHeader, Result
from tests.export.made import failed, item, result


def cited(*chapters: tuple[str, str | None]) -> Basis:
    citations = (
        Citation(
            guideline=guideline, within_mtus=guideline == "MTUS", chapter=chapter, year=None, sections=(), pages=()
        )  # type: ignore[arg-type]
        for guideline, chapter in chapters
    )
    return Basis(stance="cited" if chapters else "none_cited", citations=tuple(citations))


def only(given: DisputedItem, **changed: Any) -> AnalyzedItem:
    (found,) = analyze(result("a", given, **{"checks": ()} | changed)).items
    return found


def test_every_category_has_a_service() -> None:
    assert list(services()) == list(get_args(Category))


@pytest.mark.parametrize(
    ("category", "service", "group"),
    [
        ("topical_compound", "Pharmaceuticals", "prescription drugs"),
        ("laboratory", "Diagnostic Testing", "laboratory"),
        ("consultation", "Evaluation & Management", "evaluation & management"),
        (None, None, None),
    ],
)
def test_services(category: str | None, service: str | None, group: str | None) -> None:
    derived = only(item(category=category)).derived
    assert (derived.service, derived.service_group) == (service, group)


@pytest.mark.parametrize(
    ("original", "authorized", "expected"),
    [
        (None, None, "denied"),
        ("Norco #90", "Norco #45", "modified"),
        # One form names only what was authorized, another only the original request.
        (None, "Norco #45", "modified"),
        ("Norco #90", None, "modified"),
    ],
)
def test_denied_or_modified(original: str | None, authorized: str | None, expected: str) -> None:
    assert only(item(original_request=original, authorized=authorized)).derived.ur_outcome == expected


@pytest.mark.parametrize(
    ("category", "heading", "expected"),
    [
        ("surgery", "Arthroscopy", True),
        ("surgical_adjunct", "Surgical assistant", False),
        ("physical_therapy", "Associated Surgical Service: Physical therapy", False),
        (None, "Arthroscopy", True),
    ],
)
def test_primary_requests(category: str | None, heading: str, expected: bool) -> None:
    assert only(item(category=category, heading=heading)).derived.is_primary is expected


@pytest.mark.parametrize(
    ("theirs", "reviewers", "same"),
    [
        ((("MTUS", "Opioids"),), (("MTUS", "Chronic Pain"),), True),
        # The order and the number of citations do not count.
        ((("MTUS", "A"), ("ODG", "B")), (("ODG", "C"), ("MTUS", "D"), ("MTUS", "E")), True),
        ((("MTUS", "A"),), (("MTUS", "A"), ("ODG", "B")), False),
        ((), (("MTUS", "A"),), None),
        ((), (), None),
    ],
)
def test_guidelines_of_both_sides(theirs: Any, reviewers: Any, same: bool | None) -> None:
    derived = only(item(claims_administrator=cited(*theirs), reviewer_basis=cited(*reviewers))).derived
    assert derived.same_guideline is same
    assert derived.claims_administrator_guidelines == tuple(dict.fromkeys(guideline for guideline, _ in theirs))
    assert derived.reviewer_guidelines == tuple(dict.fromkeys(guideline for guideline, _ in reviewers))


def test_a_side_that_was_not_read_cites_nothing() -> None:
    derived = only(item(claims_administrator=None, reviewer_basis=None)).derived
    assert (derived.same_guideline, derived.reviewer_guidelines, derived.mtus_chapters) == (None, (), ())


def test_mtus_chapters_of_both_sides_once_each() -> None:
    theirs = cited(("MTUS", "Low Back Complaints"), ("ODG", "Low Back"), ("MTUS", None))
    reviewers = cited(("MTUS", "LOW BACK COMPLAINTS."), ("MTUS", "Opioids"))
    derived = only(item(claims_administrator=theirs, reviewer_basis=reviewers)).derived
    assert derived.mtus_chapters == ("Low Back Complaints", "Opioids")


def test_chapters_that_replaced_one_another_have_one_subject() -> None:
    theirs = cited(("MTUS", "Low Back Complaints"), ("MTUS", "No chapter of any kind"))
    derived = only(item(claims_administrator=theirs, reviewer_basis=cited(("MTUS", "Low Back Disorders")))).derived
    assert derived.mtus_subjects == ("low back",)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        (("upheld", "upheld"), "uphold"),
        (("overturned",), "overturn"),
        (("upheld", "overturned"), "partially overturn"),
    ],
)
def test_case_outcomes(decisions: tuple[str, ...], expected: str) -> None:
    given = result("a", *(item(decision=each) for each in decisions), checks=())
    assert analyze(given).derived.case_outcome == expected


def dated(**dates: date | None) -> Result:
    given = result("a", item(), checks=())
    assert given.record
    record = given.record.model_copy(update={"letter": LetterHeader(**dates)})  # type: ignore[arg-type]
    return given.model_copy(update={"record": record})


@pytest.mark.parametrize(
    ("decided", "quarter"),
    [
        (date(2016, 1, 1), "2016-Q1"),
        (date(2016, 3, 31), "2016-Q1"),
        (date(2016, 4, 1), "2016-Q2"),
        (date(2016, 12, 31), "2016-Q4"),
        (None, None),
    ],
)
def test_quarters(decided: date | None, quarter: str | None) -> None:
    assert analyze(dated(decision_date=decided)).derived.decision_quarter == quarter


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2016, 12, 30), date(2017, 1, 9), 10),
        (date(2017, 1, 9), date(2017, 1, 9), 0),
        # A date that is wrong is not counted.
        (date(2017, 1, 10), date(2017, 1, 9), None),
        (None, date(2017, 1, 9), None),
        (date(2017, 1, 10), None, None),
    ],
)
def test_days(start: date | None, end: date | None, days: int | None) -> None:
    starts = ("application_received", "date_assigned", "ur_denial_date")
    derived = analyze(dated(decision_date=end, **dict.fromkeys(starts, start))).derived
    assert (derived.days_from_application, derived.days_from_assignment, derived.days_from_ur_denial) == (days,) * 3


def test_the_year_of_injury_is_the_headers_else_the_summarys() -> None:
    assert analyze(dated(date_of_injury=date(2014, 5, 1))).derived.injury_year == 2014
    assert analyze(dated()).derived.injury_year == 2016, "the summary says 2016-03"


def test_what_is_to_be_reviewed_and_the_highest_risk() -> None:
    checks = (
        Check(pointer="/injured_worker/age", status="missing", source_value=48, span=(3, 5), risk=0.4),
        Check(pointer="/disputed_items/0/quantity", status="conflict", model_value=4, source_value=5, risk=0.2),
        Check(pointer="/disputed_items/1/category", status="confirmed", model_value="imaging", risk=0.1),
    )
    document = analyze(result(checks=checks))
    first, second = document.items
    assert (first.derived.review, first.derived.risk_max, first.to_review) == (True, 0.2, 1)
    assert (second.derived.review, second.derived.risk_max, second.to_review) == (False, 0.1, 0)
    # A letter's own fields are behind each of its items.
    assert first.derived.fields_to_review == ("quantity", "injured_worker.age")
    assert second.derived.fields_to_review == ("injured_worker.age",)
    assert (document.derived.document_review, document.derived.document_risk_max) == (True, 0.4)


def test_a_failed_document_has_nothing() -> None:
    document = analyze(failed("b"))
    assert document.items == ()
    assert set(document.derived.model_dump().values()) == {None}


def test_each_derived_column_names_the_fields_that_it_rests_on() -> None:
    derived = [column for column in ANALYSIS_COLUMNS if column.is_derived]
    assert len(derived) >= 18
    for column in derived:
        assert column.line.description
        for pointer in column.pointers:
            if pointer.startswith("/record"):
                assert field_at(pointer.removeprefix("/record")), pointer
            else:
                assert pointer.startswith(("/checks/", "/risks/"))


def test_the_flat_table_has_every_field_but_long_texts() -> None:
    names = [column.name for column in ANALYSIS_COLUMNS]
    assert len(names) == len(set(names))
    fields = {field.path[-1] for field in (*CASE_FIELDS, *ITEM_FIELDS)} - {"heading", "rationale", "stance"}
    assert fields <= set(names)
    assert {"claims_administrator_stance", "reviewer_stance"} <= set(names)
    assert not {"heading", "rationale"} & set(names)
