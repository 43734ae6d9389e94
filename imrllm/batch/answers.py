"""The answers of fetched batches: kept on disk until all their letters have rows, and found by custom id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imrllm.atomic import write_atomically
from imrllm.llm.completions import is_completion
from imrllm.store.files import reporting

# Only names are kept of an error, because the provider's message can quote the prompt.
_NAME = re.compile(r"[a-z_]{1,60}")


def names(*marks: object) -> tuple[str, ...]:
    """The marks of an error that are plain names. Keys have digits and hyphens, and sentences have spaces."""
    return tuple(mark for mark in marks if isinstance(mark, str) and _NAME.fullmatch(mark))


@dataclass(frozen=True, slots=True)
class Reply:
    """One request's outcome.

    Attributes:
        status: HTTP status; 0 if the request was never made.
        body: a completion, or an error's `code`, `param` and `type`.
    """

    status: int
    body: dict[str, Any]

    @property
    def answered(self) -> bool:
        """Whether the outcome is a completion."""
        return self.status == 200


def read_reply(line: bytes) -> tuple[str, Reply] | None:
    """The custom id and the outcome in a line of an output or error file; None if it has no outcome or is malformed."""
    try:
        row: Any = json.loads(line)
        custom_id, response, error = row["custom_id"], row.get("response") or {}, row.get("error")
        status: Any = response.get("status_code") or 0
        body: Any = response.get("body") or {}
        if status == 200 and not error:
            return (str(custom_id), Reply(200, body)) if is_completion(body) else None
        # The error is in the response's body, or beside the response if the request was never made.
        error = error or body.get("error") or {}
        marks = {name: names(error.get(name)) for name in ("code", "param", "type")}
        return str(custom_id), Reply(int(status), {name: mark[0] for name, mark in marks.items() if mark})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return None


class Answers:
    """The outcomes on disk by custom id. Only their positions are kept in memory.

    Each method raises `StoreError` if the disk cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        """Prepare an empty index of a folder with one file per batch; see `load`."""
        self._folder = folder
        self._places: dict[str, tuple[int, int]] = {}

    def _path(self, batch: int) -> Path:
        return self._folder / f"answers-{batch}.ndjson"

    def keep(self, batch: int, files: Iterable[bytes], expected: set[str]) -> int:
        """Write the outcomes in a batch's output and error files, whole or not at all.

        Lines without an expected custom id are ignored. Of several lines with one custom id the first completion
        counts, or else the first error.

        Returns:
            The number of answered requests.
        """
        found: dict[str, Reply] = {}
        for file in files:
            for line in file.split(b"\n"):
                read = read_reply(line) if line.strip() else None
                if read is None or read[0] not in expected:
                    continue
                before = found.get(read[0])
                if before is None or (read[1].answered and not before.answered):
                    found[read[0]] = read[1]
        path = self._path(batch)
        with reporting(path), write_atomically(path) as kept:
            for custom_id, reply in found.items():
                row = {"custom_id": custom_id, "status": reply.status, "body": reply.body}
                kept.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        self.load(batch)
        return sum(reply.answered for reply in found.values())

    def load(self, batch: int) -> None:
        """Index the outcomes of a batch; a completion of an earlier batch counts before a later error."""
        path = self._path(batch)
        with reporting(path):
            if not path.exists():
                return
            with path.open("rb") as rows:
                offset = 0
                for row in rows:
                    kept = json.loads(row)
                    before = self.find(kept["custom_id"])
                    if before is None or not before.answered:
                        self._places[kept["custom_id"]] = (batch, offset)
                    offset += len(row)

    def find(self, custom_id: str) -> Reply | None:
        """The outcome of a request, or None."""
        if custom_id not in self._places:
            return None
        batch, offset = self._places[custom_id]
        path = self._path(batch)
        with reporting(path), path.open("rb") as rows:
            rows.seek(offset)
            kept = json.loads(rows.readline())
        return Reply(kept["status"], kept["body"])

    def drop(self, batch: int) -> None:
        """Delete the outcomes of a batch whose letters all have rows."""
        path = self._path(batch)
        with reporting(path):
            path.unlink(missing_ok=True)
        self._places = {name: place for name, place in self._places.items() if place[0] != batch}
