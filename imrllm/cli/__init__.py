"""The command line: one small module a command; each parses, calls the library and prints."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys

from imrllm.errors import ImrllmError

# Objects made before garbage is looked for. Python's 700 costs a sixth of the time to a run's first request, because a
# program's modules are many objects and no garbage.
_COLLECTED_AFTER = (100_000, 20, 50)
IMPOSSIBLE = 2
INTERRUPTED = 130


def main() -> None:
    """Run `imrllm` on the process's arguments and exit.

    The exit code is 0 for success, 1 if a document failed or a check or threshold was not met, 2 if the command could
    not run, and 130 if the user interrupted it.
    """
    gc.set_threshold(*_COLLECTED_AFTER)
    # What is left at the exit goes with the process: to look through it for garbage takes 0.1 s.
    atexit.register(gc.freeze)
    from imrllm.cli.app import app
    from imrllm.cli.messages import complain

    # What a supervisor stops keeps what Ctrl-C keeps.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        app(prog_name="imrllm")
    except ImrllmError as error:
        complain(error)
        sys.exit(IMPOSSIBLE)
    except KeyboardInterrupt:
        _exit(INTERRUPTED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _exit(INTERRUPTED)
        raise


def _exit(code: int) -> None:
    """Exit; beside an embedded engine that still computes, skip what Python tidies up, which would take seconds."""
    server = sys.modules.get("imrllm.llm.server")
    if server is not None and server.left_running:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
