"""Letters spread over several processes, each of which takes one after the other and can be ended.

A file that takes too long, or crashes what reads it, costs its own row: its process is ended and replaced, and the
letters that waited behind it go to another.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Self

from imrllm.concurrency import forsakable
from imrllm.documents import Document, Unreadable
from imrllm.documents.letter_file import FileText, LetterFile
from imrllm.errors import DocumentError, ImrllmError, InternalError
from imrllm.pipeline.results import ResultBuilder
from imrllm.running.rows import Row
from imrllm.running.starting import LOST_IN_A_ROW, Starter, lost_in_a_row, no_room, not_started
from imrllm.running.worker import Answer, Task, end_all

SECONDS = 60.0
"""The longest time for reading one file, and for one letter's record: seven times what the slowest honest files take, a
PDF of 1,000 pages that pypdf must judge (8 s), and a letter of five million characters (5 s)."""

OCR_SECONDS = 6_000.0
"""The longest time for reading a file whose scanned pages are recognized: twice that of 1,000 pages at 3 s a page."""

AHEAD = 4
"""Letters queued for each process, so that it does not wait for the next one."""

FILES_AHEAD = 8
"""Files read ahead for each process. What is read goes on in order: while one process has a file that takes long, these
keep the others busy. With `AHEAD` files they were idle for 4% of the time over 90 PDFs, 3 of them for pypdf."""

# Bytes and tasks sent ahead to a process. They fit into its socket, which holds some 200,000 bytes on Linux and 8,000
# elsewhere: who sends never waits for a process that is busy.
_BYTES_AHEAD, _TASKS_AHEAD = 60_000 if sys.platform == "linux" else 4_000, 8
# How often, in seconds, a process is looked at for one that takes too long.
_TICK = 0.5


@dataclass(frozen=True, slots=True)
class Lost:
    """What came of a task whose process was ended, or ended by itself.

    Attributes:
        took_too_long: it was ended since the task took too long.
    """

    took_too_long: bool


@dataclass(slots=True, eq=False)
class _Queued:
    data: bytes
    outcome: Future[Answer | Lost] = field(default_factory=forsakable)


class LetterPool:
    """Processes that read files and make records; a context manager. Its methods may be called from any thread."""

    def __init__(self, starter: Starter, number: int, *, seconds: float = SECONDS) -> None:
        """Prepare so many processes.

        Args:
            starter: starts them, in the role `letters`.
            number: how many.
            seconds: the longest time for one task.
        """
        self.number = number
        self.seconds = seconds
        self._starter = starter
        self._lock = threading.RLock()
        self._workers: list[_Worker] = []
        self._lost_in_a_row = 0
        self._fatal: InternalError | None = None
        self._closed = False

    def __enter__(self) -> Self:
        """Start the processes; where that is cheap, each only when there is work for it."""
        if not self._starter.is_cheap:
            self._workers = [_Worker(self, self._starter) for _ in range(self.number)]
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        end_all(workers)

    def read(self, file: LetterFile) -> Callable[[], FileText | Unreadable]:
        """Start to read a file.

        Returns:
            Waits for the outcome. Raises `InternalError` if the run ends before.
        """
        outcome = self._submit(file)

        def read() -> FileText | Unreadable:
            answer = outcome.result()
            if isinstance(answer, Lost):
                return Unreadable(file.place.stem, file.place.source, self._file_error(file.place.source, answer))
            if isinstance(answer, (FileText, Unreadable)):
                return answer
            raise TypeError("a file is answered by its text")

        return read

    async def extract(self, document: Document | Unreadable) -> Row:
        """Make a document's record without a model.

        Raises:
            InternalError: processes are lost again and again, or the pool is closed.
        """
        answer = await asyncio.wrap_future(self._submit(document))
        if isinstance(answer, Lost):
            return Row.of(ResultBuilder(document).failed(self._letter_error(document.id, answer)))
        if isinstance(answer, Row):
            return answer
        raise TypeError("a document is answered by its row")

    def _file_error(self, source: str, lost: Lost) -> DocumentError:
        if lost.took_too_long:
            return DocumentError(
                f"`{source}` was not read within {self.seconds:g} seconds, and its process was ended.",
                hint="Write it anew, as text or by `qpdf in.pdf out.pdf`, and run with `--retry-failed`.",
            )
        return DocumentError(
            f"`{source}` crashed the process that read it.",
            hint="Write it anew, as text or by `qpdf in.pdf out.pdf`, and run with `--retry-failed`. If memory was "
            "short, use fewer `--processes`.",
        )

    def _letter_error(self, name: str, lost: Lost) -> InternalError:
        if lost.took_too_long:
            return InternalError(
                f"`{name}` was not read within {self.seconds:g} seconds, and its process was ended.",
                hint="Please report it with the document, if that may be shared.",
            )
        return InternalError(
            f"`{name}` crashed the process that read it.",
            hint="`--retry-failed` tries it again. If memory was short, use fewer `--processes`.",
        )

    def _submit(self, task: Task) -> Future[Answer | Lost]:
        queued = _Queued(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        with self._lock:
            self._queue(queued)
        return queued.outcome

    def _queue(self, queued: _Queued) -> None:
        """Give a task to the process with the fewest; to a new one, if all are busy and there may be another."""
        if self._closed:
            queued.outcome.set_exception(InternalError("The processes of this run have ended."))
            return
        if self._fatal is not None:
            queued.outcome.set_exception(self._fatal)
            return
        least = min(self._workers, key=_Worker.load, default=None)
        if least is None or (least.load() and len(self._workers) < self.number):
            try:
                least = _Worker(self, self._starter)
            except OSError as error:
                if least is None:
                    queued.outcome.set_exception(no_room(error))
                    return
            else:
                self._workers.append(least)
        least.queue(queued)

    def answered(self, worker: _Worker) -> Future[Answer | Lost]:
        """Note that the first task of a process is done, and let the process have more."""
        with self._lock:
            self._lost_in_a_row = 0
            return worker.answered()

    def lost(self, worker: _Worker, *, took_too_long: bool) -> None:
        """Note that a process is gone, over its first task; the others are given to other processes."""
        with self._lock:
            if worker in self._workers:
                self._workers.remove(worker)
            left, has_started = worker.abandoned(), worker.has_started
            self._lost_in_a_row += not took_too_long
            if not has_started:
                self._fatal = not_started()
            elif self._lost_in_a_row >= LOST_IN_A_ROW:
                self._fatal = lost_in_a_row(LOST_IN_A_ROW)
            # In a pool that is closed no task is at fault, and none of a process that did not start.
            at_fault = 0 if self._closed or not has_started else 1
            for queued in left[at_fault:]:
                self._queue(queued)
        for queued in left[:at_fault]:
            queued.outcome.set_result(Lost(took_too_long))


class _Worker:
    """The pool's handle of one process. The pool's lock guards it."""

    def __init__(self, pool: LetterPool, starter: Starter) -> None:
        self._pool = pool
        self._process = starter.start("letters")
        # In order: what the process has, and what it will be sent.
        self._sent: deque[_Queued] = deque()
        self._unsent: deque[_Queued] = deque()
        self._bytes_sent = 0
        self._answered = False
        self._thread = threading.Thread(target=self._attend, name="imrllm-worker", daemon=True)
        self._thread.start()

    @property
    def has_started(self) -> bool:
        return self._answered or self._process.has_started

    def load(self) -> int:
        return len(self._sent) + len(self._unsent)

    def queue(self, queued: _Queued) -> None:
        self._unsent.append(queued)
        self._send()

    def answered(self) -> Future[Answer | Lost]:
        self._answered = True
        done = self._sent.popleft()
        self._bytes_sent -= len(done.data)
        self._send()
        return done.outcome

    def abandoned(self) -> list[_Queued]:
        """What the process was at, and what waited for it."""
        left = [*self._sent, *self._unsent]
        self._sent.clear()
        self._unsent.clear()
        return left

    def finish(self) -> None:
        """Let the process send its spans and end by itself; `stop` waits for it."""
        try:
            self._process.connection.send_bytes(pickle.dumps(None))
        except OSError:
            return

    def stop(self, wait: float) -> None:
        if wait:
            self._thread.join(wait)
        self._process.end()

    def _send(self) -> None:
        while self._unsent:
            following = self._unsent[0]
            ahead = self._bytes_sent + len(following.data)
            if self._sent and (ahead > _BYTES_AHEAD or len(self._sent) >= _TASKS_AHEAD):
                return
            self._sent.append(self._unsent.popleft())
            self._bytes_sent = ahead
            try:
                self._process.connection.send_bytes(following.data)
            except OSError:
                # The thread that attends to the process finds it gone.
                return

    def _attend(self) -> None:
        """Receive answers until the process is gone."""
        connection, took_too_long = self._process.connection, False
        # Waits are added up: a clock would run on while all processes are stopped, as by Ctrl-Z.
        tick, waited = min(_TICK, self._pool.seconds / 4), 0.0
        try:
            while True:
                if not connection.poll(tick):
                    waited = waited + tick if self._sent else 0.0
                    if waited > self._pool.seconds:
                        took_too_long = True
                        break
                    continue
                waited = 0.0
                answer: Answer = pickle.loads(connection.recv_bytes())  # noqa: S301 - the run's own
                outcome = self._pool.answered(self)
                if isinstance(answer, ImrllmError):
                    outcome.set_exception(answer)
                else:
                    outcome.set_result(answer)
        except (EOFError, OSError):
            pass
        self._process.end()
        self._pool.lost(self, took_too_long=took_too_long)
        connection.close()
