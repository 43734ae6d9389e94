"""Stretches of a text as `[start, end)` in characters: one type for each text that they index.

`Folded` converts between the source and the folded text, `Part` between the folded text and a part. Nothing else
adds or subtracts the offset of one text to reach another.
"""

from __future__ import annotations

from typing import NewType

# Of the source text, as records hold it.
SourceSpan = NewType("SourceSpan", tuple[int, int])
# Of the letter's folded text. Not a named tuple: a plain one is cheaper to make, and the garbage collector forgets it.
FoldedSpan = NewType("FoldedSpan", tuple[int, int])
# Of a part's own text, as its patterns give it.
PartSpan = NewType("PartSpan", tuple[int, int])
