"""The table of what a run will take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrllm.report.formatting import time_span
from imrllm.report.run_table import counts_table, with_failures
from imrllm.report.terminal import text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.estimates import Estimate


def render_estimate(estimate: Estimate, title: str, time: tuple[float | None, str]) -> RenderableType:
    """Lay out what the run of a title will take as a table that a rich console prints.

    The time is in seconds, None if it is not known, with what it rests on. The documents that cannot be read are listed
    below the table.
    """
    table = counts_table(title, "expected")
    documents = f"{estimate.failed:,} cannot be read"
    if estimate.before:
        documents += f" · {estimate.before.total():,} more done before"
    table.add_row("documents", f"{estimate.documents:,}", documents, style="red" if estimate.failed else None)
    kinds = " · ".join(f"{count:,} {kind}" for kind, count in estimate.calls.items())
    table.add_row("calls", f"{estimate.calls.total():,}", kinds or "no model is asked")
    if estimate.unknown_forms:
        note = "in no known form: the model is asked for their parts, and then about items not counted here"
        table.add_row("letters", f"{estimate.unknown_forms:,}", note)
    if estimate.calls:
        shared = f"{estimate.shared_tokens:,} shared prefix, {estimate.cacheable_tokens:,} of them cacheable"
        table.add_row("tokens in", f"~{estimate.input_tokens:,}", shared)
        reasons = estimate.estimator.target.reasons
        hidden = "hidden reasoning not counted, and billed as output" if reasons else ""
        table.add_row("tokens out", f"~{estimate.output_tokens:,}", hidden)
    table.add_row("cost", *_cost(estimate))
    seconds, basis = time
    table.add_row("time", "" if seconds is None else f"~{time_span(seconds)}" if basis else "0 s", text(basis))
    return with_failures(table, estimate.failures)


def _cost(estimate: Estimate) -> tuple[str, str]:
    if not estimate.calls:
        return "$0", ""
    if estimate.estimator.target.embedded:
        return "", "price not known: the model runs on this machine"
    if estimate.cost is None or estimate.cached_cost is None:
        return "", "price not known"
    return f"~${estimate.cost:,.4f}", f"~${estimate.cached_cost:,.4f} with the prompt cache"
