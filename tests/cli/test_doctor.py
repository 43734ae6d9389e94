"""`imrllm doctor`: the table and the exit code."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(("model", "code"), [("none", 0), ("gpt", 1)])
def test_the_command(run: Run, model: str, code: int) -> None:
    ran = run("doctor", "--model", model)
    assert ran.code == code
    for word in ("settings", "python", "packages", "prompt", "cache"):
        assert word in ran.out
