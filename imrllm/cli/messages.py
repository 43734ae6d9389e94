"""The command line's messages on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from imrllm.errors import ImrllmError

if TYPE_CHECKING:
    from rich.console import RenderableType


# In columns.
_PIPED_WIDTH = 132


def say(text: str) -> None:
    """Write one line to standard error, with control characters removed."""
    from imrllm.report.terminal import printable

    typer.echo(printable(text), err=True)


def complain(error: ImrllmError) -> None:
    """Write an error and its hint to standard error."""
    say(f"Error: {error}")
    if error.hint:
        say(f"Hint: {error.hint}")


def show(renderable: RenderableType, *, data: bool = False) -> None:
    """Print a table to standard error, or to standard output if it is the command's result.

    Args:
        renderable: the table.
        data: print to standard output, wide enough for all columns if the output is not a terminal.
    """
    from rich.console import Console

    console = Console(stderr=not data, highlight=False)
    if data and not console.is_terminal:
        console.width = _PIPED_WIDTH
    console.print(renderable)
