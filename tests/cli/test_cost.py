"""`imrllm extract --dry-run` and `--max-cost`: the whole way, with a stand-in for the model's server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from imrllm.llm import speed, weights
from tests.cli.conftest import Run
from tests.letters import ATIVAN, FULL_PROMPT, RIGHT_CASE, RIGHT_ITEMS, letter
from tests.llm.standin import Reply, StandIn, completion
from tests.pipeline.scripted import fitting

PROMPT = ("--prompt", FULL_PROMPT)


def answer(body: Any) -> Reply:
    case = body["response_format"]["json_schema"]["name"] == "CaseAnswer"
    return completion(fitting(RIGHT_CASE if case else RIGHT_ITEMS[2], body))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four letters of two calls each."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.txt").write_text(letter(ATIVAN))
    return folder


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dollar a call, also on this machine."""
    for place in ("imrllm.llm.client.price", "imrllm.estimates.price"):
        monkeypatch.setattr(place, lambda target, usage: float(usage.calls))


def ids(file: Path) -> list[str]:
    return [json.loads(line)["document_id"] for line in file.read_text().splitlines()]


class TestDryRun:
    def test_tokens_and_cost_and_no_call(self, run: Run, folder: Path, tmp_path: Path) -> None:
        before = sorted(tmp_path.rglob("*"))
        ran = run(
            "extract", folder, *PROMPT, "--dry-run", "--model", "openai/gpt-5-mini", "-o", tmp_path / "o" / "r.jsonl"
        )
        assert (ran.code, ran.out) == (0, "")
        assert "4 case · 4 item" in ran.err
        for said in ("0 cannot be read", "shared prefix", "hidden reasoning", "with the prompt cache", "~$0.0"):
            assert said in ran.err
        assert sorted(tmp_path.rglob("*")) == before

    def test_no_weights_are_fetched(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights, "pull", lambda *_: pytest.fail("fetched"))
        monkeypatch.setattr(weights, "find", lambda *_: None)
        ran = run("extract", folder, *PROMPT, "--dry-run", "--model", "local", "--limit", "2")
        assert ran.code == 0
        assert "not measured: The" in ran.err
        assert "2 case · 2 item" in ran.err
        assert "price not known" in ran.err

    def test_hours_beside_money(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Measured where this machine works; of a server, with the seconds a call that are assumed."""
        monkeypatch.setattr(speed, "measure_speed", lambda: speed.ModelSpeed(10.0, 0.5))
        ran = run("extract", folder, *PROMPT, "--dry-run", "--model", "local")
        assert re.search(r"time +~\d+ min +measured now: 10 tokens a second read, 0\.5 written", ran.err)
        ran = run("extract", folder, *PROMPT, "--dry-run", "--model", "vllm/x", "--concurrency", "2")
        assert re.search(r"time +~12 s +if a call takes 3 s, 2 at a time", ran.err)
        ran = run("extract", folder, *PROMPT, "--dry-run", "--model", "vllm/x", "--rpm", "1")
        assert re.search(r"time +~8 min +by `--rpm 1`", ran.err)
        ran = run("extract", folder, "--dry-run", "--model", "none")
        assert re.search(r"time +~1 s +measured now on the first 4 letters", ran.err)

    def test_what_cannot_be_read_makes_the_answer_no(self, run: Run, folder: Path) -> None:
        (folder / "b.txt").write_bytes(b"")
        ran = run("extract", folder, *PROMPT, "--dry-run", "--model", "none", "-q")
        assert ran.code == 1
        assert "1 cannot be read" in ran.err
        assert "no model is asked" in ran.err
        assert "is empty" in " ".join(ran.err.split())

    def test_what_is_done_is_not_counted_again(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output, model = tmp_path / "records.jsonl", ("--model", "vllm/x")
        with StandIn(answer) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            assert run("extract", folder, *PROMPT, *model, "--limit", "3", "-o", output).code == 0
        before = output.read_bytes()
        ran = run("extract", folder, *PROMPT, *model, "--dry-run", "-o", output)
        assert "1 case · 1 item" in ran.err
        assert "3 more done before" in ran.err
        assert "4 case" in run("extract", folder, *PROMPT, *model, "--dry-run", "--fresh", "-o", output).err
        ran = run("extract", folder, *PROMPT, "--model", "vllm/y", "--dry-run", "-o", output)
        assert ran.code == 2
        assert "was made with the model" in ran.err
        assert output.read_bytes() == before


@pytest.mark.usefixtures("priced")
class TestMaxCost:
    @pytest.mark.parametrize("concurrency", ["1", "8"])
    def test_it_stops_between_letters_and_goes_on(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concurrency: str
    ) -> None:
        output = tmp_path / "records.jsonl"
        arguments = ("extract", folder, *PROMPT, "--model", "openai/x", "-o", output, "--concurrency", concurrency)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        with StandIn(answer) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            ran = run(*arguments, "--max-cost", "5")
            assert ran.code == 1
            assert ran.err.endswith(
                "Stopped at `--max-cost` 5: $4.0000 spent, letters are left. Run the same command again to resume.\n"
            )
            assert len(server.received) == 4
            assert ids(output) == ["a", "b"]
            ran = run(*arguments, "--max-cost", "5")
            assert (ran.code, len(server.received)) == (0, 8)
            assert "Stopped" not in ran.err
            assert ids(output) == list("abcd")

    def test_rows_on_standard_output(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        with StandIn(answer) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            ran = run("extract", folder, *PROMPT, "--model", "openai/x", "--max-cost", "2.5")
        assert ran.code == 1
        assert [json.loads(line)["document_id"] for line in ran.out.splitlines()] == ["a"]
        assert "With `-o`" in ran.err


@pytest.mark.parametrize(
    ("limit", "model", "said", "reason"),
    [
        ("1", "ollama/qwen3", "is not known", "a server of one's own has no price list"),
        ("1", "local", "is not known", "nor has the embedded model"),
        ("-1", "openai/gpt-5-mini", "--max-cost", "no amount"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(
    run: Run,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    model: str,
    said: str,
    reason: str,
) -> None:
    pulled: list[bool] = []
    monkeypatch.setattr("imrllm.cli.weights.pull_weights", lambda *, quiet: pulled.append(quiet))
    output = tmp_path / "records.jsonl"
    ran = run("extract", folder, *PROMPT, "--model", model, "--max-cost", limit, "-o", output)
    assert (ran.code, ran.out) == (2, ""), reason
    assert said in ran.err, reason
    assert not pulled, "a refused run downloads nothing"
    assert not output.exists()
