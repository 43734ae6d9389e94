"""The scores of trust: what is flagged for review, what is wrong in spite of that, and how well the risk ranks."""

from __future__ import annotations

from collections.abc import Sequence

from imrllm.evals.risk_figures import (
    Figure,
    Values,
    calibration_error,
    coverage_curve,
    difference_interval,
    estimate,
    final_leaves,
    ranking,
    risk_bins,
    share,
    values_of,
)
from imrllm.evals.runs import DocumentScore, KindTrust, Trust, TrustDifference, TrustKind, TrustMetric, TrustScore
from imrllm.evals.statistics import better_side, rate
from imrllm.fields import BY_NAME, ITEMS
from imrllm.trust.bounds import upper_bound
from imrllm.trust.risk import kind_of

KINDS: tuple[TrustKind, ...] = ("typed", "prose", "all")
UNKNOWN_FORM = "unknown"


def measure_trust(documents: Sequence[DocumentScore]) -> Trust:
    """The scores of trust of the final records.

    Args:
        documents: the letters' scores with their leaves in the column `resolved`.

    Returns:
        The scores over the values that the records have: a missing item has no values, a missing citation has one for
        each field of gold's. A letter without a record is left out.
    """
    held = [document for document in documents if _has_record(document)]
    values = values_of(held)
    kinds = _kinds(held, values)
    by_form: dict[str, list[DocumentScore]] = {}
    for document in held:
        by_form.setdefault(document.form or UNKNOWN_FORM, []).append(document)
    return Trust(
        kinds=kinds,
        fields={name: _score(values.of((name,))) for name in dict.fromkeys(values.field)},
        forms={
            form: kinds if len(by_form) == 1 else _kinds(each, values_of(each))
            for form, each in sorted(by_form.items())
        },
    )


def compare_trust(
    one: Sequence[DocumentScore], other: Sequence[DocumentScore]
) -> dict[TrustKind, dict[TrustMetric, TrustDifference]]:
    """The scores of trust of two runs over the same letters, side by side, paired by letter.

    Args:
        one: the letters' scores in the first run.
        other: those of the same letters, in the same order, in the second.

    Returns:
        By kind of values and measure, where both runs have a figure. Letters without a record in a run are left out.
        Swapping the runs negates each difference, mirrors its interval, and changes nothing else.
    """
    pairs = [each for each in zip(one, other, strict=True) if all(map(_has_record, each))]
    mine, theirs = (values_of([pair[side] for pair in pairs]) for side in range(2))
    found: dict[TrustKind, dict[TrustMetric, TrustDifference]] = {}
    for kind in KINDS:
        figures = [_figures(values.of(_fields_of(kind))) for values in (mine, theirs)]
        for metric in figures[0]:
            a, b = (each[metric] for each in figures)
            if a and b:
                bounds = difference_interval(a, b)
                low, high = bounds or (None, None)
                found.setdefault(kind, {})[metric] = TrustDifference(
                    a=a.value, b=b.value, difference=b.value - a.value, low=low, high=high, higher=better_side(bounds)
                )
    return found


def _figures(values: Values) -> dict[TrustMetric, Figure | None]:
    return {
        "flagged": share(values, values.flagged, values.wrong | True),
        "flag_recall": share(values, values.flagged, values.wrong),
        "auroc": ranking(values.with_risk()),
    }


def is_of_kind(field: str, kind: TrustKind) -> bool:
    """Whether a field is of a kind; the disputed items as a whole are typed."""
    own = "typed" if field == ITEMS else kind_of(BY_NAME[field].group)
    return kind in ("all", own)


def _has_record(document: DocumentScore) -> bool:
    return any(not leaf.lost for leaf in final_leaves(document))


def _kinds(documents: Sequence[DocumentScore], values: Values) -> dict[TrustKind, KindTrust]:
    return {kind: _of_kind(documents, values.of(_fields_of(kind)), kind) for kind in KINDS}


def _fields_of(kind: TrustKind) -> list[str]:
    return [name for name in BY_NAME if is_of_kind(name, kind)]


def _of_kind(documents: Sequence[DocumentScore], values: Values, kind: TrustKind) -> KindTrust:
    ok = [_has_error(document, kind) for document in documents if not _is_flagged(document, kind)]
    known = values.with_risk()
    return KindTrust(
        **dict(_score(values)),
        ok_letters=rate(len(ok), len(documents)),
        wrong_ok=rate(sum(ok), len(ok)),
        wrong_ok_bound=upper_bound(sum(ok), len(ok)),
        curve=coverage_curve(known),
        bins=risk_bins(known),
    )


def _is_flagged(document: DocumentScore, kind: TrustKind) -> bool:
    """Whether a person is asked to look at a letter for values of a kind, for an item, or for a missing answer."""
    own = (leaf.flagged for leaf in final_leaves(document) if is_of_kind(leaf.field, kind))
    return document.error is not None or any(own)


def _has_error(document: DocumentScore, kind: TrustKind) -> bool:
    """Whether a letter's record has a wrong value of a kind, or lacks one with its item."""
    return any(not leaf.exact and is_of_kind(leaf.field, kind) for leaf in final_leaves(document))


def _score(values: Values) -> TrustScore:
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
        auroc=estimate(ranking(known)),
        calibration_error=estimate(calibration_error(known)),
    )
