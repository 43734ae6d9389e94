"""Whether a text names a drug or a service that none of a letter's disputed items asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from imrllm.folding import lowered
from imrllm.grammar.lexicon import Lexicon
from imrllm.grammar.reading import MASK, Part
from imrllm.grammar.request.categories import named_categories, named_terms
from imrllm.grammar.request.medications import read_ingredients
from imrllm.grammar.word_lists import read_entries, read_sections
from imrllm.records import Category
from imrllm.spans import PartSpan

_REGION_NAMES, _REGION_WORDS = zip(*read_sections("request/regions.txt"), strict=True)
_REGIONS = Lexicon(
    [(r"right\s", r"left\s", f"(?:{words})") for words in _REGION_WORDS],
    [rf"(?:\b(?P<side>right|left)\s)?\b(?:{words})\b(?:\s(?:spine|region|area))?" for words in _REGION_WORDS],
)
# A limb holds its joints, and a back its regions.
_HOLDS: dict[str, frozenset[str]] = {
    "upper_limb": frozenset(("shoulder", "elbow", "hand")),
    "lower_limb": frozenset(("hip", "knee", "ankle", "leg")),
    "back": frozenset(("low_back", "mid_back", "neck")),
}
# Categories whose terms are those of one kind of care: what is near to them counts as the same.
_TELLING: frozenset[Category] = frozenset(
    (
        "imaging",
        "electrodiagnostic",
        "physical_therapy",
        "chiropractic",
        "acupuncture",
        "injection",
        "surgery",
        "home_health",
        "laboratory",
        "psychological",
    )
)
# Visits and papers are named in any sentence.
_VAGUE: frozenset[Category] = frozenset(("other", "consultation"))
# One course of care may be named by any of its kinds.
_ALIKE: tuple[frozenset[Category], ...] = (
    frozenset(("physical_therapy", "other_therapy", "chiropractic", "surgical_adjunct")),
    frozenset(("surgery", "surgical_adjunct", "injection")),
    frozenset(("laboratory", "surgical_adjunct", "other_diagnostic")),
    frozenset(("psychological", "consultation", "program")),
)
# Terms that name no treatment alone.
_GENERAL = re.compile(r"(?:therapy|support)\b", re.IGNORECASE)
_JOINT = re.compile(r"[,;]|\band\b|\bwith\b")
# How an image is taken: one is not another.
_MODALITIES = (
    re.compile(r"\bMR[IA]|magnetic resonance|arthrogram", re.IGNORECASE),
    re.compile(r"\bCA?T\b|computed|computerized tomo", re.IGNORECASE),
    re.compile(r"x-?\s?rays?\b|radiogra|\bfilms?\b", re.IGNORECASE),
)
_WORD = re.compile(r"[a-z]{5,}")
_COMMON = frozenset(dict(read_entries("request/matching.txt"))["common"])


@dataclass(frozen=True)
class Asked:
    """What one disputed item asks for, as far as it tells items apart: each is read when it is first needed.

    Attributes:
        heading: the whole heading.
        category: what was read of the item's category.
    """

    heading: Part
    category: Category | None

    @cached_property
    def categories(self) -> frozenset[Category]:
        """The categories that the heading has terms of, and the one that was read."""
        return named_categories(self.heading.text)[0] | ({self.category} if self.category else frozenset())

    @cached_property
    def ingredients(self) -> frozenset[str]:
        """The generic names of its drugs."""
        return frozenset(each.value for each in read_ingredients(self.heading))

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words of five letters or more, in lower case, without those that headings share."""
        return frozenset(_WORD.findall(self.heading.lower)) - _COMMON

    @cached_property
    def regions(self) -> frozenset[tuple[str, str]]:
        """Its regions of the body, each with its side: "right", "left" or empty."""
        return _regions(self.heading.text)

    @cached_property
    def modalities(self) -> frozenset[int]:
        """How an image is taken, by number."""
        return _modalities(self.heading.text)


def unasked(sentence: Part, items: Sequence[Asked]) -> Iterator[PartSpan]:
    """Find the drugs and services in a text that no item asks for.

    A drug counts by its ingredients, a service by its category, by how an image is taken, and by the region of the
    body, where both the text and every such item name one.

    Args:
        sentence: the text: a list of requests, as short as possible. The work grows with its terms times the items.
        items: what the items ask for.

    Yields:
        The spans of the names, within the text.
    """
    named: dict[PartSpan, set[str]] = {}
    for reading in read_ingredients(sentence):
        named.setdefault(sentence.within(reading.span), set()).add(reading.value)
    for place, generics in named.items():
        printed = _WORD.findall(sentence.text[slice(*place)].lower())
        if not any(not item.ingredients.isdisjoint(generics) or not item.words.isdisjoint(printed) for item in items):
            yield place
    terms = [
        (category, span)
        for category, span in named_terms(sentence.text)
        if category not in _VAGUE and not _GENERAL.match(sentence.text, *span)
    ]
    for category, span in terms:
        term = sentence.text[slice(*span)]
        around = _surroundings(sentence.text, span, terms)
        alike = _alike(category)
        # The terms of all headings are looked for only where the categories that were read do not settle it.
        read = [item for item in items if item.category in alike]
        if read and _is_asked(category, term, around, read):
            continue
        same = [item for item in items if not item.categories.isdisjoint(alike)]
        if not (_is_asked(category, term, around, same) if same else _shares_word(term, items)):
            yield span


def _alike(category: Category) -> frozenset[Category]:
    """The categories that care of one category may be counted in."""
    if category not in _TELLING:
        return frozenset((category,))
    return frozenset((category,)).union(*(group for group in _ALIKE if category in group))


def _shares_word(term: str, items: Sequence[Asked]) -> bool:
    words = _WORD.findall(term.lower())
    return any(not item.words.isdisjoint(words) for item in items)


def _surroundings(text: str, span: PartSpan, terms: Sequence[tuple[Category, PartSpan]]) -> str:
    """What stands around a term, up to the joints that part it from the terms before and behind it."""
    low = max((other[1] for _, other in terms if other[1] <= span[0]), default=0)
    high = min((other[0] for _, other in terms if other[0] >= span[1]), default=len(text))
    before = [joint.end() for joint in _JOINT.finditer(text, low, span[0])]
    behind = [joint.start() for joint in _JOINT.finditer(text, span[1], high)]
    return text[before[-1] if before else low : behind[-1] if behind and high < len(text) else high]


def _is_asked(category: Category, term: str, around: str, same: Sequence[Asked]) -> bool:
    """Whether one of the items of a category asks for a service by the same means and for the same region."""
    if category == "imaging" and (means := _modalities(term)):
        same = [item for item in same if not item.modalities or means & item.modalities]
        if not same:
            return False
    if not all(item.regions for item in same):
        return True
    asked = frozenset[tuple[str, str]]().union(*(item.regions for item in same))
    return all(any(_may_be_one(own, each) for own in asked) for each in _regions(around))


def _regions(text: str) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    text = lowered(text)
    for number in _REGIONS.possible_in(text):
        words = _REGIONS.patterns[number]
        if named := [each["side"] or "" for each in words.finditer(text)]:
            found.update((_REGION_NAMES[number], side) for side in named)
            # What a region's words are is not named again: "spine" of "cervical spine".
            text = words.sub(lambda each: MASK * len(each.group()), text)
    return frozenset(found)


def _may_be_one(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Whether two names can be of one region: by their words, and by their sides where both have one."""
    if mine[1] and theirs[1] and mine[1] != theirs[1]:
        return False
    none = frozenset[str]()
    return mine[0] == theirs[0] or theirs[0] in _HOLDS.get(mine[0], none) or mine[0] in _HOLDS.get(theirs[0], none)


def _modalities(text: str) -> frozenset[int]:
    return frozenset(index for index, words in enumerate(_MODALITIES) if words.search(text))
