"""Rows in Arrow's form, which Parquet and DuckDB take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imrllm.export.tables import Kind, Row, Table


def arrow_schema(table: Table) -> Any:
    """A table's schema: types, what may be null, and the descriptions as metadata."""
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
    fields = [
        pa.field(column.name, types[column.kind], column.nullable, {"description": column.description})
        for column in table.columns
    ]
    return pa.schema(fields, {"description": table.description, "primary_key": ", ".join(table.key)})


def arrow_table(schema: Any, rows: Sequence[Row]) -> Any:
    """Rows as an Arrow table of a schema."""
    import pyarrow as pa

    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
