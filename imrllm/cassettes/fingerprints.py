"""Fingerprints of requests: the names and digests by which an answer is found again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from imrllm.cassettes.store import Cassette, RecordedRequest, digest
from imrllm.llm.calls import Call

_PARTS = ("messages", "schema", "parameters")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One request: equal to another where nothing that changes the answer differs.

    Attributes:
        call: which call of which letter.
        messages: digest of the rendered chat turns.
        schema: digest of the strict schema.
        parameters: digest of all the rest of the body: model, temperature, length limit, seed, strictness.
    """

    call: Call
    messages: str
    schema: str
    parameters: str

    @classmethod
    def of_body(cls, call: Call, body: bytes) -> Fingerprint | None:
        """The fingerprint of a request's body; None where it is no chat completion's."""
        try:
            sent = json.loads(body)
            messages = sent.pop("messages")
            schema = sent["response_format"]["json_schema"].pop("schema")
        except (ValueError, LookupError, TypeError, AttributeError):
            return None
        return cls(call, digest(messages), digest(schema), digest(sent))

    @classmethod
    def of_recorded(cls, cassette: Cassette, request: RecordedRequest) -> Fingerprint:
        """The fingerprint that a cassette holds."""
        call = Call(cassette.document, cassette.prompt, request.kind, request.item)
        return cls(call, request.messages_sha256, request.schema_sha256, request.parameters_sha256)

    def changed(self, recorded: Fingerprint) -> list[str]:
        """Which parts of a request are no longer those of a recorded one."""
        return [part for part in _PARTS if getattr(self, part) != getattr(recorded, part)]
