"""The tables that results become: columns, keys and meanings, from the registry of fields and the result's models.

A new field of the record is a new column by itself; one of a type that has no column is an error here, not a loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from imrllm import pointers
from imrllm.analysis import ANALYSIS_COLUMNS, DocumentAnalysis, ItemAnalysis
from imrllm.analysis.columns import PARTIES, AnalysisColumn, column_name
from imrllm.analysis.field_values import Source
from imrllm.fields import (
    BY_NAME,
    CASE_FIELDS,
    CITATION_FIELDS,
    ITEM_FIELDS,
    SCALARS,
    SIDES,
    Field,
    Line,
    line_at,
    without_none,
)
from imrllm.records import Check, Result
from imrllm.spans import SourceSpan

Kind = Literal["text", "list of texts", "list of integers", "integer", "number", "boolean", "date", "JSON"]
Row = tuple[Any, ...]

_KINDS: dict[object, Kind] = {
    **SCALARS,
    Any: "JSON",
    tuple[int, ...]: "list of integers",
    tuple[str, ...]: "list of texts",
}
# Rows of a table of their own, or, as the record is, columns from the registry of fields.
_ELSEWHERE = {"/record", "/checks", "/evidence", "/risks"}
# Of what is derived, what `_trust_columns` has for `documents` and `items`, and what `field_values` has in full.
_TRUST = {"fields_to_review", "review", "risk_max", "document_review", "document_risk_max"}
# Prefixes of column names that would be unclear without them.
_PREFIXES = {"error": "error_", "confirmed_by": "confirmed_"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: as the tables have it.
        kind: what its values are; `JSON` is text.
        description: its meaning.
        source: JSON Pointer of its field in a row of the results file, `*` for any number or name; of a derived value,
            those of the fields that it rests on, joined by `; `.
        nullable: whether it may be empty.
        choices: the only values it may have; empty for any.
        path: attribute names and indices that lead to its value from the object that a row is made of; empty where
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
        key: names of the columns that together are unique.
        refers_to: foreign keys: the columns, and the table that has a row with their values.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refers_to: tuple[tuple[tuple[str, ...], str], ...] = ()


# Takes a batch of a table's rows, and returns how many texts were cut to fit the format.
Write = Callable[[Table, Sequence[Row]], int]


def _columns(
    model: type[BaseModel], place: str, path: tuple[str, ...] = (), prefix: str = "", *, nullable: bool = False
) -> Iterator[Column]:
    """The columns of a model's fields, and of the fields of the models in it."""
    hints = get_type_hints(model)
    for name, field in model.model_fields.items():
        where = (*path, name)
        source = f"{place}/{'/'.join(where)}"
        if source == "/record":
            yield from (_field_column(each, source, where, nullable=True) for each in CASE_FIELDS)
        if source in _ELSEWHERE:
            continue
        hint, may_be_null = without_none(hints[name])
        may_be_null |= nullable
        description = field.description or ""
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            yield from _columns(hint, place, where, _PREFIXES.get(name, prefix), nullable=may_be_null)
        elif hint == SourceSpan:
            for index, end in enumerate(("start", "end")):
                said = f"{description}: its {end}"
                yield Column(f"{prefix}{name}_{end}", "integer", said, source, may_be_null, path=(*where, index))
        else:
            yield _column(f"{prefix}{name}", Line(hint, may_be_null, description), source, where)


def _field_column(field: Field, place: str, path: tuple[str, ...] = (), *, nullable: bool = False) -> Column:
    """The column of a field of the record."""
    line = field.line
    if nullable or line_at(pointers.parent(field.pointer)).nullable:
        line = replace(line, nullable=True)
    return _column(column_name(field), line, f"{place}{field.tail}", (*path, *field.path))


def _column(name: str, line: Line, source: str, path: tuple[str, ...]) -> Column:
    return Column(name, _kind(line, source), line.description, source, line.nullable, line.choices, path)


def _kind(line: Line, source: str) -> Kind:
    if line.choices:
        return "list of texts" if get_origin(line.type) is tuple else "text"
    kind = _KINDS.get(line.type)
    if kind is None:
        raise TypeError(f"`{source}` has no column: say in `imrllm.export.tables` what becomes of it.")
    return kind


def _analysis_column(column: AnalysisColumn) -> Column:
    source = "; ".join(column.pointers)
    line = column.line
    return Column(column.name, _kind(line, source), line.description, source, line.nullable, column.choices)


def _derived_columns(model: type[BaseModel]) -> tuple[Column, ...]:
    """The derived columns that `documents` or `items` has as well; `_trust_columns` are in the place of the rest."""
    names = set(model.model_fields) - _TRUST
    return tuple(_analysis_column(column) for column in ANALYSIS_COLUMNS if column.name in names)


_ITEMS = "/record/disputed_items/*"
_CITATIONS = f"{_ITEMS}/*/citations/*"
_CHECKS = "/checks/*"
_GROUNDS = BY_NAME["grounds"]

_DOCUMENT_ID = Column("document_id", "text", "The document", "/document_id")
_ITEM = Column("item", "integer", "Number of the disputed item, counted from 1 in document order", _ITEMS)
_ONE_OF_ITEMS = ((("document_id", "item"), "items"),)
_HEADING = "Where the printed heading stands in the source text, in characters"
_FIELD_NAME = "The field's name, without the numbers of the pointer: `quantity`, `reviewer_basis.citations.pages`"
_RISK = "Measured probability (0 to 1) that the value, or its absence, is wrong; empty where it is not measured"


def _trust_columns(of: str, *, nullable: bool = False) -> tuple[Column, Column]:
    """How many values of a document or an item are to be reviewed, and the highest risk among its values."""
    return (
        Column(
            "to_review",
            "integer",
            f"Fields of the {of} that a person is asked to look at and that nobody has settled: its rows of "
            "`field_values` where `review` is true",
            "/checks/*/review",
            nullable,
        ),
        Column(
            "risk_max",
            "number",
            f"Highest `risk` among the {of}'s rows of `field_values`; empty where none is measured",
            "/risks/*",
            nullable=True,
        ),
    )


ANALYSIS = Table(
    "analysis",
    "One row a disputed item, with all that the record has of it but long texts, with its document's values, and with "
    "values derived by the rules below: one table for those who need no other. A failed document has no row.",
    (_DOCUMENT_ID, _ITEM, *map(_analysis_column, ANALYSIS_COLUMNS)),
    ("document_id", "item"),
)
# Behind `to_review` and `risk_max`, and behind the fields of the record.
OF_DOCUMENTS, OF_ITEMS = _derived_columns(DocumentAnalysis), _derived_columns(ItemAnalysis)
DOCUMENTS = Table(
    "documents",
    "One row a document, read or failed, in the order of the results file. A failed one has no values of a record.",
    # What is to be done comes after the status.
    (
        *(columns := tuple(_columns(Result, "")))[:2],
        *_trust_columns("document", nullable=True),
        *OF_DOCUMENTS,
        *columns[2:],
    ),
    ("document_id",),
)
ITEMS = Table(
    "items",
    "One row a disputed item.",
    (
        _DOCUMENT_ID,
        _ITEM,
        *(_field_column(field, _ITEMS) for field in ITEM_FIELDS if field is not _GROUNDS),
        *OF_ITEMS,
        Column(
            "grounds_left_out",
            "integer",
            "Grounds of the record that no words of the letter support; the table of grounds leaves them out",
            "/evidence/*",
        ),
        *_trust_columns("item"),
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
            choices=tuple(PARTIES.values()),
        ),
        Column("citation", "integer", "Number of the citation, counted from 1 in printed order", _CITATIONS),
        # Both sides' citations have the same fields.
        *(_field_column(field, _CITATIONS) for field in CITATION_FIELDS if field.side == SIDES[0]),
    ),
    ("document_id", "item", "party", "citation"),
    _ONE_OF_ITEMS,
)
GROUNDS = Table(
    "grounds",
    "One row a ground that a rationale argues in words of its own; most items have one to three.",
    (
        _DOCUMENT_ID,
        _ITEM,
        Column("ground", "text", _GROUNDS.line.description, f"{_ITEMS}/grounds/*", choices=_GROUNDS.line.choices),
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
        Column("field", "text", _FIELD_NAME, _CHECKS),
        *_columns(Check, _CHECKS),
    ),
    ("document_id", "check_number"),
    ((("document_id",), "documents"), *_ONE_OF_ITEMS),
)
FIELD_VALUES = Table(
    "field_values",
    "One row a field of a record, absent values included: who gave its value, its risk, and whether to review it. "
    "Join it by document, item and field, or by pointer.",
    (
        _DOCUMENT_ID,
        Column("pointer", "text", "JSON Pointer (RFC 6901) of the field in the record", "/record/*"),
        Column(
            "item", "integer", "Number of the disputed item; empty for the rest of the letter", _ITEMS, nullable=True
        ),
        Column("field", "text", _FIELD_NAME, "/record/*"),
        Column(
            "value",
            "text",
            "The value as text: lists joined with `; `, longer than 1,000 characters cut and ended in `[cut]`; of "
            "`citations`, how many there are; of `grounds`, those of that table. The other tables have values "
            "whole and typed",
            "/record/*",
            nullable=True,
        ),
        Column(
            "source",
            "text",
            "Who gave the value. letter: the grammar, which reads the letter's words, alone or against the model; "
            "both: the grammar and the model agree, or each gave entries of the list; model: the model alone or "
            "against the grammar (for `imrllm check`: the program that made the record); person: a reviewer settled "
            "it; empty: there is no value, and no reader was preferred",
            "/checks/*/resolution",
            nullable=True,
            choices=get_args(Source),
        ),
        Column("risk", "number", f"{_RISK}, and where a person settled it", "/risks/*", nullable=True),
        Column("review", "boolean", "Whether a person is asked to look, and nobody has settled it", "/checks/*/review"),
    ),
    ("document_id", "pointer"),
    ((("document_id",), "documents"), *_ONE_OF_ITEMS),
)
TABLES = (ANALYSIS, DOCUMENTS, ITEMS, CITATIONS, GROUNDS, CHECKS, FIELD_VALUES)

AUDITS = Table(
    "audits",
    "One row for all letters that `imrllm audit` drew from these rows and a person compared, then one row a form of "
    "them. Written only if there is an audit.",
    (
        Column(
            "letters_of", "text", "`all`, or their form: how they print their items, or the year of the decision", ""
        ),
        Column("ok_letters", "integer", "Letters with status ok; empty for a form", "", True),
        Column("open_letters", "integer", "Drawn letters without a verdict; empty for a form", "", True),
        Column("letters", "integer", "Letters with a verdict", ""),
        Column("wrong_letters", "integer", "Of these, letters with a wrong value", ""),
        Column(
            "bound",
            "number",
            "At most this share of the ok letters is wrong, with 95% confidence; empty for a form with too few letters",
            "",
            True,
        ),
        Column("is_full", "boolean", "Whether all ok letters have a verdict, so that shares are exact", ""),
        Column("typed_letters", "integer", "Letters in which typed values were counted", ""),
        Column("typed_wrong_letters", "integer", "Of these, letters with a wrong typed value", ""),
        Column("typed_bound", "number", "As bound, of letters with a wrong typed value", "", True),
        Column("typed_values", "integer", "Typed values of these letters", ""),
        Column("typed_wrong", "integer", "Of these, wrong ones", ""),
        Column("seeds", "list of integers", "Seeds of the draws", ""),
        Column("drawn", "list of texts", "Days of the draws", ""),
        Column("reviewers", "list of texts", "Initials of who compared the letters", ""),
        Column("rows_sha256", "text", "SHA-256 of the results file that the letters were drawn from", ""),
    ),
    ("letters_of",),
)
# Tables of the run, not of a document.
RUN_TABLES = (AUDITS,)
