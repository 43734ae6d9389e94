"""`imrllm eval`: score a model, a prompt or a file of records against gold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from imrllm.cli.options import (
    Cassettes,
    Documents,
    Evals,
    FirstLetters,
    Form,
    Html,
    Json,
    Messages,
    Prompt,
    Quiet,
    option,
)

if TYPE_CHECKING:
    from imrllm.evals import EvalConfig, EvalRun
    from imrllm.store import RecordRow

EXAMPLES = """\b
Examples:
  imrllm eval
  imrllm eval written --prompt v5 --html eval.html
  imrllm eval public --documents letters/ --fail-under quantity=0.98 --fail-under critical=0
  imrllm eval --records theirs.jsonl --only-failed
  imrllm eval written --cassettes off --model openai/gpt-5-mini --repeat 3
  imrllm eval written --json new.json --baseline main.json"""


def evaluate(
    suite: Annotated[
        str | None,
        typer.Argument(metavar="[SUITE]", help="A suite's name. Default: every suite whose letters are available."),
    ] = None,
    records: Annotated[
        Path | None,
        option(
            "--records",
            metavar="FILE",
            help="Score these rows from any program: JSON lines with `document_id` and `record`. Calls no model.",
        ),
    ] = None,
    documents: Documents = None,
    prompt: Prompt = None,
    form: Form = None,
    model: Annotated[
        str, option("--model", help="`provider/name`, `local`, or `none` for the grammar alone.")
    ] = "local",
    cassettes: Annotated[
        Literal["replay", "record", "off"],
        option(
            "--cassettes",
            help="`replay` recorded answers, `record` missing and stale ones first, or `off` to call the model.",
        ),
    ] = "replay",
    limit: FirstLetters = None,
    repeat: Annotated[
        int, option("--repeat", min=1, help="With `--cassettes off`: number of independent runs, to measure agreement.")
    ] = 1,
    fail_under: Annotated[
        list[str] | None,
        option(
            "--fail-under",
            metavar="NAME=NUMBER",
            help="Least share of a field or metric (`quantity=0.98`, `item_exact=0.9`), or most errors or flags "
            "(`critical=0`, `silent=0`, `flagged=0.02`); repeatable. Overrides the suite's own.",
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        option(
            "--baseline",
            metavar="RUN",
            help="An earlier run's `--json` file. A significant loss or a new critical error fails.",
        ),
    ] = None,
    only_failed: Annotated[bool, option("--only-failed", help="Show only wrong values, grouped by letter.")] = False,
    json_file: Json = None,
    html: Html = None,
    messages: Messages = False,
    junit: Annotated[Path | None, option("--junit", metavar="FILE", help="Write JUnit XML, for CI.")] = None,
    inspect: Annotated[
        Path | None,
        option("--inspect", metavar="DIR", help="Write a log of each suite that `inspect view` (inspect_ai) shows."),
    ] = None,
    evals: Evals = Path("evals"),
    cassettes_dir: Cassettes = Path("cassettes"),
    quiet: Quiet = False,
) -> None:
    """Score against gold: the model alone, the grammar alone, and the resolved records.

    Uses recorded answers by default: no model, no key, no network. If the working folder has no suites, the bundled
    suites are scored. A suite whose letters are not available is skipped with a note. The exit code is 1 if a threshold
    is not met.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.progress import letter_progress
    from imrllm.evals import EvalConfig, conversations, parse_thresholds, read_run, run, run_records
    from imrllm.letter import choose_form
    from imrllm.prompts import DEFAULT_PROMPT
    from imrllm.suites import at_hand

    setting = EvalConfig(
        evals=at_hand(evals),
        documents=documents,
        cassettes=cassettes_dir if cassettes == "record" else at_hand(cassettes_dir),
        model=model,
        prompt=prompt or DEFAULT_PROMPT,
        form=choose_form(form) if form else None,
        source="model" if cassettes == "off" else "cassettes",
        repeat=repeat,
        thresholds=parse_thresholds(fail_under or ()),
        limit=limit,
    )
    names = [suite] if suite else []
    before = read_run(baseline) if baseline else None
    if records is not None:
        found = run_records(names, _rows(records), setting)
    else:
        _prepare(names, setting, record=cassettes == "record", quiet=quiet)
        with letter_progress(asking=cassettes == "off" and model != "none", quiet=quiet) as progress:
            found = run(names, setting, progress)
    if json_file:
        write_text(json_file, found.to_json())
    if junit:
        from imrllm.report.junit import junit_xml

        write_text(junit, junit_xml(found))
    said = conversations(found, setting) if messages and (html or inspect) else None
    if inspect:
        from imrllm.report.inspect_log import inspect_logs

        for name, log in inspect_logs(found, said, datetime.now(UTC)).items():
            write_text(inspect / name, log)
    if html:
        from imrllm.report.eval_pages import eval_page

        write_text(html, eval_page(found, only_failed=only_failed, conversations=said))
    if not quiet:
        from imrllm.cli.messages import show
        from imrllm.report.eval_tables import eval_tables

        show(eval_tables(found, only_failed=only_failed), data=True)
    if (before and _is_worse(found, before, quiet=quiet)) or not found.passed:
        raise typer.Exit(1)


def _rows(file: Path) -> list[RecordRow]:
    from imrllm.cli.messages import say
    from imrllm.store import read_record_rows

    rows = list(read_record_rows(file))
    for row in rows:
        if row.error is not None:
            say(f"Warning: {row.error}")
    return rows


def _prepare(names: list[str], setting: EvalConfig, *, record: bool, quiet: bool) -> None:
    """Fetch the local model if it will be called, and record missing answers if requested."""
    from imrllm.cli.cassettes import record_missing
    from imrllm.cli.messages import say_remarks
    from imrllm.cli.weights import pull_weights
    from imrllm.llm import resolve_model
    from imrllm.prompts import load_prompt

    target = resolve_model(setting.model)
    if target.asks and not record and not quiet:
        say_remarks(load_prompt(setting.prompt))
    if record and target.asks:
        record_missing(names, [setting.prompt], setting, quiet=quiet)
    elif setting.source == "model" and target.embedded:
        pull_weights(quiet=quiet)


def _is_worse(found: EvalRun, before: EvalRun, *, quiet: bool) -> bool:
    from imrllm.cli.messages import show
    from imrllm.evals import compare_runs, regressions
    from imrllm.report import printable
    from imrllm.report.eval_tables import comparison_tables

    if not quiet:
        show(comparison_tables(compare_runs({"baseline": before, "this run": found})), data=True)
    lost = regressions(before, found)
    for each in lost:
        typer.echo(printable(f"Worse than the baseline: {each}"))
    return bool(lost)
