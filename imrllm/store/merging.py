"""The results files of several machines joined into one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from imrllm.atomic import write_atomically
from imrllm.documents import Shard
from imrllm.errors import StoreError, UsageError
from imrllm.records import Result
from imrllm.store.files import alone, refuse_table_format, reporting, unchanged
from imrllm.store.manifest import Made, Manifest, manifest_path, read_manifest, setting_differences, write_manifest
from imrllm.store.partitions import unpacked
from imrllm.store.resume import row_head

_APART = "Merge them separately, or extract one of them again."
_OTHER = "Name another file, replace this one with `--force`, or delete it first."


@dataclass(frozen=True, slots=True)
class Merged:
    """What was joined: the documents that have a row, and how many of these have no record.

    `missing` lists the shards, as `i/n`, that are not among the files, if every file's manifest names its shard.
    """

    documents: int
    failed: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    file: int
    offset: int
    failed: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of an input: a file, and where they begin if they are not in order there."""

    file: BinaryIO
    offsets: list[int] | None = None

    def each(self) -> Iterator[tuple[int, bytes]]:
        """Where each row begins, and the row."""
        if self.offsets is not None:
            yield from ((offset, self.row(offset)) for offset in self.offsets)
            return
        offset = 0
        for line in self.file:
            yield offset, line
            offset += len(line)

    def row(self, offset: int) -> bytes:
        """The row that begins at an offset."""
        self.file.seek(offset)
        return self.file.readline()


def merge(output: Path, inputs: Sequence[Path], *, force: bool = False) -> Merged:
    """Join results files of one model, prompt, policy, schema and version; each document has one row.

    The rows of the first file come first, then those of the second that the first does not have, and so on.
    A failed row gives way to one with a record; of two failed rows, and of two that differ only in what they took, the
    first stays. In memory is an id and a place for each row.

    Args:
        output: the new file. It gets a manifest where every input has one: that of a run of all documents, so that
            `extract` goes on with it where shards are missing.
        inputs: the files, or folders of Parquet partitions, whose rows stand in the order of the inputs that they
            were made of; no run may be writing them.
        force: replace an output that exists.

    Raises:
        UsageError: the output has the ending of a table, or is also an input.
        StoreError: the output exists and is not to be replaced; a run is writing an input; an input holds something
            other than whole rows, or rows made with other settings than the others; two records of a document differ;
            or a file cannot be read or written. Nothing is written then.
    """
    refuse_table_format(output)
    if any(path.resolve() == output.resolve() for path in inputs):
        raise UsageError(f"`{output}` is also an input.", hint="The first name is that of the new file.")
    with alone(output), ExitStack() as stack:
        if output.exists() and not force:
            raise StoreError(f"`{output}` exists already.", hint=_OTHER)
        files = [_opened(path, stack, output.parent) for path in inputs]
        manifests = _agreeing(inputs)
        places = _places(inputs, files, manifests[0] if manifests else None)
        if manifests and len(manifests) == len(inputs):
            # Before the rows: an interruption in between leaves no rows without a manifest.
            write_manifest(output, _joined(manifests))
        else:
            with reporting(manifest_path(output)):
                manifest_path(output).unlink(missing_ok=True)
        with reporting(output), write_atomically(output) as joined:
            for place in places.values():
                joined.write(files[place.file].row(place.offset).rstrip(b"\r\n") + b"\n")
    failed = sum(place.failed for place in places.values())
    shards = [manifest.shard for manifest in manifests if manifest.shard]
    missing = _missing(shards) if len(shards) == len(inputs) else ()
    return Merged(len(places), failed, tuple(missing))


def _opened(path: Path, stack: ExitStack, beside: Path) -> _Rows:
    stack.enter_context(unchanged(path))
    with reporting(path):
        if not path.is_dir():
            return _Rows(stack.enter_context(path.open("rb")))
    with reporting(beside):
        # The output's disk must have room for the rows anyway.
        lines = stack.enter_context(tempfile.TemporaryFile(dir=beside))  # noqa: SIM115 - the stack is one
        return _Rows(lines, unpacked(path, lines))


def _agreeing(inputs: Sequence[Path]) -> list[Manifest]:
    """The manifests of the files that have one."""
    manifests: dict[Path, Manifest] = {}
    for path in inputs:
        manifest = read_manifest(path)
        if manifest is None:
            continue
        manifests[path] = manifest
        first = next(iter(manifests))
        differences = manifests[first].differences(manifest)
        if differences:
            raise StoreError(
                f"`{path}` and `{first}` were made with different settings: {', '.join(differences)}.", hint=_APART
            )
    return list(manifests.values())


def _places(inputs: Sequence[Path], files: Sequence[_Rows], made: Made | Manifest | None) -> dict[str, _Place]:
    """Where each document's row is to be found, in the order of the output."""
    places: dict[str, _Place] = {}
    for index, (path, rows) in enumerate(zip(inputs, files, strict=True)):
        with reporting(path):
            for number, (start, line) in enumerate(rows.each(), start=1):
                if not line.strip():
                    continue
                head = row_head(line)
                if head is None:
                    raise StoreError(
                        f"`{path}` line {number} is not a result.",
                        hint="If the run was interrupted, finish it with the same command, then merge.",
                    )
                place = _Place(index, start, head.status == "failed")
                # A failed row holds no values, so its settings do not matter.
                if not place.failed:
                    made = made or head.provenance
                    differences = setting_differences(made, head.provenance)
                    if differences:
                        why = f"was made with other settings than the rows before: {', '.join(differences)}"
                        raise StoreError(f"`{path}` line {number} {why}.", hint=_APART)
                earlier = places.get(head.document_id)
                # Within a file the newer row counts, as it does for a resumed run.
                if earlier is None or earlier.file == index or (earlier.failed and not place.failed):
                    places[head.document_id] = place
                elif not place.failed and not _alike(files[earlier.file].row(earlier.offset), line):
                    raise StoreError(
                        f"`{head.document_id}` has one record in `{inputs[earlier.file]}` and another in `{path}`.",
                        hint="Delete the wrong row.",
                    )
    return places


def _alike(row: bytes, other: bytes) -> bool:
    """Whether two rows of a document are equal, apart from the cost of making them."""
    took = {"provenance": {"usage", "cost", "attempts", "seconds"}}
    try:
        one, two = (Result.model_validate_json(each).model_dump(exclude=took) for each in (row, other))
    except ValidationError:
        # Rows of another version can only be compared as text.
        return row.strip() == other.strip()
    return one == two


def _joined(manifests: Sequence[Manifest]) -> Manifest:
    return manifests[0].model_copy(
        update={
            "shard": None,
            # A draw from one file is not a draw from all.
            "audits": (),
            "started": min(manifest.started for manifest in manifests),
            "inputs": tuple(dict.fromkeys(name for manifest in manifests for name in manifest.inputs)),
        }
    )


def _missing(shards: Sequence[str]) -> Iterator[str]:
    for of in sorted({Shard.parse(shard).of for shard in shards}):
        yield from (shard for number in range(1, of + 1) if (shard := f"{number}/{of}") not in shards)
