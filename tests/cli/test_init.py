"""`imrllm init`: what a new project's first commands say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from imrllm.prompts import load_prompt
from tests.cli.conftest import Run


def test_a_project_works_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    load_prompt.cache_clear()
    ran = run("init")
    assert ran.code == 0
    assert {line.split("\t")[0] for line in ran.out.splitlines()} == {"wrote"}
    assert "letters" in ran.err
    assert "Nothing was changed" not in ran.err
    again = run("init")
    assert {line.split("\t")[0] for line in again.out.splitlines()} == {"kept"}
    assert "Nothing was changed" in again.err
    # The settings file is read by every command, and the project's own prompt is known by its name.
    names = [line.split("\t")[0] for line in run("prompts", "list").out.splitlines()]
    assert "mine" in names
    with Path("imrllm.toml").open("a") as settings:
        settings.write('prompt = "mine"\n')
    assert run("prompts", "show", "mine").out.startswith("---\nname: mine\n")


def test_a_suite_without_gold_says_what_to_do(run: Run) -> None:
    run("init")
    Path("evals/mine/gold/example.json").unlink()
    ran = run("eval", "--model", "none")
    assert ran.code == 2
    assert "has no gold" in ran.err
    assert "evals/README.md" not in ran.err
    assert "Label" in ran.err


@pytest.mark.parametrize("folder", [None, "new/project"])
def test_the_next_three_commands_work(run: Run, folder: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("init", *([folder] if folder else [])).err
    assert ("Next:" in said) is (folder is None)
    assert f"`{Path(folder or '') / 'README.md'}`" in said
    monkeypatch.chdir(folder or ".")
    shutil.copy("evals/mine/letters/example.txt", "letters/one.txt")
    commands = [line.partition("#")[0].split() for line in said.splitlines() if line.startswith("  imrllm ")]
    assert len(commands) == 3
    for command in commands:
        ran = run(*command[1:])
        assert ran.code == 0, ran.err
    assert Path("review.html").is_file()


def test_letters_that_git_would_commit_are_said(run: Run) -> None:
    assert "Warning" not in run("init", "own").err
    assert "Warning" not in run("init", "own").err
    Path("theirs").mkdir()
    Path("theirs/.gitignore").write_text("*.pyc\n")
    assert "Warning: `theirs/.gitignore`" in run("init", "theirs").err
    assert Path("theirs/.gitignore").read_text() == "*.pyc\n"


def test_without_recorded_answers_the_way_on_is_said(run: Run) -> None:
    run("init")
    assert "--model none" in run("eval").err
    assert "imrllm cassettes record" in run("cassettes", "check").err
    assert "1 letter ·" in run("eval", "--model", "none").out


def test_letters_that_are_not_there_yet_leave_nothing(run: Run) -> None:
    run("init")
    before = sorted(Path().rglob("*"))
    ran = run("extract", "letters/", "--model", "none", "-o", "records.jsonl")
    assert ran.code == 2
    assert "`letters/` is an empty folder." in ran.err
    assert "Put letters into it" in ran.err
    assert sorted(Path().rglob("*")) == before
