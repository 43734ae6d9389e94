"""What a text that is not a determination letter looks like: by the words of other decisions, forms and pages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from imrllm.folding import fold
from imrllm.spans import FoldedSpan

SUPPORTED = (
    "imrllm reads final determinations of independent medical review in California workers' compensation (DWC), by "
    "MAXIMUS Federal Services."
)
# What names a document, and what says that a text which reads like a letter belongs to another document.
_NAMES, _HOLDS = 2, 4
_WORD = re.compile(r"[^\W_]+")
_MARKS = {code: " " for code in range(128) if not chr(code).isalnum()}
# More words than this are not needed to tell what a text is, in characters.
_READ = 200_000


@dataclass(frozen=True, slots=True)
class OtherDocument:
    """One kind of document that is not a determination letter.

    Attributes:
        name: what it is: "a health plan's IMR decision".
        signs: words that such a document prints: lower case, plain quotes, single spaces.
        decisive: words that count twice.
        quotes: whether it can hold a whole determination that is worth reading.
        refused: whether what it holds is an example or a copy, not a letter.
    """

    name: str
    signs: frozenset[str]
    decisive: frozenset[str]
    quotes: bool = False
    refused: bool = False

    def points(self, line: str) -> int:
        """How many points a folded text in lower case has: 1 for each sign, 2 for each that is decisive."""
        return 2 * len(_standing(self.decisive, line)) + len(_standing(self.signs, line))


@dataclass(frozen=True, slots=True)
class _Data:
    documents: tuple[OtherDocument, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    never: tuple[str, ...]
    never_in_headings: tuple[str, ...]


@cache
def _data() -> _Data:
    data = tomllib.loads((files("imrllm.letter") / "other_documents.toml").read_text(encoding="utf-8"))
    documents = tuple(
        OtherDocument(
            each["name"],
            frozenset(each["signs"]),
            frozenset(each["decisive"]),
            each.get("quotes", False),
            each.get("refused", False),
        )
        for each in data["document"]
    )
    inside = data["inside_items"]
    return _Data(
        documents,
        tuple((part["name"], tuple(part["signs"])) for part in data["part"]),
        tuple(inside["never"]),
        tuple(inside["never_in_headings"]),
    )


def other_documents() -> tuple[OtherDocument, ...]:
    """The kinds that are known, in the order of the file."""
    return _data().documents


def stray_words(line: str, span: FoldedSpan, *, heading: bool) -> FoldedSpan | None:
    """Find a section's heading or a fixed sentence of the form inside a part of a disputed item.

    Args:
        line: the folded text.
        span: the part.
        heading: whether the part is the item's heading, which holds no label either.
    """
    for words in _never_in(line, heading=heading):
        at = line.find(words, *span)
        if at >= 0:
            return FoldedSpan((at, at + len(words)))
    return None


# All parts of a letter's items are looked into, one after another: what stands nowhere in it is looked for once.
@lru_cache(maxsize=2)
def _never_in(line: str, *, heading: bool) -> tuple[str, ...]:
    """What the parts of an item never hold, as far as a letter has it anywhere."""
    never = (*_data().never, *(_data().never_in_headings if heading else ()))
    return tuple(words for words in never if words in line)


def what_it_looks_like(text: str, *, surely: bool = False) -> str | None:
    """Name the kind of document that a text which is not a letter looks like.

    Args:
        text: the source text.
        surely: whether as many signs are needed as say that a text which reads like a letter is another document.

    Returns:
        The kind's name; None if nothing is known of it.
    """
    line = _line(text)
    best = max(other_documents(), key=lambda kind: kind.points(line))
    return best.name if best.points(line) >= (_HOLDS if surely else _NAMES) else None


def document_around(line: str, *, refused: bool) -> OtherDocument | None:
    """Find the kind of document that a letter which was read is quoted in: a brief, a decision, a page about letters.

    Args:
        line: the folded text, with the letter in it.
        refused: whether to look for the kinds that hold only examples and copies, or for the others.

    Returns:
        The kind with most points; None for a letter that stands alone.
    """
    line = line[:_READ].lower()
    kinds = [
        kind for kind in other_documents() if kind.quotes and kind.refused == refused and _standing(kind.decisive, line)
    ]
    best = max(kinds, key=lambda kind: kind.points(line), default=None)
    return best if best and best.points(line) >= _HOLDS else None


def parts_printed(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a determination that a text prints the headings of, and those that it does not, in their order."""
    line = _line(text)
    printed = {name: bool(_standing(signs, line)) for name, signs in _data().parts}
    return tuple(name for name in printed if printed[name]), tuple(name for name in printed if not printed[name])


def _line(text: str) -> str:
    return fold(text[:_READ]).text.lower()


def _standing(signs: Iterable[str], line: str) -> list[str]:
    """The signs that a text holds. Those with a word that it lacks are not looked for."""
    words = _words_of_line(line)
    return [sign for sign in signs if words.issuperset(_words_of_sign(sign)) and _stands(sign, line)]


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.translate(_MARKS).split() if text.isascii() else _WORD.findall(text))


_words_of_sign = cache(_words_of)
# Several questions are asked of a text, one after another.
_words_of_line = lru_cache(maxsize=1)(_words_of)


def _stands(sign: str, line: str) -> bool:
    """Whether a text holds a sign, not as a part of a longer word."""
    at = line.find(sign)
    while at >= 0:
        end = at + len(sign)
        opens = not (sign[0].isalnum() and at and line[at - 1].isalnum())
        if opens and not (sign[-1].isalnum() and end < len(line) and line[end].isalnum()):
            return True
        at = line.find(sign, at + 1)
    return False
