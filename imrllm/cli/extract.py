"""`imrllm extract`: letters in, checked records out."""

from __future__ import annotations

import shlex
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from imrllm.cli.messages import show_summary, show_trust
from imrllm.cli.options import (
    Form,
    IdColumn,
    Limit,
    Model,
    Ocr,
    OnConflict,
    OutcomeColumn,
    Output,
    Prompt,
    Quiet,
    Redact,
    ReviewAbove,
    ShardOf,
    TextColumn,
    option,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from imrllm.estimates import Estimate
    from imrllm.running.run import Run

EXAMPLES = """\b
Examples:
  imrllm extract letters/ -o records.jsonl
  imrllm extract letter.pdf --model none | jq .record.disputed_items
  imrllm extract letters.zip 'more/**/*.docx' list.csv -o records.jsonl
  imrllm extract scans/ --ocr -o records.jsonl
  imrllm extract reviews.csv --form rationale --text-column Findings --outcome-column Determination -o records.jsonl
  cat letters.jsonl | imrllm extract - --model openai/gpt-5-mini --concurrency 16 -o records.jsonl
  imrllm extract letters/ --model openai/gpt-5-mini --rpm 500 --tpm 200000 -o records.jsonl
  imrllm extract letters/ --model openai/gpt-5-mini --dry-run
  imrllm extract letters/ --model openai/gpt-5-mini --max-cost 5 -o records.jsonl
  imrllm extract letters/ --model none --engine ray -o records/ && imrllm merge records.jsonl records/"""

# Inputs that the next command is shown with.
_FEW = 3


def extract(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Text files, PDFs, Word documents (.docx), HTML pages, mails (.eml), JSON lines, CSV and "
            "TSV tables with `id` and `text`; zips, tars and folders of these, patterns such as 'letters/**/*.pdf', a "
            "CSV that lists files (`path`, `id`), or `-` for standard input.",
        ),
    ],
    output: Output = None,
    model: Model = None,
    prompt: Prompt = None,
    on_conflict: OnConflict = "repair",
    concurrency: Annotated[
        int | None,
        option(
            "--concurrency",
            min=1,
            help="Model calls at a time. A `too many` answer (429, 503) halves the number and pauses for as long as it "
            "asks; clean answers raise the number one by one. Default: what suits the model.",
        ),
    ] = None,
    processes: Annotated[
        int | None,
        option(
            "--processes",
            min=1,
            help="Processes that share the work and the limits. Default: one for every 16 calls at a time, at most "
            "the number of cores; without a model, one for each core. Files are read in processes too: one that takes "
            "longer than a minute or crashes is a failed row. On other systems than Linux, this begins with the 51st "
            "letter of a run without a model.",
        ),
    ] = None,
    rpm: Annotated[
        int | None,
        option(
            "--rpm",
            min=1,
            help="Most requests per minute, spread evenly; see your provider's limits page. Default: no limit.",
        ),
    ] = None,
    tpm: Annotated[
        int | None,
        option(
            "--tpm",
            min=1,
            help="Most tokens per minute, of prompts and answers, spread evenly. They are estimated before a call and "
            "corrected by its usage. Default: no limit.",
        ),
    ] = None,
    redact: Redact = False,
    review_above: ReviewAbove = None,
    form: Form = None,
    text_column: TextColumn = None,
    id_column: IdColumn = None,
    outcome_column: OutcomeColumn = None,
    ocr: Ocr = False,
    allow_network: Annotated[
        bool, option("--allow-network", help="Fetch inputs that are addresses (https://...).")
    ] = False,
    limit: Limit = None,
    shard: ShardOf = None,
    resume: Annotated[
        bool,
        option("--resume/--fresh", help="If the results file exists, skip the letters that it has, or start over."),
    ] = True,
    retry_failed: Annotated[
        bool,
        option(
            "--retry-failed",
            help="If the results file exists, retry failed letters. A changed letter is always retried.",
        ),
    ] = False,
    max_cost: Annotated[
        float | None,
        option(
            "--max-cost",
            metavar="USD",
            min=0,
            help="Start no letter that might make this run cost more; letters in progress are finished and written. "
            "Run again with `--resume` to continue.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        option(
            "--dry-run",
            help="Estimate the calls, tokens, dollars and hours of the run. Sends no letter to a model and writes no "
            "file. The time is measured on this machine for `none` and, on a text that is no letter, for `local`.",
        ),
    ] = False,
    engine: Annotated[
        Literal["ray"] | None,
        option(
            "--engine",
            help="`ray` spreads the run over a Ray cluster (`pip install 'imrllm[ray]'`). `-o` is then a folder of "
            "Parquet partitions, which `imrllm merge` turns into a results file. `--concurrency`, `--rpm` and `--tpm` "
            "are divided evenly among the workers; `--max-cost` and `--shard` are not available. Default: none.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        option(
            "--workers",
            min=1,
            help="With `--engine ray`: processes, one CPU each. Default: the cluster's CPUs, but no more than calls at "
            "a time.",
        ),
    ] = None,
    ray_address: Annotated[
        str | None,
        option(
            "--ray-address",
            metavar="ADDRESS",
            help="With `--engine ray`: a running cluster, `host:6379`, or `auto` on one of its nodes. All nodes must "
            "see letters and results under the same paths, and need keys and addresses in their environment. "
            "Default: a cluster on this machine that ends with the run.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Read letters and write a checked record for each.

    A file with several letters is split, and the letters are named `file#1`, `file#2` and so on. Rows are JSON lines,
    each written as soon as it is finished, and in input order when the run ends. After Ctrl-C or any other
    interruption, the same command resumes. The run's settings are in a manifest next to the rows (`.run.json`); rows
    with other settings are never mixed with them. The exit code is 1 if a document failed, now or before, or if
    `--max-cost` held letters back; the other rows are written.
    """
    from imrllm.running.processes import fork_early

    # Before anything starts a thread, and beside the imports that follow.
    server = None if dry_run or engine else fork_early(model, concurrency, processes)

    from imrllm.cli.messages import say, say_remarks
    from imrllm.running.run import Run
    from imrllm.trust import model_advice

    run = Run(
        inputs,
        output,
        model=model,
        prompt=prompt,
        on_conflict=on_conflict,
        concurrency=concurrency,
        processes=processes,
        rpm=rpm,
        tpm=tpm,
        redact=redact,
        review_above=review_above,
        form=form,
        text_column=text_column,
        id_column=id_column,
        outcome_column=outcome_column,
        ocr=ocr,
        allow_network=allow_network,
        limit=limit,
        shard=shard,
        fresh=not resume,
        retry_failed=retry_failed,
        max_cost=max_cost,
        engine=engine,
        workers=workers,
        ray_address=ray_address,
    )
    summary = run.summary
    if run.extractor.target.asks and not quiet:
        say_remarks(run.extractor.prompt)
    if dry_run:
        raise typer.Exit(1 if _estimate(run, quiet=quiet).failed else 0)
    if server is not None:
        run.fork_from(server)
    if run.extractor.target.embedded:
        from imrllm.cli.weights import pull_weights
        from imrllm.llm.server import require_engine

        require_engine()
        pull_weights(quiet=quiet)
    started = time.monotonic()
    try:
        _execute(run, quiet=quiet)
    except KeyboardInterrupt:
        kept = f"{summary.documents.total():,} rows of this run are written."
        if engine:
            kept = "Finished rows are written."
        say(f"Interrupted: {kept} Run the same command again to resume (`--resume`)." if output else "Interrupted.")
        raise typer.Exit(130) from None
    failed = summary.failed + summary.failed_before
    if not quiet:
        show_summary(summary, _title("imrllm extract", run), started)
        show_trust(summary, run.manifest)
        _say_next(run, inputs)
        if model is None and not run.extractor.target.asks and (advice := model_advice()):
            say(advice)
        if output is not None and failed:
            say(f"Hint: Failed rows kept: {failed:,}. `--retry-failed` tries them again.")
    if summary.budget_reached:
        hint = "Run the same command again to resume." if output else "With `-o`, a run can be resumed."
        say(f"Stopped at `--max-cost` {max_cost:g}: ${summary.cost:,.4f} spent, letters are left. {hint}")
    if failed or summary.budget_reached:
        raise typer.Exit(1)


def _say_next(run: Run, inputs: list[str]) -> None:
    """Say which command comes next: to review what is in doubt, or to keep rows that went to the terminal."""
    from imrllm.cli.messages import say

    if run.output is not None and run.summary.flags:
        letters = " ".join(f"--documents {shlex.quote(given)}" for given in inputs[:_FEW])
        more = " ..." if len(inputs) > _FEW else ""
        say(f"Next: imrllm view {run.output} {letters}{more} -o review.html")
    if run.output is None and sys.stdout.isatty() and run.summary.documents.total() > 1:
        say("Hint: No file was written. `-o records.jsonl` keeps the rows, and resumes after an interruption.")


def _execute(run: Run, *, quiet: bool) -> None:
    """Execute a run: draw its progress, and print its rows if it has no output."""
    from imrllm.cli.progress import show_progress
    from imrllm.cli.rows import print_json
    from imrllm.running.run import DocumentFinished, Event, NextResult, PartitionFinished, RunStarted

    live = run.output is not None or not sys.stdout.isatty()
    progress = show_progress(run.summary, quiet=quiet, live=live, total=lambda: run.total.letters)
    with ExitStack() as stack:
        ticks: list[Callable[[], None]] = []

        def draw(event: Event) -> None:
            if isinstance(event, NextResult):
                print_json(event.row.json.decode())
            elif isinstance(event, DocumentFinished | PartitionFinished):
                ticks[0]()
            elif isinstance(event, RunStarted):
                if not quiet:
                    run.total.start()
                ticks.append(stack.enter_context(progress))

        run.execute(draw)


def _estimate(run: Run, *, quiet: bool) -> Estimate:
    """Estimate a run and print the estimate. Makes no call and writes no file."""
    from imrllm.cli.messages import show
    from imrllm.cli.progress import show_progress
    from imrllm.estimates import Estimate, Estimator
    from imrllm.report import render_estimate
    from imrllm.running.expected_time import Stopwatch

    stopwatch = Stopwatch(run.extractor, run.options.get("processes"))
    estimate = Estimate(Estimator(run.extractor.target, run.extractor.prompt, run.extractor.form))
    documents = run.pending(estimate)
    if not quiet:
        run.total.start()
    with show_progress(estimate, quiet=quiet, live=True, total=lambda: run.total.letters) as tick:
        for document in stopwatch.reading(documents):
            estimate.add(document)
            tick()
    expected = stopwatch.expected(estimate)
    show(render_estimate(estimate, _title("imrllm extract --dry-run", run), (expected.seconds, expected.basis)))
    return estimate


def _title(command: str, run: Run) -> str:
    title = f"{command} · model {run.extractor.model}"
    return f"{title} · prompt {run.extractor.prompt.name}" if run.extractor.target.asks else title
