"""What calls cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imrllm.llm import resolve_model
from imrllm.llm.cost import price
from imrllm.records import Usage

USAGE = Usage(calls=1, input_tokens=1000, cached_tokens=500, output_tokens=100)


def test_a_published_price() -> None:
    cost = price(resolve_model("openai/gpt-5-mini", environ={}), USAGE)
    assert cost is not None
    # Cached tokens are cheaper than the others, or the price would be this of all of them.
    uncached = price(resolve_model("openai/gpt-5-mini", environ={}), USAGE.model_copy(update={"cached_tokens": 0}))
    assert uncached is not None
    assert 0 < cost < uncached < 0.01


@pytest.mark.parametrize("name", ["openai/gpt-5-mini", "openai/gpt-4o", "openai/gpt-3.5-turbo"])
def test_a_batch_costs_half(name: str) -> None:
    target = resolve_model(name, environ={})
    # What is cached costs batches of some older models as much as what is not.
    usage = USAGE.model_copy(update={"cached_tokens": 0})
    at_once, batched = price(target, usage), price(replace(target, batched=True), usage)
    assert at_once
    assert batched == pytest.approx(at_once / 2)


@pytest.mark.parametrize(
    ("name", "base_url"),
    [
        ("local", ""),
        ("ollama/qwen3", ""),
        ("vllm/gpt-5-mini", ""),
        # No such model.
        ("openai/gpt-unheard-of", ""),
        # A name that OpenAI knows, but not served by OpenAI.
        ("openai/gpt-5-mini", "http://127.0.0.1:8000/v1"),
        ("openai/gpt-5-mini", "https://models.example/v1"),
    ],
)
def test_no_price(name: str, base_url: str) -> None:
    assert price(resolve_model(name, environ={"OPENAI_BASE_URL": base_url}), USAGE) is None
