"""Fingerprints of requests: the names and digests that find a recorded answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imrllm.cassettes.store import Cassette, RecordedRequest, digest
from imrllm.llm import Call

_PARTS = ("messages", "schema", "parameters")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One request. Two are equal if everything that can change the answer is equal.

    Attributes:
        call: what the request is about.
        messages: digest of the chat turns.
        schema: digest of the strict schema.
        parameters: digest of the rest of the body, such as model, temperature, length limit, seed and strictness.
    """

    call: Call
    messages: str
    schema: str
    parameters: str

    @classmethod
    def of_request(cls, call: Call, body: Mapping[str, Any]) -> Fingerprint:
        """The fingerprint of a call's request, from the JSON values of its body."""
        form = body["response_format"]
        schema = form["json_schema"]["schema"]
        bare = {name: value for name, value in form["json_schema"].items() if name != "schema"}
        rest = {name: value for name, value in body.items() if name != "messages"}
        rest["response_format"] = {**form, "json_schema": bare}
        return cls(call, digest(body["messages"]), digest(schema), digest(rest))

    @classmethod
    def of_recorded(cls, cassette: Cassette, request: RecordedRequest) -> Fingerprint:
        """The fingerprint of a request in a cassette."""
        call = Call(cassette.document, cassette.prompt, request.kind, request.item)
        return cls(call, request.messages_sha256, request.schema_sha256, request.parameters_sha256)

    def changed(self, recorded: Fingerprint) -> list[str]:
        """The names of the parts that differ from a recorded request."""
        return [part for part in _PARTS if getattr(self, part) != getattr(recorded, part)]
