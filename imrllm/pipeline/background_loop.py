"""An event loop in a thread of its own, for synchronous callers whose own thread may run a loop already."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future, wait
from typing import Self, TypeVar

from imrllm.errors import UsageError

T = TypeVar("T")


def closed_error() -> UsageError:
    """The error of an extractor that is used after its `with` block."""
    return UsageError("The extractor is closed.", hint="Call it inside its `with` block, or make another one.")


class BackgroundLoop:
    """Runs coroutines on an event loop in a background thread, until it is closed."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), name="imrllm-loop", daemon=True)
        self._thread.start()
        self._ready.wait()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._stop.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine, wait for it and return what it returns.

        An exception in the waiting thread, such as the one that Ctrl-C raises, cancels the coroutine and waits for its
        end.

        Raises:
            UsageError: the loop is closed.
        """
        if self._closed:
            work.close()
            raise closed_error()
        outcome: Future[T] = Future()
        tasks: list[asyncio.Task[T]] = []

        def finish(task: asyncio.Task[T]) -> None:
            if task.cancelled():
                outcome.set_exception(CancelledError())
            elif error := task.exception():
                outcome.set_exception(error)
            else:
                outcome.set_result(task.result())

        def begin() -> None:
            tasks.append(self._loop.create_task(work))
            tasks[0].add_done_callback(finish)

        def cancel() -> None:
            tasks[0].cancel()

        self._loop.call_soon_threadsafe(begin)
        try:
            return outcome.result()
        except BaseException:
            if not outcome.done():
                self._loop.call_soon_threadsafe(cancel)
                wait([outcome])
            raise

    def close(self) -> None:
        """Cancel what is running and end the thread; closing twice does no harm."""
        if not self._closed:
            self._closed = True
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
