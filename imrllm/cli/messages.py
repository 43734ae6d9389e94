"""The command line's messages on standard error."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from imrllm.errors import ImrllmError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.running.summary import RunSummary

_PIPED_WIDTH = 132  # columns


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
    """Print a table to standard error; as `data`, to standard output, wide enough for all columns if it is piped."""
    from rich.console import Console

    console = Console(stderr=not data, highlight=False)
    if data and not console.is_terminal:
        console.width = _PIPED_WIDTH
    console.print(renderable)


def show_summary(summary: RunSummary, title: str, started: float) -> None:
    """Print a run's counts to standard error; `started` is when it began, on the monotonic clock in seconds."""
    from imrllm.report import render_summary

    show(render_summary(summary, title, time.monotonic() - started))
