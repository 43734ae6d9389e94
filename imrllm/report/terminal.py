"""Text and tables for a terminal, safe whatever outside text they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def printable(text: str) -> str:
    """Show what a terminal would obey instead of print.

    A document's name may hold escape sequences, line breaks or characters that reverse the writing direction. Each
    character that does not print, lone surrogates of odd file names included, becomes its backslash escape.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def text(content: str, style: str = "") -> Text:
    """Plain text for a rich console, which would interpret markup in strings."""
    from rich.text import Text

    return Text(printable(content), style=style)


def empty_table(title: str | None = None) -> Table:
    """A table without columns, in the style of all tables."""
    from rich import box
    from rich.table import Table

    heading = None if title is None else text(title)
    return Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False)


def figures_table(title: str, *columns: str) -> Table:
    """An empty table of figures: names on the left, and to the right of them figures that stay on one line."""
    table = empty_table(title)
    for index, column in enumerate(columns):
        table.add_column(text(column), justify="left" if not index else "right", no_wrap=bool(index))
    return table


def add_row(table: Table, *cells: str) -> None:
    """Add a row of plain texts to a table."""
    table.add_row(*map(text, cells))
