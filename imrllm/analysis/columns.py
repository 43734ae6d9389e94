"""The columns of the flat table: an item a row, with what is derived of it, its record, and its document's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, get_type_hints

from imrllm.analysis.rows import AnalyzedItem, DocumentAnalysis, From, ItemAnalysis
from imrllm.fields import CASE_FIELDS, ITEM_FIELDS, Field, Line, Side, line_at, without_none
from imrllm.pointers import parent
from imrllm.records import FrozenModel

# What the tables call the sides.
PARTIES: dict[Side, str] = {"claims_administrator": "claims_administrator", "reviewer_basis": "reviewer"}
# Long texts, which the table `items` has, and grounds without words of the letter.
_LEFT_OUT = ("heading", "rationale", "grounds")


@dataclass(frozen=True, slots=True)
class AnalysisColumn:
    """One column of the flat table.

    Attributes:
        name: as the tables have it.
        of: whose value it is: an item's, or its document's.
        line: its type and meaning.
        pointers: JSON Pointers, in a row of the results file, of what it rests on.
        choices: the only values that it, or an entry of it, may have; empty for any.
        is_derived: whether a rule derives it; else it is a field of the record.
        read: its value of an item.
    """

    name: str
    of: Literal["item", "document"]
    line: Line
    pointers: tuple[str, ...]
    choices: tuple[str, ...]
    is_derived: bool
    read: Callable[[AnalyzedItem], Any]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the record's fields that it rests on, as in `field_values`."""
        names = (each.removeprefix("/record").removeprefix("/disputed_items/*") for each in self.pointers)
        return tuple(each.replace("/*", "").removeprefix("/").replace("/", ".") for each in names)


def column_name(field: Field) -> str:
    """What the tables call a field: an item's `reviewer_basis/stance` is `reviewer_stance`."""
    prefix = f"{PARTIES[field.side]}_" if field.side and field.place == "item" else ""
    return f"{prefix}{field.path[-1]}"


def derived_lines(model: type[FrozenModel]) -> Iterator[tuple[str, Line, From]]:
    """The derived fields of a model: their names, types and meanings, and what they rest on."""
    hints = get_type_hints(model)
    for name, info in model.model_fields.items():
        hint, nullable = without_none(hints[name])
        (source,) = (each for each in info.metadata if isinstance(each, From))
        yield name, Line(hint, nullable, info.description or ""), source


def _derived(model: type[FrozenModel], of: Literal["item", "document"]) -> Iterator[AnalysisColumn]:
    def reader(name: str) -> Callable[[AnalyzedItem], Any]:
        if of == "item":
            return lambda each: getattr(each.derived, name)
        return lambda each: getattr(each.document.derived, name)

    for name, line, source in derived_lines(model):
        choices = source.choices() if source.choices else line.choices
        yield AnalysisColumn(name, of, line, source.pointers, choices, is_derived=True, read=reader(name))


def _recorded(field: Field, of: Literal["item", "document"]) -> AnalysisColumn:
    def read(each: AnalyzedItem) -> Any:
        value: Any = each.item if of == "item" else each.document.record
        for name in field.path:
            value = None if value is None else getattr(value, name)
        return value

    line = field.line
    if line_at(parent(field.pointer)).nullable:
        line = replace(line, nullable=True)
    pointer = f"/record{field.pointer}"
    return AnalysisColumn(column_name(field), of, line, (pointer,), line.choices, is_derived=False, read=read)


def _grounds() -> AnalysisColumn:
    (field,) = (each for each in ITEM_FIELDS if each.path == ("grounds",))
    line = Line(field.line.type, description=f"{field.line.description}; those that words of the letter support")
    pointers = ("/record/disputed_items/*/grounds/*",)
    return AnalysisColumn(
        "grounds", "item", line, pointers, line.choices, is_derived=False, read=lambda each: each.grounds
    )


def _all() -> Iterator[AnalysisColumn]:
    recorded = {column.name: column for column in (_recorded(field, "item") for field in ITEM_FIELDS)}
    yield recorded.pop("decision")
    yield from _derived(ItemAnalysis, "item")
    yield from _derived(DocumentAnalysis, "document")
    yield from (column for name, column in recorded.items() if name not in _LEFT_OUT)
    yield _grounds()
    yield from (_recorded(field, "document") for field in CASE_FIELDS)


# In the order of the table, behind the document and the item's number.
ANALYSIS_COLUMNS = tuple(_all())
