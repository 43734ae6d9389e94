"""Option values from `imrllm.toml` and `pyproject.toml`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from imrllm.cli.settings import default_map, find_settings
from imrllm.errors import UsageError


def option(name: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, param_type_name="option")


EXTRACT = SimpleNamespace(params=[option("model"), option("on_conflict"), option("help")])
SERVE = SimpleNamespace(params=[option("port")])
GROUP = SimpleNamespace(
    params=[], commands={"extract": EXTRACT, "model": SimpleNamespace(params=[], commands={"serve": SERVE})}
)


def test_no_file(tmp_path: Path) -> None:
    assert find_settings(tmp_path) is None
    assert default_map(GROUP, tmp_path) == {}


def test_each_command_gets_its_own(tmp_path: Path) -> None:
    (tmp_path / "imrllm.toml").write_text('model = "none"\non-conflict = "flag"\nport = 9\n')
    assert default_map(GROUP, tmp_path) == {
        "extract": {"model": "none", "on_conflict": "flag"},
        "model": {"serve": {"port": 9}},
    }


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    (tmp_path / "imrllm.toml").write_text('model = "far"')
    below = tmp_path / "project" / "letters"
    below.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").write_text('[tool.imrllm]\nmodel = "near"')
    assert find_settings(below) == (tmp_path / "project" / "pyproject.toml", {"model": "near"})


def test_a_pyproject_of_something_else_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "imrllm.toml").write_text('model = "none"')
    below = tmp_path / "project"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.ruff]\nline-length = 1")
    assert find_settings(below) == (tmp_path / "imrllm.toml", {"model": "none"})


def test_imrllm_toml_goes_first(tmp_path: Path) -> None:
    (tmp_path / "imrllm.toml").write_text('model = "own"')
    (tmp_path / "pyproject.toml").write_text('[tool.imrllm]\nmodel = "project"')
    assert find_settings(tmp_path) == (tmp_path / "imrllm.toml", {"model": "own"})


@pytest.mark.parametrize(
    ("name", "text", "said", "hint"),
    [
        ("imrllm.toml", "modle = 'none'", "`modle`", "Did you mean `model`?"),
        ("imrllm.toml", "colour = 1", "`colour`", "The options are model, on_conflict, port."),
        ("imrllm.toml", "help = true", "`help`", "The options are"),
        ("imrllm.toml", "model = ", "not valid TOML", "end of document"),
        ("pyproject.toml", "[tool]\nimrllm = 1", "not a table", "[tool.imrllm]"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, name: str, text: str, said: str, hint: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as raised:
        default_map(GROUP, tmp_path)
    assert said in str(raised.value)
    assert hint in raised.value.hint
