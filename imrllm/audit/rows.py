"""The rows that an audit is about: their hash, which are `ok`, and the manifest that keeps the audit."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from imrllm.errors import StoreError, UsageError
from imrllm.near_names import did_you_mean
from imrllm.records import Result
from imrllm.store import Manifest, manifest_path, read_manifest
from imrllm.store.results import row_lines
from imrllm.store.resume import row_head

Progress = Callable[[str], None]
_ROWS_BETWEEN = 1_000
_RESULTS = "Name the results file of `imrllm extract -o`."


@dataclass(frozen=True, slots=True)
class Population:
    """The rows of a results file, the newest of each document.

    Attributes:
        rows_sha256: SHA-256 of all rows.
        ok: the ids of the documents with status `ok`, sorted.
    """

    rows_sha256: str
    ok: tuple[str, ...]


def refuse_absent(records: Path) -> None:
    """Refuse a results file that does not exist, before anything is made beside it.

    Raises:
        UsageError: it does not exist.
    """
    if not records.exists():
        raise UsageError(f"`{records}` does not exist.", hint=did_you_mean(records, _RESULTS))


def manifest_to_audit(records: Path) -> Manifest:
    """The manifest that keeps a results file's audits.

    Raises:
        UsageError: it has no manifest.
        StoreError: the manifest is malformed.
    """
    manifest = read_manifest(records)
    if manifest is None:
        raise UsageError(
            f"`{records}` has no run manifest (`{manifest_path(records).name}`), which keeps the audits.",
            hint=f"Copy it along with the rows, or run the same `imrllm extract` with `-o {records}`: the rows stay, "
            "and it writes the manifest.",
        )
    return manifest


def read_population(records: Path, progress: Progress = lambda _: None) -> Population:
    """Read which letters are `ok`. Memory holds an id and a status for each row.

    Raises:
        StoreError: a line is not a result, or the file cannot be read.
    """
    digest = sha256()
    is_ok: dict[str, bool] = {}
    for number, line in enumerate(row_lines(records), start=1):
        digest.update(line)
        if not line.strip():
            continue
        head = row_head(line)
        if head is None:
            raise StoreError(
                f"`{records}` line {number} is not a result.",
                hint="If the run was interrupted, finish it with the same command.",
            )
        is_ok[head.document_id] = head.status == "ok"
        if number % _ROWS_BETWEEN == 0:
            progress(f"{number:,} rows read, {sum(is_ok.values()):,} ok")
    return Population(digest.hexdigest(), tuple(sorted(name for name, ok in is_ok.items() if ok)))


def read_rows(records: Path, names: Collection[str]) -> dict[str, Result]:
    """The newest row of each named document.

    Raises:
        StoreError: another version made a row, or the file cannot be read.
    """
    lines: dict[str, bytes] = {}
    for line in row_lines(records):
        head = row_head(line)
        if head and head.document_id in names:
            lines[head.document_id] = line
    try:
        return {name: Result.model_validate_json(line) for name, line in lines.items()}
    except ValidationError:
        raise StoreError(
            f"`{records}` holds rows of another version of the program.",
            hint="Audit them with that version, or extract the letters again.",
        ) from None
