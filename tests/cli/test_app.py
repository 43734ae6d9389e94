"""The command line's frame: help, version, schema, streams, start-up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import imrllm
from tests.cli.conftest import Run

COSTLY = (
    "openai",
    "instructor",
    "pydantic",
    "rich",
    "asyncio",
    "jinja2",
    "pypdf",
    "pypdfium2",
    "cryptography",
    "huggingface_hub",
    "xllamacpp",
    "scipy",
    "vcr",
    "duckdb",
    "openpyxl",
    "pyarrow",
)


def test_version(run: Run) -> None:
    assert run("--version").out == f"imrllm {imrllm.__version__}\n"


def test_no_command_shows_the_help(run: Run) -> None:
    ran = run()
    assert "Commands:" in ran.out + ran.err


@pytest.mark.parametrize(
    "command",
    [
        ["extract"],
        ["merge"],
        ["check"],
        ["export"],
        ["schema"],
        ["prompts", "list"],
        ["prompts", "show"],
        ["prompts", "diff"],
        ["model", "list"],
        ["model", "pull"],
        ["model", "serve"],
        ["cassettes", "record"],
        ["cassettes", "check"],
    ],
)
def test_each_help_has_an_example(run: Run, command: list[str]) -> None:
    ran = run(*command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"\n    imrllm {' '.join(command)}" in ran.out


def test_the_generated_pages_are_not_stale(repository: Path) -> None:
    checked = subprocess.run(
        [sys.executable, repository / "docs" / "pages.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_help_imports_nothing_costly() -> None:
    listing = (
        "import sys; sys.argv = ['imrllm', '--help']; from imrllm.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        f"print('imported', [name for name in {COSTLY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "imported []"


def test_exit_looks_for_no_garbage() -> None:
    # Handlers run from the last one to the first: this one runs after the command line's.
    program = (
        "import atexit, gc, sys; atexit.register(lambda: print('frozen', gc.get_freeze_count() > 0))\n"
        "sys.argv = ['imrllm', '--version']; from imrllm.cli import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "frozen True"


def test_importing_the_package_imports_nothing_costly() -> None:
    listing = f"import sys, imrllm; print([name for name in {COSTLY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_schema(run: Run) -> None:
    schema = json.loads(run("schema").out)
    strict = json.loads(run("schema", "--strict").out)
    assert "document_id" in schema["properties"]
    assert strict["required"] == list(strict["properties"])
    assert strict["additionalProperties"] is False


@pytest.mark.parametrize(
    ("what", "field"),
    [("record", "disputed_items"), ("result", "evidence"), ("eval", "suites"), ("comparison", "pairs")],
)
def test_each_schema_says_what_its_fields_mean(run: Run, what: str, field: str) -> None:
    schema = json.loads(run("schema", what).out)
    assert field in schema["properties"]
    own = [name for name in schema["$defs"].values() if name.get("properties")]
    assert all("description" in each for each in own)


def test_a_wrong_key_in_the_settings_file_is_named(run: Run) -> None:
    Path("imrllm.toml").write_text('modle = "none"')
    ran = run("schema")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[1] == "Hint: Did you mean `model`?"


def test_a_closed_pipe_is_no_traceback(repository: Path) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m imrllm schema | head -c 1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
    )
    assert "Traceback" not in ran.stderr
    assert "Exception" not in ran.stderr
