"""The summary of a run: counts that grow result by result, and the table that shows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from imrllm.records import CheckStatus, Result, Usage
from imrllm.report.terminal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

FAILURES_SHOWN = 5


def failure_lines(failures: list[tuple[str, str]]) -> list[Text]:
    """Failed documents and their errors, a line each, under a heading."""
    from rich.text import Text

    return [
        Text("\nFailed:", style="bold"),
        *(Text(f"  {printable(name)}: {printable(error)}") for name, error in failures),
    ]


@dataclass(slots=True)
class Summary:
    """What a stream of results amounts to; its size does not grow with the stream.

    Attributes:
        documents: documents by status.
        done_before: documents that an earlier run had done.
        failed_before: of these, the ones that failed then.
        items: disputed items.
        decisions: disputed items by decision.
        checks: checks by status.
        resolutions: checks that did not confirm, by whose value the record holds.
        usage: tokens of all calls.
        cost: US dollars of the documents whose price is known.
        unpriced: documents that took calls of unknown price.
        failures: name and error of the first failed documents.
    """

    documents: Counter[str] = field(default_factory=Counter)
    done_before: int = 0
    failed_before: int = 0
    items: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    resolutions: Counter[str] = field(default_factory=Counter)
    usage: Usage = field(default_factory=Usage)
    cost: float = 0.0
    unpriced: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """Documents without a record."""
        return self.documents["failed"]

    @property
    def confirmed(self) -> bool:
        """Whether every document was read and every check confirmed."""
        return not self.failed and self.checks.total() == self.checks["confirmed"]

    def add(self, result: Result) -> None:
        """Count one result.

        Args:
            result: one row of the output.
        """
        self.documents[result.status] += 1
        if result.record is not None:
            self.items += len(result.record.disputed_items)
            self.decisions.update(item.decision for item in result.record.disputed_items)
        for check in result.checks:
            self.checks[check.status] += 1
            if check.status != "confirmed":
                self.resolutions[check.resolution] += 1
        self.usage += result.provenance.usage
        if result.provenance.cost is not None:
            self.cost += result.provenance.cost
        elif result.provenance.usage.calls:
            self.unpriced += 1
        if result.error is not None and len(self.failures) < FAILURES_SHOWN:
            self.failures.append((result.document_id, f"{result.error.type}: {result.error.message}"))

    def include(self, other: Summary) -> None:
        """Count what another part of the run amounts to.

        Args:
            other: its summary.
        """
        for counts in ("documents", "decisions", "checks", "resolutions"):
            getattr(self, counts).update(getattr(other, counts))
        for number in ("done_before", "failed_before", "items", "cost", "unpriced"):
            setattr(self, number, getattr(self, number) + getattr(other, number))
        self.usage += other.usage
        self.failures = [*self.failures, *other.failures][:FAILURES_SHOWN]

    def render(self, title: str, seconds: float) -> RenderableType:
        """Lay the counts out as a table, the failed documents below it.

        Args:
            title: what was run.
            seconds: wall time of the run, in seconds.

        Returns:
            Something that a rich console prints.
        """
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(printable(title)), title_justify="left", box=box.SIMPLE_HEAD, show_edge=False)
        table.add_column("")
        table.add_column("total", justify="right")
        table.add_column("of which")
        documents = self.documents.total()
        statuses = self._parts(self.documents, ("ok", "review", "failed"))
        if self.done_before:
            statuses += f" · {self.done_before:,} more done before"
            if self.failed_before:
                statuses += f" ({self.failed_before:,} failed)"
        table.add_row("documents", f"{documents:,}", statuses, style="red" if self.failed else None)
        table.add_row("disputed items", f"{self.items:,}", self._parts(self.decisions, ("upheld", "overturned")))
        table.add_row("checks", f"{self.checks.total():,}", self._parts(self.checks, get_args(CheckStatus)))
        if self.resolutions:
            table.add_row("not confirmed", f"{self.resolutions.total():,}", self._resolved())
        table.add_row("calls", f"{self.usage.calls:,}", self._tokens())
        table.add_row("cost", *self._cost())
        table.add_row("seconds", f"{seconds:,.1f}", f"{documents / seconds:,.1f} letters a second" if seconds else "")
        lines: list[RenderableType] = [table]
        if self.failures:
            lines += failure_lines(self.failures)
            if self.failed > len(self.failures):
                lines.append(Text(f"  and {self.failed - len(self.failures):,} more: rows with `status` `failed`"))
        return Group(*lines)

    @property
    def progress(self) -> str:
        """How far the run has come."""
        return f"{self.documents.total():,} letters · {self.documents['review']:,} to review · {self.failed:,} failed"

    @staticmethod
    def _parts(counts: Counter[str], names: tuple[str, ...]) -> str:
        return " · ".join(f"{counts[name]:,} {name}" for name in names)

    def _resolved(self) -> str:
        said = {
            "source": "set to the source's value",
            "model": "left at the model's value",
            "reask": "mended by asking again",
            "human": "settled by a person",
            "none": "flagged only",
        }
        return " · ".join(f"{self.resolutions[name]:,} {text}" for name, text in said.items() if self.resolutions[name])

    def _tokens(self) -> str:
        if not self.usage.calls:
            return "no model was asked"
        cached = f" ({self.usage.cached_tokens:,} cached)" if self.usage.cached_tokens else ""
        return (
            f"{self.usage.input_tokens:,} tokens in{cached} · {self.usage.output_tokens:,} tokens out · "
            f"{self.usage.reasks:,} re-asks"
        )

    def _cost(self) -> tuple[str, str]:
        if self.unpriced and not self.cost:
            return "", "price not known"
        note = f"without {self.unpriced:,} documents of unknown price" if self.unpriced else ""
        return f"${self.cost:,.4f}" if self.cost else "$0", note
