"""`imrllm check`: the deterministic pass over records made earlier or by another program."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Ocr, Output, Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imrllm.documents import Document, Unreadable
    from imrllm.records import Determination

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
        Path,
        typer.Option(
            "--documents",
            metavar="DIR",
            envvar="IMRLLM_DOCUMENTS",
            help="The letters that the records were made from: a folder, or any file that `extract` reads.",
        ),
    ],
    ocr: Ocr = False,
    output: Output = None,
    quiet: Quiet = False,
) -> None:
    """Check existing records against their letters.

    The records were made earlier, or by any other program. Writes each row with its `checks`;
    resolves nothing. Exit code 1 where a value is not confirmed.
    """
    from imrllm.cli.messages import show
    from imrllm.cli.progress import show_progress
    from imrllm.cli.rows import print_row
    from imrllm.errors import UsageError
    from imrllm.pipeline import check_record
    from imrllm.report import Summary
    from imrllm.store import ResultsFile, new_manifest

    if output is not None and output.resolve() == records.resolve():
        raise UsageError(f"`{output}` holds the records themselves.", hint="Name another file with `-o`.")
    summary = Summary()
    started = time.monotonic()
    with ExitStack() as stack:
        write = print_row
        if output is not None:
            # The rows are of whatever program: none of them counts as done, here or for `extract`.
            manifest = new_manifest(command="check", model="none", inputs=[str(records), str(documents)])
            file = ResultsFile(output, manifest, fresh=True)
            write = stack.enter_context(file).append
        tick = stack.enter_context(
            show_progress(summary, quiet=quiet, live=output is not None or not sys.stdout.isatty())
        )
        for document, record in _pairs(records, documents, ocr=ocr):
            result = check_record(document, record)
            write(result)
            summary.add(result)
            tick()
    if not quiet:
        show(summary.render(f"imrllm check {records}", time.monotonic() - started))
    if not summary.confirmed:
        raise typer.Exit(1)


def _pairs(records: Path, folder: Path, *, ocr: bool) -> Iterator[tuple[Document | Unreadable, Determination | None]]:
    from imrllm.cli.files import read_letters
    from imrllm.cli.rows import read_records
    from imrllm.documents import Unreadable
    from imrllm.errors import DocumentError

    letters = read_letters(folder, ocr=ocr)
    for row in read_records(records):
        letter = letters.get(row.document_id)
        if row.error is not None:
            letter = Unreadable(row.document_id, str(records), row.error)
        elif letter is None:
            error = DocumentError(
                f"`{row.document_id}` has a record but no letter under `{folder}`.",
                hint="A letter's name is its file's, without the ending, or its row's `id`.",
            )
            letter = Unreadable(row.document_id, str(folder), error)
        yield letter, row.record
