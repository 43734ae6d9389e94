"""The statistics of scores: intervals of shares, and of differences between two runs over the same letters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from imrllm.evals.runs import Rate

# Resamples of a bootstrap, and the seed that makes the interval reproducible.
RESAMPLES = 5000
# Of the many figures of trust.
FEWER_RESAMPLES = 1000
_SEED = 20130101
_CONFIDENCE = 0.95
# The normal distribution's quantile of that interval.
_Z = 1.959963984540054


@lru_cache(maxsize=4096)
def wilson(right: int, of: int) -> tuple[float, float] | None:
    """Wilson's 95% interval of a share (E. B. Wilson, JASA 22, 1927).

    Args:
        right: successes.
        of: trials.

    Returns:
        Its bounds, 0 to 1; None without a trial.
    """
    if not of:
        return None
    # The closed form, step by step as scipy has it, so that pages need no scipy and figures stay the same to the digit.
    share = right / of
    whole = 2 * (of + _Z**2)
    center = (2 * of * share + _Z**2) / whole
    reach = _Z / whole * math.sqrt(4 * of * share * (1 - share) + _Z**2)
    return (center - reach if right else 0.0), (center + reach if right < of else 1.0)


def rate(right: int, of: int) -> Rate:
    """A share with Wilson's interval."""
    low, high = wilson(right, of) or (None, None)
    return Rate(right=right, of=of, rate=right / of if of else None, low=low, high=high)


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p of McNemar's test: that gains and losses are a fair coin's (Q. McNemar, 1947).

    Args:
        gained: pairs that only the second of two runs has right.
        lost: pairs that only the first has right.

    Returns:
        p, 1 where no pair is discordant; the same for the runs swapped.
    """
    if not gained + lost:
        return 1.0
    from scipy.stats import binomtest

    # The smaller count: the two tails differ in their last digit.
    return float(binomtest(min(gained, lost), gained + lost).pvalue)


def paired_bootstrap(differences: Mapping[str, tuple[int, int]]) -> tuple[float, float] | None:
    """The 95% percentile interval of a difference of shares. Whole letters are resampled: their values are correlated.

    Args:
        differences: by document, the second run's right values minus the first's, and the number of values compared.

    Returns:
        Its bounds, -1 to 1; None for fewer than two documents. Swapping the runs negates and swaps the bounds, exact
        to the last digit.
    """
    documents = [differences[name] for name in sorted(differences) if differences[name][1]]
    if len(documents) < 2:
        return None
    import numpy as np
    from scipy.stats import bootstrap

    def share(right: Any, of: Any, axis: int) -> Any:
        return np.asarray(right.sum(axis=axis) / of.sum(axis=axis))

    columns: Sequence[Any] = tuple(np.array(column) for column in zip(*documents, strict=True))
    found = bootstrap(
        columns, share, paired=True, vectorized=True, n_resamples=RESAMPLES, method="percentile", rng=_SEED
    ).bootstrap_distribution
    return percentile_interval(found)


@lru_cache(maxsize=64)
def resamples(letters: int) -> Any:
    """How often each letter is drawn in each resample of a bootstrap over letters.

    Args:
        letters: number of letters, at least one.

    Returns:
        An array of `FEWER_RESAMPLES` rows and a column for each letter; each row adds up to the number of letters.
    """
    import numpy as np

    drawn = np.random.default_rng(_SEED).multinomial(letters, np.full(letters, 1 / letters), size=FEWER_RESAMPLES)
    return drawn.astype(float)


def percentile_interval(resampled: Any) -> tuple[float, float]:
    """The 95% percentile interval of a bootstrap's figures, an array without NaN. Negated figures negate the bounds."""
    import numpy as np

    tail = (1 - _CONFIDENCE) / 2
    # Each bound is computed as a lower bound: the interpolated values are then exact mirror images.
    return float(np.quantile(resampled, tail)), -float(np.quantile(-resampled, tail))


def better_side(bounds: tuple[float, float] | None) -> Literal["a", "b"] | None:
    """The side that is better by the interval of b minus a; None if it includes zero or there is no interval."""
    if bounds is None or bounds[0] <= 0 <= bounds[1]:
        return None
    return "b" if bounds[0] > 0 else "a"
