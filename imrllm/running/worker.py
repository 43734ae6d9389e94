"""What a process of a run does with one letter after another: read a file, or make a letter's record by the grammar."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

from imrllm import telemetry
from imrllm.documents import Document, Unreadable
from imrllm.documents.letter_file import FileText, LetterFile, ReadHere
from imrllm.errors import ImrllmError
from imrllm.pipeline import Extractor
from imrllm.running.rows import Row
from imrllm.running.starting import exit_now

FLUSH_SECONDS = 5.0
"""How long a process may take to send its last spans."""

Task = LetterFile | Document | Unreadable
Answer = FileText | Unreadable | Row | ImrllmError
"""Of a file its text; of a document its row; or why the run cannot go on."""


class Handle(Protocol):
    """The run's handle of one process."""

    def finish(self) -> None:
        """Let the process send its spans and end by itself; `stop` waits for it."""

    def stop(self, wait: float) -> None:
        """End the process, after a wait in seconds for its own end."""


def end_all(handles: Sequence[Handle]) -> None:
    """End processes; where spans are recorded, after they have sent theirs."""
    traced = telemetry.is_recorded()
    if traced:
        for handle in handles:
            handle.finish()
    for handle in handles:
        handle.stop(2 * FLUSH_SECONDS if traced else 0.0)


@dataclass(frozen=True, slots=True)
class LetterWork:
    """What is done with files and letters.

    Attributes:
        extractor: makes records without a model; None where a model is asked, and only files are read.
        reading: reads files.
    """

    extractor: Extractor | None
    reading: ReadHere

    def answer(self, task: Task) -> Answer:
        """Do one task."""
        if isinstance(task, LetterFile):
            return self.reading.read(task)
        if self.extractor is None:
            raise TypeError("letters are not read here")
        try:
            return Row.of(self.extractor.extract(task))
        except ImrllmError as error:
            return error


def serve_letters(work: LetterWork, connection: Connection) -> None:
    """Answer task after task, until the run ends.

    Args:
        work: does them.
        connection: brings pickled tasks and takes pickled answers, in the same order; None asks for an end.
    """
    while True:
        try:
            task: Task | None = pickle.loads(connection.recv_bytes())  # noqa: S301 - the run's own
            if task is None:
                telemetry.flush(FLUSH_SECONDS)
                exit_now()
            connection.send_bytes(pickle.dumps(work.answer(task), pickle.HIGHEST_PROTOCOL))
        except (EOFError, OSError):
            exit_now()
