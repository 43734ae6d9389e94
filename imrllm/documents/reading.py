"""From what the user names (files, folders, `-` for standard input) to a stream of documents."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from imrllm.documents.document import Document, Unreadable
from imrllm.documents.jsonl import find_rows, read_row, read_rows
from imrllm.documents.pdf import MAX_PDF, pdf_text
from imrllm.documents.shard import Shard
from imrllm.documents.text import MAX_TEXT, decoded, too_large, writable
from imrllm.errors import DocumentError, UsageError

_SUFFIXES = (".jsonl", ".pdf", ".txt")
_HEAD = 1024
_JSON_ROW = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one document lies: any process that sees the same files reads it from there.

    Attributes:
        id: the document's id, unique within a run.
        path: a path which gives this document and no other; of a JSONL row, its file.
        line: a JSONL row's line, counted from 1; 0 where the document is a file of its own.
        offset: where that line begins, in bytes.
    """

    id: str
    path: str
    line: int = 0
    offset: int = 0


_Found = Iterator[Document | Unreadable | Place]


def read_documents(
    inputs: Iterable[str | Path], *, stdin: BinaryIO | None = None, shard: Shard | None = None
) -> Iterator[Document | Unreadable]:
    """Read documents one after another; only one is held in memory.

    A folder gives its `.txt`, `.pdf` and `.jsonl` files and those of its folders, sorted by name; other files and
    names that begin with a dot are passed over. A file named by itself is read whatever its suffix, by its content.

    Args:
        inputs: paths of files and folders; `-` is standard input (a PDF, JSONL rows or a text).
        stdin: what to read for `-`; the process's own standard input by default.
        shard: the part of the documents to read; all of them by default. A file of another part is not read at all;
            an input that cannot be is told in every part.

    Yields:
        One document for each letter, and one `Unreadable` for each input or row that is none. Ids are unique: a
        second `a` becomes `a~2`.
    """
    ids = _UniqueIds()

    def elsewhere(wanted: str) -> bool:
        return shard is not None and not shard.has(ids.foreseen(wanted))

    for given in inputs:
        found: _Found
        if str(given) == "-":
            found = _from_stream(stdin or _standard_input(), elsewhere, stem="stdin", source="standard input")
        elif not str(given):
            found = iter([Unreadable("unnamed", "", DocumentError("An input's name is empty.", hint="Name a file."))])
        else:
            found = _from_path(Path(given), elsewhere)
        for document in found:
            unique = ids.unique(document.id)
            # A file of another machine's part: its name counts for the ids of the rest.
            if isinstance(document, Place):
                continue
            # A machine that lacks the letters must say so, whichever part their folder's own name would be in.
            lacking = isinstance(document, Unreadable) and document.source == _shown(Path(given))
            if shard is None or lacking or shard.has(unique):
                yield document if unique == document.id else replace(document, id=unique)


def find_documents(inputs: Iterable[str | Path]) -> Iterator[Place]:
    """Find where the documents lie that `read_documents` reads, without reading more than JSONL rows.

    Args:
        inputs: paths of files and folders, as there.

    Yields:
        One place for each document or `Unreadable`, with the same id and in the same order.

    Raises:
        UsageError: an input is standard input or a pipe, which nobody can read twice.
    """
    ids = _UniqueIds()
    for given in inputs:
        if str(given) == "-":
            raise _unfindable("standard input")
        for found in _from_path(Path(given), None) if str(given) else (Unreadable("unnamed", "", DocumentError("")),):
            place = found if isinstance(found, Place) else Place(found.id, found.source if given else "")
            yield replace(place, id=ids.unique(place.id))


def read_place(place: Place) -> Document | Unreadable:
    """Read a document where `find_documents` found it; what has changed there since is read as it is now."""
    if not place.line:
        document = next(read_documents([place.path]))
    else:
        path = Path(place.path)
        try:
            with path.open("rb") as stream:
                source, stem = _shown(path), _shown(path.stem)
                document = read_row(stream, place.line, place.offset, stem=stem, source=source)
        except OSError as error:
            document = _unread(path, error)
    return document if document.id == place.id else replace(document, id=place.id)


def _unfindable(source: str) -> UsageError:
    return UsageError(
        f"Of `{source}` no place can be told where others could read it.", hint="Name files or folders of letters."
    )


def _standard_input() -> BinaryIO:
    """Standard input through a buffer of its own: Python aborts at exit where a thread still reads by `sys.stdin`'s."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError:
        # It is no file, such as what Python code puts in its place.
        return sys.stdin.buffer


class _UniqueIds:
    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        name, number = self._next(wanted)
        self._seen[wanted] = number
        self._seen[name] = 1
        return name

    def foreseen(self, wanted: str) -> str:
        """What `unique` will return."""
        return self._next(wanted)[0]

    def _next(self, wanted: str) -> tuple[str, int]:
        name, number = wanted, self._seen.get(wanted, 1)
        while name in self._seen:
            number += 1
            name = f"{wanted}~{number}"
        return name, number


def _from_path(path: Path, elsewhere: Callable[[str], bool] | None) -> _Found:
    """What is at a path; without `elsewhere`, only where it lies."""
    source = _shown(path)
    try:
        if path.is_dir():
            yield from _from_folder(path, elsewhere)
            return
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            size = status.st_size if stat.S_ISREG(status.st_mode) else None
            if elsewhere is None:
                if size is None:
                    raise _unfindable(source)
                yield from _places(stream, path)
                return
            yield from _from_stream(
                stream, elsewhere, stem=_shown(path.stem), source=source, suffix=path.suffix.lower(), size=size
            )
    except OSError as error:
        yield _unread(path, error)
    except ValueError:
        yield _refused(path, "is no name that a file can have", hint="Check the name.")


def _places(stream: BinaryIO, path: Path) -> Iterator[Place]:
    stem = _shown(path.stem)
    head = stream.read(_HEAD)
    if _kind(path.suffix.lower(), head) != "jsonl":
        yield Place(stem, str(path))
        return
    for line, offset, document in find_rows(stream, stem=stem, source=_shown(path), head=head):
        yield Place(document.id, str(path), line, offset)


def _from_folder(folder: Path, elsewhere: Callable[[str], bool] | None) -> _Found:
    found = False
    waiting = [folder]
    entered: set[tuple[int, int]] = set()
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                # A link to a folder above leads round in a circle.
                if (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    inside = sorted(path.iterdir(), key=lambda entry: entry.name, reverse=True)
                    waiting.extend(entry for entry in inside if not entry.name.startswith("."))
                continue
            # A pipe might never end.
            wanted = stat.S_ISREG(status.st_mode) and path.suffix.lower() in _SUFFIXES
        except FileNotFoundError:
            # A link to nothing: reading it says so.
            wanted = path.suffix.lower() in _SUFFIXES
        except OSError as error:
            found = True
            why = f"cannot be looked into ({error.strerror or type(error).__name__})"
            yield _refused(path, why, hint="Make it readable: `chmod -R u+rX`.")
            continue
        if wanted:
            found = True
            yield from _from_path(path, elsewhere)
    if not found:
        why = "is a folder without a `.txt`, `.pdf` or `.jsonl` file"
        yield _refused(folder, why, hint="Name the folder of the letters.")


def _from_stream(
    stream: BinaryIO,
    elsewhere: Callable[[str], bool],
    *,
    stem: str,
    source: str,
    suffix: str = "",
    size: int | None = None,
) -> _Found:
    head = stream.read(_HEAD)
    kind = _kind(suffix, head)
    if kind == "jsonl":
        yield from read_rows(stream, stem=stem, source=source, head=head)
        return
    if elsewhere(stem):
        yield Place(stem, source)
        return
    sha256 = None
    try:
        limit = MAX_PDF if kind == "pdf" else MAX_TEXT
        data = head + stream.read(limit + 1 - len(head)) if size is None or size <= limit else b""
        if (size is not None and size > limit) or len(data) > limit:
            raise too_large(source, f"{limit:,} bytes of {'PDF' if kind == 'pdf' else 'text'}")
        sha256 = hashlib.sha256(data).hexdigest()
        if not data:
            raise DocumentError(f"`{source}` is empty.", hint="Fetch or export it again.")
        text, page_breaks = pdf_text(data, name=source) if kind == "pdf" else (decoded(data, name=source), ())
    except DocumentError as error:
        yield Unreadable(stem, source, error, sha256)
        return
    yield Document(stem, text, sha256, source, page_breaks)


def _kind(suffix: str, head: bytes) -> str:
    if suffix == ".jsonl" or (suffix not in _SUFFIXES and _JSON_ROW.match(head)):
        return "jsonl"
    return "pdf" if suffix == ".pdf" or head.startswith(b"%PDF-") else "text"


def _unread(path: Path, error: OSError) -> Unreadable:
    if isinstance(error, FileNotFoundError):
        return _refused(path, "does not exist", hint="Check the name; it counts from the current folder.")
    if isinstance(error, PermissionError):
        return _refused(path, "may not be read: permission denied", hint="Make it readable: `chmod u+r`.")
    why = f"cannot be read ({error.strerror or type(error).__name__})"
    return _refused(path, why, hint="Check the file's disk.")


def _refused(path: Path, why: str, *, hint: str) -> Unreadable:
    name = path.name if path.suffix.lower() not in _SUFFIXES else path.stem
    return Unreadable(
        _shown(name or path.resolve().name or "folder"),
        _shown(path),
        DocumentError(f"`{_shown(path)}` {why}.", hint=hint),
    )


def _shown(path: str | Path) -> str:
    """A path as text that can be written, whatever bytes the file system holds for it."""
    return writable(str(path))
