"""What batches brought, on the disk until every letter of theirs has its row; found again by letter and request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imrllm.atomic import write_atomically
from imrllm.store.files import reporting

# What is kept of an error: names, as the provider's message can quote the prompt.
_NAME = re.compile(r"[a-z_]{1,60}")
# Given to a request whose answer did not come in time.
EXPIRED = "batch_expired"


def names(*marks: object) -> tuple[str, ...]:
    """Those of an error's marks that are plain names; a key has digits and hyphens, a letter's words have spaces."""
    return tuple(mark for mark in marks if isinstance(mark, str) and _NAME.fullmatch(mark))


@dataclass(frozen=True, slots=True)
class Reply:
    """One request's outcome.

    Attributes:
        status: HTTP status; 0 where the request never was put.
        body: a completion, or an error's `code`, `param` and `type`.
    """

    status: int
    body: dict[str, Any]

    @property
    def answered(self) -> bool:
        """Whether it is a completion."""
        return self.status == 200


def read_reply(line: bytes) -> tuple[str, Reply] | None:
    """Read a line of an output or an error file.

    Args:
        line: whatever came.

    Returns:
        The request's custom id and its outcome, or None where the line tells none.
    """
    try:
        told: Any = json.loads(line)
        custom_id, response, error = told["custom_id"], told.get("response") or {}, told.get("error")
        status: Any = response.get("status_code") or 0
        body: Any = response.get("body") or {}
        if status == 200 and not error:
            # No choice at all is an answer, if a bad one; no list of choices is none.
            return (str(custom_id), Reply(200, body)) if isinstance(body["choices"], list) else None
        # An error stands in the response's body, or beside the response where the request was never put.
        error = error or body.get("error") or {}
        marks = {name: names(error.get(name)) for name in ("code", "param", "type")}
        return str(custom_id), Reply(int(status), {name: mark[0] for name, mark in marks.items() if mark})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


class Answers:
    """The outcomes on the disk, by custom id; in memory it keeps where they stand."""

    def __init__(self, folder: Path) -> None:
        """Take in what is there.

        Args:
            folder: where the answers lie, a file a batch.
        """
        self._folder = folder
        self._places: dict[str, tuple[int, int]] = {}

    def _path(self, batch: int) -> Path:
        return self._folder / f"answers-{batch}.ndjson"

    def keep(self, batch: int, files: Iterable[bytes], expected: set[str]) -> int:
        """Write the outcomes of a batch, whole or not at all.

        Args:
            batch: its number.
            files: the output and the error file.
            expected: custom ids of what it asked. Other lines, and what is none, are passed over; of several of one
                request a completion counts before an error, and the first before the rest.

        Returns:
            How many were answered.

        Raises:
            StoreError: the disk refuses.
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
        """Find what was kept of a batch; a completion of an earlier one counts before a later error."""
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
        """The outcome of a request, or None where there is none.

        Raises:
            StoreError: the disk refuses.
        """
        if custom_id not in self._places:
            return None
        batch, offset = self._places[custom_id]
        path = self._path(batch)
        with reporting(path), path.open("rb") as rows:
            rows.seek(offset)
            kept = json.loads(rows.readline())
        return Reply(kept["status"], kept["body"])

    def drop(self, batch: int) -> None:
        """Delete what was kept of a batch: its letters have their rows."""
        path = self._path(batch)
        with reporting(path):
            path.unlink(missing_ok=True)
        self._places = {name: place for name, place in self._places.items() if place[0] != batch}
