"""No room uses the private attributes of another: each `._name` is defined in the room that uses it."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "imrllm"
# Documented names of the standard library that begin with an underscore, and the type of its hash objects.
PUBLIC = {"_asdict", "_fields", "_replace", "_exit", "_Hash"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def private_names(tree: ast.AST) -> tuple[set[str], dict[str, int]]:
    """The private names that a module defines, and those that it reads as attributes, with their lines."""
    defined: set[str] = set()
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            if isinstance(node.ctx, ast.Store):
                defined.add(node.attr)
            elif node.attr not in PUBLIC:
                used[node.attr] = node.lineno
    return defined, used


def test_rooms_keep_to_public_names() -> None:
    defined: defaultdict[str, set[str]] = defaultdict(set)
    used: list[tuple[Path, str, int]] = []
    for path in PACKAGE.rglob("*.py"):
        names, reads = private_names(ast.parse(path.read_text(encoding="utf-8")))
        defined[room(path)] |= names
        used += [(path, name, line) for name, line in reads.items()]
    assert [f"{path}:{line} {name}" for path, name, line in used if name not in defined[room(path)]] == []


@pytest.mark.parametrize("source", ["self._retry()", "client._open().files"])
def test_a_private_attribute_is_seen(source: str) -> None:
    assert private_names(ast.parse(source))[1]
