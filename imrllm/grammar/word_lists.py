"""Word lists that patterns are built from: text files beside the modules, one alternative a line.

A line is a heading ("[forms]") or one alternative: a word or a small regular expression, in which spaces and "#" are
literal. A line that starts with "#" is a comment, and so is what follows two spaces and "#". An alternative that itself
starts with "#" is written "[#]".
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEADING = re.compile(r"\[(?P<name>\w+)\]")


@cache
def read_entries(path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sections of a word list in the order of the file, each a name and its alternatives as written.

    Args:
        path: the file, relative to this package: "request/words.txt".
    """
    sections: list[tuple[str, list[str]]] = []
    for line in (files("imrllm.grammar") / path).read_text(encoding="utf-8").splitlines():
        entry = line.partition("  #")[0].rstrip()
        if heading := _HEADING.fullmatch(entry):
            sections.append((heading["name"], []))
        elif entry and not entry.startswith("#"):
            sections[-1][1].append(entry)
    return tuple((name, tuple(entries)) for name, entries in sections)


def read_sections(path: str) -> tuple[tuple[str, str], ...]:
    """The sections of a word list in the order of the file, each a name and its alternatives joined to one expression.

    The expressions have no group around them. Spaces and "#" are escaped, so that an expression means the same with and
    without `re.VERBOSE`.
    """
    return tuple(
        (name, "|".join(entries).replace(" ", r"\ ").replace("#", r"\#")) for name, entries in read_entries(path)
    )


def read_words(path: str) -> dict[str, str]:
    """The sections of a word list by name, as `read_sections` gives them."""
    return dict(read_sections(path))
