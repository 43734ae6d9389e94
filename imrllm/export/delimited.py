"""CSV: one file per table, safe for spreadsheets: UTF-8 with a byte order mark, and no text is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from imrllm.analysis.csv_cells import csv_cell
from imrllm.export.tables import Row, Table, Write


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write one table as CSV; yield the function that takes its rows."""
    # Without the byte order mark, Excel takes the file for another encoding.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        (table,) = tables
        writer.writerow([column.name for column in table.columns])

        def write(_: Table, rows: Sequence[Row]) -> int:
            writer.writerows([csv_cell(value) for value in row] for row in rows)
            return 0

        yield write
