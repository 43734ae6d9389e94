"""The page on risks names every signal, and its figures are written from an evaluation."""

from __future__ import annotations

import ast
import re
import sys
import xml.etree.ElementTree as ET
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.shown import REPOSITORY
from tests.report.runs import run, suite, trust

PAGE = (REPOSITORY / "docs" / "trust.md").read_text("utf-8")
MODULES = ("part_signals.py", "signals.py")


def texts(*kinds: type[ast.AST]) -> set[str]:
    """The texts in the code of signals, within nodes of some kinds."""
    return {
        each.value
        for name in MODULES
        for node in ast.walk(ast.parse((REPOSITORY / "imrllm" / "crosscheck" / name).read_text("utf-8")))
        if isinstance(node, kinds)
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def test_every_signal_is_on_the_page() -> None:
    rows = PAGE[PAGE.index("| about | signals |") : PAGE.index("and how many entries there are")]
    named = set(re.findall(r"`([^`]+)`", rows))
    assert named <= texts(ast.Module), "each is in the code"
    # The page speaks of the count of entries; the others name a field and its group.
    assert texts(ast.Yield) - named == {" entries", "citations", "basis"}
    others = {"absent", "a check nearby", "a whole is disputed", "no mention", "several mentions", "many dates"}
    assert others | {"agreed", "disputed", "one reader alone", "unsupported"} <= named


@pytest.fixture
def curve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, which writes into a folder of the test's own."""
    spec = spec_from_file_location("curve", REPOSITORY / "docs" / "curve.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "DOCS", tmp_path)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "trust.md").write_text(PAGE)
    return module


def test_figures_are_written_from_evaluations(
    curve: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = []
    for model, prompt in (("none", None), ("local", "v4")):
        files.append(tmp_path / f"{model}.json")
        files[-1].write_text(run(suite(trust=trust()), model=model, prompt=prompt).to_json())
    monkeypatch.setattr(sys, "argv", ["curve.py", *map(str, files)])
    for _ in range(2):
        assert curve.main() == 0
    page = (tmp_path / "trust.md").read_text()
    block = page[page.index("<!-- Written by") : page.index("<!-- Up to here")]
    heads, _, *rows = [line for line in block.splitlines() if line.startswith("|")]
    assert ("`none`: " in heads, "`local`, v4: " in heads) == (True, True)
    assert len(rows) == 14
    assert all(row.count("|") == 4 for row in rows)
    before, after = (re.split("<!-- Written by.*Up to here. -->", each, flags=re.DOTALL) for each in (PAGE, page))
    assert before == after, "all else stays"
    root = ET.fromstring((tmp_path / "pictures" / "coverage.svg").read_text())
    labels = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text") if each.get("class") == "label"]
    assert labels == ["typed fields", "prose and grounds"]
