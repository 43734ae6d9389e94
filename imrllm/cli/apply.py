"""`imrllm apply`: apply the corrections of a review page to records, or write them as gold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Force, Output, Quiet, option

if TYPE_CHECKING:
    from imrllm.corrections import Applying

EXAMPLES = """\b
Examples:
  imrllm apply corrections.json records.jsonl -o confirmed.jsonl
  imrllm apply corrections.json records.jsonl -o confirmed.jsonl --gold evals/mine/gold"""


def apply(
    corrections: Annotated[Path, typer.Argument(metavar="CORRECTIONS", help="The file that the review page exported.")],
    records: Annotated[Path, typer.Argument(metavar="RECORDS", help="The records that the page was made from.")],
    output: Output = None,
    gold: Annotated[
        Path | None,
        option(
            "--gold",
            metavar="DIR",
            help="Write a gold file to this folder for each letter marked as read in full, with the reviewer's "
            "initials and the date.",
        ),
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Apply corrections from the review page to the records.

    Writes every row, with corrected values where there are any. Each settled check records who settled it and when. A
    row's `status` becomes `ok` once every value in doubt is settled. If a correction does not fit (a different letter,
    an unknown document or field, a value of the wrong type or one that has changed since), the command reports it and
    writes nothing. A file that another command wrote is replaced only with `--force`. The exit code is 1 if rows are
    left to review.
    """
    from imrllm.cli.files import write_text
    from imrllm.cli.messages import say
    from imrllm.cli.rows import print_row
    from imrllm.corrections import Applying, read_corrections
    from imrllm.errors import UsageError
    from imrllm.store import new_manifest, read_results, write_results
    from imrllm.store.rewriting import refuse_replacing

    if output is not None and output.resolve() in (records.resolve(), corrections.resolve()):
        raise UsageError(f"`{output}` is also an input.", hint="Name another file with `-o`.")
    given = read_corrections(corrections)
    # Two passes over the rows, one row in memory at a time: the first checks that everything fits, the second writes.
    applying = Applying(given)
    statuses = Counter(applying.row(row).status for row in read_results(records))
    applying.finish()
    if output is not None:
        refuse_replacing(output, "apply", force=force)
    files = _gold_files(applying, gold) if gold else {}
    rows = map(Applying(given).row, read_results(records))
    if output is None:
        for row in rows:
            print_row(row)
    else:
        manifest = new_manifest(command="apply", model="none", inputs=[str(corrections), str(records)])
        write_results(output, rows, manifest)
    for file, text in files.items():
        write_text(file, text)
    if not quiet:
        parts = [f"{statuses[status]:,} {status}" for status in ("ok", "review", "failed")]
        say(f"{len(given.corrections):,} corrections by {given.reviewer}: {' · '.join(parts)}.")
        if gold:
            say(f"`{gold}`: {len(files):,} gold files.")
    if statuses["review"] or statuses["failed"]:
        raise typer.Exit(1)


def _gold_files(applying: Applying, folder: Path) -> dict[Path, str]:
    """The gold files to write, all of them new."""
    from imrllm.errors import UsageError
    from imrllm.suites import gold_file

    if not applying.gold:
        raise UsageError(
            "No letter is marked as read in full.",
            hint="On the review page, mark the letters in which you compared every value.",
        )
    files = {}
    for name, (sha256, record) in applying.gold.items():
        file = folder / f"{name}.json"
        if Path(name).name != name or name.startswith(".") or not name.isprintable():
            raise UsageError(f"A gold file cannot be named `{name}`.", hint="Rename the letter.")
        if file.exists():
            raise UsageError(f"`{file}` already exists.", hint="Name another folder, or delete it first.")
        files[file] = gold_file(sha256, record, applying.given.confirmation)
    return files
