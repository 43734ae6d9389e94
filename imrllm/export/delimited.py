"""CSV: one file per table, safe for spreadsheets: UTF-8 with a byte order mark, and no text is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imrllm.export.tables import Row, Table, Write

# OWASP's list (CSV Injection), and the apostrophe itself, so that removing one leading apostrophe restores every text.
_GUARDED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "'")


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write one table as CSV; yield the function that takes its rows."""
    # Without the byte order mark, Excel takes the file for another encoding.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        (table,) = tables
        writer.writerow([column.name for column in table.columns])

        def write(_: Table, rows: Sequence[Row]) -> int:
            writer.writerows([_cell(value) for value in row] for row in rows)
            return 0

        yield write


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_GUARDED):
        return f"'{value}"
    return value
