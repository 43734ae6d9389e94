"""Which documents a resumed run skips, by the rows that earlier runs wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from pydantic import BaseModel, ValidationError

from imrllm.documents import Document, Unreadable
from imrllm.errors import StoreError
from imrllm.store.manifest import START_OVER, Made, Manifest, setting_differences


class WrittenRows(Protocol):
    """Rows on disk, such as those of a results file."""

    def done(self, document_id: str, sha256: str | None) -> bool:
        """Whether a document has a row that stays."""

    def failed(self, document_id: str) -> bool:
        """Whether that row has status `failed`."""


class SkipCounts(Protocol):
    """Counts the documents that a run skips, and those of them whose rows have status `failed`."""

    done_before: int
    failed_before: int


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
            counts.done_before += 1
            counts.failed_before += rows.failed(document.id)
            return True
    return False


def pending(
    documents: Iterable[Document | Unreadable], counts: SkipCounts, *written: WrittenRows
) -> Iterator[Document | Unreadable]:
    """The documents that a resumed run does not skip; see `skips`."""
    return (document for document in documents if not skips(document, counts, *written))


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


class EarlierRows:
    """The rows of earlier runs; holds an id and a hash for each in memory."""

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
        self._rows: dict[str, tuple[str | None, Literal["done", "failed", "undone"]]] = {}

    def __contains__(self, document_id: str) -> bool:
        """Whether a document has a row."""
        return document_id in self._rows

    def add(self, row: RowHead, where: str) -> None:
        """Add a row.

        Args:
            row: its head.
            where: where it stands, for messages.

        Raises:
            StoreError: another model, prompt or version made it. A failed row is never refused: it has no record.
        """
        failed = row.status == "failed"
        differences = self._differences(row)
        if differences and not failed:
            raise StoreError(f"`{self._name}` {where} was made with {' and '.join(differences)}.", hint=START_OVER)
        undone = failed and (self._retry_failed or bool(differences))
        counts_as: Literal["done", "failed", "undone"] = "undone" if undone else "failed" if failed else "done"
        self._rows[row.document_id] = (row.provenance.sha256, counts_as)

    def done(self, document_id: str, sha256: str | None = None) -> bool:
        """Whether a document need not be read again.

        A failed document is not done if its bytes have changed since, or if another model, prompt or version failed.

        Args:
            document_id: the document's id.
            sha256: its hash, where known; compared with that of its row.

        Raises:
            StoreError: its row was made from other bytes.
        """
        if document_id not in self._rows:
            return False
        earlier_sha256, counts_as = self._rows[document_id]
        same = sha256 is None or sha256 == earlier_sha256
        if counts_as == "done" and not same:
            raise StoreError(f"`{self._name}` has a row of `{document_id}` from other bytes.", hint=START_OVER)
        return same and counts_as != "undone"

    def failed(self, document_id: str) -> bool:
        """Whether a document has a row that says that it failed."""
        return self._rows.get(document_id, (None, "done"))[1] != "done"

    def replaced(self, document_id: str) -> None:
        """Forget a document's row: this run has made another."""
        self._rows.pop(document_id, None)

    def _differences(self, row: RowHead) -> list[str]:
        """How a row was made differently from this run's rows, in words."""
        own: Made | Manifest = self._manifest
        made = row.provenance
        if row.status == "failed" and made.prompt_sha256 is None:
            # A document that failed before any model was asked has no prompt.
            made = made.model_copy(update={"prompt_sha256": own.prompt_sha256})
        return setting_differences(own, made)
