"""`imrllm view`: write the review page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Form, Ocr, Quiet, option

if TYPE_CHECKING:
    from imrllm.report.review import Shown

EXAMPLES = """\b
Examples:
  imrllm view records.jsonl --documents letters/ -o review.html
  imrllm view records.jsonl --documents letters/ --by drug_class,guideline -o review.html
  imrllm apply corrections.json records.jsonl -o confirmed.jsonl"""


def view(
    records: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDS",
            help="Rows of `imrllm extract` or `imrllm check`; `-` reads standard input.",
            allow_dash=True,
        ),
    ],
    documents: Annotated[
        list[Path] | None,
        option(
            "--documents",
            metavar="DIR",
            help="The letters that the records were made from; repeat it for several folders. Without them the page "
            "shows only the records.",
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        option(
            "--by",
            metavar="COLUMNS",
            help="Columns of a table of the overview, joined by commas, as in `imrllm report`. Repeat it for more "
            "tables. Default: the tables of `imrllm report`.",
        ),
    ] = None,
    output: Annotated[Path | None, option("--output", "-o", help="The page. Default: standard output.")] = None,
    form: Form = None,
    ocr: Ocr = False,
    quiet: Quiet = False,
) -> None:
    """Write a page for reviewing records next to their letters, with an overview.

    The page is one file that works offline. It contains the letters, so store it as carefully as the letters. The
    browser keeps your corrections and exports them as JSON for `imrllm apply`. The overview shows the tables of
    `imrllm report`; a bar opens the letters that it counts.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say
    from imrllm.errors import UsageError
    from imrllm.report.published_columns import columns_named
    from imrllm.report.review import review_page

    if output is not None and output.resolve() == records.resolve():
        raise UsageError(f"`{output}` is the records file.", hint="Name another file with `-o`.")
    columns = [columns_named(names) for names in by or ()]
    # The last row of a document counts, as in a resumed run.
    shown = list({each.document_id: each for each in _rows(records, documents or (), ocr=ocr, form=form)}.values())
    page = review_page(shown, by=columns)
    if output is None:
        typer.echo(page, nl=False)
    else:
        write_text(output, page)
    if not quiet:
        without = sum(each.text is None for each in shown)
        note = f", {without:,} without their letter" if without else ""
        say(f"{f'`{output}`: ' if output else ''}{len(shown):,} documents{note}.")


def _rows(records: Path, folders: Sequence[Path], *, ocr: bool, form: str | None) -> Iterator[Shown]:
    from imrllm.checking import read_letters
    from imrllm.documents import Document, Unreadable
    from imrllm.letter import choose_form
    from imrllm.report.review import Shown
    from imrllm.store import columns_of, read_record_rows

    chosen = choose_form(form) if form else None
    letters = read_letters(folders, ocr=ocr, form=chosen, columns=columns_of(records)) if folders else {}
    for row in read_record_rows(records):
        result = row.result
        if result is None:
            why = f"{row.error} {row.error.hint}" if row.error else "It has no checks: `imrllm check` makes them."
            yield Shown(row.document_id, None, None, why)
            continue
        letter = letters.get(row.document_id)
        note = None
        if not folders:
            note = "The letter is not shown: no `--documents` were given."
        elif letter is None or isinstance(letter, Unreadable):
            note = "The letter is not shown: it is not among the documents."
        elif letter.sha256 != result.provenance.sha256:
            note = "The letter is not shown: the record was made from other bytes, its SHA-256 differs."
        text = letter.text if isinstance(letter, Document) and not note else None
        yield Shown(row.document_id, result, text, note)
