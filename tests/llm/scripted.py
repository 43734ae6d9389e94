"""A transport that answers from a list: no server, no SDK client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from imrllm.llm import Call, Client, Consumption
from imrllm.records import Usage
from tests.llm.standin import Reply

CALL = Call("w07", "v2", "case")


T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Answered(Generic[T]):
    """What a call returned, and what it consumed."""

    value: T
    usage: Usage
    attempts: int
    cost: float | None

    @property
    def reasked(self) -> bool:
        return self.usage.reasks > 0


async def ask(client: Client, model: type[T], messages: Any, *, spent: Consumption | None = None, **more: Any) -> Any:
    """Make one call, and tell what it consumed."""
    spent = spent or Consumption()
    value = await client.ask(CALL, model, messages, spent=spent, **more)
    return Answered(value, spent.usage, spent.attempts, spent.cost)


class Scripted:
    """Answers each request with the next reply, the last one for ever, and keeps what it was asked."""

    def __init__(self, *script: Reply) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.bodies: list[dict[str, Any]] = []

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        count()
        self.calls.append(call)
        self.bodies.append(body)
        return ChatCompletion.construct(**self.script[min(len(self.calls), len(self.script)) - 1].body)
