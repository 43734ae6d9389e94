"""The scores of trust: what is flagged for review, what is wrong in spite of that, and how well the risk ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from imrllm.evals.runs import (
    CoveragePoint,
    DocumentScore,
    Estimate,
    KindTrust,
    LeafScore,
    RiskBin,
    Trust,
    TrustKind,
    TrustScore,
)
from imrllm.evals.statistics import percentile_interval, rate, resamples
from imrllm.fields import BY_NAME, ITEMS
from imrllm.trust.bounds import upper_bound
from imrllm.trust.risk import kind_of

KINDS: tuple[TrustKind, ...] = ("typed", "prose", "all")
UNKNOWN_FORM = "unknown"
# The error is binned as is usual, ten bins of equal width: M. P. Naeini and others, AAAI 2015; C. Guo and others, ICML
# 2017. A value at an edge is in the lower bin, as in scikit-learn's `calibration_curve`.
_BINS = 10


def measure_trust(documents: Sequence[DocumentScore]) -> Trust:
    """The scores of trust of the final records.

    Args:
        documents: the letters' scores with their leaves in the column `resolved`.

    Returns:
        The scores over the values that the records have: a missing item has no values, a missing citation has one for
        each field of gold's. A letter without a record is left out.
    """
    held = [document for document in documents if any(not leaf.lost for leaf in _leaves(document))]
    values = _values(held)
    kinds = _kinds(held, values)
    by_form: dict[str, list[DocumentScore]] = {}
    for document in held:
        by_form.setdefault(document.form or UNKNOWN_FORM, []).append(document)
    return Trust(
        kinds=kinds,
        fields={name: _score(values.of((name,))) for name in dict.fromkeys(values.field)},
        forms={
            form: kinds if len(by_form) == 1 else _kinds(each, _values(each)) for form, each in sorted(by_form.items())
        },
    )


def is_of_kind(field: str, kind: TrustKind) -> bool:
    """Whether a field is of a kind; the disputed items as a whole are typed."""
    own = "typed" if field == ITEMS else kind_of(BY_NAME[field].group)
    return kind in ("all", own)


def _leaves(document: DocumentScore) -> Sequence[LeafScore]:
    return document.columns.get("resolved", ())


def _is_value(leaf: LeafScore) -> bool:
    """Whether a leaf is a value that the record has. An item as a whole is not: its values are."""
    return not leaf.lost and leaf.field != ITEMS


@dataclass(frozen=True, slots=True)
class _Values:
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

    def of(self, fields: Iterable[str]) -> _Values:
        """Those of some fields."""
        import numpy as np

        return self._where(np.isin(self.field, list(fields)))

    def with_risk(self) -> _Values:
        """Those whose risk is measured."""
        import numpy as np

        return self._where(~np.isnan(self.risk))

    def _where(self, chosen: Any) -> _Values:
        entries = (self.field, self.letter, self.wrong, self.flagged, self.risk)
        return _Values(self.letters, *(each[chosen] for each in entries))


def _values(documents: Sequence[DocumentScore]) -> _Values:
    import numpy as np

    found = [
        (leaf.field, index, not leaf.exact, leaf.flagged, np.nan if leaf.risk is None else leaf.risk)
        for index, document in enumerate(documents)
        for leaf in _leaves(document)
        if _is_value(leaf)
    ]
    field, letter, wrong, flagged, risk = zip(*found, strict=True) if found else ((), (), (), (), ())
    return _Values(
        len(documents),
        np.array(field, str),
        np.array(letter, int),
        np.array(wrong, bool),
        np.array(flagged, bool),
        np.array(risk, float),
    )


def _kinds(documents: Sequence[DocumentScore], values: _Values) -> dict[TrustKind, KindTrust]:
    return {kind: _of_kind(documents, values.of(_fields_of(kind)), kind) for kind in KINDS}


def _fields_of(kind: TrustKind) -> list[str]:
    return [name for name in BY_NAME if is_of_kind(name, kind)]


def _of_kind(documents: Sequence[DocumentScore], values: _Values, kind: TrustKind) -> KindTrust:
    ok = [_has_error(document, kind) for document in documents if not _is_flagged(document, kind)]
    known = values.with_risk()
    return KindTrust(
        **dict(_score(values)),
        ok_letters=rate(len(ok), len(documents)),
        wrong_ok=rate(sum(ok), len(ok)),
        wrong_ok_bound=upper_bound(sum(ok), len(ok)),
        curve=_curve(known),
        bins=_bins(known),
    )


def _is_flagged(document: DocumentScore, kind: TrustKind) -> bool:
    """Whether a person is asked to look at a letter for values of a kind, for an item, or for a missing answer."""
    own = (leaf.flagged for leaf in _leaves(document) if is_of_kind(leaf.field, kind))
    return document.error is not None or any(own)


def _has_error(document: DocumentScore, kind: TrustKind) -> bool:
    """Whether a letter's record has a wrong value of a kind, or lacks one with its item."""
    return any(not leaf.exact and is_of_kind(leaf.field, kind) for leaf in _leaves(document))


def _score(values: _Values) -> TrustScore:
    wrong, flagged = values.wrong, values.flagged
    caught, asked, of = int((wrong & flagged).sum()), int(flagged.sum()), len(wrong)
    letters = int((values.counted(wrong | True) > 0).sum())
    known = values.with_risk()
    return TrustScore(
        letters=letters,
        values=of,
        flagged=rate(asked, of),
        flags_per_letter=asked / letters if letters else None,
        recall=rate(caught, int(wrong.sum())),
        precision=rate(caught, asked),
        unflagged_wrong=rate(int(wrong.sum()) - caught, of - asked),
        measured=len(known.risk),
        auroc=_estimate(_ranking(known)),
        calibration_error=_estimate(_calibration(known)),
    )


@dataclass(frozen=True, slots=True)
class _Figure:
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
        import numpy as np

        return float(self.of(np.ones((1, self.letters)))[0])


def _estimate(figure: _Figure | None) -> Estimate | None:
    if figure is None:
        return None
    low, high = _interval(figure.of(resamples(figure.letters))) if figure.telling > 1 else (None, None)
    return Estimate(value=figure.value, low=low, high=high)


def _interval(resampled: Any) -> tuple[float, float]:
    import numpy as np

    return percentile_interval(resampled[~np.isnan(resampled)])


def _share(values: _Values, chosen: Any, among: Any) -> _Figure | None:
    """The share of chosen values among others."""
    right, of = values.counted(chosen & among), values.counted(among)
    return (
        _Figure(values.letters, int((of > 0).sum()), lambda times: _divided(times @ right, times @ of))
        if of.any()
        else None
    )


def _ranking(values: _Values) -> _Figure | None:
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

    return _Figure(values.letters, int((of_wrong > 0).sum()), auroc)


def _calibration(values: _Values) -> _Figure | None:
    """The expected calibration error, for all resamples at once."""
    import numpy as np

    of = values.counted(values.wrong | True)
    if not of.any():
        return None
    excess = np.zeros((values.letters, _BINS))
    np.add.at(excess, (values.letter, _binned(values.risk)), values.wrong - values.risk)

    def error(times: Any) -> Any:
        return _divided(np.abs(times @ excess).sum(axis=1), times @ of)

    return _Figure(values.letters, int((of > 0).sum()), error)


def _binned(risk: Any) -> Any:
    """The index of each risk's bin."""
    import numpy as np

    return np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], risk)


def _divided(counts: Any, of: Any) -> Any:
    """A quotient; NaN for a resample without what is divided by."""
    import numpy as np

    return np.divide(counts, of, out=np.full(np.shape(counts), np.nan), where=of > 0)


def _bins(values: _Values) -> tuple[RiskBin, ...]:
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


def _curve(values: _Values) -> tuple[CoveragePoint, ...]:
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
