"""Pairs the entries of two lists by optimal assignment, whatever the order of either list."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from imrllm.normalization import normal_text

# (index on the left, index on the right)
Pair = tuple[int, int]

# Weights of the likeness of two disputed items. The heading weighs most: otherwise the swapped quantities of two
# prescriptions of one drug would swap the items. The decision has no weight: it would pair a flipped item with another.
_HEADING, _TREATMENT, _QUANTITY = 0.6, 0.3, 0.1
# Two disputed items below this likeness are different: one was lost, the other invented.
_SAME_ITEM = 0.5
# The weight of a tie-breaker: less than the smallest difference that counts above.
_TIE = 1e-6


def assign(
    left: Sequence[str], right: Sequence[str], likeness: Callable[[int, int], float], least: float
) -> list[Pair]:
    """Pair two lists so that the sum of likenesses is greatest.

    Args:
        left: a text for each entry of one side; the same text for indistinguishable entries.
        right: the texts of the other side.
        likeness: the likeness of two entries by their indices; greater than 0 for a pair.
        least: the least likeness of a pair.

    Returns:
        Pairs of indices, sorted. Permuting or swapping the sides permutes or swaps them and changes nothing else.
    """
    if not left or not right:
        return []
    if len(left) == len(right) == 1:
        return [(0, 0)] if likeness(0, 0) >= least else []
    # A fixed order and orientation: the choice among equally good assignments does not depend on the input's.
    mine, theirs = sorted(range(len(left)), key=left.__getitem__), sorted(range(len(right)), key=right.__getitem__)
    swapped = [right[index] for index in theirs] < [left[index] for index in mine]
    rows, columns = (theirs, mine) if swapped else (mine, theirs)
    table = [[likeness(*((column, row) if swapped else (row, column))) for column in columns] for row in rows]
    from scipy.optimize import linear_sum_assignment

    worth = [[each if each >= least else 0.0 for each in row] for row in table]
    found = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    pairs = ((rows[row], columns[column]) for row, column in found if table[row][column] >= least)
    return sorted((two, one) if swapped else (one, two) for one, two in pairs)


def align_items(gold: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> list[Pair]:
    """Pair disputed items, as JSON has them, by heading, treatment and quantity, never by decision.

    If these are equal, the number of other fields that agree decides. Two items that agree in all but their decisions
    are taken to be in another order, not to have both decisions flipped: the two cases cannot be distinguished.

    Returns:
        Pairs of indices, sorted.
    """
    from rapidfuzz.fuzz import ratio

    mine, theirs = list(map(_Item, gold)), list(map(_Item, other))

    def likeness(left: int, right: int) -> float:
        one, two = mine[left], theirs[right]
        alike = _HEADING * ratio(one.heading, two.heading) / 100
        alike += _TREATMENT * ratio(one.treatment, two.treatment) / 100
        alike += _QUANTITY * bool(one.quantity == two.quantity)
        # Rounded, so that only a real difference comes before the tie-breaker.
        return round(alike, 4) + _TIE * one.agreeing(two)

    return assign([item.text for item in mine], [item.text for item in theirs], likeness, _SAME_ITEM)


class _Item:
    """What distinguishes one disputed item from another."""

    def __init__(self, item: dict[str, Any]) -> None:
        self.heading = normal_text(item["heading"] or "")
        self.treatment = normal_text(item["treatment"] or "")
        self.quantity = item["quantity"]
        outcome = ("decision", "medically_necessary")
        # Gold may leave the rationale out.
        self._rest = {name: value for name, value in item.items() if name not in (*outcome, "rationale")}
        self._outcome = [item[name] for name in outcome]
        self.text = json.dumps([self._rest, self._outcome], sort_keys=True)

    def agreeing(self, other: _Item) -> float:
        """How many fields agree. The decision counts only if all others agree."""
        same = sum(bool(value == other._rest[name]) for name, value in self._rest.items())
        return same + (0.5 if self._rest == other._rest and self._outcome == other._outcome else 0.0)


def align_citations(gold: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> list[Pair]:
    """Pair the citations of one basis, as JSON has them, by what they cite: as many as there are on the shorter side.

    Returns:
        Pairs of indices, sorted.
    """
    from rapidfuzz.fuzz import ratio

    mine, theirs = ([json.dumps(citation, sort_keys=True) for citation in side] for side in (gold, other))

    def likeness(left: int, right: int) -> float:
        one, two = gold[left], other[right]
        same = sum(bool(value == two[name]) for name, value in one.items())
        # Always above 0. Among equal citations, those at the same index are paired.
        return 1 + same + ratio(normal_text(mine[left]), normal_text(theirs[right])) / 100 - _TIE * abs(left - right)

    return assign(mine, theirs, likeness, 0)
