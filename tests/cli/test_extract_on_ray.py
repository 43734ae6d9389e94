"""`imrllm extract --engine ray`: what it refuses before any cluster is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ON_RAY = ["--engine", "ray", "--model", "none"]


@pytest.mark.parametrize(
    ("options", "why", "remedy"),
    [
        ([*ON_RAY], "no results folder", "`-o`"),
        ([*ON_RAY, "-o", "out", "--max-cost", "5"], "`--max-cost` is not available with Ray", "Leave it out"),
        ([*ON_RAY, "-o", "out", "--shard", "1/2"], "`--shard` is not available with Ray", "Leave it out"),
        (["--engine", "ray", "--model", "local", "-o", "out"], "an embedded model of its own", "docs/ray.md"),
        ([*ON_RAY, "-o", "out", "--ray-address", "ray://head:10001"], "a Ray client", "ray job submit"),
    ],
)
def test_what_ray_cannot_do_is_refused_with_a_hint(
    run: Run, letters: Path, options: list[str], why: str, remedy: str
) -> None:
    ran = run("extract", letters, *options)
    assert (ran.code, ran.out) == (2, "")
    error, hint = ran.err.splitlines()
    assert why in error
    assert remedy in hint


def test_without_ray_the_hint_says_what_to_install(
    run: Run, letters: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = run("extract", letters, *ON_RAY, "-o", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        "Error: `--engine ray` needs Ray, which is not installed.",
        "Hint: Install it with `pip install 'imrllm[ray]'`, on every node.",
    ]


def test_standard_input_has_no_place_where_others_could_read_it(run: Run, tmp_path: Path) -> None:
    ran = run("extract", "-", *ON_RAY, "-o", tmp_path / "out", stdin=b"A letter.")
    assert (ran.code, "`standard input`" in ran.err) == (2, True)


def test_a_dry_run_asks_no_cluster(run: Run, letters: Path, tmp_path: Path) -> None:
    ran = run("extract", letters, *ON_RAY, "-o", tmp_path / "out", "--dry-run")
    assert (ran.code, (tmp_path / "out").exists()) == (1, False), "these are no letters"
