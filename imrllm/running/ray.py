"""A run spread over a Ray cluster: each partition of the letters is read, extracted and written by one of its workers.

Letters, records and keys never pass through Ray: what does is where the letters lie and how many were made. So every
node must see the letters and the results under the same paths, and has the key in its own environment.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from imrllm.documents import Document, DocumentLocation, Shard, Unreadable, find_documents, read_location
from imrllm.errors import EngineError, ImrllmError, InternalError, UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.pipeline import Extractor
from imrllm.prompts import DEFAULT_PROMPT
from imrllm.running.run import Event, PartitionFinished, Run, RunStarted
from imrllm.running.summary import RunSummary
from imrllm.store import Manifest, Partition, Partitions, ResultsFile, manifest_of, partition_path
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


def refuse_options(run: Run) -> None:
    """Refuse options that a run on Ray does not support.

    Raises:
        UsageError: an option is not supported.
    """
    _results_folder(run)
    options = run.options
    for name, given in (
        ("max-cost", options.get("max_cost") is not None),
        ("shard", options.get("shard") is not None),
        ("allow-network", options.get("allow_network")),
    ):
        if given:
            raise UsageError(
                f"`--{name}` is not available with Ray: its workers share no state.",
                hint="Leave it out, or leave `--engine ray` out.",
            )
    if run.extractor.target.embedded:
        raise UsageError(
            "Each worker of `--engine ray` would load an embedded model of its own.",
            hint="Serve one for all (`vllm serve`) and name it: `--model vllm/NAME`; docs/ray.md tells how.",
        )


def _results_folder(run: Run) -> Path:
    if run.output is None:
        raise UsageError(
            "`--engine ray` has no results folder.", hint="Name one with `-o`: it gets Parquet partitions."
        )
    return run.output


def run_on_ray(run: Run, emit: Callable[[Event], None]) -> RunSummary:
    """Make the rows of a run with the workers of a cluster.

    Args:
        run: the run; its summary grows partition by partition.
        emit: is called with `RunStarted` and `PartitionFinished` events.

    Raises:
        UsageError: Ray is not installed, an input cannot be read by other processes, or a limit cannot be divided.
        ImrllmError: the run cannot start or continue.
    """
    options, target, summary = run.options, run.extractor.target, run.summary
    fresh, retry_failed = options.get("fresh", False), options.get("retry_failed", False)
    with Partitions(_results_folder(run), run.manifest, fresh=fresh, retry_failed=retry_failed) as partitions:
        tasks = planned(islice(find_documents(run.inputs), options.get("limit")), partitions.of)
        workers = options.get("workers")
        # Ray reports dead workers on standard output, whatever its settings. Nothing else is written there.
        with (
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
            cluster(options.get("ray_address"), workers) as cpus,
        ):
            workers = workers or (min(cpus, run.extractor.concurrency) if target.asks else cpus)
            job = Job(
                run.manifest,
                prompt=options.get("prompt") or DEFAULT_PROMPT,
                folder=partitions.folder,
                of=len(tasks),
                started_in=str(Path.cwd()),
                inputs=tuple(given for given in run.inputs if given and Path(given).exists()),
                address_sha256=address_sha256(target),
                limits=limits_of_each(run, workers),
                retry_failed=retry_failed,
                ocr=options.get("ocr", False),
            )
            emit(RunStarted(summary))
            for outcome in spread(job, tasks, workers):
                summary.include(outcome.summary)
                emit(PartitionFinished(outcome.number))
    return summary


def address_sha256(target: ModelTarget) -> str:
    """A digest that shows whether two processes ask the model at the same address."""
    return sha256((target.base_url or "").encode()).hexdigest()


def limits_of_each(run: Run, workers: int) -> dict[str, int | None]:
    """The `concurrency`, `rpm` and `tpm` of each worker.

    Raises:
        UsageError: a given limit is smaller than the number of workers.
    """
    for name in ("concurrency", "rpm", "tpm"):
        limit = run.options.get(name)
        if isinstance(limit, int) and limit < workers and run.extractor.target.asks:
            raise UsageError(
                f"`--{name} {limit}` cannot be divided among {workers} workers.", hint="Have fewer with `--workers`."
            )
    share = run.extractor.share(workers)
    return {"concurrency": share.concurrency, "rpm": share.rpm, "tpm": share.tpm}


def planned(documents: Iterable[DocumentLocation], of: int | None = None) -> list[Task]:
    """Divide documents, in input order, among partitions.

    A document's partition never changes: `of` is the number of partitions that there already are, if any.
    """
    numbered = list(enumerate(documents))
    of = of or min(max(1, -(-len(numbered) // _LETTERS)), _PARTITIONS)
    parts: list[list[tuple[int, DocumentLocation]]] = [[] for _ in range(of)]
    for position, document in numbered:
        parts[Shard.holding(document.id, of).number - 1].append((position, document))
    return [Task(number, part) for number, part in enumerate(parts, 1)]


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
                f"Partition {task.number} of {self._job.of} failed in a way that is not foreseen: "
                f"{type(error).__name__}.",
                hint="Please report it.",
            )
        return Outcome(task.number, error=failure)

    def close(self) -> None:
        """Close the connections. Ray ends its workers with their processes instead."""
        if self._extractor is not None:
            self._extractor.close()

    def _opened(self) -> Extractor:
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
            concurrency=job.limits.get("concurrency"),
            rpm=job.limits.get("rpm"),
            tpm=job.limits.get("tpm"),
            redact=own.redact,
            target=target,
        )
        if differences := own.differences(manifest_of(extractor)):
            raise EngineError(f"`{host}` would make rows with {' and '.join(differences)}.", hint=_SAME)
        return extractor.__enter__()

    def _make(self, extractor: Extractor, task: Task) -> Outcome:
        job = self._job
        path = partition_path(job.folder, task.number, job.of)
        partition = Partition(path, job.manifest, retry_failed=job.retry_failed)
        summary = RunSummary()
        documents: list[tuple[int, str, str | None]] = []

        def letters() -> Iterator[Document | Unreadable]:
            for position, location in task.documents:
                for document in read_location(location, ocr=job.ocr):
                    documents.append((position, document.id, document.sha256))
                    yield document

        # Row by row as in any run, so that a break loses none; a partition is written when it is whole.
        with ResultsFile(partition.journal, job.manifest, retry_failed=job.retry_failed) as journal:
            with closing(extractor.stream(pending(letters(), summary, journal, partition))) as results:
                for result in results:
                    journal.append(result)
                    summary.add(result)
            return Outcome(task.number, summary, partition.write(documents))


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


def spread(job: Job, tasks: Sequence[Task], workers: int) -> Iterator[Outcome]:
    """Have the partitions made by a pool of workers, within a `cluster`.

    Args:
        job: what the workers know about the run.
        tasks: the partitions.
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
    # A block is a task: with one partition each, they are started one by one, as workers become free. Each has
    # the next one at hand: asking for it takes a fifth of the time that a hundred letters do.
    made = ray.data.from_items([{"task": task} for task in tasks], override_num_blocks=len(tasks)).map_batches(
        Worker,
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(tasks)), max_tasks_in_flight_per_actor=2),
        num_cpus=1,
        fn_constructor_kwargs={"job": job},
    )
    try:
        for row in made.iter_rows():
            outcome: Outcome = row["outcome"]
            if outcome.error is not None:
                raise outcome.error
            yield outcome
    except ray.exceptions.RayError as error:
        # Its message is a page, and may quote what it was about.
        raise EngineError(
            f"The Ray cluster broke the run off: {type(error).__name__}.", hint="The same command goes on from there."
        ) from None
