"""The published tables: counts by hand against counts by the program, and what each format says of them."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imrllm.errors import UsageError
from imrllm.evals.statistics import rate
from imrllm.records import Basis, Check, DisputedItem, LetterHeader, Result
from imrllm.report.published import DEFAULT_TABLES, OutcomeTable, Published, count_published
from imrllm.report.published_columns import columns_named, groupable
from imrllm.report.published_page import published_page
from imrllm.report.published_source import publish
from imrllm.report.published_text import csv_text, markdown, terminal_tables
from imrllm.store import manifest_path, new_manifest
from tests.export.made import failed, file_of, item, result
from tests.report.page import Page
from tests.report.runs import HOSTILE, encodable


def drug(decision: str, *ingredients: str, **given: Any) -> DisputedItem:
    return item(
        **{"decision": decision, "treatment": "a drug", "request": "a drug", "ingredients": ingredients} | given
    )


def therapy(decision: str) -> DisputedItem:
    return drug(decision, category="physical_therapy")


def letter(name: str, *items: DisputedItem, checks: tuple[Check, ...] = (), **dates: date) -> Result:
    given = result(name, *items, checks=checks)
    assert given.record
    record = given.record.model_copy(update={"letter": LetterHeader(**dates)})  # type: ignore[arg-type]
    return given.model_copy(update={"record": record})


def only(table: str, *results: Result) -> OutcomeTable:
    (found,) = count_published(results, [columns_named(table)]).tables
    return found


def counts(table: OutcomeTable) -> dict[str, tuple[int, int, int]]:
    """By group, the items, the overturned and the letters."""
    return {" / ".join(row.group): (row.items, row.overturned.right, row.letters) for row in (*table.rows, table.total)}


@pytest.mark.parametrize("column", ["guideline", "claims_administrator_guidelines", "mtus_chapters", "mtus_subjects"])
def test_guidelines_that_were_not_read_are_not_none(column: str) -> None:
    unread, uncited = Basis(stance="cited", citations=()), Basis(stance="none_cited", citations=())
    sides = [{"claims_administrator": basis, "reviewer_basis": basis} for basis in (unread, uncited, None)]
    first, second, third = (drug("upheld", "naproxen", **side) for side in sides)
    table = only(column, letter("a", first), letter("b", second, third))
    assert counts(table) == {"none": (2, 0, 1), "not known": (1, 0, 1), "all": (3, 0, 2)}


def test_items_without_a_decision_are_said_to_be_in_no_share() -> None:
    decided = letter("a", drug("upheld", "naproxen"))
    # A text that is only a rationale, whose outcome is not known.
    unknown = item(ingredients=("naproxen",)).model_copy(update={"heading": None, "decision": None})
    table = only("service", decided, letter("b", unknown))
    assert (table.total.items, table.total.letters) == (1, 2)
    assert "Without a decision, and in no share: 1 item." in " ".join(table.notes)
    assert "Without a decision" not in " ".join(only("service", decided).notes)


def test_outcomes_by_service() -> None:
    table = only(
        "service",
        letter("a", drug("upheld", "naproxen"), drug("overturned", "naproxen"), therapy("upheld")),
        letter("b", drug("upheld", "naproxen"), drug("upheld", category=None)),
        failed("c"),
    )
    assert counts(table) == {
        "Pharmaceuticals": (3, 1, 2),
        "Rehabilitation": (1, 0, 1),
        "not known": (1, 0, 1),
        "all": (5, 1, 2),
    }
    assert [row.group[0] for row in table.rows] == ["Pharmaceuticals", "Rehabilitation", "not known"]
    assert (table.total.items, table.total.letters, table.total.overturned) == (5, 2, rate(1, 5))
    assert [row.share for row in table.rows] == [0.6, 0.2, 0.2]
    assert table.rows[0].overturned == rate(1, 3), "Wilson's interval, of the one function"


def test_an_item_with_several_classes_counts_in_each_and_the_table_says_so() -> None:
    table = only(
        "drug_class",
        letter("a", drug("overturned", "naproxen", "omeprazole"), drug("upheld", "naproxen")),
        letter("b", therapy("upheld")),
    )
    assert counts(table) == {"NSAID": (2, 1, 1), "proton pump inhibitors": (1, 1, 1), "all": (2, 1, 1)}
    notes = " ".join(table.notes)
    assert "the rows have 1 more items than the total" in notes
    assert "Counts drugs alone" in notes, "the therapy has no class"


def test_crossed_columns() -> None:
    table = only(
        "drug_class,guideline", letter("a", drug("overturned", "naproxen", "omeprazole"), drug("upheld", "hydrocodone"))
    )
    assert table.title == "Outcomes by drug classes and reviewer's guidelines"
    assert counts(table) == {
        "NSAID / MTUS": (1, 1, 1),
        "opioids / MTUS": (1, 0, 1),
        "proton pump inhibitors / MTUS": (1, 1, 1),
        "all / ": (2, 1, 1),
    }


def test_time_is_in_order_and_what_is_not_known_last() -> None:
    letters = [
        letter("a", drug("upheld")),
        letter("b", drug("upheld"), drug("upheld"), decision_date=date(2017, 1, 1)),
        letter("c", drug("upheld"), decision_date=date(2016, 12, 1)),
    ]
    assert [row.group[0] for row in only("quarter", *letters).rows] == ["2016-Q4", "2017-Q1", "not known"]


def test_days_are_in_ranges_in_order() -> None:
    def after(name: str, day: int) -> Result:
        return letter(
            name, drug("upheld"), decision_date=date(2017, 1, 1 + day % 30), application_received=date(2017, 1, 1)
        )

    letters = [after(str(day), day) for day in (29, 3, 0)]
    letters.append(letter("x", drug("upheld"), decision_date=date(2017, 6, 1), application_received=date(2017, 1, 1)))
    letters.append(letter("y", drug("upheld"), decision_date=date(2017, 2, 2), application_received=date(2017, 1, 1)))
    rows = only("days_from_application", *letters).rows
    assert [(row.group[0], row.items) for row in rows] == [
        ("0 to 30 days", 3),
        ("31 to 45 days", 1),
        ("91 days or more", 1),
    ]


@pytest.mark.parametrize(("items", "is_small"), [(9, True), (10, False)])
def test_few_items_are_marked(items: int, is_small: bool) -> None:
    table = only("service", letter("a", *(drug("upheld") for _ in range(items))))
    assert table.rows[0].is_small is is_small
    assert any("Fewer than 10 items" in note for note in table.notes) is is_small


@pytest.mark.parametrize(
    ("by", "pointer", "rests"),
    [
        ("drug_class", "/disputed_items/0/ingredients", True),
        ("drug_class", "/disputed_items/0/ingredients/1", True),
        ("drug_class", "/disputed_items/0/quantity", False),
        # Of the other item.
        ("drug_class", "/disputed_items/1/ingredients", False),
        # Each table rests on the decision, and on whether all items are there.
        ("drug_class", "/disputed_items/0/decision", True),
        ("drug_class", "/disputed_items", True),
        # What holds the field.
        ("guideline", "/disputed_items/0/reviewer_basis", True),
        ("guideline", "/disputed_items/0/claims_administrator", False),
        ("guideline", "/disputed_items/0/reviewer_basis/citations/0/guideline", True),
        ("guideline", "/disputed_items/0/reviewer_basis/citations/0/pages", False),
        ("quarter", "/letter/decision_date", True),
        ("quarter", "/letter", True),
        ("quarter", "/letter/priority", False),
        # A case's outcome rests on each of its items.
        ("case_outcome", "/disputed_items/1/decision", True),
    ],
)
def test_items_that_rest_on_values_to_be_reviewed(by: str, pointer: str, rests: bool) -> None:
    checks = (Check(pointer=pointer, status="conflict", model_value="a", source_value="b"),)
    # The second is not in the first's group, and of another service.
    given = letter("a", drug("upheld", "naproxen"), therapy("upheld"), checks=checks)
    table = only(by, given)
    first = next(row for row in table.rows if row.items)
    assert (first.to_review > 0) is rests
    assert any(note.startswith("To review") for note in table.notes) is (table.total.to_review > 0)


def test_letters_by_quarter() -> None:
    def day(month: int, number: int) -> date:
        return date(2017, month, number)

    counted = count_published(
        [
            letter(
                "a", drug("upheld"), decision_date=day(1, 31), application_received=day(1, 1), ur_denial_date=day(1, 30)
            ),
            letter("b", drug("upheld"), drug("upheld"), decision_date=day(1, 31), application_received=day(1, 11)),
            # The application cannot be after the decision: the days are left out.
            letter("c", drug("upheld"), decision_date=day(4, 1), application_received=day(5, 1)),
            letter("d", drug("upheld")),
            failed("e"),
        ]
    )
    assert [(row.quarter, row.letters, row.items) for row in counted.quarters] == [
        ("2017-Q1", 2, 3),
        ("2017-Q2", 1, 1),
        ("not known", 1, 1),
        ("all", 4, 5),
    ]
    # From the application, the assignment and the UR denial; no letter states the second.
    nothing = (None, 0)
    assert [row.days for row in counted.quarters] == [
        ((25, 2), nothing, (1, 1)),
        (nothing, nothing, nothing),
        (nothing, nothing, nothing),
        ((25, 2), nothing, (1, 1)),
    ]
    assert (counted.letters, counted.failed, counted.items) == (4, 1, 5)


def test_no_records_are_empty_tables(tmp_path: Path) -> None:
    counted = count_published([])
    assert len(counted.tables) == len(DEFAULT_TABLES)
    for make in (published_page, markdown, csv_text):
        assert "nan" not in make(counted, ()).lower()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("drug_class", ["drug_classes"]),
        ("Drug-Classes , guideline", ["drug_classes", "reviewer_guidelines"]),
        ("quarter,quarter", ["decision_quarter"]),
        ("primary", ["is_primary"]),
        ("ground", ["grounds"]),
        ("claims_administrator_guideline", ["claims_administrator_guidelines"]),
    ],
)
def test_names_of_columns(given: str, names: list[str]) -> None:
    assert [column.name for column in columns_named(given)] == names


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("drug_clas", "There is no column `drug_clas`"),
        ("case_number", "`case_number` makes no table"),
        ("request", "`request` makes no table"),
        (" , ", "names no column"),
    ],
)
def test_other_names_are_refused_with_the_columns(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        columns_named(given)
    assert "drug_classes" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("specialty,state", "can identify one reviewer"),
        ("sex,service,drug_class,injury_year", "4 columns in one table leave single letters"),
    ],
)
def test_tables_that_could_list_people_are_refused(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        columns_named(given)
    assert columns_named(given.split(",")[0])


def test_no_table_lists_people_or_letters() -> None:
    assert not {
        "document_id",
        "case_number",
        "heading",
        "request",
        "original_request",
        "authorized",
        "rationale",
        "treatment",
        "diagnoses",
        "treatments_to_date",
        "age",
        "injury_date",
        "date_of_injury",
        "decision_date",
        "risk_max",
    } & set(groupable())


HEADS = ("service", "drug_classes", "quarter")


def published() -> Published:
    letters = [
        letter("a", drug("upheld", "naproxen"), drug("overturned", "hydrocodone"), decision_date=date(2017, 1, 1)),
        letter("b", therapy("upheld"), decision_date=date(2016, 1, 1)),
    ]
    return count_published(letters, [columns_named(each) for each in HEADS])


FACTS = (("model", "none"), ("SHA-256 of the rows", "0" * 64))


def test_markdown() -> None:
    page = markdown(published(), FACTS)
    assert "| service (DWC's categories) | items | of all | upheld | overturned |" in page
    assert "| Pharmaceuticals | 2 | 66.7% | 1 (50.0%) | 1 (50.0%) \\* | 9.5 to 90.5% | 1 | 0 |" in page
    assert "| all | 3 | 100% | 2 (66.7%) | 1 (33.3%) \\* |" in page
    assert f"- SHA-256 of the rows: {'0' * 64}" in page
    assert page == markdown(published(), FACTS)


def test_csv_has_numbers_and_the_facts() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(published(), FACTS))))
    (drugs,) = (row for row in rows if (row["table"], row["group"]) == ("service", "Pharmaceuticals"))
    assert (drugs["items"], drugs["overturned"], drugs["overturn_rate"]) == ("2", "1", "0.5")
    assert drugs["fewer_than_10_items"] == "true"
    assert float(drugs["low"]) == pytest.approx(0.0945, abs=1e-4)
    assert {row["group"]: row["value"] for row in rows if row["table"] == "made from"} == dict(FACTS)


def test_the_page_has_each_row_and_a_picture() -> None:
    page = Page(published_page(published(), FACTS))
    for words in ("Pharmaceuticals", "NSAID", "opioids", "2016-Q1", "0" * 64, "* fewer than 10 items"):
        assert words in page.text
    assert page.tags().count("svg") > 6
    assert ("class", "course") in page.attributes()
    assert "script" not in page.tags()


def test_the_terminal_has_each_row() -> None:
    from rich.console import Console

    console = Console(width=132, record=True, file=io.StringIO())
    console.print(terminal_tables(published(), FACTS))
    shown = console.export_text()
    assert "1 (50.0%) *" in shown
    assert "Made from" in shown


def test_a_narrow_terminal_keeps_the_names_of_rows_and_whole_figures() -> None:
    from rich.console import Console

    console = Console(width=80, record=True, file=io.StringIO())
    letters = [letter("a", *(drug("overturned", "pantoprazole") for _ in range(1000)))]
    console.print(terminal_tables(count_published(letters, [columns_named("drug_class,guideline")]), FACTS))
    shown = console.export_text()
    assert "proton pump inhibitors" in shown
    assert "1,000 (100%)" in shown
    assert "99.6 to 100.0%" in shown
    assert "…" not in shown


@pytest.mark.parametrize(("text", "reason"), HOSTILE)
def test_what_letters_print_is_text_on_the_page(text: str, reason: str) -> None:
    def made(name: str) -> str:
        reviewer = drug("upheld", encodable(name))
        counted = count_published([letter("a", reviewer)], [columns_named("ingredients")])
        return published_page(counted, ((encodable(name), encodable(name)),))

    assert Page(made(text)).tags() == Page(made("plain")).tags(), reason


def test_what_letters_print_is_text_in_markdown_and_csv() -> None:
    names = ("=1+1", "a|b <b>*x*</b>", "[a](javascript:x)")
    counted = count_published([letter("a", drug("upheld", *names))], [columns_named("ingredients")])
    page = markdown(counted, ())
    assert "| a\\|b \\<b\\>\\*x\\*\\</b\\> |" in page
    assert "| \\[a\\](javascript:x) |" in page
    groups = [row["group"] for row in csv.DictReader(io.StringIO(csv_text(counted, ())))]
    assert "'=1+1" in groups


def test_a_report_says_what_it_was_made_from(tmp_path: Path) -> None:
    records = file_of(tmp_path, result("a"), failed("b"))
    counted, facts = publish(records)
    said = dict(facts)
    assert said["documents"] == "2 (0 ok, 1 review, 1 failed)"
    assert (said["model"], said["version that read the letters"]) == ("none", "0")
    assert len(said["SHA-256 of the rows"]) == len(said["SHA-256 of `drug_classes.txt`"]) == 64
    assert "none beside the rows" in said["run manifest"]
    assert publish(records) == (counted, facts)
    manifest = new_manifest(model="none", table_sha256="f" * 64, inputs=("letters/Jane Doe.pdf",))
    manifest_path(records).write_text(manifest.model_dump_json())
    _, facts = publish(records)
    assert dict(facts)["SHA-256 of the calibration table"] == "f" * 64
    assert "Jane" not in str(facts), "a path may name a person"


def test_a_report_names_every_prompt_of_its_rows(tmp_path: Path) -> None:
    given = result("a")
    other = given.provenance.model_copy(update={"model": "m", "prompt": "v4", "prompt_sha256": "e" * 64})
    records = file_of(tmp_path, given, result("b").model_copy(update={"provenance": other}))
    said = dict(publish(records)[1])
    assert said["model"] == "m (1 letter); none (1 letter)"
    assert said["prompt"] == f"v4 (SHA-256 {'e' * 64})"
