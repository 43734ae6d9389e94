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
from pathlib import Path
from typing import Any

import pytest

from imrllm import Document, Extractor, Result
from imrllm.documents import Unreadable
from imrllm.errors import DocumentError, InternalError, ModelUnavailableError, UsageError
from imrllm.llm import ModelTarget
from imrllm.running import processes
from imrllm.running.processes import Processes, processes_for, stream_in_processes
from tests.letters import THREE, WHOLE_PROMPT, letter, right_letter_answer
from tests.llm.standin import Reply, StandIn, completion, failure

ANSWER = completion(right_letter_answer().model_dump_json())


def many(number: int) -> list[Document | Unreadable]:
    """Letters, and one document that is none."""
    letters = [Document.from_text(letter(*THREE), f"letter-{each}") for each in range(number - 1)]
    return [*letters, Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Mend it."))]


def extractor(server: StandIn, concurrency: int = 4, **options: Any) -> Extractor:
    target = ModelTarget("vllm/stand-in", "vllm", "stand-in", base_url=server.base_url)
    return Extractor(target=target, prompt=WHOLE_PROMPT, concurrency=concurrency, **options)


def read(extractor: Extractor, documents: Iterable[Document | Unreadable], number: int) -> list[Result]:
    async def run() -> list[Result]:
        async with extractor, aclosing(stream_in_processes(extractor, documents, number)) as results:
            return [result async for result in results]

    return asyncio.run(run())


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


def test_a_killed_process_is_reported_with_a_hint() -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def reply(body: Any) -> Reply:
        arrived.set()
        go_on.wait(30)
        return ANSWER

    def documents() -> Iterable[Document | Unreadable]:
        yield from many(3)
        arrived.wait(30)
        for process in multiprocessing.active_children():
            process.kill()

    with StandIn(reply) as server:
        with pytest.raises(InternalError) as raised:
            read(extractor(server), documents(), 2)
        go_on.set()
    assert "--processes" in raised.value.hint
    assert multiprocessing.active_children() == []


def test_the_embedded_model_answers_one_process() -> None:
    with pytest.raises(UsageError) as raised:
        Processes(Extractor("local"), 2)
    assert "--processes" in raised.value.hint


def test_the_processes_of_a_killed_run_end(repository: Path) -> None:
    program = """
import asyncio
from imrllm import Extractor
from imrllm.running.processes import Processes
async def run():
    async with Processes(Extractor("none"), 2):
        print("started", flush=True)
        await asyncio.sleep(600)
if __name__ == "__main__":
    asyncio.run(run())
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=repository, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    process.kill()
    # The processes hold the same pipe: its end is theirs.
    assert process.communicate(timeout=60) == ("", None)


@pytest.mark.parametrize(("letters", "started"), [(processes.FEW_LETTERS, 0), (processes.FEW_LETTERS + 1, 2)])
def test_without_a_model_a_few_letters_start_no_process(
    letters: int, started: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Counted(Processes):
        def __init__(self, extractor: Extractor, number: int) -> None:
            asked.append(number)
            super().__init__(extractor, number)

    monkeypatch.setattr(processes, "Processes", Counted)
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
