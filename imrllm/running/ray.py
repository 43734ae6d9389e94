"""A run spread over a Ray cluster: each partition of the letters is read, extracted and written by one of its workers.

Letters, records and keys never pass through Ray: what does is where the letters lie and how many were made. So every
node must see the letters and the results under the same paths, and has the key in its own environment.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import astuple, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import imrllm.errors
from imrllm.documents import Document, DocumentLocation, Shard, Unreadable, read_location
from imrllm.errors import EngineError, ImrllmError, InternalError, UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.pipeline import Extractor
from imrllm.running.summary import RunSummary
from imrllm.store import Manifest, Partition, ResultsFile, manifest_of, partition_path
from imrllm.store.files import lock_path, reporting
from imrllm.store.resume import pending

INSTALL = "Install it with `pip install 'imrllm[ray]'`, on every node."
# Letters of a partition: few enough for progress to show and for workers to end together, until partitions are many.
_LETTERS = 100
_PARTITIONS = 4096
# How often a worker may die over one partition before it is the partition's fault.
_TRIES = 3
_SAME = "Install the same imrllm on every node."
_REACH = "`ray status` says whether it runs; one with a token needs `RAY_AUTH_MODE=token` and the token here too."
_START = "Ray gives up after 30 seconds: try again on a less busy machine. Its logs: `/tmp/ray/session_latest/logs`."
_SHARED = "Start the run in a folder, and name letters and results, that every node sees under the same path."


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker knows about a run: neither a key nor an address, which may contain a password.

    Attributes:
        manifest: how the run makes its rows.
        prompt: the prompt, as given.
        folder: where the partitions lie.
        of: how many there are.
        started_in: the folder in which relative paths count.
        inputs: the inputs that exist, as given.
        address_sha256: of the model's address.
        concurrency: calls at a time, of one worker.
        rpm: requests a minute, of one worker.
        tpm: tokens a minute, of one worker.
        retry_failed: rows with status `failed` are made again.
        ocr: the text of scanned pages is recognized.
    """

    manifest: Manifest
    prompt: str
    folder: Path
    of: int
    started_in: str
    inputs: tuple[str, ...]
    address_sha256: str
    concurrency: int | None = None
    rpm: int | None = None
    tpm: int | None = None
    retry_failed: bool = False
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error on its way from a worker: its class, its message and its hint."""

    type: str
    message: str
    hint: str

    def error(self) -> ImrllmError:
        """The error again."""
        kind: type[ImrllmError] = getattr(imrllm.errors, self.type, ImrllmError)
        return kind(self.message, hint=self.hint)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one partition.

    Attributes:
        number: the partition, counted from 1.
        summary: what was made of it now, and what was done before.
        written: whether its file is new.
        trouble: why the run cannot go on.
    """

    number: int
    summary: RunSummary = field(default_factory=RunSummary)
    written: bool = False
    trouble: Trouble | None = None


_OUTCOME = TypeAdapter(Outcome)


def address_sha256(target: ModelTarget) -> str:
    """What tells whether two processes ask at the same address."""
    return sha256((target.base_url or "").encode()).hexdigest()


def divided(target: ModelTarget, workers: int, **limits: int | None) -> dict[str, int | None]:
    """Each worker's part of a run's limits.

    Args:
        target: the model.
        workers: how many there are.
        limits: `concurrency`, `rpm` and `tpm` of the whole run.

    Raises:
        UsageError: a limit is smaller than the number of workers.
    """
    parts: dict[str, int | None] = {}
    for name, limit in limits.items():
        if limit is not None and limit < workers and target.asks:
            raise UsageError(
                f"`--{name} {limit}` cannot be divided among {workers} workers.", hint="Have fewer with `--workers`."
            )
        parts[name] = limit and max(1, limit // workers)
    if target.asks and not parts.get("concurrency"):
        parts["concurrency"] = max(1, target.concurrency // workers)
    return parts


def planned(places: Sequence[DocumentLocation], of: int | None = None) -> list[list[tuple[int, DocumentLocation]]]:
    """The documents of each partition, with their positions in the inputs.

    Args:
        places: where the documents lie, in input order.
        of: how many partitions there are already, if any: a document's never changes.

    Returns:
        A list for each partition, of which some may be empty.
    """
    of = of or min(max(1, -(-len(places) // _LETTERS)), _PARTITIONS)
    plan: list[list[tuple[int, DocumentLocation]]] = [[] for _ in range(of)]
    for position, place in enumerate(places):
        plan[Shard.holding(place.id, of).number - 1].append((position, place))
    return plan


class Worker:
    """Makes one partition after another, in a process of its own, with one client and one event loop."""

    def __init__(self, job: Job) -> None:
        """Prepare a worker; what can fail does so with the first partition, which tells of it."""
        self._job = job
        self._loop: asyncio.AbstractEventLoop | None = None
        self._extractor: Extractor | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        """Make the partitions of a batch, as Ray Data calls it.

        Args:
            batch: columns `number` and `places`, as `spread` makes them.

        Returns:
            A column of outcomes.
        """
        outcomes = [
            self.outcome(int(number), [(at, DocumentLocation(*place)) for at, place in json.loads(str(places))])
            for number, places in zip(batch["number"], batch["places"], strict=True)
        ]
        return {"outcome": [_OUTCOME.dump_json(outcome).decode() for outcome in outcomes]}

    def outcome(self, number: int, places: Sequence[tuple[int, DocumentLocation]]) -> Outcome:
        """Make one partition, or tell why the run cannot go on.

        Args:
            number: the partition, counted from 1.
            places: its documents.
        """
        try:
            self._loop = self._loop or asyncio.new_event_loop()
            self._extractor = self._extractor or self._loop.run_until_complete(self._open())
            with _counting_tries(partition_path(self._job.folder, number, self._job.of)):
                return self._loop.run_until_complete(self._make(self._extractor, number, places))
        except ImrllmError as error:
            trouble = Trouble(type(error).__name__, str(error), error.hint)
        except Exception as error:  # noqa: BLE001 - Ray would log it, and its message can hold the letter's text
            why = f"Partition {number} of {self._job.of} failed in a way that is not foreseen: {type(error).__name__}."
            trouble = Trouble(InternalError.__name__, why, "Please report it.")
        return Outcome(number, trouble=trouble)

    def close(self) -> None:
        """Close the connections; a worker of Ray's is ended with its process."""
        if self._loop is not None:
            if self._extractor is not None:
                self._loop.run_until_complete(self._extractor.__aexit__(None, None, None))
            self._loop.close()

    async def _open(self) -> Extractor:
        """Open the extractor, unless this node would make other rows than the one where the run was started."""
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
            concurrency=job.concurrency,
            rpm=job.rpm,
            tpm=job.tpm,
            redact=own.redact,
            target=target,
        )
        here = manifest_of(extractor)
        if differences := own.differences(here):
            raise EngineError(f"`{host}` would make rows with {' and '.join(differences)}.", hint=_SAME)
        return await extractor.__aenter__()

    async def _make(self, extractor: Extractor, number: int, places: Sequence[tuple[int, DocumentLocation]]) -> Outcome:
        job = self._job
        partition = Partition(partition_path(job.folder, number, job.of), job.manifest, retry_failed=job.retry_failed)
        summary = RunSummary()
        documents: list[tuple[int, str, str | None]] = []
        # Row by row as in any run, so that a break loses none; a partition is written when it is whole.
        with ResultsFile(partition.journal, job.manifest, retry_failed=job.retry_failed) as journal:

            def letters() -> Iterator[Document | Unreadable]:
                for position, place in places:
                    for document in read_location(place, ocr=job.ocr):
                        documents.append((position, document.id, document.sha256))
                        yield document

            waiting = pending(letters(), summary, journal, partition)
            async with aclosing(extractor.astream(waiting)) as finished:
                async for result in finished:
                    journal.append(result)
                    summary.add(result)
            return Outcome(number, summary, partition.write(documents))


@contextmanager
def _counting_tries(partition: Path) -> Iterator[None]:
    """Count how often a partition is begun: one that kills its worker each time must not be begun for ever.

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


@contextmanager
def cluster(address: str | None, workers: int | None) -> Iterator[int]:
    """Connect to a Ray cluster while the block runs, or start one on this machine that ends with it.

    Args:
        address: of a running cluster, or `auto` for the one that this machine is a node of.
        workers: CPUs that a cluster on this machine is to have; all of the machine's by default.

    Yields:
        How many CPUs the cluster has.

    Raises:
        UsageError: Ray is not installed, or the address is a Ray client's.
        EngineError: no cluster answers at the address.
    """
    if address and address.startswith("ray://"):
        raise UsageError(
            f"`{address}` is the address of a Ray client, which Ray Data does not go through.",
            hint="Run the command on a node with `--ray-address auto`, or submit it: `ray job submit -- imrllm ...`.",
        )
    # Set before Ray is imported: no statistics to its makers, no log of its own on the terminal.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
        import ray.data
    except ImportError:
        raise UsageError("`--engine ray` needs Ray, which is not installed.", hint=INSTALL) from None
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {"address": address}
    if address is None:
        options = {"address": "local", "num_cpus": workers, "include_dashboard": False, "_node_ip_address": "127.0.0.1"}
    try:
        with _silenced():
            ray.init(**options, configure_logging=False, log_to_driver=False)
    except Exception as error:  # noqa: BLE001 - Ray's errors here have no common class
        where = f"No Ray cluster answers at `{address}`" if address else "Ray cannot be started on this machine"
        raise EngineError(f"{where}: {type(error).__name__}.", hint=_REACH if address else _START) from None
    try:
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        ray.shutdown()


@contextmanager
def _silenced() -> Iterator[None]:
    """Nothing on standard error while the block runs: Ray's own code writes there whatever its levels are."""
    shown, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        os.close(nowhere)


def spread(job: Job, plan: Sequence[Sequence[tuple[int, DocumentLocation]]], workers: int) -> Iterator[Outcome]:
    """Have the partitions made by a pool of workers, within a `cluster`.

    Args:
        job: what the workers know about the run.
        plan: the documents of each partition.
        workers: how many processes, of one CPU each. One that dies is replaced, and its partition taken up again.

    Yields:
        One outcome a partition, as they finish.

    Raises:
        ImrllmError: what makes a worker give up.
        EngineError: the cluster broke off.
    """
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    rows = [
        {"number": number, "places": json.dumps([(at, astuple(place)) for at, place in places])}
        for number, places in enumerate(plan, 1)
    ]
    # A block is a task: with one partition each, they are started one by one, as workers become free. Each has
    # the next one at hand: asking for it takes a fifth of the time that a hundred letters do.
    made = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        Worker,
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows)), max_tasks_in_flight_per_actor=2),
        num_cpus=1,
        fn_constructor_kwargs={"job": job},
    )
    try:
        for row in made.iter_rows():
            outcome = _OUTCOME.validate_json(row["outcome"])
            if outcome.trouble is not None:
                raise outcome.trouble.error()
            yield outcome
    except ray.exceptions.RayError as error:
        # Its message is a page, and may quote what it was about.
        raise EngineError(
            f"The Ray cluster broke the run off: {type(error).__name__}.", hint="The same command goes on from there."
        ) from None
