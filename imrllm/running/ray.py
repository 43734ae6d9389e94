"""A run spread over a Ray cluster: each partition of the letters is read, extracted and written by one of its workers.

Letters, records and keys never pass through Ray, only the paths of letters, counts and errors. So every node must see
the letters and the results under the same paths, and has the key in its own environment.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from itertools import islice
from pathlib import Path
from typing import Any

from imrllm.documents import DocumentLocation, Shard, find_documents
from imrllm.errors import EngineError, UsageError
from imrllm.prompts import DEFAULT_PROMPT
from imrllm.running.ray_worker import Job, Outcome, Task, Worker, address_sha256
from imrllm.running.run import Event, PartitionFinished, Run, RunStarted
from imrllm.running.summary import RunSummary
from imrllm.store import Partitions

INSTALL = "Install it with `pip install 'imrllm[ray]'`, on every node."
# Letters of a partition, until there are too many partitions: few, so that progress shows and workers end together.
_LETTERS = 100
_PARTITIONS = 4096
_REACH = "Check it with `ray status`. A cluster with a token needs `RAY_AUTH_MODE=token` and the token here too."
_START = "Ray gives up after 30 seconds: try again on a less busy machine. Its logs: `/tmp/ray/session_latest/logs`."


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
            hint="Serve one for all (`vllm serve`) and name it: `--model vllm/NAME`; see docs/ray.md.",
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
        tasks = planned(islice(find_documents(run.inputs, columns=run.columns), options.get("limit")), partitions.of)
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
                form=run.extractor.form,
            )
            run.total.known(sum(len(task.documents) for task in tasks))
            emit(RunStarted(summary))
            for outcome in spread(job, tasks, workers):
                summary.include(outcome.summary)
                emit(PartitionFinished(outcome.number))
    return summary


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


@contextmanager
def cluster(address: str | None, workers: int | None) -> Iterator[int]:
    """Connect to a Ray cluster while the block runs, or start one on this machine that ends with it.

    Args:
        address: of a running cluster, or `auto` for the one that this machine is a node of.
        workers: CPUs of a cluster on this machine; by default all.

    Yields:
        The number of CPUs of the cluster.

    Raises:
        UsageError: Ray is not installed, or the address is a Ray client's.
        EngineError: no cluster answers at the address.
    """
    if address and address.startswith("ray://"):
        raise UsageError(
            f"`{address}` is the address of a Ray client, which Ray Data does not support.",
            hint="Run the command on a node with `--ray-address auto`, or submit it: `ray job submit -- imrllm ...`.",
        )
    # Set before Ray is imported: it sends no usage statistics, and writes no log to the terminal.
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
    """Drop what is written to standard error: Ray's own code writes there whatever its log levels are."""
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
        workers: the number of processes, of one CPU each. Ray replaces one that dies and retries its partition.

    Yields:
        One outcome a partition, as they finish.

    Raises:
        ImrllmError: what makes a worker give up.
        EngineError: the cluster stopped.
    """
    import ray.data

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # One partition a block, so that Ray starts them one by one, as workers become free. Each worker has a second
    # block waiting, because fetching one takes a fifth of the time that a hundred letters take.
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
            f"The Ray cluster stopped during the run: {type(error).__name__}.",
            hint="Run the same command again to resume.",
        ) from None
