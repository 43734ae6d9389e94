"""Which values a person is asked to look at: by their measured risk, and always where the letter contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imrllm import pointers
from imrllm.fields import field_at
from imrllm.records import Check, Determination
from imrllm.spans import SourceSpan
from imrllm.trust import Arbitration, Signals


def assessed(
    checks: Sequence[Check],
    signals: Mapping[str, Signals],
    arbitration: Arbitration,
    record: Determination,
    evidence: Mapping[str, Sequence[SourceSpan]],
) -> tuple[dict[str, float], tuple[Check, ...]]:
    """The risk of each value, and the checks with their risk and whether a person is asked to look.

    Args:
        checks: the checks so far. One that says `review` keeps it whatever the risk.
        signals: by JSON Pointer, the signals on each value.
        arbitration: what gold shows of the risk of such values.
        record: the record.
        evidence: by pointer, the spans that support a value.

    Returns:
        By pointer, the risks that are measured; and the checks, with a new one, `confirmed`, for each value whose risk
        alone asks for a look.
    """
    risks = {at: risk for at, each in signals.items() if (risk := arbitration.risk(each)) is not None}
    found = [_with_risk(check, signals, risks, arbitration) for check in checks]
    looked_at = {_field_pointer(check.pointer) for check in found if check.review}
    return risks, (*found, *_by_risk_alone(signals, risks, arbitration, looked_at, record, evidence))


def _with_risk(
    check: Check, signals: Mapping[str, Signals], risks: Mapping[str, float], arbitration: Arbitration
) -> Check:
    at = _field_pointer(check.pointer)
    risk = check.risk if check.risk is not None else risks.get(at)
    review = check.review
    if risk is None or at not in signals:
        # Nothing is measured: a person is asked where two readers differ.
        review = review or check.status != "confirmed"
    else:
        review = review or risk > arbitration.review_above(signals[at].kind)
    if (risk, review) == (check.risk, check.review):
        return check
    return check.model_copy(update={"risk": risk, "review": review})


def _by_risk_alone(
    signals: Mapping[str, Signals],
    risks: Mapping[str, float],
    arbitration: Arbitration,
    looked_at: set[str],
    record: Determination,
    evidence: Mapping[str, Sequence[SourceSpan]],
) -> Iterator[Check]:
    doubtful = [
        at for at, risk in risks.items() if at not in looked_at and risk > arbitration.review_above(signals[at].kind)
    ]
    values = record.model_dump(mode="json") if doubtful else {}
    for at in doubtful:
        spans = evidence.get(at) or next((each for place, each in evidence.items() if place.startswith(f"{at}/")), None)
        yield Check(
            pointer=at,
            status="confirmed",
            model_value=None,
            source_value=pointers.find(values, at),
            span=spans[0] if spans else None,
            risk=risks[at],
            review=True,
        )


def _field_pointer(pointer: str) -> str:
    """The pointer of the field that a check is of: of a list's entry, the list's."""
    field = field_at(pointer)
    whole = pointers.parent(pointer)
    return whole if field and field.shape != "value" and pointers.is_entry(pointer, whole) else pointer
