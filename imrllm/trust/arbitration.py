"""Whose value a record takes where two readers differ, and which entries of their lists it holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import exp, lgamma, log, log1p

from imrllm.trust.folds import FOLDS
from imrllm.trust.risk import Kind, Signals, estimator
from imrllm.trust.tables import Agreement, Table

__all__ = ["Agreement", "Arbitration", "cross_validated_f1"]

# Gold overrules a cautious rule if it would show as much by chance less often than this.
_SIGNIFICANCE = 0.05
# So many entries of the average of the same readers are added to the counts of a situation: few seen say little.
_PRIOR = 8
# Who is believed without a table: what the grammar reads, and what words of the letter speak for.
_CAUTIOUS = frozenset({"both", "grammar", "words", "quote"})


class Arbitration:
    """Answers for one letter, from a table without the letter's own fold."""

    def __init__(self, table: Table | None = None, fold: int | None = None, review_above: float | None = None) -> None:
        """Prepare the answers.

        Args:
            table: what gold shows; None for cautious rules: typed values and lists from the grammar, grounds from
                words of the letter, the model's only with a quote that stands in the rationale.
            fold: the letter's fold, whose counts are left out; None leaves none out.
            review_above: the risk above which a person is asked to look; by default what the table states.
        """
        self.has_table = table is not None
        self._risks = table.risk if table else None
        self._risk = estimator(self._risks, fold or 0) if self._risks else None
        self._review_above = review_above
        self._preferred, self._overruled, self._shares = (
            _learned(table, fold) if table else (frozenset(), frozenset(), {})
        )

    def prefers_model(self, field: str, agreement: Agreement) -> bool:
        """Whether the record takes the model's value, or its omission, where the grammar reads otherwise.

        Args:
            field: the field's name in the registry.
            agreement: how the two differ.
        """
        return (field, agreement) in self._preferred

    def accepts(self, field: str, situation: str) -> bool:
        """Whether the record holds a list's entry.

        Args:
            field: the list field's name in the registry.
            situation: who gave the entry; for grounds, the ground and who gave it ("long_term_use|words+quote").
        """
        return _by_rule(situation) != ((field, situation) in self._overruled)

    def share_right(self, field: str, situation: str) -> float | None:
        """The share of right ones among gold's entries in a situation, 0 to 1; None if it was never seen."""
        return self._shares.get((field, situation))

    def risk(self, signals: Signals) -> float | None:
        """The probability that a value is wrong, 0 to 1; None if it is not measured."""
        return self._risk(signals) if self._risk else None

    def review_above(self, kind: Kind) -> float:
        """The risk above which a person is asked to look at a value."""
        if self._review_above is not None:
            return self._review_above
        return self._risks.review_above[kind] if self._risks else 1.0


Learned = tuple[frozenset[tuple[str, Agreement]], frozenset[tuple[str, str]], Mapping[tuple[str, str], float]]


@cache
def _learned(table: Table, fold: int | None) -> Learned:
    """Where the model is preferred, the situations whose cautious rule gold overrules, and the shares of right ones."""
    used = [index for index in range(FOLDS) if index != fold]

    def total(counts: tuple[int, ...]) -> int:
        return sum(counts[index] for index in used)

    preferred = frozenset(
        (name, agreement)
        for name, by_agreement in table.values.items()
        for agreement, counts in by_agreement.items()
        if _is_better(total(counts.model), total(counts.grammar))
    )
    overruled: set[tuple[str, str]] = set()
    shares: dict[tuple[str, str], float] = {}
    for name, counts in table.lists.items():
        seen = {situation: (total(each.seen), total(each.right)) for situation, each in counts.situations.items()}
        drawn = _drawn_shares(seen)
        bar = _half_of_best_f1(seen, drawn, total(counts.true))
        shares |= {(name, situation): share for situation, share in drawn.items()}
        for situation, (of, right) in seen.items():
            # How often chance would give a share so far on the other side of the bar.
            chance = _at_least(of - right, of, 1 - bar) if _by_rule(situation) else _at_least(right, of, bar)
            if of and chance <= _SIGNIFICANCE:
                overruled.add((name, situation))
    return preferred, frozenset(overruled), shares


def _by_rule(situation: str) -> bool:
    """Whether the cautious rule takes an entry: by the first of those who give it, whom no other makes surer."""
    return situation.rpartition("|")[2].partition("+")[0] in _CAUTIOUS


def _is_better(model: int, grammar: int) -> bool:
    """Whether the model is right more often, by a one-sided sign test over the values that one of the two has right."""
    return model > grammar and _at_least(model, model + grammar, 0.5) <= _SIGNIFICANCE


def _at_least(successes: int, of: int, share: float) -> float:
    """The probability of so many successes or more in independent trials with a share of successes, 0 to 1."""
    if successes <= 0 or not 0 < share < 1:
        return float(successes <= 0 or share >= 1)
    # In logarithms: the binomial coefficients of a thousand trials are beyond floating point.
    logs = (
        lgamma(of + 1) - lgamma(each + 1) - lgamma(of - each + 1) + each * log(share) + (of - each) * log1p(-share)
        for each in range(successes, of + 1)
    )
    return sum(map(exp, logs))


def _drawn_shares(seen: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """The share of right entries of each situation, drawn to the average of those that the same readers gave."""
    by_readers: dict[str, tuple[int, int]] = {}
    for situation, (of, right) in seen.items():
        before = by_readers.get(readers := situation.rpartition("|")[2], (0, 0))
        by_readers[readers] = (before[0] + of, before[1] + right)
    averages = {readers: (right + 1) / (of + 2) for readers, (of, right) in by_readers.items()}
    return {
        situation: (right + _PRIOR * averages[situation.rpartition("|")[2]]) / (of + _PRIOR)
        for situation, (of, right) in seen.items()
    }


def _half_of_best_f1(seen: Mapping[str, tuple[int, int]], shares: Mapping[str, float], true: int) -> float:
    """Half of the best F1 that a choice of situations gives: an entry raises F1 if its share of right ones is above it.

    Z. C. Lipton and others, ECML 2014. The situations with the highest shares are taken as long as F1 rises.
    """
    given = right = 0.0
    for situation in sorted(shares, key=lambda each: (-shares[each], each)):
        if given + true and shares[situation] <= right / (given + true):
            break
        given += seen[situation][0]
        right += seen[situation][0] * shares[situation]
    return right / (given + true) if given + true else 0.0


def cross_validated_f1(table: Table, field: str) -> float | None:
    """The F1 of a list's entries that the table's choices give, each fold by the other nine; None without entries."""
    counts = table.lists.get(field)
    if counts is None:
        return None
    given = right = 0
    for fold in range(FOLDS):
        arbitration = Arbitration(table, fold)
        for situation, entries in counts.situations.items():
            if arbitration.accepts(field, situation):
                given += entries.seen[fold]
                right += entries.right[fold]
    whole = given + sum(counts.true)
    return 2 * right / whole if whole else None
