"""CSV: a file a table, for spreadsheets too: UTF-8 with its mark, and no text that could be a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from imrllm.export.tables import Row, Table, Write, file_of

# OWASP's list (CSV Injection), and the apostrophe itself: so taking one leading apostrophe off gives every text back.
_GUARDED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "'")


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write tables as CSV.

    Args:
        path: a folder, in which each table has a file; else the one table's file.
        tables: what is to come.

    Yields:
        What takes a table's rows.
    """
    with ExitStack() as stack:
        writers = {}
        for table in tables:
            # With the byte order mark, without which Excel takes the file for another encoding.
            file = stack.enter_context(file_of(path, table, "csv").open("w", encoding="utf-8-sig", newline=""))
            writers[table.name] = csv.writer(file)
            writers[table.name].writerow([column.name for column in table.columns])

        def write(table: Table, rows: Sequence[Row]) -> int:
            writers[table.name].writerows([_cell(value) for value in row] for row in rows)
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
