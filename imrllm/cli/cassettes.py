"""`imrllm cassettes`: recorded model answers, for tests and evaluations without a model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Quiet

if TYPE_CHECKING:
    from imrllm.evaluation import Job

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Record model answers about the suites' letters, and check them."
)

Evals = Annotated[
    Path, typer.Option("--evals", envvar="IMRLLM_EVALS", metavar="DIR", help="The suites, each with its letters.")
]
Cassettes = Annotated[
    Path, typer.Option("--cassettes", envvar="IMRLLM_CASSETTES", metavar="DIR", help="The recorded answers.")
]


@app.command(
    epilog="""\b
Examples:
  imrllm cassettes record
  imrllm cassettes record written --prompt v1 --prompt v2 --model local"""
)
def record(
    suite: Annotated[
        str | None,
        typer.Argument(metavar="[SUITE]", help="A suite's name. Default: every suite that ships letters."),
    ] = None,
    prompts: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt", envvar="IMRLLM_PROMPTS", show_default=False, help="Prompt version, repeatable. Default: all."
        ),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", envvar="IMRLLM_MODEL", help="The model to ask: `provider/name` or `local`.")
    ] = "local",
    evals: Evals = Path("evals"),
    cassettes: Cassettes = Path("cassettes"),
    quiet: Quiet = False,
) -> None:
    """Record what is missing or stale: the model's answers about each letter.

    Each letter's cassette is written as soon as it is finished; after Ctrl-C the same command goes on from there.
    A cassette holds the answers, and of the requests names and digests, never the letter.
    """
    from imrllm.cli.messages import say
    from imrllm.cli.weights import pull_weights
    from imrllm.evaluation import record, unrecorded
    from imrllm.evaluation.recording import suite_names
    from imrllm.llm import resolve_model
    from imrllm.prompts import prompt_names

    jobs = [
        job
        for name in ([suite] if suite else suite_names(evals))
        for job in unrecorded(name, prompts or prompt_names(), model, evals=evals, cassettes=cassettes)
    ]
    if jobs and resolve_model(model).embedded:
        pull_weights(quiet=quiet)
    try:
        with _progress(quiet=quiet) as progress:
            written = record(jobs, model, progress)
    except KeyboardInterrupt:
        say("Interrupted: the finished cassettes are written. The same command goes on from there.")
        raise typer.Exit(130) from None
    if not quiet:
        say(f"{written} recorded" if written else "Nothing is missing or stale.")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int, Job], None] | None]:
    from imrllm.cli.messages import say

    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield lambda done, total, job: say(f"{done + 1}/{total} {job} ({job.reason})")
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    console = Console(stderr=True)
    bar = Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    )
    with bar:
        task = bar.add_task("loading", total=None)
        yield lambda done, total, job: bar.update(task, completed=done, total=total, description=str(job))


@app.command(
    epilog="""\b
Example:
  imrllm cassettes check"""
)
def check(evals: Evals = Path("evals"), cassettes: Cassettes = Path("cassettes")) -> None:
    """Replay every cassette, and list what is stale, orphaned, never played or unsafe to keep.

    Needs no model, no key and no network. Exit code 1 where anything is listed.
    """
    from imrllm.evaluation import check
    from imrllm.evaluation.cassettes import cassette_files

    findings = check(cassettes, evals)
    for finding in findings:
        typer.echo(str(finding))
    if findings:
        raise typer.Exit(1)
    typer.echo(f"{sum(1 for _ in cassette_files(cassettes))} cassettes, all in order")
