"""`imrllm prompts`: the prompt versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imrllm.cli.options import Documents, Evals, Form, Redact

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List, show, compare, check and render the prompt versions."
)

Name = Annotated[str, typer.Argument(metavar="PROMPT", help="A prompt's name, as listed by `imrllm prompts list`.")]


@app.command(
    "list",
    epilog="""\b
Example:
  imrllm prompts list""",
)
def list_prompts() -> None:
    """List the prompt versions: name, kinds of call, start of the hash, and what changed."""
    from imrllm.errors import PromptError
    from imrllm.prompts import load_prompt, prompt_names

    for name in prompt_names():
        try:
            prompt = load_prompt(name)
        except PromptError:
            typer.echo(f"{name}\tmalformed: `imrllm prompts lint {name}` says why")
            continue
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


@app.command(
    epilog="""\b
Examples:
  imrllm prompts lint
  imrllm prompts lint v5"""
)
def lint(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROMPT]...", help="Names, or paths of prompt files. Default: all prompt versions."),
    ] = None,
) -> None:
    """Check prompt files, before any letter: one line for each problem, with file, line and column.

    Reports front matter that is not valid, parts of the letter that do not exist or that a call should show and does
    not, templates that cannot be filled in, and examples that do not fit the answer's schema. Errors also stop a run
    before its first letter. The exit code is 1 if anything is reported.
    """
    from imrllm.prompt_lint import lint_prompt
    from imrllm.prompts import prompt_names
    from imrllm.report import printable

    reports = [lint_prompt(name) for name in names or prompt_names()]
    for report in reports:
        for problem in report.problems:
            kind = "error" if problem.is_error else "remark"
            hint = f" {problem.hint}" if problem.hint else ""
            typer.echo(printable(f"{report.file}:{problem.line}:{problem.column}: {kind}: {problem.message}.{hint}"))
        if not report.problems:
            left = (f"{kind} {', '.join(f'`{part}`' for part in parts)}" for kind, parts in report.unused.items())
            unused = f" Parts that it does not use: {'; '.join(left)}." if report.unused else ""
            typer.echo(printable(f"{report.file}: no problem found.{unused}"))
    if any(report.problems for report in reports):
        raise typer.Exit(1)


@app.command(
    epilog="""\b
Examples:
  imrllm prompts render v5 letter.pdf
  imrllm prompts render v5 letter.pdf --kind item --item 1
  imrllm prompts render v4 letter.pdf --all --json | jq .calls"""
)
def render(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="A prompt's name, or the path of a prompt file.")],
    letter: Annotated[
        str,
        typer.Argument(metavar="LETTER", help="A letter's file, or the id of a suite's letter."),
    ],
    item: Annotated[int | None, typer.Option("--item", min=1, help="Only the calls about this disputed item.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only the calls of this kind, such as `item`.")] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Also the calls that are not made about this letter, because the grammar is not unsure."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: the calls with their messages.")] = False,
    redact: Redact = False,
    form: Form = None,
    documents: Documents = None,
    evals: Evals = Path("evals"),
) -> None:
    """Print the messages of each call as they would be sent about a letter, with their tokens estimated.

    No model is asked. The letter's text is printed to standard output and nowhere else.
    """
    from imrllm.cli.messages import say
    from imrllm.letter import choose_form
    from imrllm.prompt_rendering import render_calls, rendered_json
    from imrllm.prompts import load_prompt
    from imrllm.report.prompt_text import rendered_text
    from imrllm.suites import find_letter

    version = load_prompt(prompt)
    document = find_letter(letter, evals, documents)
    rendered = render_calls(version, document, form=choose_form(form) if form else None, redact=redact)
    chosen = rendered.chosen(kind, item, every=every)
    typer.echo(rendered_json(rendered, chosen) if as_json else rendered_text(chosen), nl=False)
    say(rendered.summary(chosen))
