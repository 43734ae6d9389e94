"""Folds: a letter belongs to one of ten by its hash, and is judged by what the letters of the other nine show."""

from __future__ import annotations

FOLDS = 10


def fold_of(sha256: str) -> int:
    """The fold of a letter, 0 to 9, by the SHA-256 of its document in hexadecimal."""
    return int(sha256[:8], 16) % FOLDS
