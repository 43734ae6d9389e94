"""What a new project's own pages tell their reader to do beside typing: letters, corrections, a workflow's steps."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from imrllm import pointers
from imrllm.corrections import settled_at
from imrllm.scaffold import NAME
from imrllm.store import read_results
from tests.docs.shown import console_lines
from tests.letters import NORCO_PLAIN, letter
from tests.report.reviewed import correction, corrections

OWN = letter(NORCO_PLAIN)
# The pages in the order in which a new user reads them.
PAGES = (Path("README.md"), Path(f"evals/{NAME}/README.md"))
WORKFLOW = Path(".github/workflows/imrllm.yml")


def steps(page: Path) -> Iterator[str]:
    """The lines of a page, each after what the text above it asks for, in the project's folder."""
    Path("letters/own.txt").write_text(OWN)
    for line in console_lines(page):
        if f"extract evals/{NAME}/letters/" in line:
            Path(f"evals/{NAME}/letters/own.txt").write_text(OWN)
        if line.startswith("imrllm apply "):
            records = Path(line.split()[3])
            Path("corrections.json").write_text(json.dumps(_settling(records)))
        yield line


def _settling(records: Path) -> dict[str, Any]:
    """What the review page exports for one's own letter, with every value found right."""
    (row,) = (row for row in read_results(records) if row.document_id == "own")
    assert row.record
    held = row.record.model_dump(mode="json")
    doubtful = {settled_at(held, check.pointer) for check in row.to_review}
    return corrections(
        *(correction(row, at, pointers.find(held, at), "accept") for at in sorted(doubtful)), whole=[row]
    )


def workflow_lines() -> Iterator[str]:
    """The lines that the workflow of the project's folder runs now."""
    for step in yaml.safe_load(WORKFLOW.read_text())["jobs"]["evals"]["steps"]:
        pattern = re.fullmatch(r"hashFiles\('(.+)'\) != ''", step.get("if", ""))
        if "run" in step and (pattern is None or _any_file(pattern[1])):
            yield from step["run"].strip().splitlines()


def cloned(folder: Path) -> Path:
    """Commit what Git takes of the project's folder, and clone it as Git for Windows does, which changes line ends."""
    # Not the settings of whoever runs the test.
    options = ("core.autocrlf=true", "core.safecrlf=false", "user.name=AB", "user.email=ab@example.org")
    git = ["git", *(word for option in options for word in ("-c", option))]
    commands = (
        ["init", "--quiet"],
        ["add", "."],
        ["commit", "--quiet", "--allow-empty", "--message", "all"],
        ["clone", "--quiet", ".", str(folder)],
    )
    for command in commands:
        subprocess.run([*git, *command], check=True)
    return folder


def _any_file(pattern: str) -> bool:
    return any(file.is_file() for file in Path().glob(f"{pattern}/*" if pattern.endswith("**") else pattern))
