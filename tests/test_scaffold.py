"""A project started in an empty folder, and in one that has files already."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from imrllm.errors import UsageError
from imrllm.prompts import DEFAULT_PROMPT, load_prompt
from imrllm.scaffold import EXAMPLE, NAME, commits_letters, start_project
from imrllm.suites import load_suite


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "project"
    assert all(start_project(folder).values())
    own, copied = load_prompt(str(folder / "prompts" / f"{NAME}.md")), load_prompt(DEFAULT_PROMPT)
    assert own.sha256 == copied.sha256
    assert (own.name, own.change != copied.change) == (NAME, True)
    suite = load_suite(NAME, folder / "evals")
    assert list(suite.gold) == [EXAMPLE]
    letters = suite.letters()
    suite.verify(letters)
    assert list(letters.found) == [EXAMPLE]
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "imrllm.yml").read_text())
    assert any("imrllm eval" in step.get("run", "") for step in workflow["jobs"]["evals"]["steps"])
    assert (folder / "letters").is_dir()
    assert "/letters/" in (folder / ".gitignore").read_text().splitlines()


def test_what_is_there_stays(tmp_path: Path) -> None:
    start_project(tmp_path)
    (tmp_path / "imrllm.toml").write_text('model = "none"\n')
    (tmp_path / f"prompts/{NAME}.md").unlink()
    written = start_project(tmp_path)
    assert [place for place, was in written.items() if was] == [f"prompts/{NAME}.md"]
    assert (tmp_path / "imrllm.toml").read_text() == 'model = "none"\n'


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    start_project(tmp_path)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.rglob("*") if file.is_file()}
    assert not any(start_project(tmp_path).values())
    assert {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in tmp_path.rglob("*") if f.is_file()} == before


def test_a_suite_with_gold_of_its_own_gets_no_example_again(tmp_path: Path) -> None:
    start_project(tmp_path)
    gold, letters = tmp_path / "evals" / NAME / "gold", tmp_path / "evals" / NAME / "letters"
    (gold / f"{EXAMPLE}.json").rename(gold / "own.json")
    (letters / f"{EXAMPLE}.txt").rename(letters / "own.txt")
    assert not any(start_project(tmp_path).values())
    assert [file.name for file in gold.iterdir()] == ["own.json"]
    assert [file.name for file in letters.iterdir()] == ["own.txt"]


@pytest.mark.parametrize(
    ("lines", "commits"),
    [
        ("*.pyc\n", True),
        ("", True),
        ("/*\n!/prompts/\n", False),
        ("*.pyc\nletters/\n", False),
        (None, False),  # its own
    ],
)
def test_whether_letters_are_kept_out_of_git(tmp_path: Path, lines: str | None, commits: bool) -> None:
    if lines is not None:
        (tmp_path / ".gitignore").write_text(lines)
    assert start_project(tmp_path)[".gitignore"] is (lines is None)
    assert commits_letters(tmp_path) is commits


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as raised:
        start_project(tmp_path / "file")
    assert raised.value.hint
