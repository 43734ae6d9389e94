"""`imrllm audit`: draw letters at random, take a person's verdicts, and print the bound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imrllm.cli.options import Quiet, option

if TYPE_CHECKING:
    from imrllm.audit.drawing import Draw
    from imrllm.audit.summary import AuditSummary

EXAMPLES = """\b
Examples:
  imrllm audit records.jsonl --documents letters/ -n 60 -o audit.html   # draw, and write the page
  imrllm audit records.jsonl --verdicts verdicts-AB-2026-11-29.json     # take the verdicts, print the bound
  imrllm audit records.jsonl                                            # print what all audits so far show

\b
How many letters: if none of them is wrong, then with 95% confidence
  59 letters     at most 5% of the `ok` letters are wrong
  299 letters    at most 1%
  2,995 letters  at most 0.1%
Decide on the number before you look: stopping because of what you found makes the bound false."""


def audit(
    records: Annotated[
        Path, typer.Argument(metavar="RECORDS", help="Results file of `imrllm extract -o`, with its run manifest.")
    ],
    documents: Annotated[
        Path | None,
        option(
            "--documents",
            metavar="DIR",
            help="Draw letters. The folder has the letters that the records were made from; only the drawn ones are "
            "read.",
        ),
    ] = None,
    number: Annotated[
        int,
        option("--number", "-n", min=1, help="How many letters to draw; all `ok` letters, if they are fewer."),
    ] = 60,
    seed: Annotated[
        int | None,
        option("--seed", min=0, help="Seed of the draw. Default: a new one, which the page and the manifest state."),
    ] = None,
    output: Annotated[
        Path, option("--output", "-o", help="The page. The file of the draw is written beside it, as `.draw.json`.")
    ] = Path("audit.html"),
    verdicts: Annotated[
        Path | None,
        option("--verdicts", metavar="FILE", help="Take the verdicts that the page exported, and print the bound."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Find out how many of your letters are wrong although their status is `ok`.

    First, `--documents` draws letters at random from the rows with status `ok` and writes a page. On it a person
    compares every value of each letter with the letter, edits what is wrong, marks the letter and exports the verdicts.
    Then `--verdicts` takes the export and prints how many letters are wrong, and at most which share of all `ok`
    letters is, with 95% confidence (Clopper and Pearson's exact bound): over all letters, and for each form of the
    letter (or year of the decision) with 20 letters or more.

    The run manifest keeps each draw and its verdicts, and `imrllm export` writes them. A later draw leaves out the
    letters that have a verdict, and adds to the earlier ones. You can hand in verdicts on a part of the letters: the
    others are left out until you hand them in.
    """
    from imrllm.errors import UsageError

    if documents is not None and verdicts is not None:
        raise UsageError(
            "`--documents` draws letters and `--verdicts` takes what you found: do one after the other.",
            hint="Leave `--documents` out.",
        )
    if documents is not None:
        _draw(records, documents, number, seed, output, quiet=quiet)
    elif verdicts is not None:
        _take(records, verdicts, quiet=quiet)
    else:
        _show(records)


def _draw(records: Path, documents: Path, number: int, seed: int | None, output: Path, *, quiet: bool) -> None:
    from imrllm.audit.drawing import draw
    from imrllm.cli.files import refuse_results, write_text
    from imrllm.cli.messages import say
    from imrllm.cli.progress import occasional_line
    from imrllm.errors import UsageError
    from imrllm.report.formatting import percent
    from imrllm.report.review import AuditNote, Shown, review_page
    from imrllm.trust.bounds import upper_bound

    draw_file = output.with_suffix(".draw.json")
    if output.resolve() == records.resolve() or draw_file.resolve() == output.resolve():
        raise UsageError(f"`{output}` cannot be the page.", hint="Name a file such as `-o audit.html`.")
    # Before the draw is noted in the manifest.
    refuse_results(output)
    progress = None if quiet else occasional_line()
    drawn = draw(records, documents, number, seed=seed, progress=progress)
    pairs = zip(drawn.results, drawn.letters, strict=True)
    shown = [Shown(result.document_id, result, letter.text, None) for result, letter in pairs]
    write_text(output, review_page(shown, AuditNote(drawn.audit, str(records))))
    write_text(draw_file, drawn.audit.model_dump_json(indent=1) + "\n")
    if quiet:
        return
    count, of = len(drawn.results), drawn.audit.drawn_from
    again = " (the draw is the same as before)" if drawn.again else ""
    say(f"`{output}`: {count:,} of {of:,} `ok` letters, drawn with seed {drawn.audit.seed}{again}.")
    earlier = drawn.audit.ok_letters - of
    if earlier:
        say(f"Left out, since an earlier audit has a verdict on them: {earlier:,} letters.")
    if drawn.is_full:
        say(_full_note(drawn))
    else:
        bound = percent(upper_bound(0, count))
        say(f"If none of them is wrong, at most {bound} of the `ok` letters are, with 95% confidence.")
    say(f"`{draw_file}` lists the letters. Open the page, compare them all, export the verdicts, then:")
    say(f"  imrllm audit {records} --verdicts verdicts-....json")


def _full_note(drawn: Draw) -> str:
    audit = drawn.audit
    left = " that are left" if audit.drawn_from < audit.ok_letters else ""
    fewer = f", fewer than the {audit.asked:,} asked for" if len(audit.letters) < audit.asked else ""
    return f"These are all of the `ok` letters{left}{fewer}: once all have a verdict, the share of wrong ones is exact."


def _take(records: Path, file: Path, *, quiet: bool) -> None:
    from imrllm.audit.verdicts import take_verdicts
    from imrllm.cli.messages import say
    from imrllm.corrections import read_corrections
    from imrllm.report.formatting import count

    given = read_corrections(file)
    taken = take_verdicts(records, given)
    if not quiet:
        changed = f", {count(taken.changed, 'verdict')} changed" if taken.changed else ""
        say(f"`{file}`: {count(taken.new, 'new verdict')} by {given.reviewer}{changed}, kept in the run manifest.")
    _print(records, taken.summary)


def _show(records: Path) -> None:
    from imrllm.audit.rows import refuse_absent
    from imrllm.audit.summary import counted
    from imrllm.errors import UsageError

    refuse_absent(records)
    summary = counted(records)
    if summary is None:
        raise UsageError(
            f"`{records}` has no audit.",
            hint=f"Draw letters first: `imrllm audit {records} --documents DIR -n 60 -o audit.html`.",
        )
    if not summary.total.letters:
        drawn = f"{summary.open:,} letters drawn" if summary.open else "no letters drawn from its rows as they are"
        raise UsageError(
            f"`{records}` has {drawn} and no verdicts.",
            hint="Compare the letters on the page, export the verdicts, and hand them in with `--verdicts FILE`."
            if summary.open
            else f"The file has changed since: draw again with `imrllm audit {records} --documents DIR`.",
        )
    _print(records, summary)


def _print(records: Path, summary: AuditSummary) -> None:
    """Print what the audits show to standard output."""
    from imrllm.report.audit_text import audit_lines

    for line in audit_lines(str(records), summary):
        typer.echo(line)
