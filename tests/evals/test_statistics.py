"""Intervals and tests against published figures, and their symmetries to the last digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from imrllm.evals.statistics import mcnemar, paired_bootstrap, wilson


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3: Wilson's score interval.
        pytest.param(81, 263, 0.2553, 0.3662, id="Newcombe, 81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="Newcombe, 15 of 148"),
        pytest.param(0, 20, 0.0, 0.1611, id="Newcombe, 0 of 20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="Newcombe, 1 of 29"),
    ],
)
def test_wilson(right: int, of: int, low: float, high: float) -> None:
    assert wilson(right, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("of", [1, 2, 9, 94, 767, 5000])
def test_wilson_is_scipys_to_the_last_digit(of: int) -> None:
    for right in range(of + 1):
        interval = binomtest(right, of).proportion_ci(0.95, method="wilson")
        assert wilson(right, of) == (interval.low, interval.high)


def test_no_trial_no_interval() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        pytest.param(0, 0, 1.0, id="nothing discordant"),
        pytest.param(1, 0, 1.0, id="a single one shows nothing"),
        pytest.param(6, 0, 2 / 64, id="six heads of six"),
        pytest.param(5, 1, 14 / 64, id="five heads of six, or more, or as few"),
        pytest.param(4, 4, 1.0, id="even"),
    ],
)
def test_mcnemar(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(p)
    assert mcnemar(lost, gained) == mcnemar(gained, lost)


class TestPairedBootstrap:
    def test_no_difference_has_no_width(self) -> None:
        assert paired_bootstrap({"a": (0, 10), "b": (0, 4)}) == (0.0, 0.0)

    def test_one_letter_shows_nothing(self) -> None:
        assert paired_bootstrap({"a": (3, 10)}) is None
        assert paired_bootstrap({"a": (3, 10), "b": (0, 0)}) is None

    def test_one_letter_of_many_does_not_show_a_gain(self) -> None:
        """Forty values gained in one letter are one letter's gain."""
        low, high = paired_bootstrap({"a": (40, 40), **{f"b{number}": (0, 40) for number in range(9)}}) or (1, 1)
        assert low == 0.0
        assert high > 0.1

    def test_a_gain_in_every_letter_is_shown(self) -> None:
        low, _ = paired_bootstrap({f"a{number}": (2 + number % 3, 40) for number in range(12)}) or (0, 0)
        assert low > 0.05

    @given(
        st.dictionaries(
            st.sampled_from("abcdefgh"),
            st.tuples(st.integers(-5, 5), st.integers(5, 9)),
            min_size=2,
        )
    )
    def test_swapped_sides_mirror_it(self, differences: dict[str, tuple[int, int]]) -> None:
        low, high = paired_bootstrap(differences) or (0, 0)
        mirrored = paired_bootstrap({name: (-more, of) for name, (more, of) in differences.items()})
        assert mirrored == (-high, -low)
        assert paired_bootstrap(dict(reversed(differences.items()))) == (low, high)
