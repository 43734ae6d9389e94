"""Files that a command writes beside its output: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from imrllm.errors import UsageError


def write_text(path: Path, text: str) -> None:
    """Write a text file, by way of a temporary one beside it.

    Args:
        path: the file; its folder is made where there is none.
        text: what it is to hold.

    Raises:
        UsageError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A lone surrogate of an odd file name has no UTF-8.
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"`{path}` cannot be written: {error.strerror}.", hint="Name another file.") from error
