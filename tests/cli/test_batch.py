"""`imrllm batch` as a user meets it: from submit to the last row, with its exit codes and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrllm.cli import batch
from tests.batch.standin import BatchStandIn, Outcome, expired
from tests.cli.conftest import Run
from tests.letter.own_form import BLOCKS, own_form
from tests.letters import THREE, WHOLE_PROMPT, letter
from tests.pipeline.scripted import answering

MODEL = ("--model", "openai/gpt-5-mini", "--prompt", WHOLE_PROMPT)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchStandIn]:
    with BatchStandIn(answering(), Outcome("expired", answers=lambda lines: lines[1:], errors=expired)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk")
        monkeypatch.setattr(batch, "POLL_SECONDS", 0.0)
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(letter(*THREE))
    return folder


def statuses(path: Path) -> list[tuple[str, str]]:
    return [(row["document_id"], row["status"]) for row in map(json.loads, path.read_text().splitlines())]


def test_from_submit_to_the_last_row(run: Run, server: BatchStandIn, place: Path) -> None:
    # Results among the letters: neither they nor the journal are read as letters.
    output = place / "records.jsonl"
    server.held = True
    sent = run("batch", "submit", place, "-o", output, *MODEL)
    assert sent.code == 0, sent.err
    assert "1 batches with 3 requests are under way." in " ".join(sent.err.split())
    assert f"imrllm batch collect {output}" in " ".join(sent.err.split())
    assert run("batch", "status", output).out.startswith("1\tin_progress\t0 answered, 0 failed, 3 requests\t1970-")
    assert run("batch", "collect", output, "--quiet").code == 1
    refused = run("extract", place, "-o", output, *MODEL)
    assert refused.code == 2
    assert "has batches under way" in refused.err
    server.held = False
    first = run("batch", "collect", output)
    assert first.code == 1
    assert "Batch 1 expired: 2 of 3 answered." in first.err
    assert statuses(output) == [("b", "ok"), ("c", "ok")]
    last = run("batch", "collect", output)
    assert last.code == 0, last.err
    # In input order, though the first came last.
    assert statuses(output) == [("a", "ok"), ("b", "ok"), ("c", "ok")]
    assert not place.with_name("records.jsonl.batch").exists()
    none = run("batch", "collect", output)
    assert none.code == 2
    assert "`records.jsonl` has no batches under way" in none.err
    # What is finished is a results file as any other.
    again = run("extract", place, "-o", output, *MODEL)
    assert again.code == 0, again.err
    assert "3 more done before" in again.err


def test_cancelling(run: Run, server: BatchStandIn, place: Path) -> None:
    output = place / "records.jsonl"
    server.held = True
    assert run("batch", "submit", place, "-o", output, *MODEL).code == 0
    first = run("batch", "cancel", output)
    assert first.code == 1
    assert "1 batches are being cancelled" in first.err
    assert run("batch", "status", output).out.startswith("1\tcancelling\t")
    again = run("batch", "submit", place, "-o", output, *MODEL)
    assert again.code == 2
    assert "are being cancelled" in again.err
    server.held = False
    last = run("batch", "cancel", output, "--wait")
    assert last.code == 0, last.err
    assert "1 letters have no row; `imrllm batch submit`" in " ".join(last.err.split())
    assert statuses(output) == [("b", "ok"), ("c", "ok")]
    # What is left is any other run's.
    assert run("extract", place, "-o", output, *MODEL).code == 0
    assert statuses(output) == [("a", "ok"), ("b", "ok"), ("c", "ok")]


def test_waiting_outlasts_a_full_queue(run: Run, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    with BatchStandIn(answering(), *[Outcome("failed", code="token_limit_exceeded")] * 3) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk")
        monkeypatch.setattr(batch, "POLL_SECONDS", 0.0)
        assert run("batch", "submit", place, "-o", "records.jsonl", *MODEL).code == 0
        ended = run("batch", "collect", "records.jsonl", "--wait")
    assert ended.code == 0, ended.err
    assert "Batch 1 failed, `token_limit_exceeded`: 0 of 3 answered." in ended.err
    assert len(statuses(Path("records.jsonl"))) == 3


def test_waiting_goes_on_to_the_end(run: Run, server: BatchStandIn, place: Path) -> None:
    (place / "soup.txt").write_text("A recipe.")
    assert run("batch", "submit", place, "-o", "records.jsonl", *MODEL, "--max-enqueued-tokens", "3000").code == 0
    ended = run("batch", "collect", "records.jsonl", "--wait")
    assert ended.code == 1, "one is no letter"
    assert statuses(Path("records.jsonl")) == [("a", "ok"), ("b", "ok"), ("c", "ok"), ("soup", "failed")]
    assert server.files == {}


def test_what_interrupts_loses_nothing(
    run: Run, server: BatchStandIn, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imrllm.batch.journal import Created, Journal

    write = Journal.write

    def interrupted(self: Journal, event: object) -> None:
        if isinstance(event, Created):
            raise KeyboardInterrupt
        write(self, event)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "write", interrupted)
        broken = run("batch", "submit", place, "-o", "records.jsonl", *MODEL)
    assert broken.code == 130
    assert "nothing is lost" in broken.err
    assert run("batch", "collect", "records.jsonl", "--wait").code == 0
    assert sum(len(sent) for sent in server.sent) == 4, "three, and the one that expired again"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-", "-o", "r.jsonl", *MODEL), "`collect` reads the inputs again, so they must be files"),
        (("letters", "-o", "r.jsonl", "--model", "none"), "`none` has no Batch API"),
        (("letters", "-o", "r.jsonl", "--model", "local"), "`local` has no Batch API"),
        (("r.jsonl", "-o", "r.jsonl", *MODEL), "is both an input and the results file"),
        (("letters", "-o", "r.jsonl", *MODEL, "--shard", "3/2"), "is not a shard"),
    ],
)
def test_what_cannot_be_sent(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run("batch", "submit", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not list(Path.cwd().iterdir())


def test_a_form_is_kept_until_the_last_row(run: Run, server: BatchStandIn, place: Path, tmp_path: Path) -> None:
    form, output = own_form(tmp_path), tmp_path / "records.jsonl"
    server.held = True
    assert run("batch", "submit", place, "-o", output, *MODEL, "--form", form).code == 0
    form.write_text(BLOCKS.replace("Denial stands", "Denial remains"), encoding="utf-8")
    refused = run("batch", "collect", output)
    assert refused.code == 2
    assert "`--form` my-2021.toml" in " ".join(refused.err.split())
    form.write_text(BLOCKS, encoding="utf-8")
    server.held = False
    assert run("batch", "collect", output, "--wait").code == 0
    assert len(statuses(output)) == 3


def test_columns_are_kept_until_the_last_row(run: Run, server: BatchStandIn, tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text(
        "Case,Outcome,Findings\n"
        "a,Upheld,There is no documentation of functional improvement. The request is not medically necessary.\n"
        "b,Overturned,The criteria are met. The request is medically necessary.\n"
    )
    columns = ("--text-column", "Findings", "--id-column", "Case", "--outcome-column", "Outcome")
    model = ("--model", "openai/gpt-5-mini", "--form", "rationale")
    output = tmp_path / "records.jsonl"
    server.held = True
    sent = run("batch", "submit", table, "-o", output, *model, *columns)
    assert sent.code == 0, sent.err
    assert "are under way." in " ".join(sent.err.split())
    server.held = False
    assert run("batch", "collect", output, "--wait").code == 0
    assert [name for name, _ in statuses(output)] == ["a", "b"]
