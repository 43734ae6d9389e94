"""The request lines of a batch file, and the names that match answers to letters and calls."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from imrllm.estimates import count_tokens
from imrllm.llm import Call

ENDPOINT: Final = "/v1/chat/completions"
# All requests begin alike: the shared parts stay in the cache, and a letter's own parts drop out of it.
_tokens = lru_cache(maxsize=64)(count_tokens)


def name_of(call: Call, asked_before: int) -> str:
    """The name of a request within its letter, such as `item-2.0`; `asked_before` counts the call's earlier ones."""
    return f"{call.kind}.{asked_before}" if call.item is None else f"{call.kind}-{call.item}.{asked_before}"


def custom_id(document_id: str, name: str) -> str:
    """The request's id at the provider: at most 64 plain characters, whatever the letter's id."""
    return f"{sha256(document_id.encode()).hexdigest()[:32]}.{name}"


def request_line(document_id: str, name: str, body: dict[str, Any]) -> bytes:
    """The line of an input file for a request of a letter; `body` is the one that `extract` would send."""
    line = {"custom_id": custom_id(document_id, name), "method": "POST", "url": ENDPOINT, "body": body}
    # ASCII only: some readers end a line at line breaks that only Unicode knows.
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def input_tokens(body: dict[str, Any]) -> int:
    """Estimate the tokens for which a waiting request counts at the provider: its turns and schema, not its answer."""
    turns = sum(_tokens(str(message.get("content") or "")) for message in body["messages"])
    return round(turns + _tokens(json.dumps(body.get("response_format") or {}, separators=(",", ":"))))
