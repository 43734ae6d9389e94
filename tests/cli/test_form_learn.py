"""`imrllm form learn`: a model says where the parts are, and a form file of what recurs comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from imrllm.letter.quote_finding import QuotedItem
from tests.cli.conftest import Run
from tests.letter.drifted import CREDENTIALS, GYM, MRI, NORCO, SUMMARY, THREE, paragraphs, quote
from tests.letters import THREE as KNOWN
from tests.letters import letter
from tests.llm.standin import Reply, StandIn, completion


def reading(body: Any) -> Reply:
    """What a model that reads well quotes of the letter that it is shown."""
    shown = str(body["messages"][-1]["content"])
    found = sorted((shown.find(item.heading), item) for item in THREE if item.heading in shown)
    items: list[QuotedItem] = [item.quoted for _, item in found]
    sections = {"header": None, "credentials": asdict(quote(CREDENTIALS)), "summary": asdict(quote(SUMMARY))}
    return completion(json.dumps({**sections, "items": [asdict(item) for item in items]}))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn(reading) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        yield running


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    for name, items in {"a": [NORCO, MRI], "b": [GYM, NORCO], "c": [MRI, GYM]}.items():
        (folder / f"{name}.txt").write_text(paragraphs(items), encoding="utf-8")
    return folder


def test_the_file_reads_the_letters(run: Run, server: StandIn, letters: Path, tmp_path: Path) -> None:
    file = tmp_path / "my-2021.toml"
    (letters / "known.txt").write_text(letter(*KNOWN), encoding="utf-8")
    (letters / "mail.txt").write_text("A mail.", encoding="utf-8")
    ran = run("form", "learn", letters, "-o", file, "--model", "vllm/stand-in")
    assert ran.code == 0, ran.err
    assert "`mail" in ran.err
    assert "Read by known forms, and not asked about: 1." in ran.err
    assert f"--form {file}" in ran.err
    text = file.read_text(encoding="utf-8")
    assert 'name = "my-2021"' in text
    assert "# 3 of 3 letters, 6 items" in text
    assert NORCO.heading not in text
    (letters / "mail.txt").unlink()
    checked = run("form", "check", letters, "--form", file)
    assert "my-2021" in checked.out
    alone = run("extract", letters, "--model", "none", "--form", file, "-q")
    rows = [json.loads(line) for line in alone.out.splitlines()]
    assert [row["provenance"]["form"] for row in rows] == ["my-2021"] * 3 + ["2014-2015"]
    assert [len(row["record"]["disputed_items"]) for row in rows] == [2, 2, 2, 3]


def test_too_few_letters(run: Run, server: StandIn, letters: Path, tmp_path: Path) -> None:
    file = tmp_path / "my-2021.toml"
    ran = run("form", "learn", letters, "-o", file, "--model", "vllm/stand-in", "--limit", "1")
    assert ran.code == 2
    assert "recur" in ran.err
    assert not file.exists()


def test_it_needs_a_model(run: Run, letters: Path, tmp_path: Path) -> None:
    ran = run("form", "learn", letters, "-o", tmp_path / "form.toml", "--model", "none")
    assert ran.code == 2
    assert "--model" in ran.err
