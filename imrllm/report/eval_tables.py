"""Evaluations and comparisons as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from imrllm.report.compared_letters import matrix_tables
from imrllm.report.formatting import (
    COLUMN_NAMES,
    NOTHING,
    compact,
    count,
    dollars,
    gate_value,
    limited,
    not_scored,
    percent,
    points,
    rate_with_interval,
    verdict,
)
from imrllm.report.terminal import add_row, figures_table, text
from imrllm.report.trust_tables import trust_differences, trust_tables

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.evals.comparison import Comparison, PairComparison, SideScore
    from imrllm.evals.runs import Difference, Error, EvalRun, Rate, Spent, SuiteRun

# At most this many errors of one kind are listed. The page and the JSON have all of them.
_LISTED = 20


def eval_tables(run: EvalRun, *, only_failed: bool = False) -> RenderableType:
    """Lay out an evaluation for a rich console.

    With `only_failed`, only the fields with errors in the final records, and every wrong value by letter.
    """
    from rich.console import Group

    parts: list[RenderableType] = []
    for suite in run.suites:
        parts += _suite(run, suite, only_failed=only_failed)
    if run.uncalibrated:
        parts.append(text(f"Risks are not measured: {run.uncalibrated}", "yellow"))
    parts += [text(f"Suite {name} skipped: {why}.", "yellow") for name, why in run.skipped.items()]
    return Group(*parts)


def comparison_tables(comparison: Comparison, *, matrix: bool = False) -> RenderableType:
    """Lay out a comparison for a rich console, with every gain and loss of the final records.

    With `matrix`, also how many values each run has wrong of each letter.
    """
    from rich.console import Group

    parts: list[RenderableType] = []
    for suite in dict.fromkeys(side.suite for side in comparison.sides):
        parts += [_sides(suite, [side for side in comparison.sides if side.suite == suite]), text("")]
        for pair in comparison.pairs:
            if pair.suite == suite:
                parts += _pair(pair)
    if matrix:
        parts += matrix_tables(comparison)
    return Group(*parts)


def _suite(run: EvalRun, suite: SuiteRun, *, only_failed: bool) -> Iterator[RenderableType]:
    named = {} if run.source == "records" else {"prompt": run.prompt, "model": run.model}
    made = " · ".join(f"{what} {name}" for what, name in named.items() if name is not None) or "records"
    letters = count(suite.letters + suite.left_out, "letter")
    if suite.left_out:
        letters = f"{suite.letters} of {letters}"
    title = f"{suite.suite} · {made} · {letters} · {count(suite.items, 'disputed item')}"
    columns = suite.columns
    overall = figures_table(title, "", *(COLUMN_NAMES[column] for column in columns))
    scores = columns.values()
    add_row(overall, "fields right", *(rate_with_interval(score.leaves) for score in scores))
    add_row(overall, "items exact", *(rate_with_interval(score.item_exact) for score in scores))
    add_row(overall, "letters exact", *(rate_with_interval(score.document_exact) for score in scores))
    add_row(overall, "F1, micro", *(percent(score.micro_f1) for score in scores))
    add_row(overall, "F1, macro", *(percent(score.macro_f1) for score in scores))
    add_row(overall, "critical errors", *(f"{len(score.critical):,}" for score in scores))
    yield overall
    if "model" in columns:
        yield text("The model alone is scored on the fields that it is asked for, the others on all.")
    yield text("")
    fields = figures_table(
        "By field" + (", those not right throughout" if only_failed else ""),
        "",
        "support",
        *(COLUMN_NAMES[column] for column in columns),
    )
    for name, final in columns["resolved"].fields.items():
        if only_failed and final.exact.right == final.exact.of:
            continue
        cells = (
            rate_with_interval(score.fields[name].exact) if name in score.fields else not_scored(name)
            for score in scores
        )
        add_row(fields, name, f"{final.support:,}", *cells)
    yield fields
    yield text("")
    yield from _contribution(suite)
    yield from _errors("Critical errors", columns["resolved"].critical)
    yield from _crosscheck(suite)
    if suite.trust:
        yield from trust_tables(suite.trust, only_failed=only_failed)
    if only_failed:
        yield from _failed(suite)
    yield from _closing(suite)


def _contribution(suite: SuiteRun) -> Iterator[RenderableType]:
    """What the model adds to the final records and what it takes, beside the grammar alone."""
    if suite.contribution is None:
        return
    if not suite.contribution:
        yield text("The model changes no value of the final records.")
    else:
        table = figures_table("What the model adds and takes", "", "grammar", "final", "gained", "lost", "difference")
        for name, each in suite.contribution.items():
            interval = "" if each.low is None or each.high is None else f" ({points(each.low)} to {points(each.high)})"
            add_row(
                table,
                name,
                _of(each.a),
                _of(each.b),
                f"{each.gained:,}",
                f"{each.lost:,}",
                f"{points(each.difference)}{interval}",
            )
        yield table
    for ground, (given, true) in (suite.collapsed or {}).items():
        yield text(f"The answers collapse: {ground} is in {_of(given)} of them, and true of {true.right:,}.", "red")
    yield text("")


def _crosscheck(suite: SuiteRun) -> Iterator[RenderableType]:
    checks = suite.crosscheck
    if checks is None:
        yield text("Not every row carries checks or has its letter here: the cross-check is not scored.")
        return
    altered = checks.corruptions.values()
    metrics = [
        f"silent errors {len(checks.silent):,}",
        f"false alarms {_of(checks.alarms)} ({percent(checks.alarms.rate)})",
    ]
    if checks.caught.of:
        metrics.append(f"the model's wrong values caught {_of(checks.caught)} ({rate_with_interval(checks.caught)})")
    if of := sum(rate.of for rate in altered):
        metrics.append(f"seeded corruptions caught {sum(rate.right for rate in altered):,} of {of:,}")
    yield text(f"Cross-check: {' · '.join(metrics)}")
    yield from _errors("Silent errors", checks.silent)


def _of(rate: Rate) -> str:
    return f"{rate.right:,} of {rate.of:,}"


def _errors(title: str, errors: Sequence[Error]) -> Iterator[RenderableType]:
    if errors:
        yield text(f"{title}:", "bold")
    for error in errors[:_LISTED]:
        yield text(_line(error.document, error.path, error.gold, error.value))
    if len(errors) > _LISTED:
        yield text(f"  and {len(errors) - _LISTED:,} more (`--only-failed`, `--html`, `--json`)")


def _line(document: str, path: str, gold: Any, value: Any, mark: str = "") -> str:
    return f"  {document} {path}: {compact(gold)} \u2192 {compact(value)}{mark}"


def _failed(suite: SuiteRun) -> Iterator[RenderableType]:
    for document in suite.documents:
        wrong = [leaf for leaf in document.columns["resolved"] if not leaf.exact]
        if document.error:
            yield text(f"{document.document}: {document.error}", "red")
        if wrong:
            yield text(f"{document.document}: {len(wrong)} not right", "bold")
        for leaf in wrong:
            mark = "" if leaf.flagged else "  (not flagged)"
            yield text(_line("", leaf.path, leaf.gold, leaf.value, mark))


def _closing(suite: SuiteRun) -> Iterator[RenderableType]:
    for names, why in ((suite.missing, "Not here"), (suite.unrecorded, "Not recorded")):
        if names:
            yield text(f"{why}, not scored: {', '.join(names)}", "yellow")
    if suite.left_out:
        yield text(limited(suite), "yellow")
    if suite.spent:
        yield text(_spent(suite.spent))
    if suite.agreement:
        same = (f"{name} {percent(rate.rate)}" for name, rate in suite.agreement.items())
        yield text(f"Agreement of repeats: {' · '.join(same)}")
    for allowed in suite.allowed:
        yield text(f"Let pass: {allowed}")
    for unneeded in suite.unneeded:
        yield text(f"Allowed, but not met in this run: {unneeded}")
    for gate in suite.gates:
        ending = "passed" if gate.passed else "FAILED"
        yield text(f"Gate {gate.name} {gate.limit:g}: {gate_value(gate)}, {ending}", "" if gate.passed else "bold red")
        if not gate.passed:
            for detail in gate.details[:_LISTED]:
                yield text(f"  {detail}")
    yield text("")


def _spent(spent: Spent) -> str:
    tokens = f"{count(spent.input_tokens)} tokens in · {count(spent.output_tokens)} tokens out"
    cost = "cost not known" if spent.cost is None else dollars(spent.cost)
    seconds = "seconds not known" if spent.seconds is None else count(spent.seconds, "second")
    return f"{count(spent.calls, 'call')} · {tokens} · {cost} · {seconds}"


def _sides(suite: str, sides: Sequence[SideScore]) -> RenderableType:
    table = figures_table(f"{suite}", "", *(side.name for side in sides))
    for column in dict.fromkeys(column for side in sides for column in side.columns):
        for words, rates in (
            ("fields right", [side.columns.get(column) for side in sides]),
            ("items exact", [side.item_exact.get(column) for side in sides]),
        ):
            cells = (NOTHING if rate is None else rate_with_interval(rate) for rate in rates)
            add_row(table, f"{COLUMN_NAMES[column]}: {words}", *cells)
    add_row(table, "tokens in", *(_or_dash(side.spent.input_tokens if side.spent else None, ",") for side in sides))
    add_row(table, "tokens out", *(_or_dash(side.spent.output_tokens if side.spent else None, ",") for side in sides))
    add_row(table, "calls", *(_or_dash(side.spent.calls if side.spent else None, ",") for side in sides))
    add_row(table, "US dollars", *(_or_dash(side.spent.cost if side.spent else None, ",.4f") for side in sides))
    add_row(table, "seconds", *(_or_dash(side.spent.seconds if side.spent else None, ",.0f") for side in sides))
    return table


def _or_dash(value: float | None, form: str) -> str:
    return NOTHING if value is None else f"{value:{form}}"


def _pair(pair: PairComparison) -> Iterator[RenderableType]:
    a, b = pair.a, pair.b
    for name, column in pair.columns.items():
        title = f"{a} \u2192 {b} · {COLUMN_NAMES[name]} · rests on {pair.documents} letters"
        table = figures_table(title, "", a, b, "difference (95 %)", "p", "gains", "losses", "")
        fields = {field: each for field, each in column.fields.items() if each.gained or each.lost}
        for field, each in {"all fields": column.overall, **fields}.items():
            add_row(
                table,
                field,
                percent(each.a.rate),
                percent(each.b.rate),
                _difference(each),
                f"{each.p:.3g}",
                f"{each.gained:,}",
                f"{each.lost:,}",
                verdict(each, a, b),
            )
        yield table
        yield text("")
    if pair.trust:
        yield trust_differences(pair)
        yield text("")
    for change in pair.columns["resolved"].changes:
        values = f"gold {compact(change.gold)} · {a} {compact(change.a)} · {b} {compact(change.b)}"
        yield text(f"  {change.kind}: {change.document} {change.path}: {values}")
    yield text("")


def _difference(each: Difference) -> str:
    bounds = "" if each.low is None or each.high is None else f" ({points(each.low)} to {points(each.high)})"
    return f"{points(each.difference)}{bounds}"
