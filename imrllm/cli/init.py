"""`imrllm init`: start a project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  imrllm init
  imrllm init disputes-2016"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder; created if missing.")] = Path(),
) -> None:
    """Start a project: settings, a prompt to change, a suite with an example letter, and a workflow for CI.

    The project's README leads on from there; its suite passes its gates at once. Existing files are not changed, so
    the command can be run again.
    """
    from imrllm.cli.messages import say
    from imrllm.scaffold import commits_letters, start_project

    files = start_project(folder)
    for place, written in files.items():
        typer.echo(f"{'wrote' if written else 'kept'}\t{folder / place}")
    if not any(files.values()):
        say("Nothing was changed: every file of the project was there.")
    if not files[".gitignore"] and commits_letters(folder):
        say(
            f"Warning: `{folder / '.gitignore'}` was there before, and does not keep letters and records out of Git: "
            "add `/letters/`, and the names of results."
        )
    say("Next:" if folder == Path() else f"Next, in `{folder}`:")
    for command, purpose in (
        ("imrllm eval --model none", "score the example letter: all gates pass"),
        ("imrllm extract letters/ --model none -o records.jsonl", "read letters that you put into `letters/`"),
        ("imrllm view records.jsonl --documents letters/ -o review.html", "compare the records with the letters"),
    ):
        say(f"  {command:63}  # {purpose}")
    say(f"`{folder / 'README.md'}` says more.")
