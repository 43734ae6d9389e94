"""Threads in the place of a run's processes: as fast to start, to end and to lose as a test needs."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection


class CrashError(Exception):
    """Ends the thread as a crash would end a process."""


class ThreadStarter:
    """Starts threads that serve as processes would; a `Starter`.

    Attributes:
        started: how many were started.
        ended: how many the run has ended.
    """

    def __init__(self, roles: Mapping[str, Callable[[Connection], None]], *, is_cheap: bool = True) -> None:
        self.is_cheap = is_cheap
        self.started = 0
        self.ended = 0
        self._roles = roles

    def start(self, role: str) -> _Thread:
        """See `Starter`."""
        self.started += 1
        return _Thread(self, self._roles[role])

    def close(self) -> None:
        """See `Starter`."""


class _Thread:
    has_started = True

    def __init__(self, starter: ThreadStarter, serve: Callable[[Connection], None]) -> None:
        ours, self._theirs = socket.socketpair()
        self.connection = Connection(ours.detach())
        self._starter = starter
        self._serve = serve
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """See `StartedProcess`."""
        self._starter.ended += 1
        # Only its own thread closes it: a number that is free again would be another connection's.
        with suppress(OSError):
            self._theirs.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        with self._theirs, suppress(CrashError, EOFError, OSError):
            serving = Connection(os.dup(self._theirs.fileno()))
            with serving:
                self._serve(serving)
