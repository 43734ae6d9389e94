"""Results on standard output, in input order."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imrllm.records import Result


def print_row(result: Result) -> None:
    """Write one result to standard output as a line of JSON, flushed.

    Standard output may be a terminal: a name or value that would steer it is written in JSON's own escapes.
    """
    sys.stdout.write(f"{escaped(result.model_dump_json())}\n")
    sys.stdout.flush()


def escaped(line: str) -> str:
    """The same JSON, each character that does not print in JSON's own escape."""
    if line.isprintable():
        return line
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in line)


class InputOrder:
    """Holds back the rows that were finished before their turn; as many as are worked on at a time."""

    def __init__(self, write: Callable[[Result], None]) -> None:
        self._write = write
        self._awaited: deque[str] = deque()
        self._held: dict[str, Result] = {}

    def expect(self, document_id: str) -> None:
        """Note the next document of the input."""
        self._awaited.append(document_id)

    def add(self, result: Result) -> None:
        """Take a finished row, and write all whose turn has come."""
        self._held[result.document_id] = result
        while self._awaited and self._awaited[0] in self._held:
            self._write(self._held.pop(self._awaited.popleft()))

    def flush(self) -> None:
        """Write what is still held back, as when a run was broken off."""
        while self._awaited:
            result = self._held.pop(self._awaited.popleft(), None)
            if result is not None:
                self._write(result)
