"""Files that the command line writes beside its output."""

from __future__ import annotations

from pathlib import Path

from imrllm import atomic
from imrllm.errors import UsageError


def refuse_results(path: Path) -> None:
    """Refuse to write a page over the results of a run.

    Raises:
        UsageError: a manifest is beside the file.
    """
    from imrllm.store import manifest_path

    if path.exists() and manifest_path(path).exists():
        raise UsageError(f"`{path}` holds the results of a run, and would be lost.", hint="Name another file.")


def write_text(path: Path, text: str) -> None:
    """Replace a text file, and create its folder if needed.

    Raises:
        UsageError: the file cannot be written, or holds the results of a run.
    """
    refuse_results(path)
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.", hint="Name another file.") from error
