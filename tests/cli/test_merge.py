"""`imrllm merge`: the shards of several machines give one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Run

pytestmark = pytest.mark.usefixtures("pipeline")


@pytest.fixture
def shards(run: Run, letters: Path, tmp_path: Path) -> list[Path]:
    """The results of three machines."""
    files = [tmp_path / f"{number}.jsonl" for number in (1, 2, 3)]
    for number, file in enumerate(files, 1):
        assert run("extract", letters, "--model", "none", "--shard", f"{number}/3", "-o", file).code == 0
    return files


def test_shards_give_one_file_that_a_run_of_all_takes_for_its_own(
    run: Run, letters: Path, tmp_path: Path, shards: list[Path]
) -> None:
    output = tmp_path / "records.jsonl"
    ran = run("merge", output, *shards)
    assert ran == Ran(0, "", f"`{output}`: 5 documents from 3 files, 0 failed.\n")
    again = run("extract", letters, "--model", "none", "-o", output)
    assert (again.code, "5 more done before" in again.err) == (0, True)
    assert [json.loads(line)["document_id"] for line in output.read_text().splitlines()] == list("abcde")


def test_missing_shards_are_named_and_make_the_answer_no(run: Run, tmp_path: Path, shards: list[Path]) -> None:
    ran = run("merge", tmp_path / "one.jsonl", shards[1])
    assert (ran.code, ran.err.splitlines()[1]) == (1, "Missing: shards 1/3, 3/3.")
    ran = run("merge", tmp_path / "two.jsonl", *shards[:2])
    assert (ran.code, ran.err.splitlines()[1]) == (1, "Missing: shard 3/3.")
    assert run("merge", tmp_path / "quiet.jsonl", *shards[:2], "--quiet") == Ran(1, "", "")


def test_an_existing_file_is_refused_with_the_mend(run: Run, shards: list[Path]) -> None:
    ran = run("merge", *shards)
    assert ran.code == 2
    mend = "Name another file, replace this one with `--force`, or delete it first."
    assert ran.err == f"Error: `{shards[0]}` exists already.\nHint: {mend}\n"
    ran = run("merge", shards[0], *shards, "--force")
    assert (ran.code, f"`{shards[0]}` is also an input" in ran.err) == (2, True)
    assert run("merge", shards[0], *shards[1:], "--force", "-q").code == 1, "a shard is missing"
    assert len(shards[0].read_text().splitlines()) == sum(len(shard.read_text().splitlines()) for shard in shards[1:])


def test_something_to_merge_is_needed(run: Run, tmp_path: Path) -> None:
    ran = run("merge", tmp_path / "records.jsonl")
    assert (ran.code, "Missing argument" in ran.err) == (2, True)
