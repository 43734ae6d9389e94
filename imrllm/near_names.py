"""Names that a user may have meant: the nearest file beside a name that does not exist."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from pathlib import Path

# Entries of a folder that are looked at.
_MOST = 10_000
_ALIKE = 0.7
_CHECK = "Check the name; it is relative to the current folder."


def did_you_mean(path: Path, otherwise: str = _CHECK) -> str:
    """A hint about a path that does not exist: the nearest name in its folder, or else the other hint."""
    folder = path.parent
    try:
        stems = {each.stem: each for each in islice(folder.iterdir(), _MOST) if not each.name.startswith(".")}
    except (OSError, ValueError):
        stems = {}
    # Names of one ending look alike by it.
    near = get_close_matches(path.stem, stems, n=1, cutoff=_ALIKE)
    return f"Did you mean `{stems[near[0]]}`?" if near else otherwise


def not_opened(path: Path, error: OSError) -> tuple[str, str]:
    """Why a file cannot be read, and a hint: the nearest name, or the file in a folder that was named instead."""
    if isinstance(error, FileNotFoundError):
        return f"`{path}` cannot be read: it does not exist.", did_you_mean(path)
    if isinstance(error, IsADirectoryError):
        rows = sorted(path.glob("*.jsonl"))
        return (
            f"`{path}` cannot be read: it is a folder.",
            f"Name a file, such as `{rows[0]}`." if rows else "Name a file.",
        )
    return f"`{path}` cannot be read: {error.strerror or type(error).__name__}.", "Make the file readable: `chmod u+r`."
