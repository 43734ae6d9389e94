"""How the processes of a run are started and ended: each is a fresh Python, or a fork of one that is ready."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NoReturn, Protocol

from imrllm.errors import InternalError

LOST_IN_A_ROW = 10
"""Processes lost one after another, without a letter done, that end a run: no letter is at fault then."""

_READY = b"ready"
_STARTING = threading.Lock()

Serve = Callable[[Connection], None]
"""What a process does: it answers what comes over its connection, until that is closed."""


class StartedProcess(Protocol):
    """A process of this run."""

    @property
    def connection(self) -> Connection:
        """This end of what connects the two. It is at its end where the process is."""

    @property
    def has_started(self) -> bool:
        """Whether the process came so far as to serve."""

    def end(self) -> None:
        """End the process at once, whatever it does. Ending it twice does no harm."""


class Starter(Protocol):
    """Starts the processes of a run."""

    @property
    def is_cheap(self) -> bool:
        """Whether a process costs less than reading a letter, so that one is started for the first letter too."""

    def start(self, role: str) -> StartedProcess:
        """Start a process.

        Args:
            role: what it does, by a name that the starter knows.

        Raises:
            OSError: the system has no room for another.
        """

    def close(self) -> None:
        """End what is left of the processes. Closing twice does no harm."""


class _Spawned:
    def __init__(self, serve: Serve) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._ready, ready = context.Pipe(duplex=False)
        self._process = context.Process(target=_serve_fresh, args=(theirs, ready, serve), daemon=True)
        with _uninterrupted(), _without_script():
            self._process.start()
        theirs.close()
        ready.close()

    @property
    def has_started(self) -> bool:
        try:
            return self._ready.poll() and self._ready.recv_bytes() == _READY
        except (EOFError, OSError):
            return False

    def end(self) -> None:
        self._process.kill()
        self._process.join()


class Spawning:
    """Starts each process as a fresh Python, which any program and any system can; it takes about half a second."""

    is_cheap = False

    def __init__(self, roles: Callable[[], Mapping[str, Serve]]) -> None:
        """Prepare; nothing is started yet.

        Args:
            roles: returns what processes do, by name; asked when one is started, and pickled into it.
        """
        self._roles = roles

    def start(self, role: str) -> StartedProcess:
        """See `Starter`."""
        return _Spawned(self._roles()[role])

    def close(self) -> None:
        """See `Starter`. Every process is ended by itself."""


def exit_now() -> NoReturn:
    """End this process at once, without what Python tidies up: the run is gone, and nobody receives further results."""
    os._exit(0)


def ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the one that runs the command: it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def not_started() -> InternalError:
    """The error of a run whose processes end before they serve."""
    return InternalError(
        "A process of this run could not start.",
        hint="`--processes 1` starts none. If this installation is complete, please report it.",
    )


def no_room(error: OSError) -> InternalError:
    """The error of a run for which the system starts no process."""
    return InternalError(f"No process could be started ({error.strerror or error}).", hint="Resume the run later.")


def lost_in_a_row(number: int) -> InternalError:
    """The error of a run that has lost so many processes one after another, without a letter done."""
    return InternalError(
        f"{number} processes of this run were killed or crashed, one after another.",
        hint="Rows written so far are kept. If memory was short, resume with fewer `--processes`.",
    )


def _serve_fresh(connection: Connection, ready: Connection, serve: Serve) -> None:
    ignore_interrupts()
    ready.send_bytes(_READY)
    serve(connection)


@contextmanager
def _without_script() -> Iterator[None]:
    """Keep processes that are started in the block from running the program's own script, as they would at their start.

    A script would have to guard what it does by `if __name__ == "__main__"`, or start its run again in each of them.
    """
    main = sys.modules["__main__"].__dict__
    with _STARTING:
        kept = {"__spec__": None} | {name: main.pop(name) for name in ("__spec__", "__file__") if name in main}
        main["__spec__"] = None
        try:
            yield
        finally:
            main.update(kept)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Make a process that is started in the block ignore Ctrl-C from its first moment on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
