"""Request lines of a batch file, each keyed by its letter's id and the call that it makes of the letter."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from imrllm.estimates import count_tokens
from imrllm.llm import Call

ENDPOINT: Final = "/v1/chat/completions"
# Every request begins alike: what is used each time stays in the cache, a letter's own parts leave it again.
_tokens = lru_cache(maxsize=64)(count_tokens)


def name_of(call: Call, asked_before: int) -> str:
    """The name of a request within its letter, such as `item-2.0`.

    Args:
        call: what is asked.
        asked_before: how often that was asked already: 0, or 1 where the first answer did not fit.
    """
    return f"{call.kind}.{asked_before}" if call.item is None else f"{call.kind}-{call.item}.{asked_before}"


def custom_id(document_id: str, name: str) -> str:
    """What the provider knows a request by: at most 64 plain characters, however hostile or long the id is."""
    return f"{sha256(document_id.encode()).hexdigest()[:32]}.{name}"


def request_line(document_id: str, name: str, body: dict[str, Any]) -> bytes:
    """One line of an input file.

    Args:
        document_id: the letter's id.
        name: the request's name within it.
        body: what `extract` would send.
    """
    line = {"custom_id": custom_id(document_id, name), "method": "POST", "url": ENDPOINT, "body": body}
    # A line break that Unicode knows and JSON does not would end the line for some readers.
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def input_tokens(body: dict[str, Any]) -> int:
    """The tokens that a request will be counted as while it waits, estimated: its turns and its schema.

    The provider counts the question alone, not what may be answered.
    """
    turns = sum(_tokens(str(message.get("content") or "")) for message in body["messages"])
    return round(turns + _tokens(json.dumps(body.get("response_format") or {}, separators=(",", ":"))))
