"""JSON Pointers (RFC 6901) into the records' models."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def value_at(model: BaseModel | dict[str, Any], pointer: str) -> Any:
    """What a pointer points at.

    Args:
        model: a model, or its values as `model_dump` gives them: dump it once to follow many pointers.
        pointer: the pointer.

    Raises:
        LookupError: it points at nothing.
    """
    node: Any = model.model_dump() if isinstance(model, BaseModel) else model
    if not pointer:
        return node
    assert pointer.startswith("/")
    for name in (each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/")):
        if isinstance(node, dict):
            node = node[name]
        elif isinstance(node, (tuple, list)) and name.isdigit() and str(int(name)) == name:
            node = node[int(name)]
        else:
            raise LookupError(pointer)
    return node


def is_there(model: BaseModel | dict[str, Any], pointer: str) -> bool:
    """Whether a pointer points at something, a null included."""
    try:
        value_at(model, pointer)
    except LookupError:
        return False
    return True


def altered(model: M, pointer: str, value: Any) -> M:
    """A copy with one value in another's place."""
    values: Any = model.model_dump(mode="json")
    node = values
    *names, last = (int(name) if name.isdigit() else name for name in pointer.split("/")[1:])
    for name in names:
        node = node[name]
    node[last] = value
    return type(model).model_validate(values)
