"""Tables of counts for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imrllm.trust import FOLDS, EntryCounts, ListCounts, RiskModel, Table, ValueCounts, grammar_sha256
from imrllm.trust.tables import ByFold

# So many entries of the average of the same readers are added to a situation's own.
PRIOR = 8


def by_fold(count: int | Sequence[int], fold: int = 0) -> ByFold:
    """A count in one fold, or counts fold by fold."""
    if isinstance(count, int):
        return tuple(count if index == fold else 0 for index in range(FOLDS))
    return (*count, *[0] * (FOLDS - len(count)))


def values(seen: Any, model: Any, grammar: Any) -> ValueCounts:
    return ValueCounts(seen=by_fold(seen), model=by_fold(model), grammar=by_fold(grammar))


def entries(true: Any, **situations: tuple[Any, Any]) -> ListCounts:
    """A list's counts; each situation has entries seen and entries right."""
    return listed(true, situations)


def listed(true: Any, situations: Mapping[str, tuple[Any, Any]]) -> ListCounts:
    return ListCounts(
        true=by_fold(true),
        situations={
            name: EntryCounts(seen=by_fold(seen), right=by_fold(right)) for name, (seen, right) in situations.items()
        },
    )


def table(**changes: Any) -> Table:
    """A table without counts."""
    return Table.model_validate(
        {
            "version": 2,
            "model": "local",
            "prompt": "v5",
            "prompt_sha256": "a" * 64,
            "grammar_sha256": grammar_sha256(),
            "gold": {"written": "c" * 64},
            "suites": {"written": 2},
            "values": {},
            "lists": {},
            **changes,
        }
    )


def risk_model(weights: Mapping[str, float | Sequence[float]], **changes: Any) -> RiskModel:
    """A model of risk; a term has one weight for all folds, or a weight for each."""
    return RiskModel.model_validate(
        {
            "weights": {term: [each] * FOLDS if isinstance(each, float) else each for term, each in weights.items()},
            "values": 900,
            "wrong": 90,
            "variant_values": 0,
            "variant_wrong": 0,
            "auroc": {"typed": 0.9, "prose": 0.8},
            "unmeasured": [],
            "review_above": {"typed": 0.5, "prose": 0.5},
            "unflagged": {},
            **changes,
        }
    )
