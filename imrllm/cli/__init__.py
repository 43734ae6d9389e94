"""The command line: one small module a command; each parses, calls the library and prints."""

from __future__ import annotations

import sys

from imrllm.errors import ImrllmError

IMPOSSIBLE = 2
INTERRUPTED = 130


def main() -> None:
    """Run `imrllm` on the process's arguments and exit.

    The exit code is 0 where all is done and nothing objected to, 1 where the answer is no, 2 where it could not be
    done and 130 where the user interrupted.
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
