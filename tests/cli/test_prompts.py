"""`imrllm prompts`: what is printed about prompt files and about the messages of a letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrllm.prompts import load_prompt
from tests.cli.conftest import Run
from tests.letters import THREE, letter
from tests.test_prompt_lint import SOUND

BROKEN = SOUND.replace("{{ summary |", "{{ sumary |")
UNUSED = SOUND.replace('{{ credentials | delimited("credentials") }}', "")


@pytest.fixture(autouse=True)
def _no_cache() -> Iterator[None]:
    load_prompt.cache_clear()
    yield
    load_prompt.cache_clear()


@pytest.fixture
def own(run: Run) -> Path:
    """A prompt file of the working folder."""
    Path("prompts").mkdir()
    return Path("prompts/own.md")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "letter.txt"
    file.write_text(letter(*THREE), encoding="utf-8")
    return file


class TestLint:
    def test_a_problem_has_file_line_and_column(self, run: Run, own: Path) -> None:
        own.write_text(BROKEN)
        ran = run("prompts", "lint", "own")
        assert (ran.code, ran.err) == (1, "")
        assert ran.out == (
            "prompts/own.md:14:4: error: call `case` has no part `sumary` (did you mean `summary`?). Its parts are "
            "`credentials`, `summary`.\n"
        )

    def test_all_prompts_by_default(self, run: Run, own: Path) -> None:
        own.write_text(UNUSED)
        ran = run("prompts", "lint")
        assert ran.code == 1
        assert "prompts/own.md:8:1: remark: call `case` never shows `credentials`" in ran.out
        assert "v5.md: no problem found." in ran.out
        assert "v4.md: no problem found. Parts that it does not use: verify `decision`; case `credentials`;" in ran.out

    def test_without_a_problem(self, run: Run) -> None:
        assert run("prompts", "lint", "v5").code == 0

    def test_a_draft_does_not_hide_the_others(self, run: Run, own: Path) -> None:
        own.write_text(BROKEN)
        ran = run("prompts", "list")
        assert ran.code == 0
        assert "own\tmalformed: `imrllm prompts lint own` says why" in ran.out
        assert "v5\tcase, item" in ran.out


class TestARun:
    def test_an_error_stops_it_before_any_letter(self, run: Run, own: Path, file: Path) -> None:
        own.write_text(BROKEN)
        ran = run("extract", file, file.with_name("no.txt"), "--model", "vllm/x", "--prompt", "own", "-o", "out.jsonl")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("did you mean `summary`?") == 1
        assert "(`prompts/own.md`), line 14, column 4" in ran.err
        assert not list(Path().glob("out*"))

    def test_a_remark_is_said_once(self, run: Run, own: Path, file: Path) -> None:
        own.write_text(UNUSED)
        ran = run("extract", file, "--model", "vllm/x", "--prompt", "own", "--dry-run")
        assert ran.code == 0
        assert ran.err.count("Remark: Prompt `own`, line 8, column 1: call `case` never shows `credentials`") == 1

    def test_without_a_model_no_prompt_is_remarked_on(self, run: Run, own: Path, file: Path) -> None:
        own.write_text(UNUSED)
        assert "Remark" not in run("extract", file, "--model", "none", "--prompt", "own").err


class TestRender:
    def test_the_messages_as_they_are_sent(self, run: Run, file: Path) -> None:
        ran = run("prompts", "render", "v5", file)
        assert ran.code == 0
        assert ran.out.count("# call ") == 4, "the case and three items"
        assert "# call 2 of 4: item 1\n# about " in ran.out
        assert "<request>\nNorco 10/325mg #45\n</request>" in ran.out
        # Nothing of the letter leaves standard output.
        assert "Norco" not in ran.err
        assert ran.err.startswith("4 calls, about ")

    def test_one_item(self, run: Run, file: Path) -> None:
        ran = run("prompts", "render", "v5", file, "--item", "2", "--kind", "item")
        assert ran.out.startswith("# call 1 of 1: item 2\n")

    def test_for_machines(self, run: Run, file: Path) -> None:
        ran = run("prompts", "render", "v4", file, "--json")
        data = json.loads(ran.out)
        assert (data["prompt"], data["document"]) == ("v4", "letter")
        assert all(call["is_made"] and call["tokens"] > 0 for call in data["calls"])
        assert data["calls"][0]["messages"][0]["role"] == "system"
        every = json.loads(run("prompts", "render", "v4", file, "--json", "--all").out)["calls"]
        assert {call["kind"] for call in every if not call["is_made"]} >= {"item"}

    def test_calls_that_are_not_made(self, run: Run, file: Path) -> None:
        ran = run("prompts", "render", "v4", file, "--kind", "item")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err.startswith("Prompt `v4` makes no such call about `letter`.")
        assert "more would be made only if the grammar were unsure (`--all`)." in ran.err
        none = run("prompts", "render", "v4", file, "--kind", "item", "--json")
        assert json.loads(none.out)["calls"] == []
        assert "only if the grammar" not in run("prompts", "render", "v4", file, "--all").err

    def test_an_unknown_kind(self, run: Run, file: Path) -> None:
        ran = run("prompts", "render", "v5", file, "--kind", "items")
        assert ran.code == 2
        assert "Its calls are of kind `case`, `item`." in ran.err

    def test_a_letter_of_a_suite(self, run: Run) -> None:
        evals = Path(__file__).parents[2] / "evals"
        ran = run("prompts", "render", "v5", "w01-naproxen-zolpidem", "--evals", evals, "--item", "1")
        assert ran.code == 0
        assert "# call 1 of 1: item 1" in ran.out

    def test_no_such_letter(self, run: Run, file: Path) -> None:
        evals = Path(__file__).parents[2] / "evals"
        ran = run("prompts", "render", "v5", "nothing.txt", "--evals", evals)
        assert ran.code == 2
        assert "There is no letter `nothing.txt`." in ran.err

    def test_identifiers_are_masked(self, run: Run, file: Path, tmp_path: Path) -> None:
        given = tmp_path / "named.txt"
        given.write_text(letter(*THREE, summary="The worker's SSN is 123-45-6789. Diagnoses: gout."), encoding="utf-8")
        assert "123-45-6789" in run("prompts", "render", "v5", given).out
        assert "123-45-6789" not in run("prompts", "render", "v5", given, "--redact").out
