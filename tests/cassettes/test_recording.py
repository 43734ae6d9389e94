"""Recording asks only about what is missing or stale, and leaves whole cassettes behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.cassettes import check, record, unrecorded
from imrllm.cassettes.recording import RecordingTask
from imrllm.errors import CassetteError, ImrllmError, ModelUnavailableError, UsageError
from tests.llm.standin import StandIn, completion, failure
from tests.recorded_suite import CANARY, CASE, ITEM, WHOLE, Suite, answers, change_prompt, served


def test_what_is_recorded_is_not_asked_again(recorded: Suite) -> None:
    written, server = recorded.record()
    assert (written, server.received) == (0, [])


def test_a_missing_cassette_is_recorded_alone(recorded: Suite) -> None:
    kept = recorded.cassette("ada").stat().st_mtime_ns
    recorded.cassette("bea").unlink()
    written, server = recorded.record()
    assert (written, len(server.received)) == (1, 2)
    assert recorded.cassette("ada").stat().st_mtime_ns == kept
    assert check(recorded.cassettes, recorded.evals).findings == []


def test_a_changed_letter_is_recorded_again(recorded: Suite) -> None:
    letter = recorded.evals / "small" / "letters" / "bea.txt"
    letter.write_text(letter.read_text().replace("31 year", "32 year"))
    assert recorded.record()[0] == 1
    assert check(recorded.cassettes, recorded.evals).findings == []


def test_a_changed_prompt_is_recorded_again(recorded: Suite, own_prompts: Path) -> None:
    change_prompt(own_prompts, "v5", "disputed item of a", "disputed items of a")
    assert recorded.record()[0] == 2
    assert check(recorded.cassettes, recorded.evals).findings == []


@pytest.mark.parametrize("broken", [b"", b"\xff", b"document: [", b"document: ada\n"])
def test_a_broken_cassette_is_recorded_again(recorded: Suite, broken: bytes) -> None:
    recorded.cassette("ada").write_bytes(broken)
    assert recorded.record()[0] == 1
    assert check(recorded.cassettes, recorded.evals).findings == []


def test_an_interruption_costs_one_letter(suite: Suite) -> None:
    def interrupt(done: int, total: int, task: RecordingTask) -> None:
        assert total == 2
        if task.document.id == "bea":
            raise KeyboardInterrupt

    tasks = unrecorded("small", ["v5"], "local", evals=suite.evals, cassettes=suite.cassettes)
    with StandIn(*answers(CASE, ITEM)) as server, pytest.raises(KeyboardInterrupt):
        record(tasks, "local", interrupt, target=served(server))
    assert [file.name for file in suite.cassettes.rglob("*") if file.is_file()] == ["ada.yaml"]
    assert suite.record(*answers(CASE, ITEM))[0] == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(401, ModelUnavailableError, id="no letter can be recorded"),
        pytest.param(400, CassetteError, id="this letter cannot"),
    ],
)
def test_no_answer_no_cassette(suite: Suite, status: int, error: type[ImrllmError]) -> None:
    with pytest.raises(error):
        suite.record(*answers(CASE), failure(status))
    assert not suite.cassettes.exists()


def test_a_model_that_fails_is_recorded_failing(suite: Suite) -> None:
    assert suite.record(completion("{", "length"))[0] == 2
    assert check(suite.cassettes, suite.evals).findings == []


def test_a_secret_in_an_answer_is_not_stored(suite: Suite) -> None:
    told = {**CASE, "clinical_summary": {**CASE["clinical_summary"], "diagnoses": ["hf_" + "a1B2" * 8]}}
    with pytest.raises(CassetteError, match="unsafe to store"):
        suite.record(*answers(told, ITEM))
    assert not list(suite.cassettes.rglob("*.yaml"))


def test_no_word_of_a_letter_is_in_any_cassette(recorded: Suite) -> None:
    recorded.record(*answers(WHOLE), prompt="whole")
    files = [file for file in recorded.cassettes.rglob("*") if file.is_file()]
    assert len(files) == 4
    assert not [file for file in files if CANARY in file.read_text() or "sixty tablets" in file.read_text()]


@pytest.mark.parametrize(
    ("suite_name", "model", "told"),
    [
        ("large", "local", "no suite `large`"),
        ("small", "none", "makes no call"),
        ("small", "openai/gpt-5-mini", "`OPENAI_BASE_URL` leads"),
    ],
)
def test_what_cannot_be_recorded(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, suite_name: str, model: str, told: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(UsageError, match=told):
        unrecorded(suite_name, ["v5"], model, evals=suite.evals, cassettes=suite.cassettes)
