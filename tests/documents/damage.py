"""Damages of PDFs, drawn by a seeded generator: what happens to files on their way, and what a checksum cannot see."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable

Damage = Callable[[bytes, random.Random], bytes]

_STREAM = re.compile(rb"stream\r?\n.*?(?=\r?\n?endstream)", re.DOTALL)
_NUMBER = re.compile(rb"[0-9]+")


def truncated(data: bytes, draw: random.Random) -> bytes:
    """A download that ended early."""
    return data[: draw.randrange(1, len(data))]


def truncated_with_end(data: bytes, draw: random.Random) -> bytes:
    """The same with the end of the file: a part in the middle is missing."""
    at = draw.randrange(20, len(data) - 200)
    return data[:at] + data[draw.randrange(at, len(data) - 100) :]


def bit_flipped(data: bytes, draw: random.Random) -> bytes:
    """One bit, anywhere."""
    return _replaced(data, at := draw.randrange(len(data)), bytes([data[at] ^ 1 << draw.randrange(8)]))


def byte_changed(data: bytes, draw: random.Random) -> bytes:
    """One byte, anywhere."""
    return _replaced(data, draw.randrange(len(data)), bytes([draw.randrange(256)]))


def bytes_removed(data: bytes, draw: random.Random) -> bytes:
    """A few bytes."""
    at = draw.randrange(len(data))
    return data[:at] + data[at + draw.choice((1, 2, 3, 8, 64)) :]


def bytes_inserted(data: bytes, draw: random.Random) -> bytes:
    """A few bytes too many, or some twice."""
    at, size = draw.randrange(len(data)), draw.choice((1, 2, 16, 128))
    return data[:at] + (draw.randbytes(size) if draw.random() < 0.5 else data[at : at + size]) + data[at:]


def block_zeroed(data: bytes, draw: random.Random) -> bytes:
    """A sector that was never written."""
    size = draw.choice((16, 64, 512, 4096))
    at = draw.randrange(len(data) // size + 1) * size
    return _replaced(data, at, bytes(len(data[at : at + size])))


def blocks_swapped(data: bytes, draw: random.Random) -> bytes:
    """Two sectors in the place of each other."""
    size = draw.choice((16, 64, 512))
    one, other = sorted(draw.sample(range(len(data) // size), 2))
    first, second = (data[at * size : (at + 1) * size] for at in (one, other))
    return _replaced(_replaced(data, one * size, second), other * size, first)


def text_ended_lines(data: bytes, draw: random.Random) -> bytes:
    """A transfer as text: line ends become others."""
    old, new = draw.choice(((b"\r\n", b"\n"), (b"\r", b"\n"), (b"\n", b"\r\n"), (b"\r", b"\r\n")))
    return data.replace(old, new)


def dictionary_flipped(data: bytes, draw: random.Random) -> bytes:
    """One bit outside of streams, where no checksum stands."""
    at = draw.choice(_outside(data))
    return _replaced(data, at, bytes([data[at] ^ 1 << draw.randrange(8)]))


def dictionary_changed(data: bytes, draw: random.Random) -> bytes:
    """A digit becomes another digit, a letter another letter, outside of streams."""
    places = [at for at in _outside(data) if data[at : at + 1].isalnum()]
    at = draw.choice(places)
    alike = b"0123456789" if data[at : at + 1].isdigit() else b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return _replaced(data, at, bytes([draw.choice(alike)]))


def number_changed(data: bytes, draw: random.Random) -> bytes:
    """A number outside of streams becomes another one of the file, of the same length."""
    outside = set(_outside(data))
    numbers = [found for found in _NUMBER.finditer(data) if found.start() in outside]
    chosen = draw.choice(numbers)
    alike = [found[0] for found in numbers if len(found[0]) == len(chosen[0])]
    return _replaced(data, chosen.start(), draw.choice(alike))


def cross_reference_changed(data: bytes, draw: random.Random) -> bytes:
    """An entry of the cross-reference table names another place, or two entries are swapped."""
    stream = data.rfind(b"/Type/XRef")
    return _table_changed(data, draw) if stream < 0 else _table_stream_changed(data, draw, stream)


def _table_changed(data: bytes, draw: random.Random) -> bytes:
    rows = list(re.finditer(rb"[0-9]{10} [0-9]{5} [nf]", data))
    if not rows:
        return bit_flipped(data, draw)
    one, other = draw.choice(rows), draw.choice(rows)
    if draw.random() < 0.5:
        return _replaced(_replaced(data, one.start(), other[0]), other.start(), one[0])
    return _replaced(data, one.start(), b"%010d" % draw.randrange(len(data)))


def _table_stream_changed(data: bytes, draw: random.Random, at: int) -> bytes:
    start = data.index(b"stream", at) + len(b"stream")
    start += 2 if data[start : start + 2] == b"\r\n" else 1
    reader = zlib.decompressobj()
    content = bytearray(reader.decompress(data[start:]))
    end = len(data) - len(reader.unused_data)
    size = sum(map(int, re.findall(rb"/W ?\[(.*?)\]", data[at - 400 : start])[-1].split())) + 1
    rows = [bytes(content[index : index + size]) for index in range(0, len(content), size)]
    one, other = draw.sample(range(len(rows)), 2)
    if draw.random() < 0.5:
        rows[one], rows[other] = rows[other], rows[one]
    else:
        row = bytearray(rows[one])
        row[draw.randrange(1, size)] = draw.randrange(256)
        rows[one] = bytes(row)
    packed = zlib.compress(b"".join(rows))
    head = data.rindex(b" obj", 0, at)
    entries = re.sub(rb"/Length [0-9]+", b"/Length %d" % len(packed), data[head:start])
    return data[:head] + entries + packed + data[end:]


def _outside(data: bytes) -> list[int]:
    """The offsets of bytes that are in no stream."""
    inside = bytearray(len(data))
    for found in _STREAM.finditer(data):
        inside[found.start() + 8 : found.end()] = b"\x01" * max(0, found.end() - found.start() - 8)
    return [at for at, flag in enumerate(inside) if not flag]


def _replaced(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


DAMAGES: dict[str, Damage] = {
    "cut short": truncated,
    "a part missing": truncated_with_end,
    "a bit flipped": bit_flipped,
    "a byte changed": byte_changed,
    "bytes removed": bytes_removed,
    "bytes inserted": bytes_inserted,
    "a block zeroed": block_zeroed,
    "blocks swapped": blocks_swapped,
    "line ends changed": text_ended_lines,
    "a bit flipped outside of streams": dictionary_flipped,
    "a character changed outside of streams": dictionary_changed,
    "a number changed outside of streams": number_changed,
    "a cross-reference changed": cross_reference_changed,
}
