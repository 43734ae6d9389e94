"""The tables' columns: none of the record is forgotten, each has a meaning, and rows fit them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, Field

from imrllm.errors import StoreError
from imrllm.export import TABLES, dictionary_page
from imrllm.export import tables as module
from imrllm.export.rows import rows_of
from imrllm.records import Result
from tests.export.made import CITATION, failed, item, result

# What has no column: the record's id is the document's, and of the evidence only the headings' has one.
WITHOUT = {"/record/document_id"}


def leaves(schema: dict[str, Any], definitions: dict[str, Any], pointer: str = "") -> Iterator[str]:
    """The pointers of a JSON Schema's leaves, `*` for any number or name."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    if choices:
        for choice in choices:
            yield from leaves(choice, definitions, pointer)
    elif "properties" in schema:
        for name, field in schema["properties"].items():
            yield from leaves(field, definitions, f"{pointer}/{name}")
    elif isinstance(schema.get("additionalProperties"), dict):
        yield f"{pointer}/*"
    elif "$ref" in schema.get("items", {}):
        yield from leaves(schema["items"], definitions, f"{pointer}/*")
    else:
        yield pointer


def test_every_field_of_a_result_reaches_a_column() -> None:
    schema = Result.model_json_schema()
    fields = set(leaves(schema, schema["$defs"]))
    assert len(fields) > 60
    # A ground is an enumeration in its list; whose basis a citation is of is a column.
    fields = {field.replace("/grounds", "/grounds/*") for field in fields}
    fields = {
        field.replace(f"/{side}/citations", "/*/citations") for field in fields for side in SIDES if side in field
    } | {field for field in fields if "citations" not in field}
    columns = {source for table in TABLES for column in table.columns for source in column.source.split("; ")}
    # What is derived of citations says of which side's.
    columns = {source.replace(f"/{side}/citations", "/*/citations") for source in columns for side in SIDES} - {
        f"/record/disputed_items/*/{side}/citations/*/{name}" for side in SIDES for name in ("guideline", "chapter")
    }
    assert fields - columns == WITHOUT
    # The other way round: no column is of a field that is not there, but for numbers and names on the way to one.
    assert {source for source in columns - fields if not source.endswith("*")} == set()


SIDES = ("claims_administrator", "reviewer_basis")


def test_a_field_without_a_column_is_an_error() -> None:
    class Odd(BaseModel):
        amounts: dict[str, int] = Field(description="Of a shape that no column has")

    with pytest.raises(TypeError, match="`/odd/amounts` has no column"):
        list(module._columns(Odd, "/odd"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_have_a_name_of_their_own_and_a_meaning(table: module.Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert [column.name for column in table.columns if not column.description] == []
    assert [name for name in table.key if next(each for each in table.columns if each.name == name).nullable] == []
    assert f"## {table.name}" in dictionary_page()


def as_dicts(given: Result) -> dict[str, list[dict[str, Any]]]:
    rows = rows_of(given)
    return {
        table.name: [dict(zip((column.name for column in table.columns), row, strict=True)) for row in rows[table.name]]
        for table in TABLES
    }


def test_a_result_becomes_rows() -> None:
    rows = as_dicts(result())
    (document,) = rows["documents"]
    assert (document["document_id"], document["age"], document["injury_date"], document["calls"]) == (
        "a",
        48,
        "2016-03",
        3,
    )
    assert document["diagnoses"] == ("strain; sprain", "insomnia")
    first, second = rows["items"]
    assert (first["item"], first["quantity"], first["heading_start"], first["heading_end"]) == (1, 45.0, 10, 28)
    assert (first["claims_administrator_stance"], first["reviewer_stance"]) == ("none_cited", "cited")
    assert (second["item"], second["quantity"], second["heading_start"], second["reviewer_stance"]) == (
        2,
        None,
        None,
        None,
    )
    cited = [(each["item"], each["party"], each["citation"]) for each in rows["citations"]]
    assert cited == [(1, "claims_administrator", 1), (1, "reviewer", 1), (1, "reviewer", 2)]
    # A ground that a model gave twice is one.
    assert [(each["item"], each["ground"]) for each in rows["grounds"]] == [(1, "long_term_use"), (1, "safety_risk")]
    assert (first["grounds_left_out"], second["grounds_left_out"]) == (0, 0)


HEADING = {"/disputed_items/0/heading": ((10, 28),)}


@pytest.mark.parametrize(
    ("evidence", "kept", "left_out"),
    [
        (HEADING, [], 2),
        (HEADING | {"/disputed_items/0/grounds/1": ((200, 221),)}, ["safety_risk"], 1),
        # Words for one mention of a ground that is given twice support it.
        (HEADING | {"/disputed_items/0/grounds/2": ((200, 221),)}, ["long_term_use"], 1),
        # Another item's evidence supports none of this one's.
        (HEADING | {"/disputed_items/1/grounds/0": ((200, 221),)}, [], 2),
        # A row of another program has no evidence of anything.
        ({}, ["long_term_use", "safety_risk"], 0),
    ],
)
def test_grounds_that_no_words_support_are_left_out_and_counted(
    evidence: dict[str, tuple[tuple[int, int], ...]], kept: list[str], left_out: int
) -> None:
    rows = as_dicts(result(evidence=evidence))
    assert [(each["item"], each["ground"]) for each in rows["grounds"]] == [(1, ground) for ground in kept]
    assert [each["grounds_left_out"] for each in rows["items"]] == [left_out, 0]


def test_a_check_names_its_item_and_field() -> None:
    age, pages, lost = as_dicts(result())["checks"]
    assert (age["item"], age["field"], age["model_value"], age["source_value"]) == (
        None,
        "injured_worker.age",
        None,
        "48",
    )
    assert (age["span_start"], age["span_end"]) == (3, 5)
    assert (pages["item"], pages["field"], pages["source_value"]) == (
        2,
        "reviewer_basis.citations.pages",
        '["78", "80"]',
    )
    assert (pages["span_start"], pages["resolution"]) == (None, "source")
    # Another program's pointer may be of an item that the record does not have.
    assert (lost["item"], lost["pointer"]) == (None, "/disputed_items/7/quantity")


def test_a_failed_document_has_one_row() -> None:
    rows = as_dicts(failed("b"))
    assert {name: len(each) for name, each in rows.items() if each} == {"documents": 1}
    (document,) = rows["documents"]
    assert (document["status"], document["error_type"], document["error_message"]) == (
        "failed",
        "DocumentError",
        "It is empty.",
    )
    assert (document["age"], document["diagnoses"]) == (None, None)


def test_values_fit_their_columns() -> None:
    kinds = {
        "text": str,
        "list of texts": tuple,
        "list of integers": tuple,
        "integer": int,
        "number": float,
        "boolean": bool,
        "JSON": str,
    }
    for given in (result(), failed("b")):
        for table in TABLES:
            for row in rows_of(given)[table.name]:
                for column, value in zip(table.columns, row, strict=True):
                    assert value is not None or column.nullable, column
                    assert value is None or column.kind == "date" or type(value) is kinds[column.kind], column
                    values = {value} if column.kind == "text" else set(value or ()) if column.choices else set()
                    assert value is None or not column.choices or values <= set(column.choices), column


def test_a_number_that_no_table_holds_is_named() -> None:
    huge = CITATION.model_copy(update={"year": 2**63})
    basis = item().reviewer_basis
    assert basis is not None
    with pytest.raises(StoreError, match="`a` has a number in `year`"):
        rows_of(result("a", item(reviewer_basis=basis.model_copy(update={"citations": (huge,)}))))
