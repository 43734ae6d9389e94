"""Rows in the order of the inputs, in a run that has no results file to sort at its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from imrllm.running.rows import Row


class InputOrder:
    """Holds back rows that finish before their turn: at most as many as documents are worked on at a time."""

    def __init__(self, write: Callable[[Row], None]) -> None:
        self._write = write
        self._awaited: deque[str] = deque()
        self._held: dict[str, Row] = {}

    def expect(self, document_id: str) -> None:
        """Note the next document of the input."""
        self._awaited.append(document_id)

    def add(self, row: Row) -> None:
        """Take a finished row, and write all whose turn has come."""
        self._held[row.document_id] = row
        while self._awaited and self._awaited[0] in self._held:
            self._write(self._held.pop(self._awaited.popleft()))

    def flush(self) -> None:
        """Write what is still held back, after an interrupted run."""
        while self._awaited:
            row = self._held.pop(self._awaited.popleft(), None)
            if row is not None:
                self._write(row)
