"""Gates: whether a run meets the thresholds of the suite and of the command line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from imrllm.errors import UsageError
from imrllm.evals.runs import ColumnScore, CrossCheckScore, Error, Gate, Trust
from imrllm.fields import BY_NAME, ITEMS, named
from imrllm.suites import Allowed

# Counts of errors must not exceed their limit; shares must reach it, but those that count against a run must not exceed
# theirs either.
MODEL_COUNTS = ("worse_fields", "collapsed_grounds")
COUNTS = ("critical", "silent", *MODEL_COUNTS)
# Of typed fields.
FLAG_METRICS = ("flagged", "flag_recall", "flag_precision", "ok_letters", "wrong_ok")
# Of all fields.
RISK_METRICS = ("auroc", "calibration_error")
METRICS = (
    "item_exact",
    "document_exact",
    "micro_f1",
    "macro_f1",
    "caught",
    "corruptions",
    *FLAG_METRICS,
    *RISK_METRICS,
)
_OF_CHECKS = ("caught", "corruptions")
_NO_CHECKS = "not every row carries checks or has its letter here"
AT_MOST = ("flagged", "wrong_ok", "calibration_error")


def parse_thresholds(given: Sequence[str]) -> dict[str, float]:
    """Read `--fail-under` values.

    Args:
        given: each `NAME=NUMBER`; a name is a metric, a field, or the last part of a field's name.

    Raises:
        UsageError: a value is malformed, or names nothing that is measured.
    """
    thresholds = {}
    for each in given:
        name, _, number = each.partition("=")
        try:
            limit = float(number)
        except ValueError:
            limit = math.nan
        if not math.isfinite(limit) or limit < 0 or (name not in COUNTS and limit > 1):
            raise UsageError(
                f"`--fail-under {each}` is not a threshold.",
                hint="Write `NAME=SHARE`, as in `quantity=0.98` or `critical=0`.",
            )
        thresholds[name] = limit
    check_names(thresholds)
    return thresholds


def check_names(thresholds: Mapping[str, float]) -> None:
    """Make sure that each threshold names a metric or a field.

    Raises:
        UsageError: a name is neither.
    """
    for name in thresholds:
        if name not in (*COUNTS, *METRICS) and not named(name):
            metrics = ", ".join(f"`{each}`" for each in (*COUNTS, *METRICS))
            raise UsageError(
                f"There is no metric or field `{name}`.", hint=f"Metrics are {metrics}; fields are those of the table."
            )


def judge(
    thresholds: Mapping[str, float],
    final: ColumnScore,
    checks: CrossCheckScore | None,
    allowed: Sequence[Allowed],
    counted: Mapping[str, Sequence[str]] | None = None,
    trust: Trust | None = None,
) -> tuple[Gate, ...]:
    """Compare the final records' scores with the thresholds.

    Args:
        thresholds: by metric or field.
        final: the scores of the resolved records.
        checks: the scores of the cross-check; None if there are no checks.
        allowed: errors that do not count.
        counted: what else is counted, by the gate's name; what a run without a model lacks counts as none.
        trust: the scores of flags and risks; None if there are no checks.

    Returns:
        A gate for each threshold. A gate with nothing to count, such as one about the model's errors where no model
        was asked, is passed, and its value is None. A gate about checks fails if there are no checks, one about the
        risk if no risk is measured.
    """
    gates = []
    for name, limit in thresholds.items():
        if name in MODEL_COUNTS:
            found = tuple((counted or {}).get(name, ()))
            gates.append(Gate(name=name, limit=limit, value=len(found), passed=len(found) <= limit, details=found))
        elif name in COUNTS:
            gates.append(_counted(name, limit, final, checks, allowed))
        elif name in (*FLAG_METRICS, *RISK_METRICS):
            gates.append(_of_trust(name, limit, trust))
        elif name in _OF_CHECKS and checks is None:
            gates.append(Gate(name=name, limit=limit, value=None, passed=False, details=(_NO_CHECKS,)))
        elif name in METRICS:
            gates.append(_gate(name, limit, _metric(name, final, checks)))
        else:
            gates += [
                _gate(each, limit, final.fields[each].exact.rate if each in final.fields else None)
                for each in named(name)
            ]
    return tuple(gates)


def _gate(name: str, limit: float, value: float | None) -> Gate:
    return Gate(name=name, limit=limit, value=value, passed=value is None or value >= limit)


def _of_trust(name: str, limit: float, trust: Trust | None) -> Gate:
    if trust is None:
        return Gate(name=name, limit=limit, value=None, passed=False, details=(_NO_CHECKS,))
    typed, whole = trust.kinds["typed"], trust.kinds["all"]
    if name in RISK_METRICS and not whole.measured:
        return Gate(name=name, limit=limit, value=None, passed=False, details=("the risk is not measured",))
    estimated = {"auroc": whole.auroc, "calibration_error": whole.calibration_error}
    shares = {
        "flagged": typed.flagged,
        "flag_recall": typed.recall,
        "flag_precision": typed.precision,
        "ok_letters": typed.ok_letters,
        "wrong_ok": typed.wrong_ok,
    }
    estimate = estimated.get(name)
    value = shares[name].rate if name in shares else estimate.value if estimate else None
    if name in AT_MOST:
        return Gate(name=name, limit=limit, value=value, passed=value is None or value <= limit)
    return _gate(name, limit, value)


def _counted(
    name: str, limit: float, final: ColumnScore, checks: CrossCheckScore | None, allowed: Sequence[Allowed]
) -> Gate:
    errors: Sequence[Error] | None = final.critical if name == "critical" else checks.silent if checks else None
    if errors is None:
        return Gate(name=name, limit=limit, value=None, passed=False, details=(_NO_CHECKS,))
    counted = [
        f"{each.document} {each.path}"
        for each in errors
        if counts(name, each) and not any(lets_pass(one, name, each) for one in allowed)
    ]
    return Gate(name=name, limit=limit, value=len(counted), passed=len(counted) <= limit, details=tuple(counted))


def counts(name: str, error: Error) -> bool:
    """Whether a gate counts an error. Silent ones count in typed values alone: what takes judgment has a risk."""
    return name != "silent" or error.field == ITEMS or BY_NAME[error.field].weight != "prose"


def lets_pass(allowed: Allowed, kind: str, error: Error) -> bool:
    """Whether an allowance covers an error: the same kind, place and value."""
    return allowed.kind == kind and (allowed.document, allowed.path, allowed.value) == (
        error.document,
        error.path,
        error.value,
    )


def _metric(name: str, final: ColumnScore, checks: CrossCheckScore | None) -> float | None:
    if name in _OF_CHECKS and checks is not None:
        if name == "caught":
            return checks.caught.rate
        of = sum(each.of for each in checks.corruptions.values())
        return sum(each.right for each in checks.corruptions.values()) / of if of else None
    if name in ("micro_f1", "macro_f1"):
        value: float | None = getattr(final, name)
        return value
    share: float | None = getattr(final, name).rate
    return share
