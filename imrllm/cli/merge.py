"""`imrllm merge`: the results files of several machines joined into one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Quiet

EXAMPLES = """\b
Examples:
  imrllm merge records.jsonl part-1.jsonl part-2.jsonl part-3.jsonl
  imrllm merge records.jsonl parts/*.jsonl
  imrllm merge records.jsonl records/"""


def merge(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The new results file.", show_default=False)],
    inputs: Annotated[
        list[Path],
        typer.Argument(
            metavar="IN",
            help="Results files of `imrllm extract --shard`, or of runs made alike; folders of `--engine ray`.",
        ),
    ],
    quiet: Quiet = False,
) -> None:
    """Join the results files of several machines.

    They must agree in model, prompt, conflict policy, schema and version. Each document has one row: the same row twice
    is kept once, a failed row gives way to one with a record, and two records that differ are refused. The first file's
    rows come first, then those of the second, and so on. OUT must not exist; it is written whole or not at all. Exit
    code 1 where a shard is missing; the rest are written.
    """
    from imrllm.cli.messages import say
    from imrllm.store import merge as join

    merged = join(output, inputs)
    if not quiet:
        say(f"`{output}`: {merged.documents:,} documents from {len(inputs):,} files, {merged.failed:,} failed.")
        if merged.missing:
            say(f"Missing: {_listed('shard', merged.missing)}.")
    if merged.missing:
        raise typer.Exit(1)


def _listed(what: str, names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:10])
    more = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return f"{what}{'s' * (len(names) > 1)} {shown}{more}"
