"""A run as a library call: resume, input order, processes, events, the manifest, and refused options."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

import imrllm
from imrllm import Result, RunSummary
from imrllm.errors import StoreError, UsageError
from imrllm.running.run import DocumentFinished, DocumentStarted, Event, NextResult, Run, RunStarted
from imrllm.store import read_manifest, read_results
from tests.letters import THREE, letter

NAMES = ["a", "b", "c"]


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.txt").write_text(letter(*THREE), encoding="utf-8")
    return folder


def ids(output: Path) -> list[str]:
    return [result.document_id for result in read_results(output)]


def test_a_run_writes_rows_in_input_order_with_a_manifest(letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    summary = imrllm.run(letters, output, model="none")
    assert isinstance(summary, RunSummary)
    assert summary.documents.total() == 3
    assert not summary.failed
    assert not summary.budget_reached
    assert ids(output) == NAMES
    manifest = read_manifest(output)
    assert manifest is not None
    assert (manifest.model, manifest.inputs) == ("none", (str(letters),))


def test_the_same_call_resumes(letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    assert imrllm.run([letters], output, model="none", limit=1).documents.total() == 1
    summary = imrllm.run([letters], output, model="none")
    assert (summary.documents.total(), summary.done_before, summary.failed_before) == (2, 1, 0)
    assert ids(output) == NAMES
    assert imrllm.run(letters, output, model="none", fresh=True).documents.total() == 3


def test_failed_documents_are_skipped_until_they_are_retried(letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    (letters / "b.txt").write_text("no letter", encoding="utf-8")
    assert imrllm.run(letters, output, model="none").failed == 1
    again = imrllm.run(letters, output, model="none")
    assert (again.documents.total(), again.done_before, again.failed_before) == (0, 3, 1)
    retried = imrllm.run(letters, output, model="none", retry_failed=True)
    assert (retried.failed, retried.done_before, retried.failed_before) == (1, 2, 0)


def test_events_tell_of_each_document_and_results_come_in_input_order(letters: Path) -> None:
    events: list[Event] = []
    summary = imrllm.run(letters, model="none", on_event=events.append)
    assert events[0] == RunStarted(summary)
    assert [event.document_id for event in events if isinstance(event, DocumentStarted)] == NAMES
    assert {event.result.document_id for event in events if isinstance(event, DocumentFinished)} == set(NAMES)
    assert [event.result.document_id for event in events if isinstance(event, NextResult)] == NAMES


def test_a_run_with_an_output_passes_on_no_results_in_input_order(letters: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    imrllm.run(letters, tmp_path / "records.jsonl", model="none", on_event=events.append)
    assert not [event for event in events if isinstance(event, NextResult)]


def test_the_library_prints_nothing(letters: Path, capfd: pytest.CaptureFixture[str]) -> None:
    imrllm.run(letters, model="none")
    assert capfd.readouterr() == ("", "")


def test_several_processes_share_a_run(letters: Path, tmp_path: Path) -> None:
    for number in range(52):
        (letters / f"more-{number:02}.txt").write_text(letter(*THREE), encoding="utf-8")
    output = tmp_path / "records.jsonl"
    assert imrllm.run(letters, output, model="none", processes=2).documents.total() == 55
    assert ids(output) == sorted(ids(output))


def test_a_run_works_inside_a_running_event_loop(letters: Path, tmp_path: Path) -> None:
    async def notebook() -> tuple[RunSummary, RunSummary]:
        first = imrllm.run(letters, tmp_path / "first.jsonl", model="none")
        return first, await Run(letters, tmp_path / "second.jsonl", model="none").aexecute()

    assert [summary.documents.total() for summary in asyncio.run(notebook())] == [3, 3]
    assert ids(tmp_path / "first.jsonl") == ids(tmp_path / "second.jsonl") == NAMES


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": 0},
        {"processes": 0},
        {"rpm": -1},
        {"tpm": 0},
        {"limit": 0},
        {"shard": "3/2"},
        {"on_conflict": "guess"},
        {"model": "no-provider/x"},
    ],
)
def test_options_that_are_not_valid_are_usage_errors(letters: Path, tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        imrllm.run(letters, tmp_path / "records.jsonl", **{"model": "none", **options})
    assert not (tmp_path / "records.jsonl").exists()


def test_an_option_that_does_not_exist_is_refused(letters: Path) -> None:
    with pytest.raises(TypeError, match="`modle`"):
        imrllm.run(letters, modle="none")  # type: ignore[call-arg]


def test_the_output_is_not_an_input(letters: Path) -> None:
    with pytest.raises(UsageError, match="both an input and the results file"):
        imrllm.run(letters / "a.txt", letters / "a.txt", model="none")


def test_the_results_file_in_a_folder_that_is_read_is_left_out(letters: Path) -> None:
    output = letters / "z.jsonl"
    imrllm.run(letters, output, model="none")
    assert imrllm.run(letters, output, model="none").done_before == 3
    assert ids(output) == NAMES


def test_a_document_that_changed_since_its_row_was_written_is_refused(letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    imrllm.run(letters, output, model="none")
    (letters / "b.txt").write_text(letter(*THREE) + "\nmore", encoding="utf-8")
    with pytest.raises(StoreError, match="other bytes"):
        imrllm.run(letters, output, model="none")


def test_results_are_those_of_the_extractor(letters: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    imrllm.run(letters, output, model="none")
    with imrllm.Extractor("none") as extractor:
        expected = list(extractor.stream(imrllm.read_documents(letters)))

    def timeless(result: Result) -> Result:
        return result.model_copy(update={"provenance": result.provenance.model_copy(update={"seconds": 0.0})})

    assert list(map(timeless, read_results(output))) == list(map(timeless, expected))


@pytest.mark.parametrize("given", ["lettres", "letters/d.txt", "letters/*.pdf"])
def test_a_missing_input_is_refused_before_anything_is_written(
    letters: Path, tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="does not exist") as refused:
        Run([letters, given], "records.jsonl", model="none")
    assert list(tmp_path.iterdir()) == [letters]
    if given == "lettres":
        assert refused.value.hint == "Did you mean `letters`?"


@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".parquet", ".duckdb"])
def test_a_results_file_is_no_table(letters: Path, tmp_path: Path, ending: str) -> None:
    with pytest.raises(UsageError, match="ending of a table") as refused:
        Run(letters, tmp_path / f"x{ending}", model="none")
    assert "imrllm export" in refused.value.hint


def test_what_is_passed_over_or_given_twice_is_noted(letters: Path, tmp_path: Path) -> None:
    (letters / "notes.odd").write_text("Mine.")
    (letters / "plain").write_text("Mine.")
    (letters / "d.txt").write_bytes((letters / "a.txt").read_bytes())
    (letters / "c.txt").rename(letters / "c.pdf")
    summary = imrllm.run(letters, tmp_path / "records.jsonl", model="none")
    noted = {reason.partition(":")[0]: (count, names) for reason, (count, names) in summary.remarks.reasons.items()}
    assert noted["passed over"] == (2, (str(letters / "notes.odd"), str(letters / "plain")))
    assert noted["read as text"] == (1, (str(letters / "c.pdf"),))
    # The letters of this folder are one text.
    assert noted["given twice"] == (3, ("b", "c", "d"))
    assert summary.documents.total() == 4
    again = imrllm.run(letters, tmp_path / "records.jsonl", model="none")
    assert again.remarks == summary.remarks
