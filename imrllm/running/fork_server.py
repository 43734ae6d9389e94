"""A process with everything imported and one thread, from which the processes of a run are forked.

A fork takes some milliseconds and shares the memory of what is imported; a fresh Python takes half a second. But what
forks may have one thread only: a copy of the others' locks would stay locked. So the command line starts this server
before its event loop and its threads. Lost processes are replaced from it at any time.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

from imrllm.running.starting import Serve, StartedProcess, ignore_interrupts

_START, _END = "start", "end"


def can_fork() -> bool:
    """Whether this process may be forked: it is on Linux and has one thread, those of C libraries included."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - only their number counts
    except OSError:
        return False


class ForkServer:
    """Starts processes as forks of this one as it is now; see `imrllm.running.starting.Starter`."""

    is_cheap = True

    def __init__(self, warm_up: Callable[[], None]) -> None:
        """Start the server. Only where `can_fork`.

        Args:
            warm_up: is done in the server, beside what this process does next; what it loads, all processes have.
        """
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._pid = os.fork()
        if not self._pid:
            self._control.close()
            _serve_forks(theirs, warm_up)
        theirs.close()

    def take(self, roles: Mapping[str, Serve]) -> None:
        """Tell the server what processes do, by name; once, before the first is started.

        Raises:
            OSError: the server is gone.
        """
        with Connection(os.dup(self._control.fileno())) as control:
            control.send_bytes(pickle.dumps(roles))

    def start(self, role: str) -> StartedProcess:
        """Fork a process.

        Raises:
            OSError: the system has no room for another, or the server is gone.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            pid = self._ask(f"{_START} {role}", theirs.fileno())
            if not pid:
                raise OSError("a process could not be forked")
            return _Forked(self, pid, Connection(ours.detach()))

    def end(self, pid: int) -> None:
        """End a process that the server has forked, and forget it."""
        with suppress(OSError):
            self._ask(f"{_END} {pid}")

    def close(self) -> None:
        """End the server and its processes. Closing twice does no harm."""
        with self._lock:
            if self._control.fileno() < 0:
                return
            self._control.close()
        # Where the program ignores its processes' ends, the system forgets them.
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _ask(self, request: str, *handles: int) -> int:
        with self._lock:
            socket.send_fds(self._control, [request.encode()], handles)
            answer = self._control.recv(64)
        if not answer:
            raise OSError("the process that forks the others is gone")
        return int(answer)


class _Forked:
    has_started = True

    def __init__(self, server: ForkServer, pid: int, connection: Connection) -> None:
        self.connection = connection
        self._server = server
        self._pid: int | None = pid

    def end(self) -> None:
        pid, self._pid = self._pid, None
        if pid is not None:
            self._server.end(pid)


def _serve_forks(control: socket.socket, warm_up: Callable[[], None]) -> NoReturn:
    """What the server does until the run closes its end, or is gone."""
    processes: set[int] = set()
    try:
        ignore_interrupts()
        with suppress(Exception):
            warm_up()
        with Connection(os.dup(control.fileno())) as first:
            roles: Mapping[str, Serve] = pickle.loads(first.recv_bytes())  # noqa: S301 - the run's own
        # What is imported stays shared: a collection would write to each object.
        gc.freeze()
        while True:
            request, handles, _, _ = socket.recv_fds(control, 64, 1)
            if not request:
                break
            command, _, argument = request.decode().partition(" ")
            if command == _START:
                pid = _forked(control, roles[argument], handles[0])
                processes.add(pid)
                os.close(handles[0])
                control.send(b"%d" % pid)
            else:
                pid = int(argument)
                if pid in processes:
                    processes.remove(pid)
                    _killed(pid)
                control.send(b"0")
    finally:
        for pid in processes - {0}:
            _killed(pid)
        os._exit(0)


def _forked(control: socket.socket, serve: Serve, handle: int) -> int:
    """Fork a process that serves. 0: it could not be forked."""
    try:
        pid = os.fork()
    except OSError:
        return 0
    if pid:
        return pid
    try:
        control.close()
        serve(Connection(handle))
    finally:
        # Without a traceback, which could quote a letter.
        os._exit(1)


def _killed(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
