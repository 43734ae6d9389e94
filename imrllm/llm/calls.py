"""Which call of which letter is being made: known to whoever records it, never sent over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One question about one letter.

    Attributes:
        document: the letter's id.
        prompt: the prompt version's name.
        kind: what is asked about: `letter`, `case` or `item`.
        item: the disputed item's number, from 1, where the call is about one.
    """

    document: str
    prompt: str
    kind: str
    item: int | None = None

    def __str__(self) -> str:
        """The call within its letter, such as `item 2`."""
        return self.kind if self.item is None else f"{self.kind} {self.item}"


_current: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def naming(call: Call) -> Iterator[None]:
    """Name the requests that are made while the block runs, in this task and those that it starts."""
    token = _current.set(call)
    try:
        yield
    finally:
        _current.reset(token)


def current_call() -> Call | None:
    """The call that is being made, or None outside of any."""
    return _current.get()
