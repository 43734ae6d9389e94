"""`imrllm calibrate`: count on gold which reader is right, so that records take the better one's values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Cassettes, Documents, Evals, Form, Prompt, Quiet, option

EXAMPLES = """\b
Examples:
  imrllm calibrate --model none
  imrllm calibrate public written --documents letters/
  imrllm calibrate mine --model openai/gpt-5-mini"""


def calibrate(
    suites: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SUITE]", help="Suites. Default: every suite whose letters are available."),
    ] = None,
    documents: Documents = None,
    prompt: Prompt = None,
    form: Form = None,
    model: Annotated[
        str, option("--model", help="The model whose recorded answers are counted, or `none` for the grammar alone.")
    ] = "local",
    folder: Annotated[
        Path, option("--tables-dir", metavar="DIR", help="The folder of the tables; `extract` looks in `calibration`.")
    ] = Path("calibration"),
    evals: Evals = Path("evals"),
    cassettes_dir: Cassettes = Path("cassettes"),
    quiet: Quiet = False,
) -> None:
    """Count on gold which reader is right where they differ, and write the table that extraction follows.

    The table holds counts by field, by model and prompt. From it a record takes the model's value where gold shows the
    model to be right more often, and the entries of lists that are right often enough. Counts are kept in ten parts by
    letter: no letter is judged by the part that it belongs to.

    A model of the risk that a value is wrong is fitted too, and shown: how well it ranks, above which risk a person is
    asked to look, its strongest terms, and the bound of wrong letters among values that nobody is asked about.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say, show
    from imrllm.cli.progress import letter_progress
    from imrllm.evals import EvalConfig
    from imrllm.evals import calibrate as count
    from imrllm.letter import choose_form
    from imrllm.prompts import DEFAULT_PROMPT
    from imrllm.report.calibration_table import calibration_table
    from imrllm.suites import at_hand
    from imrllm.trust import table_path

    config = EvalConfig(
        evals=at_hand(evals),
        documents=documents,
        cassettes=at_hand(cassettes_dir),
        model=model,
        prompt=prompt or DEFAULT_PROMPT,
        form=choose_form(form) if form else None,
    )
    with letter_progress(asking=False, quiet=quiet) as progress:
        table = count(suites or [], config, progress)
    path = table_path(table.model, table.prompt, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, table.to_json())
    if not quiet:
        show(calibration_table(table), data=True)
        say(f"Wrote `{path}`.")
