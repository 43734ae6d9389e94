"""The results files of several machines joined into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from imrllm.documents import Shard
from imrllm.errors import StoreError
from imrllm.records import Result
from imrllm.store.disk import lock_path, locked, replacing, reporting, unlocked
from imrllm.store.earlier import row_head
from imrllm.store.manifest import Made, Manifest, made_otherwise, manifest_path, read_manifest, write_manifest

_APART = "Merge apart what was made apart, or extract it again."
_OTHER = "Name another file, or delete this one first."


@dataclass(frozen=True, slots=True)
class Merged:
    """What was joined.

    Attributes:
        documents: how many documents have a row.
        failed: of these, how many have no record.
        missing: the shards, as `i/n`, that are not among the files; empty unless every file's manifest names its shard.
    """

    documents: int
    failed: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    file: int
    offset: int
    failed: bool


def merge(output: Path, inputs: Sequence[Path]) -> Merged:
    """Join results files of one model, prompt, policy, schema and version; each document has one row.

    The rows stand as they stand in the first file, then those of the second that the first does not have, and so on.
    A failed row gives way to one with a record; of two failed rows, and of two that differ only in what they took, the
    first stays. In memory is an id and a place for each row.

    Args:
        output: the new file. It gets a manifest where every input has one: that of a run of all documents, so that
            `extract` goes on with it where shards are missing.
        inputs: the files; no run may be writing them.

    Returns:
        What was joined.

    Raises:
        StoreError: the output exists; a run is writing an input; an input holds something other than whole rows, or
            rows made otherwise than the others; two records of a document differ; or a file cannot be read or written.
            Nothing is written then.
    """
    with ExitStack() as stack:
        with reporting(output):
            output.parent.mkdir(parents=True, exist_ok=True)
            stack.callback(unlocked, locked(output))
        if output.exists():
            raise StoreError(f"`{output}` exists already.", hint=_OTHER)
        files = [stack.enter_context(_opened(path, stack)) for path in inputs]
        manifests = _agreeing(inputs)
        places = _places(inputs, files, manifests[0] if manifests else None)
        if manifests and len(manifests) == len(inputs):
            # Before the rows: a break between the two leaves no row whose making is unknown.
            write_manifest(output, _joined(manifests))
        else:
            with reporting(manifest_path(output)):
                manifest_path(output).unlink(missing_ok=True)
        with reporting(output), replacing(output) as joined:
            for place in places.values():
                joined.write(_row(files, place).rstrip(b"\r\n") + b"\n")
    failed = sum(place.failed for place in places.values())
    shards = [manifest.shard for manifest in manifests if manifest.shard]
    missing = _missing(shards) if len(shards) == len(inputs) else ()
    return Merged(len(places), failed, tuple(missing))


def _opened(path: Path, stack: ExitStack) -> BinaryIO:
    with reporting(path):
        # Only where there is a lock: to read a file, its folder need not be one to write to.
        if lock_path(path).exists():
            stack.callback(unlocked, locked(path))
        return path.open("rb")


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
            raise StoreError(f"`{path}` was made otherwise than `{first}`: {', '.join(differences)}.", hint=_APART)
    return list(manifests.values())


def _places(inputs: Sequence[Path], files: Sequence[BinaryIO], made: Made | Manifest | None) -> dict[str, _Place]:
    """Where each document's row is to be found, in the order of the output."""
    places: dict[str, _Place] = {}
    for index, (path, file) in enumerate(zip(inputs, files, strict=True)):
        offset = 0
        with reporting(path):
            for number, line in enumerate(file, start=1):
                start, offset = offset, offset + len(line)
                if not line.strip():
                    continue
                head = row_head(line)
                if head is None:
                    raise StoreError(
                        f"`{path}` line {number} is not a result.",
                        hint="Where a run was broken off, let the same command finish it, then merge.",
                    )
                place = _Place(index, start, head.status == "failed")
                # A failed row has nothing that could pass for another run's.
                if not place.failed:
                    made = made or head.provenance
                    differences = made_otherwise(made, head.provenance)
                    if differences:
                        why = (
                            f"`{path}` line {number} was made otherwise than the rows before: {', '.join(differences)}."
                        )
                        raise StoreError(why, hint=_APART)
                earlier = places.get(head.document_id)
                # Within a file the newer row counts, as it does for a run that goes on.
                if earlier is None or earlier.file == index or (earlier.failed and not place.failed):
                    places[head.document_id] = place
                elif not place.failed and not _alike(_row(files, earlier), line):
                    raise StoreError(
                        f"`{head.document_id}` has one record in `{inputs[earlier.file]}` and another in `{path}`.",
                        hint="Delete the row that is not to count.",
                    )
    return places


def _row(files: Sequence[BinaryIO], place: _Place) -> bytes:
    file = files[place.file]
    file.seek(place.offset)
    return file.readline()


def _alike(row: bytes, other: bytes) -> bool:
    """Whether two rows of a document say the same, whatever making them took."""
    took = {"provenance": {"usage", "cost", "attempts", "seconds"}}
    try:
        one, two = (Result.model_validate_json(each).model_dump(exclude=took) for each in (row, other))
    except ValidationError:
        # Not this version's rows: all that can be compared is how they are written.
        return row.strip() == other.strip()
    return one == two


def _joined(manifests: Sequence[Manifest]) -> Manifest:
    return manifests[0].model_copy(
        update={
            "shard": None,
            "started": min(manifest.started for manifest in manifests),
            "inputs": tuple(dict.fromkeys(name for manifest in manifests for name in manifest.inputs)),
        }
    )


def _missing(shards: Sequence[str]) -> Iterator[str]:
    for of in sorted({Shard.parse(shard).of for shard in shards}):
        yield from (shard for number in range(1, of + 1) if (shard := f"{number}/{of}") not in shards)
