"""Numbers in figures and in words, up to one hundred in words."""

from __future__ import annotations

from imrllm.grammar.word_lists import read_entries
from imrllm.normalization import FIGURES

_LISTS = dict(read_entries("words.txt"))
_UNITS, _TEENS, _TENS = _LISTS["units"], _LISTS["teens"], _LISTS["tens"]
_WORDS: dict[str, int] = {word: value for value, word in enumerate(["zero", *_UNITS, *_TEENS])}
_WORDS |= {tens: 20 + 10 * index for index, tens in enumerate(_TENS)}
_WORDS |= {"hundred": 100, "one hundred": 100}

_UNIT = "|".join(_UNITS)
# All of these mean the same with `re.VERBOSE`.
# Longest first: "sixteen" before "six". A count never continues into a letter or another digit, so no number is
# matched in part.
TENS = rf"(?:{'|'.join(_TENS)})(?:[- ](?:{_UNIT}))?"
WORD = rf"(?:{TENS}|{'|'.join(_TEENS)}|(?:one\ )?hundred|{_UNIT}|zero)\b"
NUMBER = rf"(?:(?<![\w./])(?:{FIGURES})|\b{WORD})"
WHOLE = rf"(?:(?<![\w./])\d+|\b{WORD})"
# What joins the two ends of a range: "2-3", "2 to 3", "2 or 3".
TO = r"\s?(?:-|to|or)\s?"
# A number in words may be repeated in figures: "three (3) times a week".
REPEAT = r"(?:\s?\(\d{1,3}\))?"


def number(printed: str) -> float:
    """The value of a number as `NUMBER` matches it.

    Raises:
        ValueError: the text is not a number.
    """
    text = printed.strip().lower()
    if text in _WORDS:
        return float(_WORDS[text])
    tens, _, unit = text.replace("-", " ").partition(" ")
    if unit and tens in _WORDS and unit in _WORDS:
        return float(_WORDS[tens] + _WORDS[unit])
    return float(text.replace(",", ""))
