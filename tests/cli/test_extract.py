"""`imrllm extract`: streams, exit codes, order, resuming, interruption."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from itertools import chain
from pathlib import Path

import pytest

import imrllm
from imrllm.errors import ModelUnavailableError
from tests.cli.conftest import Ran, Run, StandIn
from tests.letters import FULL_PROMPT, THREE, letter
from tests.llm import standin

pytestmark = pytest.mark.usefixtures("pipeline")


def ids(text: str) -> list[str]:
    return [json.loads(line)["document_id"] for line in text.splitlines()]


def test_rows_go_to_standard_output_in_input_order(run: Run, letters: Path) -> None:
    ran = run("extract", letters, "--model", "none")
    assert ran.code == 0
    assert ids(ran.out) == list("abcde")
    assert "4 ok · 1 review · 0 failed" in ran.err


def test_rows_go_to_a_file_in_input_order(run: Run, letters: Path, tmp_path: Path) -> None:
    ran = run("extract", letters, "--model", "none", "-o", tmp_path / "out" / "records.jsonl")
    assert (ran.code, ran.out) == (0, "")
    assert ids((tmp_path / "out" / "records.jsonl").read_text()) == list("abcde")


def test_quiet_is_silent(run: Run, letters: Path, tmp_path: Path) -> None:
    assert run("extract", letters, "--model", "none", "-q", "-o", tmp_path / "o.jsonl") == Ran(0, "", "")


def test_standard_input(run: Run) -> None:
    rows = b'{"id": "one", "text": "a letter"}\n{"id": "two", "text": "a letter"}\n'
    assert ids(run("extract", "-", "--model", "none", stdin=rows).out) == ["one", "two"]


def test_limit(run: Run, letters: Path) -> None:
    assert ids(run("extract", letters, "--model", "none", "--limit", "2").out) == ["a", "b"]


def test_a_failed_document_makes_the_answer_no(run: Run, letters: Path) -> None:
    (letters / "b.txt").write_bytes(b"")
    ran = run("extract", letters, "--model", "none")
    assert ran.code == 1
    assert [json.loads(line)["status"] for line in ran.out.splitlines()] == ["ok", "failed", "review", "ok", "ok"]
    assert "Failed:" in ran.err
    # A long name of a temporary folder wraps the line.
    assert "is empty" in " ".join(ran.err.split())


def test_options_reach_the_library(run: Run, letters: Path, pipeline: type[StandIn]) -> None:
    options = [
        "--prompt",
        "v5",
        "--on-conflict",
        "flag",
        "--concurrency",
        "3",
        "--rpm",
        "60",
        "--tpm",
        "9000",
        "--redact",
        "--review-above",
        "0.25",
        "--form",
        "2013",
    ]
    run("extract", letters, "--model", "none", *options, "--redact")
    made = {"model": "none", "prompt": "v5", "on_conflict": "flag", "concurrency": 3, "rpm": 60, "tpm": 9000}
    assert pipeline.made == [{**made, "redact": True, "review_above": 0.25, "form": "2013"}]


def test_options_come_from_the_environment_then_the_file(
    run: Run, letters: Path, pipeline: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("imrllm.toml").write_text('model = "none"\non-conflict = "flag"\nprompt = "v5"\nconcurrency = 2\nrpm = 9\n')
    monkeypatch.setenv("IMRLLM_PROMPT", "v7")
    monkeypatch.setenv("IMRLLM_ON_CONFLICT", "reask")
    monkeypatch.setenv("IMRLLM_TPM", "9000")
    run("extract", letters, "--prompt", "v9")
    assert pipeline.made == [
        {
            "model": "none",
            "prompt": "v9",
            "on_conflict": "reask",
            "concurrency": 2,
            "rpm": 9,
            "tpm": 9000,
            "redact": False,
            "review_above": None,
            "form": None,
        }
    ]


def test_resuming_skips_what_is_done_and_reads_what_was_mended(run: Run, letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    (letters / "d.txt").write_bytes(b"")
    assert run("extract", letters, "--model", "none", "-o", output).code == 1
    (letters / "d.txt").write_text("mended")
    (letters / "b2.txt").write_text("a new letter")
    ran = run("extract", letters, "--model", "none", "-o", output)
    assert ran.code == 0
    assert ids(output.read_text()) == ["a", "b", "b2", "c", "d", "e"]
    assert "4 more done before" in ran.err


def test_a_file_of_another_model_is_not_mixed_with(run: Run, letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    run("extract", letters, "--model", "none", "-o", output)
    before = output.read_text()
    ran = run("extract", letters, "--model", "openai/x", "-o", output)
    assert ran.code == 2
    assert ran.err.startswith("Error: `records.jsonl` was made with the model `none`, not `openai/x`")
    assert "--fresh" in ran.err
    assert output.read_text() == before
    assert run("extract", letters, "--model", "openai/x", "-o", output, "--fresh").code == 0
    assert '"model":"openai/x"' in output.read_text()


def test_a_policy_changed_half_way_is_refused_where_a_model_is_asked(run: Run, letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    arguments = ("extract", letters, "-o", output, "--model", "openai/x", "--on-conflict")
    assert run(*arguments, "flag").code == 0
    ran = run(*arguments, "repair")
    assert ran.code == 2
    assert "made with `--on-conflict flag`, not `repair`" in ran.err
    assert run(*arguments, "repair", "--fresh").code == 0
    alone = ("extract", letters, "-o", tmp_path / "none.jsonl", "--model", "none", "--on-conflict")
    assert [run(*alone, policy).code for policy in ("flag", "repair")] == [0, 0], "without a model it changes nothing"


def test_failed_rows_stay_until_they_are_to_be_tried_again(
    run: Run, letters: Path, tmp_path: Path, pipeline: type[StandIn]
) -> None:
    output = tmp_path / "records.jsonl"
    (letters / "b.txt").write_bytes(b"")
    arguments = ("extract", letters, "--model", "none", "-o", output)
    first = run(*arguments)
    assert (first.code, "Failed rows kept: 1. `--retry-failed` tries them again." in first.err) == (1, True)
    before = output.read_bytes()
    again = run(*arguments)
    assert again.code == 1, "there is still a letter without a record"
    said = " ".join(again.err.split())
    assert "5 more done before" in said, "the table may wrap"
    assert re.search(r"in the file 5 \d ok · \d review · 1 failed", said)
    assert "Failed rows kept: 1. `--retry-failed` tries them again." in again.err
    assert output.read_bytes() == before
    pipeline.breaks["b"] = ModelUnavailableError("`b` is tried again.")
    assert "`b` is tried again" in run(*arguments, "--retry-failed").err
    assert run(*arguments, "--quiet") == Ran(1, "", "")


def test_the_manifest_lies_beside_the_results(run: Run, letters: Path, tmp_path: Path) -> None:
    run("extract", letters, "--model", "openai/x", "--prompt", "v5", "--shard", "1/1", "-o", tmp_path / "records.jsonl")
    manifest = json.loads((tmp_path / "records.jsonl.run.json").read_text())
    assert manifest.pop("started").endswith("Z")
    assert len(manifest.pop("schema_sha256")) == 64
    assert manifest == {
        "command": "extract",
        "model": "openai/x",
        "prompt": "v5",
        "prompt_sha256": "v5" * 4,
        "on_conflict": "repair",
        "table_sha256": None,
        "review_above": None,
        "form": None,
        "form_sha256": None,
        "columns": {"text": None, "id": None, "outcome": None},
        "redact": False,
        "version": imrllm.__version__,
        "shard": "1/1",
        "inputs": [str(letters)],
        "audits": [],
    }


def test_shards_have_each_letter_once(run: Run, letters: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [ids(run("extract", letters, "--model", "none", "--shard", f"{number}/3").out) for number in (1, 2, 3)]
    assert sorted(chain.from_iterable(parts)) == list("abcde")
    monkeypatch.setenv("IMRLLM_SHARD", "2/3")
    assert ids(run("extract", letters, "--model", "none").out) == parts[1]
    output = tmp_path / "records.jsonl"
    run("extract", letters, "--model", "none", "-o", output)
    monkeypatch.setenv("IMRLLM_SHARD", "3/3")
    ran = run("extract", letters, "--model", "none", "-o", output)
    assert (ran.code, "made with shard 2/3, not shard 3/3" in ran.err) == (2, True)
    monkeypatch.delenv("IMRLLM_SHARD")
    assert "made with shard 2/3, not all documents" in run("extract", letters, "--model", "none", "-o", output).err


def test_checked_rows_are_not_taken_for_extracted_ones(run: Run, letters: Path, tmp_path: Path) -> None:
    records, output = tmp_path / "theirs.jsonl", tmp_path / "records.jsonl"
    run("extract", letters, "--model", "none", "-o", records)
    run("check", records, "--documents", letters, "-o", output)
    ran = run("extract", letters, "--model", "none", "-o", output)
    assert (ran.code, "made with `imrllm check`, not `imrllm extract`" in ran.err) == (2, True)


def test_an_interrupted_run_keeps_its_rows_and_goes_on(
    run: Run, letters: Path, tmp_path: Path, pipeline: type[StandIn]
) -> None:
    output = tmp_path / "records.jsonl"
    pipeline.breaks["d"] = KeyboardInterrupt()
    ran = run("extract", letters, "--model", "none", "-o", output)
    assert ran.code == 130
    assert "--resume" in ran.err
    assert "Traceback" not in ran.err
    assert sorted(ids(output.read_text())) == ["a", "b"]
    pipeline.breaks.clear()
    assert run("extract", letters, "--model", "none", "-o", output).code == 0
    assert ids(output.read_text()) == list("abcde")


def test_an_unreachable_model_is_one_sentence_and_the_mend(
    run: Run, letters: Path, tmp_path: Path, pipeline: type[StandIn]
) -> None:
    pipeline.breaks["c"] = ModelUnavailableError("`x` cannot be reached.", hint="Start it.")
    ran = run("extract", letters, "--model", "openai/x", "-o", tmp_path / "records.jsonl")
    assert ran.code == 2
    assert ran.err.endswith("Error: `x` cannot be reached.\nHint: Start it.\n")
    assert "Traceback" not in ran.err
    assert len(ids((tmp_path / "records.jsonl").read_text())) == 3


@pytest.mark.parametrize(
    ("arguments", "said", "reason"),
    [
        (["extract", "--model", "none"], "Missing argument", "no input"),
        (["extract", "x", "--on-conflict", "guess"], "--on-conflict", "no such policy"),
        (["extract", "x", "--rpm", "0"], "--rpm", "no rate at all lets no request out"),
        (["extract", "x", "--limit", "0"], "--limit", "none is not a number of letters to read"),
        (["extract", "x", "--shard", "0/3"], "Write `i/n`", "parts are counted from 1"),
        (["extract", "x", "--shard", "4/3"], "`4/3` is not a shard", "there is no fourth of three"),
        (["extract", "x", "--shard", "third"], "`third` is not a shard", "neither part nor number of parts"),
        (["extract", "x", "--model", "gpt"], "names no known provider", "a model string without its provider"),
        (["extrac"], "extrac", "no such command"),
    ],
)
def test_mistakes_of_usage(run: Run, arguments: list[str], said: str, reason: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, ""), reason
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_weights_are_fetched_first(run: Run, letters: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from imrllm.llm import server, weights

    asked: list[bool] = []
    monkeypatch.setattr(server, "require_engine", lambda: None)
    monkeypatch.setattr(weights, "find", lambda: None)
    monkeypatch.setattr(weights, "pull", lambda progress=None: asked.append(progress is not None))
    ran = run("extract", letters, "--model", "local", "-o", tmp_path / "o.jsonl")
    assert asked == [True]
    assert ran.err.startswith("Fetching the local model once, 1.1 GB")
    assert run("extract", letters, "--model", "local", "-q", "-o", tmp_path / "o.jsonl").err == ""


def test_without_a_model_and_a_key_none_is_asked_and_what_one_adds_is_said(
    run: Run, letters: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr("imrllm.trust.model_advice", lambda: "No model was asked. One adds grounds.")
    ran = run("extract", letters, "-o", tmp_path / "o.jsonl")
    assert (ran.code, "Fetching" in ran.err) == (0, False)
    assert ran.err.endswith("No model was asked. One adds grounds.\n")
    assert {json.loads(line)["provenance"]["model"] for line in (tmp_path / "o.jsonl").read_text().splitlines()} == {
        "none"
    }
    # Not to those who chose, nor where only errors are printed.
    assert "One adds grounds" not in run("extract", letters, "--model", "none", "-o", tmp_path / "chosen.jsonl").err
    assert run("extract", letters, "-q", "-o", tmp_path / "quiet.jsonl").err == ""
    monkeypatch.setattr("imrllm.trust.model_advice", lambda: None)
    assert "No model was asked" not in run("extract", letters, "-o", tmp_path / "unmeasured.jsonl").err


def test_the_results_file_in_the_folder_that_is_read_is_no_input(run: Run, letters: Path) -> None:
    output = letters / "b-records.jsonl"
    for _ in range(2):
        assert run("extract", letters, "--model", "none", "-o", output).code == 0
        assert ids(output.read_text()) == list("abcde")


def test_an_input_is_not_written_over(run: Run, letters: Path, tmp_path: Path) -> None:
    rows = tmp_path / "letters.jsonl"
    rows.write_text('{"id": "one", "text": "a letter"}\n')
    for arguments in (["extract", rows, "--model", "none", "--fresh"], ["check", rows, "--documents", letters]):
        ran = run(*arguments, "-o", rows)
        assert (ran.code, rows.read_text()) == (2, '{"id": "one", "text": "a letter"}\n')
        assert "Name another file" in ran.err


def test_interrupted_while_standard_input_is_open(tmp_path: Path) -> None:
    output = tmp_path / "o.jsonl"
    row = json.dumps({"id": "one", "text": letter(*THREE), "note": "x" * 1024}).encode() + b"\n"
    model = ["--model", "vllm/m", "--prompt", FULL_PROMPT]
    command = [sys.executable, "-m", "imrllm", "extract", "-", *model, "-o", output]
    with standin.StandIn(standin.failure(400)) as server:
        environ = {**os.environ, "OPENAI_BASE_URL": server.base_url}
        with subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # What a shell runs in the background ignores Ctrl-C, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        ) as process:
            killer = threading.Timer(60, process.kill)
            killer.start()
            assert process.stdin
            assert process.stderr
            process.stdin.write(row)
            process.stdin.flush()
            # The row is written while the next one is awaited.
            while process.poll() is None and not (output.exists() and output.read_bytes().endswith(b"\n")):
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130
            killer.cancel()
            said = process.stderr.read().decode()
    assert ids(output.read_text()) == ["one"]
    assert "Interrupted: 1 rows" in said
    assert "Traceback" not in said
    assert "Fatal" not in said


def test_an_address_is_refused_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    ran = run("extract", "https://user:secret@letters.test/a.pdf?key=secret", "--model", "none", "-o", records)
    assert ran.code == 2
    assert "--allow-network" in ran.err
    assert "secret" not in ran.err
    assert not records.exists()


def test_secrets_of_an_address_stay_out_of_the_run_manifest(run: Run, tmp_path: Path) -> None:
    address = "http://user:secret@127.0.0.1:1/a.pdf?key=secret"
    run("extract", address, "--allow-network", "--model", "none", "-o", tmp_path / "records.jsonl")
    assert "http://127.0.0.1:1/a.pdf" in (tmp_path / "records.jsonl.run.json").read_text()
    written = [file.read_text() for file in tmp_path.iterdir() if file.is_file()]
    assert written
    assert not any("secret" in text for text in written)
