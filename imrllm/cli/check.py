"""`imrllm check`: existing records, of this or another program, checked against their letters."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Force, Form, IdColumn, Ocr, OutcomeColumn, Output, Quiet, TextColumn, option

EXAMPLES = """\b
Examples:
  imrllm check records.jsonl --documents letters/ -o checked.jsonl
  imrllm check theirs.jsonl --documents letters/ | jq -c '.checks[] | select(.status != "confirmed")'"""


def check(
    records: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDS",
            help="JSON lines with `document_id` and `record`; `-` is standard input.",
            allow_dash=True,
        ),
    ],
    documents: Annotated[
        list[Path],
        option(
            "--documents",
            metavar="DIR",
            help="The letters that the records were made from: a folder, or any file that `extract` reads; repeat it "
            "for several.",
        ),
    ],
    form: Form = None,
    text_column: TextColumn = None,
    id_column: IdColumn = None,
    outcome_column: OutcomeColumn = None,
    ocr: Ocr = False,
    output: Output = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Check existing records against their letters.

    The records were made earlier, or by any other program. Writes each row with its `checks`; resolves nothing. A file
    that another command wrote is replaced only with `--force`. Exit code 1 where a value is not confirmed.
    """
    from imrllm.checking import check as checked
    from imrllm.cli.messages import show_summary
    from imrllm.cli.progress import show_progress
    from imrllm.cli.rows import print_row
    from imrllm.documents import Columns
    from imrllm.documents.columns import PLAIN
    from imrllm.errors import UsageError
    from imrllm.letter import choose_form
    from imrllm.running.summary import RunSummary
    from imrllm.store import ResultsFile, columns_of, new_manifest
    from imrllm.store.rewriting import refuse_replacing

    if output is not None and output.resolve() == records.resolve():
        raise UsageError(f"`{output}` holds the records themselves.", hint="Name another file with `-o`.")
    if output is not None:
        refuse_replacing(output, "check", force=force)
    chosen = choose_form(form) if form else None
    columns = Columns(text_column, id_column, outcome_column)
    if columns == PLAIN:
        columns = columns_of(records)
    summary = RunSummary()
    started = time.monotonic()
    with ExitStack() as stack:
        write = print_row
        if output is not None:
            # Any program may have made the rows: none of them counts as done, here or for `extract`.
            given = [str(records), *map(str, documents)]
            manifest = new_manifest(command="check", model="none", form=chosen, columns=columns, inputs=given)
            file = ResultsFile(output, manifest, fresh=True)
            write = stack.enter_context(file).append
        tick = stack.enter_context(
            show_progress(summary, quiet=quiet, live=output is not None or not sys.stdout.isatty())
        )
        for result in checked(
            records, documents[0] if len(documents) == 1 else documents, ocr=ocr, form=chosen, columns=columns
        ):
            write(result)
            summary.add(result)
            tick()
    if not quiet:
        show_summary(summary, f"imrllm check {records}", started)
    if not summary.confirmed:
        raise typer.Exit(1)
