"""Locks on results files, appends that leave no partial line, and operating system errors with a hint."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from imrllm.errors import StoreError, UsageError
from imrllm.near_names import not_opened

if TYPE_CHECKING:
    from io import FileIO

    from filelock import BaseFileLock


def lock_path(path: Path) -> Path:
    """The path of a file's lock: beside the file (not beside a link to it), `.lock` after its name."""
    return Path(f"{os.path.realpath(path)}.lock")


def batch_folder(path: Path) -> Path:
    """The folder of a results file's batch journal: beside the file, `.batch` after its name."""
    return Path(f"{os.path.realpath(path)}.batch")


def refuse_under_way(path: Path) -> None:
    """Refuse a results file that batches are to fill.

    Raises:
        UsageError: there is a journal beside it.
    """
    if batch_folder(path).exists():
        raise UsageError(f"`{path}` has batches under way.", hint=f"Fetch them with `imrllm batch collect {path}`.")


def refuse_table_format(output: Path) -> None:
    """Refuse a results file whose name says that it is a table: rows are JSON lines.

    Raises:
        UsageError: it has the ending of a table format.
    """
    if output.suffix.lower() in (".csv", ".duckdb", ".parquet", ".tsv", ".xls", ".xlsx"):
        rows = output.with_suffix(".jsonl")
        raise UsageError(
            f"`{output}` has the ending of a table, and results are JSON lines.",
            hint=f"Write them to `{rows}`, then `imrllm export {rows} -o {output}`.",
        )


def locked(path: Path) -> BaseFileLock:
    """Lock a file against other runs, by a `.lock` file beside it.

    Returns:
        The lock, held; `unlocked` gives it back.

    Raises:
        StoreError: another run holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(lock_path(path), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"`{path.name}` is being written by another run.", hint="Wait until it ends, or name another file."
        ) from None
    return lock


def unlocked(lock: BaseFileLock) -> None:
    """Give a lock back and remove its file; twice does no harm."""
    if lock.is_locked:
        # While it is held: a process that waits for it sees that its file is gone and makes another.
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


class Locked:
    """Results that no other run can open until they are closed. Leaving the context closes them."""

    _lock: BaseFileLock | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other runs open the results; closing twice does no harm."""
        if self._lock is not None:
            unlocked(self._lock)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock of a file that the block writes, and make its folder if it does not exist.

    Raises:
        StoreError: another run holds it, or the folder cannot be made.
    """
    with reporting(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = locked(path)
    try:
        yield
    finally:
        unlocked(lock)


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Hold the lock of a file that the block reads, if it has one; its folder may be read-only.

    Raises:
        StoreError: another run holds it.
    """
    with reporting(path):
        lock = locked(path) if lock_path(path).exists() else None
    try:
        yield
    finally:
        if lock is not None:
            unlocked(lock)


def append_line(file: FileIO, line: bytes, *, synced: bool = False) -> int:
    """Append a line with its end, and return where it begins, in bytes.

    If a full disk cuts the line short, it is removed, so that the file ends with the line before. With `synced` the
    line is on the disk when this returns. The file is unbuffered: after a failed write nothing is left to be written.
    """
    rest = memoryview(line)
    offset = file.seek(0, os.SEEK_END)
    try:
        while rest:
            rest = rest[file.write(rest) or 0 :]
        if synced:
            os.fsync(file.fileno())
    except BaseException:
        if rest or synced:
            with suppress(OSError):
                file.truncate(offset)
        raise
    return offset


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Turn an `OSError` into a `StoreError` with a hint."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        hint = "Check the disk, or name another file."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "Free some space and run the same command again (`extract --resume` goes on from here)."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "Name a file in a folder that you may write to."
        elif isinstance(error, (FileNotFoundError, IsADirectoryError)):
            why, hint = not_opened(path, error)
            raise StoreError(why, hint=hint) from error
        raise StoreError(f"`{path}` cannot be read or written: {why}.", hint=hint) from error
