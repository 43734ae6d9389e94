"""Results on disk: an append-only JSONL file that a run can be broken off from and taken up again."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ValidationError

from imrllm.errors import StoreError
from imrllm.records import Result

if TYPE_CHECKING:
    from io import FileIO

    from filelock import BaseFileLock

# How each row begins. A broken last line is cut off only if it is the beginning of a row, so that a file of another
# kind, named by mistake, is refused and not shortened.
_OPENING = b'{"document_id":'
_START_OVER = "Name another file, or start this one over with `--fresh`."


class ResultsFile:
    """The results of a run, one JSON object a line, each flushed as it is written.

    While it is open no other run can open it (beside it lies a `.lock` file, which closing removes). Leaving the
    context closes it. In memory it keeps an id and an offset for each row.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        model: str,
        prompt_sha256: str | None,
        version: str,
        fresh: bool = False,
        retry_failed: bool = False,
        look: bool = False,
    ) -> None:
        """Open a results file, or start one; its folder is made if need be.

        Where the file exists, its rows count as done, and a last line that a broken-off run left unfinished is cut.

        Args:
            path: the file.
            model: the model of this run, as its rows' provenance states it.
            prompt_sha256: likewise, of the prompt; `None` where no model is asked.
            version: likewise, of the program.
            fresh: start over: what the file holds is dropped.
            retry_failed: rows with status `failed` do not count as done.
            look: only tell what is done. Nothing on the disk changes, and another run may be writing the file.

        Raises:
            StoreError: another run has the file open; it holds something other than results, or results of another
                model, prompt or version; or it cannot be read or written.
        """
        self.path = Path(os.path.realpath(path))
        self._origin = {"model": model, "prompt_sha256": prompt_sha256, "version": version}
        self._retry_failed = retry_failed
        # All rows; and of those of earlier runs the document's hash and what they count as.
        self._offsets: dict[str, int] = {}
        self._earlier: dict[str, tuple[str | None, Literal["done", "failed", "undone"]]] = {}
        self._superseded = False
        self._file: FileIO | None = None
        self._lock: BaseFileLock | None
        with _reporting(self.path):
            if self.path.exists() and not self.path.is_file():
                raise StoreError(f"`{path}` is not a regular file.", hint="Name a file, or write to standard output.")
            if look:
                self._lock = None
                if self.path.exists() and not fresh:
                    self._scan(None)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.path)
        try:
            with _reporting(self.path):
                self._file = self._opened()
                if fresh:
                    self._file.truncate(0)
                else:
                    self._scan(self._file)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> ResultsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        """How many documents have a row."""
        return len(self._offsets)

    def done(self, document_id: str, sha256: str | None = None) -> bool:
        """Whether a document has a row already.

        A failed document whose bytes are no longer the same (its user mended it) is not done, and neither is one that
        failed in a run made otherwise: its new row replaces the old one when the rows are arranged.

        Args:
            document_id: the document's id.
            sha256: its hash, where known; compared with that of its row.

        Raises:
            StoreError: its row was made of other bytes.
        """
        if document_id not in self._offsets:
            return False
        if document_id not in self._earlier:
            return True
        earlier_sha256, counts_as = self._earlier[document_id]
        same = sha256 is None or sha256 == earlier_sha256
        if counts_as == "done" and not same:
            raise StoreError(f"`{self.path.name}` has a row of `{document_id}` from other bytes.", hint=_START_OVER)
        return same and counts_as != "undone"

    def append(self, result: Result) -> None:
        """Write one row; once this returns, the row outlives the process.

        Raises:
            StoreError: it cannot be written, as on a full disk; the file then ends with the row before.
        """
        file = self._writable()
        row = memoryview(result.model_dump_json().encode() + b"\n")
        with _reporting(self.path):
            offset = file.seek(0, os.SEEK_END)
            written = 0
            try:
                while written < len(row):
                    written += file.write(row[written:]) or 0
            except BaseException:
                if written < len(row):
                    with suppress(OSError):
                        file.truncate(offset)
                raise
        self._superseded |= result.document_id in self._offsets
        self._offsets[result.document_id] = offset
        self._earlier.pop(result.document_id, None)

    def arrange(self, ids: Iterable[str]) -> None:
        """Put the rows in order, one a document, the newest; rows of no given document follow in their own order.

        Rows in order already are left alone; else a new file, written whole, replaces the old one.

        Args:
            ids: the documents' ids, in input order.

        Raises:
            StoreError: the file cannot be rewritten; it is then as before.
        """
        file = self._writable()
        order = [name for name in dict.fromkeys(ids) if name in self._offsets]
        given = set(order)
        order += sorted(self._offsets.keys() - given, key=self._offsets.__getitem__)
        offsets = [self._offsets[name] for name in order]
        if not self._superseded and offsets == sorted(offsets):
            return
        with _reporting(self.path):
            # Its name needs no chance in it: the lock is held.
            temporary = self.path.with_name(f".{self.path.name}.tmp")
            try:
                with temporary.open("wb") as arranged, self.path.open("rb") as rows:
                    starts = []
                    for offset in offsets:
                        starts.append(arranged.tell())
                        rows.seek(offset)
                        arranged.write(rows.readline())
                    arranged.flush()
                    os.fsync(arranged.fileno())
                shutil.copymode(self.path, temporary)
                file.close()
                temporary.replace(self.path)
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                if file.closed:
                    self._file = self._opened()
                raise
            self._file = self._opened()
        self._offsets = dict(zip(order, starts, strict=True))
        self._superseded = False

    def close(self) -> None:
        """Bring the rows to the disk and let other runs open the file; closing twice does no harm.

        Raises:
            StoreError: the disk refuses.
        """
        file, self._file = self._file, None
        try:
            with _reporting(self.path):
                if file is not None:
                    try:
                        os.fsync(file.fileno())
                    finally:
                        file.close()
        finally:
            if self._lock is not None and self._lock.is_locked:
                # While it is held: whoever waits for it sees that its file is gone and makes another.
                with suppress(OSError):
                    Path(self._lock.lock_file).unlink()
                self._lock.release()

    def _opened(self) -> FileIO:
        # Unbuffered: a row is one write, and after a failed one nothing is left to be written again.
        return self.path.open("a+b", buffering=0)

    def _writable(self) -> FileIO:
        if self._file is None:
            raise StoreError(f"`{self.path.name}` is closed.")
        return self._file

    def _scan(self, file: FileIO | None) -> None:
        """Take in the rows of earlier runs, one at a time; mend the file's end, where there is a file to write to."""
        name = self.path.name
        with self.path.open("rb") as rows:
            offset = 0
            size = os.fstat(rows.fileno()).st_size
            beginning = rows.read(len(_OPENING))
            if not _begins_a_row(beginning):
                raise StoreError(f"`{name}` holds something other than results.", hint=_START_OVER)
            rows.seek(0)
            for number, line in enumerate(rows, start=1):
                end = offset + len(line)
                row = _earlier(line)
                if row is not None:
                    if file and not line.endswith(b"\n"):
                        file.write(b"\n")
                    failed = row.status == "failed"
                    differences = self._differences(row)
                    if differences and not failed:
                        why = f"`{name}` line {number} was made with {differences}."
                        raise StoreError(why, hint=_START_OVER)
                    undone = failed and (self._retry_failed or bool(differences))
                    self._superseded |= row.document_id in self._offsets
                    self._offsets[row.document_id] = offset
                    self._earlier[row.document_id] = (
                        row.provenance.sha256,
                        "undone" if undone else "failed" if failed else "done",
                    )
                elif end == size and _begins_a_row(line):
                    if file:
                        file.truncate(offset)
                elif line.strip():
                    raise StoreError(f"`{name}` line {number} is not a result.", hint=_START_OVER)
                offset = end

    def _differences(self, row: _Earlier) -> str:
        """How a row was made otherwise than this run makes its rows, in words."""
        provenance = row.provenance
        differences = []
        if provenance.model != self._origin["model"]:
            differences.append(f"the model `{provenance.model}`, not `{self._origin['model']}`")
        # A document that failed before any model was asked has no prompt.
        if provenance.prompt_sha256 != self._origin["prompt_sha256"] and not (
            row.status == "failed" and provenance.prompt_sha256 is None
        ):
            differences.append("another prompt")
        if provenance.version != self._origin["version"]:
            differences.append(f"version {provenance.version}, not {self._origin['version']}")
        return " and ".join(differences)


def read_results(path: str | Path) -> Iterator[Result]:
    """Read the rows of a results file, one at a time.

    Args:
        path: the file; a run may still be writing it.

    Yields:
        One result a line, blank lines apart.

    Raises:
        StoreError: a line is not a result (the message names the line and the field), or the file cannot be read.
    """
    path = Path(path)
    with _reporting(path), path.open("rb") as rows:
        for number, line in enumerate(rows, start=1):
            if not line.strip():
                continue
            try:
                yield Result.model_validate_json(line)
            except ValidationError as error:
                # Neither the message nor the input of a validation error: both can quote the letter.
                first = error.errors(include_url=False, include_context=False, include_input=False)[0]
                field = ".".join(str(part) for part in first["loc"]) or "row"
                raise StoreError(
                    f"`{path}` line {number} is not a result: `{field}` ({first['type']}).",
                    hint="A broken last line is cut off by `--resume`; else delete the line.",
                ) from None


class _Origin(BaseModel):
    sha256: str | None = None
    prompt_sha256: str | None = None
    model: str
    version: str


class _Earlier(BaseModel):
    """What resuming asks of a row; the rest of it is parsed but never built, which is several times as fast."""

    document_id: str
    status: str
    provenance: _Origin


def _earlier(line: bytes) -> _Earlier | None:
    try:
        return _Earlier.model_validate_json(line)
    except ValidationError:
        return None


def _begins_a_row(line: bytes) -> bool:
    """Whether a line can be the beginning of a row; a power cut can leave NULs in place of what was not written."""
    return line.startswith(_OPENING) or _OPENING.startswith(line) or not line.strip(b"\x00")


def _locked(path: Path) -> BaseFileLock:
    from filelock import FileLock, Timeout

    lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"`{path.name}` is being written by another run.", hint="Wait until it ends, or name another file."
        ) from None
    return lock


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a `StoreError` with the mend."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        hint = "Check the disk, or name another file."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "Free some space and run again: `--resume` goes on from here."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "Name a file in a folder that you may write to."
        elif error.errno == errno.ENOENT:
            hint = "Check the name."
        raise StoreError(f"`{path}` cannot be read or written: {why}.", hint=hint) from error
