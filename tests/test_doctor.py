"""What `imrllm doctor` finds: each thing that can lack, with its hint."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from imrllm import doctor
from imrllm.doctor import Finding, diagnose
from imrllm.llm import weights
from tests.llm.standin import Reply, StandIn, failure

MODELS = Reply(body={"object": "list", "data": [{"id": "stand-in", "object": "model", "created": 1, "owned_by": "us"}]})


def found(about: str, model: str | None = "none", **options: Any) -> Finding:
    (finding,) = (each for each in diagnose(model, **options) if each.about == about)
    return finding


def test_nothing_lacks_here() -> None:
    assert {each.status for each in diagnose("none") if not each.about.startswith("extra")} == {"ok"}
    # CI installs what development needs.
    assert found("extra evals").status == "ok"
    assert all("dev" not in each.about for each in diagnose("none"))


@pytest.mark.parametrize(
    ("lines", "about", "status", "detail", "hint"),
    [
        (["openai>=99"], "packages", "broken", "openai", "pip install -U imrllm"),
        (["no-such-thing>=1"], "packages", "broken", "no-such-thing is not installed", "pip install -U imrllm"),
        (["openai>=1"], "packages", "ok", "all there", ""),
        (['no-such-thing>=1; extra == "far"'], "extra far", "optional", "not installed", "pip install 'imrllm[far]'"),
        (['no-such-thing>=1; python_version < "3.0"'], "packages", "ok", "all there", ""),
        # A marker of another kind is no extra.
        (['openai>=1; python_version >= "3.11"'], "packages", "ok", "all there", ""),
    ],
)
def test_packages(
    lines: list[str], about: str, status: str, detail: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "requires", lambda _: lines)
    finding = found(about)
    assert (finding.status, finding.hint) == (status, hint)
    assert detail in finding.detail


@pytest.mark.parametrize(
    ("model", "reply", "status", "words"),
    [
        ("vllm/stand-in", MODELS, "ok", "answers"),
        ("vllm/another", MODELS, "broken", "It has stand-in."),
        ("vllm/stand-in", failure(401), "broken", "refuses the key"),
        # Servers that answer everything with a page.
        ("vllm/stand-in", Reply(200, b"<html>", {"content-type": "text/html"}), "broken", "OPENAI_BASE_URL"),
        ("gpt", MODELS, "broken", "no known provider"),
        ("none", MODELS, "ok", "grammar alone"),
    ],
)
def test_the_model(model: str, reply: Reply, status: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn(reply) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        finding = found("model", model)
    assert finding.status == status
    assert words in f"{finding.detail} {finding.hint}"
    assert (status == "ok") == (not finding.hint)


def test_the_embedded_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacks(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(weights, "find", lambda: None)
    assert found("model local", "local").hint == "imrllm model pull"
    monkeypatch.setattr(weights, "find", lambda: Path("/cache/x.gguf"))
    assert found("model local", "local").status == "ok"
    monkeypatch.setattr(doctor, "version", lacks)
    assert found("engine", "local").status == "broken"


def test_a_prompt_that_there_is_not() -> None:
    finding = found("prompt", prompt="v99")
    assert finding.status == "broken"
    assert "v5" in finding.hint


def test_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMRLLM_CACHE_DIR", str(tmp_path / "not" / "made" / "yet"))
    assert str(tmp_path) in found("cache").detail
    assert not (tmp_path / "not").exists()
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    assert "IMRLLM_CACHE_DIR" in found("cache").hint
