"""`imrllm init`: what a new project's first commands say."""

from __future__ import annotations

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
    assert {line.split("\t")[0] for line in run("init").out.splitlines()} == {"kept"}
    # The settings file is read by every command, and the project's own prompt is known by its name.
    names = [line.split("\t")[0] for line in run("prompts", "list").out.splitlines()]
    assert "mine" in names
    with Path("imrllm.toml").open("a") as settings:
        settings.write('prompt = "mine"\n')
    assert run("prompts", "show", "mine").out.startswith("---\nname: mine\n")


def test_a_suite_without_gold_says_what_to_do(run: Run) -> None:
    run("init")
    ran = run("eval", "--model", "none")
    assert ran.code == 2
    assert "has no gold" in ran.err
    assert "evals/README.md" not in ran.err
    assert "Label" in ran.err
