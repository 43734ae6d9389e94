"""The figures of a report, from scored fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from imrllm.evals.runs import Column, ColumnScore, Error, FieldScore, Rate
from imrllm.evals.scoring import OUTCOMES, FieldOutcome, is_present
from imrllm.evals.statistics import wilson
from imrllm.fields import BY_NAME, CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS

ORDER = (
    *(field.name for field in CASE_FIELDS),
    ITEMS,
    *(field.name for field in (*ITEM_FIELDS, *CITATION_FIELDS)),
)


def rate(right: int, of: int) -> Rate:
    """A share with Wilson's interval."""
    bounds = wilson(right, of)
    low, high = bounds or (None, None)
    return Rate(right=right, of=of, rate=right / of if of else None, low=low, high=high)


def error(document: str, leaf: FieldOutcome) -> Error:
    """A leaf with an error, as reports list it."""
    outcome = "+".join(name for name in ("wrong", "missed", "invented") if leaf.outcomes[name])
    return Error(
        document=document,
        path=leaf.path,
        field=leaf.field,
        outcome=outcome or "match",
        gold=leaf.gold,
        value=leaf.value,
    )


def is_critical(leaf: FieldOutcome) -> bool:
    """Whether a leaf is a critical error: an item lost or invented, a decision flipped, an amount not right.

    The values of an item that was lost or invented count once, with it.
    """
    if leaf.exact:
        return False
    if leaf.field == ITEMS:
        return True
    return BY_NAME[leaf.field].weight == "critical" and leaf.item is not None and leaf.at is not None


def is_core(leaf: FieldOutcome) -> bool:
    """Whether a leaf counts for item-exact and document-exact: every leaf but those that take judgment."""
    return leaf.field == ITEMS or BY_NAME[leaf.field].weight != "prose"


def asked(leaves: Iterable[FieldOutcome], column: Column) -> list[FieldOutcome]:
    """The leaves that a column is scored on: a model is not scored on what it is not asked for."""
    if column != "model":
        return list(leaves)
    return [leaf for leaf in leaves if leaf.field != ITEMS and BY_NAME[leaf.field].is_asked]


def measure(documents: Mapping[str, Sequence[FieldOutcome]]) -> ColumnScore:
    """The scores of one column.

    Args:
        documents: the leaves of each letter.
    """
    leaves = [leaf for each in documents.values() for leaf in each]
    by_field: dict[str, list[FieldOutcome]] = {}
    for leaf in leaves:
        by_field.setdefault(leaf.field, []).append(leaf)
    fields = {name: _field(by_field[name]) for name in ORDER if name in by_field}
    items = [exact for each in documents.values() for exact in _items(each)]
    whole = [all(leaf.exact for leaf in each if is_core(leaf)) for each in documents.values()]
    f1s = [score.f1 for score in fields.values() if score.f1 is not None]
    return ColumnScore(
        fields=fields,
        leaves=rate(sum(leaf.exact for leaf in leaves), len(leaves)),
        item_exact=rate(sum(items), len(items)),
        document_exact=rate(sum(whole), len(whole)),
        micro_f1=_ratios(_counted(leaves))[2],
        macro_f1=sum(f1s) / len(f1s) if f1s else None,
        critical=tuple(error(name, leaf) for name, each in documents.items() for leaf in each if is_critical(leaf)),
    )


def _items(leaves: Sequence[FieldOutcome]) -> list[bool]:
    """Whether each disputed item of a letter, lost and invented ones included, is right."""
    exact: dict[str, bool] = {}
    for leaf in leaves:
        if leaf.item is None and not leaf.path.startswith(f"/{ITEMS}/"):
            continue
        # Of an invented item, whose index is the record's own.
        key = f"{leaf.item}" if leaf.item is not None else "/".join(leaf.path.split("/", 3)[:3])
        exact[key] = exact.get(key, True) and (leaf.exact or not is_core(leaf))
    return list(exact.values())


def _counted(leaves: Iterable[FieldOutcome]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for leaf in leaves:
        counts.update(leaf.outcomes)
    return counts


def _field(leaves: Sequence[FieldOutcome]) -> FieldScore:
    counts = _counted(leaves)
    precision, recall, f1 = _ratios(counts)
    return FieldScore(
        **{name: counts[name] for name in OUTCOMES},
        precision=precision,
        recall=recall,
        f1=f1,
        exact=rate(sum(leaf.exact for leaf in leaves), len(leaves)),
        support=sum(is_present(leaf.gold) for leaf in leaves),
    )


def _ratios(counts: Counter[str]) -> tuple[float | None, float | None, float | None]:
    """Precision, recall and F1; each None where there is nothing to divide by."""
    match, wrong = counts["match"], counts["wrong"]
    given, true = match + wrong + counts["invented"], match + wrong + counts["missed"]
    f1 = 2 * match / (given + true) if given + true else None
    return match / given if given else None, match / true if true else None, f1
