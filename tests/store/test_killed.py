"""Runs killed at any instant and taken up again: nothing lost, nothing twice, nothing mixed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from imrllm.store import manifest_path
from tests.letters import Item, letter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork and no SIGKILL there")

LETTERS = 200
KILLS = 4


def test_a_run_that_dies_before_any_step_of_the_store_is_taken_up(tmp_path: Path, repository: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.store.dying", tmp_path],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    deaths = dict(line.split() for line in ran.stdout.splitlines())
    assert deaths.keys() == {"anew", "retrying", "starting_over"}
    assert all(int(number) > 15 for number in deaths.values()), "each scenario has many steps"


def records(path: Path) -> list[dict[str, Any]]:
    """The rows apart from how long they took."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        del row["provenance"]["seconds"]
    return rows


def test_a_run_killed_at_random_instants_ends_as_an_undisturbed_one(tmp_path: Path, repository: Path) -> None:
    source = tmp_path / "letters.jsonl"
    text = letter(Item("Norco 10/325mg #120"))
    with source.open("w") as file:
        for number in range(LETTERS):
            # Some are no letter: their failed rows count as done.
            row = {"id": f"CM16-{number:07}", "text": text if number % 50 else "A note."}
            file.write(json.dumps(row) + "\n")

    def extract(name: str) -> subprocess.Popen[bytes]:
        command = ["-m", "imrllm", "extract", source, "--model", "none", "--quiet", "-o", tmp_path / name]
        return subprocess.Popen([sys.executable, *command], cwd=repository)

    undisturbed, output = tmp_path / "undisturbed.jsonl", tmp_path / "killed.jsonl"
    assert extract(undisturbed.name).wait() == 1, "some failed"
    size = undisturbed.stat().st_size
    chance = random.Random(20161220)
    killed = 0
    for share in sorted(chance.random() for _ in range(KILLS)):
        process = extract(output.name)
        while process.poll() is None and (not output.exists() or output.stat().st_size < share * size):
            time.sleep(0.0005)
        process.kill()
        killed += process.wait() == -9
    assert killed
    assert extract(output.name).wait() == 1
    assert records(output) == records(undisturbed)
    manifests = [json.loads(manifest_path(path).read_text()) for path in (output, undisturbed)]
    assert manifests[0] == {**manifests[1], "started": manifests[0]["started"]}
