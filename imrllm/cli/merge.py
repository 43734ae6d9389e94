"""`imrllm merge`: merge the results files of several machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Force, Quiet

EXAMPLES = """\b
Examples:
  imrllm merge records.jsonl part-1.jsonl part-2.jsonl part-3.jsonl
  imrllm merge records.jsonl parts/*.jsonl
  imrllm merge records.jsonl records/"""


def merge(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The new results file.")],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN",
            help="Results files of `imrllm extract --shard`, or of runs made alike; folders of `--engine ray`.",
        ),
    ],
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Merge the results files of several machines.

    The files must agree in model, prompt, conflict policy, schema and version. The output has one row per document:
    identical rows are merged, a row with a record replaces a failed row, and records that differ are refused. Rows keep
    the order of the files. An OUT that exists is replaced only with `--force`. If the merge fails, nothing is written.
    The exit code is 1 if a shard is missing; the other shards are written.
    """
    from imrllm.cli.messages import say
    from imrllm.store import merge as join

    merged = join(output, inputs, force=force)
    if not quiet:
        say(f"`{output}`: {merged.documents:,} documents from {len(inputs):,} files, {merged.failed:,} failed.")
        if merged.missing:
            more = f" and {len(merged.missing) - 10:,} more" if len(merged.missing) > 10 else ""
            say(f"Missing: shard{'s' * (len(merged.missing) > 1)} {', '.join(merged.missing[:10])}{more}.")
    if merged.missing:
        raise typer.Exit(1)
