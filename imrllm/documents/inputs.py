"""Reads inputs (files, folders, patterns, lists, `-`, web addresses) as a stream of documents."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from imrllm.documents.archives import joined
from imrllm.documents.columns import PLAIN, Columns
from imrllm.documents.document import Document, Unreadable
from imrllm.documents.file_reader import (
    NO_LETTER,
    PASSED_OVER,
    FileReader,
    Found,
    Note,
    unnoted,
)
from imrllm.documents.kinds import is_wanted, shown, split_name, table_suffix
from imrllm.documents.letter_file import (
    FileReading,
    LetterStarts,
    Place,
    ReadHere,
    not_read,
    refused,
)
from imrllm.documents.listing import MAX_LIST, read_list
from imrllm.documents.read_ahead import ReadAhead
from imrllm.documents.scans import require_ocr
from imrllm.documents.shard import Shard
from imrllm.documents.tables import MAX_HEADER, lists_files
from imrllm.errors import DocumentError, UsageError
from imrllm.letter.splitting import letter_starts as default_letter_starts

# Files that a run keeps beside its results.
_BESIDE_RESULTS = (".run.json", ".lock")

Fetch = Callable[[str], tuple[str, bytes]]
"""Takes an address; returns a file name with its extension, and the bytes. Raises `DocumentError`."""


def read_documents(
    inputs: str | Path | Iterable[str | Path],
    *,
    stdin: BinaryIO | None = None,
    shard: Shard | None = None,
    letter_starts: LetterStarts | None = None,
    ocr: bool = False,
    fetch: Fetch | None = None,
    columns: Columns = PLAIN,
    note: Note = unnoted,
    reading: FileReading | None = None,
) -> Iterator[Document | Unreadable]:
    """Read documents one by one; only one is in memory at a time.

    A folder and its subfolders are read in order of name: text files, PDFs, Word documents, web pages, mails, archives
    and JSONL rows. Other files and names that begin with a dot are skipped. The kind of a file given directly depends
    on its content, not on its extension. A `.csv` or `.tsv` file has one letter a row in the column `text` and its id
    in the column `id`, as a JSONL row has; `columns` names others. A `.csv` file with a column `path` lists files.

    Args:
        inputs: one path or several: files, folders, patterns such as `letters/**/*.pdf`, addresses; `-` is standard
            input (any kind of file but a list).
        stdin: the stream to read for `-`; by default the standard input of the process.
        shard: the part of the documents to read; by default all. Files of other parts are not opened, except archives
            and files of rows. Every part reports an input that cannot be read.
        letter_starts: where letters begin in the text of a file; by default `imrllm.letter.letter_starts`. A row of a
            table is always one letter.
        ocr: recognize the text of scanned pages.
        fetch: downloads an address; without it addresses are refused.
        note: is told the name of each file that is passed over or is not what its name says, and why.
        columns: the columns of tables (JSONL, CSV, TSV) to read. With a text column named, no `.csv` file is a list.
        reading: what reads the files that are found, some of them ahead of their turn; by default this process, one
            after the other. It takes the place of `letter_starts` and `ocr`, but for a mail's own text.

    Returns:
        One document for each letter, and one `Unreadable` for each input or row that cannot be read. Ids are unique: a
        second `a` becomes `a~2`. Several letters in one file `a` are `a#1`, `a#2` and so on.

    Raises:
        TypeError: an input is no path.
        UsageError: an input is an address and there is no `fetch`, or the programs that `ocr` needs are not installed.
    """
    inputs = [inputs] if isinstance(inputs, (str, Path)) else list(inputs)
    for each in inputs:
        if not isinstance(each, (str, Path)):
            raise TypeError(f"an input is a path, a str or a pathlib.Path, not {type(each).__name__}")
    if fetch is None and (address := next(filter(is_address, inputs), None)):
        raise UsageError(
            f"`{without_secrets(str(address))}` is a web address, and downloads are off.",
            hint="Add `--allow-network`, or download it and name the file.",
        )
    if ocr:
        require_ocr()
    return Inputs(stdin, shard, letter_starts, fetch, ocr=ocr, columns=columns, note=note, reading=reading).documents(
        inputs
    )


def is_address(given: str | Path) -> bool:
    """Whether an input is a web address."""
    return str(given).lower().startswith(("http://", "https://"))


def without_secrets(address: str) -> str:
    """An address without the parts that may be secret: the password and the query."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return shown(f"{scheme}://{host.rpartition('@')[2]}{slash}{path}".partition("?")[0].partition("#")[0])


def one_letter(text: str, page_breaks: Sequence[int]) -> Sequence[int]:  # noqa: ARG001
    """A `LetterStarts` that reads every file as one letter."""
    return ()


class Inputs:
    """Walks the inputs. Ids are unique over all of them."""

    def __init__(
        self,
        stdin: BinaryIO | None,
        shard: Shard | None,
        letter_starts: LetterStarts | None,
        fetch: Fetch | None,
        *,
        ocr: bool,
        columns: Columns = PLAIN,
        note: Note = unnoted,
        reading: FileReading | None = None,
    ) -> None:
        self._stdin = stdin
        self._fetch = fetch
        self.columns = columns
        self._note = note
        here = ReadHere(letter_starts or default_letter_starts, ocr)
        self.reading = reading or here
        self.ahead = ReadAhead(self.reading, shard)
        self._reader = FileReader(self.ahead.elsewhere, here, columns, note)

    def documents(self, inputs: Iterable[str | Path]) -> Iterator[Document | Unreadable]:
        """The documents of all inputs, one by one."""
        for given in inputs:
            for found in self.found(given):
                self.ahead.add(found, shown(given))
                yield from self.ahead.documents()
        yield from self.ahead.documents(rest=True)

    def found(self, given: str | Path) -> Found:
        """The documents of one input, with the ids that they would have without other inputs."""
        name = str(given)
        if name == "-":
            return self._reader.read(self._stdin or _standard_input(), Place("stdin", "standard input"))
        if not name:
            return iter([Unreadable("unnamed", "", DocumentError("An input's name is empty.", hint="Name a file."))])
        if self._fetch and is_address(name):
            return self._from_web(name, self._fetch)
        path = Path(given)
        try:
            pattern = glob.has_magic(name) and not path.exists()
        except (OSError, ValueError):
            pattern = False
        if pattern:
            return self._from_pattern(name)
        return self._from_csv(path) if path.suffix.lower() == ".csv" else self.from_path(path)

    def _from_web(self, address: str, fetch: Fetch) -> Found:
        source = without_secrets(address)
        try:
            name, data = fetch(address)
        except DocumentError as error:
            yield Unreadable(split_name(source.rstrip("/").rpartition("/")[2])[0], source, error)
            return
        stem, suffix = split_name(shown(name))
        if table := "" if suffix else table_suffix(stem):
            stem, suffix = stem[: -len(table)], table
        yield from self._reader.read(BytesIO(data), Place(stem, source, suffix, len(data)))

    def _from_pattern(self, pattern: str) -> Found:
        folders: set[Path] = set()
        found = False
        for path in map(Path, sorted(glob.glob(pattern, recursive=True))):  # noqa: PTH207 - absolute patterns too
            found = True
            # `**` matches a folder and what is in it.
            if folders.isdisjoint(path.parents):
                if path.is_dir():
                    folders.add(path)
                yield from self.from_path(path)
        if not found:
            yield refused(
                Path(pattern), "matches no files", hint="Check the pattern; it is relative to the current folder."
            )

    def _from_csv(self, path: Path) -> Found:
        try:
            with path.open("rb") as stream:
                head = stream.read(MAX_HEADER)
                if self.columns.text or not lists_files(head):
                    yield from self.read(joined(head, stream), _place(path, stream), path)
                    return
                data = head + stream.read(MAX_LIST + 1 - len(head))
        except (OSError, ValueError) as error:
            yield not_read(path, error)
            return
        for row in read_list(data, stem=shown(path.stem), source=shown(path)):
            if isinstance(row, Unreadable):
                yield row
                continue
            listed = path.parent / row.path
            if listed.suffix.lower() == ".csv":
                yield refused(listed, "is a list inside another list", hint="Name it as a separate input.", id=row.id)
            elif _may_never_end(listed):
                yield refused(listed, "is not a file or folder", hint="List only files and folders.", id=row.id)
            else:
                yield from self.from_path(listed, row.id)

    def from_path(self, path: Path, id: str | None = None) -> Found:  # noqa: A002
        """The documents of a file or folder."""
        try:
            if path.is_dir():
                yield from self._from_folder(path)
                return
            with path.open("rb") as stream:
                yield from self.read(stream, _place(path, stream, id), path)
        except (OSError, ValueError) as error:
            yield not_read(path, error, id)

    def read(self, stream: BinaryIO, place: Place, path: Path) -> Found:  # noqa: ARG002 - for who only finds
        """The documents of an open file."""
        return self._reader.read(stream, place)

    def _from_folder(self, folder: Path) -> Found:
        found = False
        waiting = [folder]
        entered: set[tuple[int, int]] = set()
        while waiting:
            path = waiting.pop()
            try:
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    # A link to a parent folder would never end.
                    if (status.st_dev, status.st_ino) not in entered:
                        entered.add((status.st_dev, status.st_ino))
                        inside = sorted(path.iterdir(), key=lambda entry: entry.name, reverse=True)
                        waiting.extend(entry for entry in inside if not entry.name.startswith("."))
                    continue
                # A pipe might never end.
                wanted = stat.S_ISREG(status.st_mode) and is_wanted(path.name)
            except FileNotFoundError:
                # A broken link: reading it reports the error.
                wanted = is_wanted(path.name)
            except OSError as error:
                found = True
                why = f"cannot be opened ({error.strerror or type(error).__name__})"
                yield refused(path, why, hint="Make the folder readable: `chmod -R u+rX`.")
                continue
            if wanted:
                found = True
                yield from self.from_path(path)
            elif not path.name.endswith(_BESIDE_RESULTS):
                self._note(shown(path), PASSED_OVER)
        if not found:
            yield refused(folder, f"is a folder that {NO_LETTER}", hint="Name the folder that contains the letters.")


def _place(path: Path, stream: BinaryIO, id: str | None = None) -> Place:  # noqa: A002
    status = os.fstat(stream.fileno())
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    stem, suffix = split_name(path.name)
    name = shown(stem if suffix else path.stem)
    own = None if size is None else str(path)
    return Place(id or name, shown(path), suffix or table_suffix(path.name), size, path=own)


def _standard_input() -> BinaryIO:
    """Standard input with its own buffer: Python aborts at exit if a thread still reads from `sys.stdin`'s buffer."""
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError:
        # It is not a file: Python code has replaced `sys.stdin`.
        return sys.stdin.buffer


def _may_never_end(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
