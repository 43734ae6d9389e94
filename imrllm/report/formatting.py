"""Values, shares and differences in the words and figures of the report pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from imrllm.fields import BY_NAME

if TYPE_CHECKING:
    from imrllm.evals.runs import (
        Difference,
        Estimate,
        Gate,
        KindTrust,
        Rate,
        SuiteRun,
        TrustDifference,
        TrustKind,
        TrustMetric,
    )

# In the order in which they are shown.
COLUMN_NAMES = {"floor": "floor", "model": "model alone", "grammar": "grammar alone", "resolved": "resolved"}
KIND_NAMES: dict[TrustKind, str] = {"typed": "typed fields", "prose": "prose and grounds", "all": "all fields"}
METRIC_NAMES: dict[TrustMetric, str] = {
    "flagged": "values flagged",
    "flag_recall": "of the wrong values, flagged",
    "auroc": "AUROC of the risk",
}
NOTHING = "–"
NOT_KNOWN = "not known"
NOT_MEASURED = "not measured"


def compact(value: Any) -> str:
    """Show a JSON value of a record in one line: an object as JSON, a dash for null and for an empty list.

    Entries of a list are parted by a middle dot: a comma would make the one entry "63, 66" look like the two entries
    "63" and "66".
    """
    if value is None or value == []:
        return NOTHING
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, list | tuple):
        return " · ".join(map(compact, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False)


def percent(share: float | None) -> str:
    """Show a share of 0 to 1 as per cent with one decimal, a dash where there was nothing to count.

    Only all is "100%" and only nothing "0%": an error among thousands is not rounded away.
    """
    if share is None:
        return NOTHING
    if share in (0, 1):
        return f"{share:.0%}"
    if share < 0.0005:
        return "<0.1%"
    return ">99.9%" if share > 0.9995 else f"{share:.1%}"


def points(difference: float) -> str:
    """Show a difference of two shares, -1 to 1, in percentage points, always with its sign."""
    rounded = round(difference * 100, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def interval(low: float | None, high: float | None) -> str:
    """Show the interval of a share; empty if it has no interval."""
    return "" if low is None or high is None else f"{low * 100:.1f} to {high * 100:.1f}%"


def rate_with_interval(rate: Rate) -> str:
    """Show a share with its 95% interval, or a dash if nothing was counted."""
    if rate.rate is None or rate.low is None or rate.high is None:
        return NOTHING
    return f"{percent(rate.rate)} ({100 * rate.low:.1f}\u2013{100 * rate.high:.1f})"


def estimate(given: Estimate | None) -> str:
    """Show a figure of 0 to 1 with three decimals and its 95% interval, or a dash if there is none."""
    if given is None:
        return NOTHING
    bounds = "" if given.low is None or given.high is None else f" ({given.low:.3f}\u2013{given.high:.3f})"
    return f"{given.value:.3f}{bounds}"


def wrong_ok(score: KindTrust) -> str:
    """Show how many of the letters that nobody is asked about hold a wrong value, and the bound of their share."""
    if score.wrong_ok_bound is None:
        return NOTHING
    return f"{score.wrong_ok.right:,} of {score.wrong_ok.of:,}, at most {percent(score.wrong_ok_bound)}"


def limited(suite: SuiteRun) -> str:
    """Say that the figures of a suite are those of some of its letters."""
    letters = f"the first {count(suite.letters, 'letter')} of {count(suite.letters + suite.left_out)}"
    return f"These figures are of {letters} only (`--limit`): the suite's own thresholds do not apply."


def not_scored(field: str) -> str:
    """Say why the model alone has no score of a field: the letter's form settles it, or the prompt does not ask."""
    return "not asked" if field in BY_NAME and BY_NAME[field].is_asked else "by the form"


def gate_value(gate: Gate) -> str:
    """Show what a gate found, or why it found nothing."""
    if gate.value is not None:
        return f"{gate.value:g}"
    return NOT_MEASURED if any(NOT_MEASURED in each for each in gate.details) else "nothing to count"


def verdict(difference: Difference, a: str, b: str) -> str:
    """Say which of the two sides, by their names, is better, or that no difference is shown."""
    better = difference.better
    return f"{a if better == 'a' else b} is better" if better else "no difference shown"


def higher(difference: TrustDifference, a: str, b: str) -> str:
    """Say on which of the two sides, by their names, a figure is higher, or that no difference is shown."""
    side = difference.higher
    return f"higher in {a if side == 'a' else b}" if side else "no difference shown"


def p_value(p: float) -> str:
    """Show a p-value, or that it is below 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def outcomes(counts: Mapping[str, int]) -> str:
    """Show the outcomes of a leaf's entries with their counts; a single outcome has no count."""
    if sum(counts.values()) == 1:
        return next(name for name, count in counts.items() if count)
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def count(number: float, noun: str = "") -> str:
    """Show a number of things, with the noun in singular or plural."""
    text = f"{number:,.0f} {noun}".rstrip()
    return f"{text}s" if noun and number != 1 else text


def dollars(cost: float | None) -> str:
    """Show a cost in US dollars."""
    if cost is None:
        return NOT_KNOWN
    return f"${cost:,.4f}" if cost else "$0"


def duration(seconds: float | None) -> str:
    """Show a time in seconds."""
    return NOT_KNOWN if seconds is None else f"{seconds:,.1f} s"


def time_span(seconds: float) -> str:
    """Show a time to be expected, in the two largest units at most: `40 s`, `12 min`, `3 h 20 min`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(1, round(seconds)):,} s"
    return f"{minutes:,} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def pace(letters: int, seconds: float) -> str:
    """Show how fast letters are read: letters a second, or seconds a letter where these are more than two."""
    if not letters or not seconds:
        return ""
    return (
        f"{letters / seconds:,.1f} letters a second"
        if letters * 2 >= seconds
        else f"{seconds / letters:,.0f} s a letter"
    )


def spaced(name: str) -> str:
    """Show a name of the schema, such as a category or a ground, as words."""
    return name.replace("_", " ")
