"""What is found becomes documents, in its order: ids are given out, other shards left out, and files read ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from imrllm.documents.document import Document, Unreadable
from imrllm.documents.letter_file import FileReading, FileText, LetterFile, ReservedId
from imrllm.documents.pdf import MAX_PDF
from imrllm.documents.shard import Shard

Outcome = FileText | Unreadable


@dataclass(slots=True)
class _Waiting:
    """What was found: its documents, or what waits for the outcome of a file that is being read."""

    id: str
    given: str
    found: list[Document | Unreadable] | Callable[[], Outcome]
    size: int = 0


class ReadAhead:
    """Passes documents on in the order in which they were found, with the ids that reading one by one would give."""

    def __init__(self, reading: FileReading, shard: Shard | None) -> None:
        """Start without documents.

        Args:
            reading: reads files.
            shard: the part of the documents to pass on; None for all.
        """
        self._reading = reading
        self._shard = shard
        self._ids = _UniqueIds()
        self._waiting: deque[_Waiting] = deque()

    def elsewhere(self, wanted: str) -> bool:
        """Whether the document of a name belongs to another shard."""
        if self._shard is None:
            return False
        self._settle_before(wanted)
        return not self._shard.has(self._ids.expected(wanted))

    def unique(self, wanted: str) -> str:
        """Give out an id: the one that is wanted, or `wanted~2` and so on where that is taken."""
        self._settle_before(wanted)
        return self._ids.unique(wanted)

    def add(self, found: Document | Unreadable | ReservedId | LetterFile | FileText, given: str) -> None:
        """Add what was found next. A file is started to be read.

        Args:
            found: the finding.
            given: the input in which it was found, as its documents' sources name it.
        """
        if isinstance(found, LetterFile):
            unique = self.unique(found.place.stem)
            self._waiting.append(_Waiting(unique, given, self._reading.start(found), len(found.data or b"")))
        elif isinstance(found, FileText):
            self._waiting.append(_Waiting(self.unique(found.whole.id), given, lambda: found))
        else:
            unique = self.unique(found.id)
            own = [] if isinstance(found, ReservedId) else self._own(found, unique, given)
            self._waiting.append(_Waiting(unique, given, own))

    def documents(self, *, rest: bool = False) -> Iterator[Document | Unreadable]:
        """Take the documents whose turn has come: all before the files that are being read, and those that must wait.

        Args:
            rest: nothing more will be found, so that the last files are waited for too.
        """
        waiting, ahead = self._waiting, 0 if rest else self._reading.ahead
        while waiting and (
            isinstance(waiting[0].found, list)
            or len(waiting) > ahead
            # The bytes of members of archives are held here.
            or sum(each.size for each in waiting) > MAX_PDF
        ):
            yield from self._settled(waiting.popleft())

    def _settle_before(self, wanted: str) -> None:
        """Wait for all files before an id is given out that one of their letters may take."""
        if "#" in wanted:
            for each in self._waiting:
                each.found = self._settled(each)

    def _settled(self, waiting: _Waiting) -> list[Document | Unreadable]:
        if isinstance(waiting.found, list):
            return waiting.found
        read = waiting.found()
        if isinstance(read, FileText) and read.starts:
            # All letters of a file belong to the shard of the file.
            letters = read.letters(waiting.id)
            return [replace(letter, id=self._ids.unique(letter.id)) for letter in letters]
        return self._own(read if isinstance(read, Unreadable) else read.whole, waiting.id, waiting.given)

    def _own(self, document: Document | Unreadable, unique: str, given: str) -> list[Document | Unreadable]:
        """A document with its id; nothing if it belongs to another shard."""
        # Every machine without the letters must report it, whatever shard the folder's name belongs to.
        whole = isinstance(document, Unreadable) and document.source == given
        if self._shard is None or whole or self._shard.has(unique):
            return [document if unique == document.id else replace(document, id=unique)]
        return []


class _UniqueIds:
    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        name, number = self._next(wanted)
        self._seen[wanted] = number
        self._seen[name] = 1
        return name

    def expected(self, wanted: str) -> str:
        """What `unique` will return."""
        return self._next(wanted)[0]

    def _next(self, wanted: str) -> tuple[str, int]:
        name, number = wanted, self._seen.get(wanted, 1)
        while name in self._seen:
            number += 1
            name = f"{wanted}~{number}"
        return name, number
