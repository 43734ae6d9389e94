"""`imrllm report`: print the tables that are published about these letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Quiet, option

EXAMPLES = """\b
Examples:
  imrllm report records.jsonl
  imrllm report records.jsonl --by drug_class,guideline        # one table, crossed
  imrllm report records.jsonl --by service --by quarter        # two tables
  imrllm report records.jsonl -o report.html                   # or .md, .csv"""


def report(
    records: Annotated[
        Path, typer.Argument(metavar="RECORDS", help="Results file of `imrllm extract`, `apply` or `check`.")
    ],
    by: Annotated[
        list[str] | None,
        option(
            "--by",
            metavar="COLUMNS",
            help="Columns of the table `analysis`, joined by commas: one table with a row for each combination. Repeat "
            "it for more tables. Default: the tables that DWC and CWCI publish.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write a file instead: `.html` (with pictures), `.md` or `.csv`. An existing file is replaced.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Count outcomes by service, drug class, guideline, quarter and other columns, as DWC and CWCI publish them.

    Each row has the items upheld and overturned, Wilson's 95% interval, the letters, and how many items rest on values
    that a person is asked to look at. Shares of fewer than 10 items are marked. Below the tables stands what they were
    made from: the rows' SHA-256, model, prompt, versions and tables. `imrllm schema tables` has the rule of each
    column. No table lists people.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say, show
    from imrllm.errors import UsageError
    from imrllm.report.formatting import count
    from imrllm.report.published_columns import columns_named
    from imrllm.report.published_page import published_page
    from imrllm.report.published_source import publish
    from imrllm.report.published_text import csv_text, markdown, terminal_tables

    formats = {".html": published_page, ".md": markdown, ".csv": csv_text}
    suffix = output.suffix.lower() if output else None
    if output is not None and suffix not in formats:
        raise UsageError(f"`{output.name}` has no ending of a report.", hint=f"The endings are {', '.join(formats)}.")
    if output is not None and output.resolve() == records.resolve():
        raise UsageError(f"`{output}` is the records file.", hint="Name another file with `-o`.")
    published, facts = publish(records, [columns_named(names) for names in by or ()])
    if output is None:
        show(terminal_tables(published, facts), data=True)
        return
    write_text(output, formats[output.suffix.lower()](published, facts))
    if not quiet:
        say(f"`{output}`: {len(published.tables) + 1} tables of {count(published.items, 'disputed item')}.")
