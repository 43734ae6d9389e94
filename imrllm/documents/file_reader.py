"""Find the documents of one byte stream: a file of letters, the rows of a table, or an archive of these."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
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
from imrllm.documents.jsonl import read_rows
from imrllm.documents.kinds import HEAD, PACKED, Kind, is_wanted, kind_of, member_path, split_name
from imrllm.documents.letter_file import (
    FileKind,
    FileText,
    LetterFile,
    Place,
    ReadHere,
    ReservedId,
    file_bytes,
    whole_stream,
)
from imrllm.documents.mail import MAX_MAIL, Mail
from imrllm.documents.pdf import PdfText
from imrllm.documents.tables import find_table_rows
from imrllm.documents.text import too_large
from imrllm.documents.word import is_office
from imrllm.errors import DocumentError

MAX_HELD = 100_000_000
"""In bytes, the largest archive held in memory: an archive inside another, or one from a pipe."""

NO_LETTER = "contains no files that can be letters"

Note = Callable[[str, str], None]
"""Is told of a file: its name, and what to say of it."""

PASSED_OVER = "passed over: its name is not that of a letter's file"


def unnoted(name: str, remark: str) -> None:
    """A `Note` that says nothing."""


Found = Iterator[Document | Unreadable | ReservedId | LetterFile | FileText]


@dataclass(frozen=True, slots=True)
class FileReader:
    """Finds the documents of files, archive members and other streams. Rows are read, and files left to be read.

    Attributes:
        elsewhere: whether the document of a name belongs to another shard.
        reading: finds the letters of a mail's own text.
        columns: what to read of tables.
        note: is told the name of a file that is passed over or is not what its name says, and why.
    """

    elsewhere: Callable[[str], bool]
    reading: ReadHere
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
        elif kind in ("text", "pdf", "html"):
            yield from self._from_file(stream, head, kind, place)
        else:
            yield from self._from_archive(stream, head, kind, place, allowance)

    def _from_file(self, stream: BinaryIO, head: bytes, kind: FileKind, place: Place) -> Found:
        if self.elsewhere(place.stem):
            yield ReservedId(place.stem)
            return
        if kind == "text" and place.suffix == ".pdf":
            self.note(place.source, "read as text: it is no PDF, whatever its name says")
        if place.path is not None:
            yield LetterFile(place, kind)
            return
        try:
            data = file_bytes(stream, head, kind, place)
        except DocumentError as error:
            yield Unreadable(place.stem, place.source, error)
            return
        yield LetterFile(place, kind, data)

    def _from_archive(
        self, stream: BinaryIO, head: bytes, kind: Kind, place: Place, allowance: Allowance | None
    ) -> Found:
        try:
            if place.depth >= MAX_DEPTH:
                raise DocumentError(
                    f"`{place.source}` is nested in {MAX_DEPTH} archives or mails.", hint="Unpack the outer archive."
                )
            if kind == "mail":
                data = whole_stream(stream, head, place, MAX_MAIL, "mail")
                yield from self._from_mail(data, place, allowance)
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
        yield self.reading.file_text(PdfText(mail.text(), ()), place, hashlib.sha256(data).hexdigest())

    def _from_zip(self, stream: BinaryIO, head: bytes, place: Place, allowance: Allowance | None) -> Found:
        if place.depth == 0 and stream.seekable():
            file, size = stream, stream.seek(0, io.SEEK_END)
        else:
            data = whole_stream(stream, head, place, MAX_HELD, "a nested or piped archive")
            file, size = io.BytesIO(data), len(data)
        with zipfile.ZipFile(file) as archive:
            if is_office(archive):
                file.seek(0)
                yield from self._from_file(file, b"", "word", replace(place, size=size))
                return
            if len(archive.filelist) > MAX_MEMBERS:
                raise too_large(place.source, f"{MAX_MEMBERS:,} files")
            allowance = allowance or Allowance(size)
            yield from self._some(self._members(zip_members(archive, allowance), place, allowance), place)

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
