"""How many documents a run reads, counted beside it: files and rows are found, not read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from imrllm.documents import Columns, Document, Shard, Unreadable, find_documents
from imrllm.errors import ImrllmError


class Total:
    """The number of documents of a run. It is not known for standard input, addresses and archives."""

    def __init__(
        self, inputs: Iterable[str], columns: Columns, shard: Shard | None, limit: int | None, output: Path | None
    ) -> None:
        """Prepare to count; nothing is opened before `start`.

        Args:
            inputs: paths of files and folders, patterns and lists.
            columns: the columns of tables.
            shard: the part of the documents to count; None for all.
            limit: the maximum number of documents.
            output: the results file, which is not an input even in a folder of inputs.
        """
        self._inputs = list(inputs)
        self._columns = columns
        self._shard = shard
        self._limit = limit
        self._output = output and output.resolve()
        self._found: int | None = None
        # Letters beyond the first of their file: only reading a file shows them.
        self._further = 0

    @property
    def letters(self) -> int | None:
        """The number so far; None before the count ends, or if the inputs cannot be counted."""
        if self._found is None:
            return None
        letters = self._found + self._further
        return letters if self._limit is None else min(letters, self._limit)

    def known(self, number: int) -> None:
        """Take a number that was counted already."""
        self._found = number

    def start(self) -> None:
        """Count in a thread, unless the number is known. The process does not wait for it to end."""
        if self._found is not None:
            return
        threading.Thread(target=self.count, name="imrllm-total", daemon=True).start()

    def count(self) -> None:
        """Count now."""
        number = 0
        try:
            for location in find_documents(self._inputs, columns=self._columns):
                own = self._is_output(location.path)
                number += not own and (self._shard is None or self._shard.has(location.id))
                if number == self._limit:
                    break
        except (ImrllmError, OSError, ValueError):
            # Reading the inputs says what is wrong with them; an archive can only be read.
            return
        self._found = number

    def _is_output(self, path: str) -> bool:
        # Resolving a path asks the disk: only one with the output's name can be it.
        return self._output is not None and self._output.name in path and Path(path).resolve() == self._output

    def noting(self, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
        """Pass documents on, and count the further letters of files that hold several."""
        earlier = ""
        for document in documents:
            file, _, number = document.source.rpartition("#")
            self._further += number.isdecimal() and earlier == f"{file}#{int(number) - 1}"
            earlier = document.source
            yield document
