"""Flags and risks of an evaluation, and of a comparison, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from imrllm.report.formatting import (
    KIND_NAMES,
    METRIC_NAMES,
    NOT_MEASURED,
    NOTHING,
    estimate,
    higher,
    percent,
    points,
    rate_with_interval,
    wrong_ok,
)
from imrllm.report.terminal import add_row, figures_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from imrllm.evals.comparison import PairComparison
    from imrllm.evals.runs import KindTrust, Rate, Trust, TrustKind, TrustScore

# The points of the curve that a terminal shows.
COVERAGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)


def trust_tables(trust: Trust, *, only_failed: bool = False) -> Iterator[RenderableType]:
    """Lay the scores of flags and risks out for a rich console: by kind, by coverage, by form and by field.

    Fields are listed if a value is flagged or wrong; with `only_failed`, if a value is wrong.
    """
    yield _kinds("Flags and risks", trust.kinds)
    yield text("Each letter is judged by what the other nine tenths of the gold teach.")
    yield text("")
    if any(score.curve for score in trust.kinds.values()):
        yield _curve(trust.kinds)
        yield text("")
    if len(trust.forms) > 1:
        for form, kinds in trust.forms.items():
            yield _kinds(f"Form {form}", kinds)
            yield text("")
    if shown := {
        name: score
        for name, score in trust.fields.items()
        if score.recall.of or (score.flagged.right and not only_failed)
    }:
        yield _fields(shown)
        yield text("")


def trust_differences(pair: PairComparison) -> Table:
    """Lay out how flags and risks of two runs differ, for a rich console."""
    title = f"Flags and risks · {pair.a} \u2192 {pair.b} · rests on {pair.documents} letters"
    table = figures_table(title, "", pair.a, pair.b, "difference (95 %)", "")
    for kind, metrics in pair.trust.items():
        for metric, each in metrics.items():
            label = f"{KIND_NAMES[kind]}: {METRIC_NAMES[metric]}"
            bounds = "" if each.low is None or each.high is None else f" ({points(each.low)} to {points(each.high)})"
            shown = f"{points(each.difference)}{bounds}"
            add_row(table, label, percent(each.a), percent(each.b), shown, higher(each, pair.a, pair.b))
    return table


def _kinds(title: str, kinds: Mapping[TrustKind, KindTrust]) -> Table:
    table = figures_table(title, "", *(KIND_NAMES[kind] for kind in kinds))
    scores = kinds.values()
    add_row(table, "values flagged", *(rate_with_interval(score.flagged) for score in scores))
    add_row(table, "a letter", *(_per_letter(score) for score in scores))
    add_row(table, "of the wrong, flagged", *(_of_few(score.recall) for score in scores))
    add_row(table, "of the flagged, wrong", *(_of_few(score.precision) for score in scores))
    add_row(table, "of the rest, wrong", *(rate_with_interval(score.unflagged_wrong) for score in scores))
    add_row(table, "letters ok", *(_of_few(score.ok_letters) for score in scores))
    add_row(table, "of these, with a wrong value", *(wrong_ok(score) for score in scores))
    add_row(table, "risk: AUROC", *(_or_why(score, estimate(score.auroc)) for score in scores))
    add_row(table, "risk: calibration error", *(_or_why(score, estimate(score.calibration_error)) for score in scores))
    return table


def _curve(kinds: Mapping[TrustKind, KindTrust]) -> Table:
    """The wrong values among those kept, the least risk first."""
    table = figures_table("Wrong among the values of the least risk", "kept", *(f"{each:.0%}" for each in COVERAGES))
    for kind, score in kinds.items():
        points = {point.coverage: point.wrong for point in score.curve}
        cells = (percent(points[each].rate) if each in points else NOTHING for each in COVERAGES)
        add_row(table, KIND_NAMES[kind], *cells)
    return table


def _fields(fields: Mapping[str, TrustScore]) -> Table:
    table = figures_table(
        "Flags and risks by field",
        "",
        "values",
        "flagged",
        "wrong",
        "of these, flagged",
        "AUROC",
    )
    for name, score in fields.items():
        add_row(
            table,
            name,
            f"{score.values:,}",
            f"{score.flagged.right:,}",
            f"{score.recall.of:,}",
            f"{score.recall.right:,}",
            _or_why(score, estimate(score.auroc)),
        )
    return table


def _per_letter(score: TrustScore) -> str:
    return NOTHING if score.flags_per_letter is None else f"{score.flags_per_letter:.1f}"


def _of_few(rate: Rate) -> str:
    """A share of few, with its counts."""
    return f"{rate.right:,} of {rate.of:,}, {rate_with_interval(rate)}" if rate.of else NOTHING


def _or_why(score: TrustScore, shown: str) -> str:
    return shown if score.measured else NOT_MEASURED
