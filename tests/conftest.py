"""Every test runs in its own home, without the developer's settings, keys and caches."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair.
settings.register_profile("imrllm", deadline=None)
settings.load_profile("imrllm")

_FOREIGN = ("IMRLLM_", "OPENAI_", "AZURE_", "OLLAMA_", "VLLM_", "HF_", "TYPER_")
_COLOURS = ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "COLUMNS", "LINES")
_NUMBERS = count()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # In a folder of their own: pytest reads the whole of its folder to number each directory that it makes in it.
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def _isolated(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _homes / str(next(_NUMBERS))
    home.mkdir()
    for name in [name for name in os.environ if name.upper().startswith(_FOREIGN) or name in _COLOURS]:
        monkeypatch.delenv(name)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session", autouse=True)
def _one_tls_context() -> Iterator[None]:
    # Reading the certificate authorities takes 19 ms, and every test that asks a model makes a client.
    import httpcore2

    with pytest.MonkeyPatch.context() as patch:
        if make := getattr(httpcore2, "default_ssl_context", None):
            patch.setattr(httpcore2, "default_ssl_context", cache(make))
        yield


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    # openai's DEBUG log holds the prompt.
    logging.getLogger("openai").setLevel(logging.INFO)


@pytest.fixture
def repository() -> Path:
    """The checkout's top folder."""
    return Path(__file__).resolve().parent.parent
