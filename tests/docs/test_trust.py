"""The page on risks names every signal, and its figures are written from an evaluation."""

from __future__ import annotations

import ast
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from imrllm.evals import EvalRun
from tests.docs.shown import REPOSITORY
from tests.report.runs import made_run

PAGE = (REPOSITORY / "docs" / "trust.md").read_text("utf-8")
MODULES = ("part_signals.py", "signals.py")
# Named on the page in words: "0 entries" to "3 entries".
COUNTED = re.compile(r"\d entries")


def signals_in_code() -> set[str]:
    """The texts that are yielded as signals, put into a set of them, or stand for a check's status."""
    found: set[str] = set()
    for name in MODULES:
        for node in ast.walk(ast.parse((REPOSITORY / "imrllm" / "crosscheck" / name).read_text("utf-8"))):
            if isinstance(node, ast.Yield | ast.Set):
                held = ast.walk(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add":
                held = ast.walk(node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                held = ast.walk(node.value) if node.target.id == "_AGREEMENT" and node.value else iter(())
            else:
                continue
            found |= {each.value for each in held if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return found


def test_every_signal_is_on_the_page() -> None:
    statuses = {"confirmed", "conflict", "missing", "unsupported", "citations", "basis"}
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`([^`]+)`", rows[rows.index("the readers") : rows.index("how many entries")]))
    code = {each for each in signals_in_code() if not each.startswith(" ")}
    assert named - code == set()
    assert code - named - statuses == set()


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
