"""What a prompt asks of a model: the fields of each kind of call, and the pydantic model of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, create_model

from imrllm.fields import CASE_FIELDS
from imrllm.records import CaseAnswer, FrozenModel, Ground, ItemAnswer, LetterAnswer

# Calls about a whole letter, about its case, about one disputed item, about the reasons of one rationale, and about one
# ground whose words are in a rationale; of a letter in an unknown form about where its parts are, and about whether one
# line is a disputed item's heading.
Kind = Literal["letter", "case", "item", "grounds", "verify", "form", "heading"]
FULL_ANSWERS: dict[Kind, type[BaseModel]] = {"letter": LetterAnswer, "case": CaseAnswer, "item": ItemAnswer}
# Names that a kind of call may ask for: a case field by its name in the registry, an item's by its name in the record.
ASKABLE: dict[Kind, tuple[str, ...]] = {
    "case": tuple(field.name for field in CASE_FIELDS if field.is_asked),
    "item": tuple(ItemAnswer.model_fields),
    "grounds": ("grounds",),
    "verify": ("grounds",),
    "form": ("header", "credentials", "summary", "items"),
    "heading": ("treatment",),
}
ASKABLE["letter"] = ASKABLE["case"] + ASKABLE["item"]

A = TypeVar("A", bound=BaseModel)


class GroundReason(FrozenModel):
    """One reason of a decision: the reviewer's own words, and what kind of ground they state."""

    quote: str = Field(description="The reviewer's words about this case, copied exactly")
    ground: Ground


class GroundsAnswer(FrozenModel):
    """What a model is asked of one rationale."""

    reasons: tuple[GroundReason, ...] = Field(
        description="The most important first", json_schema_extra={"x-wire-max-items": 3}
    )


class VerifyAnswer(FrozenModel):
    """What a model is asked of one ground."""

    given: bool = Field(description="Whether the reviewer gives this reason in this case")


class QuotedWords(FrozenModel):
    """Where a part of a letter begins and ends."""

    first: str = Field(description="The first five words, copied exactly")
    last: str = Field(description="The last five words, copied exactly")


class FormItem(FrozenModel):
    """Where the parts of one disputed item are."""

    heading: QuotedWords = Field(description="The requested treatment")
    outcome: str | None = Field(description="The words of the outcome, copied exactly")
    claims_administrator: QuotedWords | None = Field(description="What the claims administrator cites")
    reviewer_basis: QuotedWords | None = Field(description="What the reviewer cites")
    rationale: QuotedWords | None = Field(description="The reviewer's reasons")


class FormAnswer(FrozenModel):
    """What a model is asked of a letter in a form that the program does not know."""

    header: QuotedWords | None = Field(description="Case number and dates")
    credentials: QuotedWords | None = Field(description="The reviewer's credentials")
    summary: QuotedWords | None = Field(description="The summary of the case")
    items: tuple[FormItem, ...] = Field(
        description="The disputed items in the order of the letter", json_schema_extra={"x-wire-max-items": 40}
    )


class HeadingAnswer(FrozenModel):
    """What a small model is asked of one line of a letter in a form that the program does not know."""

    treatment: bool = Field(description="Whether the line names a requested treatment")


def answer_model(kind: Kind, asks: Sequence[str]) -> type[BaseModel]:
    """The model of a call's answer, which holds the fields that are asked for and no others.

    Args:
        kind: the kind of call.
        asks: names out of `ASKABLE[kind]`, in any order. A call about a whole letter asks for all of them.
    """
    if kind in ("grounds", "verify"):
        return GroundsAnswer if kind == "grounds" else VerifyAnswer
    if kind in ("form", "heading"):
        return FormAnswer if kind == "form" else HeadingAnswer
    full = FULL_ANSWERS[kind]
    if kind == "letter" or set(asks) == set(ASKABLE[kind]):
        return full
    return _part_of(full, tuple(tuple(name.split(".")) for name in ASKABLE[kind] if name in asks))


def completed(answer: BaseModel, full: type[A]) -> A:
    """An answer to some of a full answer's fields as a full answer: the others are null, empty or false."""
    return answer if isinstance(answer, full) else full.model_validate(_filled(answer.model_dump(), full))


# Made once for all calls: a class and its schema take 15 ms.
@cache
def _part_of(full: type[BaseModel], paths: tuple[tuple[str, ...], ...]) -> type[BaseModel]:
    """A model of some of a model's fields, nested as they are, with its name, description and bounds."""
    fields: dict[str, Any] = {}
    for name, info in full.model_fields.items():
        inner = tuple(path[1:] for path in paths if path[0] == name)
        if inner == ((),):
            fields[name] = (info.annotation, info)
        elif inner and isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            fields[name] = (_part_of(info.annotation, inner), ...)
    return create_model(full.__name__, __base__=FrozenModel, __doc__=full.__doc__, **fields)


def _filled(values: dict[str, Any], full: type[BaseModel]) -> dict[str, Any]:
    filled = dict(values)
    for name, info in full.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            filled[name] = _filled(values.get(name) or {}, info.annotation)
        elif name not in values and info.is_required():
            filled[name] = False if info.annotation is bool else () if "tuple" in str(info.annotation) else None
    return filled
