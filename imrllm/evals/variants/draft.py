"""A letter and its gold while a variant is made of them: each change is made in both, then the letter is split anew."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from imrllm import pointers
from imrllm.errors import NotALetterError
from imrllm.letter import ItemParts, LetterParts, read_letter
from imrllm.normalization import normal_text
from imrllm.spans import FoldedSpan

# Makes one change in a draft, if the letter has what it changes; returns whether it made one.
Change = Callable[["Draft", Random], bool]


@dataclass
class Draft:
    """A letter's text and its gold, both of them being changed.

    Attributes:
        text: the source text.
        gold: the record as JSON has it.
        parts: the text's sections and items; None if the changed text is not read as a letter, which ends the changes.
        changed: the JSON Pointers that were changed, in the gold as it is now.
        touched: the parts of the letter that were changed; no second change is made there.
    """

    text: str
    gold: dict[str, Any]
    parts: LetterParts | None
    changed: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, text: str, gold: dict[str, Any]) -> Draft:
        """A draft to change; the gold itself stays as it is."""
        return cls(text, deepcopy(gold), _parts(text))

    @property
    def items(self) -> list[tuple[int, ItemParts, dict[str, Any]]]:
        """The items of the letter with their gold, each with its index; none unless text and gold have the same."""
        gold = self.gold["disputed_items"]
        if self.parts is None or len(self.parts.items) != len(gold):
            return []
        found = list(zip(self.parts.items, gold, strict=True))
        if any(normal_text(self.printed(part.heading)) != normal_text(item["heading"]) for part, item in found):
            return []
        return [(index, part, item) for index, (part, item) in enumerate(found)]

    def untouched_item(self, random: Random, part: str) -> tuple[int, ItemParts, dict[str, Any]] | None:
        """An item whose part of that name no change touched yet; None if there is none. It counts as touched then."""
        free = [each for each in self.items if f"{each[0]} {part}" not in self.touched]
        if not free:
            return None
        chosen = random.choice(free)
        self.touched.add(f"{chosen[0]} {part}")
        return chosen

    def touch(self, part: str) -> bool:
        """Claim a part of the case for a change; False if another change has it."""
        if part in self.touched:
            return False
        self.touched.add(part)
        return True

    def printed(self, span: FoldedSpan | None) -> str:
        """A part as printed, with white space folded; empty if the letter does not have it."""
        return (self.parts.printed(span) if self.parts else None) or ""

    def find(self, span: FoldedSpan | None, words: str) -> FoldedSpan | None:
        """Where words stand in a part, whatever their case; None unless they stand there once, as whole words."""
        if self.parts is None or span is None:
            return None
        text, sought = self.parts.folded.text[slice(*span)].lower(), words.lower()
        places = [at for at in _places(text, sought) if _is_whole(text, at, at + len(sought))]
        if len(places) != 1:
            return None
        return FoldedSpan((span[0] + places[0], span[0] + places[0] + len(sought)))

    def put(self, span: FoldedSpan, words: str) -> None:
        """Print other words in place of a span, and split the letter anew."""
        if self.parts is None:
            return
        start, end = self.parts.folded.source_span(span)
        self.reprint(self.text[:start] + words + self.text[end:])

    def reprint(self, text: str) -> None:
        """Take another text, and split it anew."""
        self.text = text
        self.parts = _parts(text)

    def set(self, pointer: str, value: Any) -> None:
        """Give the gold the value of what was printed anew, which may be the same in other words."""
        pointers.put(self.gold, pointer, value)
        self.changed.add(pointer)

    @property
    def latest(self) -> date | None:
        """A day that care in dispute had been given by: the latest that the gold has of a decision."""
        stated = (self.gold["letter"]["ur_denial_date"], self.gold["clinical_summary"]["ur_decision_date"])
        return max((date.fromisoformat(day) for day in stated if day), default=None)

    def is_sentence(self, part: ItemParts) -> bool:
        """Whether an item's request is in a sentence of the form of 2013, which prints it again later."""
        start = part.start
        return self.parts is not None and self.parts.folded.text[:start].rstrip().lower().endswith("request for")


def _parts(text: str) -> LetterParts | None:
    try:
        return read_letter(text)
    except NotALetterError:
        return None


def _places(text: str, words: str) -> list[int]:
    places = []
    at = text.find(words) if words else -1
    while at >= 0:
        places.append(at)
        at = text.find(words, at + 1)
    return places


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum() and text[start].isalnum()) and not (
        end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    )
