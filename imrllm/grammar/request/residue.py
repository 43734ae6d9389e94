"""What a request says that no reader took: figures and words that may not leave the record in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imrllm.folding import caseless
from imrllm.grammar.reading import MASK, Part, Reading
from imrllm.grammar.request.categories import treatment_terms
from imrllm.grammar.request.medications import opens_name
from imrllm.grammar.word_lists import read_words
from imrllm.normalization import ENDLESS
from imrllm.spans import FoldedSpan

_WORDS = read_words("request/words.txt")
_STRETCH = re.compile(rf"[^{MASK}]+")
_WORD = re.compile(r"(?P<figure>\d(?:[\d.,/-]*\d)?)|[A-Za-z]+(?:['-][A-Za-z]+)*")
_NEUTRAL_LISTS = ("neutral", "symptoms", "complaints", "containers", "dangling")
_NEUTRAL = caseless(rf"\b(?:{'|'.join(_WORDS[name] for name in _NEUTRAL_LISTS)})(?![\w-])")
_PURPOSE = re.compile(rf"\b(?:{_WORDS['purposes']})\b", re.IGNORECASE)


def read_residue(
    part: Part, read: Sequence[FoldedSpan], body_parts: tuple[FoldedSpan, ...]
) -> tuple[Reading[str], ...]:
    """The figures and words of a request that no reader took.

    The record has no place for a purpose ("for wound care"): of its words only figures, drugs and treatments count.

    Args:
        part: the request.
        read: spans that the readers took, body parts aside.
        body_parts: spans of body parts, with their prepositions.

    Returns:
        The words as printed, those that stand together in one reading.
    """
    masked = part.masked(read)
    text = masked.text
    words = part.masked([*read, *body_parts, *part.spans_of(_NEUTRAL.finditer(masked.lower))])
    # A number that counts nothing is read by nobody, even if it stands in a name.
    residue = [part.quote(*number.span()) for number in ENDLESS.finditer(part.text)]
    # A body part does not end a purpose: "for the left knee to regain strength".
    for stretch in _STRETCH.finditer(text) if _WORD.search(words.text) else ():
        purpose = _PURPOSE.search(text, *stretch.span())
        start = purpose.start() if purpose else stretch.end()
        named = (
            {at for term in treatment_terms(text, start, stretch.end()) for at in range(*term)} if purpose else set()
        )
        left = [
            word
            for word in _WORD.finditer(words.text, *stretch.span())
            if word["figure"]
            or word.start() < start
            or opens_name(text, word.start())
            or not named.isdisjoint(range(*word.span()))
        ]
        if left:
            residue.append(part.quote(left[0].start(), left[-1].end()))
    return tuple(filter(None, residue))
