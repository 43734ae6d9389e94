"""Exports a results file in batches: the whole output or nothing."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Protocol

from imrllm.audit.summary import counted
from imrllm.errors import StoreError, UsageError
from imrllm.export import dataset_card
from imrllm.export.dictionary import DICTIONARY, dictionary_rows
from imrllm.export.rows import audit_rows, rows_of
from imrllm.export.tables import AUDITS, RUN_TABLES, TABLES, Row, Table, Write
from imrllm.store import newest_results
from imrllm.store.files import alone, reporting, unchanged

# The number of documents whose rows are in memory at the same time.
_BATCH = 500


class _Written(Protocol):
    def __call__(self, path: Path, tables: Sequence[Table]) -> AbstractContextManager[Write]: ...


@dataclass(frozen=True, slots=True)
class _Format:
    """One format.

    Attributes:
        module: the module of this package that writes it.
        needs: the libraries that it needs.
        folder: whether the output is a folder with a file per table, or one file.
        card: whether the folder has a dataset card.
    """

    module: str
    needs: tuple[str, ...]
    folder: bool
    card: bool = False


_FORMATS = {
    ".csv": _Format("delimited", (), folder=True),
    ".parquet": _Format("parquet", ("pyarrow",), folder=True, card=True),
    ".duckdb": _Format("database", ("duckdb", "pyarrow"), folder=False),
    ".xlsx": _Format("workbook", ("openpyxl",), folder=False),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        rows: number of rows by table; that of audits only if there are any.
        failed: documents without a record.
        cut: texts that were cut to the length that the format can hold.
        left_out: grounds that no words of the letters support, which are in no table.
    """

    rows: dict[str, int]
    failed: int
    cut: int
    left_out: int = 0


def export(records: Path, output: Path, *, only: str | None = None, force: bool = False) -> Exported:
    """Write the tables of a results file, in the format that the output's ending names.

    Memory holds an id for each document, and the rows of 500 documents at a time.

    Args:
        records: a results file; no run may be writing it.
        output: `.csv` and `.parquet` are folders of this name with a file for each table; `.duckdb` and `.xlsx` are one
            file with all of them.
        only: name of the one table to write, as a plain file; for `.csv` and `.parquet`.
        force: replace an output that exists.

    Returns:
        What was written.

    Raises:
        UsageError: the ending does not name a format, there is no such table, or the format's library is not installed.
        StoreError: the output exists and is not to be replaced, or is a folder with other files; a run is writing the
            records; a line is not a result; or a file cannot be read or written. Nothing is written in this case.
    """
    form = _form(output, only)
    written: _Written = import_module(f"imrllm.export.{form.module}").written
    with unchanged(records), ExitStack() as stack:
        audits = audit_rows(counted(records)) if only in (None, AUDITS.name) else []
        first, *others = TABLES
        tables: tuple[Table, ...] = (first, DICTIONARY, *others, *(RUN_TABLES if audits else ()))
        if only is not None:
            tables = tuple(table for table in (*TABLES, *RUN_TABLES) if table.name == only)
        path = stack.enter_context(_whole(output, force=force))
        stack.enter_context(reporting(output))
        if form.folder and only is None:
            path.mkdir()
            if form.card:
                (path / dataset_card.NAME).write_text(dataset_card.dataset_card(tables), encoding="utf-8", newline="\n")
            writers = {
                table.name: stack.enter_context(written(path / f"{table.name}{output.suffix.lower()}", [table]))
                for table in tables
            }

            def write_to_file(table: Table, rows: Sequence[Row]) -> int:
                return writers[table.name](table, rows)

            write: Write = write_to_file
        else:
            write = stack.enter_context(written(path, tables))
        if only is None:
            write(DICTIONARY, dictionary_rows([table for table in tables if table is not DICTIONARY]))
        if audits:
            write(AUDITS, audits)
        return _copied(records, tables, write, audits=len(audits))


def _copied(records: Path, tables: Sequence[Table], write: Write, *, audits: int) -> Exported:
    counts = Counter({table.name: 0 for table in tables if table in TABLES})
    failed = cut = left_out = 0
    results = newest_results(records)
    while batch := list(islice(results, _BATCH)):
        failed += sum(result.record is None for result in batch)
        left_out += sum(
            result.grounds_left_out(index)
            for result in batch
            if result.record
            for index in range(len(result.record.disputed_items))
        )
        rows: dict[str, list[Row]] = {name: [] for name in counts}
        for result in batch:
            for name, own in rows_of(result).items():
                if name in rows:
                    rows[name] += own
        for table in tables:
            if rows.get(table.name):
                cut += write(table, rows[table.name])
                counts[table.name] += len(rows[table.name])
    if audits:
        counts[AUDITS.name] = audits
    return Exported(dict(counts), failed, cut, left_out)


def _form(output: Path, only: str | None) -> _Format:
    form = _FORMATS.get(output.suffix.lower())
    if form is None:
        endings = ", ".join(f"`{ending}`" for ending in _FORMATS)
        raise UsageError(f"`{output.name}` has no ending of a table format.", hint=f"The endings are {endings}.")
    names = [table.name for table in (*TABLES, *RUN_TABLES)]
    if only is not None and only not in names:
        raise UsageError(f"There is no table `{only}`.", hint=f"The tables are {', '.join(names)}.")
    if only is not None and not form.folder:
        raise UsageError(
            f"`{output.name}` holds all tables.", hint="Leave `--table` out, or name a `.csv` or `.parquet` file."
        )
    absent = [name for name in form.needs if find_spec(name) is None]
    if absent:
        raise UsageError(
            f"`{output.suffix}` needs {' and '.join(f'`{name}`' for name in absent)}.",
            hint="`pip install 'imrllm[export]'`.",
        )
    return form


@contextmanager
def _whole(output: Path, *, force: bool) -> Iterator[Path]:
    """Yield a temporary path, and rename it to the output, replacing one if allowed, once the block has written it."""
    with alone(output), ExitStack() as stack:
        if os.path.lexists(output) and not force:
            raise StoreError(f"`{output}` exists already.", hint="Name another, or replace it with `--force`.")
        if output.is_dir() and any(
            file.suffix != output.suffix.lower() and not dataset_card.is_card(file) for file in output.iterdir()
        ):
            raise StoreError(f"`{output}` is a folder that holds other files.", hint="Name another.")
        # In a folder of its own: a database has other files next to it while it is written.
        room = output.with_name(f".{output.name}.tmp")
        shutil.rmtree(room, ignore_errors=True)
        stack.callback(shutil.rmtree, room, ignore_errors=True)
        with reporting(output):
            room.mkdir()
        made = room / output.name
        yield made
        with reporting(output):
            for file in made.iterdir() if made.is_dir() else [made]:
                with file.open("rb+") as written:
                    os.fsync(written.fileno())
            if output.is_dir() and not output.is_symlink():
                output.rename(room / "replaced")
            made.replace(output)
