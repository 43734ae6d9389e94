"""`imrllm compare`: compare evaluation runs or prompt versions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Cassettes, Documents, Evals, FirstLetters, Html, Json, Messages, Quiet, option

if TYPE_CHECKING:
    from imrllm.evals import Conversations, EvalRun

EXAMPLES = """\b
Examples:
  imrllm compare v4 v5
  imrllm compare v4 v5 --suite written --matrix
  imrllm compare v4 v5 --suite public --documents letters/ --html compare.html
  imrllm compare main.json branch.json"""


def compare(
    sides: Annotated[
        list[str],
        typer.Argument(
            metavar="A B", help="Two or more prompt versions of a suite, or `--json` files of `imrllm eval`."
        ),
    ],
    suite: Annotated[
        str | None,
        option("--suite", help="The suite to compare prompts on. Default: every suite whose letters are available."),
    ] = None,
    model: Annotated[str, option("--model", help="The model whose recorded answers are compared.")] = "local",
    documents: Documents = None,
    limit: FirstLetters = None,
    matrix: Annotated[
        bool, option("--matrix", help="Also print how many values each side has wrong of each letter.")
    ] = False,
    json_file: Json = None,
    html: Html = None,
    messages: Messages = False,
    evals: Evals = Path("evals"),
    cassettes_dir: Cassettes = Path("cassettes"),
    quiet: Quiet = False,
) -> None:
    """Compare prompt versions or runs: differences with intervals, and every gain and loss.

    Prompts are replayed from recorded answers. Each pair is compared letter by letter and field by field: a paired
    bootstrap over letters, an exact McNemar test, tokens, cost and seconds. The result is "no difference shown" if the
    95% interval contains zero.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say, say_remarks, show
    from imrllm.errors import UsageError
    from imrllm.evals import EvalConfig, compare_runs, conversations, read_run, run
    from imrllm.prompts import load_prompt
    from imrllm.suites import at_hand

    if len(sides) < 2:
        raise UsageError("A comparison needs two sides.", hint="Name two runs or prompt versions.")
    runs: dict[str, EvalRun] = {}
    said: dict[str, Conversations] = {}
    for side in sides:
        name = Path(side).stem if side.endswith(".json") else side
        # A side with the same name as another needs a column of its own.
        if name in runs:
            name = f"{side} ({len(runs) + 1})"
        if side.endswith(".json"):
            runs[name] = read_run(Path(side))
        else:
            setting = EvalConfig(
                evals=at_hand(evals),
                documents=documents,
                cassettes=at_hand(cassettes_dir),
                model=model,
                prompt=side,
                limit=limit,
            )
            if not quiet:
                say_remarks(load_prompt(side))
            runs[name] = run([suite] if suite else [], setting)
            if html and messages:
                said[name] = conversations(runs[name], setting)
    compared = compare_runs(runs)
    if json_file:
        write_text(json_file, compared.model_dump_json(indent=1) + "\n")
    if html:
        from imrllm.report.eval_pages import comparison_page

        write_text(html, comparison_page(compared, said))
    if not quiet:
        from imrllm.report.eval_tables import comparison_tables

        show(comparison_tables(compared, matrix=matrix), data=True)
        if limit is not None and not all(side.endswith(".json") for side in sides):
            say(f"These figures are of the first letters of each suite only, at most {limit:,} (`--limit`).")
