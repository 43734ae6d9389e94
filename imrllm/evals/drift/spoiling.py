"""Spoils printed phrases: slips of a typist, what a scan takes for another, other case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from imrllm.evals.drift.wordings import Slips
from imrllm.evals.variants.spellings import slip

_WORD = re.compile(r"[A-Za-z]{4,}")
# Keys side by side on a keyboard.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SMALL_WORDS = frozenset(("the", "was", "and", "of", "for", "to", "a", "in"))


def typed(random: Random, phrase: str, ways: Sequence[str]) -> str:
    """A phrase as a hasty typist prints it: one slip in a word, in a long phrase mostly in two."""
    count = 1 if len(phrase) < 20 or random.random() < 0.4 else 2
    for _ in range(count):
        phrase = _slipped(random, phrase, random.choice(ways))
    return phrase


def scanned(random: Random, phrase: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A phrase as a scan reads it: one or two characters taken for others; as it is where it has none of them."""
    for _ in range(random.choice((1, 2))):
        places = [(found.start(), old, new) for old, new in pairs for found in re.finditer(re.escape(old), phrase)]
        if places:
            at, old, new = random.choice(places)
            phrase = phrase[:at] + new + phrase[at + len(old) :]
    return phrase


def in_case(phrase: str, case: str) -> str:
    """A phrase in another case, by the name of that case in `Slips`."""
    if case == "upper":
        return phrase.upper()
    if case == "lower":
        return phrase.lower()
    if case == "sentence":
        return phrase[:1].upper() + phrase[1:].lower()
    if case == "opposite":
        case = "title" if phrase.isupper() else "upper"
        return in_case(phrase, case)
    words = phrase.lower().split(" ")
    return " ".join(word if n and word in _SMALL_WORDS else word[:1].upper() + word[1:] for n, word in enumerate(words))


def in_another_case(random: Random, phrase: str, slips: Slips) -> str:
    """A phrase in one of the cases that are not its own."""
    others = [in_case(phrase, case) for case in slips.case]
    return random.choice([each for each in others if each != phrase] or [phrase])


def _slipped(random: Random, phrase: str, way: str) -> str:
    spaces = [at for at, character in enumerate(phrase) if character == " "]
    if way == "join" and spaces:
        at = random.choice(spaces)
        return phrase[:at] + phrase[at + 1 :]
    words = list(_WORD.finditer(phrase))
    if not words:
        return phrase
    word = random.choice(words)
    return phrase[: word.start()] + _spoiled(random, word.group(), way) + phrase[word.end() :]


def _spoiled(random: Random, word: str, way: str) -> str:
    at = random.randrange(1, len(word) - 1)
    here, after = word[at], word[at + 1 :]
    if way == "split":
        return f"{word[:at]} {word[at:]}"
    if way == "double":
        return word[:at] + here + here + after
    if way == "drop":
        return word[:at] + after
    if way == "neighbor":
        return word[:at] + _beside(random, here) + after
    return slip(random, word) if way == "swap" and here == after[0] else word[:at] + after[0] + here + after[1:]


def _beside(random: Random, letter: str) -> str:
    row = next((row for row in _ROWS if letter.lower() in row), letter.lower())
    at = row.find(letter.lower())
    other = random.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2] or letter)
    return other.upper() if letter.isupper() else other
