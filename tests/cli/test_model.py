"""`imrllm model`: the local model, listed and fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.errors import ModelUnavailableError
from imrllm.llm import weights
from tests.cli.conftest import Run


def test_list_tells_where_the_weights_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find", lambda: None)
    assert "not fetched: imrllm model pull" in run("model", "list").out
    monkeypatch.setattr(weights, "find", lambda: Path("/cache/x.gguf"))
    assert run("model", "list").out.rstrip().endswith("/cache/x.gguf")


def test_pull_prints_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "find", lambda: None)
    monkeypatch.setattr(weights, "pull", lambda progress=None: Path("/cache/x.gguf"))
    assert run("model", "pull").out == "/cache/x.gguf\n"
    ran = run("model", "pull", "--quiet")
    assert (ran.out, ran.err) == ("/cache/x.gguf\n", "")


def test_weights_that_cannot_be_had(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(progress: object = None) -> Path:
        raise ModelUnavailableError("The local model cannot be fetched.", hint="Check the network.")

    monkeypatch.setattr(weights, "find", lambda: None)
    monkeypatch.setattr(weights, "pull", refuse)
    ran = run("model", "pull")
    assert ran.code == 2
    assert ran.err.endswith("Error: The local model cannot be fetched.\nHint: Check the network.\n")
