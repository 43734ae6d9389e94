"""Values of the records' models by their JSON Pointers (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from imrllm import pointers

M = TypeVar("M", bound=BaseModel)


def value_at(model: BaseModel | dict[str, Any], pointer: str) -> Any:
    """What a pointer points at.

    Args:
        model: a model, or its values as `model_dump` gives them: dump it once to follow many pointers.
        pointer: the pointer.

    Raises:
        LookupError: it points at nothing.
    """
    return pointers.get(model.model_dump() if isinstance(model, BaseModel) else model, pointer)


def is_there(model: BaseModel | dict[str, Any], pointer: str) -> bool:
    """Whether a pointer points at something, a null included."""
    return pointers.exists(model.model_dump() if isinstance(model, BaseModel) else model, pointer)


def every_text(values: Any) -> Iterator[str]:
    """The texts in a model's values."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for each in values.values():
            yield from every_text(each)
    elif isinstance(values, (tuple, list)):
        for each in values:
            yield from every_text(each)


def every_pointer(values: Any, at: str = "") -> Iterator[str]:
    """The pointers to all that is in a model's values: one walk, where many pointers are looked up."""
    yield at
    entries = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, tuple) else ()
    for key, value in entries:
        yield from every_pointer(value, f"{at}/{key}")


def altered(model: M, pointer: str, value: Any) -> M:
    """A copy with one value in another's place."""
    values = model.model_dump(mode="json")
    pointers.put(values, pointer, value)
    return type(model).model_validate(values)
