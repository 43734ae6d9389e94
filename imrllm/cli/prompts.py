"""`imrllm prompts`: the prompt versions."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, show and compare the prompt versions.")

Name = Annotated[str, typer.Argument(metavar="PROMPT", help="A prompt's name, as listed by `imrllm prompts list`.")]


@app.command(
    "list",
    epilog="""\b
Example:
  imrllm prompts list""",
)
def list_prompts() -> None:
    """List the prompt versions: name, kinds of call, start of the hash, and what changed."""
    from imrllm.prompts import load_prompt, prompt_names

    for name in prompt_names():
        prompt = load_prompt(name)
        typer.echo(f"{prompt.name}\t{', '.join(prompt.asks)}\t{prompt.sha256[:12]}\t{prompt.change}")


@app.command(
    epilog="""\b
Example:
  imrllm prompts show v5"""
)
def show(prompt: Name) -> None:
    """Print the file of a prompt version."""
    from imrllm.prompts import load_prompt

    typer.echo(load_prompt(prompt).source, nl=False)


@app.command(
    epilog="""\b
Example:
  imrllm prompts diff v4 v5"""
)
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The prompt to compare from.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The prompt to compare to.")],
) -> None:
    """Print what changed from one prompt version to another, as a unified diff."""
    from difflib import unified_diff

    from imrllm.prompts import load_prompt

    before, after = load_prompt(old), load_prompt(new)
    lines = unified_diff(before.source.splitlines(), after.source.splitlines(), old, new, lineterm="")
    for line in lines:
        typer.echo(line)
