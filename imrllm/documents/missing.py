"""Refuses inputs under whose names there is nothing, before anything is read or written."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from pathlib import Path

from imrllm.documents.inputs import is_address
from imrllm.documents.kinds import shown
from imrllm.errors import UsageError
from imrllm.near_names import did_you_mean


def refuse_missing(inputs: Iterable[str | Path]) -> None:
    """Refuse names under which there is nothing: rows of misspelled names would stay in the results.

    Raises:
        UsageError: an input is no file or folder, and no pattern that matches one; or it is an empty folder.
    """
    names = [str(given) for given in inputs]
    missing = [given for given in names if given not in ("", "-") and not is_address(given) and not _exists(given)]
    if not missing:
        for given in names:
            if _is_empty_folder(given):
                raise UsageError(f"`{shown(given)}` is an empty folder.", hint="Put letters into it, or name another.")
        return
    raise UsageError(
        f"{', '.join(f'`{shown(name)}`' for name in missing[:3])}{' and others' if len(missing) > 3 else ''} "
        f"{'does' if len(missing) == 1 else 'do'} not exist.",
        hint=shown(did_you_mean(Path(missing[0]))),
    )


def _exists(given: str) -> bool:
    try:
        return os.path.lexists(given) or (glob.has_magic(given) and any(glob.iglob(given, recursive=True)))  # noqa: PTH207
    except (OSError, ValueError):
        return False


def _is_empty_folder(given: str) -> bool:
    """Whether there is nothing in a folder, as in the `letters/` of a new project."""
    try:
        with os.scandir(given) as entries:
            return next(entries, None) is None
    except (OSError, ValueError):
        return False
