"""Where documents lie, told without reading them, so that another process can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from imrllm.documents.contents import LetterStarts, Place, SplitLetter, Taken
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.inputs import Inputs, is_address, not_read, one_letter
from imrllm.documents.jsonl import find_rows, read_row
from imrllm.documents.kinds import HEAD, kind_of, shown
from imrllm.errors import UsageError

# What holds several files, each with a name of its own.
_ARCHIVES = ("zip", "tar", "packed tar", "mail")


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """Where a file or a row lies: any process that sees the same files reads it from there.

    Attributes:
        id: the document's id, unique within a run; that of the file where it holds several letters.
        path: the file.
        line: a JSONL row's line, counted from 1; 0 where it is a file of its own.
        offset: where that line begins, in bytes.
    """

    id: str
    path: str
    line: int = 0
    offset: int = 0


class _Finder(Inputs):
    """Walks the inputs as reading does, but of a file takes no more than its rows' places."""

    def spots(self, given: str | Path) -> Iterator[DocumentLocation]:
        """What one input holds."""
        found: Iterator[object] = self.found(given)
        for each in found:
            if isinstance(each, DocumentLocation):
                spot = each
            elif isinstance(each, Unreadable):
                spot = DocumentLocation(each.id, str(given) if each.source == shown(given) else each.source)
            else:
                raise _unfindable(shown(given))
            yield replace(spot, id=self.ids.unique(spot.id))

    def read(self, stream: BinaryIO, place: Place, path: Path) -> Iterator[DocumentLocation]:  # type: ignore[override]
        """Where an open file, or what it holds, lies."""
        if place.size is None:
            raise _unfindable(place.source)
        head = stream.read(HEAD)
        kind = kind_of(place.suffix, head)
        if kind == "jsonl":
            for line, offset, document in find_rows(stream, stem=place.stem, source=place.source, head=head):
                yield DocumentLocation(document.id, str(path), line, offset)
        elif kind in _ARCHIVES and place.suffix != ".docx":
            raise UsageError(
                f"`{place.source}` holds several files, which nobody can read apart.", hint="Unpack it first."
            )
        else:
            yield DocumentLocation(place.stem, str(path))


def find_documents(inputs: Iterable[str | Path]) -> Iterator[DocumentLocation]:
    """Find where the documents lie that `read_documents` reads, without reading more than JSONL rows.

    Args:
        inputs: paths of files and folders, patterns and lists, as there.

    Yields:
        One place for each file, row, or input that cannot be read, with the same id and in the same order.

    Raises:
        UsageError: an input is standard input, an address or a pipe, which nobody can read twice, or an archive.
    """
    finder = _Finder(None, None, one_letter, None, ocr=False)
    for given in inputs:
        if str(given) == "-" or is_address(given):
            raise _unfindable("standard input" if str(given) == "-" else "an address")
        yield from finder.spots(given)


def read_location(
    spot: DocumentLocation, *, letter_starts: LetterStarts | None = None, ocr: bool = False
) -> Iterator[Document | Unreadable]:
    """Read what lies where `find_documents` found it; what has changed there since is read as it is now.

    Args:
        spot: where it lies.
        letter_starts: as in `read_documents`.
        ocr: as there.

    Yields:
        The document; the letters of a file that holds several.
    """
    path = Path(spot.path)
    if spot.line:
        try:
            with path.open("rb") as stream:
                document = read_row(stream, spot.line, spot.offset, stem=shown(path.stem), source=shown(path))
        except OSError as error:
            document = not_read(path, error)
        yield document if document.id == spot.id else replace(document, id=spot.id)
        return
    inputs = Inputs(None, None, letter_starts, None, ocr=ocr)
    # An input without a name, a pattern that fits nothing and a list that is none say again why.
    is_file = path.suffix.lower() != ".csv" and bool(spot.path) and path.exists()
    for found in inputs.from_path(path, spot.id) if is_file else inputs.found(spot.path):
        if isinstance(found, SplitLetter):
            yield found.document
        elif not isinstance(found, Taken):
            yield found if found.id == spot.id else replace(found, id=spot.id)


def _unfindable(source: str) -> UsageError:
    return UsageError(
        f"Of `{source}` no place can be told where others could read it.", hint="Name files or folders of letters."
    )
