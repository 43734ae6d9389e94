"""The scored fields of a record: where each stands, how its values are compared, and what a wrong one means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from imrllm.crosscheck.ledger import folded
from imrllm.grammar.request.amounts import singular
from imrllm.grammar.request.medications import normal_strength

Place = Literal["case", "item", "citation"]
Shape = Literal["value", "sequence", "set"]
Normal = Callable[[Any], Any]

_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212]\s*")


def as_is(value: Any) -> Any:
    """A typed value: numbers by their value (60 and 60.0 alike), dates, enums and booleans as JSON has them."""
    return value


def page(value: Any) -> str:
    """A page or range of pages, whatever dash it is printed with."""
    return _DASHES.sub("-", str(value).strip().lower())


@dataclass(frozen=True, slots=True)
class Field:
    """One scored field.

    Attributes:
        name: as reports and thresholds call it: `letter.case_number`, `quantity`, `reviewer_basis.pages`.
        path: the names on the way to it, from the record, the disputed item or the citation.
        place: what it is a field of.
        shape: one value; a list in printed order; or a list whose order says nothing.
        normal: what is compared instead of a value.
        prose: whether it takes judgement: no part of item-exact and document-exact.
        critical: whether a wrong value is a critical error.
        side: whose basis a citation's field is of.
    """

    name: str
    path: tuple[str, ...]
    place: Place
    shape: Shape = "value"
    normal: Normal = as_is
    prose: bool = False
    critical: bool = False
    side: str | None = None

    def read(self, holder: dict[str, Any]) -> Any:
        """The field's value in a record, item or citation, as JSON has them; None where a part on the way is null."""
        value: Any = holder
        for name in self.path:
            value = value.get(name) if value is not None else None
        return value


CASE_FIELDS = (
    Field("letter.case_number", ("letter", "case_number"), "case", normal=folded),
    *(
        Field(f"letter.{name}", ("letter", name), "case")
        for name in (
            "date_assigned",
            "date_of_injury",
            "decision_date",
            "ur_denial_date",
            "application_received",
            "priority",
        )
    ),
    Field("reviewer.licensed_states", ("reviewer", "licensed_states"), "case", "set", folded),
    Field("reviewer.specialties", ("reviewer", "specialties"), "case", "sequence", folded),
    *(Field(f"injured_worker.{name}", ("injured_worker", name), "case") for name in ("age", "sex", "injury_date")),
    *(
        Field(f"clinical_summary.{name}", ("clinical_summary", name), "case", "set", folded, prose=True)
        for name in ("diagnoses", "treatments_to_date")
    ),
    Field("clinical_summary.ur_decision_date", ("clinical_summary", "ur_decision_date"), "case"),
)
SIDES = ("claims_administrator", "reviewer_basis")
ITEM_FIELDS = (
    Field("heading", ("heading",), "item", normal=folded),
    Field("decision", ("decision",), "item", critical=True),
    *(
        Field(name, (name,), "item", normal=folded)
        for name in ("request", "original_request", "authorized", "treatment")
    ),
    Field("category", ("category",), "item"),
    Field("ingredients", ("ingredients",), "item", "set", folded),
    Field("strengths", ("strengths",), "item", "sequence", normal_strength, critical=True),
    Field("quantity", ("quantity",), "item", critical=True),
    Field("quantity_unit", ("quantity_unit",), "item", normal=singular),
    Field("refills", ("refills",), "item", critical=True),
    Field("frequency", ("frequency",), "item", normal=folded),
    Field("duration", ("duration",), "item", normal=folded),
    Field("total_visits", ("total_visits",), "item"),
    Field("body_parts", ("body_parts",), "item", "set", folded),
    Field("retrospective", ("retrospective",), "item"),
    Field("date_of_service", ("date_of_service",), "item"),
    Field("medically_necessary", ("medically_necessary",), "item"),
    Field("grounds", ("grounds",), "item", "set", prose=True),
    *(Field(f"{side}.stance", (side, "stance"), "item") for side in SIDES),
)
_CITED: tuple[tuple[str, Shape, Normal], ...] = (
    ("guideline", "value", as_is),
    ("within_mtus", "value", as_is),
    ("chapter", "value", folded),
    ("year", "value", as_is),
    ("sections", "sequence", folded),
    ("pages", "sequence", page),
)
CITATION_FIELDS = tuple(
    Field(f"{side}.{name}", (name,), "citation", shape, normal, side=side)
    for side in SIDES
    for name, shape, normal in _CITED
)
FIELDS = (*CASE_FIELDS, *ITEM_FIELDS, *CITATION_FIELDS)
BY_NAME = {field.name: field for field in FIELDS}
# The count of disputed items: wrong where one was lost or invented.
ITEMS = "disputed_items"
# The letter's form settles these: no model is asked.
SETTLED_BY_FORM = frozenset(
    {field.name for field in CASE_FIELDS if field.path[0] == "letter"}
    | {"heading", "decision", "request", "original_request", "authorized", ITEMS}
)


def named(name: str) -> tuple[str, ...]:
    """The fields that a short or full name means: `pages` is that of both sides, `reviewer_basis.pages` of one."""
    if name == ITEMS or name in BY_NAME:
        return (name,)
    return tuple(field.name for field in FIELDS if field.name.rpartition(".")[2] == name)
