"""`imrllm batch`: send letters through the provider's Batch API, for half the price and within a day."""

from __future__ import annotations

import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import (
    Form,
    IdColumn,
    Limit,
    Model,
    OnConflict,
    OutcomeColumn,
    Prompt,
    Quiet,
    Redact,
    ReviewAbove,
    ShardOf,
    TextColumn,
    option,
)

if TYPE_CHECKING:
    from imrllm.batch import Begun
    from imrllm.running.summary import RunSummary

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The provider's Batch API: half the price, within a day."
)

# The provider asks clients not to poll more often. A batch takes minutes to hours.
POLL_SECONDS = 60.0

Records = Annotated[Path, typer.Argument(metavar="RECORDS", help="The results file of `imrllm batch submit`.")]


@app.command(
    no_args_is_help=True,
    epilog="""\b
Examples:
  imrllm batch submit letters/ -o records.jsonl --model openai/gpt-5-mini
  imrllm batch submit letters/ -o records.jsonl --model openai/gpt-5-mini --max-enqueued-tokens 5000000""",
)
def submit(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT", help="Files and folders as for `imrllm extract`; `collect` reads them again."),
    ],
    output: Annotated[Path, option("--output", "-o", help="Results file.")],
    model: Model = None,
    prompt: Prompt = None,
    on_conflict: OnConflict = "repair",
    redact: Redact = False,
    review_above: ReviewAbove = None,
    form: Form = None,
    text_column: TextColumn = None,
    id_column: IdColumn = None,
    outcome_column: OutcomeColumn = None,
    limit: Limit = None,
    shard: ShardOf = None,
    max_enqueued_tokens: Annotated[
        int | None,
        option(
            "--max-enqueued-tokens",
            min=1,
            help="Most input tokens that may wait at the provider at a time; see `batch queue limit` on its limits "
            "page. `collect` sends the rest as earlier batches end. Default: no limit until the provider reports "
            "one.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Send letters to the provider's Batch API.

    Requests and rows are the same as those of `imrllm extract`. A folder next to the results file (`.batch/`) records
    the batches in progress: after an interruption, the same command finds them and sends nothing twice. Letters that
    need no model call get their rows at once. Re-asks are sent with the next batch.
    """
    import secrets

    from imrllm.batch import Begun
    from imrllm.batch.status import batch_target
    from imrllm.cli.messages import say, say_remarks
    from imrllm.documents import Columns, Shard
    from imrllm.documents.inputs import is_address
    from imrllm.documents.missing import refuse_missing
    from imrllm.errors import UsageError
    from imrllm.llm.transport import require_key
    from imrllm.pipeline import Extractor
    from imrllm.prompts import DEFAULT_PROMPT
    from imrllm.running.run import refuse_input, refuse_outcome
    from imrllm.store import manifest_of
    from imrllm.store.files import refuse_table_format

    if any(given == "-" or is_address(given) for given in inputs):
        raise UsageError("`collect` reads the inputs again, so they must be files.", hint="Name files or folders.")
    refuse_table_format(output)
    refuse_input(output, inputs)
    target = batch_target(model)
    prompt = prompt or DEFAULT_PROMPT
    extractor = Extractor(
        prompt=prompt, on_conflict=on_conflict, redact=redact, review_above=review_above, form=form, target=target
    )
    columns = Columns(text_column, id_column, outcome_column)
    refuse_outcome(columns, extractor)
    if not quiet:
        say_remarks(extractor.prompt)
    part = None if shard is None else Shard.parse(shard)
    refuse_missing(inputs)
    # Without one, rows of letters that need no call would be left behind.
    require_key(target)
    begun = Begun(
        run=secrets.token_hex(8),
        manifest=manifest_of(extractor, shard=part, inputs=inputs, columns=columns),
        prompt=str(Path(prompt).absolute()) if prompt.endswith(".md") else prompt,
        # Do not resolve links: a document is named after the file that was given.
        inputs=tuple(given and str(Path(given).absolute()) for given in inputs),
        limit=limit,
        max_enqueued_tokens=max_enqueued_tokens,
        address=target.address,
        form=form and (str(Path(form).absolute()) if Path(form).exists() else form),
    )
    summary, left = _go(output, begun, fetch=False, quiet=quiet)
    if left and not quiet:
        say(f"{left} Fetch the answers with `imrllm batch collect {output}`.")
    if summary.failed:
        raise typer.Exit(1)


@app.command(
    epilog="""\b
Example:
  imrllm batch status records.jsonl"""
)
def status(records: Records) -> None:
    """Print the state of each batch: number, status, requests answered, failed and in total, expiry and id."""
    import asyncio

    from imrllm.batch import batch_statuses
    from imrllm.report.terminal import printable

    for status in asyncio.run(batch_statuses(records)):
        batch, state = status.batch, status.provider
        counts = f"{state.completed} answered, {state.failed} failed, " if state else ""
        ends = time.strftime("%Y-%m-%d %H:%M", time.localtime(state.expires_at)) if state and state.expires_at else "-"
        columns = (str(batch.number), status.status, f"{counts}{batch.requests} requests", ends, batch.id or "-")
        typer.echo("\t".join(map(printable, columns)))


@app.command(
    epilog="""\b
Examples:
  imrllm batch collect records.jsonl
  imrllm batch collect records.jsonl --wait"""
)
def collect(
    records: Records,
    wait: Annotated[
        bool, option("--wait", help="Keep polling until every letter has a row; Ctrl-C loses nothing.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Fetch finished answers, write their rows and send the next requests.

    The next requests are those that failed, expired or were not answered (at most three times), re-asks, and letters
    that exceeded the token limit before. Files of ended batches are deleted at the provider. The letters are read
    again; a letter that has changed since gets a failed row. The exit code is 1 if a document failed or is left.
    """
    from imrllm.batch.journal import Journal
    from imrllm.cli.messages import say
    from imrllm.store.files import batch_folder

    summary, left = _go(records, Journal(batch_folder(records)).begun, fetch=True, wait=wait, quiet=quiet)
    if left and not quiet:
        say(f"{left} Run the same command again to continue.")
    if left or summary.failed or summary.failed_before:
        raise typer.Exit(1)


@app.command(
    epilog="""\b
Examples:
  imrllm batch cancel records.jsonl
  imrllm batch cancel records.jsonl --wait"""
)
def cancel(
    records: Records,
    wait: Annotated[
        bool, option("--wait", help="Keep polling until the provider has ended every batch; Ctrl-C loses nothing.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Cancel the batches in progress, fetch what was answered, and send nothing more.

    The provider bills answers that it has already. Letters whose requests were all answered get their rows. The
    provider may take 10 minutes to end a batch; until then, run the same command again, or use `--wait`. Once every
    batch has ended, `submit` and `extract` with the same results file read the letters that have no row. The exit code
    is 1 if a batch has not ended.
    """
    from imrllm.batch.journal import Journal
    from imrllm.cli.messages import say
    from imrllm.store.files import batch_folder

    begun = Journal(batch_folder(records)).begun
    _, left = _go(records, begun, fetch=True, wait=wait, quiet=quiet, cancel=True)
    if left:
        if not quiet:
            say(f"{left} Run the same command again to fetch what was answered.")
        raise typer.Exit(1)


def _go(
    output: Path, begun: Begun, *, fetch: bool, wait: bool = False, quiet: bool, cancel: bool = False
) -> tuple[RunSummary, str]:
    """Run one round, or with `wait` all; show and return the counts, and a sentence on what is left, if anything.

    With `cancel` the run is cancelled first.
    """
    import asyncio

    from imrllm.batch import open_run
    from imrllm.cli.messages import say, show_summary, show_trust
    from imrllm.cli.progress import show_progress
    from imrllm.running.summary import RunSummary

    summary = RunSummary()
    started = time.monotonic()

    async def go() -> str:
        with (
            open_run(output, begun) as run,
            show_progress(summary, quiet=quiet, live=True) as tick,
        ):
            async with run:
                if cancel:
                    await run.cancel()
                while True:
                    async with aclosing(run.round(fetch=fetch)) as results:
                        async for result in results:
                            summary.add(result)
                            tick()
                    if not quiet:
                        for note in run.notes:
                            say(note)
                    # Waiting helps only while a batch is in progress; requests refused for their size are sent next.
                    if run.complete or not wait or not (run.journal.under_way or run.full):
                        break
                    await asyncio.sleep(POLL_SECONDS)
            if not wait:
                summary.before = run.before
            if run.complete and run.unread and not quiet:
                again = "`imrllm batch submit` or `imrllm extract` with the same results file reads them"
                say(f"The run was cancelled: {run.unread:,} letters have no row; {again}.")
            return "" if run.complete else run.left

    try:
        left = asyncio.run(go())
    except KeyboardInterrupt:
        say("Interrupted: nothing is lost. Run the same command again to resume.")
        raise typer.Exit(130) from None
    if not quiet:
        title = f"imrllm batch · model {begun.manifest.model} · prompt {begun.manifest.prompt}"
        show_summary(summary, title, started)
        show_trust(summary, begun.manifest)
    return summary, left
