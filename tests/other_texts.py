"""Texts that are no determination letter, written for the tests: other decisions, briefs, forms and pages."""

from __future__ import annotations

import re
from pathlib import Path

_START = re.compile(r"^=== (?P<group>\w+): (?P<kind>.+)\n", re.MULTILINE)


def _read() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    _, *pieces = _START.split(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8"))
    for group, kind, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        found.setdefault(group, []).append((kind, text.strip()))
    return found


_TEXTS = _read()
# Each a kind, as messages name it, and a text: other decisions, forms and reports.
OTHER_DECISIONS = _TEXTS["alone"]
# What may hold a copy or an example of a letter, which is refused.
PAGES = _TEXTS["copies"]
# What may quote a whole letter, which is read and reviewed.
BRIEFS = _TEXTS["quotes"]
