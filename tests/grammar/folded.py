"""A text as the grammar's readers take it, and what their readings say."""

from __future__ import annotations

from typing import Any

from imrllm.documents import fold
from imrllm.grammar import Part, Reading
from imrllm.spans import FoldedSpan


def part(text: str) -> Part:
    """The whole of a text, folded."""
    folded = fold(text)
    return Part.of(folded, FoldedSpan((0, len(folded.text))))


def values(readings: Any) -> Any:
    """The value of a reading, a tuple of a list's values, None for no reading."""
    if isinstance(readings, (tuple, list)):
        return tuple(reading.value for reading in readings)
    return readings.value if isinstance(readings, Reading) else None
