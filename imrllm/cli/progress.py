"""How far a run has come, on standard error: a live line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from imrllm.cli.messages import say

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

SECONDS_BETWEEN_LINES = 10.0


class Counts(Protocol):
    """What grows document by document, such as a run's summary."""

    @property
    def progress(self) -> str:
        """How far it has come, in a few words."""


def _silent() -> None:
    pass


@contextmanager
def show_progress(counts: Counts, *, quiet: bool, live: bool, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show a run's progress while the block runs.

    Args:
        counts: says how far the run has come.
        quiet: show nothing.
        live: standard error may be redrawn; false where rows go to the same terminal.
        total: number of documents, where it is known.

    Yields:
        What to call after each document.
    """
    if quiet:
        yield _silent
    elif live and sys.stderr.isatty():
        with _live_line(counts, total) as tick:
            yield tick
    else:
        yield _line_now_and_then(counts)


def _line_now_and_then(counts: Counts) -> Callable[[], None]:
    started = last = time.monotonic()

    def tick() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            say(f"{counts.progress} · {now - started:,.0f} s")

    return tick


@contextmanager
def _live_line(counts: Counts, total: int | None) -> Iterator[Callable[[], None]]:
    from rich.progress import SpinnerColumn

    with _drawn(SpinnerColumn()) as progress:
        task = progress.add_task(counts.progress, total=total)
        yield lambda: progress.update(task, advance=1, description=counts.progress)


@contextmanager
def counting_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Draw a bar of so many of so many on standard error while the block runs.

    Yields:
        What to call with the number done, the number of all and what is being worked on.
    """
    from rich.progress import MofNCompleteColumn

    from imrllm.report.terminal import printable

    with _drawn(MofNCompleteColumn()) as progress:
        task = progress.add_task("loading", total=None)
        yield lambda done, of, what: progress.update(task, completed=done, total=of, description=printable(what))


def _drawn(column: ProgressColumn) -> Progress:
    """A bar on standard error with one column of its own. Standard output is the data's own: rich must not take it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        column,
        BarColumn(bar_width=24),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
