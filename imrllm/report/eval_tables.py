"""Evaluations and comparisons as tables for a terminal, laid out from the JSON that `--json` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imrllm.report.formatting import COLUMN_NAMES, NOTHING, compact, count, dollars, percent, points, verdict
from imrllm.report.terminal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

# Errors listed of one kind; the page and the JSON have them all.
_LISTED = 20


def eval_tables(run: Mapping[str, Any], *, only_failed: bool = False) -> RenderableType:
    """Lay an evaluation out.

    Args:
        run: the JSON of `imrllm eval`.
        only_failed: leave out the fields that are right throughout in the final records, and list every value that is
            not, letter by letter.

    Returns:
        Something that a rich console prints.
    """
    from rich.console import Group

    parts: list[RenderableType] = []
    for suite in run["suites"]:
        parts += _suite(run, suite, only_failed=only_failed)
    parts += [_text(f"Suite {name} skipped: {why}.", "yellow") for name, why in run["skipped"].items()]
    return Group(*parts)


def comparison_tables(comparison: Mapping[str, Any], *, changes: bool = True) -> RenderableType:
    """Lay a comparison out.

    Args:
        comparison: the JSON of `imrllm compare`.
        changes: list every gain and loss of the final records.

    Returns:
        Something that a rich console prints.
    """
    from rich.console import Group

    parts: list[RenderableType] = []
    for suite in dict.fromkeys(side["suite"] for side in comparison["sides"]):
        parts += [_sides(suite, [side for side in comparison["sides"] if side["suite"] == suite]), _text("")]
        for pair in comparison["pairs"]:
            if pair["suite"] == suite:
                parts += _pair(pair, changes=changes)
    return Group(*parts)


def rate_with_interval(rate: Mapping[str, Any]) -> str:
    """Show a share with its 95% interval, a dash where there was nothing to count."""
    if rate["rate"] is None:
        return NOTHING
    return f"{percent(rate['rate'])} ({100 * rate['low']:.1f}\u2013{100 * rate['high']:.1f})"


def _text(text: str, style: str = "") -> RenderableType:
    from rich.text import Text

    return Text(printable(text), style=style)


def _table(title: str, *columns: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(printable(title)), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False)
    for index, column in enumerate(columns):
        table.add_column(Text(printable(column)), justify="left" if not index else "right", no_wrap=bool(index))
    return table


def _row(table: Table, *cells: str) -> None:
    """Add a row of plain text: a cell that is a string would be read for rich's own marks."""
    from rich.text import Text

    table.add_row(*(Text(printable(cell)) for cell in cells))


def _suite(run: Mapping[str, Any], suite: Mapping[str, Any], *, only_failed: bool) -> Iterator[RenderableType]:
    made = " · ".join(
        f"{what} {run[what]}" for what in ("prompt", "model") if run[what] is not None and run["source"] != "records"
    )
    made = made or "records"
    title = f"{suite['suite']} · {made} · {suite['letters']} letters · {suite['items']} disputed items"
    columns = suite["columns"]
    overall = _table(title, "", *(COLUMN_NAMES[column] for column in columns))
    for name, words in (("leaves", "fields right"), ("item_exact", "items exact"), ("document_exact", "letters exact")):
        _row(overall, words, *(rate_with_interval(column[name]) for column in columns.values()))
    for name, words in (("micro_f1", "F1, micro"), ("macro_f1", "F1, macro")):
        _row(overall, words, *(percent(column[name]) for column in columns.values()))
    _row(overall, "critical errors", *(f"{len(column['critical']):,}" for column in columns.values()))
    yield overall
    if "model" in columns:
        yield _text("The model alone is scored on the fields that it is asked for, the others on all.")
    yield _text("")
    fields = _table(
        "By field" + (", those not right throughout" if only_failed else ""),
        "",
        "support",
        *(COLUMN_NAMES[column] for column in columns),
    )
    for name, final in columns["resolved"]["fields"].items():
        if only_failed and final["exact"]["right"] == final["exact"]["of"]:
            continue
        cells = (
            rate_with_interval(column["fields"][name]["exact"]) if name in column["fields"] else "by the form"
            for column in columns.values()
        )
        _row(fields, name, f"{final['support']:,}", *cells)
    yield fields
    yield _text("")
    yield from _errors("Critical errors", columns["resolved"]["critical"])
    yield from _crosscheck(suite)
    if only_failed:
        yield from _failed(suite)
    yield from _closing(suite)


def _crosscheck(suite: Mapping[str, Any]) -> Iterator[RenderableType]:
    checks = suite["crosscheck"]
    if checks is None:
        yield _text("Not every row carries checks or has its letter here: the cross-check is not scored.")
        return
    altered = checks["corruptions"].values()
    seeded = {name: sum(each[name] for each in altered) for name in ("right", "of")}
    told = [
        f"silent errors {len(checks['silent']):,}",
        f"false alarms {_of(checks['alarms'])} ({percent(checks['alarms']['rate'])})",
    ]
    if checks["caught"]["of"]:
        told.append(f"the model's wrong values caught {_of(checks['caught'])} ({rate_with_interval(checks['caught'])})")
    if seeded["of"]:
        told.append(f"seeded corruptions caught {_of(seeded)}")
    yield _text(f"Cross-check: {' · '.join(told)}")
    yield from _errors("Silent errors", checks["silent"])


def _of(rate: Mapping[str, Any]) -> str:
    return f"{rate['right']:,} of {rate['of']:,}"


def _errors(title: str, errors: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    if errors:
        yield _text(f"{title}:", "bold")
    for error in errors[:_LISTED]:
        yield _text(_line(error["document"], error["path"], error["gold"], error["value"]))
    if len(errors) > _LISTED:
        yield _text(f"  and {len(errors) - _LISTED:,} more (`--only-failed`, `--html`, `--json`)")


def _line(document: str, path: str, gold: Any, value: Any, mark: str = "") -> str:
    return f"  {document} {path}: {compact(gold)} \u2192 {compact(value)}{mark}"


def _failed(suite: Mapping[str, Any]) -> Iterator[RenderableType]:
    for document in suite["documents"]:
        wrong = [leaf for leaf in document["columns"]["resolved"] if not leaf.get("exact", True)]
        if document.get("error"):
            yield _text(f"{document['document']}: {document['error']}", "red")
        if wrong:
            yield _text(f"{document['document']}: {len(wrong)} not right", "bold")
        for leaf in wrong:
            mark = "" if leaf.get("flagged") else "  (no check)"
            yield _text(_line("", leaf["path"], leaf.get("gold"), leaf.get("value"), mark))


def _closing(suite: Mapping[str, Any]) -> Iterator[RenderableType]:
    for name, why in (("missing", "Not here"), ("unrecorded", "Not recorded")):
        if suite[name]:
            yield _text(f"{why}, not scored: {', '.join(suite[name])}", "yellow")
    spent = suite["spent"]
    if spent:
        yield _text(_spent(spent))
    if suite["agreement"]:
        same = (f"{name} {percent(rate['rate'])}" for name, rate in suite["agreement"].items())
        yield _text(f"Agreement of repeats: {' · '.join(same)}")
    for allowed in suite["allowed"]:
        yield _text(f"Let pass: {allowed}")
    for unneeded in suite["unneeded"]:
        yield _text(f"Allowed, but not met in this run: {unneeded}")
    for gate in suite["gates"]:
        found = "nothing to count" if gate["value"] is None else f"{gate['value']:g}"
        ending = "passed" if gate["passed"] else "FAILED"
        yield _text(f"Gate {gate['name']} {gate['limit']:g}: {found}, {ending}", "" if gate["passed"] else "bold red")
        if not gate["passed"]:
            for detail in gate["details"][:_LISTED]:
                yield _text(f"  {detail}")
    yield _text("")


def _spent(spent: Mapping[str, Any]) -> str:
    tokens = f"{count(spent['input_tokens'])} tokens in · {count(spent['output_tokens'])} tokens out"
    cost, seconds = (f"{name} not known" if spent[name] is None else "" for name in ("cost", "seconds"))
    cost, seconds = cost or dollars(spent["cost"]), seconds or count(spent["seconds"], "second")
    return f"{count(spent['calls'], 'call')} · {tokens} · {cost} · {seconds}"


def _sides(suite: str, sides: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = _table(f"{suite}", "", *(side["name"] for side in sides))
    for column in dict.fromkeys(column for side in sides for column in side["columns"]):
        for name, words in (("columns", "fields right"), ("item_exact", "items exact")):
            cells = (rate_with_interval(side[name][column]) if column in side[name] else NOTHING for side in sides)
            _row(table, f"{COLUMN_NAMES[column]}: {words}", *cells)
    for name, words in (("input_tokens", "tokens in"), ("output_tokens", "tokens out"), ("calls", "calls")):
        _row(table, words, *(f"{side['spent'][name]:,}" if side["spent"] else NOTHING for side in sides))
    _row(table, "US dollars", *(_or_dash(side, "cost", ",.4f") for side in sides))
    _row(table, "seconds", *(_or_dash(side, "seconds", ",.0f") for side in sides))
    return table


def _or_dash(side: Mapping[str, Any], name: str, form: str) -> str:
    value = side["spent"] and side["spent"][name]
    return NOTHING if value is None else f"{value:{form}}"


def _pair(pair: Mapping[str, Any], *, changes: bool) -> Iterator[RenderableType]:
    a, b = pair["a"], pair["b"]
    for name, column in pair["columns"].items():
        title = f"{a} \u2192 {b} · {COLUMN_NAMES[name]} · rests on {pair['documents']} letters"
        table = _table(title, "", a, b, "difference (95 %)", "p", "gains", "losses", "")
        fields = {field: each for field, each in column["fields"].items() if each["gained"] or each["lost"]}
        for field, each in {"all fields": column["overall"], **fields}.items():
            _row(
                table,
                field,
                percent(each["a"]["rate"]),
                percent(each["b"]["rate"]),
                _difference(each),
                f"{each['p']:.3g}",
                f"{each['gained']:,}",
                f"{each['lost']:,}",
                verdict(each, a, b),
            )
        yield table
        yield _text("")
    if changes:
        for change in pair["columns"]["resolved"]["changes"]:
            values = f"gold {compact(change['gold'])} · {a} {compact(change['a'])} · {b} {compact(change['b'])}"
            yield _text(f"  {change['kind']}: {change['document']} {change['path']}: {values}")
        yield _text("")


def _difference(each: Mapping[str, Any]) -> str:
    bounds = "" if each["low"] is None else f" ({points(each['low'])} to {points(each['high'])})"
    return f"{points(each['difference'])}{bounds}"
