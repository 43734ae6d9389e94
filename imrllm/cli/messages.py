"""What the command line says on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from imrllm.errors import ImrllmError

if TYPE_CHECKING:
    from rich.console import RenderableType


# In columns.
_PIPED_WIDTH = 132


def say(text: str) -> None:
    """Write one line to standard error, harmless to a terminal whatever it holds."""
    from imrllm.report.terminal import printable

    typer.echo(printable(text), err=True)


def complain(error: ImrllmError) -> None:
    """Write an error to standard error: what happened in one sentence, and the mend."""
    say(f"Error: {error}")
    if error.hint:
        say(f"Hint: {error.hint}")


def show(renderable: RenderableType, *, data: bool = False) -> None:
    """Draw a table on standard error, or on standard output where it is what the command is for.

    Args:
        renderable: the table.
        data: whether it is. It is then wide enough for all of its columns where no terminal bounds it.
    """
    from rich.console import Console

    console = Console(stderr=not data, highlight=False)
    if data and not console.is_terminal:
        console.width = _PIPED_WIDTH
    console.print(renderable)
