"""Variants of labeled letters: the same form with other values and wordings, and the gold changed alike.

The grammar was developed on all gold, so it is wrong almost nowhere there; on variants it meets what it does not know.
A variant is made from a letter and its gold when it is asked for, and is never stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from random import Random
from typing import Any

from imrllm.evals.variants import case, citations, headings, rationales
from imrllm.evals.variants.draft import Draft
from imrllm.evals.variants.kinds import KINDS

__all__ = ["KINDS", "Variant", "some_variants", "variants"]

# The registry is filled where the kinds are written.
_WRITTEN_IN = (case, citations, headings, rationales)


@dataclass(frozen=True, slots=True)
class Variant:
    """A letter made of a labeled one.

    Attributes:
        text: its text.
        gold: its record, as JSON has it.
        kind: the kinds of its changes in their order, joined by " + ".
        changed: the JSON Pointers of the gold that were changed, each with the kind of its change.
    """

    text: str
    gold: dict[str, Any]
    kind: str
    changed: dict[str, str]


def variants(letter_text: str, gold: dict[str, Any], seed: int) -> Iterator[Variant]:
    """Make variants of a letter, as many as are asked for; each has one to three changes.

    Args:
        letter_text: the source text.
        gold: its record, as JSON has it.
        seed: the same letter and seed give the same variants. Letters of one seed differ from each other.

    Yields:
        The variants, without end; none if the letter has nothing that can be changed.
    """
    random = Random(f"{seed} {sha256(letter_text.encode()).hexdigest()}")  # noqa: S311 - not for secrets
    failed = 0
    while failed < 20:
        made = _variant(letter_text, gold, random)
        failed = 0 if made else failed + 1
        if made:
            yield made


def some_variants(letter_text: str, gold: dict[str, Any], seed: int, number: int) -> list[Variant]:
    """The first variants of a letter, at most `number`."""
    return list(islice(variants(letter_text, gold, seed), number))


def _variant(text: str, gold: dict[str, Any], random: Random) -> Variant | None:
    draft = Draft.of(text, gold)
    wanted = random.choice((1, 1, 2, 2, 3))
    kinds: list[str] = []
    by: dict[str, str] = {}
    for name in random.sample(sorted(KINDS), len(KINDS)):
        if len(kinds) == wanted or draft.parts is None:
            break
        before = set(draft.changed)
        if KINDS[name](draft, random):
            kinds.append(name)
            by.update(dict.fromkeys(draft.changed - before, name))
    return Variant(draft.text, draft.gold, " + ".join(kinds), dict(sorted(by.items()))) if kinds and by else None
