"""`imrllm export`: write results as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Force, Quiet, option

EXAMPLES = """\b
Examples:
  imrllm export records.jsonl -o letters.duckdb
  imrllm export records.jsonl -o letters.xlsx --force          # replaces the last one
  imrllm export records.jsonl -o letters.csv                   # a folder: letters.csv/items.csv and the others
  imrllm export records.jsonl -o items.csv --table items       # one table, one file"""


def export(
    records: Annotated[
        Path,
        typer.Argument(
            metavar="RECORDS",
            help="Results file of `imrllm extract`; `imrllm check` makes one from another program's records.",
        ),
    ],
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            metavar="OUT",
            help="The suffix selects the format: `.duckdb` and `.xlsx` are one file with all tables; `.csv` and "
            "`.parquet` are a folder of this name with a file for each table, or one file with `--table`.",
        ),
    ],
    table: Annotated[
        str | None,
        option(
            "--table",
            metavar="NAME",
            help="Write only this table, as a plain `.csv` or `.parquet` file: analysis, documents, items, citations, "
            "grounds, checks, field_values or audits.",
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write results as tables: analysis, documents, items, citations, grounds, checks, field_values, and audits.

    `analysis` has a row for each disputed item, with its drug classes, service, outcome, dates and guidelines, and with
    its letter's values: one table for a pivot table.

    `imrllm schema tables` prints what every column means; each format contains it too. A `.parquet` folder is also a
    dataset: `datasets.load_dataset("letters.parquet", "items")`. A failed document has a row in
    `documents` only. If an export fails, it leaves no partial output, and an OUT that exists stays. Formats other than
    CSV need `pip install 'imrllm[export]'`.
    """
    from imrllm.cli.messages import say
    from imrllm.export import export as write

    exported = write(records, output, only=table, force=force)
    if quiet:
        return
    counts = ", ".join(f"{count:,} {name}" for name, count in exported.rows.items())
    failed = f" ({exported.failed:,} of the documents failed)" if exported.failed else ""
    say(f"`{output}`: {counts}{failed}.")
    if exported.left_out:
        say(f"Left out, since no words of the letters support them: {exported.left_out:,} grounds.")
    if exported.cut:
        say(
            f"Cut to what a cell of Excel holds, and ending in `[cut]`: {exported.cut:,} texts. Other formats have all."
        )
