"""Which documents a resumed run skips, by the rows that earlier runs wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from sys import intern
from typing import Literal, Protocol

from pydantic import BaseModel, ValidationError

from imrllm.documents import Document, Unreadable
from imrllm.errors import StoreError
from imrllm.store.manifest import START_OVER, Made, Manifest, setting_differences


class SkipCounts(Protocol):
    """Counts the documents that a run skips, by the status of their rows."""

    before: Counter[str]


class _Origin(Made):
    sha256: str | None = None


class RowHead(BaseModel):
    """The fields of a row that resuming and merging need. Leaving the rest unbuilt is several times as fast."""

    document_id: str
    status: str
    provenance: _Origin


def row_head(line: bytes) -> RowHead | None:
    """The head of a row; None if the line is not a row."""
    try:
        return RowHead.model_validate_json(line)
    except ValidationError:
        return None


class WrittenRows:
    """Which documents have a row; holds an id and a hash for each row in memory."""

    def __init__(self, name: str, manifest: Manifest, *, retry_failed: bool = False) -> None:
        """Start without rows.

        Args:
            name: what holds the rows, for messages.
            manifest: how this run makes its rows.
            retry_failed: rows with status `failed` do not count as done.
        """
        self._name = name
        self._manifest = manifest
        self._retry_failed = retry_failed
        self._rows: dict[str, tuple[str | None, Literal["new", "done", "undone"], str]] = {}

    def add_earlier(self, row: RowHead, where: str) -> None:
        """Add a row of an earlier run, which stands at `where` (for messages).

        Raises:
            StoreError: another model, prompt or version made it. A failed row is never refused: it has no record.
        """
        failed = row.status == "failed"
        differences = self._differences(row)
        if differences and not failed:
            raise StoreError(f"`{self._name}` {where} was made with {' and '.join(differences)}.", hint=START_OVER)
        undone = failed and (self._retry_failed or bool(differences))
        # The few statuses are one object each, however many rows there are.
        self._rows[row.document_id] = (row.provenance.sha256, "undone" if undone else "done", intern(row.status))

    def add_new(self, document_id: str) -> None:
        """Add a row that this run made, which replaces any earlier one."""
        self._rows[document_id] = (None, "new", "new")

    def done(self, document_id: str, sha256: str | None = None) -> bool:
        """Whether a document need not be read again.

        A failed document is not done if its bytes have changed since (its user fixed it), or if another model, prompt
        or version failed.

        Args:
            document_id: the document's id.
            sha256: its hash, where known; compared with that of its row.

        Raises:
            StoreError: its row was made from other bytes.
        """
        earlier_sha256, counts_as, status = self._rows.get(document_id, (None, "undone", "absent"))
        same = sha256 is None or sha256 == earlier_sha256 or counts_as == "new"
        if counts_as == "done" and status != "failed" and not same:
            raise StoreError(f"`{self._name}` has a row of `{document_id}` from other bytes.", hint=START_OVER)
        return same and counts_as != "undone"

    def status(self, document_id: str) -> str:
        """The status of a document's row: `new` for one of this run, `absent` if there is none."""
        return self._rows.get(document_id, (None, "undone", "absent"))[2]

    def _differences(self, row: RowHead) -> list[str]:
        """How a row was made differently from this run's rows, in words."""
        own: Made | Manifest = self._manifest
        made = row.provenance
        if row.status == "failed" and made.prompt_sha256 is None:
            # A document that failed before any model was asked has no prompt.
            made = made.model_copy(update={"prompt_sha256": own.prompt_sha256})
        return setting_differences(own, made)


def skips(document: Document | Unreadable, counts: SkipCounts, *written: WrittenRows) -> bool:
    """Whether a resumed run skips a document, which is then counted.

    Args:
        document: the document.
        counts: counts it, if it is skipped.
        written: where its row may be; the first that has it decides.

    Raises:
        StoreError: its row was made from other bytes.
    """
    for rows in written:
        if rows.done(document.id, document.sha256):
            counts.before[rows.status(document.id)] += 1
            return True
    return False


def pending(
    documents: Iterable[Document | Unreadable], counts: SkipCounts, *written: WrittenRows
) -> Iterator[Document | Unreadable]:
    """The documents that a resumed run does not skip; see `skips`."""
    return (document for document in documents if not skips(document, counts, *written))
