"""Files that are written whole or not at all: readers see the old content or the new, never a part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def write_atomically(path: Path, tag: str = "") -> Iterator[BinaryIO]:
    """Replace a file once its new content is on the disk.

    Args:
        path: the file. Its folder must exist.
        tag: tells the temporary files of several writers apart. Leave it out if the writer holds a lock.

    Yields:
        A temporary file beside `path`. If the block raises, it is deleted and `path` stays as it was.

    Raises:
        OSError: a file cannot be written or replaced.
    """
    temporary = path.with_name(f".{path.name}{tag and '.'}{tag}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Replace a text file with UTF-8 text. Creates its folder if needed.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(path) as file:
        # Odd file names hold lone surrogates, which UTF-8 cannot encode.
        file.write(text.encode("utf-8", "backslashreplace"))
