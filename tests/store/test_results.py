"""The results file: rows flushed one by one, taken up again after any break, put in order at the end."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tracemalloc
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imrllm.errors import StoreError
from imrllm.store import ResultsFile, manifest_path, newest_results, read_results
from tests.store.made import MADE, RUN, manifest, result, rows, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_what_is_written_is_read(path: Path) -> None:
    written = [result("a"), result("b", status="failed"), result("c", status="review")]
    write(path, *written)
    assert list(read_results(path)) == written
    assert len(path.read_bytes().splitlines()) == 3


def test_of_several_rows_of_a_document_the_newest_counts(path: Path) -> None:
    # A retried letter's new row stands behind the old one until the run ends.
    again = result("a"), result("c", status="review")
    old = result("a", status="failed"), result("c", status="failed")
    path.write_text("".join(f"{row.model_dump_json()}\n\n" for row in (*old, old[0], result("b"), *again)))
    assert list(newest_results(path)) == [result("b"), *again]


def test_each_row_is_on_disk_when_append_returns(path: Path) -> None:
    with ResultsFile(path, RUN) as store:
        for count, name in enumerate("abc", start=1):
            store.append(result(name))
            assert len(rows(path)) == count
            assert len(store) == count


def test_resuming_knows_what_is_done(path: Path) -> None:
    write(path, result("a"), result("b", status="failed"))
    with ResultsFile(path, RUN) as store:
        assert [store.done(name) for name in "abc"] == [True, True, False]
        assert store.done("a", "sha256 of a")
        store.append(result("c"))
        assert store.done("c", "any")
    assert rows(path) == ["a", "b", "c"]


def test_starting_over_drops_what_is_there(path: Path) -> None:
    write(path, result("a"), model="other")
    with ResultsFile(path, RUN, fresh=True) as store:
        assert not store.done("a")
        store.append(result("b"))
    assert rows(path) == ["b"]


def test_the_folder_is_made(tmp_path: Path) -> None:
    write(tmp_path / "new" / "folder" / "out.jsonl", result("a"))
    assert rows(tmp_path / "new" / "folder" / "out.jsonl") == ["a"]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"model": "local"}, "the model `local`, not `none`"),
        ({"prompt_sha256": "0" * 64}, "another prompt"),
        ({"version": "0.0.9"}, "version 0.0.9, not 0.1.0"),
    ],
)
def test_rows_setting_differences_are_refused(path: Path, other: dict[str, Any], named: str) -> None:
    with ResultsFile(path, manifest(**other)) as store:
        store.append(result("a", **other))
    before = path.read_bytes()
    for place in ("`out.jsonl`", "line 1"):
        with pytest.raises(StoreError) as raised:
            ResultsFile(path, RUN)
        assert f"{place} was made with {named}" in str(raised.value)
        assert "--fresh" in raised.value.hint
        assert path.read_bytes() == before
        assert not Path(f"{path}.lock").exists(), "the lock is given back"
        # An earlier version's file has no manifest: its rows speak for themselves.
        manifest_path(path).unlink(missing_ok=True)


def test_a_row_of_other_bytes_is_refused(path: Path) -> None:
    write(path, result("a"))
    with ResultsFile(path, RUN) as store, pytest.raises(StoreError) as raised:
        store.done("a", "sha256 of a changed")
    assert "row of `a` from other bytes" in str(raised.value)
    assert "--fresh" in raised.value.hint


@pytest.mark.parametrize(
    ("made", "sha256", "options", "done", "reason"),
    [
        ({}, "sha256 of a", {}, True, "the same failure would come again"),
        (
            {"prompt_sha256": None},
            "sha256 of a",
            {"prompt_sha256": "1"},
            True,
            "no model was asked, so no prompt counts",
        ),
        ({}, "mended", {}, False, "its user mended the file"),
        ({"model": "local"}, "sha256 of a", {}, False, "another model may manage"),
        ({"version": "0.0.9"}, "sha256 of a", {}, False, "another version may manage"),
        ({}, "sha256 of a", {"retry_failed": True}, False, "asked for"),
    ],
)
def test_a_failed_row_is_done_until_something_changes(
    path: Path, made: dict[str, Any], sha256: str, options: dict[str, Any], done: bool, reason: str
) -> None:
    write(path, result("a", status="failed", **made), result("b", **options_made(options)), **options_made(options))
    with ResultsFile(path, manifest(**options_made(options)), retry_failed="retry_failed" in options) as store:
        assert store.done("a", sha256) is done, reason
        if not done:
            store.append(result("a", sha256=sha256))
            assert store.done("a", sha256)
        store.arrange(["a", "b"])
    assert [(row.document_id, row.status) for row in read_results(path)] == [
        ("a", "failed" if done else "ok"),
        ("b", "ok"),
    ], "one row a document"


def options_made(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in MADE}


def test_arranged_in_input_order(path: Path) -> None:
    with ResultsFile(path, RUN) as store:
        for name in "dbxac":
            store.append(result(name))
        store.arrange(["a", "b", "never read", "c", "d", "a"])
        assert rows(path) == ["a", "b", "c", "d", "x"], "a row of no given document comes last"
        store.append(result("e"))
        store.arrange("eabcd")
    assert rows(path) == ["e", "a", "b", "c", "d", "x"]
    assert sorted(path.parent.iterdir()) == [path, manifest_path(path)], "no temporary file and no lock stays"
    with ResultsFile(path, RUN) as store:
        assert all(store.done(name, f"sha256 of {name}") for name in "abcdex")


def test_of_two_rows_of_a_document_the_newer_stays(path: Path) -> None:
    # A run that replaced a failed row and was broken off before it put the rows in order.
    write(path, result("a", status="failed"), result("a", sha256="mended"), result("b"))
    with ResultsFile(path, RUN) as store:
        assert store.done("a", "mended")
        store.arrange("ab")
    assert [(row.document_id, row.status) for row in read_results(path)] == [("a", "ok"), ("b", "ok")]


def test_rows_in_order_are_left_alone(path: Path) -> None:
    with ResultsFile(path, RUN) as store:
        store.append(result("a"))
        store.append(result("b"))
        inode = path.stat().st_ino
        store.arrange(["a", "b"])
        assert path.stat().st_ino == inode
        store.arrange(["b", "a"])
        assert path.stat().st_ino != inode


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes and links there")
def test_arranging_keeps_mode_and_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "out.jsonl"
    write(target, result("b"), result("a"))
    target.chmod(0o640)
    link.symlink_to(target)
    with ResultsFile(link, RUN) as store:
        store.arrange("ab")
    assert link.is_symlink()
    assert rows(target) == ["a", "b"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failed_arranging_leaves_the_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(ENOSPC, "No space left on device")

    with ResultsFile(path, RUN) as store:
        store.append(result("b"))
        store.append(result("a"))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(StoreError, match="No space left"):
                store.arrange("ab")
        assert {file.name for file in path.parent.iterdir()} == {
            "out.jsonl",
            "out.jsonl.lock",
            "out.jsonl.run.json",
        }
        store.append(result("c"))
    assert rows(path) == ["b", "a", "c"]


def test_a_full_disk_leaves_whole_rows(path: Path) -> None:
    class Full:
        """The file, on a disk with room for the beginning of one more row."""

        def __init__(self, file: Any) -> None:
            self.file = file
            self.room = 40

        def write(self, row: memoryview) -> int:
            if not self.room:
                raise OSError(ENOSPC, "No space left on device")
            written, self.room = self.file.write(row[: self.room]), 0
            return int(written)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    with ResultsFile(path, RUN) as store:
        store.append(result("a"))
        file, store._file = store._file, Full(store._file)  # type: ignore[assignment]
        with pytest.raises(StoreError) as raised:
            store.append(result("b"))
        assert "--resume" in raised.value.hint
        assert path.read_bytes().endswith(b"}\n")
        assert not store.done("b")
        store._file = file
        store.append(result("c"))
    assert rows(path) == ["a", "c"]


def test_a_second_run_is_refused(path: Path) -> None:
    with ResultsFile(path, RUN) as store:
        store.append(result("a"))
        for fresh in (False, True):
            with pytest.raises(StoreError) as raised:
                ResultsFile(path, RUN, fresh=fresh)
            assert "is being written by another run" in str(raised.value)
            assert raised.value.hint
        store.append(result("b"))
    write(path, result("c"))
    assert rows(path) == ["a", "b", "c"]


def test_another_process_is_refused_until_this_one_dies(path: Path) -> None:
    holder = (
        "import os, sys\nfrom imrllm.store import ResultsFile, new_manifest\n"
        f"store = ResultsFile({str(path)!r}, new_manifest(model='none'))\n"
        "print('open', flush=True)\nsys.stdin.read()\nos._exit(9)\n"
    )
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match="another run"):
            ResultsFile(path, RUN)
        process.stdin.close()
        assert process.wait() == 9
    assert Path(f"{path}.lock").exists()
    write(path, result("a"))
    assert rows(path) == ["a"], "a lock file left behind by a killed run stops nobody"


def test_closing_twice_does_no_harm_and_nothing_is_written_after(path: Path) -> None:
    store = ResultsFile(path, RUN)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.append(result("a"))


WHOLE = b"".join(
    row.model_dump_json().encode() + b"\n" for row in (result("a"), result("b", status="failed"), result("\u00e9"))
)

# Where a row is whole and only its line end is missing.
ROW_ENDS = [offset for offset, byte in enumerate(WHOLE) if byte == ord("\n")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(WHOLE)) | st.sampled_from(ROW_ENDS))
@example(ROW_ENDS[0])
@example(ROW_ENDS[-1])
def test_any_break_and_resuming_gives_the_same_rows(path: Path, length: int) -> None:
    path.write_bytes(WHOLE[:length])
    with ResultsFile(path, RUN) as store:
        for row in (result("a"), result("b", status="failed"), result("\u00e9")):
            if not store.done(row.document_id, row.provenance.sha256):
                store.append(row)
        store.arrange(["a", "b", "\u00e9"])
    assert path.read_bytes() == WHOLE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6))
def test_any_order_of_finishing_is_arranged(path: Path, finished: list[str], order: list[str], broken_off: int) -> None:
    path.unlink(missing_ok=True)
    write(path, *(result(name) for name in finished[:broken_off]))
    with ResultsFile(path, RUN) as store:
        for name in finished:
            if not store.done(name):
                store.append(result(name))
        store.arrange(order)
    assert rows(path) == order


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b'{"document_id":"b","sta', "a row that broke off"),
        (b"{", "a row of one character"),
        (b'{"document_id":"b","sta\n', "a broken row with a line end, as an editor leaves it"),
        (b"\0" * 4096, "what a power cut leaves of a row"),
        (b'{"document_id":"b"' + b"\0" * 4096, "what a power cut leaves of the end of a row"),
    ],
)
def test_a_broken_last_line_is_cut(path: Path, tail: bytes, reason: str) -> None:
    write(path, result("a"))
    with path.open("ab") as file:
        file.write(tail)
    write(path, result("b"))
    assert rows(path) == ["a", "b"], reason


@pytest.mark.parametrize("tail", [b"", b'{"document_id":"c","sta'])
def test_looking_changes_nothing_even_while_another_run_writes(path: Path, tail: bytes) -> None:
    write(path, result("a"), result("b", status="failed"))
    before = path.read_bytes().removesuffix(b"\n") + (b"\n" + tail if tail else b"")
    path.write_bytes(before)
    with ResultsFile(path, RUN, look=True, retry_failed=True) as store:
        assert [store.done(name) for name in "abc"] == [True, False, False]
    with ResultsFile(path, RUN, look=True, fresh=True) as store:
        assert not store.done("a")
    with pytest.raises(StoreError, match="another prompt"), ResultsFile(path, manifest(prompt_sha256="0"), look=True):
        pass
    with ResultsFile(path.with_name("none.jsonl"), RUN, look=True) as store:
        assert not store.done("a")
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.iterdir()} == {path.name, manifest_path(path).name}
    with ResultsFile(path, RUN), ResultsFile(path, RUN, look=True) as store:
        assert store.done("a")


@pytest.mark.parametrize(
    ("content", "cause", "reason"),
    [
        (b"my notes", "something other than results", "a text of one line"),
        (b"my notes\nmore\n", "something other than results", "a text"),
        (b'{"id": "a", "text": "..."}\n', "something other than results", "letters, not results"),
        (b"\x89PNG\x00", "something other than results", "a picture"),
        (b'{"document_id":"a"}\n{"document_id":"b"}\n', "line 1 is not a result", "rows of another program"),
        (WHOLE + b"my notes", "line 4 is not a result", "a last line that is no beginning of a row"),
        (WHOLE + b'{"document_id":"x\n' + WHOLE, "line 4 is not a result", "a broken row in the middle"),
    ],
)
def test_a_file_of_another_kind_is_refused_untouched(path: Path, content: bytes, cause: str, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError) as raised:
        ResultsFile(path, RUN)
    assert cause in str(raised.value), reason
    assert "--fresh" in raised.value.hint
    assert path.read_bytes() == content


def test_places_where_no_file_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "out.jsonl"):
        with pytest.raises(StoreError) as raised:
            ResultsFile(place, RUN)
        assert raised.value.hint

    def denied(*given: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(StoreError) as raised:
        ResultsFile(tmp_path / "out.jsonl", RUN)
    assert "Permission denied" in str(raised.value)
    assert "folder" in raised.value.hint


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b'{"document_id":"b"', "`row` (json_invalid)", "broken off"),
        (
            b'{"document_id":"b","status":"fine","provenance":{"model":"none","version":"1"}}',
            "`status`",
            "no such status",
        ),
        (b'{"document_id":"b","status":"ok"}', "`provenance` (missing)", "a field missing"),
    ],
)
def test_reading_names_the_line_and_the_field(path: Path, line: bytes, field: str, reason: str) -> None:
    path.write_bytes(WHOLE + b"\n" + line + b"\n")
    read = read_results(path)
    assert [next(read).document_id for _ in range(3)] == ["a", "b", "\u00e9"]
    with pytest.raises(StoreError) as raised:
        next(read)
    assert "line 5 is not a result" in str(raised.value), "blank lines count, but are no rows"
    assert field in str(raised.value), reason
    assert "fine" not in str(raised.value)


def test_reading_a_missing_file(path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        list(read_results(path))


def test_resuming_holds_little_of_each_row(path: Path) -> None:
    row = json.loads(result("a").model_dump_json())
    with path.open("w") as file:
        for number in range(1000):
            row["document_id"] = f"CM16-{number:07}"
            row["record"]["clinical_summary"]["diagnoses"] = ["x" * 20_000]
            file.write(json.dumps(row, separators=(",", ":")) + "\n")
    tracemalloc.start()
    try:
        with ResultsFile(path, RUN) as store:
            held = tracemalloc.get_traced_memory()[1]
            assert len(store) == 1000
    finally:
        tracemalloc.stop()
    assert held < 1_000_000, "20 MB of rows went by"


def test_a_failed_run_without_a_row_leaves_nothing(path: Path) -> None:
    with pytest.raises(RuntimeError), ResultsFile(path, RUN):
        raise RuntimeError
    assert list(path.parent.iterdir()) == []
    with ResultsFile(path, RUN) as store:
        store.append(result("a"))
    with pytest.raises(RuntimeError), ResultsFile(path, RUN):
        raise RuntimeError
    assert [each.document_id for each in read_results(path)] == ["a"], "what an earlier run wrote stays"
