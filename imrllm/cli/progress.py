"""Shows progress on standard error: a live line on a terminal, or else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from imrllm.cli.messages import say
from imrllm.report.formatting import pace, time_span

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

# Of a log: a run of hours needs no line every 10 seconds.
_SECONDS_BETWEEN_LINES, _LATER, _SECONDS_BETWEEN_LATER_LINES = 10.0, 600.0, 60.0


class Counts(Protocol):
    """Counts that grow document by document, such as a run's summary."""

    @property
    def done(self) -> int:
        """Documents that are done, now or by an earlier run."""

    @property
    def new(self) -> int:
        """Documents that this run has done."""

    @property
    def progress(self) -> str:
        """The other counts in a few words."""


@contextmanager
def show_progress(
    counts: Counts, *, quiet: bool, live: bool, total: Callable[[], int | None] = lambda: None
) -> Iterator[Callable[[], None]]:
    """Show a run's progress while the block runs, unless `quiet`; yield a function to call after each document.

    `live` says that standard error may be redrawn. It is false if rows go to the same terminal. `total` gives the
    number of documents, or None as long as it is not known.
    """
    started = time.monotonic()

    def line() -> str:
        return _line(counts, total(), time.monotonic() - started)

    if quiet:
        yield lambda: None
    elif live and sys.stderr.isatty():
        with _drawn(text=line) as progress:
            task = progress.add_task("", total=None)
            yield lambda: progress.update(task, completed=counts.done, total=total())
    else:
        write = occasional_line()
        yield lambda: write(f"{line()} · {time_span(time.monotonic() - started)}")


def _line(counts: Counts, total: int | None, seconds: float) -> str:
    """How far a run is after so many seconds: the count of all, the other counts, the pace and the time left."""
    parts = [f"{counts.done:,} of {total:,} letters" if total else f"{counts.done:,} letters", counts.progress]
    if counts.new:
        parts.append(pace(counts.new, seconds))
        if total and total >= counts.done:
            parts.append(f"{time_span((total - counts.done) * seconds / counts.new)} left")
    return " · ".join(filter(None, parts))


def occasional_line() -> Callable[[str], None]:
    """A function that writes a line to standard error, unless the last one was written less than 10 seconds ago.

    After ten minutes it writes a line a minute.
    """
    started = last = time.monotonic()

    def write(line: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= (_SECONDS_BETWEEN_LINES if now - started <= _LATER else _SECONDS_BETWEEN_LATER_LINES):
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


def _drawn(*columns: ProgressColumn, text: Callable[[], str] | None = None) -> Progress:
    """A bar on standard error, after the columns given. Standard output is for data, so rich must not redirect it.

    Beside the bar is `text`, which is drawn again several times a second, or the task's description.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, RenderableColumn, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Drawn(RenderableColumn):
        def render(self, task: Task) -> Text:
            return Text(text() if text else task.description)

    return Progress(
        *columns,
        BarColumn(bar_width=24),
        Drawn() if text else TextColumn("{task.description}", markup=False),
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
