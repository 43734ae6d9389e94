"""Resolves a model string such as `openai/gpt-5-mini` to an address and the name of a key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit

from imrllm.errors import UsageError

Provider = Literal["openai", "ollama", "vllm", "local", "none"]

DEFAULT_HOSTED = "openai/gpt-5-mini"
KNOWN = ("openai/NAME", "ollama/NAME", "vllm/NAME", "local", "none")
OPENAI_URL = "https://api.openai.com/v1"
LOCAL_MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"

_OPENAI_HOSTS = re.compile(r"(^|\.)openai\.(com|azure\.com)$")
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - recognised, never bound
_LOOPBACK = re.compile(r"^(localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0)$")
_OPENAI_NAMES = re.compile(r"gpt-|o\d|chatgpt-")
# The o series and gpt-5 answer HTTP 400 to any `temperature` except the default; the gpt-5-chat models accept one.
_REASONING = re.compile(r"^(o\d|gpt-5(?!.*-chat))")


@dataclass(frozen=True, slots=True)
class ModelTarget:
    """One model at one address. It holds the name of the key's environment variable, never the key.

    Attributes:
        name: the model string, as given or as chosen by default.
        provider: who serves the model; `local` is the embedded model, `none` is no model.
        model: the name in requests.
        base_url: the OpenAI-compatible endpoint; None for `none`, and for `local` until its server runs.
        api_key_env: the environment variable of the key.
        concurrency: default number of requests at a time. The embedded server has one slot, because two requests at
            once are slower per token on two cores.
        batched: whether calls go through the Batch API, which costs less.
    """

    name: str
    provider: Provider
    model: str
    # Its user part can hold a password.
    base_url: str | None = field(default=None, repr=False)
    api_key_env: str | None = None
    concurrency: int = 8
    batched: bool = False

    @property
    def embedded(self) -> bool:
        """Whether this program serves the model itself."""
        return self.provider == "local"

    @property
    def asks(self) -> bool:
        """Whether there is a model; false only for `none`."""
        return self.provider != "none"

    @property
    def hosted_by_openai(self) -> bool:
        """Whether the endpoint is OpenAI's own (or Azure's), with its own rules about parameters."""
        return bool(_OPENAI_HOSTS.search(self.host or ""))

    @property
    def on_loopback(self) -> bool:
        """Whether the endpoint is on this machine, so that no proxy is used."""
        return bool(_LOOPBACK.match(self.host or ""))

    @property
    def reasons(self) -> bool:
        """Whether it is one of OpenAI's reasoning models."""
        return self.provider == "openai" and bool(_REASONING.match(self.model))

    @property
    def gives_logprobs(self) -> bool:
        """Whether the server is known to give the log-probabilities of tokens."""
        return self.embedded or self.provider == "vllm" or (self.hosted_by_openai and not self.reasons)

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base_url or "").netloc.rpartition("@")[2]

    @property
    def host(self) -> str | None:
        """The endpoint's host, without a user's name, a password or a port."""
        return urlsplit(self.base_url or "").hostname

    @property
    def port(self) -> int | None:
        """The endpoint's port, or that of its scheme."""
        parts = urlsplit(self.base_url or "")
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)

    def at(self, base_url: str) -> ModelTarget:
        """The same model at another endpoint, such as the embedded server that was just started."""
        return replace(self, base_url=base_url.rstrip("/"))


def resolve_model(name: str | None = None, *, environ: Mapping[str, str] | None = None) -> ModelTarget:
    """Resolve a model string. Needs neither a key nor a connection.

    Args:
        name: `provider/name`, `local` or `none`. None is `openai/gpt-5-mini` if `OPENAI_API_KEY` is set, else `none`.
        environ: the environment to read; by default the process's. `OPENAI_BASE_URL` moves `openai`, `vllm` and
            `ollama` to any OpenAI-compatible server; `OLLAMA_HOST` works as for ollama's own client.

    Returns:
        The target.

    Raises:
        UsageError: the string names no known provider, or a provider without a model.
    """
    environ = os.environ if environ is None else environ
    if not name:
        name = DEFAULT_HOSTED if environ.get("OPENAI_API_KEY") else "none"
    provider, _, model = name.partition("/")
    known = ", ".join(f"`{form}`" for form in KNOWN)
    if name == "none":
        return ModelTarget(name, "none", "none")
    if name == "local":
        return ModelTarget(name, "local", LOCAL_MODEL, concurrency=1)
    if provider not in ("openai", "ollama", "vllm"):
        raise UsageError(f"Model `{name}` names no known provider.", hint=f"{_meant(name)}Write one of {known}.")
    if not model:
        raise UsageError(f"Model `{name}` lacks the model's name.", hint=f"Write `{provider}/NAME`.")
    # An empty variable is how shells and CI systems unset one.
    elsewhere = (environ.get("OPENAI_BASE_URL") or "").rstrip("/") or None
    if provider == "openai":
        return ModelTarget(name, "openai", model, elsewhere or OPENAI_URL, "OPENAI_API_KEY")
    # Another kind of server gets the OpenAI key only if `OPENAI_BASE_URL` is set too.
    key = "OPENAI_API_KEY" if elsewhere else f"{provider.upper()}_API_KEY"
    if provider == "vllm":
        return ModelTarget(name, "vllm", model, elsewhere or "http://localhost:8000/v1", key)
    host = environ.get("OLLAMA_HOST")
    if host:
        return ModelTarget(name, "ollama", model, _ollama_url(host), "OLLAMA_API_KEY")
    return ModelTarget(name, "ollama", model, elsewhere or "http://localhost:11434/v1", key)


def _meant(name: str) -> str:
    """What a model string without a known provider may mean: one of OpenAI's names, a misspelling; else nothing."""
    if "/" not in name and _OPENAI_NAMES.match(name.lower()):
        return f"Did you mean `openai/{name.lower()}`? "
    provider, slash, model = name.partition("/")
    near = get_close_matches(provider.lower(), ("openai", "ollama", "vllm", "local", "none"), n=1, cutoff=0.7)
    if not near or near[0] == provider or (slash and near[0] in ("local", "none")):
        return ""
    return f"Did you mean `{near[0]}{slash}{model}`? "


def _ollama_url(host: str) -> str:
    """The endpoint that an `OLLAMA_HOST` means: `host`, `host:port` or a URL; 0.0.0.0 is where a server listens."""
    parts = urlsplit(host if "://" in host else f"http://{host}")
    where = parts.hostname or "localhost"
    where = "localhost" if where == _ANY_ADDRESS else f"[{where}]" if ":" in where else where
    # As ollama's own client: a bare host means its port, a URL without one means the scheme's.
    port = parts.port or (11434 if "://" not in host else 443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{where}:{port}{parts.path.rstrip('/')}/v1"
