"""The calls of a run made by several processes, each with its share of them under way, if one core is the limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from typing import Self

from imrllm import telemetry
from imrllm.concurrency import map_concurrent
from imrllm.documents import Document, Unreadable
from imrllm.errors import ImrllmError, InternalError, UsageError
from imrllm.pipeline import Extractor
from imrllm.pipeline.results import ResultBuilder
from imrllm.records import Result
from imrllm.running.letter_pool import AHEAD
from imrllm.running.starting import LOST_IN_A_ROW, Starter, exit_now, lost_in_a_row, no_room, not_started
from imrllm.running.worker import FLUSH_SECONDS, end_all


class _ProcessLostError(Exception):
    """A process that had calls under way was killed or crashed."""


class _CallWorker:
    """The run's handle of one process that has calls under way."""

    def __init__(self, starter: Starter) -> None:
        try:
            self._process = starter.start("calls")
        except OSError as error:
            raise no_room(error) from None
        self._numbers = count()
        self.under_way: dict[int, asyncio.Future[Result]] = {}
        self.is_lost = False
        self._ended = threading.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._receive, args=(loop.call_soon_threadsafe,), daemon=True).start()

    @property
    def has_started(self) -> bool:
        return self._process.has_started

    async def extract(self, document: Document | Unreadable) -> Result:
        number = next(self._numbers)
        outcome: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.under_way[number] = outcome
        try:
            self._process.connection.send((number, document))
        except OSError:
            self._lost()
        return await outcome

    def finish(self) -> None:
        """Let the process send its spans and end by itself; `stop` waits for it."""
        with suppress(OSError):
            self._process.connection.send(None)

    def stop(self, wait: float = 0.0) -> None:
        if wait:
            self._ended.wait(wait)
        self._process.end()

    def _receive(self, in_loop: Callable[..., object]) -> None:
        # The loop may have ended while this waits.
        with suppress(RuntimeError):
            try:
                while True:
                    in_loop(self._settle, *self._process.connection.recv())
            except (EOFError, OSError):
                # A connection that is gone with something in it that was not read is reset.
                self._ended.set()
                in_loop(self._lost)
        self._process.connection.close()

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
        self.is_lost = True
        for waiting in self.under_way.values():
            if not waiting.done():
                waiting.set_exception(_ProcessLostError())


class CallProcesses:
    """An extractor's calls made by several processes; an async context manager, within one event loop."""

    def __init__(self, extractor: Extractor, number: int, starter: Starter) -> None:
        """Prepare so many processes, each with its share of the extractor's limits; none is started yet.

        Args:
            extractor: asks a model.
            number: how many processes.
            starter: starts them, in the role `calls`.

        Raises:
            UsageError: the model is the embedded one, which one process serves.
        """
        if extractor.target.embedded:
            raise UsageError("The embedded model answers one process.", hint="Leave `--processes` out.")
        self._extractor = extractor
        self._number = number
        self._starter = starter
        self._workers: list[_CallWorker] = []
        self._lost_in_a_row = 0

    async def __aenter__(self) -> Self:
        """Start the processes.

        Raises:
            InternalError: the system has no room for them.
        """
        for _ in range(self._number):
            self._workers.append(_CallWorker(self._starter))
        return self

    async def __aexit__(self, *_: object) -> None:
        workers, self._workers = self._workers, []
        end_all(workers)

    def stream(self, documents: Iterable[Document | Unreadable]) -> AsyncGenerator[Result]:
        """Do what `Extractor.astream` does. The documents themselves come from this process, as there is room.

        Raises:
            InternalError: processes are lost again and again.
        """
        return map_concurrent(documents, self._extract, self._extractor.letters_at_a_time + AHEAD * self._number)

    async def _extract(self, document: Document | Unreadable) -> Result:
        """Read a document by the process with the fewest; once more, if the process is lost meanwhile."""
        for _ in range(2):
            with suppress(_ProcessLostError):
                result = await self._least_busy().extract(document)
                self._lost_in_a_row = 0
                return result
        error = InternalError(
            f"Two processes were killed or crashed while they read `{document.id}`.",
            hint="`--retry-failed` tries it again. If memory was short, use fewer `--processes`.",
        )
        return ResultBuilder(document, self._extractor.model, self._extractor.prompt).failed(error)

    def _least_busy(self) -> _CallWorker:
        for place, worker in enumerate(self._workers):
            if worker.is_lost:
                self._lost_in_a_row += 1
                if not worker.has_started:
                    raise not_started()
                if self._lost_in_a_row >= LOST_IN_A_ROW:
                    raise lost_in_a_row(LOST_IN_A_ROW)
                worker.stop()
                self._workers[place] = _CallWorker(self._starter)
        return min(self._workers, key=lambda worker: len(worker.under_way))


def serve_calls(extractor: Extractor, connection: Connection) -> None:
    """Answer documents by their results, as these finish, until the run ends.

    Args:
        extractor: asks a model; not open.
        connection: brings numbered documents and takes their results with their numbers; None asks for an end.
    """

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
                    exit_now()

    asyncio.run(run())


def _received(connection: Connection) -> Iterator[tuple[int, Document | Unreadable]]:
    while True:
        try:
            given = connection.recv()
        except (EOFError, OSError):
            exit_now()
        if given is None:
            telemetry.flush(FLUSH_SECONDS)
            exit_now()
        yield given
