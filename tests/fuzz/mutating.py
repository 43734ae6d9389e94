"""Changes to a file's bytes, drawn from a seeded chance: what damage, bad software and malice do to files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any

# Spaces and joiners that print nothing or are no ASCII, letters that change their length in lower case, digits that are
# no ASCII, direction marks, a lone surrogate as it is written in bytes, and characters outside the first plane.
ODD = (
    "\u00a0", "\u200b", "\u00ad", "\u202e", "\ufeff", "\u2028", "\x85", "\x0c", "\x1b", "\u0130", "\ufb01", "\u0660",
    "\u00b2", "\u2167", "\uff11", "\u00bd", "\u0301", "\U0001d7d8", "\U000e0041", "\ufffe", "\U0010ffff", "\u2013",
)  # fmt: skip
ODD_BYTES = (*(character.encode() for character in ODD), b"\xed\xa0\x80", b"\x00", b"\xff", b"\x80", b"\xc3")
NUMBERS = (b"9" * 30, b"9" * 400, b"1e999", b"-1", b"0", b"0x7f", b"NaN", b"1/0", b"4294967296", b"2147483648")
ODD_VALUES: tuple[Any, ...] = (
    None, True, "", "x", "\x00", "\ud800", 0, -1, 1.5, 1e308, float("inf"), float("nan"), 10**400, [], {}, [None],
    {"a": 1}, [[]], "2001-99-99", "/disputed_items/0", "/disputed_items/99/quantity", "a" * 5000,
)  # fmt: skip
_NUMBER = re.compile(rb"\d+")
_SEPARATOR = re.compile(rb"[ ,;:.\-/()\[\]{}<>\"'=&|\n\t]")
# No input grows beyond this many bytes while it is mutated; `growth` makes the long ones.
LONGEST = 60_000

Mutator = Callable[[bytes, Random, Sequence[bytes]], bytes]


def _place(data: bytes, chance: Random) -> tuple[int, int]:
    """A stretch of the data, mostly short."""
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** chance.uniform(0, 11)))


def flip(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Flip some bits."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 4, 32)) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Lose the end."""
    return data[: chance.randrange(len(data) + 1)]


def zero(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Lose a stretch to zeros, as a broken disk does."""
    start, end = _place(data, chance)
    return data[:start] + bytes(end - start) + data[end:]


def remove(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Take a stretch out."""
    start, end = _place(data, chance)
    return data[:start] + data[end:]


def double(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Repeat a stretch, sometimes often."""
    start, end = _place(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 10, 200)) + data[end:]


def move(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Put a stretch elsewhere."""
    start, end = _place(data, chance)
    rest = data[:start] + data[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def join(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Begin as one file and go on as another."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def splice(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Put a stretch of another file in."""
    other = chance.choice(others)
    start, end = _place(other, chance)
    at = chance.randrange(len(data) + 1)
    return data[:at] + other[start:end] + data[at:]


def odd(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Put odd characters in, alone or many of one kind."""
    for _ in range(chance.choice((1, 3, 12))):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(ODD_BYTES) * chance.choice((1, 1, 1, 2, 300)) + data[at:]
    return data


def number(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Grow or spoil a number."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data + chance.choice(NUMBERS)
    each = chance.choice(found)
    grown = chance.choice((*NUMBERS, each[0] * 40, each[0] + b"," + each[0], each[0] + b"-" + each[0]))
    return data[: each.start()] + grown + data[each.end() :]


def separators(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Repeat a separator, or change one into another."""
    found = list(_SEPARATOR.finditer(data))
    if not found:
        return data + b"," * 100
    each = chance.choice(found)
    made = each[0] * chance.choice((2, 3, 50, 3000)) if chance.random() < 0.7 else chance.choice(found)[0]
    return data[: each.start()] + made + data[each.end() :]


def value(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Change a value of JSON into another one, of the same file or an odd one; of other data, a number."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return number(data, chance, others)
    places = list(_inside(whole))
    if not places:
        return data
    holder, key = chance.choice(places)
    kind = chance.random()
    if kind < 0.15:
        del holder[key]
    elif kind < 0.4:
        other, name = chance.choice(places)
        holder[key] = other[name]
    else:
        holder[key] = chance.choice(ODD_VALUES)
    try:
        return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        # A value was put into itself.
        return data


def _inside(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Each place of a JSON value that can hold another one: a list and an index, or an object and a name."""
    keys: Iterable[Any] = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
    for key in keys:
        yield holder, key
        yield from _inside(holder[key])


DAMAGE: tuple[Mutator, ...] = (flip, cut, zero)
"""What happens to files on their way: a reader must say so where it loses a letter by it."""

MUTATORS: tuple[Mutator, ...] = (*DAMAGE, remove, double, move, join, splice, odd, number, separators, value)


def mutated(data: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """A copy of the data with one change, or with a few of them.

    Args:
        data: the bytes to start from.
        chance: what is drawn from.
        others: files of the same kind, for stretches of them.
    """
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        data = chance.choice(MUTATORS)(data, chance, others)[:LONGEST]
    return data
