"""What the command line says on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from imrllm.errors import ImrllmError

if TYPE_CHECKING:
    from rich.console import RenderableType


def say(text: str) -> None:
    """Write one line to standard error, harmless to a terminal whatever it holds."""
    from imrllm.report.terminal import printable

    typer.echo(printable(text), err=True)


def complain(error: ImrllmError) -> None:
    """Write an error to standard error: what happened in one sentence, and the mend."""
    say(f"Error: {error}")
    if error.hint:
        say(f"Hint: {error.hint}")


def show(renderable: RenderableType) -> None:
    """Draw a table on standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False).print(renderable)
