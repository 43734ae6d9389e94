"""Downloads the local model's weights with a progress bar on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrllm.cli.messages import say
from imrllm.cli.progress import occasional_line

if TYPE_CHECKING:
    from pathlib import Path


def pull_weights(*, quiet: bool = False) -> Path:
    """Download the local model's weights if they are missing, and return the path of the file.

    Raises:
        ModelUnavailableError: they cannot be downloaded.
    """
    from rich.console import Console

    from imrllm.llm import weights

    found = weights.find()
    if found is not None:
        return found
    if quiet:
        return weights.pull()
    console = Console(stderr=True)
    local = weights.LOCAL_WEIGHTS
    say(f"Fetching the local model once, {local.size / 1e9:.1f} GB: `{local.file_name}`")
    if not console.is_terminal:
        line = occasional_line()
        return weights.pull(lambda done, size: line(f"{done / 1e6:,.0f} of {size / 1e6:,.0f} MB"))
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, redirect_stdout=False, redirect_stderr=False) as bar:
        task = bar.add_task("", total=local.size)
        return weights.pull(lambda done, size: bar.update(task, completed=done, total=size))
