"""The table that shows the counts of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from imrllm.records import CheckStatus
from imrllm.report.formatting import pace
from imrllm.report.terminal import empty_table, text

if TYPE_CHECKING:
    from collections import Counter

    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from imrllm.reason_counts import ReasonCounts
    from imrllm.records import Usage
    from imrllm.running.summary import RunSummary


def counts_table(title: str, first: str) -> Table:
    """An empty table of counts under a title, with a heading for its first column."""
    table = empty_table(title)
    table.add_column(first)
    table.add_column("total", justify="right")
    table.add_column("of which")
    return table


def with_failures(table: Table, failures: ReasonCounts) -> RenderableType:
    """A table, and below it a line for each reason why documents failed, the most frequent first."""
    from rich.console import Group

    return Group(table, *_by_reason("Failed:", failures))


def render_summary(summary: RunSummary, title: str, seconds: float) -> RenderableType:
    """Lay out the counts of a command's run as a table that a rich console prints, with the failed documents below it.

    The wall time is in seconds.
    """
    table = counts_table(title, "")
    documents = summary.documents.total()
    statuses = _parts(summary.documents, ("ok", "review", "failed"))
    if summary.before:
        statuses += f" · {summary.done_before:,} more done before"
    table.add_row("documents", f"{documents:,}", statuses, style="red" if summary.failed else None)
    if summary.before:
        whole = summary.before + summary.documents
        table.add_row("in the file", f"{whole.total():,}", _parts(whole, ("ok", "review", "failed")))
    table.add_row("disputed items", f"{summary.items:,}", _parts(summary.decisions, ("upheld", "overturned")))
    table.add_row("checks", f"{summary.checks.total():,}", _parts(summary.checks, get_args(CheckStatus)))
    if summary.flags:
        letters = "a letter" if summary.documents["review"] == 1 else f"{summary.documents['review']:,} letters"
        table.add_row("values to review", f"{summary.flags:,}", text(f"in {letters}: {_named(summary)}"))
    if summary.resolutions:
        table.add_row(
            "not confirmed",
            f"{summary.resolutions.total():,}",
            _resolved(summary.resolutions),
        )
    if summary.usage.calls:
        changed = f"{summary.added:,} grounds and list entries added · {summary.left_out:,} left out"
        table.add_row("by the model", f"{summary.added + summary.left_out:,}", changed)
    table.add_row("calls", f"{summary.usage.calls:,}", _tokens(summary.usage))
    table.add_row("cost", *_cost(summary))
    table.add_row("seconds", f"{seconds:,.1f}", pace(documents, seconds))
    from rich.console import Group

    return Group(with_failures(table, summary.failures), *_by_reason("Noted:", summary.remarks))


def _by_reason(heading: str, counts: ReasonCounts) -> list[Text]:
    """A line for each reason under a heading, the most frequent first; nothing where there is none."""
    if not counts.reasons:
        return []
    lines = [text(""), text(heading, "bold")]
    for reason, (count, names) in counts.by_number.items():
        more = f" and {count - len(names):,} more" if count > len(names) else ""
        lines.append(text(f"  {count:,} × {reason} ({', '.join(names)}{more})"))
    if counts.others:
        lines.append(text(f"  {counts.others:,} × other reasons"))
    return lines


def _named(summary: RunSummary) -> str:
    """The first letters to look at, each with the number of its values to review."""
    shown = ", ".join(f"{name} ({count})" for name, count in summary.to_look_at)
    more = summary.documents["review"] - len(summary.to_look_at)
    return f"{shown} and {more:,} more" if more > 0 else shown


def _parts(counts: Counter[str], names: tuple[str, ...]) -> str:
    return " · ".join(f"{counts[name]:,} {name}" for name in names)


def _resolved(resolutions: Counter[str]) -> str:
    said = {
        "source": "set to the source's value",
        "model": "left unchanged",
        "reask": "fixed by asking again",
        "human": "settled by a person",
        "none": "flagged only",
    }
    return " · ".join(f"{resolutions[name]:,} {text}" for name, text in said.items() if resolutions[name])


def _tokens(usage: Usage) -> str:
    if not usage.calls:
        return "no model was asked"
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    return f"{usage.input_tokens:,} tokens in{cached} · {usage.output_tokens:,} tokens out · {usage.reasks:,} re-asks"


def _cost(summary: RunSummary) -> tuple[str, str]:
    if summary.unpriced and not summary.cost:
        return "", "price not known"
    note = f"without {summary.unpriced:,} documents of unknown price" if summary.unpriced else ""
    return f"${summary.cost:,.4f}" if summary.cost else "$0", note
