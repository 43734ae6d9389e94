"""DuckDB: one file with all tables, their keys as constraints and their descriptions as comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from imrllm.errors import StoreError
from imrllm.export.dictionary import DUCKDB_TYPES
from imrllm.export.parquet import arrow_schema, arrow_table
from imrllm.export.tables import Row, Table, Write

# By default DuckDB takes up to four fifths of the machine's memory, and with each thread more. Rows come in small
# batches, which a second thread does not make faster.
_BOUNDED: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "256MB", "threads": 1}


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write tables into a new DuckDB database, those referred to before those that refer.

    Yields:
        The function that takes a table's rows; tables come in the same order.

    Raises:
        StoreError: DuckDB refuses, as on a full disk.
    """
    import duckdb

    try:
        with closing(duckdb.connect(path, config=_BOUNDED)) as database:
            for table in tables:
                for statement in _statements(table):
                    database.execute(statement)

            def write(table: Table, rows: Sequence[Row]) -> int:
                database.register("batch", arrow_table(arrow_schema(table), rows))
                database.execute(f"INSERT INTO {table.name} SELECT * FROM batch")  # noqa: S608 - a name of this program's
                database.unregister("batch")
                return 0

            yield write
    except duckdb.Error as error:
        # Not its message, which can hold a value.
        raise StoreError(
            f"`{path.name}` cannot be written: DuckDB's {type(error).__name__}.", hint="Check the disk and its space."
        ) from None


def _statements(table: Table) -> Iterator[str]:
    parts = [
        f"{column.name} {DUCKDB_TYPES[column.kind]}{'' if column.nullable else ' NOT NULL'}" for column in table.columns
    ]
    parts.append(f"PRIMARY KEY ({', '.join(table.key)})")
    parts += (
        f"FOREIGN KEY ({', '.join(names)}) REFERENCES {target} ({', '.join(names)})"
        for names, target in table.refers_to
    )
    yield f"CREATE TABLE {table.name} ({', '.join(parts)})"
    yield f"COMMENT ON TABLE {table.name} IS {_quoted(table.description)}"
    for column in table.columns:
        yield f"COMMENT ON COLUMN {table.name}.{column.name} IS {_quoted(column.description)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
