"""Read the documents of one byte stream: a letter, several letters, the rows of a table, or an archive of these."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from imrllm.documents.archives import (
    DAMAGE,
    MAX_DEPTH,
    MAX_MEMBERS,
    Allowance,
    BombError,
    Member,
    bomb,
    damaged,
    joined,
    tar_members,
    unpacked,
    zip_members,
)
from imrllm.documents.columns import PLAIN, Columns
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.html import MAX_HTML, html_text
from imrllm.documents.jsonl import read_rows
from imrllm.documents.kinds import HEAD, PACKED, Kind, is_wanted, kind_of, member_path, split_name
from imrllm.documents.mail import MAX_MAIL, Mail
from imrllm.documents.pdf import MAX_PDF, PdfText, pdf_text
from imrllm.documents.tables import find_table_rows
from imrllm.documents.text import MAX_TEXT, decoded, too_large
from imrllm.documents.word import docx_text, is_office
from imrllm.errors import DocumentError

MAX_HELD = 100_000_000
"""In bytes, the largest archive held in memory: an archive inside another, or one from a pipe."""

_LIMITS: dict[Kind, tuple[int, str]] = {
    "pdf": (MAX_PDF, "PDF"),
    "html": (MAX_HTML, "HTML"),
    "mail": (MAX_MAIL, "mail"),
    "zip": (MAX_HELD, "a nested or piped archive"),
}
NO_LETTER = "contains no files that can be letters"

Note = Callable[[str, str], None]
"""Is told of a file: its name, and what to say of it."""

PASSED_OVER = "passed over: its name is not that of a letter's file"

LetterStarts = Callable[[str, Sequence[int]], Sequence[int]]
"""Takes a text and its page breaks; returns the offsets at which letters begin, except the first."""


def unnoted(name: str, remark: str) -> None:
    """A `Note` that says nothing."""


@dataclass(frozen=True, slots=True)
class ReservedId:
    """An id reserved without a document, for another shard's file or a split file, so that other ids stay stable."""

    id: str


@dataclass(frozen=True, slots=True)
class SplitLetter:
    """One of several letters in a file. All of them belong to the shard of the file."""

    document: Document


Found = Iterator[Document | Unreadable | ReservedId | SplitLetter]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream comes from.

    Attributes:
        stem: the id of its document.
        source: its name in messages.
        suffix: its file name extension.
        size: in bytes, if known before it is read.
        depth: number of archives around it.
    """

    stem: str
    source: str
    suffix: str = ""
    size: int | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the documents of files, archive members and other streams.

    Attributes:
        expected_id: gives the id that a name will have in this run.
        elsewhere: whether the document of a name belongs to another shard.
        letter_starts: finds the letters of one file.
        ocr: whether to recognize the text of scanned pages.
        columns: what to read of tables.
        note: is told the name of a file that is passed over or is not what its name says, and why.
    """

    expected_id: Callable[[str], str]
    elsewhere: Callable[[str], bool]
    letter_starts: LetterStarts
    ocr: bool
    columns: Columns = PLAIN
    note: Note = unnoted

    def read(self, stream: BinaryIO, place: Place, allowance: Allowance | None = None) -> Found:
        """The documents of a stream.

        Args:
            stream: positioned at its start.
            place: where it comes from.
            allowance: how much the surrounding archive may still unpack to.
        """
        head = stream.read(HEAD)
        kind = kind_of(place.suffix, head)
        if kind == "jsonl":
            yield from read_rows(stream, stem=place.stem, source=place.source, head=head, columns=self.columns)
        elif is_table(kind, place, self.columns):
            for _, _, document in find_table_rows(
                stream, stem=place.stem, source=place.source, suffix=place.suffix, head=head, columns=self.columns
            ):
                yield document
        elif kind in ("zip", "tar", "packed tar", "mail"):
            yield from self._from_archive(stream, head, kind, place, allowance)
        else:
            yield from self._from_file(stream, head, kind, place)

    def _from_file(self, stream: BinaryIO, head: bytes, kind: Kind, place: Place) -> Found:
        if self.elsewhere(place.stem):
            yield ReservedId(place.stem)
            return
        sha256 = None
        if kind == "text" and place.suffix == ".pdf":
            self.note(place.source, "read as text: it is no PDF, whatever its name says")
        try:
            data = _whole(stream, head, kind, place)
            sha256 = hashlib.sha256(data).hexdigest()
            if not data:
                raise DocumentError(f"`{place.source}` is empty.", hint="Download or export it again.")
            if kind == "pdf":
                read = pdf_text(data, name=place.source, ocr=self.ocr)
            else:
                read = PdfText((html_text if kind == "html" else decoded)(data, name=place.source), ())
        except DocumentError as error:
            yield Unreadable(place.stem, place.source, error, sha256)
            return
        yield from self._letters(place, read, sha256)

    def _letters(self, place: Place, read: PdfText, sha256: str) -> Found:
        text, page_breaks, ocr_pages = read
        starts = self.letter_starts(text, page_breaks)
        whole = Document(place.stem, text, sha256, place.source, page_breaks, ocr_pages)
        if not starts:
            yield whole
            return
        name = self.expected_id(place.stem)
        yield ReservedId(place.stem)
        for letter in replace(whole, id=name).split(starts):
            yield SplitLetter(letter)

    def _from_archive(
        self, stream: BinaryIO, head: bytes, kind: Kind, place: Place, allowance: Allowance | None
    ) -> Found:
        try:
            if place.depth >= MAX_DEPTH:
                raise DocumentError(
                    f"`{place.source}` is nested in {MAX_DEPTH} archives or mails.", hint="Unpack the outer archive."
                )
            if kind == "mail":
                yield from self._from_mail(_whole(stream, head, kind, place), place, allowance)
            elif kind == "zip":
                yield from self._from_zip(stream, head, place, allowance)
            else:
                yield from self._from_tar(stream, head, kind, place, allowance)
        except BombError:
            # Only the outermost archive reports it.
            if place.depth:
                raise
            yield Unreadable(place.stem, place.source, bomb(place.source))
        except DocumentError as error:
            yield Unreadable(place.stem, place.source, error)
        except DAMAGE:
            yield Unreadable(place.stem, place.source, damaged(place.source))

    def _from_mail(self, data: bytes, place: Place, allowance: Allowance | None) -> Found:
        mail = Mail(data, name=place.source)
        allowance = allowance or Allowance(len(data))
        found = False
        for found_here in self._members(mail.attachments(), place, allowance):
            found = True
            yield found_here
        mail.refuse_if_damaged()
        if found:
            return
        if self.elsewhere(place.stem):
            yield ReservedId(place.stem)
            return
        yield from self._letters(place, PdfText(mail.text(), ()), hashlib.sha256(data).hexdigest())

    def _from_zip(self, stream: BinaryIO, head: bytes, place: Place, allowance: Allowance | None) -> Found:
        if place.depth == 0 and stream.seekable():
            file, size = stream, stream.seek(0, io.SEEK_END)
        else:
            data = _whole(stream, head, "zip", place)
            file, size = io.BytesIO(data), len(data)
        with zipfile.ZipFile(file) as archive:
            if is_office(archive):
                yield from self._from_office(file, archive, size, place)
                return
            if len(archive.filelist) > MAX_MEMBERS:
                raise too_large(place.source, f"{MAX_MEMBERS:,} files")
            allowance = allowance or Allowance(size)
            yield from self._some(self._members(zip_members(archive, allowance), place, allowance), place)

    def _from_office(self, file: BinaryIO, archive: zipfile.ZipFile, size: int, place: Place) -> Found:
        if self.elsewhere(place.stem):
            yield ReservedId(place.stem)
            return
        if size > MAX_PDF:
            raise too_large(place.source, f"{MAX_PDF:,} bytes of a Word document")
        file.seek(0)
        sha256 = hashlib.sha256(file.read()).hexdigest()
        try:
            text = docx_text(archive, name=place.source)
        except DocumentError as error:
            yield Unreadable(place.stem, place.source, error, sha256)
            return
        yield from self._letters(place, PdfText(text, ()), sha256)

    def _from_tar(self, stream: BinaryIO, head: bytes, kind: Kind, place: Place, allowance: Allowance | None) -> Found:
        if allowance is None:
            # The size of a pipe is unknown: the allowance grows with the bytes read.
            allowance = Allowance(0)
            packed = joined(head, stream, allowance.allow)
        else:
            packed = joined(head, stream)
        tar = packed if kind == "tar" else unpacked(packed, head)
        if kind == "packed tar" and place.suffix not in PACKED:
            first = tar.read(HEAD)
            if kind_of("", first) != "tar":
                raise DocumentError(
                    f"`{place.source}` is a compressed file, not an archive.", hint="Unpack it with `gunzip`."
                )
            tar = joined(first, tar)
        yield from self._some(self._members(tar_members(tar, allowance), place, allowance), place)

    def _some(self, found: Found, place: Place) -> Found:
        empty = True
        for each in found:
            empty = False
            yield each
        if empty:
            raise DocumentError(f"`{place.source}` {NO_LETTER}.", hint="Name the archive that contains the letters.")

    def _members(self, members: Iterable[Member], around: Place, allowance: Allowance) -> Found:
        for number, member in enumerate(members, start=1):
            if number > MAX_MEMBERS:
                raise too_large(around.source, f"{MAX_MEMBERS:,} files")
            path = member_path(member.name)
            if path is None:
                continue
            if not is_wanted(path.name):
                self.note(f"{around.source}/{path}", PASSED_OVER)
                continue
            stem, suffix = split_name(path.name)
            place = Place(stem, f"{around.source}/{path}", suffix, depth=around.depth + 1)
            try:
                if member.refused:
                    why, hint = member.refused
                    raise DocumentError(f"`{place.source}` {why}.", hint=hint)
                with member.open() as stream:
                    yield from self.read(stream, place, allowance)
            except DocumentError as error:
                yield Unreadable(place.stem, place.source, error)
            except (*DAMAGE, NotImplementedError):
                yield Unreadable(place.stem, place.source, damaged(place.source))


def is_table(kind: Kind, place: Place, columns: Columns) -> bool:
    """Whether a stream is a CSV or TSV table. Without a file name, as on standard input, naming a column says so."""
    return kind == "table" or (kind == "text" and not place.suffix and columns.text is not None)


def _whole(stream: BinaryIO, head: bytes, kind: Kind, place: Place) -> bytes:
    """All bytes of a stream."""
    limit, what = _LIMITS.get(kind, (MAX_TEXT, "text"))
    size = place.size
    data = head + stream.read(limit + 1 - len(head)) if size is None or size <= limit else b""
    if (size is not None and size > limit) or len(data) > limit:
        raise too_large(place.source, f"{limit:,} bytes of {what}")
    return data
