"""The command line: one small module a command; each parses, calls the library and prints."""

from __future__ import annotations

import sys

from imrllm.errors import ImrllmError

IMPOSSIBLE = 2
INTERRUPTED = 130


def main() -> None:
    """Run `imrllm` on the process's arguments and exit.

    The exit code is 0 for success, 1 if a document failed or a check or threshold was not met, 2 if the command could
    not run, and 130 if the user interrupted it.
    """
    from imrllm.cli.app import app
    from imrllm.cli.messages import complain

    try:
        app(prog_name="imrllm")
    except ImrllmError as error:
        complain(error)
        sys.exit(IMPOSSIBLE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
