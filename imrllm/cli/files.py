"""Files that the command line writes beside its output."""

from __future__ import annotations

from pathlib import Path

from imrllm import atomic
from imrllm.errors import UsageError


def write_text(path: Path, text: str) -> None:
    """Replace a text file, and create its folder if needed.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        atomic.write_text(path, text)
    except OSError as error:
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.", hint="Name another file.") from error
