"""An export is whole or not at all, of the rows that count, and refuses with the mend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imrllm.errors import ImrllmError, StoreError, UsageError
from imrllm.export import export, writing
from imrllm.store.files import locked, unlocked
from tests.export.made import failed, file_of, result

ENDINGS = ["csv", "parquet", "duckdb", "xlsx"]


def test_of_several_rows_of_a_document_the_newest_counts(tmp_path: Path) -> None:
    records = file_of(tmp_path, failed("a"), result("b"), failed("a"), result("a"))
    exported = export(records, tmp_path / "documents.csv", only="documents")
    assert (exported.rows, exported.failed) == ({"documents": 2}, 0)
    names = [line.split(",")[:2] for line in (tmp_path / "documents.csv").read_text().splitlines()[1:]]
    assert names == [["b", "review"], ["a", "review"]]


@pytest.mark.parametrize(
    ("output", "only", "message", "hint"),
    [
        ("x.json", None, "`x.json` has no ending of a table format.", "`.csv`, `.parquet`, `.duckdb`, `.xlsx`"),
        ("x", None, "`x` has no ending of a table format.", "`.duckdb`"),
        ("x.csv", "rows", "There is no table `rows`.", "documents, items, citations, grounds, checks, field_values"),
        ("x.duckdb", "items", "`x.duckdb` holds all tables.", "Leave `--table` out"),
        ("x.xlsx", "items", "`x.xlsx` holds all tables.", "`.csv` or `.parquet`"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, output: str, only: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        export(file_of(tmp_path, result()), tmp_path / output, only=only)
    assert (str(refused.value), hint in refused.value.hint) == (message, True)
    assert not (tmp_path / output).exists()


def test_an_absent_library_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "find_spec", lambda name: None)
    records = file_of(tmp_path, result())
    with pytest.raises(UsageError, match=r"`\.duckdb` needs `duckdb` and `pyarrow`") as refused:
        export(records, tmp_path / "x.duckdb")
    assert refused.value.hint == "`pip install 'imrllm[export]'`."
    export(records, tmp_path / "x.csv")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), RuntimeError])
def test_a_break_leaves_nothing(tmp_path: Path, ending: str, error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="duckdb is in the extra `export`")
    records = file_of(tmp_path, *(result(str(number)) for number in range(4)))
    monkeypatch.setattr(writing, "_BATCH", 1)
    made = writing.rows_of

    def breaking(given: Any) -> Any:
        if given.document_id == "2":
            raise error
        return made(given)

    monkeypatch.setattr(writing, "rows_of", breaking)
    with pytest.raises(StoreError if isinstance(error, OSError) else error):
        export(records, tmp_path / f"x.{ending}")
    assert list(tmp_path.iterdir()) == [records]
    monkeypatch.undo()
    # What a killed run left stands in nobody's way.
    (tmp_path / f".x.{ending}.tmp").mkdir()
    (tmp_path / f".x.{ending}.tmp" / f"x.{ending}").write_text("half")
    assert export(records, tmp_path / f"x.{ending}").rows["documents"] == 4
    assert sorted(tmp_path.iterdir()) == [records, tmp_path / f"x.{ending}"]


def test_a_line_that_is_no_result_is_named_and_nothing_written(tmp_path: Path) -> None:
    records = file_of(tmp_path, result())
    with records.open("a") as file:
        file.write('{"document_id": "b", "status": "ok"')
    with pytest.raises(StoreError, match="line 2 is not a result"):
        export(records, tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == [records]


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_exists_is_never_overwritten(tmp_path: Path, kind: str) -> None:
    output = tmp_path / "x.csv"
    if kind == "file":
        output.write_text("mine")
    elif kind == "folder":
        output.mkdir()
    else:
        output.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StoreError, match="exists already"):
        export(file_of(tmp_path, result()), output)


@pytest.mark.parametrize("ending", ["csv", "duckdb", "xlsx", "parquet"])
def test_an_output_is_replaced_if_asked(tmp_path: Path, ending: str) -> None:
    records = file_of(tmp_path, result())
    output = tmp_path / f"x.{ending}"
    export(records, output)
    file_of(tmp_path, result(), result("b"))
    assert export(records, output, force=True).rows["documents"] == 2
    assert sorted(tmp_path.iterdir()) == [records, output]


def test_a_folder_with_other_files_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    (tmp_path / "x.csv" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="holds other files"):
        export(file_of(tmp_path, result()), tmp_path / "x.csv", force=True)
    assert (tmp_path / "x.csv" / "mine.txt").read_text() == "mine"


def test_records_that_are_being_written_are_refused(tmp_path: Path) -> None:
    records = file_of(tmp_path, result())
    lock = locked(records)
    try:
        with pytest.raises(StoreError, match="being written by another run"):
            export(records, tmp_path / "x.csv")
    finally:
        unlocked(lock)
    export(records, tmp_path / "x.csv")


def test_records_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImrllmError, match="does not exist"):
        export(tmp_path / "nowhere.jsonl", tmp_path / "x.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize("ending", ["duckdb", "xlsx"])
def test_a_killed_export_leaves_nothing_but_what_the_next_one_removes(tmp_path: Path, ending: str) -> None:
    pytest.importorskip("duckdb", reason="duckdb is in the extra `export`")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    records = file_of(tmp_path, *(result(str(number)) for number in range(4)))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, records, tmp_path / f"x.{ending}"],
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert killed.returncode == -9
    assert list(temporary.iterdir()) == []
    assert (tmp_path / f".x.{ending}.tmp").exists(), "it was killed while it wrote"
    export(records, tmp_path / f"x.{ending}")
    assert sorted(tmp_path.iterdir()) == [records, temporary, tmp_path / f"x.{ending}"]


# An export that is killed before its third batch of rows.
KILLED = """
import os, sys
from pathlib import Path
from imrllm.export import export, writing
writing._BATCH = 1
made = writing.rows_of
def killing(given):
    if given.document_id == "2":
        os.kill(os.getpid(), 9)
    return made(given)
writing.rows_of = killing
export(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_duckdb_keeps_to_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is in the extra `export`")
    connect, limits = duckdb.connect, []

    def connected(path: Path, config: Any) -> Any:
        limits.append(connect(config=config).execute("SELECT current_setting('memory_limit')").fetchone())
        return connect(path, config=config)

    monkeypatch.setattr(duckdb, "connect", connected)
    export(file_of(tmp_path, result()), tmp_path / "x.duckdb")
    assert limits == [("244.1 MiB",)]
