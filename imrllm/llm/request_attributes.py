"""What the OpenTelemetry span of a request says, by the semantic conventions for generative AI; never what it asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imrllm.llm.models import ModelTarget
    from imrllm.llm.transport import Call
    from imrllm.telemetry import Attribute

# `openai` is a name of the conventions; for servers that one runs oneself, they ask for a name that identifies them.
_PROVIDERS = {"openai": "openai", "ollama": "ollama", "vllm": "vllm", "local": "llama.cpp"}
# A model's name or a finish reason. A server may answer any text, its prompt included.
_NAME = re.compile(r"[\w.:/@+-]{1,128}", re.ASCII)


def request_attributes(target: ModelTarget, call: Call, body: Mapping[str, Any]) -> dict[str, Attribute]:
    """What is known before a request.

    Args:
        target: the model.
        call: what the request is about; the document's id is left out, because it can hold a name.
        body: the chat completion's parameters; its messages are left out.
    """
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(target.provider),
        "gen_ai.request.model": target.model,
        "gen_ai.request.max_tokens": body.get("max_tokens", body.get("max_completion_tokens")),
        "gen_ai.request.temperature": body.get("temperature"),
        "gen_ai.output.type": "json",
        "server.address": target.host,
        "server.port": target.port,
        "imrllm.call": call.kind,
        "imrllm.item": call.item,
    }


def answer_attributes(completion: object) -> dict[str, Attribute]:
    """What the answer to a request says about itself, as far as the server fills it in."""
    usage = getattr(completion, "usage", None)
    choices = getattr(completion, "choices", None) or ()
    reasons = tuple(filter(None, (_name(getattr(choice, "finish_reason", None)) for choice in choices)))
    return {
        "gen_ai.response.model": _name(getattr(completion, "model", None)),
        "gen_ai.response.finish_reasons": reasons or None,
        "gen_ai.usage.input_tokens": _count(getattr(usage, "prompt_tokens", None)),
        "gen_ai.usage.output_tokens": _count(getattr(usage, "completion_tokens", None)),
    }


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
