"""Parquet: one file per table, with types, and with keys and the data dictionary as metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imrllm.export.tables import Kind, Row, Table, Write


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write one table as Parquet; yield the function that takes its rows."""
    from pyarrow.parquet import ParquetWriter

    (table,) = tables
    with ParquetWriter(path, arrow_schema(table), compression="zstd") as writer:

        def write(_: Table, rows: Sequence[Row]) -> int:
            writer.write_table(arrow_table(writer.schema, rows))
            return 0

        yield write


def arrow_schema(table: Table) -> Any:
    """A table's Arrow schema: types, nullability, and as metadata the table's keys and what each column means."""
    import json

    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "list of texts": pa.list_(pa.string()),
        "list of integers": pa.list_(pa.int64()),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "JSON": pa.string(),
    }
    fields = []
    for column in table.columns:
        said = {"description": column.description, "source": column.source}
        if column.choices:
            said["allowed_values"] = json.dumps(column.choices, ensure_ascii=False)
        known = {name: text for name, text in said.items() if text}
        fields.append(pa.field(column.name, types[column.kind], column.nullable, known))
    keys = {"primary_key": ", ".join(table.key)}
    if table.refers_to:
        keys["foreign_keys"] = "; ".join(f"{', '.join(names)} -> {other}" for names, other in table.refers_to)
    return pa.schema(fields, {"description": table.description, **keys})


def arrow_table(schema: Any, rows: Sequence[Row]) -> Any:
    """Rows as an Arrow table with a schema, which Parquet and DuckDB take."""
    import pyarrow as pa

    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
