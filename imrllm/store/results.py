"""Results on disk: an append-only JSONL file that an interrupted run can resume."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from pydantic import ValidationError

from imrllm.atomic import write_atomically
from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store.files import Locked, append_line, locked, reporting
from imrllm.store.manifest import START_OVER, Manifest, has_begun, manifest_path, write_manifest
from imrllm.store.partitions import unpacked
from imrllm.store.resume import WrittenRows, row_head

if TYPE_CHECKING:
    from io import FileIO

# How each row begins. A broken last line is cut off only if it begins like a row, so that another kind of file, named
# by mistake, is refused and not truncated.
_OPENING = b'{"document_id":'


class ResultsFile(Locked, WrittenRows):
    """The results of a run, one JSON object a line, each flushed as it is written.

    Beside the file are its run manifest (`.run.json`), which says how its rows are made, and while it is open its lock
    (`.lock`). In memory it keeps an id, a hash and an offset for each row.
    """

    def __init__(
        self,
        path: str | Path,
        manifest: Manifest,
        *,
        fresh: bool = False,
        retry_failed: bool = False,
        look: bool = False,
    ) -> None:
        """Open a results file, or start one in a folder that may not exist yet.

        The rows of an existing file count as done, and a last line that an interrupted run left unfinished is cut off.
        A file without a manifest, as earlier versions wrote it, gets one if its rows agree with it.

        Args:
            path: the file.
            manifest: how this run makes its rows.
            fresh: start over: what the file holds is dropped, and its manifest replaced.
            retry_failed: rows with status `failed` do not count as done.
            look: only report what is done. Nothing on the disk changes, and another run may be writing the file.

        Raises:
            StoreError: another run has the file open, the file holds anything but results of this run's settings and
                shard, or it cannot be read or written.
        """
        self.path = Path(os.path.realpath(path))
        super().__init__(self.path.name, manifest, retry_failed=retry_failed)
        self._offsets: dict[str, int] = {}
        self._superseded = False
        self._file: FileIO | None = None
        self._is_new = False
        with reporting(self.path):
            if self.path.exists() and not self.path.is_file():
                raise StoreError(f"`{path}` is not a regular file.", hint="Name a file, or write to standard output.")
            if look:
                if self.path.exists() and not fresh:
                    self._begun()
                    self._scan(None)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = locked(self.path)
        try:
            with reporting(self.path):
                self._is_new = not self.path.exists()
                self._file = self._opened()
                if fresh:
                    self._file.truncate(0)
                    # Before the manifest is replaced, so that it is never beside the rows of another run.
                    os.fsync(self._file.fileno())
                begun = self._begun()
                self._scan(self._file)
            if not begun:
                write_manifest(self.path, manifest)
        except BaseException:
            self.close()
            raise

    def __exit__(self, *raised: object) -> None:
        """Close; a file that this run began and wrote no row to goes again, if the run failed."""
        if any(raised) and self._is_new and not self._offsets:
            with suppress(OSError):
                self.path.unlink()
                manifest_path(self.path).unlink()
        self.close()

    def __len__(self) -> int:
        """How many documents have a row."""
        return len(self._offsets)

    def append(self, result: Result) -> None:
        """Write one row. Once this returns, the row survives the end of the process.

        Raises:
            StoreError: it cannot be written, as on a full disk; the file then ends with the row before.
        """
        self.append_row(result.document_id, result.model_dump_json().encode())

    def append_row(self, document_id: str, row: bytes) -> None:
        """Write one row as `append` does.

        Args:
            document_id: the document's id.
            row: its result as JSON, without the end of the line.

        Raises:
            StoreError: as `append`.
        """
        file = self._writable()
        with reporting(self.path):
            offset = append_line(file, row + b"\n")
        self._superseded |= document_id in self._offsets
        self._offsets[document_id] = offset
        self.add_new(document_id)

    def arrange(self, ids: Iterable[str]) -> None:
        """Put the rows in the order of the ids, the newest of each document; other documents' rows follow.

        Rows that are in order already are left alone; else a new file, written whole, replaces the old one.

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
        with reporting(self.path):
            try:
                with write_atomically(self.path) as arranged, self.path.open("rb") as rows:
                    starts = []
                    for offset in offsets:
                        starts.append(arranged.tell())
                        rows.seek(offset)
                        arranged.write(rows.readline())
                    shutil.copymode(self.path, arranged.name)
                    # Some systems cannot replace an open file.
                    file.close()
            finally:
                if file.closed:
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
            with reporting(self.path):
                if file is not None:
                    try:
                        os.fsync(file.fileno())
                    finally:
                        file.close()
        finally:
            super().close()

    def _opened(self) -> FileIO:
        # Unbuffered: a row is one write, and after a failed one nothing is left to be written again.
        return self.path.open("a+b", buffering=0)

    def _writable(self) -> FileIO:
        if self._file is None:
            raise StoreError(f"`{self.path.name}` is closed.")
        return self._file

    def _begun(self) -> bool:
        """Whether the file has this run's manifest already."""
        # The manifest of an empty file does not count: its run was interrupted before the first row, or starts over.
        return bool(self.path.stat().st_size) and has_begun(self.path, self._manifest)

    def _scan(self, file: FileIO | None) -> None:
        """Register the rows of earlier runs, one at a time. Repair the end of the file if it is open for writing."""
        name = self.path.name
        with self.path.open("rb") as rows:
            offset = 0
            size = os.fstat(rows.fileno()).st_size
            beginning = rows.read(len(_OPENING))
            if not _begins_a_row(beginning):
                raise StoreError(f"`{name}` holds something other than results.", hint=START_OVER)
            rows.seek(0)
            for number, line in enumerate(rows, start=1):
                end = offset + len(line)
                row = row_head(line)
                if row is not None:
                    if file and not line.endswith(b"\n"):
                        file.write(b"\n")
                    self.add_earlier(row, f"line {number}")
                    self._superseded |= row.document_id in self._offsets
                    self._offsets[row.document_id] = offset
                elif end == size and _begins_a_row(line):
                    if file:
                        file.truncate(offset)
                elif line.strip():
                    raise StoreError(f"`{name}` line {number} is not a result.", hint=START_OVER)
                offset = end


def read_results(path: str | Path) -> Iterator[Result]:
    """Read the rows of a results file, or of a folder of Parquet partitions, one at a time.

    Args:
        path: the file, which a run may still be writing; or the folder.

    Yields:
        One result for each row, blank lines skipped.

    Raises:
        StoreError: a line is not a result (the message names the line and the field), or the file cannot be read.
    """
    path = Path(path)
    for number, line in enumerate(row_lines(path), start=1):
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
                hint="`--resume` cuts off an unfinished last line. Delete any other line.",
            ) from None


def newest_results(path: str | Path) -> Iterator[Result]:
    """Read as `read_results` does, but only the newest row of each document: an interrupted run can leave several.

    No run may be writing the file.
    """
    path = Path(path)
    rows_of = Counter(head.document_id for line in row_lines(path) if (head := row_head(line)))
    older = {name: rows - 1 for name, rows in rows_of.items() if rows > 1}
    del rows_of
    for result in read_results(path):
        if older.get(result.document_id):
            older[result.document_id] -= 1
        else:
            yield result


def row_lines(path: Path) -> Iterator[bytes]:
    """The lines of a results file as they are, or the rows of a folder of Parquet partitions.

    Raises:
        StoreError: it cannot be read.
    """
    with reporting(path):
        if not path.is_dir():
            with path.open("rb") as rows:
                yield from rows
            return
        with TemporaryFile() as rows:
            for offset in unpacked(path, rows):
                rows.seek(offset)
                yield rows.readline()


def _begins_a_row(line: bytes) -> bool:
    """Whether a line can be the beginning of a row; a power cut can leave NULs in place of what was not written."""
    return line.startswith(_OPENING) or _OPENING.startswith(line) or not line.strip(b"\x00")
