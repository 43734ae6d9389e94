"""`imrllm extract --engine ray`: the run spread over a Ray cluster, results in Parquet partitions."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import redirect_stdout
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrllm.errors import UsageError

if TYPE_CHECKING:
    from imrllm.llm import ModelTarget
    from imrllm.running.summary import RunSummary
    from imrllm.store import Manifest, Partitions


def refuse_options(target: ModelTarget, output: Path | None, **options: object) -> None:
    """Refuse options that a run on Ray does not support; one that is None was not given.

    Raises:
        UsageError: an option is not supported.
    """
    if output is None:
        raise UsageError(
            "`--engine ray` has no results folder.", hint="Name one with `-o`: it gets Parquet partitions."
        )
    for name, value in options.items():
        if value is not None:
            raise UsageError(
                f"`--{name.replace('_', '-')}` is not available with Ray: its workers share no state.",
                hint="Leave it out, or leave `--engine ray` out.",
            )
    if target.embedded:
        raise UsageError(
            "Each worker of `--engine ray` would load an embedded model of its own.",
            hint="Serve one for all (`vllm serve`) and name it: `--model vllm/NAME`; docs/ray.md tells how.",
        )


def run_on_ray(
    results: Callable[[], Partitions],
    inputs: list[str],
    summary: RunSummary,
    *,
    manifest: Manifest,
    target: ModelTarget,
    prompt: str,
    limits: dict[str, int | None],
    limit: int | None,
    workers: int | None,
    address: str | None,
    retry_failed: bool,
    ocr: bool,
    quiet: bool,
) -> None:
    """Read the letters with the workers of a cluster, and count their rows in `summary`.

    `results` opens the results folder, and `limits` are `concurrency`, `rpm` and `tpm` of the whole run. By default
    there is one worker per CPU, but no more than calls at a time, on a new cluster on this machine.

    Raises:
        ImrllmError: the run cannot start or continue.
    """
    from imrllm.cli.progress import show_progress
    from imrllm.documents import find_documents
    from imrllm.running.ray import Job, address_sha256, cluster, divided, planned, spread

    with results() as partitions:
        plan = planned(list(islice(find_documents(inputs), limit)), partitions.of)
        # Ray reports dead workers on standard output, whatever its settings. Nothing else is written there.
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), cluster(address, workers) as cpus:
            most = limits["concurrency"] or target.concurrency
            workers = workers or (min(cpus, most) if target.asks else cpus)
            parts: dict[str, Any] = divided(target, workers, **limits)
            job = Job(
                manifest,
                prompt=prompt,
                folder=partitions.folder,
                of=len(plan),
                started_in=str(Path.cwd()),
                inputs=tuple(given for given in inputs if given and Path(given).exists()),
                address_sha256=address_sha256(target),
                retry_failed=retry_failed,
                ocr=ocr,
                **parts,
            )
            with show_progress(summary, quiet=quiet, live=True) as tick:
                for outcome in spread(job, plan, workers):
                    summary.include(outcome.summary)
                    for _ in plan[outcome.number - 1]:
                        tick()
