"""Many inputs worked on side by side, while the next is read in a thread: no reading holds up what is in flight."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

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
    outcome: Future[T] = Future()
    # From here on it cannot be cancelled, only forsaken.
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is awaited
            outcome.set_exception(error)

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await asyncio.wrap_future(outcome)


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
    waiting = iter(inputs)
    ended = False
    reading: asyncio.Task[D | None] | None = None
    running: set[asyncio.Task[T]] = set()
    done: set[asyncio.Task[T]] = set()
    try:
        while True:
            if reading is None and not ended and len(running) < at_a_time:
                reading = asyncio.create_task(in_thread(lambda: next(waiting, None)))
            awaited: set[asyncio.Task[Any]] = {*running, reading} if reading else {*running}
            if not awaited:
                return
            settled, _ = await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            done = running & settled
            running -= done
            for task in done:
                yield task.result()
            if reading in settled:
                following, reading = reading.result(), None
                if following is None:
                    ended = True
                else:
                    running.add(asyncio.create_task(work(following)))
    finally:
        left: set[asyncio.Task[Any]] = {*running, reading} if reading else {*running}
        for task in left:
            task.cancel()
        # Those that are done are asked too: an error that nobody fetched would go to the log.
        await asyncio.gather(*left, *done, return_exceptions=True)
