"""What the rows of earlier runs count as, for a run that goes on with them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ValidationError

from imrllm.errors import StoreError
from imrllm.store.manifest import START_OVER, Made, Manifest, made_otherwise


class _Origin(Made):
    sha256: str | None = None


class RowHead(BaseModel):
    """What resuming and merging ask of a row; the rest is parsed but never built, which is several times as fast."""

    document_id: str
    status: str
    provenance: _Origin


def row_head(line: bytes) -> RowHead | None:
    """The head of a row; None where the line is none."""
    try:
        return RowHead.model_validate_json(line)
    except ValidationError:
        return None


class EarlierRows:
    """The rows of earlier runs; in memory it keeps an id and a hash for each."""

    def __init__(self, name: str, manifest: Manifest, *, retry_failed: bool = False) -> None:
        """Begin without a row.

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
        """Take in a row.

        Args:
            row: its head.
            where: where it stands, for messages.

        Raises:
            StoreError: it was made otherwise. A failed row never is refused: it has nothing to pass for this run's.
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

        A failed document whose bytes are no longer the same (its user mended it) is not done, and neither is one that
        failed in a run made otherwise.

        Args:
            document_id: the document's id.
            sha256: its hash, where known; compared with that of its row.

        Raises:
            StoreError: its row was made of other bytes.
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
        """How a row was made otherwise than this run makes its rows, in words."""
        own: Made | Manifest = self._manifest
        made = row.provenance
        if row.status == "failed" and made.prompt_sha256 is None:
            # A document that failed before any model was asked has no prompt.
            made = made.model_copy(update={"prompt_sha256": own.prompt_sha256})
        return made_otherwise(own, made)
