"""Results on disk as a folder of Parquet partitions, which many machines can write at once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from uuid import uuid4

from imrllm.atomic import write_atomically
from imrllm.errors import StoreError, UsageError
from imrllm.store.files import Locked, locked, reporting
from imrllm.store.manifest import START_OVER, Manifest, has_begun, manifest_path, write_manifest
from imrllm.store.resume import RowHead, WrittenRows, row_head

if TYPE_CHECKING:
    import pyarrow as pa

# Names of unfinished files begin with a dot: readers of Parquet folders skip them.
_NAME = re.compile(r"(?P<under_way>\.?)part-(?P<number>[0-9]{5})-of-(?P<of>[0-9]{5})\.(?:parquet|jsonl)")
_DIGEST = b"imrllm.documents"
# Rows of a row group, which a reader holds at a time.
_GROUP = 100
INSTALL = "Install it with `pip install 'imrllm[ray]'`."


class PartitionRow(NamedTuple):
    """One row of a partition.

    Attributes:
        position: the document's place in the inputs, counted from 0; None if the last run was not given it.
        document_id: the document's id.
        status: the row's status.
        sha256: the document's hash, if known.
        row: the row as a results file has it, without the line's end.
    """

    position: int | None
    document_id: str
    status: str
    sha256: str | None
    row: str


class Partitions(Locked, WrittenRows):
    """The results of a run as Parquet partitions, each written whole or not at all.

    The lock (`.lock`) and the run manifest (`.run.json`) are beside the folder, as they are beside a results file. A
    document's id alone decides its partition.

    Attributes:
        folder: the folder.
        of: the number of partitions; None before the first is written.
    """

    def __init__(
        self,
        folder: str | Path,
        manifest: Manifest,
        *,
        fresh: bool = False,
        retry_failed: bool = False,
        look: bool = False,
    ) -> None:
        """Open a folder of partitions, or start one. The arguments are those of `ResultsFile`.

        Raises:
            StoreError: another run has the folder open, the folder holds anything but partitions of one run with these
                settings, or it cannot be read or written.
        """
        self.folder = Path(os.path.realpath(folder))
        self.of: int | None = None
        super().__init__(self.folder.name, manifest, retry_failed=retry_failed)
        with reporting(self.folder):
            if self.folder.exists() and not self.folder.is_dir():
                hint = "With `--engine ray` results are a folder of Parquet partitions: name one with `-o`."
                raise StoreError(f"`{folder}` is not a folder.", hint=hint)
            if look:
                if self.folder.exists() and not fresh:
                    self._begun()
                    self._add_rows()
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = locked(self.folder)
        try:
            with reporting(self.folder):
                self._tidy(fresh=fresh)
                if not self._begun():
                    write_manifest(self.folder, manifest)
        except BaseException:
            self.close()
            raise

    def _begun(self) -> bool:
        """Whether the folder has this run's manifest already."""
        names = _names(self.folder)
        self.of = int(names[0][1]["of"]) if names else None
        # As for an empty file, the manifest of an empty folder does not count.
        return self.of is not None and has_begun(self.folder, self._manifest)

    def _tidy(self, *, fresh: bool) -> None:
        """Delete the temporary files of dead workers. A fresh run deletes the rows too."""
        paths = list(self.folder.iterdir())
        for path in paths:
            if not _NAME.fullmatch(path.name) and not path.name.startswith("."):
                why = f"`{self.folder.name}` holds something other than results: `{path.name}`."
                raise StoreError(why, hint="Name another folder, or one that does not exist yet.")
        for path in paths:
            started_over = fresh and path.name.startswith(("part-", ".part-"))
            if started_over or (path.name.startswith(".part-") and path.suffix in (".tmp", ".tries", ".lock")):
                path.unlink()

    def _add_rows(self) -> None:
        for path in filter(None, partition_files(self.folder)):
            with reading(path) as file:
                for row in _rows(file, path):
                    self.add_earlier(_head(row, path), f"row of `{row.document_id}`")
        for path in sorted(self.folder.glob(".part-*.jsonl")):
            for row in _journalled(path):
                self.add_earlier(_head(row, path), f"row of `{row.document_id}`")


def _names(folder: Path) -> list[tuple[Path, re.Match[str]]]:
    """The partitions of a folder and their journals, with the matches of their names."""
    names = [(path, name) for path in folder.iterdir() if (name := _NAME.fullmatch(path.name))]
    if len({name["of"] for _, name in names}) > 1:
        raise StoreError(f"`{folder.name}` holds partitions of two runs.", hint=START_OVER)
    return names


def partition_path(folder: Path, number: int, of: int) -> Path:
    """The path of a partition; `number` counts from 1."""
    return folder / f"part-{number:05}-of-{of:05}.parquet"


def partition_files(folder: Path) -> list[Path | None]:
    """The partitions of a folder by number; None for one that is not there yet.

    Raises:
        StoreError: they are not partitions of one run, or the folder cannot be read.
    """
    with reporting(folder):
        found = [(path, name) for path, name in _names(folder) if not name["under_way"]]
    files: list[Path | None] = [None] * max((int(name["of"]) for _, name in found), default=0)
    for path, name in found:
        if not 1 <= int(name["number"]) <= len(files):
            raise StoreError(f"`{folder.name}` holds partitions of two runs.", hint=START_OVER)
        files[int(name["number"]) - 1] = path
    return files


class Partition(WrittenRows):
    """One partition, as the one process that makes it sees it: the rows it has, and those it is to have."""

    def __init__(self, path: Path, manifest: Manifest, *, retry_failed: bool = False) -> None:
        """Look at a partition, which need not exist yet.

        Raises:
            StoreError: it is not a partition, has rows made with other settings, or cannot be read.
        """
        self.path = path
        super().__init__(path.name, manifest, retry_failed=retry_failed)
        self._written: dict[str, PartitionRow] = {}
        self._digest: bytes | None = None
        if path.exists():
            with reading(path) as file:
                self._digest = (file.schema_arrow.metadata or {}).get(_DIGEST)
                for row in _rows(file, path):
                    self.add_earlier(_head(row, path), f"row of `{row.document_id}`")
                    self._written[row.document_id] = row

    @property
    def journal(self) -> Path:
        """The results file that holds the rows while the partition is made."""
        return self.path.with_name(f".{self.path.stem}.jsonl")

    def write(self, documents: Sequence[tuple[int, str, str | None]]) -> bool:
        """Write the partition, whole, with one row a document, in input order, and delete its journal.

        Rows of documents that this run was not given stay, behind the others.

        Args:
            documents: position, id and hash of each, in input order. Each has a row, in the journal or of before.

        Returns:
            Whether anything is new: if not, the file is left alone.

        Raises:
            StoreError: it cannot be written; the partition is then as before.
        """
        digest = sha256(json.dumps(documents).encode()).hexdigest().encode()
        made = {row.document_id: row for row in _journalled(self.journal)}
        changed = bool(made) or digest != self._digest
        if changed:
            self._replace({name: at for at, name, _ in documents}, self._written | made, digest)
        with reporting(self.journal):
            for path in (self.journal, manifest_path(self.journal)):
                path.unlink(missing_ok=True)
        return changed

    def _replace(self, positions: dict[str, int], rows: dict[str, PartitionRow], digest: bytes) -> None:
        ordered = [rows[name]._replace(position=at) for name, at in positions.items()]
        ordered += [row._replace(position=None) for name, row in rows.items() if name not in positions]
        # A worker presumed dead may still be writing, so each has its own temporary file.
        with reporting(self.path), write_atomically(self.path, uuid4().hex) as file:
            _write(file, ordered, digest)


@contextmanager
def reading(path: Path) -> Iterator[pa.parquet.ParquetFile]:
    """Open a Parquet file. Raises `StoreError` if it is not one or cannot be read."""
    pyarrow, parquet = _pyarrow()
    try:
        with reporting(path), parquet.ParquetFile(path) as file:
            yield file
    except (pyarrow.ArrowException, ValueError):
        raise StoreError(
            f"`{path}` is not a partition of results.", hint="Delete it, and run the same command again."
        ) from None


def unpacked(folder: Path, into: BinaryIO) -> list[int]:
    """Write the rows of a folder of partitions, which no run may be writing, into an empty file as lines.

    Returns:
        Where each line begins, in bytes, in the order of the inputs that the rows were made of.

    Raises:
        StoreError: partitions are missing or something else, or cannot be read.
    """
    places: list[tuple[int, int, int]] = []
    files = partition_files(folder)
    missing = files.count(None)
    if missing or not files:
        if not files:
            why = f"`{folder}` is a folder, and lacks partitions of `--engine ray`."
            raise StoreError(why, hint="Name a results file, or the folder that `imrllm extract --engine ray` wrote.")
        lacking = f"{missing:,} of its {len(files):,} partitions"
        raise StoreError(f"`{folder}` lacks {lacking}.", hint="Finish the run with the same command, then merge.")
    last = count()
    for path in filter(None, files):
        with reading(path) as file:
            for row in _rows(file, path):
                # Rows that the last run was not given come last, as they do in a results file.
                order = (0, row.position) if row.position is not None else (1, next(last))
                places.append((*order, into.tell()))
                into.write(row.row.encode() + b"\n")
    return [offset for _, _, offset in sorted(places)]


def _journalled(path: Path) -> Iterator[PartitionRow]:
    """The rows of a journal that are whole."""
    with reporting(path), path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n") and (head := row_head(line)) is not None:
                text = line.decode().rstrip("\n")
                yield PartitionRow(None, head.document_id, head.status, head.provenance.sha256, text)


def _head(row: PartitionRow, path: Path) -> RowHead:
    head = row_head(row.row.encode())
    if head is None:
        raise StoreError(f"`{path.name}` has a row that is not a result.", hint=START_OVER)
    return head


def _rows(file: pa.parquet.ParquetFile, path: Path) -> Iterator[PartitionRow]:
    if not set(PartitionRow._fields) <= set(file.schema_arrow.names):
        raise StoreError(f"`{path}` is not a partition of results.", hint=START_OVER)
    for batch in file.iter_batches(_GROUP, columns=list(PartitionRow._fields)):
        for fields in batch.to_pylist():
            yield PartitionRow(**fields)


def _write(file: BinaryIO, rows: Iterable[PartitionRow], digest: bytes) -> None:
    pyarrow, parquet = _pyarrow()
    text = pyarrow.string()
    schema = pyarrow.schema(
        [
            pyarrow.field("position", pyarrow.int64()),
            pyarrow.field("document_id", text, nullable=False),
            pyarrow.field("status", text, nullable=False),
            pyarrow.field("sha256", text),
            pyarrow.field("row", text, nullable=False),
        ],
        metadata={_DIGEST: digest},
    )
    table = pyarrow.Table.from_pylist([row._asdict() for row in rows], schema)
    parquet.write_table(table, file, compression="zstd", row_group_size=_GROUP)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow, which is not installed.", hint=INSTALL) from None
    return pa, parquet
