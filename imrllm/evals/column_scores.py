"""The scores of one column (the model alone, the grammar alone, the resolved records) over a suite's letters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from imrllm import pointers
from imrllm.evals.outcomes import OUTCOMES, FieldOutcome
from imrllm.evals.runs import Column, ColumnScore, FieldScore
from imrllm.evals.statistics import rate
from imrllm.fields import BY_NAME, CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, is_present

# The names of the scored fields as reports list them.
ORDER = (*(field.name for field in CASE_FIELDS), ITEMS, *(field.name for field in (*ITEM_FIELDS, *CITATION_FIELDS)))


def asked(
    leaves: Iterable[FieldOutcome], column: Column, pointers_asked: frozenset[str] | None = None
) -> list[FieldOutcome]:
    """The leaves that a column is scored on: a model is scored on what it was asked for.

    Args:
        leaves: those of one letter.
        column: the column.
        pointers_asked: JSON Pointers in the record of what the model was asked for, or of what holds it; None for all
            that a model can be asked for.
    """
    if column != "model":
        return list(leaves)
    known = (leaf for leaf in leaves if leaf.field != ITEMS and BY_NAME[leaf.field].is_asked)
    return [leaf for leaf in known if pointers_asked is None or _is_within(leaf.at or leaf.path, pointers_asked)]


def _is_within(pointer: str, holders: frozenset[str]) -> bool:
    while pointer and pointer not in holders:
        pointer = pointers.parent(pointer)
    return bool(pointer)


def measure(documents: Mapping[str, Sequence[FieldOutcome]]) -> ColumnScore:
    """The scores of one column, from the leaves of each letter."""
    leaves = [leaf for each in documents.values() for leaf in each]
    by_field: dict[str, list[FieldOutcome]] = {}
    for leaf in leaves:
        by_field.setdefault(leaf.field, []).append(leaf)
    fields = {name: _field(by_field[name]) for name in ORDER if name in by_field}
    items = [exact for each in documents.values() for exact in _items(each)]
    # A model that was asked for nothing that counts has no exact letters, and no letters that are not.
    core = [[leaf.exact for leaf in each if leaf.is_core] for each in documents.values()]
    whole = [all(each) for each in core if each]
    f1s = [score.f1 for score in fields.values() if score.f1 is not None]
    return ColumnScore(
        fields=fields,
        leaves=rate(sum(leaf.exact for leaf in leaves), len(leaves)),
        item_exact=rate(sum(items), len(items)),
        document_exact=rate(sum(whole), len(whole)),
        micro_f1=_ratios(_counted(leaves))[2],
        macro_f1=sum(f1s) / len(f1s) if f1s else None,
        critical=tuple(leaf.error(name) for name, each in documents.items() for leaf in each if leaf.is_critical_error),
    )


def _items(leaves: Sequence[FieldOutcome]) -> list[bool]:
    """Whether each disputed item of a letter, lost and invented ones included, is right in the leaves that count."""
    exact: dict[str, bool] = {}
    for leaf in leaves:
        if not leaf.is_core or (leaf.item is None and not leaf.path.startswith(f"/{ITEMS}/")):
            continue
        # Of an invented item, the index is the record's own.
        key = f"{leaf.item}" if leaf.item is not None else pointers.join(pointers.split(leaf.path)[:2])
        exact[key] = exact.get(key, True) and leaf.exact
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
    """Precision, recall and F1; None for each with a zero denominator."""
    match, wrong = counts["match"], counts["wrong"]
    given, true = match + wrong + counts["invented"], match + wrong + counts["missed"]
    f1 = 2 * match / (given + true) if given + true else None
    return match / given if given else None, match / true if true else None, f1
