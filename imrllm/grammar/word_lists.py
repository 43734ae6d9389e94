"""Word lists that patterns are built from: text files beside the modules, one alternative a line."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"\[(?P<name>\w+)\]")


@cache
def read_sections(path: str) -> tuple[tuple[str, str], ...]:
    """The sections of a word list, each with its alternatives joined to one expression.

    Spaces and "#" are escaped, so that an expression means the same with and without `re.VERBOSE`.

    Args:
        path: the file, relative to this package: "request/words.txt". A line is a heading ("[forms]"), a comment
            ("# ..."), or one alternative, with a comment behind two spaces or without.

    Returns:
        Names and expressions in the order of the file. The expressions have no group around them.
    """
    sections: list[tuple[str, list[str]]] = []
    for line in (files("imrllm.grammar") / path).read_text(encoding="utf-8").splitlines():
        entry = line.partition("  #")[0].rstrip()
        if heading := _HEADING.fullmatch(entry):
            sections.append((heading["name"], []))
        elif entry and not entry.startswith("#"):
            sections[-1][1].append(entry.replace(" ", r"\ ").replace("#", r"\#"))
    return tuple((name, "|".join(entries)) for name, entries in sections)


def read_words(path: str) -> dict[str, str]:
    """The sections of a word list by name."""
    return dict(read_sections(path))
