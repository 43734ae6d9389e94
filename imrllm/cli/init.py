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
    """Start a project: settings, a prompt to change, a suite for gold, and a workflow that scores it in CI.

    Existing files are not changed.
    """
    from imrllm.cli.messages import say
    from imrllm.scaffold import NAME, start_project

    for place, written in start_project(folder).items():
        typer.echo(f"{'wrote' if written else 'kept'}\t{folder / place}")
    say(f"Put letters into `{folder / 'letters'}`; `imrllm extract letters/ --model none -o records.jsonl` reads them.")
    say(f"`imrllm doctor` reports what a model needs; `--prompt {NAME}` uses the project's own prompt.")
