"""The formats hold the same values, whatever the letters hold, with their keys and meanings."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from imrllm.corrections import Correction, corrected_row
from imrllm.errors import StoreError
from imrllm.export import TABLES, export
from imrllm.export import workbook as workbook_module
from imrllm.export.rows import rows_of
from imrllm.export.tables import Row, Table
from imrllm.records import Check, Confirmation, Result
from tests.export.made import failed, file_of, item, result

duckdb = pytest.importorskip("duckdb", reason="duckdb is in the extra `export`")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is in the extra `export`")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is in the extra `export`")

# What a letter may hold, and why it could go wrong.
HOSTILE = {
    "a formula": '=HYPERLINK("http://example.com/?"&A1,"open")',
    "a formula by its sign": "+1+1",
    "a formula by a minus": "-2+3",
    "a formula by an at": "@SUM(A1)",
    "a formula in full width": "\uff1d1+1",
    "a tab before a formula": "\t=1+1",
    "a line break before a formula": "\r\n=1+1",
    "an apostrophe": "'quoted'",
    "two apostrophes before a formula": "''=1",
    "an error's name": "#N/A",
    "quotes and commas": 'a "b", c; d',
    "lines": "one\ntwo\r\nthree",
    "a carriage return alone": "one\rtwo",
    "a number": "007",
    "a date": "1/2/2016",
    "a truth": "TRUE",
    "nothing": "",
    "the word null": "NULL",
    "spaces": "  two  ",
    "a NUL": "one\0two",
    "control characters": "\x01\x1b[31mred\x07\x0b",
    "not characters": "\ufffe\uffff",
    "right to left": "\u202egnirts",
    "beyond the first plane": "\U0001f9ea \U00010348",
    "Excel's own escape": "_x0041_ and _x000D_",
    "markup": "<c t='n'>&amp;</c>]]>",
    "SQL": "'); DROP TABLE items; --",
    "long": "word " * 8_000,
    "long, of pairs": "\U0001f9ea" * 16_384,
}


@pytest.fixture
def results() -> list[Result]:
    hostile = [
        result(f"hostile {name}", item(heading=text, rationale=text, body_parts=(text,), date_of_service=date(1, 1, 1)))
        for name, text in HOSTILE.items()
    ]
    return [result("a"), failed("=b"), *hostile]


def expected(results: list[Result], table: Table) -> list[Row]:
    return [row for each in results for row in rows_of(each)[table.name]]


def listed(rows: list[Row]) -> list[Row]:
    """Lists as DuckDB gives them."""
    return [tuple(list(value) if isinstance(value, tuple) else value for value in row) for row in rows]


def test_duckdb_holds_every_value(results: list[Result], tmp_path: Path) -> None:
    exported = export(file_of(tmp_path, *results), tmp_path / "x.duckdb")
    assert (exported.failed, exported.cut) == (1, 0)
    with duckdb.connect(tmp_path / "x.duckdb", read_only=True) as database:
        for table in TABLES:
            rows = database.execute(f"SELECT * FROM {table.name}").fetchall()
            assert rows == listed(expected(results, table)), table.name
            assert exported.rows[table.name] == len(rows) > 0


def test_parquet_holds_every_value(results: list[Result], tmp_path: Path) -> None:
    export(file_of(tmp_path, *results), tmp_path / "x.parquet")
    for table in TABLES:
        file = tmp_path / "x.parquet" / f"{table.name}.parquet"
        read = [tuple(row.values()) for row in parquet.read_table(file).to_pylist()]
        assert read == listed(expected(results, table)), table.name
        assert duckdb.read_parquet(str(file)).fetchall() == read, "and DuckDB reads it alike"


def in_csv(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def test_csv_holds_every_value_and_no_formula(results: list[Result], tmp_path: Path) -> None:
    export(file_of(tmp_path, *results), tmp_path / "x.csv")
    for table in TABLES:
        file = tmp_path / "x.csv" / f"{table.name}.csv"
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header, *cells = csv.reader(stream)
        assert header == [column.name for column in table.columns]
        texts = [column.kind not in ("integer", "number", "boolean", "date") for column in table.columns]
        for row in cells:
            for text, cell in zip(texts, row, strict=True):
                assert not text or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")), cell
        # The dictionary's way back.
        back = [
            [cell.removeprefix("'") if text else cell for text, cell in zip(texts, row, strict=True)] for row in cells
        ]
        assert back == [[in_csv(value) for value in row] for row in expected(results, table)], table.name


def test_a_negative_number_stays_one(tmp_path: Path) -> None:
    checked = result("a", provenance=result().provenance.model_copy(update={"seconds": -1.5}))
    export(file_of(tmp_path, checked), tmp_path / "documents.csv", only="documents")
    with (tmp_path / "documents.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, row = csv.reader(stream)
    assert row[header.index("seconds")] == "-1.5"


def test_duckdb_and_spreadsheets_know_the_csv_for_utf_8(results: list[Result], tmp_path: Path) -> None:
    export(file_of(tmp_path, result("caf\u00e9", item(treatment="\u201cNorco\u201d"))), tmp_path / "x.csv")
    file = tmp_path / "x.csv" / "items.csv"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfdocument_id,")
    read = duckdb.sql(f"SELECT document_id, treatment, quantity, date_of_service FROM '{file}'").fetchall()
    assert read == [("caf\u00e9", "\u201cNorco\u201d", 45.0, date(2016, 11, 11))]


def in_excel(value: Any) -> Any:
    if isinstance(value, tuple):
        value = "; ".join(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        # openpyxl gives no empty text back, and XML has one kind of line break.
        value = (
            "".join(each for each in value if each in "\t\n\r" or each >= " ")
            .replace("\ufffe", "")
            .replace("\uffff", "")
        )
        value = value.replace("_x", "_x005F_x")
        return value or None
    return value


def test_excel_holds_every_text_as_a_text(results: list[Result], tmp_path: Path) -> None:
    exported = export(file_of(tmp_path, *results), tmp_path / "x.xlsx")
    assert exported.cut == 8, "heading, rationale and body parts of the two long ones, these also in the flat table"
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["analysis", "data_dictionary", *(table.name for table in TABLES[1:])]
    for table in TABLES:
        sheet = book[table.name]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for row, wanted in zip(rows, expected(results, table), strict=True):
            for value, want in zip(row, wanted, strict=True):
                shown = value.date().isoformat() if hasattr(value, "date") else value
                whole = in_excel(want)
                if isinstance(whole, str) and len(whole.encode("utf-16-le")) > 2 * 32_767:
                    assert shown.endswith(" [cut]")
                    assert len(shown.encode("utf-16-le")) <= 2 * 32_767
                    assert whole.startswith(shown.removesuffix(" [cut]"))
                else:
                    assert shown == whole
        assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} <= {
            "s",
            "n",
            "b",
            "d",
            "inlineStr",
        }
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    formula = next(cell for row in book["items"].iter_rows() for cell in row if str(cell.value).startswith("=HYP"))
    assert (formula.data_type, formula.quotePrefix) == ("s", True), "nor is it one after an edit"


def test_a_sheet_that_is_full_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "_ROWS", 300)
    records = file_of(tmp_path, *(result(str(number)) for number in range(200)))
    with pytest.raises(StoreError, match="`analysis` has more rows than the 300 of an Excel sheet") as refused:
        export(records, tmp_path / "x.xlsx")
    assert "`.duckdb`" in refused.value.hint
    assert list(tmp_path.iterdir()) == [records]


def test_field_values_go_on_in_further_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "_ROWS", 200)
    monkeypatch.setattr("imrllm.export.writing._BATCH", 1)
    results = [result(str(number)) for number in range(5)]
    exported = export(file_of(tmp_path, *results), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    # Two letters fit a sheet.
    sheets = [book[name] for name in ("field_values", "field_values_2", "field_values_3")]
    assert [name for name in book.sheetnames if name.startswith("field_values")] == [sheet.title for sheet in sheets]
    assert [sheet.auto_filter.ref for sheet in sheets] == [sheet.dimensions for sheet in sheets]
    assert {sheet["A1"].value for sheet in sheets} == {"document_id"}
    ids = [[cell.value for cell in sheet["A"][1:]] for sheet in sheets]
    assert [list(dict.fromkeys(each)) for each in ids] == [["0", "1"], ["2", "3"], ["4"]]
    assert sum(map(len, ids)) == exported.rows["field_values"]


def test_duckdb_keeps_keys_and_meanings(tmp_path: Path) -> None:
    export(file_of(tmp_path, result("a"), failed("b")), tmp_path / "x.duckdb")
    with duckdb.connect(tmp_path / "x.duckdb") as database:
        for refused in (
            "INSERT INTO items SELECT * REPLACE ('nowhere' AS document_id) FROM items",
            "INSERT INTO grounds VALUES ('a', 3, 'safety_risk')",
            "INSERT INTO grounds VALUES ('a', 1, 'safety_risk')",
            "INSERT INTO citations SELECT * REPLACE (9 AS item) FROM citations",
            "INSERT INTO checks SELECT * REPLACE (9 AS check_number, 9 AS item) FROM checks LIMIT 1",
        ):
            with pytest.raises(duckdb.ConstraintException):
                database.execute(refused)
        said = database.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        columns = {(table.name, column.name): column.description for table in TABLES for column in table.columns}
        assert {(table, column): comment for table, column, comment in said if table != "data_dictionary"} == columns
        dictionary = database.execute("SELECT table_name, column_name, description FROM data_dictionary").fetchall()
        assert {(table, column): description for table, column, description in dictionary} == columns
        keys = dict(
            database.execute("SELECT column_name, key FROM data_dictionary WHERE table_name = 'checks'").fetchall()
        )
        assert (keys["document_id"], keys["check_number"], keys["item"]) == ("primary, items", "primary", "items")


def test_the_queries_of_the_page_on_checks_run(tmp_path: Path) -> None:
    asked = (Check(pointer="/disputed_items/1/category", status="missing", source_value="imaging", resolution="model"),)
    export(
        file_of(tmp_path, result("a", checks=asked, risks={"/disputed_items/0/quantity": 0.25})), tmp_path / "x.duckdb"
    )
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    queries = [query for block in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) for query in block.split(";")[:-1]]
    with duckdb.connect(tmp_path / "x.duckdb", read_only=True) as database:
        decided, trust = (database.execute(query).fetchall() for query in queries)
    # The second item is to be reviewed.
    assert decided == [("medication", 1, 0)]
    assert [each for each in trust if each[3] is not None] == [("quantity", "letter", 1, 0.25)]


def test_parquet_keeps_meanings(tmp_path: Path) -> None:
    export(file_of(tmp_path, result("a")), tmp_path / "items.parquet", only="items")
    schema = parquet.read_schema(tmp_path / "items.parquet")
    assert schema.metadata[b"primary_key"] == b"document_id, item"
    assert schema.field("refills").metadata[b"description"].startswith(b"Number of refills")
    assert not schema.field("retrospective").nullable
    assert schema.field("heading").nullable
    assert schema.metadata[b"foreign_keys"] == b"document_id -> documents"
    decision = schema.field("decision").metadata
    assert decision[b"source"] == b"/record/disputed_items/*/decision"
    assert "overturned" in json.loads(decision[b"allowed_values"])


def test_every_column_of_parquet_has_its_name_type_and_meaning(tmp_path: Path) -> None:
    export(file_of(tmp_path, result("a")), tmp_path / "x.parquet")
    types = {"text": "string", "JSON": "string", "integer": "int64", "number": "double", "boolean": "bool"}
    types |= {
        "date": "date32[day]",
        "list of texts": "list<element: string>",
        "list of integers": "list<element: int64>",
    }
    for table in TABLES:
        schema = parquet.read_schema(tmp_path / "x.parquet" / f"{table.name}.parquet")
        found = [(field.name, str(field.type), field.metadata[b"description"].decode()) for field in schema]
        assert found == [(column.name, types[column.kind], column.description) for column in table.columns]


def test_a_folder_of_parquet_is_a_dataset(tmp_path: Path) -> None:
    export(file_of(tmp_path, result("a")), tmp_path / "x.parquet")
    card = (tmp_path / "x.parquet" / "README.md").read_text(encoding="utf-8")
    _, head, page = card.split("---\n", 2)
    configs = yaml.safe_load(head)["configs"]
    assert [config["config_name"] for config in configs][:2] == ["analysis", "data_dictionary"]
    assert [config["config_name"] for config in configs if config.get("default")] == ["analysis"]
    files = {file.name for file in (tmp_path / "x.parquet").iterdir()}
    assert files == {"README.md", *(config["data_files"] for config in configs)}
    for table in TABLES:
        assert f"## {table.name}\n" in page
        assert all(f"| `{column.name}` |" in page for column in table.columns)


def test_a_page_that_somebody_wrote_is_not_replaced(tmp_path: Path) -> None:
    records = file_of(tmp_path, result("a"))
    export(records, tmp_path / "x.parquet")
    export(records, tmp_path / "x.parquet", force=True)
    (tmp_path / "x.parquet" / "README.md").write_text("My notes.", encoding="utf-8")
    with pytest.raises(StoreError, match="holds other files"):
        export(records, tmp_path / "x.parquet", force=True)


@pytest.mark.parametrize("ending", ["csv", "parquet", "duckdb", "xlsx"])
def test_the_record_of_trust_is_in_every_format(tmp_path: Path, ending: str, trust_in: Callable[[Path], Any]) -> None:
    quantity, category, age = "/disputed_items/0/quantity", "/disputed_items/0/category", "/injured_worker/age"
    by = Confirmation(initials="AB", on=date(2026, 11, 29))
    checks = (
        Check(pointer=age, status="conflict", model_value=47, source_value=48, resolution="source"),
        Check(pointer=category, status="unsupported", model_value="medication", resolution="model", review=False),
        Check(pointer=quantity, status="conflict", model_value=40, source_value=45, resolution="source"),
    )
    asked = result("a", item(), checks=checks, risks={age: 0.25, category: 0.125, quantity: 0.5})
    accepted = Correction(document_id="a", sha256=None, pointer=quantity, action="accept", was=45.0, value=45.0)
    settled = corrected_row(asked, [accepted], by)
    export(file_of(tmp_path, settled), tmp_path / f"x.{ending}")
    values, documents = trust_in(tmp_path / f"x.{ending}")
    assert {at: values[at] for at in (age, category, quantity)} == {
        age: (None, "48", "letter", 0.25, True),
        category: (1, "medication", "model", 0.125, False),
        quantity: (1, "45", "person", None, False),
    }
    assert documents == [("a", 1, 0.25)]


@pytest.fixture
def trust_in() -> Callable[[Path], Any]:
    """Reads the field values, by pointer, and what each document has to review, from any format."""

    def read(path: Path) -> tuple[dict[str, tuple[Any, ...]], list[tuple[Any, ...]]]:
        values = table(path, "field_values", ("pointer", "item", "value", "source", "risk", "review"))
        documents = table(path, "documents", ("document_id", "to_review", "risk_max"))
        return {at: tuple(rest) for at, *rest in values}, documents

    def table(path: Path, name: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if path.suffix == ".xlsx":
            header, *rows = openpyxl.load_workbook(path)[name].iter_rows(values_only=True)
            return [tuple(row[header.index(column)] for column in columns) for row in rows]
        if path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as database:
                return list(database.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall())
        return list(duckdb.sql(f"SELECT {', '.join(columns)} FROM '{path / name}{path.suffix}'").fetchall())

    return read


@pytest.mark.parametrize("ending", ["csv", "parquet", "duckdb", "xlsx"])
def test_no_results_are_empty_tables(tmp_path: Path, ending: str, rows_in: Callable[[Path], int]) -> None:
    exported = export(file_of(tmp_path), tmp_path / f"x.{ending}")
    assert set(exported.rows.values()) == {0}
    assert rows_in(tmp_path / f"x.{ending}") == 0


@pytest.fixture
def rows_in() -> Callable[[Path], int]:
    def count(path: Path) -> int:
        if path.suffix == ".csv":
            return len((path / "items.csv").read_text(encoding="utf-8-sig").splitlines()) - 1
        if path.suffix == ".parquet":
            return int(parquet.read_metadata(path / "items.parquet").num_rows)
        if path.suffix == ".xlsx":
            return int(openpyxl.load_workbook(path)["items"].max_row) - 1
        with duckdb.connect(path, read_only=True) as database:
            return len(database.execute("SELECT * FROM items").fetchall())

    return count


@pytest.mark.parametrize("ending", ["csv", "parquet", "duckdb", "xlsx"])
def test_batches_lose_nothing(
    tmp_path: Path, ending: str, rows_in: Callable[[Path], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imrllm.export.writing._BATCH", 3)
    export(file_of(tmp_path, *(result(str(number)) for number in range(10))), tmp_path / f"x.{ending}")
    assert rows_in(tmp_path / f"x.{ending}") == 20


def test_a_lone_surrogate_is_no_result(tmp_path: Path) -> None:
    row = result("a").model_dump(mode="json")
    row["record"]["disputed_items"][0]["heading"] = "\ud800"
    (tmp_path / "records.jsonl").write_text(json.dumps(row))
    with pytest.raises(StoreError, match="line 1 is not a result"):
        export(tmp_path / "records.jsonl", tmp_path / "x.csv")
