"""Parquet: a file a table, with types, keys and descriptions in its metadata."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from imrllm.export.arrow import arrow_schema, arrow_table
from imrllm.export.tables import Row, Table, Write, file_of


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write tables as Parquet.

    Args:
        path: a folder, in which each table has a file; else the one table's file.
        tables: what is to come.

    Yields:
        What takes a table's rows.
    """
    from pyarrow.parquet import ParquetWriter

    with ExitStack() as stack:
        writers = {
            table.name: stack.enter_context(
                ParquetWriter(file_of(path, table, "parquet"), arrow_schema(table), compression="zstd")
            )
            for table in tables
        }

        def write(table: Table, rows: Sequence[Row]) -> int:
            writer = writers[table.name]
            writer.write_table(arrow_table(writer.schema, rows))
            return 0

        yield write
