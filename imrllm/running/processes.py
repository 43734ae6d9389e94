"""The letters of a run spread over processes: all of the work without a model, else the reading of files and calls."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial
from importlib.resources import files
from itertools import chain, islice

from imrllm.concurrency import in_thread, map_concurrent
from imrllm.documents import Document, Unreadable
from imrllm.documents.letter_file import FileText, LetterFile, ReadHere
from imrllm.llm import ModelTarget, resolve_model
from imrllm.llm.transport import import_client
from imrllm.pipeline import Extractor, read_without_model
from imrllm.records import Result
from imrllm.running.call_processes import CallProcesses, serve_calls
from imrllm.running.fork_server import ForkServer, can_fork
from imrllm.running.letter_pool import AHEAD, FILES_AHEAD, OCR_SECONDS, SECONDS, LetterPool
from imrllm.running.rows import Row
from imrllm.running.starting import Serve, Spawning, Starter
from imrllm.running.worker import LetterWork, serve_letters

# Calls at a time for each process: one core makes about 80 a second, and starting a process must pay.
_CALLS_EACH = 16
# Letters that are read without a model before another process has started, where one takes long to start.
FEW_LETTERS = 50


def roles(extractor: Extractor, reading: ReadHere, number: int) -> Mapping[str, Serve]:
    """What processes of a run do: read letters one by one, or have their share of the calls under way.

    Args:
        extractor: what makes the records; not open.
        reading: how files are read.
        number: the processes that share the calls.
    """
    letters = LetterWork(None if extractor.target.asks else extractor.share(1), reading)
    found: dict[str, Serve] = {"letters": partial(serve_letters, letters)}
    if extractor.target.asks:
        found["calls"] = partial(serve_calls, extractor.share(number))
    return found


def fork_early(
    model: str | None = None, concurrency: int | None = None, processes: int | None = None
) -> ForkServer | None:
    """Start the server of a run's forked processes, for `Run.fork_from`.

    Call it from a program that has no other threads yet, as the command line does.

    Args:
        model: the run's model. Without one, the processes are to make records by the grammar, which is warmed up. With
            one, the grammar and the model's client are, if several processes are to make its calls.
        concurrency: the most calls at a time; by default what suits the model.
        processes: how many; by default what suits the model and its calls.

    Returns:
        None where this process may not be forked: the run's processes are fresh Pythons then.

    Raises:
        UsageError: the model string is not valid.
    """
    if not can_fork():
        return None
    target = resolve_model(model)
    if not target.asks:
        return ForkServer(_read_example)
    calls = processes or _processes(target, concurrency or target.concurrency)
    return ForkServer(_warm_client if calls > 1 else _nothing)


def _nothing() -> None:
    pass


def _warm_client() -> None:
    """Import what calls need while the run's own process still imports the rest, and warm up the grammar."""
    import_client()
    _read_example()


def _read_example() -> None:
    """Read a letter of the project's own: patterns are compiled and tables read once for all processes."""
    text = files("imrllm").joinpath("project_files", "example.txt").read_text(encoding="utf-8")
    read_without_model(Document.from_text(text, "example"))


class PooledReading:
    """Reads files in the processes of a run while there are some, and else in this one; a `FileReading`."""

    def __init__(self, here: ReadHere) -> None:
        """Start without processes.

        Args:
            here: reads files in this process.
        """
        self.here = here
        self.pool: LetterPool | None = None

    @property
    def ahead(self) -> int:
        """How many files may be started before the first of them is asked for."""
        return FILES_AHEAD * self.pool.number if self.pool else 0

    def start(self, file: LetterFile) -> Callable[[], FileText | Unreadable]:
        """Start to read a file. What is returned waits for the outcome."""
        return self.pool.read(file) if self.pool else self.here.start(file)


def processes_for(extractor: Extractor) -> int:
    """How many processes suit an extractor: a core each, and no more than its calls at a time keep busy."""
    return _processes(extractor.target, extractor.concurrency)


def _processes(target: ModelTarget, concurrency: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not target.asks:
        return cores
    return 1 if target.embedded else min(cores, -(-concurrency // _CALLS_EACH))


async def stream_in_processes(
    extractor: Extractor,
    documents: Iterable[Document | Unreadable],
    number: int,
    reading: PooledReading,
    starter: Starter | None = None,
) -> AsyncGenerator[Row]:
    """Do what `Extractor.astream` does, row by row; by several processes if there are enough documents.

    Args:
        extractor: an open one.
        documents: taken in this process, as there is room.
        number: processes.
        reading: reads the files of the documents; gets processes for it where they cost little, or are there.
        starter: starts processes that have the `roles`; by default each is a fresh Python.

    Raises:
        UsageError: several processes are to share the embedded model.
        InternalError: processes are lost again and again.
    """
    starter = starter or Spawning(partial(roles, extractor, reading.here, number))
    results = _asked if extractor.target.asks else _read_alone
    async with aclosing(results(extractor, documents, number, reading, starter)) as found:
        async for each in found:
            yield each if isinstance(each, Row) else Row.of(each)


async def _asked(
    extractor: Extractor,
    documents: Iterable[Document | Unreadable],
    number: int,
    reading: PooledReading,
    starter: Starter,
) -> AsyncGenerator[Result]:
    """The results of a model. The event loop has its core where files are read in processes."""
    async with AsyncExitStack() as stack:
        if starter.is_cheap:
            reading.pool = stack.enter_context(_pool(reading, starter, number))
        stream = extractor.astream
        if number > 1:
            # Standard input may take long, and Ctrl-C must not wait for it.
            begun = await _begun(iter(documents))
            if begun is None:
                return
            documents = begun
            stream = (await stack.enter_async_context(CallProcesses(extractor, number, starter))).stream
        results = await stack.enter_async_context(aclosing(stream(documents)))
        async for result in results:
            yield result


async def _read_alone(
    extractor: Extractor,
    documents: Iterable[Document | Unreadable],
    number: int,
    reading: PooledReading,
    starter: Starter,
) -> AsyncGenerator[Result | Row]:
    """The results of the grammar alone."""
    waiting = iter(documents)
    if not starter.is_cheap:
        few = waiting if number == 1 else islice(waiting, FEW_LETTERS)
        async with aclosing(extractor.astream(few)) as results:
            async for result in results:
                yield result
        begun = await _begun(waiting)
        if begun is None:
            return
        waiting = begun
    with _pool(reading, starter, number) as pool:
        reading.pool = pool
        async with aclosing(map_concurrent(waiting, pool.extract, AHEAD * number)) as rows:
            async for row in rows:
                yield row


async def _begun(documents: Iterator[Document | Unreadable]) -> Iterator[Document | Unreadable] | None:
    """The documents once the first of them is there, for which no process has to wait; None if there is none."""
    following = await in_thread(lambda: next(documents, None))
    return None if following is None else chain([following], documents)


def _pool(reading: PooledReading, starter: Starter, number: int) -> LetterPool:
    return LetterPool(starter, number, seconds=OCR_SECONDS if reading.here.ocr else SECONDS)
