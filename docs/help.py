"""Writes docs/help.md from the commands; with `--check`, fails where the page is not what the commands say.

The page takes what the commands declare, not the text of `--help`, whose layout changes with typer's version.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("help.md")
OPENING = """\
# Commands

<!-- Written by `make docs` from the commands themselves; CI fails where it differs. -->
"""
TYPERS_OWN = {"help", "install_completion", "show_completion"}


def page() -> str:
    """The whole page: every command in the order of registration, a group before its commands."""
    for name in [name for name in os.environ if name.startswith("IMRLLM_")]:
        del os.environ[name]
    import typer

    from imrllm.cli.app import app

    sections = (
        section for command in _commands(typer.main.get_command(app), "imrllm") for section in _section(*command)
    )
    return f"{OPENING}\n" + "\n\n".join(sections) + "\n"


def _commands(command: Any, name: str) -> Iterator[tuple[Any, str]]:
    yield command, name
    for child_name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, f"{name} {child_name}")


def _section(command: Any, name: str) -> Iterator[str]:
    yield f"## {name}"
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    options = [
        parameter
        for parameter in command.params
        if parameter.param_type_name == "option" and parameter.name not in TYPERS_OWN
    ]
    if hasattr(command, "commands"):
        usage = "COMMAND"
    else:
        usage = " ".join(
            [f"{argument.metavar}{'...' * (argument.nargs < 0)}" for argument in arguments] + ["[OPTIONS]"]
        )
    yield f"```text\n{name} {usage}\n```"
    yield inspect.cleandoc(command.help or "")
    rows = [f"| `{argument.metavar}` | {_cell(argument.help)} | |" for argument in arguments]
    for option in options:
        names = ", ".join(f"`{spelling}`" for spelling in (*option.opts, *option.secondary_opts))
        rows.append(f"| {names} | {_cell(option.help)}{_default(option)} | {_environment(option)} |")
    if rows:
        yield "\n".join(["| | | environment |", "| --- | --- | --- |", *rows])
    if command.epilog:
        yield _epilog(command.epilog)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


def _default(option: Any) -> str:
    if option.required:
        return " Required."
    if option.default in (None, False):
        return ""
    default = option.opts[0] if option.default is True else option.default
    return f" Default: `{default}`."


def _environment(option: Any) -> str:
    return f"`{option.envvar}`" if option.envvar else ""


def _epilog(text: str) -> str:
    """The parser's marks for lines that stay as they are become fenced blocks."""
    parts = []
    for paragraph in text.split("\n\n"):
        kept, mark, lines = paragraph.partition("\b\n")
        if mark:
            heading, _, rest = lines.partition("\n")
            parts.append(f"{kept}{heading}\n\n```text\n{inspect.cleandoc(rest)}\n```")
        else:
            parts.append(paragraph)
    return "\n\n".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    wanted = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != wanted:
            print(f"{PAGE.name} is not what the commands say: run `make docs`.", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
