"""The command line's messages on standard error."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import typer

from imrllm.errors import ImrllmError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.prompts import Prompt
    from imrllm.running.summary import RunSummary
    from imrllm.store import Manifest

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


def say_remarks(prompt: Prompt) -> None:
    """Write what may make a prompt's answers worse to standard error, once for a run."""
    from imrllm.prompt_lint import remarks

    for problem in remarks(prompt):
        say(f"Remark: Prompt `{prompt.name}`, {problem}. {problem.hint}".rstrip())


def show(renderable: RenderableType, *, data: bool = False) -> None:
    """Print a table to standard error, or as `data` to standard output; wide enough for all columns if it is piped."""
    from rich.console import Console

    console = Console(stderr=not data, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPED_WIDTH
    console.print(renderable)


def show_summary(summary: RunSummary, title: str, started: float) -> None:
    """Print a run's counts to standard error; `started` is when it began, on the monotonic clock in seconds."""
    from imrllm.report import render_summary

    show(render_summary(summary, title, time.monotonic() - started))


def show_trust(summary: RunSummary, manifest: Manifest) -> None:
    """Say to standard error which values a person is asked to look at, and what to expect of the others.

    Args:
        summary: the counts of the run.
        manifest: how its rows are made.
    """
    from imrllm.trust import expectation, find_table

    if not summary.documents["ok"] + summary.documents["review"]:
        return
    table, refused = find_table(manifest.model, manifest.prompt, manifest.prompt_sha256)
    if refused:
        say(refused)
    risk = table.risk if table else None
    if manifest.review_above is not None:
        say(f"To review: values with a risk above {manifest.review_above:.1%}.")
    elif risk:
        above = risk.review_above
        say(f"To review: typed values with a risk above {above['typed']:.1%}, lists above {above['prose']:.0%}.")
    say(expectation(risk, summary.forms, summary.left, summary.expected_wrong))
