"""Files and letters spread over processes: nothing lost, nothing twice, and a fault costs the file that has it."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from imrllm.documents import Document, Unreadable, read_documents
from imrllm.documents.letter_file import FileText, LetterFile, Place, ReadHere
from imrllm.errors import InternalError
from imrllm.pipeline import Extractor
from imrllm.running import letter_pool
from imrllm.running.letter_pool import FILES_AHEAD, LetterPool
from imrllm.running.processes import PooledReading
from imrllm.running.worker import LetterWork
from tests.letters import THREE, letter
from tests.running.thread_starter import CrashError, ThreadStarter

READING = ReadHere(lambda text, page_breaks: ())
WORK = LetterWork(Extractor("none"), READING)


def serving(
    before: Callable[[LetterFile | Document | Unreadable], None] = lambda task: None,
) -> Callable[[Connection], None]:
    """Serves as a process does, but first does what the test wants with each task."""

    def serve(connection: Connection) -> None:
        while True:
            task = pickle.loads(connection.recv_bytes())
            before(task)
            connection.send_bytes(pickle.dumps(WORK.answer(task)))

    return serve


def file(name: str, data: bytes = b"Text.") -> LetterFile:
    return LetterFile(Place(name, f"{name}.txt"), "text", data)


@contextmanager
def pool(
    before: Callable[[LetterFile | Document | Unreadable], None] = lambda task: None,
    number: int = 2,
    seconds: float = 30.0,
    *,
    is_cheap: bool = True,
) -> Iterator[tuple[LetterPool, ThreadStarter]]:
    starter = ThreadStarter({"letters": serving(before)}, is_cheap=is_cheap)
    with LetterPool(starter, number, seconds=seconds) as opened:
        yield opened, starter


def read(pool: LetterPool, *files: LetterFile) -> list[str]:
    """What comes of files that are all started at once: their texts, or their errors."""
    outcomes = [outcome() for outcome in [pool.read(each) for each in files]]
    assert [each.whole.id if isinstance(each, FileText) else each.id for each in outcomes] == [
        each.place.stem for each in files
    ]
    return [each.whole.text if isinstance(each, FileText) else str(each.error) for each in outcomes]


@pytest.mark.parametrize("number", [1, 2, 5])
def test_each_file_has_its_own_text(number: int) -> None:
    files = [file(f"f{each}", f"Text {each}.".encode()) for each in range(50)]
    with pool(number=number) as (opened, starter):
        assert read(opened, *files) == [f"Text {each}." for each in range(50)]
        assert starter.started == number


def test_a_process_is_started_when_there_is_work_for_it() -> None:
    with pool(number=4) as (opened, starter):
        for name in "abc":
            assert read(opened, file(name)) == ["Text."]
        assert starter.started == 1


def test_processes_that_cost_much_are_started_together() -> None:
    with pool(number=4, is_cheap=False) as (_, starter):
        assert starter.started == 4


def test_a_record_is_that_of_this_process() -> None:
    document = Document.from_text(letter(*THREE), "letter")
    with pool() as (opened, _):
        result = asyncio.run(opened.extract(document)).result
    own = Extractor("none").extract(document)
    seconds = {"provenance": {"seconds"}}
    assert result.model_dump(exclude=seconds) == own.model_dump(exclude=seconds)


def crash_on(*names: str) -> Callable[[LetterFile | Document | Unreadable], None]:
    def before(task: LetterFile | Document | Unreadable) -> None:
        if (task.place.stem if isinstance(task, LetterFile) else task.id) in names:
            raise CrashError

    return before


@pytest.mark.parametrize("number", [1, 3])
def test_a_crash_costs_the_file_that_was_read(number: int) -> None:
    files = [file(f"f{each}", f"Text {each}.".encode()) for each in range(30)]
    with pool(crash_on("f3", "f4", "f17"), number) as (opened, starter):
        texts = read(opened, *files)
        assert starter.started >= number + 2
    crashed = [each for each, text in enumerate(texts) if "crashed the process that read it" in text]
    assert crashed == [3, 4, 17]
    assert all(text == f"Text {each}." for each, text in enumerate(texts) if each not in crashed)


def test_a_letter_that_crashes_its_process_is_a_failed_row() -> None:
    with pool(crash_on("bad")) as (opened, _):
        result = asyncio.run(opened.extract(Document.from_text("Text.", "bad"))).result
        assert read(opened, file("a")) == ["Text."]
    assert result.status == "failed"
    assert result.error
    assert result.error.type == "InternalError"
    assert "`bad` crashed" in result.error.message
    assert "--retry-failed" in result.error.message


def test_a_file_that_takes_too_long_is_ended_and_the_others_are_read() -> None:
    forever, begun = threading.Event(), []

    def before(task: LetterFile | Document | Unreadable) -> None:
        assert isinstance(task, LetterFile)
        begun.append(task.place.stem)
        if task.place.stem == "slow":
            forever.wait(60)

    with pool(before, 1, seconds=0.2) as (opened, starter):
        started = time.monotonic()
        error, *texts = read(opened, file("slow"), file("a"), file("b"))
        assert time.monotonic() - started < 5
        assert starter.ended == 1
    forever.set()
    assert "`slow.txt` was not read within 0.2 seconds" in error
    assert texts == ["Text.", "Text."]
    assert begun == ["slow", "a", "b"]


def test_the_time_of_a_file_is_its_own() -> None:
    with pool(lambda task: time.sleep(0.1), 1, seconds=0.4) as (opened, starter):
        assert read(opened, *(file(name) for name in "abcdefgh")) == ["Text."] * 8
        assert starter.started == 1


def test_processes_that_crash_again_and_again_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_pool, "LOST_IN_A_ROW", 3)

    def before(task: LetterFile | Document | Unreadable) -> None:
        raise CrashError

    with pool(before, 2) as (opened, starter), pytest.raises(InternalError) as raised:
        read(opened, *(file(f"f{each}") for each in range(30)))
    assert "--processes" in raised.value.hint
    assert starter.started <= 4


def test_crashes_between_letters_that_are_read_do_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_pool, "LOST_IN_A_ROW", 2)
    files = [file(f"f{each}") for each in range(20)]
    with pool(crash_on(*(f"f{each}" for each in range(0, 20, 2))), 1) as (opened, _):
        assert sum(text == "Text." for text in read(opened, *files)) == 10


def test_large_files_and_texts_do_not_wait_for_each_other() -> None:
    # More than a socket holds, both ways and at once.
    data = b"x" * 1_000_000
    with pool(number=1) as (opened, _):
        assert read(opened, *(file(f"f{each}", data) for each in range(12))) == [data.decode()] * 12


def test_who_waits_for_a_pool_that_is_closed_is_told() -> None:
    forever = threading.Event()
    with pool(lambda task: bool(forever.wait(60)) and None, 1) as (opened, _):
        outcomes = [opened.read(file(name)) for name in "ab"]
    for outcome in outcomes:
        with pytest.raises(InternalError, match="have ended"):
            outcome()
    with pytest.raises(InternalError, match="have ended"):
        opened.read(file("c"))()
    forever.set()


def test_a_system_without_room_for_a_process_ends_the_run() -> None:
    class Full(ThreadStarter):
        def start(self, role: str) -> object:  # type: ignore[override]
            raise OSError("no room")

    with LetterPool(Full({}), 2) as opened, pytest.raises(InternalError, match="could be started"):
        read(opened, file("a"))


def test_an_exception_of_a_reader_costs_its_file_and_quotes_nothing() -> None:
    def broken(text: str, page_breaks: Sequence[int]) -> Sequence[int]:
        raise RecursionError("the letter's words")

    read = LetterWork(None, ReadHere(broken)).answer(file("a"))
    assert isinstance(read, Unreadable)
    assert "RecursionError" in str(read.error)
    assert "words" not in str(read.error)


def test_files_are_read_ahead_only_where_there_are_processes(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(f"Text {name}.")
    reading = PooledReading(READING)
    assert reading.ahead == 0
    alone = list(read_documents(tmp_path, reading=reading))
    with pool(number=2) as (opened, starter):
        reading.pool = opened
        assert reading.ahead == 2 * FILES_AHEAD
        assert list(read_documents(tmp_path, reading=reading)) == alone
        assert starter.started > 0
