"""The registry of fields: one entry for each field of the record.

Cross-check, scorer, seeded corruptions, export and the review page read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from imrllm import pointers
from imrllm.normalization import normal_pages, normal_strength, normal_text, normal_unit
from imrllm.records import Decision, Determination, Guideline, Sex, Stance

Place = Literal["case", "item", "citation"]
Shape = Literal["value", "sequence", "set"]
Side = Literal["claims_administrator", "reviewer_basis"]
PartName = Literal["header", "credentials", "summary", "heading", "outcome", "request", "rationale"] | Side
Weight = Literal["critical", "core", "prose", "unscored"]
Reader = Literal["form", "grammar", "model"]
# Fields that are wrong for the same reasons.
Group = Literal[
    "header", "reviewer", "worker", "lists", "heading", "naming", "amounts", "basis", "conclusion", "grounds"
]
Scalar = Literal["text", "boolean", "integer", "number", "date"]
Normal = Callable[[object], object]
Alter = Callable[[Any], object]

# What a wrong value costs, by the weight of its field. A person looks first where risk times cost is highest.
COSTS: dict[Weight, float] = {"critical": 3.0, "core": 1.0, "prose": 0.5, "unscored": 0.5}
# The count of disputed items: wrong if one was lost or invented.
ITEMS = "disputed_items"
# What the types of plain values are called in tables and on the review page.
SCALARS: dict[object, Scalar] = {str: "text", bool: "boolean", int: "integer", float: "number", date: "date"}
SIDES: tuple[Side, ...] = get_args(Side)
_FORM: tuple[Reader, ...] = ("form",)
_GRAMMAR: tuple[Reader, ...] = ("grammar",)
_BOTH: tuple[Reader, ...] = ("grammar", "model")


def as_is(value: object) -> object:
    """A typed value: numbers are compared by value (60 and 60.0 alike), dates, enums and booleans as they are."""
    return value


def _next_day(text: str) -> str:
    if len(text) == len("YYYY-MM-DD"):
        return (date.fromisoformat(text) + timedelta(days=1)).isoformat()
    # A month or a year alone.
    return f"{int(text[:4]) - 1}{text[4:]}"


def _other_digit(text: str) -> str:
    """Replace the first digit: "24" becomes "34"."""
    return re.sub(r"\d", lambda digit: str(int(digit.group()) % 9 + 1), text, count=1)


def _one_more(value: float) -> float:
    return value + 1


def _negated(value: bool) -> bool:
    return not value


def _supplement(text: str) -> str:
    return f"{text} Supplement"


def _another(choices: tuple[str, ...]) -> Callable[[str], str]:
    return lambda value: choices[(choices.index(value) + 1) % len(choices)]


@dataclass(frozen=True, slots=True)
class Line:
    """What the record's models say of a field, or of an object or list that holds fields.

    Attributes:
        type: its Python type, without null and constraints.
        nullable: whether it may be null.
        description: its meaning.
        pattern: what a text must match; None for any text.
    """

    type: Any
    nullable: bool = False
    description: str = ""
    pattern: str | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values that it or an entry of it may have; empty for any."""
        entry = get_args(self.type)[0] if get_origin(self.type) is tuple else self.type
        return get_args(entry) if get_origin(entry) is Literal else ()


@dataclass(frozen=True)
class Field:
    """One field of the record.

    Attributes:
        pointer: its JSON Pointer in a record, `*` for an index.
        part: the part of the letter that states it; `request` is the part of the heading that was decided.
        shape: one value, a list in printed order (`sequence`), or a list in any order (`set`).
        normal: the normal form of a value, or of each entry of a list. Equal normal forms are the same value.
        weight: `critical`: a wrong value is a critical error; `core`: it counts for item-exact and document-exact, as
            critical ones do; `prose`: it takes judgment and does not count there; `unscored`: gold may leave it out.
        filled_by: who may fill it. Without `model` among them, no model is asked for it.
        alter: makes a wrong value of a right one, or of a right entry of a list, both as JSON has them; None if no
            seeded corruption alters the field.
    """

    pointer: str
    part: PartName
    shape: Shape = "value"
    normal: Normal = as_is
    weight: Weight = "core"
    filled_by: tuple[Reader, ...] = _BOTH
    alter: Alter | None = None

    @cached_property
    def name(self) -> str:
        """Its name in reports and thresholds: `letter.case_number`, `quantity`, `reviewer_basis.pages`."""
        pointer = self.pointer.removeprefix(f"/{ITEMS}/*").replace("/citations/*", "")
        return pointer.removeprefix("/").replace("/", ".")

    @property
    def line(self) -> Line:
        """Its type and meaning in the record."""
        return line_at(self.pointer)

    @cached_property
    def tail(self) -> str:
        """Its JSON Pointer in the record, the disputed item or the citation that holds it."""
        return self.pointer.rpartition("*")[2]

    @cached_property
    def path(self) -> tuple[str, ...]:
        """The names on the way to it from the record, the disputed item or the citation that holds it."""
        return tuple(pointers.split(self.tail))

    @cached_property
    def place(self) -> Place:
        """What holds it."""
        places: tuple[Place, ...] = ("case", "item", "citation")
        return places[self.pointer.count("*")]

    @cached_property
    def side(self) -> Side | None:
        """Whose basis it belongs to."""
        return next((side for side in SIDES if f"/{side}/" in self.pointer), None)

    @cached_property
    def group(self) -> Group:
        """The fields that it belongs to: those that are wrong for the same reasons."""
        if self.side:
            return "basis"
        return next((group for group, names in _GROUPS.items() if self.path[-1] in names), "header")

    @property
    def is_asked(self) -> bool:
        """Whether a model is asked for it."""
        return "model" in self.filled_by

    @property
    def empty(self) -> tuple[()] | None:
        """Its value if the letter does not state it."""
        return None if self.shape == "value" else ()

    def at(self, *indices: int) -> str:
        """Its JSON Pointer in a record, given the index of its disputed item, then of its citation, if it has them."""
        return self._template % indices

    @cached_property
    def _template(self) -> str:
        return self.pointer.replace("*", "%d")

    def read(self, holder: dict[str, Any]) -> Any:
        """Its value in a record, item or citation as JSON has them; None if an object on the way is null."""
        return pointers.find(holder, self.tail)

    def key(self, value: Any) -> object:
        """The key that a value is compared by.

        Args:
            value: a value that is present; for a list field, the list or tuple of its entries.
        """
        if self.shape == "value":
            return self.normal(value)
        keys = [str(self.normal(entry)) for entry in value]
        return sorted(keys) if self.shape == "set" else keys

    def same(self, one: object, other: object) -> bool:
        """Whether two present values are the same."""
        return self.key(one) == self.key(other)


def _basis(side: Side) -> Iterator[Field]:
    item, citation = f"/{ITEMS}/*/{side}", f"/{ITEMS}/*/{side}/citations/*"
    yield Field(f"{item}/stance", side, alter=_another(get_args(Stance)))
    yield Field(f"{citation}/guideline", side, alter=_another(get_args(Guideline)))
    yield Field(f"{citation}/within_mtus", side, alter=_negated)
    yield Field(f"{citation}/chapter", side, normal=normal_text, alter=_supplement)
    yield Field(f"{citation}/year", side, alter=_one_more)
    yield Field(f"{citation}/sections", side, "sequence", normal_text, alter=_supplement)
    yield Field(f"{citation}/pages", side, "sequence", normal_pages, alter=_other_digit)


_GROUPS: dict[Group, tuple[str, ...]] = {
    "reviewer": ("licensed_states", "specialties"),
    "worker": ("age", "sex", "injury_date", "ur_decision_date"),
    "lists": ("diagnoses", "treatments_to_date"),
    "heading": ("heading", "request", "original_request", "authorized", "retrospective", "date_of_service"),
    "naming": ("treatment", "category", "ingredients", "body_parts"),
    "amounts": ("strengths", "quantity", "quantity_unit", "refills", "frequency", "duration", "total_visits"),
    "conclusion": ("decision", "medically_necessary", "rationale"),
    "grounds": ("grounds",),
}
_ITEM = f"/{ITEMS}/*"
# In the record's order.
FIELDS = (
    Field("/letter/case_number", "header", normal=normal_text, filled_by=_GRAMMAR, alter=_other_digit),
    Field("/letter/date_assigned", "header", filled_by=_GRAMMAR, alter=_next_day),
    Field("/letter/date_of_injury", "header", filled_by=_GRAMMAR, alter=_next_day),
    Field("/letter/decision_date", "header", filled_by=_GRAMMAR, alter=_next_day),
    Field("/letter/ur_denial_date", "header", filled_by=_GRAMMAR, alter=_next_day),
    Field("/letter/application_received", "header", filled_by=_GRAMMAR, alter=_next_day),
    Field("/letter/priority", "header", filled_by=_GRAMMAR),
    Field("/reviewer/licensed_states", "credentials", "set", normal_text),
    Field("/reviewer/specialties", "credentials", "sequence", normal_text),
    Field("/injured_worker/age", "summary", alter=_one_more),
    Field("/injured_worker/sex", "summary", alter=_another(get_args(Sex))),
    Field("/injured_worker/injury_date", "summary", alter=_next_day),
    Field("/clinical_summary/diagnoses", "summary", "set", normal_text, "prose"),
    Field("/clinical_summary/treatments_to_date", "summary", "set", normal_text, "prose"),
    Field("/clinical_summary/ur_decision_date", "summary", alter=_next_day),
    Field(f"{_ITEM}/heading", "heading", normal=normal_text, filled_by=_FORM),
    Field(f"{_ITEM}/decision", "outcome", weight="critical", filled_by=_FORM, alter=_another(get_args(Decision))),
    Field(f"{_ITEM}/request", "heading", normal=normal_text, filled_by=_GRAMMAR),
    Field(f"{_ITEM}/original_request", "heading", normal=normal_text, filled_by=_GRAMMAR),
    Field(f"{_ITEM}/authorized", "heading", normal=normal_text, filled_by=_GRAMMAR),
    Field(f"{_ITEM}/rationale", "rationale", normal=normal_text, weight="unscored", filled_by=_FORM),
    Field(f"{_ITEM}/treatment", "request", normal=normal_text),
    Field(f"{_ITEM}/category", "request"),
    Field(f"{_ITEM}/ingredients", "request", "set", normal_text),
    Field(f"{_ITEM}/strengths", "request", "sequence", normal_strength, "critical", alter=_other_digit),
    Field(f"{_ITEM}/quantity", "request", weight="critical", alter=_one_more),
    Field(f"{_ITEM}/quantity_unit", "request", normal=normal_unit),
    Field(f"{_ITEM}/refills", "request", weight="critical", alter=_one_more),
    Field(f"{_ITEM}/frequency", "request", normal=normal_text),
    Field(f"{_ITEM}/duration", "request", normal=normal_text),
    Field(f"{_ITEM}/total_visits", "request", alter=_one_more),
    Field(f"{_ITEM}/body_parts", "request", "set", normal_text),
    # The whole heading states these two, also where a part of the request was authorized.
    Field(f"{_ITEM}/retrospective", "heading"),
    Field(f"{_ITEM}/date_of_service", "heading", alter=_next_day),
    *_basis("claims_administrator"),
    *_basis("reviewer_basis"),
    Field(f"{_ITEM}/medically_necessary", "rationale", alter=_negated),
    Field(f"{_ITEM}/grounds", "rationale", "set", weight="prose"),
)
CASE_FIELDS = tuple(field for field in FIELDS if field.place == "case")
ITEM_FIELDS = tuple(field for field in FIELDS if field.place == "item")
CITATION_FIELDS = tuple(field for field in FIELDS if field.place == "citation")
BY_POINTER = {field.pointer: field for field in FIELDS}
BY_NAME = {field.name: field for field in FIELDS}
_INDEX = re.compile(r"/\d+(?=/|$)")


def field_at(pointer: str) -> Field | None:
    """The field that a JSON Pointer of a record points at, or whose entry it points at; else None."""
    general = _INDEX.sub("/*", pointer)
    return BY_POINTER.get(general) or BY_POINTER.get(general.removesuffix("/*"))


@cache
def line_at(pointer: str) -> Line:
    """What the record's models say of a place.

    Args:
        pointer: the JSON Pointer of a field, or of an object or list that holds fields; `*` for an index.
    """
    line = Line(Determination)
    for name in pointers.split(pointer):
        if name == "*":
            entry = get_args(line.type)[0]
            line = Line(entry, description=str(entry.__doc__))
        else:
            info = line.type.model_fields[name]
            hint, nullable = without_none(info.annotation)
            pattern = None
            if get_origin(hint) is Annotated:
                hint, constraint = get_args(hint)
                pattern = constraint.pattern
            line = Line(hint, nullable, info.description or str(hint.__doc__), pattern)
    return line


def without_none(hint: Any) -> tuple[Any, bool]:
    """A type without `None`, and whether the type admitted `None`."""
    if get_origin(hint) not in (Union, UnionType):
        return hint, hint is Any
    rest = tuple(each for each in get_args(hint) if each is not NoneType)
    return (rest[0] if len(rest) == 1 else hint), len(rest) < len(get_args(hint))


def is_present(value: object) -> bool:
    """Whether a value says anything: null and an empty list do not."""
    return value is not None and value != () and value != []


def named(name: str) -> tuple[str, ...]:
    """The scored fields that a name means: `pages` means both sides' pages, `reviewer_basis.pages` only one side's."""
    scored = [ITEMS, *(field.name for field in FIELDS if field.weight != "unscored")]
    return (name,) if name in scored else tuple(each for each in scored if each.rpartition(".")[2] == name)
