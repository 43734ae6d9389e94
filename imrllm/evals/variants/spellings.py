"""Other spellings of words: case, and slips of a typist or of a scan."""

from __future__ import annotations

from random import Random

# What a scan takes for another.
_LOOKALIKES = (
    ("l", "1"),
    ("rn", "m"),
    ("m", "rn"),
    ("i", "l"),
    ("o", "0"),
    ("e", "c"),
    ("cl", "d"),
    ("h", "b"),
    ("u", "ii"),
    ("t", "f"),
)


def other_case(random: Random, name: str) -> str:
    """A name as it is, or all in capitals, or in small letters."""
    chance = random.random()
    if chance < 0.1:
        return name.upper()
    if chance < 0.3:
        return name.lower()
    return name


def slip(random: Random, word: str) -> str:
    """A word with one slip of a typist: a letter doubled, dropped, or changed with the next."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = random.randrange(1, len(word) - 2)
    here, after = word[at], word[at + 1 :]
    return word[:at] + random.choice((here + here + after, after, after[0] + here + after[1:]))


def misread(random: Random, word: str) -> str:
    """A word with one letter that a scan took for another, where it has such a letter."""
    found = [(old, new) for old, new in _LOOKALIKES if old in word[1:]]
    if not found:
        return word
    old, new = random.choice(found)
    return word[0] + word[1:].replace(old, new, 1)
