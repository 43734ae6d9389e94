"""Several processes against a stand-in server: the same rows, the limits shared, and no process left behind."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import aclosing
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from imrllm import Document, Extractor, Result
from imrllm.documents import Unreadable
from imrllm.documents.letter_file import ReadHere
from imrllm.errors import DocumentError, InternalError, ModelUnavailableError, UsageError
from imrllm.letter import letter_starts
from imrllm.llm import ModelTarget
from imrllm.running import call_processes, processes
from imrllm.running.call_processes import CallProcesses
from imrllm.running.letter_pool import LetterPool
from imrllm.running.processes import PooledReading, processes_for, roles, stream_in_processes
from imrllm.running.starting import Spawning, Starter
from tests.letters import THREE, WHOLE_PROMPT, letter, right_letter_answer
from tests.llm.standin import Reply, StandIn, completion, failure
from tests.running.thread_starter import CrashError, ThreadStarter

ANSWER = completion(right_letter_answer().model_dump_json())


def many(number: int) -> list[Document | Unreadable]:
    """Letters, and one document that is none."""
    letters = [Document.from_text(letter(*THREE), f"letter-{each}") for each in range(number - 1)]
    return [*letters, Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Mend it."))]


def extractor(server: StandIn, concurrency: int = 4, **options: Any) -> Extractor:
    target = ModelTarget("vllm/stand-in", "vllm", "stand-in", base_url=server.base_url)
    return Extractor(target=target, prompt=WHOLE_PROMPT, concurrency=concurrency, **options)


READING = ReadHere(letter_starts)


class BreaksAtStart:
    """What cannot be unpickled in another process."""

    def __reduce__(self) -> tuple[type[int], tuple[str]]:
        return int, ("no number",)


def read(
    extractor: Extractor,
    documents: Iterable[Document | Unreadable],
    number: int,
    starter: Starter | None = None,
) -> list[Result]:
    async def run() -> list[Result]:
        stream = stream_in_processes(extractor, documents, number, PooledReading(READING), starter)
        async with extractor, aclosing(stream) as rows:
            return [row.result async for row in rows]

    return asyncio.run(run())


def spawning(extractor: Extractor) -> Spawning:
    return Spawning(lambda: roles(extractor, READING, 2))


def comparable(results: Iterable[Result]) -> list[dict[str, Any]]:
    rows = [result.model_dump(mode="json", exclude={"provenance": {"seconds"}}) for result in results]
    return sorted(rows, key=lambda row: row["document_id"])


def test_the_rows_are_those_of_one_process() -> None:
    documents = many(7)
    with StandIn(ANSWER) as server:
        alone, several = (read(extractor(server), documents, number) for number in (1, 2))
    assert comparable(several) == comparable(alone)
    assert [result.status for result in several].count("failed") == 1
    assert multiprocessing.active_children() == []


def test_with_a_model_no_letter_is_waited_for_where_ctrl_c_would_wait_too() -> None:
    threads: list[threading.Thread] = []

    def documents() -> Iterable[Document | Unreadable]:
        for document in many(3):
            threads.append(threading.current_thread())
            yield document

    with StandIn(ANSWER) as server:
        assert len(read(extractor(server), documents(), 2)) == 3
    assert threads
    assert threading.main_thread() not in threads


def test_no_more_calls_at_a_time_than_one_process_would_make() -> None:
    meeting, calls = threading.Barrier(4), count()

    def reply(body: Any) -> Reply:
        # The first four wait for each other: all that are allowed at a time are seen at a time.
        if next(calls) < 4:
            meeting.wait(30)
        return ANSWER

    with StandIn(reply) as server:
        assert len(read(extractor(server), many(20), 2)) == 20
    assert server.at_once == 4


@pytest.mark.parametrize(
    ("of", "shares"),
    [(1, (5, 100, 1000)), (2, (2, 50, 500)), (7, (1, 14, 142)), (200, (1, 1, 5))],
)
def test_limits_are_shared(of: int, shares: tuple[int, int, int]) -> None:
    whole = Extractor("vllm/x", concurrency=5, rpm=100, tpm=1000)
    part = whole.share(of)
    assert (part.concurrency, part.rpm, part.tpm) == shares
    assert (whole.concurrency, whole.rpm, whole.tpm) == (5, 100, 1000)
    assert Extractor("vllm/x").share(2).rpm is None


def test_what_ends_one_process_ends_the_run() -> None:
    with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError) as raised:
        read(extractor(server), many(20), 2)
    assert "refuses the key" in str(raised.value)
    assert raised.value.hint
    assert multiprocessing.active_children() == []


def test_letters_of_a_killed_process_are_read_by_another() -> None:
    arrived, go_on, calls = threading.Event(), threading.Event(), count(1)

    def reply(body: Any) -> Reply:
        next(calls)
        arrived.set()
        go_on.wait(30)
        return ANSWER

    def documents() -> Iterable[Document | Unreadable]:
        yield from many(3)
        arrived.wait(30)
        for process in multiprocessing.active_children():
            process.kill()
        go_on.set()

    with StandIn(reply) as server:
        results = read(extractor(server), documents(), 2)
    assert sorted(result.document_id for result in results) == ["letter-0", "letter-1", "torn"]
    assert sum(result.status == "failed" for result in results) == 1
    assert next(calls) > 3, "what the killed processes had asked was asked again"
    assert multiprocessing.active_children() == []


def lost(times: int, documents: int) -> list[Result]:
    """Read documents by call processes; so many times, one is lost when it is given a letter."""
    losses = count()

    def serve(connection: Connection) -> None:
        while True:
            number, document = connection.recv()
            if document.id != "torn" and next(losses) < times:
                raise CrashError
            connection.send((number, Extractor("none").extract(document).model_dump_json()))

    async def run() -> list[Result]:
        model = Extractor("vllm/x", concurrency=2)
        async with CallProcesses(model, 2, ThreadStarter({"calls": serve})) as several:
            return [result async for result in several.stream(many(documents))]

    return asyncio.run(run())


def test_a_letter_that_loses_two_processes_is_a_failed_row_with_a_hint() -> None:
    (error,) = [result.error for result in lost(2, 2) if result.document_id == "letter-0"]
    assert error
    assert error.type == "InternalError"
    assert "killed or crashed" in error.message
    assert "--processes" in error.message
    (again,) = [result for result in lost(1, 2) if result.document_id == "letter-0"]
    assert again.record


def test_processes_lost_again_and_again_end_the_run_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_processes, "LOST_IN_A_ROW", 2)
    with pytest.raises(InternalError) as raised:
        lost(99, 6)
    assert "--processes" in raised.value.hint


def test_the_embedded_model_answers_one_process() -> None:
    with pytest.raises(UsageError) as raised:
        CallProcesses(Extractor("local"), 2, spawning(Extractor("local")))
    assert "--processes" in raised.value.hint


def test_the_processes_of_a_killed_run_end(repository: Path) -> None:
    program = """
import time
from imrllm import Extractor
from imrllm.documents.letter_file import ReadHere
from imrllm.letter import letter_starts
from imrllm.running.processes import roles
from imrllm.running.starting import Spawning
if __name__ == "__main__":
    spawning = Spawning(lambda: roles(Extractor("vllm/x"), ReadHere(letter_starts), 1))
    started = spawning.start("calls")
    print("started", flush=True)
    time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=repository, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    process.kill()
    # The process holds the same pipe: its end is the pipe's.
    assert process.communicate(timeout=60) == ("", None)


def test_a_script_needs_no_guard(tmp_path: Path, repository: Path) -> None:
    rows = (f'{{"id": "{number}", "text": "Text."}}\n' for number in range(processes.FEW_LETTERS + 4))
    (tmp_path / "letters.jsonl").write_text("".join(rows))
    (tmp_path / "script.py").write_text(
        "import imrllm\nprint(imrllm.run('letters.jsonl', model='none', processes=2).failed, __file__, __spec__)\n"
    )
    ran = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(repository), "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout == f"{processes.FEW_LETTERS + 4} {tmp_path / 'script.py'} None\n"
    assert ran.stderr == ""


def test_processes_that_cannot_start_end_the_run() -> None:
    broken = Spawning(lambda: {"letters": BreaksAtStart()})  # type: ignore[dict-item]
    with pytest.raises(InternalError, match="could not start"):
        read(Extractor("none"), many(processes.FEW_LETTERS + 3), 2, broken)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("letters", "started"), [(processes.FEW_LETTERS, 0), (processes.FEW_LETTERS + 1, 2)])
def test_without_a_model_a_few_letters_start_no_process(
    letters: int, started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Counted(LetterPool):
        def __init__(self, starter: Starter, number: int, *, seconds: float) -> None:
            asked.append(number)
            super().__init__(starter, number, seconds=seconds)

    monkeypatch.setattr(processes, "LetterPool", Counted)
    documents = many(letters)
    assert comparable(read(Extractor("none"), documents, 2)) == comparable(read(Extractor("none"), documents, 1))
    assert sum(asked) == started


@pytest.mark.parametrize(
    ("model", "concurrency", "cores", "number"),
    [
        ("none", None, 4, 4),
        # One process serves the embedded model.
        ("local", 64, 4, 1),
        ("vllm/x", 8, 4, 1),
        ("vllm/x", 16, 4, 1),
        ("vllm/x", 17, 4, 2),
        ("vllm/x", 500, 4, 4),
    ],
)
def test_processes_for(
    model: str, concurrency: int | None, cores: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes.os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert processes_for(Extractor(model, concurrency=concurrency)) == number
