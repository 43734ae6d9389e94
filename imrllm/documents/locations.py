"""Locate documents without reading them, so that other processes can read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from imrllm.documents.columns import PLAIN, Columns
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.file_reader import is_table
from imrllm.documents.inputs import Inputs, is_address, one_letter, without_secrets
from imrllm.documents.jsonl import find_rows, read_row
from imrllm.documents.kinds import HEAD, kind_of, shown, split_name, table_suffix
from imrllm.documents.letter_file import FileText, LetterFile, LetterStarts, Place, ReservedId, not_read
from imrllm.documents.tables import find_table_rows, read_table_row
from imrllm.errors import UsageError

# Kinds of files that hold several named files.
_ARCHIVES = ("zip", "tar", "packed tar", "mail")


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """The place of a file or row. Any process that sees the same files can read it from there.

    Attributes:
        id: the document's id, unique within a run; the file's id if the file holds several letters.
        path: the file.
        line: the first line of a table's row, counted from 1; 0 for a whole file.
        offset: where that line begins, in bytes.
    """

    id: str
    path: str
    line: int = 0
    offset: int = 0


class _Finder(Inputs):
    """Walks the inputs as a reader does, but records only locations."""

    def locations(self, given: str | Path) -> Iterator[DocumentLocation]:
        """The locations of one input's documents."""
        found: Iterator[object] = self.found(given)
        for each in found:
            if isinstance(each, DocumentLocation):
                location = each
            elif isinstance(each, Unreadable):
                location = DocumentLocation(each.id, str(given) if each.source == shown(given) else each.source)
            else:
                raise _unfindable(shown(given))
            yield replace(location, id=self.ahead.unique(location.id))

    def read(self, stream: BinaryIO, place: Place, path: Path) -> Iterator[DocumentLocation]:  # type: ignore[override]
        """The locations of an open file or of its rows."""
        if place.size is None:
            raise _unfindable(place.source)
        head = stream.read(HEAD)
        kind = kind_of(place.suffix, head)
        if kind == "jsonl":
            rows = find_rows(stream, stem=place.stem, source=place.source, head=head, columns=self.columns)
        elif is_table(kind, place, self.columns):
            rows = find_table_rows(
                stream, stem=place.stem, source=place.source, suffix=place.suffix, head=head, columns=self.columns
            )
        elif kind in _ARCHIVES and place.suffix != ".docx":
            raise UsageError(
                f"`{place.source}` contains files that cannot be read separately.", hint="Unpack it first."
            )
        else:
            yield DocumentLocation(place.stem, str(path))
            return
        for line, offset, document in rows:
            yield DocumentLocation(document.id, str(path), line, offset)


def find_documents(inputs: Iterable[str | Path], *, columns: Columns = PLAIN) -> Iterator[DocumentLocation]:
    """Locate the documents that `read_documents` would read. Only the rows of tables are read.

    Args:
        inputs: paths of files and folders, patterns and lists, as for `read_documents`.
        columns: as in `read_documents`.

    Yields:
        One location for each file, row, or unreadable input, with the same id and in the same order.

    Raises:
        UsageError: an input is standard input, a URL or a pipe, which cannot be read twice, or an archive.
    """
    finder = _Finder(None, None, one_letter, None, ocr=False, columns=columns)
    for given in inputs:
        if str(given) == "-" or is_address(given):
            raise _unfindable("standard input" if str(given) == "-" else without_secrets(str(given)))
        yield from finder.locations(given)


def read_location(
    location: DocumentLocation,
    *,
    letter_starts: LetterStarts | None = None,
    ocr: bool = False,
    columns: Columns = PLAIN,
) -> Iterator[Document | Unreadable]:
    """Read the documents at a location of `find_documents`, in their current state.

    Args:
        location: where to read.
        letter_starts: as in `read_documents`.
        ocr: as in `read_documents`.
        columns: as in `read_documents`.

    Yields:
        The document, or each letter of a file that holds several.
    """
    path = Path(location.path)
    if location.line:
        try:
            with path.open("rb") as stream:
                document = _row(stream, path, location, columns)
        except OSError as error:
            document = not_read(path, error)
        yield document if document.id == location.id else replace(document, id=location.id)
        return
    inputs = Inputs(None, None, letter_starts, None, ocr=ocr, columns=columns)
    # An empty name, a pattern without matches and a malformed list report their error again.
    is_file = path.suffix.lower() != ".csv" and bool(location.path) and path.exists()
    for found in inputs.from_path(path, location.id) if is_file else inputs.found(location.path):
        read = inputs.reading.start(found)() if isinstance(found, LetterFile) else found
        if isinstance(read, FileText):
            yield from read.letters(location.id)
        elif not isinstance(read, ReservedId):
            yield read if read.id == location.id else replace(read, id=location.id)


def _row(stream: BinaryIO, path: Path, location: DocumentLocation, columns: Columns) -> Document | Unreadable:
    suffix = split_name(path.name)[1] or table_suffix(path.name)
    stem, source = shown(path.stem), shown(path)
    kind = kind_of(suffix, stream.read(HEAD))
    if kind == "jsonl":
        return read_row(stream, location.line, location.offset, stem=stem, source=source, columns=columns)
    stream.seek(0)
    return read_table_row(
        stream, location.line, location.offset, stem=stem, source=source, suffix=suffix, columns=columns
    )


def _unfindable(source: str) -> UsageError:
    return UsageError(f"Other processes cannot reopen `{source}`.", hint="Name files or folders of letters.")
