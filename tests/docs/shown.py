"""The commands in the documentation: console lines as a shell reads them, and blocks of Python."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from typer.main import get_command

from imrllm.cli.app import app

REPOSITORY = Path(__file__).resolve().parents[2]
# What `imrllm init` writes: test_project.py follows these from an empty folder.
PROJECT_PAGES = tuple(REPOSITORY / "imrllm" / "project_files" / name for name in ("readme.md", "suite.md"))
PAGES = (
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "evals" / "README.md",
    *sorted((REPOSITORY / "evals").glob("*/README.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *PROJECT_PAGES,
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """One command of a line.

    Attributes:
        words: its name and arguments.
        environment: variables that are set only for it.
        piped: whether it reads the output of the command before it.
        writes: the file that receives its output.
    """

    words: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    piped: bool = False
    writes: str | None = None


def blocks(page: Path, kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [body for found, body in _BLOCK.findall(page.read_text(encoding="utf-8")) if found == kind]


def console_lines(page: Path) -> list[str]:
    """The lines after `$` in console blocks, with continuation lines joined."""
    joined = (block.replace("\\\n", " ") for block in blocks(page, "console"))
    lines = [line for block in joined for line in block.splitlines() if line.strip()]
    assert all(line.startswith("$ ") for line in lines), f"{page.name}: a console block shows what is typed, after `$ `"
    return [line.removeprefix("$ ") for line in lines]


@cache
def program() -> Any:
    """The whole command line; building it takes a tenth of a second."""
    return get_command(app)


@cache
def examples() -> dict[str, list[str]]:
    """The example lines of each command's help, by the command's name."""

    def found(command: Any, name: str) -> Iterator[tuple[str, list[str]]]:
        epilog = getattr(command, "epilog", None) or ""
        lines = re.search(r"Examples?:\n((?:  .*(?:\n|$))+)", epilog)
        yield name, [line.strip() for line in lines[1].splitlines()] if lines else []
        for child_name, child in getattr(command, "commands", {}).items():
            yield from found(child, f"{name} {child_name}")

    return dict(found(program(), "imrllm"))


def parse(line: str) -> list[Command]:
    """A line's commands, separated by `&&` and `|`, each with its environment and output file.

    Raises:
        ValueError: the line uses other features of the shell.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    commands: list[Command] = []
    words: list[str] = []
    writes: str | None = None
    piped = False
    tokens = [*lexer, "&&"]
    while tokens:
        token = tokens.pop(0)
        if token == ">":
            writes = tokens.pop(0)
        elif token in ("|", "&&"):
            commands.append(_command(words, piped, writes))
            words, writes, piped = [], None, token == "|"
        elif set(token) <= set("|&;<>"):
            raise ValueError(f"`{token}` in `{line}`")
        else:
            words.append(token)
    return commands


def _command(words: list[str], piped: bool, writes: str | None) -> Command:
    environment = {}
    while words and re.match(r"[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    return Command(words, environment, piped, writes)
