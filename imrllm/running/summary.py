"""The counts of a run, which grow result by result. `report.run_table` draws them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from imrllm.fields import field_at
from imrllm.reason_counts import ReasonCounts
from imrllm.records import Check, Result, Usage
from imrllm.trust import kind_of

# Letters to look at that are named.
NAMED = 10


@dataclass(slots=True)
class RunSummary:
    """Counts over the results of a run. Its size does not grow with their number.

    Attributes:
        documents: documents by status.
        before: documents skipped because an earlier run wrote their rows, by the status there.
        to_look_at: id of the first letters with values to review, and how many.
        flags: values that a person is asked to look at.
        left: typed values with a measured risk that nobody is asked to look at.
        expected_wrong: of these, how many are expected to be wrong: the sum of their risks.
        forms: letters by form.
        items: disputed items.
        decisions: disputed items by decision.
        checks: checks by status.
        resolutions: checks that did not confirm, by how each was resolved.
        added: entries of lists that take judgment which the record has from the model alone.
        left_out: such entries that the grammar reads and the record leaves out, since the model does not give them.
        usage: calls and tokens, over all documents.
        cost: US dollars, over the documents whose price is known.
        unpriced: documents with calls whose price is unknown.
        budget_reached: whether `max_cost` kept documents from being started.
        failures: failed documents by reason.
        remarks: files that were passed over, read by their content, or given twice, by what is said of them.
    """

    documents: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    to_look_at: list[tuple[str, int]] = field(default_factory=list)
    flags: int = 0
    left: int = 0
    expected_wrong: float = 0.0
    forms: Counter[str] = field(default_factory=Counter)
    items: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    resolutions: Counter[str] = field(default_factory=Counter)
    added: int = 0
    left_out: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float = 0.0
    unpriced: int = 0
    budget_reached: bool = False
    failures: ReasonCounts = field(default_factory=ReasonCounts)
    remarks: ReasonCounts = field(default_factory=ReasonCounts)

    @property
    def done_before(self) -> int:
        """Documents skipped because an earlier run wrote their rows."""
        return self.before.total()

    @property
    def failed_before(self) -> int:
        """Skipped documents whose rows have status `failed`."""
        return self.before["failed"]

    @property
    def failed(self) -> int:
        """Documents without a record."""
        return self.documents["failed"]

    @property
    def confirmed(self) -> bool:
        """Whether every document was read and every check confirmed."""
        return not self.failed and self.checks.total() == self.checks["confirmed"]

    def add(self, result: Result) -> None:
        """Count one result."""
        self.documents[result.status] += 1
        if result.record is not None:
            self.items += len(result.record.disputed_items)
            self.decisions.update(item.decision for item in result.record.disputed_items if item.decision)
            self._count_risks(result)
        for check in result.checks:
            self.checks[check.status] += 1
            if check.status != "confirmed":
                self.resolutions[check.resolution] += 1
            of = field_at(check.pointer)
            if of and of.weight == "prose" and check.resolution == "model":
                self._count_entries(check, is_list=check.pointer.endswith(of.tail))
        self.usage += result.provenance.usage
        if result.provenance.cost is not None:
            self.cost += result.provenance.cost
        elif result.provenance.usage.calls:
            self.unpriced += 1
        if result.error is not None:
            self.failures.add(result.document_id, f"{result.error.type}: {result.error.message}")

    def _count_risks(self, result: Result) -> None:
        """Count what a person is asked to look at, and the risk of what is left."""
        flagged = {check.pointer for check in result.to_review}
        self.flags += len(flagged)
        if flagged and len(self.to_look_at) < NAMED:
            self.to_look_at.append((result.document_id, len(flagged)))
        if result.provenance.form is not None:
            self.forms[result.provenance.form] += 1
        for pointer, risk in result.risks.items():
            of = field_at(pointer)
            if of and kind_of(of.group) == "typed" and pointer not in flagged:
                self.left += 1
                self.expected_wrong += risk

    def _count_entries(self, check: Check, *, is_list: bool) -> None:
        """Count what the model's answer puts in a list, or keeps out of it."""
        if not is_list:
            self.added += 1
        elif check.status == "missing" and check.model_value is not None:
            self.left_out += len(check.source_value)

    def include(self, other: RunSummary) -> None:
        """Add the counts of another part of the run."""
        for counts in ("documents", "before", "decisions", "checks", "resolutions", "forms"):
            getattr(self, counts).update(getattr(other, counts))
        for number in (
            "items",
            "added",
            "left_out",
            "cost",
            "unpriced",
            "flags",
            "left",
            "expected_wrong",
        ):
            setattr(self, number, getattr(self, number) + getattr(other, number))
        self.usage += other.usage
        self.to_look_at = [*self.to_look_at, *other.to_look_at][:NAMED]
        self.failures.include(other.failures)
        self.remarks.include(other.remarks)

    @property
    def done(self) -> int:
        """Documents of this run and of the earlier ones that it skipped."""
        return self.documents.total() + self.done_before

    @property
    def new(self) -> int:
        """Documents of this run."""
        return self.documents.total()

    @property
    def progress(self) -> str:
        """The counts beside the number of letters, for a progress display."""
        counts = f"{self.documents['review']:,} to review · {self.failed:,} failed"
        return f"{counts} · ${self.cost:,.2f} spent" if self.cost else counts
