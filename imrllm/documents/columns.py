"""The columns of a table of letters, and how one of its rows becomes a document: the same for JSONL, CSV and TSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from imrllm.documents.document import Document
from imrllm.documents.text import writable
from imrllm.errors import DocumentError

# More names than this are not listed in a message; a longer one is no name of a column, but may be a letter's text.
_MOST_NAMES = 20
_LONGEST_NAME = 60
# An outcome is a few words. A longer value is of another column.
_LONGEST_OUTCOME = 200
# A longer id is a letter's text in the wrong column.
_LONGEST_ID = 1_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns (JSONL: fields) hold a row's text, its id and the outcome of its decision. Names are exact.

    Attributes:
        text: the text; None for `text`.
        id: the document's id; None for `id`, which a table may lack.
        outcome: the outcome that is printed apart from the text, such as "Upheld"; None if the text holds all.
    """

    text: str | None = None
    id: str | None = None
    outcome: str | None = None

    def __str__(self) -> str:
        """The options that name them; empty if none is named."""
        named = (("text", self.text), ("id", self.id), ("outcome", self.outcome))
        return " ".join(f"--{name}-column {writable(given)}" for name, given in named if given)

    @property
    def text_name(self) -> str:
        """The name of the column that holds the text."""
        return self.text or "text"

    @property
    def id_name(self) -> str:
        """The name of the column that holds the id."""
        return self.id or "id"

    def lacking(self, names: Iterable[str]) -> str | None:
        """The first column that is needed and not among some names; None if all are there."""
        needed = (self.text_name, *(name for name in (self.id, self.outcome) if name))
        return next((name for name in needed if name not in names), None)


PLAIN = Columns()
"""The columns of a table whose user named none: `text` and, where there is one, `id`."""


def names_in(names: Iterable[str], what: str) -> str:
    """A sentence that lists column names, for messages. What may be a letter's text instead of a name is left out.

    Args:
        names: the names.
        what: what they are names of, such as "columns".
    """
    known = [name for name in names if name.strip()]
    shown = [f"`{writable(name)}`" for name in known if len(name) <= _LONGEST_NAME and name.isprintable()]
    if len(shown) < len(known):
        return f"Some of its {what} have names longer than {_LONGEST_NAME} characters: is its first line a header?"
    if not shown:
        return f"It has no {what}."
    more = f" and {len(shown) - _MOST_NAMES:,} more" if len(shown) > _MOST_NAMES else ""
    return f"Its {what} are {', '.join(shown[:_MOST_NAMES])}{more}."


def row_document(row: Mapping[str, object], columns: Columns, *, name: str, place: str, source: str) -> Document:
    """Make the document of a row that has all columns.

    Args:
        row: the row's values by column.
        columns: the columns that are wanted.
        name: the document's id.
        place: what to call the row in messages.
        source: where the document came from.

    Returns:
        The document. Where a row has an outcome, it follows the text in a paragraph of its own, "column: outcome".

    Raises:
        DocumentError: the text or the outcome is not one, or is too long, empty or binary.
    """
    text = row.get(columns.text_name)
    if not isinstance(text, str):
        raise DocumentError(f"{place} lacks `{columns.text_name}`, or its `{columns.text_name}` is not a string.")
    document = Document.from_text(text, name, source=source)
    given = row.get(columns.outcome) if columns.outcome else None
    if given is None or given == "":
        return document
    if not isinstance(given, str) or len(given) > _LONGEST_OUTCOME:
        raise DocumentError(
            f"{place} has a `{columns.outcome}` that is not a string of at most {_LONGEST_OUTCOME} characters.",
            hint="Name the column of the outcome with `--outcome-column`.",
        )
    before = f"{document.text}\n\n{columns.outcome}: "
    whole = Document.from_text(before + given, name, source=source)
    return replace(whole, outcome=(len(before), len(whole.text)))


def row_id(given: object, columns: Columns, place: str) -> str:
    """A row's id as text; empty if the row has none.

    Raises:
        DocumentError: it is neither a string nor an integer, or too long to be an id: messages name it.
    """
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise DocumentError(f"{place} has an `{columns.id_name}` that is neither a string nor an integer.")
    name = writable(str(given))
    if len(name) > _LONGEST_ID:
        raise DocumentError(
            f"{place} has an `{columns.id_name}` of more than {_LONGEST_ID:,} characters.",
            hint="Name the column of the id with `--id-column`.",
        )
    return name
