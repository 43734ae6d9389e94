"""The number of a run's letters, counted beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.running.run import Run
from tests.letters import THREE, letter


def counted(run: Run) -> int | None:
    run.total.count()
    return run.total.letters


def write(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(letter(*THREE))
    return folder


def test_files_and_rows_are_counted_before_they_are_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "letters", "a.txt", "b.txt", "c.txt")
    (folder / "rows.jsonl").write_text('{"id": "d", "text": "x"}\n' * 4)
    assert counted(Run(folder, model="none")) == 7
    assert counted(Run(folder, model="none", limit=5)) == 5


def test_shards_add_up_to_all(tmp_path: Path) -> None:
    folder = write(tmp_path / "letters", *(f"{number}.txt" for number in range(20)))
    parts = [counted(Run(folder, model="none", shard=f"{part}/3")) or 0 for part in (1, 2, 3)]
    assert sum(parts) == 20
    assert 20 not in parts


def test_the_results_are_no_letters(tmp_path: Path) -> None:
    folder = write(tmp_path / "letters", "a.txt")
    run = Run(folder, folder / "records.jsonl", model="none")
    run.execute()
    assert counted(Run(folder, folder / "records.jsonl", model="none")) == 1


def test_a_file_of_several_letters_raises_the_count_as_it_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "letters", "a.txt")
    (folder / "two.txt").write_text(letter(*THREE) + "\n\f\n" + letter(*THREE))
    run = Run(folder, model="none")
    assert counted(run) == 2
    assert run.execute().documents.total() == run.total.letters == 3


@pytest.mark.parametrize("given", ["-", "letters.zip"])
def test_what_can_only_be_read_is_not_counted(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("letters.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    assert counted(Run(given, model="none")) is None
