"""One record against its gold: the outcome of every field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from imrllm.evals.alignment import Pair, align_citations, align_items, assign
from imrllm.evals.runs import Error
from imrllm.fields import BY_NAME, CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, SIDES, Field, Side

OUTCOMES = ("match", "wrong", "missed", "invented", "correctly_absent")
Fuzzy = Mapping[str, float]
_CASE_FIELDS = tuple(field for field in CASE_FIELDS if field.weight != "unscored")
_ITEM_FIELDS = tuple(field for field in ITEM_FIELDS if field.weight != "unscored")


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """One leaf field of a record, scored.

    Attributes:
        field: its name in `fields.FIELDS`, or `disputed_items` for an item as a whole.
        item: the gold's index of its disputed item; None outside of the items and in an invented item.
        path: its JSON Pointer in the gold, or in the record if the gold does not have it.
        at: its JSON Pointer in the record; None if the record does not have it.
        outcomes: the count of each of `OUTCOMES`: one for a value; for a list, one for each entry.
        gold: the true value.
        value: the record's value.
    """

    field: str
    item: int | None
    path: str
    at: str | None
    outcomes: Counter[str]
    gold: Any
    value: Any

    @property
    def exact(self) -> bool:
        """Whether it has no error."""
        return not (self.outcomes["wrong"] or self.outcomes["missed"] or self.outcomes["invented"])

    @property
    def is_core(self) -> bool:
        """Whether it counts for item-exact and document-exact: all count but those that take judgment."""
        return self.field == ITEMS or BY_NAME[self.field].weight != "prose"

    @property
    def is_critical_error(self) -> bool:
        """Whether an item was lost or invented, a decision flipped, or an amount not right.

        The values of an item that was lost or invented count once, with it.
        """
        if self.exact or self.field == ITEMS:
            return not self.exact
        return BY_NAME[self.field].weight == "critical" and self.item is not None and self.at is not None

    def error(self, document: str) -> Error:
        """The error as reports list it."""
        outcome = "+".join(name for name in ("wrong", "missed", "invented") if self.outcomes[name])
        return Error(
            document=document,
            path=self.path,
            field=self.field,
            outcome=outcome or "match",
            gold=self.gold,
            value=self.value,
        )


def score(gold: dict[str, Any], record: dict[str, Any] | None, fuzzy: Fuzzy | None = None) -> list[FieldOutcome]:
    """Score a record.

    Args:
        gold: the true record, as JSON has it.
        record: the record to score; None if the document failed, which misses every value of the gold.
        fuzzy: by text field, the least similarity (0 to 1) of two texts that count as the same.

    Returns:
        The leaves of the case, then those of the gold's disputed items in order, then those of invented items. A lost
        item has a leaf for each missed value, an invented item one for each invented value.
    """
    pairs = align_items(gold["disputed_items"], record["disputed_items"]) if record else []
    return list(_leaves(gold, record, pairs, fuzzy or {}))


def floor(gold: dict[str, Any]) -> list[FieldOutcome]:
    """Score a record that reads nothing of the gold, as JSON has it: every value absent, every decision upheld."""
    nothing = _absent(gold)
    for item in nothing["disputed_items"]:
        item["decision"] = "upheld"
    pairs = [(index, index) for index in range(len(gold["disputed_items"]))]
    return list(_leaves(gold, nothing, pairs, {}))


def _absent(value: Any) -> Any:
    """A record without its values. The disputed items and the bases stay."""
    if isinstance(value, dict):
        # A record cannot leave this value out.
        return {name: False if name == "retrospective" else _absent(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_absent(each) for each in value if isinstance(each, dict) and "heading" in each]
    return None


def _leaves(
    gold: dict[str, Any], record: dict[str, Any] | None, pairs: list[Pair], fuzzy: Fuzzy
) -> Iterator[FieldOutcome]:
    for field in _CASE_FIELDS:
        yield _leaf(field, None, field.pointer, field.pointer, field.read(gold), field.read(record or {}), fuzzy)
    found = dict(pairs)
    theirs = record[ITEMS] if record else []
    for index, item in enumerate(gold[ITEMS]):
        other = found.get(index)
        path = f"/{ITEMS}/{index}"
        whole = partial(FieldOutcome, ITEMS, index, path)
        if other is None:
            yield whole(None, Counter(missed=1), item["heading"], None)
            yield from _stated(_item(index, path, None, item, {}, {}))
        else:
            at = f"/{ITEMS}/{other}"
            yield whole(at, Counter(match=1), item["heading"], theirs[other]["heading"])
            yield from _item(index, path, at, item, theirs[other], fuzzy)
    for other in sorted(set(range(len(theirs))) - set(found.values())):
        at = f"/{ITEMS}/{other}"
        yield FieldOutcome(ITEMS, None, at, at, Counter(invented=1), None, theirs[other]["heading"])
        yield from _stated(_item(None, at, at, {}, theirs[other], {}))


def _item(
    index: int | None, path: str, at: str | None, gold: dict[str, Any], record: dict[str, Any], fuzzy: Fuzzy
) -> Iterator[FieldOutcome]:
    """The leaves of an item, which is {} on the side that lacks it."""
    for field in _ITEM_FIELDS:
        place = at and at + field.tail
        yield _leaf(field, index, path + field.tail, place, field.read(gold), field.read(record), fuzzy)
    for side in SIDES:
        cited, where = f"{path}/{side}/citations", at and f"{at}/{side}/citations"
        true, found = _citations(gold, side), _citations(record, side)
        pairs = align_citations(true, found)
        for one, two in pairs:
            yield from _citation(side, index, f"{cited}/{one}", f"{where}/{two}", true[one], found[two], fuzzy)
        for one in sorted(set(range(len(true))) - {pair[0] for pair in pairs}):
            # Of a citation that the record lacks, the place is the list that it is missing from.
            yield from _stated(_citation(side, index, f"{cited}/{one}", where, true[one], {}, fuzzy))
        for two in sorted(set(range(len(found))) - {pair[1] for pair in pairs}):
            pointer = f"{where}/{two}"
            yield from _stated(_citation(side, index, pointer, pointer, {}, found[two], fuzzy))


def _citation(
    side: Side, index: int | None, path: str, at: str | None, gold: dict[str, Any], record: dict[str, Any], fuzzy: Fuzzy
) -> Iterator[FieldOutcome]:
    for field in CITATION_FIELDS:
        if field.side == side:
            place = at + field.tail if at and record else at
            yield _leaf(field, index, path + field.tail, place, field.read(gold), field.read(record), fuzzy)


def _stated(leaves: Iterable[FieldOutcome]) -> Iterator[FieldOutcome]:
    """The leaves of an item or a citation that only one side has: an absent field is not a success there."""
    return (leaf for leaf in leaves if not leaf.outcomes["correctly_absent"])


def _citations(item: dict[str, Any], side: Side) -> list[dict[str, Any]]:
    basis = item.get(side)
    return list(basis["citations"]) if basis else []


def _leaf(
    field: Field, item: int | None, path: str, at: str | None, gold: Any, value: Any, fuzzy: Fuzzy
) -> FieldOutcome:
    least = fuzzy.get(field.name)
    outcomes = (
        _of_values(field, gold, value, least)
        if field.shape == "value"
        else _of_lists(field, list(gold or ()), list(value or ()), least)
    )
    return FieldOutcome(field.name, item, path, at, outcomes, gold, value)


def _of_values(field: Field, gold: Any, value: Any, least: float | None) -> Counter[str]:
    if gold is None or value is None:
        outcome = "correctly_absent" if gold is value else "invented" if gold is None else "missed"
    else:
        mine, theirs = field.normal(gold), field.normal(value)
        outcome = "match" if mine == theirs or _alike(mine, theirs, least) else "wrong"
    return Counter((outcome,))


def _of_lists(field: Field, gold: Sequence[Any], value: Sequence[Any], least: float | None) -> Counter[str]:
    """The outcomes of a list's entries. Unmatched entries of both sides are paired as wrong; the rest is one-sided."""
    if not gold and not value:
        return Counter(correctly_absent=1)
    mine, theirs = ([str(field.normal(each)) for each in side] for side in (gold, value))
    if least is not None:
        # Entries that count as the same get one name.
        for one, two in assign(mine, theirs, lambda one, two: _likeness(mine[one], theirs[two]), least):
            theirs[two] = mine[one]
    if field.shape == "set":
        matched = sum((Counter(mine) & Counter(theirs)).values())
    else:
        from rapidfuzz.distance import LCSseq

        matched = LCSseq.similarity(mine, theirs)
    wrong = min(len(mine), len(theirs)) - matched
    counts: Counter[str] = Counter(
        match=matched, wrong=wrong, missed=len(mine) - matched - wrong, invented=len(theirs) - matched - wrong
    )
    return +counts


def _alike(mine: Any, theirs: Any, least: float | None) -> bool:
    return least is not None and _likeness(str(mine), str(theirs)) >= least


def _likeness(mine: str, theirs: str) -> float:
    from rapidfuzz.fuzz import ratio

    return ratio(mine, theirs) / 100
