"""`imrllm cassettes`: record, check and prune model answers."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Cassettes, Documents, Evals, FirstLetters, Quiet, option

if TYPE_CHECKING:
    from imrllm.cassettes import RecordingTask
    from imrllm.evals import EvalConfig

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Record model answers about the suites' letters, check them, and prune them.",
)


@app.command(
    epilog="""\b
Examples:
  imrllm cassettes record
  imrllm cassettes record written --prompt v4 --prompt v5 --model local
  imrllm cassettes record public --prompt v5 --documents letters/"""
)
def record(
    suite: Annotated[
        str | None, typer.Argument(metavar="[SUITE]", help="A suite's name. Default: all of them.")
    ] = None,
    prompts: Annotated[
        list[str] | None, option("--prompt", envvar="IMRLLM_PROMPTS", help="Prompt version, repeatable. Default: all.")
    ] = None,
    model: Annotated[str, option("--model", help="The model to ask: `provider/name` or `local`.")] = "local",
    documents: Documents = None,
    limit: FirstLetters = None,
    evals: Evals = Path("evals"),
    cassettes: Cassettes = Path("cassettes"),
    quiet: Quiet = False,
) -> None:
    """Record the model's answers that are missing or stale.

    Each letter's cassette is written as soon as it is finished; after Ctrl-C, run the same command again to resume. A
    cassette holds the answers and the names and digests of the requests, never the letter.
    """
    from imrllm.evals import EvalConfig

    setting = EvalConfig(evals=evals, documents=documents, cassettes=cassettes, model=model, limit=limit)
    record_missing([suite] if suite else [], prompts or [], setting, quiet=quiet)


def record_missing(suites: list[str], prompts: list[str], setting: EvalConfig, *, quiet: bool) -> None:
    """Record missing and stale cassettes and show progress. On Ctrl-C, keep the finished cassettes and exit.

    Empty lists stand for all suites and all prompts.
    """
    from imrllm.cassettes import record, unrecorded
    from imrllm.cli.messages import say, say_remarks
    from imrllm.cli.progress import counting_bar
    from imrllm.cli.weights import pull_weights
    from imrllm.llm import resolve_model
    from imrllm.prompts import load_prompt, prompt_names
    from imrllm.suites import suite_names

    versions = [load_prompt(name) for name in prompts or prompt_names()]
    if not quiet:
        for version in versions:
            say_remarks(version)
    tasks = [
        task
        for name in suites or suite_names(setting.evals)
        for task in unrecorded(
            name,
            prompts or prompt_names(),
            setting.model,
            evals=setting.evals,
            documents=setting.documents,
            cassettes=setting.cassettes,
            limit=setting.limit,
        )
    ]
    if tasks and resolve_model(setting.model).embedded:
        pull_weights(quiet=quiet)
    try:
        with counting_bar() if not quiet and sys.stderr.isatty() else nullcontext() as bar:

            def tell(done: int, total: int, task: RecordingTask) -> None:
                if bar is not None:
                    bar(done, total, str(task))
                elif not quiet:
                    say(f"{done + 1}/{total} {task} ({task.reason})")

            written = record(tasks, setting.model, tell)
    except KeyboardInterrupt:
        say("Interrupted: the finished cassettes are saved. Run the same command again to resume.")
        raise typer.Exit(130) from None
    if not quiet:
        say(f"{written} recorded" if written else "No cassette is missing or stale.")
        if setting.limit is not None:
            say(f"Only the first letters of each suite, at most {setting.limit:,}, are recorded (`--limit`).")


@app.command(
    epilog="""\b
Examples:
  imrllm cassettes check
  imrllm cassettes check --documents letters/"""
)
def check(documents: Documents = None, evals: Evals = Path("evals"), cassettes: Cassettes = Path("cassettes")) -> None:
    """Replay every cassette and list those that are stale, orphaned, unused or unsafe to keep.

    Needs no model, no key and no network. If a suite's letters are not available, only the hashes of its cassettes are
    checked. The exit code is 1 if anything is listed.
    """
    from imrllm.cassettes import check
    from imrllm.cli.messages import say
    from imrllm.report import printable

    checked = check(cassettes, evals, documents)
    for finding in checked.findings:
        typer.echo(printable(str(finding)))
    for suite, count in checked.unreplayed.items():
        say(f"{count} of suite `{suite}` not replayed: their letters are not available (`--documents`)")
    if checked.findings:
        raise typer.Exit(1)
    typer.echo(f"{checked.replayed + sum(checked.unreplayed.values())} cassettes, all in order")


@app.command(
    epilog="""\b
Examples:
  imrllm cassettes prune --dry-run
  imrllm cassettes prune"""
)
def prune(
    dry_run: Annotated[bool, option("--dry-run", help="List what would be deleted without deleting it.")] = False,
    evals: Evals = Path("evals"),
    cassettes: Cassettes = Path("cassettes"),
) -> None:
    """Delete cassettes whose letter, prompt or suite no longer exists.

    Stale cassettes are kept: `record` replaces them.
    """
    from imrllm.cassettes import orphans, prune
    from imrllm.cli.messages import say
    from imrllm.report import printable

    found = orphans(cassettes, evals)
    if not dry_run:
        prune(found)
    for path in found:
        typer.echo(printable(str(path)))
    say(f"{len(found)} {'would be ' if dry_run else ''}deleted")
