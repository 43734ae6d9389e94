"""The data dictionary: the meaning of every column, as a table next to the others and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imrllm.export.tables import RUN_TABLES, TABLES, Column, Kind, Row, Table

_OPENING = """\
# Tables

`imrllm export` writes these tables. A value that the letter does not state is empty. Begin with [analysis](#analysis):
it has a row for each disputed item, with its letter's values and with derived ones, such as drug classes, each by the
rule that stands here.

| type | CSV | Excel | Parquet | DuckDB |
| --- | --- | --- | --- | --- |
"""
_TYPES: dict[Kind, tuple[str, str, str, str]] = {
    "text": ("text", "text", "string", "VARCHAR"),
    "list of texts": ("joined with `; `", "joined with `; `", "list of string", "VARCHAR[]"),
    "list of integers": ("joined with `; `", "joined with `; `", "list of int64", "BIGINT[]"),
    "integer": ("number", "number", "int64", "BIGINT"),
    "number": ("number", "number", "double", "DOUBLE"),
    "boolean": ("`true`, `false`", "TRUE, FALSE", "bool", "BOOLEAN"),
    "date": ("2016-01-31", "date; text before March 1900", "date32", "DATE"),
    "JSON": ("JSON text", "JSON text", "string", "VARCHAR"),
}
DUCKDB_TYPES = {kind: shown[-1] for kind, shown in _TYPES.items()}
_NOTES = """\
In CSV, a text that begins with `=`, `+`, `-`, `@`, their full-width forms, a tab or a line break could become a formula
or a new row in a spreadsheet. Such texts get a leading apostrophe, and so do texts that begin with an apostrophe. To
undo this, remove one leading apostrophe from every text. Numbers are unchanged. The files are UTF-8 with a byte order
mark, because Excel assumes another encoding without it. Python's `csv` needs `encoding="utf-8-sig"`; pandas and DuckDB
need no option.

In Excel, every text is stored as text, whatever it begins with. Control characters, which a workbook cannot hold, are
left out. A text longer than 32,767 characters is cut and ends in `[cut]`; `imrllm export` reports how many were cut.
`field_values` has some 150 rows a letter. Where a sheet is full, it goes on in `field_values_2` and so on.

In DuckDB, keys are constraints and descriptions are comments (`FROM duckdb_columns() WHERE NOT internal`). In Parquet,
descriptions, sources and allowed values are metadata of the fields, and the folder's `README.md` is a dataset card, by
which [`datasets` reads it](interoperation.md#datasets). Each format contains this dictionary as the table
`data_dictionary`, except a file with a single table.

The tables contain the places in the letter that support headings and checks. The results file contains all of them.
"""
DICTIONARY = Table(
    "data_dictionary",
    "One row a column of the other tables.",
    (
        Column("table_name", "text", "Table", ""),
        Column("column_name", "text", "Column", ""),
        Column("type", "text", "What its values are", ""),
        Column("key", "text", "primary, where it is part of the table's key; the table that it refers to", "", True),
        Column("nullable", "boolean", "Whether it may be empty", ""),
        Column("allowed_values", "list of texts", "The only values it may have; empty for any", ""),
        Column("description", "text", "Meaning", ""),
        Column(
            "source",
            "text",
            "JSON Pointer in a row of the results file; `*` is any number or name; of a derived value, those of the "
            "fields that it rests on, joined by `; `",
            "",
        ),
    ),
    ("table_name", "column_name"),
)


def dictionary_rows(tables: Sequence[Table] = TABLES) -> list[Row]:
    """The rows of `data_dictionary` on tables."""
    return [
        (
            table.name,
            column.name,
            column.kind,
            _key(table, column) or None,
            column.nullable,
            column.choices,
            column.description,
            column.source,
        )
        for table in tables
        for column in table.columns
    ]


def dictionary_page() -> str:
    """The data dictionary as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _OPENING + "\n".join(f"| {kind} | {' | '.join(shown)} |" for kind, shown in _TYPES.items())
    yield f"\n{_NOTES}"
    yield from _sections((*TABLES, *RUN_TABLES))


def table_sections(tables: Sequence[Table]) -> str:
    """What tables and their columns mean, as Markdown: a section for each table."""
    return "\n".join(_sections(tables))


def _sections(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield f"## {table.name}\n\n{table.description}\n"
        yield "| column | type | key | meaning | in the results file |\n| --- | --- | --- | --- | --- |"
        for column in table.columns:
            choices = f" ({', '.join(f'`{choice}`' for choice in column.choices)})" if column.choices else ""
            kind = f"{column.kind}{', may be empty' if column.nullable else ''}"
            source = ", ".join(f"`{each}`" for each in column.source.split("; ") if each)
            meaning = f"{column.description}{choices}".replace("|", "\\|")
            yield f"| `{column.name}` | {kind} | {_key(table, column)} | {meaning} | {source} |"
        yield ""


def _key(table: Table, column: Column) -> str:
    roles = ["primary"] if column.name in table.key else []
    # Of two references the last is the nearest: an item's document needs no other.
    nearest = [target for names, target in table.refers_to if column.name in names]
    return ", ".join(roles + nearest[-1:])
