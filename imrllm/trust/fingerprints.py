"""Fingerprints of what a calibration table rests on: another grammar may be right elsewhere."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

# What reads letters, and what names the situations and the signals that tables count.
_READERS = (
    "grammar",
    "letter",
    "folding.py",
    "normalization.py",
    "spans.py",
    "crosscheck/basis_words.txt",
    "crosscheck/candidates.py",
    "crosscheck/lists.py",
    "crosscheck/part_signals.py",
    "crosscheck/signals.py",
)


@cache
def grammar_sha256() -> str:
    """The hash of the code, the word lists and the forms that read letters, in hexadecimal."""
    package = Path(__file__).parent.parent
    files = [
        file for name in _READERS for file in ((package / name).rglob("*") if "." not in name else [package / name])
    ]
    found = sha256()
    for file in sorted(each for each in files if each.suffix in (".py", ".txt", ".toml")):
        found.update(file.read_bytes())
    return found.hexdigest()
