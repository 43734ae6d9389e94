"""The overview: counts by hand against counts by the page, and the pictures that show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from imrllm.analysis import analyze
from imrllm.evals.statistics import rate
from imrllm.records import (
    Basis,
    Check,
    Citation,
    ClinicalSummary,
    Determination,
    DisputedItem,
    InjuredWorker,
    LetterHeader,
    Provenance,
    Result,
    Reviewer,
)
from imrllm.report.bars import course
from imrllm.report.overview import OVERTURNED, TO_REVIEW, UPHELD, openings, overview, overview_tables, supported
from imrllm.report.published import DEFAULT_TABLES, count_published
from imrllm.report.published_columns import columns_named


def basis(*guidelines: str) -> Basis:
    cited = [
        Citation(guideline=each, within_mtus=True, chapter=None, year=None, sections=(), pages=())  # type: ignore[arg-type]
        for each in guidelines
    ]
    return Basis(stance="cited" if cited else "none_cited", citations=tuple(cited))


def item(decision: str | None, category: str | None = "medication", **given: Any) -> DisputedItem:
    lists = dict.fromkeys(("ingredients", "strengths", "body_parts", "grounds"), ())
    fields: dict[str, Any] = dict.fromkeys(DisputedItem.model_fields) | lists
    fields |= {"heading": "Norco", "request": "Norco", "retrospective": False}
    return DisputedItem(**fields | {"decision": decision, "category": category} | given)


def record(day: str | None, *items: DisputedItem) -> Determination:
    return Determination(
        document_id="w",
        letter=LetterHeader(decision_date=date.fromisoformat(day) if day else None),
        reviewer=Reviewer(),
        injured_worker=InjuredWorker(),
        clinical_summary=ClinicalSummary(),
        disputed_items=items,
    )


def test_letters_items_and_outcomes() -> None:
    counted = overview(
        [
            record(None, item("upheld"), item("overturned"), item("overturned", "imaging")),
            record(None, item("upheld", None), item("upheld")),
        ]
    )
    assert (counted.letters, counted.items, counted.overturned, counted.undated) == (2, 5, rate(2, 5), 2)
    assert list(counted.over_time) == ["medication", "imaging", "not stated"]


def shown(*results: Result | None) -> dict[str, dict[str, list[tuple[int, int, int]]]]:
    """By table and row, the letters and items behind it, and what is true of them."""
    tables = count_published([each for each in results if each], overview_tables()).tables
    return {
        table.by[0].name: {
            name.group[0]: [(row[at], row[at + 1], row[at + 2]) for at in range(0, len(row), 3)]
            for name, row in zip((*table.rows, table.total), rows, strict=True)
        }
        for table, rows in zip(tables, openings(tables, [each and analyze(each) for each in results]), strict=True)
    }


def test_behind_each_row_are_its_letters_and_items() -> None:
    norco = item("overturned", ingredients=("hydrocodone", "naproxen"), reviewer_basis=basis("MTUS", "MTUS", "ODG"))
    scan = item("upheld", "imaging", claims_administrator=basis("ODG"))
    # The second row of the page is not a result: the places of the others stay those of the page.
    opened = shown(result(scan, norco), None, result(norco))
    assert opened["drug_classes"] == {
        "NSAID": [(0, 1, OVERTURNED), (2, 0, OVERTURNED)],
        "opioids": [(0, 1, OVERTURNED), (2, 0, OVERTURNED)],
        "all": [(0, 1, OVERTURNED), (2, 0, OVERTURNED)],
    }
    assert opened["reviewer_guidelines"]["MTUS"] == [(0, 1, OVERTURNED), (2, 0, OVERTURNED)], "once an item"
    assert opened["reviewer_guidelines"]["none"] == [(0, 0, UPHELD)]
    assert opened["claims_administrator_guidelines"]["ODG"] == [(0, 0, UPHELD)]
    assert opened["service_group"]["all"] == [(0, 0, UPHELD), (0, 1, OVERTURNED), (2, 0, OVERTURNED)]


def test_behind_each_row_are_as_many_items_as_it_counts() -> None:
    checks = (Check(pointer="/disputed_items/0/category", status="conflict", model_value="a", source_value="b"),)
    results = [
        result(item("upheld"), item("overturned", "imaging"), checks=checks),
        result(item("overturned", None)),
        # A rationale alone, whose outcome is not known, counts as neither.
        result(item(None, heading=None)),
    ]
    tables = count_published(results, overview_tables()).tables
    for table, rows in zip(tables, openings(tables, [each and analyze(each) for each in results]), strict=True):
        for row, opened in zip((*table.rows, table.total), rows, strict=True):
            bits = opened[2::3]
            assert sum(bool(each & OVERTURNED) for each in bits) == row.overturned.right
            assert sum(bool(each & UPHELD) for each in bits) == row.upheld
            assert sum(bool(each & TO_REVIEW) for each in bits) == row.to_review
            assert len(set(opened[::3])) == row.letters
            assert len(bits) >= row.items
    (first, *_) = openings(tables, list(map(analyze, results)))
    assert sum(bool(each & TO_REVIEW) for each in first[-1][2::3]) == 1


def test_behind_a_ground_are_only_items_whose_letters_support_it() -> None:
    argued = item("upheld", grounds=("long_term_use", "safety_risk"))
    opened = shown(result(argued, evidence=["/disputed_items/0/grounds/1"]))["grounds"]
    assert opened == {"safety risk": [(0, 0, UPHELD)], "all": [(0, 0, UPHELD)]}


def test_the_overview_has_the_tables_of_the_report() -> None:
    names = [tuple(column.name for column in columns) for columns in overview_tables()]
    assert [each for each in names if each in DEFAULT_TABLES] == list(DEFAULT_TABLES)
    assert names[-1] == ("grounds",)
    crossed = [columns_named("drug_class,guideline")]
    assert overview_tables(crossed)[:-1] == crossed


def test_grounds_by_outcome() -> None:
    counted = overview(
        [
            record(
                None,
                item("upheld", grounds=("long_term_use", "safety_risk")),
                item("upheld", grounds=("long_term_use",)),
                item("upheld"),
                item("overturned", grounds=("guideline_criteria_met",)),
            )
        ]
    )
    assert [(row.name, row.shares) for row in counted.grounds] == [
        ("long_term_use", {"upheld": rate(2, 3), "overturned": rate(0, 1)}),
        ("safety_risk", {"upheld": rate(1, 3), "overturned": rate(0, 1)}),
        ("guideline_criteria_met", {"upheld": rate(0, 3), "overturned": rate(1, 1)}),
    ]
    assert counted.argued == {"upheld": 2, "overturned": 1}
    assert counted.unsupported == 0


def result(*items: DisputedItem, evidence: Sequence[str] = (), checks: tuple[Check, ...] = ()) -> Result:
    """A result whose letter has words for the values at some pointers."""
    return Result(
        document_id="w",
        status="review",
        record=record(None, *items),
        evidence=dict.fromkeys(evidence, ((0, 5),)),
        checks=checks,
        provenance=Provenance(model="none", version="0"),
    )


def test_grounds_that_no_words_support_are_not_counted_but_their_number_is_given() -> None:
    items = (
        item("upheld", grounds=("long_term_use", "safety_risk")),
        item("upheld", grounds=("long_term_use", "long_term_use")),
        item("overturned", grounds=("guideline_criteria_met",)),
    )
    evidence = ["/disputed_items/0/heading", "/disputed_items/0/grounds/1", "/disputed_items/2/grounds/0"]
    failed = Result(document_id="x", status="failed", provenance=Provenance(model="none", version="0"))
    # The second letter's row has no evidence of anything: another program made it.
    records, left_out = supported([result(*items, evidence=evidence), failed, result(items[1])])
    counted = overview(records, left_out)
    assert [(row.name, row.shares) for row in counted.grounds] == [
        ("long_term_use", {"upheld": rate(1, 3), "overturned": rate(0, 1)}),
        ("safety_risk", {"upheld": rate(1, 3), "overturned": rate(0, 1)}),
        ("guideline_criteria_met", {"upheld": rate(0, 3), "overturned": rate(1, 1)}),
    ]
    assert (counted.letters, counted.items) == (2, 4), "an item stays where its grounds do not"
    assert counted.argued == {"upheld": 2, "overturned": 1}
    assert counted.unsupported == 2, "a ground that is given twice is one"


@pytest.mark.parametrize(
    ("days", "length", "names"),
    [
        (["2017-01-09"], "month", ["2017-01"]),
        (["2016-11-30", "2017-02-01"], "month", ["2016-11", "2016-12", "2017-01", "2017-02"]),
        (
            ["2015-12-31", "2017-07-01"],
            "quarter",
            ["2015 Q4", "2016 Q1", "2016 Q2", "2016 Q3", "2016 Q4", "2017 Q1", "2017 Q2", "2017 Q3"],
        ),
        (["2013-06-26", "2018-01-02"], "year", ["2013", "2014", "2015", "2016", "2017", "2018"]),
        ([], "month", []),
    ],
)
def test_periods_are_of_a_readable_number_and_none_is_left_out(days: list[str], length: str, names: list[str]) -> None:
    counted = overview([record(day, item("upheld")) for day in days])
    assert (counted.length, [period.name for period in counted.periods]) == (length, names)
    assert sum(period.upheld for period in counted.periods) == len(days)


def test_items_over_time() -> None:
    counted = overview(
        [
            record("2017-01-09", item("upheld"), item("overturned", "imaging")),
            record("2017-03-09", item("overturned")),
            record(None, item("upheld")),
        ]
    )
    assert counted.periods == [("2017-01", 1, 1), ("2017-02", 0, 0), ("2017-03", 0, 1)]
    assert counted.over_time["imaging"] == [("2017-01", 0, 1), ("2017-02", 0, 0), ("2017-03", 0, 0)]
    assert (counted.pictured, counted.top, counted.top_of_pictured) == (["medication", "imaging"], 2, 1)
    assert counted.undated == 1


def test_a_course_is_drawn_to_scale_and_says_what_it_shows() -> None:
    drawing = ET.fromstring(course([("2017 <Q1>", 3, 1), ("2017 Q2", 0, 0), ("2017 Q3", 0, 2)], 4, "all & sundry"))
    assert drawing.findtext("title") == "all & sundry: 3 upheld and 3 overturned over 3 periods"
    heights = [(rect.get("class"), float(rect.get("height") or 0)) for rect in drawing.iter("rect")]
    whole = heights[0][1] + heights[1][1]
    assert heights == [
        ("upheld", pytest.approx(whole * 3 / 4)),
        ("overturned", pytest.approx(whole / 4)),
        ("overturned", pytest.approx(whole / 2)),
    ]
    assert [text.text for text in drawing.iter("text")] == ["4", "0", "2017 <Q1>", "2017 Q3"]
