"""What one worker of a Ray cluster does: it makes partitions, each from the files and with the key of its own node."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from imrllm.documents import Document, DocumentLocation, Unreadable, read_location
from imrllm.errors import EngineError, ImrllmError, InternalError
from imrllm.letter import ChosenForm, starts_by
from imrllm.llm import ModelTarget, resolve_model
from imrllm.pipeline import Extractor
from imrllm.running.summary import RunSummary
from imrllm.store import Manifest, Partition, ResultsFile, manifest_of, partition_path
from imrllm.store.files import lock_path, reporting
from imrllm.store.resume import pending

# A partition is given up after so many of its workers have died.
_TRIES = 3
_SAME = "Install the same imrllm on every node."
_SHARED = "Start the run in a folder, and name letters and results, that every node sees under the same path."

# Documents, each with its position in the inputs.
Documents = Sequence[tuple[int, DocumentLocation]]


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker knows about a run: no key, and no address, which may contain a password.

    Attributes:
        manifest: how the run makes its rows.
        prompt: the prompt, as given.
        folder: the folder of the partitions.
        of: the number of partitions.
        started_in: the folder that relative paths start from.
        inputs: the inputs that exist, as given.
        address_sha256: of the model's address.
        limits: `concurrency`, `rpm` and `tpm` of one worker.
        retry_failed: rows with status `failed` are made again.
        ocr: the text of scanned pages is recognized.
        form: the form that is tried first, with its phrases: other nodes may not have its file.
    """

    manifest: Manifest
    prompt: str
    folder: Path
    of: int
    started_in: str
    inputs: tuple[str, ...]
    address_sha256: str
    limits: dict[str, int | None] = field(default_factory=dict)
    retry_failed: bool = False
    ocr: bool = False
    form: ChosenForm | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One partition to make: its number, counted from 1, and its documents, of which there may be none."""

    number: int
    documents: Documents


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one partition.

    Attributes:
        number: the partition, counted from 1.
        summary: the rows made now, and the documents skipped.
        written: whether its file is new.
        error: why the run cannot go on.
    """

    number: int
    summary: RunSummary = field(default_factory=RunSummary)
    written: bool = False
    error: ImrllmError | None = None


def address_sha256(target: ModelTarget) -> str:
    """A digest that shows whether two processes ask the model at the same address."""
    return sha256((target.base_url or "").encode()).hexdigest()


class Worker:
    """Makes one partition after another, in a process of its own, with one client."""

    def __init__(self, job: Job) -> None:
        """Prepare a worker; whatever fails does so with the first partition, whose outcome holds the error."""
        self._job = job
        self._extractor: Extractor | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Outcome]]:
        """Make the partitions of a batch, as Ray Data calls it: a column of tasks becomes a column of outcomes."""
        return {"outcome": [self.outcome(task) for task in batch["task"]]}

    def outcome(self, task: Task) -> Outcome:
        """Make one partition, or say why the run cannot go on."""
        try:
            self._extractor = self._extractor or self._opened()
            with _counting_tries(partition_path(self._job.folder, task.number, self._job.of)):
                return self._make(self._extractor, task)
        except ImrllmError as error:
            # Without its cause and traceback, which Ray would log and which can hold the letter's text.
            failure = type(error)(str(error), hint=error.hint)
        except Exception as error:  # noqa: BLE001 - Ray would log it, and its message can hold the letter's text
            failure = InternalError(
                f"Partition {task.number} of {self._job.of} failed unexpectedly: {type(error).__name__}.",
                hint="Please report it.",
            )
        return Outcome(task.number, error=failure)

    def close(self) -> None:
        """Close the connections. Ray ends its workers with their processes instead."""
        if self._extractor is not None:
            self._extractor.close()

    def _opened(self) -> Extractor:
        """Open the extractor. Raises `EngineError` if this node would make other rows than the node that started."""
        job, host = self._job, socket.gethostname()
        try:
            os.chdir(job.started_in)
        except OSError:
            if not all(Path(given).is_absolute() for given in job.inputs):
                raise EngineError(f"`{host}` has no folder `{job.started_in}`.", hint=_SHARED) from None
        for path in (lock_path(job.folder), *map(Path, job.inputs)):
            if not path.exists():
                raise EngineError(f"`{host}` does not see `{path}`.", hint=_SHARED)
        own = job.manifest
        target = resolve_model(own.model)
        if address_sha256(target) != job.address_sha256:
            raise EngineError(
                f"`{host}` would ask model `{own.model}` at another address.",
                hint="Set `OPENAI_BASE_URL` (or `OLLAMA_HOST`) alike on every node, before `ray start`.",
            )
        extractor = Extractor(
            prompt=job.prompt,
            on_conflict=own.on_conflict or "repair",
            concurrency=job.limits.get("concurrency"),
            rpm=job.limits.get("rpm"),
            tpm=job.limits.get("tpm"),
            redact=own.redact,
            review_above=own.review_above,
            form=job.form,
            target=target,
        )
        if differences := own.differences(manifest_of(extractor, columns=own.columns)):
            raise EngineError(f"`{host}` would make rows with {' and '.join(differences)}.", hint=_SAME)
        return extractor.__enter__()

    def _documents(self, location: DocumentLocation) -> Iterator[Document | Unreadable]:
        job = self._job
        starts = starts_by(job.form)
        return read_location(location, letter_starts=starts, ocr=job.ocr, columns=job.manifest.columns)

    def _make(self, extractor: Extractor, task: Task) -> Outcome:
        job = self._job
        path = partition_path(job.folder, task.number, job.of)
        partition = Partition(path, job.manifest, retry_failed=job.retry_failed)
        summary = RunSummary()
        documents: list[tuple[int, str, str | None]] = []

        def letters() -> Iterator[Document | Unreadable]:
            for position, location in task.documents:
                for document in self._documents(location):
                    documents.append((position, document.id, document.sha256))
                    yield document

        # Row by row as in any run, so that an interruption loses none. The partition is written when it is complete.
        with ResultsFile(partition.journal, job.manifest, retry_failed=job.retry_failed) as journal:
            with closing(extractor.stream(pending(letters(), summary, journal, partition))) as results:
                for result in results:
                    journal.append(result)
                    summary.add(result)
            return Outcome(task.number, summary, partition.write(documents))


@contextmanager
def _counting_tries(partition: Path) -> Iterator[None]:
    """Count how often a partition is begun, to give up one that kills its worker each time.

    Raises:
        EngineError: it has been begun too often.
    """
    tries = partition.with_name(f".{partition.name}.tries")
    with reporting(partition):
        begun = tries.stat().st_size if tries.exists() else 0
        if begun >= _TRIES:
            raise EngineError(
                f"Workers died {begun} times over `{partition.name}`.",
                hint="Have fewer with `--workers`: each has more memory then.",
            )
        with tries.open("ab") as file:
            file.write(b".")
    yield
    tries.unlink(missing_ok=True)
