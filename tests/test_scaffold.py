"""A project started in an empty folder, and in one that has files already."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from imrllm.errors import UsageError
from imrllm.prompts import DEFAULT_PROMPT, load_prompt
from imrllm.scaffold import NAME, start_project
from imrllm.suites import load_suite


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "project"
    assert all(start_project(folder).values())
    own, copied = load_prompt(str(folder / "prompts" / f"{NAME}.md")), load_prompt(DEFAULT_PROMPT)
    assert own.sha256 == copied.sha256
    assert (own.name, own.change != copied.change) == (NAME, True)
    suite = load_suite(NAME, folder / "evals")
    assert suite.gold == {}
    assert suite.letters().found == {}
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


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as raised:
        start_project(tmp_path / "file")
    assert raised.value.hint
