"""Many inputs worked on side by side, while the next is read in a thread: no reading holds up what is in flight."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

D = TypeVar("D")
T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Do in a thread what would block the event loop.

    Not `asyncio.to_thread`: the process cannot end before its threads do, and a read of standard input may never.

    Args:
        work: is not broken off where the caller is cancelled; its outcome is dropped then.

    Returns:
        What the work returns.

    Raises:
        Exception: what the work raises.
    """
    outcome: Future[T] = forsakable()
    threading.Thread(target=_settle, args=(outcome, work), name="aside", daemon=True).start()
    return await asyncio.wrap_future(outcome)


def forsakable() -> Future[Any]:
    """An outcome to come, which who waits for it cannot cancel, only forsake."""
    outcome: Future[Any] = Future()
    outcome.set_running_or_notify_cancel()
    return outcome


def _settle(outcome: Future[T], work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is awaited
        outcome.set_exception(error)


async def map_concurrent(
    inputs: Iterable[D], work: Callable[[D], Coroutine[Any, Any, T]], at_a_time: int
) -> AsyncGenerator[T]:
    """Work on many inputs, some at a time.

    Args:
        inputs: read one by one in a thread, as there is room for them: memory does not grow with their number. Where
            the stream is left early, the read that runs just then ends by itself.
        work: what is done with each.
        at_a_time: inputs read and not yet done with, at most.

    Yields:
        One outcome an input, as they finish.

    Raises:
        Exception: what reading or the work raises; the rest is broken off.
    """
    reader: _Reader[D] = _Reader(inputs)
    # In the order in which they end. Waiting for all at once would look at each of them whenever one ends.
    settled: asyncio.Queue[asyncio.Future[Any]] = asyncio.Queue()
    ended = False
    reading: asyncio.Future[D | None] | None = None
    running: set[asyncio.Future[T]] = set()
    try:
        while True:
            if reading is None and not ended and len(running) < at_a_time:
                reading = reader.read()
                reading.add_done_callback(settled.put_nowait)
            if reading is None and not running:
                return
            first = await settled.get()
            if first is not reading:
                running.remove(first)
                yield first.result()
                continue
            following, reading = reading.result(), None
            if following is None:
                ended = True
            else:
                task = asyncio.create_task(work(following))
                running.add(task)
                task.add_done_callback(settled.put_nowait)
    finally:
        reader.close()
        left: set[asyncio.Future[Any]] = {*running, reading} if reading else {*running}
        for future in left:
            future.cancel()
        # Those that are done are asked too: an error that nobody fetched would go to the log.
        await asyncio.gather(*left, return_exceptions=True)


class _Reader(Generic[D]):
    """Reads inputs in a thread of its own, each when it is asked for."""

    def __init__(self, inputs: Iterable[D]) -> None:
        self._inputs = iter(inputs)
        self._asked: SimpleQueue[Future[D | None] | None] = SimpleQueue()
        threading.Thread(target=self._run, name="reader", daemon=True).start()

    def read(self) -> asyncio.Future[D | None]:
        """The next input, or None after the last one."""
        outcome: Future[D | None] = forsakable()
        self._asked.put(outcome)
        return asyncio.wrap_future(outcome)

    def close(self) -> None:
        """End the thread, after the read that it is at."""
        self._asked.put(None)

    def _run(self) -> None:
        while (outcome := self._asked.get()) is not None:
            _settle(outcome, lambda: next(self._inputs, None))
