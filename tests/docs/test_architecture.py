"""The page on the architecture names files that exist, and every room of the package."""

from __future__ import annotations

import re
import tomllib

from tests.docs.shown import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
ROOMS, ANSWERS = PAGE.split("## Where is ...")


def _named(text: str) -> list[str]:
    return [name for row in re.findall(r"^\|.*", text, re.MULTILINE) for name in re.findall(r"`([a-z_./]+)`", row)]


def test_every_answer_names_a_file_or_folder() -> None:
    names = [name for name in _named(ANSWERS) if name != ".txt"]
    assert len(names) > 20
    package = REPOSITORY / "imrllm"
    missing = [name for name in names if not any((root / name).exists() for root in (package, REPOSITORY))]
    assert not missing


def test_every_room_has_a_row() -> None:
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    rooms = {room for layer in layers for room in layer.split(" | ")}
    rows = [name.rstrip("/") for row in re.findall(r"^\| (`.*?) \|", ROOMS, re.MULTILINE) for name in _named(f"|{row}")]
    assert sorted(rows) == sorted(rooms)
