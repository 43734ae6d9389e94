"""Shows progress on standard error: a live line on a terminal, or else a line every 10 seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from imrllm.cli.messages import say

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

_SECONDS_BETWEEN_LINES = 10.0


class Counts(Protocol):
    """Counts that grow document by document, such as a run's summary."""

    @property
    def progress(self) -> str:
        """The progress in a few words."""


@contextmanager
def show_progress(counts: Counts, *, quiet: bool, live: bool) -> Iterator[Callable[[], None]]:
    """Show a run's progress while the block runs, unless `quiet`; yield a function to call after each document.

    `live` says that standard error may be redrawn. It is false if rows go to the same terminal.
    """
    if quiet:
        yield lambda: None
    elif live and sys.stderr.isatty():
        from rich.progress import SpinnerColumn

        with _drawn(SpinnerColumn()) as progress:
            task = progress.add_task(counts.progress, total=None)
            yield lambda: progress.update(task, advance=1, description=counts.progress)
    else:
        line = occasional_line()
        started = time.monotonic()
        yield lambda: line(f"{counts.progress} · {time.monotonic() - started:,.0f} s")


def occasional_line() -> Callable[[str], None]:
    """A function that writes a line to standard error, unless the last one was written less than 10 seconds ago."""
    last = time.monotonic()

    def write(line: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES:
            last = now
            say(line)

    return write


@contextmanager
def counting_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Draw a bar with counts on standard error while the block runs.

    Yields a function to call with the number done, the total and the name of the current task.
    """
    from rich.progress import MofNCompleteColumn

    from imrllm.report.terminal import printable

    with _drawn(MofNCompleteColumn()) as progress:
        task = progress.add_task("loading", total=None)
        yield lambda done, of, what: progress.update(task, completed=done, total=of, description=printable(what))


def _drawn(column: ProgressColumn) -> Progress:
    """A bar on standard error with one extra column. Standard output is for data, so rich must not redirect it."""
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


@contextmanager
def letter_progress(*, asking: bool, quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a progress bar on a terminal, or lines on standard error if a model is called."""
    from imrllm.cli.messages import say

    if not quiet and sys.stderr.isatty():
        with counting_bar() as bar:
            yield lambda suite, done, of: bar(done, of, suite)
    else:
        # Replaying takes seconds and needs no progress.
        yield (lambda suite, done, of: say(f"{suite}: {done} of {of} letters")) if asking and not quiet else None
