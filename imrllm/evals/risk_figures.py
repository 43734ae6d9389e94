"""Figures of flags and risks over the values of some letters, for the letters as they are or resampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from imrllm.evals.runs import CoveragePoint, DocumentScore, Estimate, LeafScore, RiskBin
from imrllm.evals.statistics import percentile_interval, rate, resamples
from imrllm.fields import ITEMS

# The error is binned as is usual, ten bins of equal width: M. P. Naeini and others, AAAI 2015; C. Guo and others, ICML
# 2017. A value at an edge is in the lower bin, as in scikit-learn's `calibration_curve`.
_BINS = 10


@dataclass(frozen=True, slots=True)
class Values:
    """Some values of final records, as arrays with an entry for each.

    Attributes:
        letters: number of letters that they are of.
        field: name of its field.
        letter: index of its letter.
        wrong: whether it is wrong.
        flagged: whether it is flagged for review.
        risk: its risk; NaN where it is not measured.
    """

    letters: int
    field: Any
    letter: Any
    wrong: Any
    flagged: Any
    risk: Any

    def counted(self, chosen: Any) -> Any:
        """How many of the chosen values each letter has."""
        import numpy as np

        return np.bincount(self.letter, weights=chosen, minlength=self.letters)

    def of(self, fields: Iterable[str]) -> Values:
        """Those of some fields."""
        import numpy as np

        return self._where(np.isin(self.field, list(fields)))

    def with_risk(self) -> Values:
        """Those whose risk is measured."""
        import numpy as np

        return self._where(~np.isnan(self.risk))

    def _where(self, chosen: Any) -> Values:
        entries = (self.field, self.letter, self.wrong, self.flagged, self.risk)
        return Values(self.letters, *(each[chosen] for each in entries))


def final_leaves(document: DocumentScore) -> Sequence[LeafScore]:
    """The leaves of a letter's final record."""
    return document.columns.get("resolved", ())


def values_of(documents: Sequence[DocumentScore]) -> Values:
    """The values of the final records of letters. An item as a whole is not one of them, nor what its loss left out."""
    import numpy as np

    found = [
        (leaf.field, index, not leaf.exact, leaf.flagged, np.nan if leaf.risk is None else leaf.risk)
        for index, document in enumerate(documents)
        for leaf in final_leaves(document)
        if not leaf.lost and leaf.field != ITEMS
    ]
    field, letter, wrong, flagged, risk = zip(*found, strict=True) if found else ((), (), (), (), ())
    return Values(
        len(documents),
        np.array(field, str),
        np.array(letter, int),
        np.array(wrong, bool),
        np.array(flagged, bool),
        np.array(risk, float),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the values of some letters.

    Attributes:
        letters: number of letters.
        telling: number of those without which there is no figure.
        of: the figure of each row of an array that says how often each letter counts; NaN where there is none.
    """

    letters: int
    telling: int
    of: Callable[[Any], Any]

    @property
    def value(self) -> float:
        """The figure of the letters as they are."""
        import numpy as np

        return float(self.of(np.ones((1, self.letters)))[0])


def difference_interval(one: Figure, other: Figure) -> tuple[float, float] | None:
    """The 95% interval of a second figure less a first, over the same letters; None if fewer than two letters tell."""
    if min(one.telling, other.telling) < 2:
        return None
    times = resamples(one.letters)
    return _interval(other.of(times) - one.of(times))


def estimate(figure: Figure | None) -> Estimate | None:
    """A figure with its interval."""
    if figure is None:
        return None
    low, high = _interval(figure.of(resamples(figure.letters))) if figure.telling > 1 else (None, None)
    return Estimate(value=figure.value, low=low, high=high)


def _interval(resampled: Any) -> tuple[float, float]:
    import numpy as np

    return percentile_interval(resampled[~np.isnan(resampled)])


def share(values: Values, chosen: Any, among: Any) -> Figure | None:
    """The share of chosen values among others."""
    right, of = values.counted(chosen & among), values.counted(among)
    if not of.any():
        return None
    return Figure(values.letters, int((of > 0).sum()), lambda times: _divided(times @ right, times @ of))


def ranking(values: Values) -> Figure | None:
    """The AUROC of the risk, as `sklearn.metrics.roc_auc_score` has it, but for all resamples at once.

    It is the probability that a wrong value has a higher risk than a right one, a tie counting half.
    """
    import numpy as np

    of_wrong, of_right = values.counted(values.wrong), values.counted(~values.wrong)
    if not (of_wrong.any() and of_right.any()):
        return None
    levels, level_of = np.unique(values.risk[values.wrong], return_inverse=True)
    wrong, beaten = np.zeros((values.letters, len(levels))), np.zeros((values.letters, len(levels)))
    np.add.at(wrong, (values.letter[values.wrong], level_of), 1)
    risks, letters = values.risk[~values.wrong], values.letter[~values.wrong]
    for column, level in enumerate(levels):
        won = (risks < level) + (risks == level) / 2
        beaten[:, column] = np.bincount(letters, weights=won, minlength=values.letters)

    def auroc(times: Any) -> Any:
        pairs = (times @ of_wrong) * (times @ of_right)
        return _divided(((times @ wrong) * (times @ beaten)).sum(axis=1), pairs)

    return Figure(values.letters, int((of_wrong > 0).sum()), auroc)


def calibration_error(values: Values) -> Figure | None:
    """The expected calibration error, for all resamples at once."""
    import numpy as np

    of = values.counted(values.wrong | True)
    if not of.any():
        return None
    excess = np.zeros((values.letters, _BINS))
    np.add.at(excess, (values.letter, _binned(values.risk)), values.wrong - values.risk)

    def error(times: Any) -> Any:
        return _divided(np.abs(times @ excess).sum(axis=1), times @ of)

    return Figure(values.letters, int((of > 0).sum()), error)


def _binned(risk: Any) -> Any:
    """The index of each risk's bin."""
    import numpy as np

    return np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], risk)


def _divided(counts: Any, of: Any) -> Any:
    """A quotient; NaN for a resample without what is divided by."""
    import numpy as np

    return np.divide(counts, of, out=np.full(np.shape(counts), np.nan), where=of > 0)


def risk_bins(values: Values) -> tuple[RiskBin, ...]:
    """The values by tenths of the range of their risk; a tenth without a value is left out."""
    at = _binned(values.risk)
    return tuple(
        RiskBin(
            values=int((at == each).sum()),
            risk=float(values.risk[at == each].mean()),
            wrong=float(values.wrong[at == each].mean()),
        )
        for each in range(_BINS)
        if (at == each).any()
    )


def coverage_curve(values: Values) -> tuple[CoveragePoint, ...]:
    """What is wrong among the values of the least risk, where at least a share of all is kept."""
    import numpy as np

    if not len(values.risk):
        return ()
    levels, level_of = np.unique(values.risk, return_inverse=True)
    kept = np.bincount(level_of).cumsum()
    wrong = np.bincount(level_of, weights=values.wrong).cumsum()
    points = []
    for percent in range(1, 101):
        # In whole numbers: a share of 0.07 times 100 values is more than 7 in floating point.
        place = int(np.searchsorted(kept * 100, percent * kept[-1]))
        points.append(
            CoveragePoint(
                coverage=percent / 100,
                risk=float(levels[place]),
                wrong=rate(int(wrong[place]), int(kept[place])),
            )
        )
    return tuple(points)
