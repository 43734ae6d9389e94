"""A new project, from nothing: its own pages followed to the letter, its workflow, and what Git would commit of it."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from imrllm.answer_models import GroundsAnswer, VerifyAnswer
from imrllm.cassettes import record, unrecorded
from imrllm.llm import resolve_model
from imrllm.prompts import load_prompt
from imrllm.records import ClinicalSummary
from imrllm.scaffold import NAME, start_project
from tests.cli.conftest import Run
from tests.docs import project
from tests.docs.shown import PAGES, PROJECT_PAGES, blocks, console_lines, examples, parse
from tests.docs.test_commands import Reader
from tests.letters import RIGHT_CASE, RIGHT_ITEMS
from tests.llm.standin import Reply, StandIn, completion
from tests.pipeline.scripted import asked, fitting

# Options whose value is a file that the command writes.
_WRITTEN = {"-o", "--output", "--html", "--json", "--junit"}
# What a person saves from a page, or brings.
_BROUGHT = (
    "corrections.json",
    "verdicts-AB-2026-11-29.json",
    "letters/one.pdf",
    "letter.pdf",
    "letters.zip",
    "list.csv",
)
# Names in the documentation that are meant to be committed, or lie elsewhere.
_COMMITTED = re.compile(rf"evals/{NAME}/gold|\w+-2021\.toml|/shared/.*")


@pytest.fixture
def started(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line, in the folder of a new project."""
    load_prompt.cache_clear()
    assert run("init", "project").code == 0
    monkeypatch.chdir("project")
    return run


def _answer(body: Any) -> Reply:
    """A model that finds nothing that takes judgment, and confirms what the grammar found."""
    answers = {
        "grounds": GroundsAnswer(reasons=()),
        "verify": VerifyAnswer(given=True),
        "case": RIGHT_CASE.model_copy(update={"clinical_summary": ClinicalSummary()}),
    }
    return completion(fitting(answers.get(asked(body), RIGHT_ITEMS[0]), body))


def _follow(run: Run, page: Path) -> None:
    for line in project.steps(page):
        if line.startswith("imrllm cassettes record "):
            words = line.split()
            prompts = [words[at + 1] for at, word in enumerate(words) if word == "--prompt"]
            # The embedded model has a gigabyte of weights: a server with its name answers in its place.
            with StandIn(_answer) as model:
                target = resolve_model("local").at(model.base_url)
                assert record(unrecorded(words[3], prompts, "local"), "local", target=target)
        else:
            # A line that is shown again runs again: gold has changed between them.
            Reader(run, set()).type(line)


def _run_workflow(run: Run, folder: Path) -> list[str]:
    """Run the workflow in a clone of what is committed of the project."""
    with chdir(project.cloned(folder)):
        # The prompts of the clone are read, not those of the folder.
        load_prompt.cache_clear()
        lines = list(project.workflow_lines())
        for line in lines:
            Reader(run, set()).type(line)
    load_prompt.cache_clear()
    return lines


def test_a_project_is_green_by_its_own_pages_and_in_ci(started: Run, tmp_path: Path) -> None:
    assert not [line for line in _run_workflow(started, tmp_path / "new") if "cassettes" in line]
    for page in project.PAGES:
        _follow(started, page)
        lines = _run_workflow(started, tmp_path / f"after {page.parent.name}")
    assert "imrllm cassettes check" in lines
    assert sorted(file.stem for file in Path(f"evals/{NAME}/gold").iterdir()) == ["example", "own"]
    assert sorted(_tracked()) == sorted(_expected(Path()))
    # As the suite's page says, the example can go.
    for file in [*Path("evals").rglob("example.*"), *Path("cassettes").rglob("example.yaml")]:
        file.unlink()
    assert "imrllm cassettes check" in _run_workflow(started, tmp_path / "without the example")


def test_a_changed_prompt_turns_ci_red_until_it_is_recorded_again(started: Run, tmp_path: Path) -> None:
    for page in project.PAGES:
        _follow(started, page)
    own = Path(f"prompts/{NAME}.md")
    own.write_text(own.read_text().replace("Answer yes or no", "Say yes or no"))
    with pytest.raises(AssertionError, match="stale"):
        _run_workflow(started, tmp_path / "clone")


def test_an_error_in_gold_turns_ci_red(started: Run, tmp_path: Path) -> None:
    gold = Path(f"evals/{NAME}/gold/example.json")
    wrong = json.loads(gold.read_text())
    wrong["record"]["disputed_items"][0]["quantity"] = 61
    gold.write_text(json.dumps(wrong))
    with pytest.raises(AssertionError, match="ended with 1"):
        _run_workflow(started, tmp_path / "clone")
    # The suite's page says how to allow an error: with an entry of each kind, here for the value that the letter has.
    (shown,) = blocks(project.PAGES[1], "toml")
    entry = shown.replace("NAME", "example").replace("value = 30", "value = 60")
    settings = Path(f"evals/{NAME}/suite.toml")
    settings.write_text("\n".join([settings.read_text(), entry, entry.replace('"critical"', '"silent"')]))
    assert _run_workflow(started, tmp_path / "allowed")


def _git(*arguments: str, stdin: str | None = None) -> list[str]:
    ran = subprocess.run(["git", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout.splitlines()


def _tracked() -> list[str]:
    """The files that the last commit has."""
    return _git("ls-files")


def _expected(folder: Path) -> set[str]:
    kept = ("prompts", "evals", "cassettes", ".github")
    inside = {str(file) for name in kept for file in (folder / name).rglob("*") if file.is_file()}
    return inside | {"README.md", "imrllm.toml", ".gitignore", ".gitattributes"}


def _written_names() -> set[str]:
    """Each file that a command of the documentation or of the help writes."""
    names = set(_BROUGHT)
    lines = [line for page in PAGES for line in console_lines(page)]
    for line in lines + [line for shown in examples().values() for line in shown]:
        for command in parse(line):
            names |= {
                word for option, word in zip(command.words, command.words[1:], strict=False) if option in _WRITTEN
            }
            names |= {command.writes} if command.writes else set()
    return {name for name in names if not _COMMITTED.fullmatch(name)}


def test_git_leaves_out_every_name_that_the_documentation_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start_project(tmp_path)
    monkeypatch.chdir(tmp_path)
    _git("init", "--quiet")
    names = sorted(_written_names())
    assert len(names) > 20
    beside = [
        f"{name.rstrip('/')}{end}" for name in names for end in ("", ".run.json", ".lock", ".batch/requests.jsonl")
    ]
    # Results among the files that are committed stay out too.
    inside = [
        f"evals/{NAME}/{name}" for name in ("records.jsonl", "records.jsonl.run.json", "review.html", "items.csv")
    ]
    asked_about = [*beside, *inside]
    assert set(_git("check-ignore", "--stdin", stdin="\n".join(asked_about))) == set(asked_about)
    committed = [
        *_expected(tmp_path),
        "my-2021.toml",
        f"calibration/local-{NAME}.json",
        f"cassettes/{NAME}/{NAME}/local/own.yaml",
        f"evals/{NAME}/letters/own.pdf",
        "wheels/imrllm-0.1.0-py3-none-any.whl",
    ]
    relative = [str(Path(name).relative_to(tmp_path)) if Path(name).is_absolute() else name for name in committed]
    assert _git("check-ignore", "--stdin", stdin="\n".join(relative)) == []


def test_the_pages_that_are_followed_are_those_of_the_package(tmp_path: Path) -> None:
    start_project(tmp_path)
    assert [(tmp_path / page).read_bytes() for page in project.PAGES] == [page.read_bytes() for page in PROJECT_PAGES]
