"""The table of what a run will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrllm.report.run_table import failure_lines
from imrllm.report.terminal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.estimates import Estimate


def render_estimate(estimate: Estimate, title: str) -> RenderableType:
    """Lay an estimate out as a table, the documents that cannot be read below it.

    Args:
        estimate: what the run will take.
        title: the run.

    Returns:
        Something that a rich console prints.
    """
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(printable(title)), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False)
    table.add_column("expected")
    table.add_column("total", justify="right")
    table.add_column("of which")
    documents = f"{estimate.failed:,} cannot be read"
    if estimate.done_before:
        documents += f" · {estimate.done_before:,} more done before"
    table.add_row("documents", f"{estimate.documents:,}", documents, style="red" if estimate.failed else None)
    kinds = " · ".join(f"{count:,} {kind}" for kind, count in estimate.calls.items())
    table.add_row("calls", f"{estimate.calls.total():,}", kinds or "no model is asked")
    if estimate.calls:
        shared = f"{estimate.shared_tokens:,} shared prefix, {estimate.cacheable_tokens:,} of them cacheable"
        table.add_row("tokens in", f"~{estimate.input_tokens:,}", shared)
        reasons = estimate.estimator.target.reasons
        hidden = "hidden reasoning not counted, and billed as output" if reasons else ""
        table.add_row("tokens out", f"~{estimate.output_tokens:,}", hidden)
    table.add_row("cost", *_cost(estimate))
    lines: list[RenderableType] = [table]
    if estimate.failures:
        lines += failure_lines(estimate.failures)
        if estimate.failed > len(estimate.failures):
            lines.append(Text(f"  and {estimate.failed - len(estimate.failures):,} more"))
    return Group(*lines)


def _cost(estimate: Estimate) -> tuple[str, str]:
    if not estimate.calls:
        return "$0", ""
    if estimate.cost is None or estimate.cached_cost is None:
        return "", "price not known"
    return f"~${estimate.cost:,.4f}", f"~${estimate.cached_cost:,.4f} with the prompt cache"
