"""The tables that results become: columns, keys and meanings, derived from the record's own models.

A new field of the record is a new column by itself; one of a shape that has no column is an error here, not a loss.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from imrllm.fields import SIDES
from imrllm.records import Check, Citation, DisputedItem, Ground, Result
from imrllm.spans import SourceSpan

Kind = Literal["text", "list of texts", "list of integers", "integer", "number", "boolean", "date", "JSON"]
Row = tuple[Any, ...]

_SCALARS: dict[object, Kind] = {str: "text", bool: "boolean", int: "integer", float: "number", date: "date"}
# Fields that are rows of a table of their own, or repeat another column.
_ELSEWHERE = {
    (Result, "record", "document_id"),
    (Result, "record", "disputed_items"),
    (Result, "checks"),
    (Result, "evidence"),
    (DisputedItem, "grounds"),
    *((DisputedItem, side, "citations") for side in SIDES),
}
# What stands before the names of fields that would say nothing, or the same twice, in a flat table.
_PREFIXES = {
    "error": "error_",
    "confirmed_by": "confirmed_",
    "claims_administrator": "claims_administrator_",
    "reviewer_basis": "reviewer_",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as the tables have it.
        kind: what its values are; `JSON` is text.
        description: its meaning.
        source: JSON Pointer of its field in a row of the results file, `*` for any number or name.
        nullable: whether it may be empty.
        choices: the only values it may have; empty for any.
        path: attribute names and indices on the way to its value from what the table's rows are made of; empty where
            the value is not a field's.
    """

    name: str
    kind: Kind
    description: str
    source: str
    nullable: bool = False
    choices: tuple[str, ...] = ()
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        name: as files, sheets and databases have it.
        description: what a row is.
        columns: in order, the key's first.
        key: names of the columns that no two rows share all values of.
        refers_to: the tables that must hold a row of the same value, by the columns that say which.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refers_to: tuple[tuple[tuple[str, ...], str], ...] = ()


# Takes a table's rows, in batches; gives how many texts were cut to fit the format.
Write = Callable[[Table, Sequence[Row]], int]


def _columns(
    model: type[BaseModel], place: str, path: tuple[str, ...] = (), prefix: str = "", *, nullable: bool = False
) -> Iterator[Column]:
    """The columns of a model's fields, and of the fields of the models in it."""
    root: Any = _ROOTS[place]
    hints = get_type_hints(model)
    for name, field in model.model_fields.items():
        where = (*path, name)
        if (root, *where) in _ELSEWHERE:
            continue
        hint, may_be_null = _without_none(hints[name])
        may_be_null |= nullable
        source = f"{place}/{'/'.join(where)}"
        description = field.description or ""
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            yield from _columns(hint, place, where, _PREFIXES.get(name, prefix), nullable=may_be_null)
        elif hint == SourceSpan:
            for index, end in enumerate(("start", "end")):
                said = f"{description}: its {end}"
                yield Column(f"{prefix}{name}_{end}", "integer", said, source, may_be_null, path=(*where, index))
        else:
            choices = get_args(hint) if get_origin(hint) is Literal else ()
            yield Column(f"{prefix}{name}", _kind(hint, source), description, source, may_be_null, choices, where)


def _without_none(hint: Any) -> tuple[Any, bool]:
    """A field's type without `None`, and whether it admitted it."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, hint is Any
    rest = [each for each in get_args(hint) if each is not types.NoneType]
    return (rest[0] if len(rest) == 1 else hint), len(rest) < len(get_args(hint))


def _kind(hint: Any, source: str) -> Kind:
    if get_origin(hint) is Literal:
        return "text"
    if hint is Any:
        return "JSON"
    if hint == tuple[int, ...]:
        return "list of integers"
    if hint == tuple[str, ...]:
        return "list of texts"
    if hint not in _SCALARS:
        raise TypeError(f"`{source}` has no column: say in `imrllm.export.tables` what becomes of it.")
    return _SCALARS[hint]


_ITEMS = "/record/disputed_items/*"
_CITATIONS = f"{_ITEMS}/*/citations/*"
_CHECKS = "/checks/*"
_ROOTS: dict[str, type[BaseModel]] = {"": Result, _ITEMS: DisputedItem, _CITATIONS: Citation, _CHECKS: Check}

_DOCUMENT_ID = Column("document_id", "text", "The document", "/document_id")
_ITEM = Column("item", "integer", "Number of the disputed item, counted from 1 in document order", _ITEMS)
_ONE_OF_ITEMS = ((("document_id", "item"), "items"),)
_HEADING = "Where the printed heading stands in the source text, in characters"

DOCUMENTS = Table(
    "documents",
    "One row a document, read or failed, in the order of the results file. A failed one has no values of a record.",
    tuple(_columns(Result, "")),
    ("document_id",),
)
ITEMS = Table(
    "items",
    "One row a disputed item.",
    (
        _DOCUMENT_ID,
        _ITEM,
        *_columns(DisputedItem, _ITEMS),
        Column("heading_start", "integer", f"{_HEADING}: its start", "/evidence/*", nullable=True),
        Column("heading_end", "integer", f"{_HEADING}: its end, not included", "/evidence/*", nullable=True),
    ),
    ("document_id", "item"),
    ((("document_id",), "documents"),),
)
CITATIONS = Table(
    "citations",
    "One row a guideline chapter that one side cites for a disputed item.",
    (
        _DOCUMENT_ID,
        _ITEM,
        Column(
            "party",
            "text",
            "Who cites it: the claims administrator, or the expert reviewer (the MAXIMUS guideline paragraph)",
            f"{_ITEMS}/*",
            choices=("claims_administrator", "reviewer"),
        ),
        Column("citation", "integer", "Number of the citation, counted from 1 in printed order", _CITATIONS),
        *_columns(Citation, _CITATIONS),
    ),
    ("document_id", "item", "party", "citation"),
    _ONE_OF_ITEMS,
)
GROUNDS = Table(
    "grounds",
    "One row a ground that a rationale argues; most items have one to three, and none where no model was asked.",
    (
        _DOCUMENT_ID,
        _ITEM,
        Column(
            "ground",
            "text",
            str(DisputedItem.model_fields["grounds"].description),
            f"{_ITEMS}/grounds/*",
            choices=get_args(Ground),
        ),
    ),
    ("document_id", "item", "ground"),
    _ONE_OF_ITEMS,
)
CHECKS = Table(
    "checks",
    "One row a value that was compared with the letter.",
    (
        _DOCUMENT_ID,
        # `check` is a reserved word of SQL.
        Column("check_number", "integer", "Number of the check, counted from 1 in the document", _CHECKS),
        Column(
            "item", "integer", "Number of the disputed item; empty for the rest of the letter", _CHECKS, nullable=True
        ),
        Column(
            "field",
            "text",
            "The field's name, without the numbers of the pointer: `quantity`, `reviewer_basis.citations.pages`",
            _CHECKS,
        ),
        *_columns(Check, _CHECKS),
    ),
    ("document_id", "check_number"),
    ((("document_id",), "documents"), *_ONE_OF_ITEMS),
)
TABLES = (DOCUMENTS, ITEMS, CITATIONS, GROUNDS, CHECKS)
