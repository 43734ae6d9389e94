"""The bound of a share against scipy's, and against the counts that the rule of three is made of."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from imrllm.trust.bounds import upper_bound


@pytest.mark.parametrize(
    ("wrong", "of", "bound"),
    [
        pytest.param(0, 60, 0.0487, id="sixty letters without an error"),
        pytest.param(0, 59, 0.0495, id="the least number for 5%"),
        pytest.param(0, 299, 0.00997, id="the least number for 1%"),
        pytest.param(0, 2995, 0.0009998, id="the least number for 0.1%"),
        pytest.param(0, 1, 0.95, id="one letter says little"),
        pytest.param(3, 3, 1.0, id="all wrong"),
    ],
)
def test_known_bounds(wrong: int, of: int, bound: float) -> None:
    assert upper_bound(wrong, of) == pytest.approx(bound, rel=2e-3)


@pytest.mark.parametrize("of", [1, 2, 7, 60, 299, 5000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_it_is_the_quantile_of_the_beta_distribution(of: int, confidence: float) -> None:
    for wrong in {0, 1, 2, of // 3, of - 1}:
        if wrong < of:
            assert upper_bound(wrong, of, confidence) == pytest.approx(beta.ppf(confidence, wrong + 1, of - wrong))


def test_more_wrong_or_fewer_letters_bound_less() -> None:
    bounds = [upper_bound(wrong, 60) or 0 for wrong in range(61)]
    assert bounds == sorted(bounds)
    assert (upper_bound(1, 100) or 0) < (upper_bound(1, 50) or 0)


def test_no_letter_no_bound() -> None:
    assert upper_bound(0, 0) is None
