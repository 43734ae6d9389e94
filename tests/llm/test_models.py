"""What a model string means."""

from __future__ import annotations

import pytest

from imrllm.errors import UsageError
from imrllm.llm import resolve_model

OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("name", "environ", "resolved", "base_url", "key"),
    [
        # No model given: the hosted default where there is a key, else none.
        (None, {"OPENAI_API_KEY": "k"}, "openai/gpt-5-mini", OPENAI, "OPENAI_API_KEY"),
        (None, {}, "none", None, None),
        # An empty key is how CI systems unset one.
        (None, {"OPENAI_API_KEY": ""}, "none", None, None),
        ("", {}, "none", None, None),
        # A base URL alone chooses no model.
        (None, {"OPENAI_BASE_URL": "http://gpu:8000/v1"}, "none", None, None),
        ("openai/gpt-5-mini", {}, "openai/gpt-5-mini", OPENAI, "OPENAI_API_KEY"),
        ("openai/m", {"OPENAI_BASE_URL": "http://gpu:8000/v1/"}, "openai/m", "http://gpu:8000/v1", "OPENAI_API_KEY"),
        ("openai/m", {"OPENAI_BASE_URL": ""}, "openai/m", OPENAI, "OPENAI_API_KEY"),
        # Names of models hold slashes themselves.
        ("vllm/Qwen/Qwen3-8B", {}, "vllm/Qwen/Qwen3-8B", "http://localhost:8000/v1", "VLLM_API_KEY"),
        ("vllm/m", {"OPENAI_BASE_URL": "http://gpu:1/v1"}, "vllm/m", "http://gpu:1/v1", "OPENAI_API_KEY"),
        # The OpenAI key is not sent to another's server unless the address came with it.
        ("ollama/q", {"OPENAI_API_KEY": "k"}, "ollama/q", "http://localhost:11434/v1", "OLLAMA_API_KEY"),
        ("ollama/q", {"OPENAI_BASE_URL": "http://gpu:1/v1"}, "ollama/q", "http://gpu:1/v1", "OPENAI_API_KEY"),
        # The forms of OLLAMA_HOST that ollama's own client takes.
        ("ollama/q", {"OLLAMA_HOST": "gpu"}, "ollama/q", "http://gpu:11434/v1", "OLLAMA_API_KEY"),
        ("ollama/q", {"OLLAMA_HOST": "gpu:99"}, "ollama/q", "http://gpu:99/v1", "OLLAMA_API_KEY"),
        ("ollama/q", {"OLLAMA_HOST": "0.0.0.0:99"}, "ollama/q", "http://localhost:99/v1", "OLLAMA_API_KEY"),
        ("ollama/q", {"OLLAMA_HOST": "https://o.example"}, "ollama/q", "https://o.example:443/v1", "OLLAMA_API_KEY"),
        ("ollama/q", {"OLLAMA_HOST": "[::1]:99"}, "ollama/q", "http://[::1]:99/v1", "OLLAMA_API_KEY"),
        ("none", {}, "none", None, None),
    ],
)
def test_resolve(
    name: str | None, environ: dict[str, str], resolved: str, base_url: str | None, key: str | None
) -> None:
    target = resolve_model(name, environ=environ)
    assert (target.name, target.base_url, target.api_key_env) == (resolved, base_url, key)


def test_slashes_stay_in_the_model() -> None:
    assert resolve_model("vllm/Qwen/Qwen3-8B", environ={}).model == "Qwen/Qwen3-8B"


@pytest.mark.parametrize("name", ["gpt-5-mini", "anthropic/claude", "local/other", "openai/", "ollama", "none/x", "/"])
def test_unknown(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_model(name, environ={})
    assert "/NAME" in caught.value.hint


def test_kinds() -> None:
    local, none, hosted = (resolve_model(name, environ={}) for name in ("local", "none", "openai/m"))
    assert (local.embedded, local.asks, local.concurrency) == (True, True, 1)
    assert (none.embedded, none.asks) == (False, False)
    assert (hosted.embedded, hosted.asks, hosted.concurrency) == (False, True, 8)
    assert local.at("http://127.0.0.1:5/v1/").base_url == "http://127.0.0.1:5/v1"


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("gpt-5-mini", True),
        ("gpt-5.1", True),
        ("o3", True),
        ("o4-mini", True),
        ("gpt-5-chat-latest", False),
        ("gpt-4.1", False),
        ("gpt-4o", False),
        ("omni", False),
    ],
)
def test_reasons(model: str, reasons: bool) -> None:
    assert resolve_model(f"openai/{model}", environ={}).reasons is reasons


def test_the_key_is_nowhere_in_it() -> None:
    environ = {"OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": "http://me:sk-secret@gpu:1/v1"}
    target = resolve_model(None, environ=environ)
    assert "sk-secret" not in repr(target)
    assert target.address == "gpu:1"


@pytest.mark.parametrize(
    ("base_url", "openai", "loopback"),
    [
        (OPENAI, True, False),
        ("https://eu.api.openai.com/v1", True, False),
        ("https://mine.openai.azure.com/openai/v1", True, False),
        ("https://notopenai.com/v1", False, False),
        ("https://openai.com.example/v1", False, False),
        ("http://127.0.0.1:80/v1", False, True),
        ("http://[::1]:80/v1", False, True),
        ("http://localhost/v1", False, True),
    ],
)
def test_where(base_url: str, openai: bool, loopback: bool) -> None:
    target = resolve_model("openai/m", environ={"OPENAI_BASE_URL": base_url})
    assert (target.hosted_by_openai, target.on_loopback) == (openai, loopback)
