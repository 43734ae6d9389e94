"""A results file written whole: what breaks on the way leaves the file that was there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store import ResultsFile, manifest_path, read_manifest, write_results
from tests.store.made import RUN, manifest, result, rows, write


def test_rows_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "out.jsonl"
    write_results(path, iter([result("a"), result("b")]), manifest(command="apply"))
    assert rows(path) == ["a", "b"]
    write_results(path, [result("c")], manifest(command="apply"))
    assert rows(path) == ["c"]
    assert read_manifest(path) == manifest(command="apply")
    assert {file.name for file in path.parent.iterdir()} == {"out.jsonl", "out.jsonl.run.json"}


def test_a_break_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    write(path, result("a"))
    before = path.read_bytes(), manifest_path(path).read_bytes()

    def breaking() -> Iterator[Result]:
        yield result("b")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_results(path, breaking(), manifest(command="apply"))
    assert (path.read_bytes(), manifest_path(path).read_bytes()) == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_a_run_is_writing_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with ResultsFile(path, RUN) as running:
        running.append(result("a"))
        with pytest.raises(StoreError, match="being written by another run"):
            write_results(path, [result("b")], RUN)
    assert rows(path) == ["a"]
