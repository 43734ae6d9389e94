"""How sure a value is: the risk that it is wrong, by a logistic model over a few signals that was fitted on gold.

The weights are data: `imrllm calibrate` fits them on letters with gold. A letter of the gold is judged by weights that
were learned without its fold, as in `imrllm.trust.tables`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from math import exp
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from imrllm.fields import Group
from imrllm.records import FrozenModel
from imrllm.trust.folds import FOLDS

# A kind of values has a risk only if it was fitted on so many and ranks wrong values better than this.
FEWEST_VALUES = 100
LEAST_AUROC = 0.55
# Beyond these log-odds a risk is 0 or 1 to every digit that is given.
_LARGEST = 30.0
# Risks are given to so many decimal places.
_PLACES = 4
# Typed values are copied; lists of prose and grounds take judgment.
Kind = Literal["typed", "prose"]
# For each fold, a weight that was learned without its letters.
Weights = Annotated[tuple[float, ...], Field(min_length=FOLDS, max_length=FOLDS)]


class Signals(NamedTuple):
    """What is at hand on one value that may tell whether it is wrong.

    Attributes:
        field: the field's name in the registry; `citations` for the list of a side's citations.
        group: the fields that it belongs to.
        names: the signals.
    """

    field: str
    group: Group
    names: frozenset[str]

    @property
    def kind(self) -> Kind:
        """Whether the field is typed, or takes judgment."""
        return kind_of(self.group)

    @property
    def terms(self) -> tuple[str, ...]:
        """The names of the weights that apply: of the field, of each signal, and of each signal in the group."""
        named = sorted(self.names)
        return ("any value", self.field, *named, *(f"{self.group}: {name}" for name in named))


def kind_of(group: Group) -> Kind:
    """Whether the fields of a group are typed, or take judgment."""
    return "prose" if group in ("lists", "grounds") else "typed"


class Unflagged(FrozenModel):
    """The typed values that no one would have been asked to look at, in gold letters of one form.

    Each letter is judged by the others.
    """

    letters: int
    letters_wrong: int = Field(description="Letters that hold at least one such wrong value")
    values: int
    wrong: int


class RiskModel(FrozenModel):
    """A logistic model: the sum of the weights of a value's terms is the log-odds that the value is wrong."""

    weights: dict[str, Weights] = Field(description="By term")
    values: int = Field(description="Values of gold that it was fitted on")
    wrong: int = Field(description="Of these, the wrong ones")
    variant_values: int = Field(description="Values of variants of gold letters that it was fitted on too")
    variant_wrong: int = Field(description="Of these, the wrong ones")
    auroc: dict[Kind, float | None] = Field(
        description="How well the risk ranks wrong values before right ones, each letter judged by the others: 0.5 is "
        "chance, 1 perfect; null for fewer than 100 values or without a wrong one"
    )
    unmeasured: tuple[Kind, ...] = Field(
        description="Values whose risk would mean nothing, since it ranks no better than an AUROC of 0.55"
    )
    review_above: dict[Kind, float] = Field(description="The risk above which a person is asked to look")
    unflagged: dict[str, Unflagged] = Field(
        description="By form of the letter; from letters that the grammar was not developed on"
    )

    def __hash__(self) -> int:
        """By identity: what is prepared of a model is kept as long as the model."""
        return id(self)


@lru_cache(maxsize=64)
def _weights(model: RiskModel, fold: int) -> Mapping[str, float]:
    return {term: weights[fold] for term, weights in model.weights.items()}


@lru_cache(maxsize=64)
def estimator(model: RiskModel, fold: int) -> Callable[[Signals], float | None]:
    """`estimate` for a letter's values. Letters have most values with the same signals: the answers are remembered."""
    return lru_cache(maxsize=1024)(partial(estimate, model, fold))


def estimate(model: RiskModel, fold: int, signals: Signals) -> float | None:
    """The risk of a value of a letter.

    Args:
        model: the fitted model.
        fold: the letter's fold, 0 to 9.
        signals: what is at hand on the value.

    Returns:
        The probability that it is wrong, 0 to 1; None for a kind of values that is not measured.
    """
    if signals.kind in model.unmeasured:
        return None
    weights = _weights(model, fold)
    score = sum(weights.get(term, 0.0) for term in signals.terms)
    return round(1 / (1 + exp(-max(-_LARGEST, min(_LARGEST, score)))), _PLACES)
