"""Excel: one workbook with a sheet per table. Every text stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from imrllm.errors import StoreError
from imrllm.export.tables import FIELD_VALUES, Row, Table, Write

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
    """Write tables as the sheets of a new workbook. Until it is saved, its sheets are files beside it.

    Yields:
        What takes a table's rows, and says how many texts were cut to Excel's length. The longest table, of field
        values, goes on in further sheets: `field_values_2`.

    Raises:
        StoreError: another table has more rows than a sheet.
    """
    from openpyxl import Workbook

    with closing(Workbook(write_only=True)) as book:
        sheets = _Sheets(book, path.parent)
        for table in tables:
            sheets.begin(table)
        try:
            yield sheets.write
        except BaseException:
            sheets.close()
            raise
        sheets.add_filters()
        book.save(path)


class _Sheets:
    """The sheets of a workbook while they are written.

    By table, its sheets; by sheet, its number of rows, header included, and the letter of its last column.
    """

    def __init__(self, book: Any, folder: Path) -> None:
        """Begin to write a workbook.

        Args:
            book: the workbook.
            folder: where the sheets are while they are written. In the system's folder for temporary files, where
                openpyxl puts them, those of a killed run would stay.
        """
        self._book = book
        self._folder = folder
        self._sheets: dict[str, list[Any]] = {}
        self._lengths: dict[str, int] = {}
        self._last: dict[str, str] = {}

    def begin(self, table: Table) -> None:
        """Begin a table's first sheet, or its next one."""
        from openpyxl.utils import get_column_letter

        own = self._sheets.setdefault(table.name, [])
        sheet = self._book.create_sheet(f"{table.name}_{len(own) + 1}" if own else table.name)
        own.append(sheet)
        self._lengths[sheet.title] = 1
        self._last[sheet.title] = get_column_letter(len(table.columns))
        sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, 1):
            narrow = column.kind in ("integer", "number", "boolean", "date")
            sheet.column_dimensions[get_column_letter(place)].width = _NARROW if narrow else _WIDE
        self._open(sheet)
        sheet.append([column.name for column in table.columns])

    def _open(self, sheet: Any) -> None:
        """Give a sheet its file, as its first row would give it one of openpyxl's own."""
        from openpyxl.worksheet._writer import ALL_TEMP_FILES, WorksheetWriter

        file = str(self._folder / f".{sheet.title}.xml")
        # Once the workbook is saved, openpyxl deletes what is listed here.
        ALL_TEMP_FILES.append(file)
        sheet._writer = WorksheetWriter(sheet, file)
        sheet._writer.write_top()

    def write(self, table: Table, rows: Sequence[Row]) -> int:
        """Write a table's rows; return how many texts were cut."""
        if table is FIELD_VALUES and self._lengths[self._sheets[table.name][-1].title] + len(rows) > _ROWS:
            self.begin(table)
        sheet = self._sheets[table.name][-1]
        self._lengths[sheet.title] += len(rows)
        if self._lengths[sheet.title] > _ROWS:
            raise StoreError(
                f"`{table.name}` has more rows than the {_ROWS:,} of an Excel sheet.",
                hint="Write `.duckdb`, `.parquet` or `.csv`.",
            )
        cut = 0
        for row in rows:
            shown = [_shown(value) for value in row]
            sheet.append([_cell(sheet, value) for value, _ in shown])
            cut += sum(was_cut for _, was_cut in shown)
        return cut

    def add_filters(self) -> None:
        """Give the header of each sheet its filters."""
        for sheet in self._all():
            sheet.auto_filter.ref = f"A1:{self._last[sheet.title]}{self._lengths[sheet.title]}"

    def close(self) -> None:
        """Close what is open: an open sheet writes to standard error when it is garbage-collected."""
        for sheet in self._all():
            with suppress(OSError):
                sheet.close()

    def _all(self) -> Iterator[Any]:
        return (sheet for own in self._sheets.values() for sheet in own)


def _cell(sheet: Any, shown: Any) -> Any:
    """A value, or its cell where the value would be taken for a formula or an error's name."""
    if not (isinstance(shown, str) and shown.startswith(_FORMULA)):
        return shown
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, shown)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


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
