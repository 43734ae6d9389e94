"""What a model is worth: fields that it makes worse, and answers that are always the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from imrllm.evals.comparison import is_right, units_of
from imrllm.evals.outcomes import FieldOutcome
from imrllm.evals.runs import Column, DocumentScore, Rate
from imrllm.evals.statistics import rate

# The final records may have one wrong value more than the better reader: of so few, one is chance.
_TOLERATED = 1
# Answers collapse where one ground is in over half of them, though gold has it in under a quarter.
_COLLAPSED, _AT_MOST = 0.5, 0.25
# So few answers show nothing.
_FEWEST_ANSWERS = 12


def worse_fields(documents: Sequence[DocumentScore]) -> list[str]:
    """The fields in which the final records have more wrong values than the model or the grammar alone.

    A list is one value, and so are the citations of one item in a field. A reader is compared on what it was asked for.
    """
    final = units_of(documents, "resolved")
    readers: tuple[Column, ...] = ("model", "grammar")
    found = []
    for reader in readers:
        wrong: dict[str, Counter[str]] = {}
        for unit, leaves in units_of(documents, reader).items():
            counts = wrong.setdefault(unit[2], Counter())
            counts["reader"] += not is_right(leaves)
            counts["final"] += not is_right(final.get(unit, ()))
        found += [
            f"{name}: {counts['final']} wrong values, the {reader} has {counts['reader']}"
            for name, counts in wrong.items()
            if counts["final"] > counts["reader"] + _TOLERATED
        ]
    return found


def collapsed_grounds(documents: Iterable[Sequence[FieldOutcome]]) -> dict[str, tuple[Rate, Rate]]:
    """The grounds of a model's answers that are too often the same.

    Args:
        documents: the leaves of the model alone, by letter.

    Returns:
        By ground the share of answers that hold it, and gold's share in the same disputed items.
    """
    answers = [leaf for each in documents for leaf in each if leaf.field == "grounds" and leaf.value]
    if len(answers) < _FEWEST_ANSWERS:
        return {}
    grounds = sorted({ground for leaf in answers for ground in leaf.value})
    shares = {
        ground: (
            rate(sum(ground in leaf.value for leaf in answers), len(answers)),
            rate(sum(ground in (leaf.gold or ()) for leaf in answers), len(answers)),
        )
        for ground in grounds
    }
    return {
        ground: (given, true)
        for ground, (given, true) in shares.items()
        if (given.rate or 0) > _COLLAPSED and (true.rate or 0) < _AT_MOST
    }
