"""Cells of CSV files that a spreadsheet does not take for a formula."""

from __future__ import annotations

from typing import Any

# OWASP's list (CSV Injection), and the apostrophe itself, so that removing one leading apostrophe restores every text.
_GUARDED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "'")


def csv_cell(value: Any) -> Any:
    """A value as a cell: lists joined with `; `, and an apostrophe before a text that could become a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = "; ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_GUARDED):
        return f"'{value}"
    return value
