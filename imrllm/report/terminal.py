"""Text from outside made safe to show on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Show what a terminal would obey instead of print.

    A document's name may hold escape sequences, line breaks or characters that reverse the writing direction.

    Args:
        text: any text.

    Returns:
        The text with each character that does not print, lone surrogates of odd file names included, as its
        backslash escape.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
