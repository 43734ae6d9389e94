"""Logs of inspect_ai: read by it where it is installed; names and texts that try to be more than text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imrllm.evals.conversations import Conversations, Exchange, RawAnswer
from imrllm.evals.runs import EvalRun
from imrllm.prompt_rendering import RenderedCall
from imrllm.report.inspect_log import inspect_logs
from tests.report import runs

WRITTEN = datetime(2026, 11, 29, 16, 30, 5, 250, UTC)
SENTENCE = "The heron stood on one leg in the reeds."


def logs(run: EvalRun, conversations: Conversations | None = None) -> list[dict[str, Any]]:
    return [json.loads(text) for text in inspect_logs(run, conversations, WRITTEN).values()]


def conversations() -> Conversations:
    call = RenderedCall("item", 2, [{"role": "user", "content": SENTENCE}], 0, None)
    exchange = Exchange(call, (RawAnswer('{"quantity": 48}', "stop", 9),))
    return Conversations({"item": [{"role": "system", "content": "Read it."}]}, {("written", "w01"): (exchange,)})


def test_a_suite_is_a_log_and_a_letter_a_sample() -> None:
    small = runs.suite(runs.letter("w01", runs.wrong_leaf()), runs.letter("w02"))
    (log,) = logs(runs.run(small))
    assert (log["version"], log["status"], log["eval"]["task"]) == (2, "success", "written")
    assert log["eval"]["dataset"]["sample_ids"] == ["w01", "w02"]
    assert [score["name"] for score in log["results"]["scores"]] == [
        "resolved",
        "model alone",
        "grammar alone",
        "floor",
    ]
    values = log["results"]["scores"][0]["metrics"]["values"]
    assert values == {"name": "values", "value": 0.75, "metadata": {"right": 3, "of": 4, "low": 0.25, "high": 0.75}}
    wrong, right = (sample["scores"]["resolved"] for sample in log["samples"])
    assert (wrong["value"], wrong["answer"]) == (0.5, "1 of 2 values wrong")
    assert wrong["explanation"] == "- `/disputed_items/0/quantity`: wrong, not flagged. Gold `45.0`, value `48.0`"
    assert (right["value"], right["explanation"]) == (1.0, "")


def test_files_are_named_as_the_viewer_lists_them() -> None:
    run = runs.run(runs.suite(runs.letter(), suite="my_suite"))
    (name,) = inspect_logs(run, None, WRITTEN)
    time, task, made = name.removesuffix(".json").split("_")
    assert (time, task) == ("2026-11-29T16-30-05+00-00", "my-suite")
    assert [*inspect_logs(run, None, WRITTEN)] == [name], "and the same run has the same name"
    (other,) = inspect_logs(runs.run(runs.suite(runs.letter("w02"), suite="my_suite")), None, WRITTEN)
    assert made not in other


def test_messages_are_there_only_if_they_are_given() -> None:
    run = runs.run(runs.suite(runs.letter("w01"), runs.letter("w02")))
    (without,) = logs(run)
    assert [sample["messages"] for sample in without["samples"]] == [[], []]
    (log,) = logs(run, conversations())
    first, second = (sample["messages"] for sample in log["samples"])
    assert [(each["role"], each["content"]) for each in first] == [
        ("system", "Read it."),
        ("user", SENTENCE),
        ("assistant", '{"quantity": 48}'),
    ]
    assert second == []


def test_a_letter_without_a_record_and_a_gate_that_is_not_met_are_said() -> None:
    failed = {"document": "w01", "error": "TruncatedError: Too long.", "columns": {"resolved": []}}
    gate = {"name": "critical", "limit": 0.0, "value": 1.0, "passed": False, "details": ()}
    (log,) = logs(runs.run(runs.suite(failed, gates=[gate], missing=["w09"])))
    (sample,) = log["samples"]
    assert sample["error"]["message"] == "TruncatedError: Too long."
    assert sample["scores"] == {}, "nothing was scored"
    assert log["eval"]["tags"] == ["gates not met"]
    assert log["eval"]["metadata"]["gates"] == {"critical": "1, limit 0"}
    assert log["eval"]["metadata"]["missing"] == ["w09"]


@pytest.mark.parametrize(("text", "why"), runs.HOSTILE)
def test_a_value_stays_a_value(text: str, why: str) -> None:
    leaf = runs.wrong_leaf(gold=f"`{text}`", value=text)
    (log,) = logs(runs.run(runs.suite(runs.letter("w01", leaf))))
    (line,) = log["samples"][0]["scores"]["resolved"]["explanation"].split("\n- ")
    assert line.count("`") == 6, "the path, the gold and the value, each between two"
    assert runs.encodable(text).replace("`", "'") in line


def test_inspect_reads_the_logs(tmp_path: Path) -> None:
    log = pytest.importorskip("inspect_ai.log", reason="inspect_ai is not installed: it needs some 70 packages")
    spent = runs.spent(0.25, 1.5)
    small = runs.suite(runs.letter("w01", runs.wrong_leaf(), spent=spent), runs.letter("w02"))
    for name, text in inspect_logs(runs.run(small), conversations(), WRITTEN).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = log.list_eval_logs(str(tmp_path))
    assert found.task == "written"
    header = log.read_eval_log(found, header_only=True)
    assert header.results.scores[0].metrics["values"].value == 0.75
    read = log.read_eval_log(found)
    assert [sample.id for sample in read.samples] == ["w01", "w02"]
    assert read.samples[0].scores["resolved"].value == 0.5
    assert [message.role for message in read.samples[0].messages] == ["system", "user", "assistant"]
    assert read.samples[0].model_usage["local"].total_tokens == spent["input_tokens"] + spent["output_tokens"]
    assert len(log.read_eval_log_sample_summaries(found.name)) == 2
