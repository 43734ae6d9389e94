"""Excel: one workbook with a sheet per table. Every text stays text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from imrllm.errors import StoreError
from imrllm.export.tables import Row, Table, Write

# Excel's own limits: rows of a sheet, and characters of a cell in UTF-16's units.
_ROWS = 1_048_576
_CHARACTERS = 32_767
_CUT = " [cut]"
# What XML 1.0, and so a workbook, cannot hold.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Excel decodes its own character escapes.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# openpyxl takes the first for a formula and the second for an error's name; Excel, all of these once a cell is edited.
_FORMULA = ("=", "+", "-", "@", "#")
# Excel counts a February 29, 1900, which did not exist.
_FIRST_DATE = date(1900, 3, 1)
_WIDE, _NARROW = 28, 14


@contextmanager
def written(path: Path, tables: Sequence[Table]) -> Iterator[Write]:
    """Write tables as the sheets of a new workbook.

    Yields:
        What takes a table's rows, and says how many texts were cut to Excel's length.

    Raises:
        StoreError: a table has more rows than a sheet.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    with closing(Workbook(write_only=True)) as book:
        sheets = {table.name: book.create_sheet(table.name) for table in tables}
        lengths = Counter(sheets.keys())
        for table in tables:
            sheet = sheets[table.name]
            sheet.freeze_panes = "A2"
            for place, column in enumerate(table.columns, 1):
                narrow = column.kind in ("integer", "number", "boolean", "date")
                sheet.column_dimensions[get_column_letter(place)].width = _NARROW if narrow else _WIDE
            sheet.append([column.name for column in table.columns])

        def write(table: Table, rows: Sequence[Row]) -> int:
            lengths[table.name] += len(rows)
            if lengths[table.name] > _ROWS:
                raise StoreError(
                    f"`{table.name}` has more rows than the {_ROWS:,} of an Excel sheet.",
                    hint="Write `.duckdb`, `.parquet` or `.csv`.",
                )
            sheet = sheets[table.name]
            cut = 0
            for row in rows:
                cells = []
                for value in row:
                    shown, was_cut = _shown(value)
                    cut += was_cut
                    if isinstance(shown, str) and shown.startswith(_FORMULA):
                        cell = WriteOnlyCell(sheet, shown)
                        cell.data_type = "s"
                        cell.quotePrefix = True
                        shown = cell
                    cells.append(shown)
                sheet.append(cells)
            return cut

        try:
            yield write
        except BaseException:
            # An open sheet writes to standard error when it is garbage-collected.
            for sheet in sheets.values():
                with suppress(OSError):
                    sheet.close()
            raise
        for table in tables:
            last = get_column_letter(len(table.columns))
            sheets[table.name].auto_filter.ref = f"A1:{last}{lengths[table.name]}"
        book.save(path)


def _shown(value: Any) -> tuple[Any, bool]:
    """A value as a cell takes it, and whether it was cut."""
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, date) and value < _FIRST_DATE:
        return value.isoformat(), False
    if not isinstance(value, str):
        return value, False
    text = _ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", value))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _CHARACTERS:
        return text, False
    return units[: 2 * (_CHARACTERS - len(_CUT))].decode("utf-16-le", errors="ignore") + _CUT, True
