"""The wheel from nothing: what it holds, and a project started, followed and scored with it alone.

Left out unless asked for (`make wheel`): it builds the wheel and installs it from a package index into an empty
environment. It takes 23 s of one core, and the download where nothing is cached; each command is stopped after 300 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.docs import project
from tests.docs.shown import REPOSITORY

pytestmark = pytest.mark.wheel

# The test's own environment has neither the caches nor the index of the machine.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("IMRLLM_", "PYTHON"))}
_UV = Path(sys.executable).with_name("uv")
# In seconds: each command takes a few, but for an install that downloads.
_LONGEST = 300
# For each folder of the repository that the package needs, where the wheel has it.
_SHIPPED = {
    "imrllm": "imrllm",
    "prompts": "imrllm/_prompts",
    "calibration": "imrllm/_calibration",
    "evals/written": "imrllm/_evals/written",
    "cassettes/written": "imrllm/_cassettes/written",
}


def _run(*command: str | Path, path: Path | None = None, may_end_with: tuple[int, ...] = (0,)) -> str:
    environment = _ENVIRONMENT | ({"PATH": f"{path}{os.pathsep}{_ENVIRONMENT['PATH']}"} if path else {})
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=_LONGEST)
    assert ran.returncode in may_end_with, f"{command} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}"
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(_UV, "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {
        f"{inside}/{file.relative_to(REPOSITORY / folder).as_posix()}"
        for folder, inside in _SHIPPED.items()
        for file in (REPOSITORY / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert held == expected
    # Of each kind at least one is there, so that an emptied folder is seen.
    for part in ("letter/forms/2013.toml", "grammar/words.txt", "project_files/gitignore", "py.typed"):
        assert f"imrllm/{part}" in held
    for part in ("_prompts/v5.md", "_calibration/none.json", "_evals/written/suite.toml"):
        assert f"imrllm/{part}" in held
    assert any(name.startswith("imrllm/_cassettes/written/v5/local/") for name in held)


def test_a_project_from_nothing(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _run(_UV, "venv", "--quiet", "--python", sys.executable, "venv")
    programs = tmp_path / "venv" / "bin"
    _run(_UV, "pip", "install", "--quiet", "--python", programs / "python", wheel)
    _run(programs / "imrllm", "init", "project")
    monkeypatch.chdir("project")
    Path("wheels").mkdir()
    (Path("wheels") / wheel.name).write_bytes(wheel.read_bytes())
    _workflow(programs, tmp_path / "new")
    for page in project.PAGES:
        for line in project.steps(page):
            # Recording needs the weights; test_project.py follows the rest of the page with a stand-in.
            if line.startswith("imrllm cassettes record "):
                break
            # `apply` ends with 1 while letters are left to review.
            _run("bash", "-c", line, path=programs, may_end_with=(0, 1) if " apply " in line else (0,))
    _workflow(programs, tmp_path / "later")
    # Without a project, the suite and the answers that the wheel has are scored and compared.
    monkeypatch.chdir(tmp_path)
    assert "v5" in _run("bash", "-c", "imrllm compare v4 v5 --suite written --limit 2", path=programs)


def _workflow(programs: Path, folder: Path) -> None:
    """Run the workflow's steps in a clone of what is committed of the project."""
    with chdir(project.cloned(folder)):
        for line in project.workflow_lines():
            install = line.removeprefix("pip ") if line.startswith("pip ") else None
            # uv takes the same words, and a fifth of the time.
            own = f"{_UV} pip {install} --python {programs / 'python'}" if install else line
            _run("bash", "-e", "-c", own, path=programs)
