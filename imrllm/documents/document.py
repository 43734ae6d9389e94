"""One input as text, or the reason why it is not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from imrllm.documents.text import checked_text
from imrllm.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Document:
    """One input, read.

    Attributes:
        id: the input's own name: a file's stem, or the `id` that a row gives; unique within a run. Of several letters
            in one file the first is `stem#1`.
        text: all of its text; every span of every result counts in its characters.
        sha256: hexadecimal SHA-256 of the file's bytes, or of the text in UTF-8 where it came as text or
            stood with other letters in one file.
        source: where it came from, for messages: a path or `standard input`, with `:line` for a JSONL row; a file in an
            archive or a mail has its name there after the archive's.
        page_breaks: offsets in `text` of the first character of each page after the first (PDFs only).
        ocr_pages: numbers, from 1, of the file's pages whose text was recognized in an image.
    """

    id: str
    text: str = field(repr=False)
    sha256: str
    source: str
    page_breaks: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()

    @classmethod
    def from_text(cls, text: str, id: str, *, source: str = "text") -> Document:  # noqa: A002
        """A document of a text at hand.

        Args:
            text: the letter. A lone surrogate, which no file can hold, becomes U+FFFD.
            id: its name.
            source: where it came from, for messages.

        Raises:
            DocumentError: the text is empty, binary or too long for one letter.
        """
        text = checked_text(text, name=id)
        return cls(id=id, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), source=source)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One input that is not text, with the reason and the mend.

    Attributes:
        id: what the document's id would have been.
        source: where it came from, as in `Document`.
        error: why, with the mend as its `hint`.
        sha256: hexadecimal SHA-256 of the bytes, where they could be read.
    """

    id: str
    source: str
    error: DocumentError
    sha256: str | None = None
