"""JSON Pointers (RFC 6901): where a value is in a record as JSON has it. A list may be a tuple, as models have it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def split(pointer: str) -> list[str]:
    """The names and indices of a pointer, unescaped.

    Raises:
        LookupError: the pointer neither is empty nor begins with a slash.
    """
    first, *steps = pointer.split("/")
    if first:
        raise LookupError(pointer)
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def join(steps: Iterable[str]) -> str:
    """The pointer of names and indices."""
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def parent(pointer: str) -> str:
    """The pointer of what holds a value."""
    return pointer.rpartition("/")[0]


def is_entry(pointer: str, of: str) -> bool:
    """Whether a pointer is that of an entry of the list at another pointer."""
    head, _, index = pointer.rpartition("/")
    return head == of and index.isdigit()


def get(root: Any, pointer: str) -> Any:
    """The value at a pointer.

    Raises:
        LookupError: there is none.
    """
    for step in split(pointer):
        root = root[_key(root, step)]
    return root


def find(root: Any, pointer: str) -> Any:
    """The value at a pointer, or None if there is none."""
    return get(root, pointer) if exists(root, pointer) else None


def exists(root: Any, pointer: str) -> bool:
    """Whether there is a value at a pointer, null included."""
    try:
        get(root, pointer)
    except LookupError:
        return False
    return True


def put(root: Any, pointer: str, value: Any) -> None:
    """Replace the value at a pointer in place.

    Raises:
        LookupError: there is none, or it is the root.
    """
    last = split(pointer)[-1]
    holder = get(root, parent(pointer))
    holder[_key(holder, last)] = value


def _key(holder: Any, step: str) -> str | int:
    """The key of a dictionary or the index of a list that a step names."""
    if isinstance(holder, dict) and step in holder:
        return step
    if isinstance(holder, list | tuple) and step in map(str, range(len(holder))):
        return int(step)
    raise LookupError(step)
