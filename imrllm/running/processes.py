"""Many letters read by several processes at once, if one core is the limit. Each has its share of the calls."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager, suppress
from itertools import chain, count, islice
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NoReturn, Self

from imrllm import telemetry
from imrllm.concurrency import in_thread, map_concurrent
from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, InternalError, UsageError
from imrllm.pipeline import Extractor
from imrllm.records import Result

# Letters queued for each process, so that it does not wait for the next one.
_AHEAD = 4
# Calls at a time for each process: one core makes about 80 a second, and starting a process must pay.
_CALLS_EACH = 16
# How long a process may take to send its last spans.
_FLUSH_SECONDS = 5.0
# Letters that are read without a model before another process has started.
FEW_LETTERS = 50


class _Worker:
    """The run's handle of one process."""

    def __init__(self, extractor: Extractor) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, extractor), daemon=True)
        self._process.start()
        theirs.close()
        self._numbers = count()
        self.under_way: dict[int, asyncio.Future[Result]] = {}
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._receive, args=(loop.call_soon_threadsafe,), daemon=True).start()

    async def extract(self, document: Document | Unreadable) -> Result:
        number = next(self._numbers)
        outcome: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.under_way[number] = outcome
        try:
            self._connection.send((number, document))
        except OSError:
            self._lost()
        return await outcome

    def finish(self) -> None:
        """Let the process send its spans and end by itself; `stop` waits for it."""
        with suppress(OSError):
            self._connection.send(None)

    def stop(self, wait: float = 0.0) -> None:
        if wait:
            self._process.join(wait)
        self._process.terminate()
        self._process.join()
        self._connection.close()

    def _receive(self, in_loop: Callable[..., object]) -> None:
        # The loop may have ended, and the connection been closed, while this waits.
        with suppress(RuntimeError, OSError):
            try:
                while True:
                    in_loop(self._settle, *self._connection.recv())
            except EOFError:
                in_loop(self._lost)

    def _settle(self, number: int, outcome: str | ImrllmError) -> None:
        waiting = self.under_way.pop(number)
        # An interrupted run no longer waits for it.
        if waiting.done():
            return
        if isinstance(outcome, ImrllmError):
            waiting.set_exception(outcome)
        else:
            waiting.set_result(Result.model_validate_json(outcome))

    def _lost(self) -> None:
        for waiting in self.under_way.values():
            if not waiting.done():
                waiting.set_exception(
                    InternalError(
                        "A process of this run was killed or crashed.",
                        hint="Rows written so far are kept. If memory was short, resume with fewer `--processes`.",
                    )
                )


class Processes:
    """An extractor's work done by several processes; an async context manager, within one event loop."""

    def __init__(self, extractor: Extractor, number: int) -> None:
        """Prepare so many processes, each with its share of the extractor's limits; none is started yet.

        Raises:
            UsageError: the model is the embedded one, which one process serves.
        """
        if extractor.target.embedded:
            raise UsageError("The embedded model answers one process.", hint="Leave `--processes` out.")
        self._extractor = extractor
        self._number = number
        self._workers: list[_Worker] = []

    async def __aenter__(self) -> Self:
        with _uninterrupted():
            self._workers = [_Worker(self._extractor.share(self._number)) for _ in range(self._number)]
        return self

    async def __aexit__(self, *_: object) -> None:
        workers, self._workers = self._workers, []
        traced = telemetry.is_recorded()
        if traced:
            for worker in workers:
                worker.finish()
        for worker in workers:
            worker.stop(2 * _FLUSH_SECONDS if traced else 0.0)

    def stream(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Result]:
        """Do what `Extractor.astream` does. The documents themselves are read in this process, as there is room.

        Raises:
            InternalError: a process is gone.
        """
        return map_concurrent(documents, self._extract, self._extractor.letters_at_a_time + _AHEAD * self._number)

    async def _extract(self, document: Document | Unreadable) -> Result:
        return await min(self._workers, key=lambda worker: len(worker.under_way)).extract(document)


def processes_for(extractor: Extractor) -> int:
    """How many processes suit an extractor: a core each, and no more than its calls at a time keep busy."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    target = extractor.target
    if not target.asks:
        return cores
    return 1 if target.embedded else min(cores, -(-extractor.concurrency // _CALLS_EACH))


async def stream_in_processes(
    extractor: Extractor, documents: Iterable[Document | Unreadable], number: int
) -> AsyncGenerator[Result]:
    """Do what `Extractor.astream` does; by several processes if there are enough documents.

    Args:
        extractor: an open one.
        documents: read in this process, as there is room.
        number: processes.

    Raises:
        UsageError: several processes are to share the embedded model.
        InternalError: a process is gone.
    """
    waiting = iter(documents)
    alone = waiting if number == 1 else islice(waiting, 0 if extractor.target.asks else FEW_LETTERS)
    async with aclosing(extractor.astream(alone)) as results:
        async for result in results:
            yield result
    # Standard input may take long, and Ctrl-C must not wait for it.
    following = await in_thread(lambda: next(waiting, None))
    if following is None:
        return
    waiting = chain([following], waiting)
    async with Processes(extractor, number) as processes, aclosing(processes.stream(waiting)) as results:
        async for result in results:
            yield result


def _serve(connection: Connection, extractor: Extractor) -> None:
    """What a process does until the run ends."""

    async def work(numbered: tuple[int, Document | Unreadable]) -> tuple[int, str | ImrllmError]:
        number, document = numbered
        try:
            return number, (await extractor.aextract(document)).model_dump_json()
        except ImrllmError as error:
            return number, error

    async def run() -> None:
        async with extractor:
            # The run limits how many it sends at a time.
            async for outcome in map_concurrent(_received(connection), work, 1_000_000):
                try:
                    connection.send(outcome)
                except OSError:
                    _exit_now()

    asyncio.run(run())


def _received(connection: Connection) -> Iterator[tuple[int, Document | Unreadable]]:
    while True:
        try:
            given = connection.recv()
        except (EOFError, OSError):
            _exit_now()
        if given is None:
            telemetry.flush(_FLUSH_SECONDS)
            _exit_now()
        yield given


def _exit_now() -> NoReturn:
    """End this process at once: the run is gone, and nobody receives further results."""
    os._exit(0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Make processes started in the block ignore Ctrl-C, which a terminal sends to all of them. The run ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
