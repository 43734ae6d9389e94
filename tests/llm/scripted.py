"""A transport that answers from a list: no server, no SDK client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openai.types.chat import ChatCompletion

from imrllm.llm import Call
from tests.llm.standin import Reply

CALL = Call("w07", "v2", "case")


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
