"""One input as text, or the reason that it cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from imrllm.documents.text import checked_text
from imrllm.errors import DocumentError
from imrllm.letter.splitting import letter_starts


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """One input as text.

    Attributes:
        id: the input's name: a file's stem, or the `id` of a row; unique within a run. The first of several letters in
            one file is `stem#1`.
        text: its whole text. The spans of results are offsets in it.
        sha256: hexadecimal SHA-256 of the file's bytes; of the text in UTF-8 if it came as text, or if the file holds
            several letters.
        source: where it came from, for messages: a path or `standard input`, with `:line` for a row of a table. A file
            in an archive or a mail has the archive's path, then its name.
        page_breaks: offsets in `text` of the first character of each page after the first (PDFs only).
        ocr_pages: numbers, from 1, of the file's pages whose text was recognized in an image.
        outcome: the span in `text` of the outcome that a table prints in a column of its own; None if it has none.
    """

    id: str
    text: str
    sha256: str
    source: str
    page_breaks: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    outcome: tuple[int, int] | None = None

    @classmethod
    def from_text(cls, text: str, id: str, *, source: str = "text") -> Document:  # noqa: A002
        """Make a document from a text.

        Args:
            text: the letter. A lone surrogate, which UTF-8 cannot encode, becomes U+FFFD.
            id: the document's name.
            source: where it came from, for messages.

        Raises:
            DocumentError: the text is empty, binary or too long for one letter.
        """
        text = checked_text(text, name=id)
        return cls(id=id, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), source=source)

    @classmethod
    def from_path(cls, path: str | Path, *, ocr: bool = False) -> Document:
        """Read a file that holds one letter.

        Args:
            path: a file of any kind that `read_documents` reads.
            ocr: recognize the text of scanned pages.

        Raises:
            DocumentError: the file cannot be read as text, or holds several documents.
        """
        from imrllm.documents.inputs import read_documents

        first, *more = islice(read_documents(path, ocr=ocr), 2)
        if more:
            raise DocumentError(f"`{path}` contains several documents.", hint="Read them with `read_documents(path)`.")
        if isinstance(first, Unreadable):
            raise first.error
        return first

    def split(self, starts: Sequence[int] | None = None) -> tuple[Document, ...]:
        """Take the letters of this text apart, as a file with several letters is read.

        Args:
            starts: offsets of the first characters of the letters after the first; by default those that
                `imrllm.letter.letter_starts` finds.

        Returns:
            A document for each letter, with the ids `id#1`, `id#2` and so on; this document alone if it is one letter.
        """
        text, page_breaks = self.text, self.page_breaks
        starts = letter_starts(text, page_breaks) if starts is None else starts
        if not starts:
            return (self,)
        pages = list(enumerate(pairwise((0, *page_breaks, len(text))), start=1))
        letters = []
        for number, (start, end) in enumerate(pairwise((0, *starts, len(text))), start=1):
            own = text[start:end]
            letters.append(
                Document(
                    f"{self.id}#{number}",
                    own,
                    hashlib.sha256(own.encode()).hexdigest(),
                    f"{self.source}#{number}",
                    tuple(offset - start for offset in page_breaks if start < offset < end),
                    tuple(page for page, (top, foot) in pages if page in self.ocr_pages and top < end and foot > start),
                )
            )
        return tuple(letters)

    def __repr__(self) -> str:
        return f"Document({self.id!r}, {len(self.text):,} characters)"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One input that cannot be read as text.

    Attributes:
        id: the id that the document would have had.
        source: where it came from, as in `Document`.
        error: why; its `hint` says how to fix it.
        sha256: hexadecimal SHA-256 of the bytes; None if they could not be read.
    """

    id: str
    source: str
    error: DocumentError
    sha256: str | None = None
