"""`imrllm cassettes`: answers recorded from a stand-in, and checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.letters import WHOLE_PROMPT
from tests.llm.standin import StandIn
from tests.recorded_suite import CANARY, LETTER, WHOLE, answers, write_letter


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    suite = tmp_path / "evals" / "small"
    (suite / "letters").mkdir(parents=True)
    (suite / "suite.toml").write_text('name = "small"\ndescription = "Two."\nletters = "letters"\n')
    for name in ("ada", "bea"):
        write_letter(suite, name, 29)
    return tmp_path / "evals"


def test_record_then_check(run: Run, evals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A project's own prompt, which `check` finds by its name.
    Path("prompts").mkdir()
    shutil.copy(WHOLE_PROMPT, "prompts")
    options = ("--prompt", "whole", "--model", "vllm/own", "--evals", evals)
    with StandIn(*answers(WHOLE)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        ran = run("cassettes", "record", "small", *options)
        again = run("cassettes", "record", *options)
        assert len(server.received) == 2
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "1/2 whole · ada (missing)\n2/2 whole · bea (missing)\n2 recorded\n"
    assert (again.code, again.err) == (0, "No cassette is missing or stale.\n")
    assert Path("cassettes/small/whole/vllm-own/ada.yaml").is_file()
    checked = run("cassettes", "check", "--evals", evals)
    assert (checked.code, checked.out) == (0, "2 cassettes, all in order\n")

    (evals / "small" / "letters" / "ada.txt").write_text(LETTER.format(age=30, canary=CANARY))
    checked = run("cassettes", "check", "--evals", evals)
    assert checked.code == 1
    told = "`ada`: stale: the letter changed since it was recorded: record it again"
    assert checked.out == f"cassettes/small/whole/vllm-own/ada.yaml: {told}\n"


def test_some_letters_only(run: Run, evals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("prompts").mkdir()
    shutil.copy(WHOLE_PROMPT, "prompts")
    options = ("--prompt", "whole", "--model", "vllm/own", "--evals", evals, "--limit", "1")
    with StandIn(*answers(WHOLE)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        ran = run("cassettes", "record", "small", *options)
        assert len(server.received) == 1
    assert ran.err == (
        "1/1 whole · ada (missing)\n1 recorded\n"
        "Only the first letters of each suite, at most 1, are recorded (`--limit`).\n"
    )


def test_without_suites(run: Run) -> None:
    ran = run("cassettes", "record")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: No suite lies under `evals`.\nHint:")


def test_without_cassettes(run: Run) -> None:
    ran = run("cassettes", "check")
    assert ran.code == 2
    assert ran.err.startswith("Error: There is no folder `cassettes`.")
