"""Results on standard output."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imrllm.records import Result


def print_row(result: Result) -> None:
    """Write one result to standard output as `print_json` does."""
    print_json(result.model_dump_json())


def print_json(row: str) -> None:
    """Write a row to standard output as a line of JSON, flushed.

    Control characters are JSON-escaped, because standard output may be a terminal.
    """
    sys.stdout.write(f"{escaped(row)}\n")
    sys.stdout.flush()


def escaped(line: str) -> str:
    """The same JSON with each unprintable character escaped."""
    if line.isprintable():
        return line
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in line)
