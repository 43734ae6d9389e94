"""One file of letters, apart from how it is found: any process that has its path or its bytes can read it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from imrllm.documents.archives import DAMAGE, damaged
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.html import MAX_HTML, html_text
from imrllm.documents.kinds import shown, split_name
from imrllm.documents.pdf import MAX_PDF, PdfText, pdf_text
from imrllm.documents.text import MAX_TEXT, decoded, too_large
from imrllm.documents.word import docx_text
from imrllm.errors import DocumentError

FileKind = Literal["text", "pdf", "html", "word"]

LetterStarts = Callable[[str, Sequence[int]], Sequence[int]]
"""Takes a text and its page breaks; returns the offsets at which letters begin, except the first."""

_LIMITS: dict[FileKind, tuple[int, str]] = {
    "text": (MAX_TEXT, "text"),
    "pdf": (MAX_PDF, "PDF"),
    "html": (MAX_HTML, "HTML"),
    "word": (MAX_PDF, "a Word document"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream comes from.

    Attributes:
        stem: the id of its document.
        source: its name in messages.
        suffix: its file name extension.
        size: in bytes, if known before it is read.
        depth: number of archives around it.
        path: the file, if any process can open it; None for a pipe, a download or a member of an archive.
    """

    stem: str
    source: str
    suffix: str = ""
    size: int | None = None
    depth: int = 0
    path: str | None = None


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file of letters that is found and not yet read.

    Attributes:
        place: where it comes from.
        kind: how it is read.
        data: its bytes; None if they are to be read from `place.path`.
    """

    place: Place
    kind: FileKind
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file holds.

    Attributes:
        whole: all of it as one document.
        starts: the offsets in its text at which letters begin, except the first.
    """

    whole: Document
    starts: tuple[int, ...] = ()

    def letters(self, name: str) -> tuple[Document, ...]:
        """Its letters: one with the id `name`, or several with the ids `name#1`, `name#2` and so on."""
        return replace(self.whole, id=name).split(self.starts)


@dataclass(frozen=True, slots=True)
class ReservedId:
    """An id reserved without a document, for another shard's file, so that other ids stay stable."""

    id: str


class FileReading(Protocol):
    """Reads the files that are found, perhaps in other processes."""

    @property
    def ahead(self) -> int:
        """How many files may be started before the first of them is asked for."""

    def start(self, file: LetterFile) -> Callable[[], FileText | Unreadable]:
        """Start to read a file. What is returned waits for the outcome."""


@dataclass(frozen=True, slots=True)
class ReadHere:
    """Reads each file in this process, when its outcome is asked for.

    Attributes:
        letter_starts: finds the letters of one file.
        ocr: whether to recognize the text of scanned pages.
    """

    letter_starts: LetterStarts
    ocr: bool = False

    ahead = 0

    def start(self, file: LetterFile) -> Callable[[], FileText | Unreadable]:
        """See `FileReading`."""
        return partial(self.read, file)

    def read(self, file: LetterFile) -> FileText | Unreadable:
        """Read a file now."""
        try:
            return self._read(file)
        except Exception as error:  # noqa: BLE001 - whatever it is, it costs this file only
            # Its message may quote the letter.
            source = file.place.source
            why = DocumentError(
                f"`{source}` cannot be read: an unexpected {type(error).__name__}.",
                hint="Please report it with the file, if that may be shared.",
            )
            return Unreadable(file.place.stem, source, why)

    def _read(self, file: LetterFile) -> FileText | Unreadable:
        place, sha256 = file.place, None
        try:
            data = _bytes(file) if file.data is None else file.data
            sha256 = hashlib.sha256(data).hexdigest()
            if not data:
                raise DocumentError(f"`{place.source}` is empty.", hint="Download or export it again.")
            text = _text(data, file.kind, place.source, ocr=self.ocr)
        except DocumentError as error:
            return Unreadable(place.stem, place.source, error, sha256)
        except (OSError, ValueError) as error:
            return not_read(Path(place.path or place.source), error, place.stem)
        return self.file_text(text, place, sha256)

    def file_text(self, text: PdfText, place: Place, sha256: str) -> FileText:
        """A text with the places at which its letters begin."""
        whole = Document(place.stem, text.text, sha256, place.source, text.page_breaks, text.ocr_pages)
        return FileText(whole, tuple(self.letter_starts(text.text, text.page_breaks)))


def file_bytes(stream: BinaryIO, head: bytes, kind: FileKind, place: Place) -> bytes:
    """All bytes of a stream that holds one file.

    Args:
        stream: what follows `head`.
        head: its first bytes.
        kind: how it will be read, which limits its size.
        place: where it comes from.

    Raises:
        DocumentError: it is too large for its kind.
    """
    limit, what = _LIMITS[kind]
    return whole_stream(stream, head, place, limit, what)


def whole_stream(stream: BinaryIO, head: bytes, place: Place, limit: int, what: str) -> bytes:
    """All bytes of a stream, `limit` at most.

    Raises:
        DocumentError: there are more; nothing is read where the size is known before.
    """
    size = place.size
    data = head + stream.read(limit + 1 - len(head)) if size is None or size <= limit else b""
    if (size is not None and size > limit) or len(data) > limit:
        raise too_large(place.source, f"{limit:,} bytes of {what}")
    return data


def not_read(path: Path, error: Exception, id: str | None = None) -> Unreadable:  # noqa: A002
    """The `Unreadable` for a file that cannot be opened or read, with a hint."""
    if isinstance(error, FileNotFoundError):
        why, hint = "does not exist", "Check the name; it is relative to the current folder."
    elif isinstance(error, PermissionError):
        why, hint = "cannot be read: permission denied", "Make the file readable: `chmod u+r`."
    elif isinstance(error, OSError):
        why, hint = f"cannot be read ({error.strerror or type(error).__name__})", "Check the file's disk."
    else:
        why, hint = "is not a valid file name", "Check the name."
    return refused(path, why, hint=hint, id=id)


def refused(path: Path, why: str, *, hint: str, id: str | None = None) -> Unreadable:  # noqa: A002
    """The `Unreadable` for a path."""
    name = id or split_name(path.name)[0] or path.resolve().name or "folder"
    return Unreadable(shown(name), shown(path), DocumentError(f"`{shown(path)}` {why}.", hint=hint))


def _bytes(file: LetterFile) -> bytes:
    with Path(file.place.path or "").open("rb") as stream:
        return file_bytes(stream, b"", file.kind, file.place)


def _text(data: bytes, kind: FileKind, source: str, *, ocr: bool) -> PdfText:
    if kind == "pdf":
        return pdf_text(data, name=source, ocr=ocr)
    if kind == "html":
        return PdfText(html_text(data, name=source), ())
    if kind == "text":
        return PdfText(decoded(data, name=source), ())
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return PdfText(docx_text(archive, name=source), ())
    except DAMAGE:
        raise damaged(source) from None
