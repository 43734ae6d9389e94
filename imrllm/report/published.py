"""The tables that are published about these letters, counted from records: outcomes by any column, letters by quarter.

Here it is decided what counts in which table and which notes it needs; `published_text` and `published_page` print it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imrllm.analysis import AnalysisColumn, AnalyzedDocument, analyze
from imrllm.evals.runs import Rate
from imrllm.evals.statistics import rate
from imrllm.records import Result
from imrllm.report.formatting import count
from imrllm.report.published_columns import (
    LAST,
    NOT_KNOWN,
    ORDERED,
    column_words,
    groupable,
    is_list,
    natural_order,
)
from imrllm.report.published_groups import grouped_items, is_of_drugs

# A share of fewer items is marked: around one half, its interval is more than half of the scale wide.
FEW = 10
FEW_NOTE = f"* Fewer than {FEW} items: the share says little, and a published row could point to one person."
REVIEW_NOTE = (
    "To review: items whose row or decision rests on a value that a person is asked to look at and nobody has settled."
)
# The columns of days of the table of letters, and what they count from.
STARTS = {
    "days_from_application": "days from application",
    "days_from_assignment": "from assignment",
    "days_from_ur_denial": "from UR denial",
}
DEFAULT_TABLES = (
    ("service_group",),
    ("service",),
    ("drug_classes",),
    ("opioid",),
    ("reviewer_guidelines",),
    ("decision_quarter",),
    ("ur_outcome",),
    ("is_primary",),
)


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """The disputed items of one group.

    Attributes:
        group: its value in each column of the table.
        letters: letters with such an item.
        overturned: the share of its items that are overturned.
        share: its items among those of the table, 0 to 1.
        to_review: items whose group or decision rests on a value that a person is asked to look at.
    """

    group: tuple[str, ...]
    letters: int
    overturned: Rate
    share: float
    to_review: int

    @property
    def items(self) -> int:
        """Its disputed items."""
        return self.overturned.of

    @property
    def upheld(self) -> int:
        """Those of them that are upheld."""
        return self.overturned.of - self.overturned.right

    @property
    def is_small(self) -> bool:
        """Whether there are too few items for the share to say much."""
        return self.items < FEW


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """Outcomes by one or more columns.

    Attributes:
        by: the columns.
        rows: the groups; those of time in order, others the largest first, what is not stated last.
        total: all items of the table, each once.
        notes: what to know to read it.
    """

    by: tuple[AnalysisColumn, ...]
    rows: tuple[OutcomeRow, ...]
    total: OutcomeRow
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """What is counted, by what."""
        return f"Outcomes by {' and '.join(self.heads)}"

    @property
    def heads(self) -> tuple[str, ...]:
        """What its columns are called."""
        return tuple(map(column_words, self.by))


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """The letters of one quarter.

    Attributes:
        quarter: `2016-Q4`, `not known`, or `all`.
        letters: the letters.
        items: their disputed items.
        days: the median days from each of `STARTS` to the decision, None if none is known, and of how many letters.
    """

    quarter: str
    letters: int
    items: int
    days: tuple[tuple[float | None, int], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """The tables of a results file.

    Attributes:
        letters: letters with a record.
        failed: letters without one.
        items: disputed items.
        tables: outcomes by the columns asked for.
        quarters: letters by quarter, then all of them.
    """

    letters: int
    failed: int
    items: int
    tables: tuple[OutcomeTable, ...]
    quarters: tuple[QuarterRow, ...]


def count_published(results: Iterable[Result], by: Sequence[tuple[AnalysisColumn, ...]] = ()) -> Published:
    """Count the published tables.

    Args:
        results: results, at most one for each document.
        by: the columns of each table; by default those of `DEFAULT_TABLES`.
    """
    return count_analyzed(map(analyze, results), by)


def count_analyzed(documents: Iterable[AnalyzedDocument], by: Sequence[tuple[AnalysisColumn, ...]] = ()) -> Published:
    """As `count_published`, of results that are analyzed already."""
    known = groupable()
    tables = [_Counted(columns) for columns in by or [tuple(known[name] for name in each) for each in DEFAULT_TABLES]]
    quarters: dict[str, _Quarter] = {}
    everything = _Quarter()
    failed = 0
    for document in documents:
        if document.record is None:
            failed += 1
            continue
        for quarter in (everything, quarters.setdefault(document.derived.decision_quarter or NOT_KNOWN, _Quarter())):
            quarter.add(document)
        for table in tables:
            table.add(document)
    ordered = sorted(quarters, key=lambda name: (name in LAST, name))
    return Published(
        letters=everything.letters,
        failed=failed,
        items=everything.items,
        tables=tuple(table.table() for table in tables),
        quarters=(*(quarters[name].row(name) for name in ordered), everything.row("all")),
    )


@dataclass(slots=True)
class _Quarter:
    """The letters of a quarter, while they are counted."""

    letters: int = 0
    items: int = 0
    days: tuple[Counter[int], ...] = field(default_factory=lambda: tuple(Counter() for _ in STARTS))

    def add(self, document: AnalyzedDocument) -> None:
        """Count one letter."""
        self.letters += 1
        self.items += len(document.items)
        for counted, column in zip(self.days, STARTS, strict=True):
            days: int | None = getattr(document.derived, column)
            if days is not None:
                counted[days] += 1

    def row(self, name: str) -> QuarterRow:
        """The row."""
        days = tuple((_median(counted), counted.total()) for counted in self.days)
        return QuarterRow(name, self.letters, self.items, days)


def _median(counted: Counter[int]) -> float | None:
    """The median of values that are counted; None without a value."""
    values = sorted(counted.elements())
    if not values:
        return None
    low, high = values[(len(values) - 1) // 2], values[len(values) // 2]
    return (low + high) / 2


@dataclass(slots=True)
class _Cell:
    letters: int = 0
    upheld: int = 0
    overturned: int = 0
    undecided: int = 0
    to_review: int = 0

    @property
    def items(self) -> int:
        return self.upheld + self.overturned

    def row(self, group: tuple[str, ...], total: int) -> OutcomeRow:
        share = self.items / total if total else 0.0
        return OutcomeRow(group, self.letters, rate(self.overturned, self.items), share, self.to_review)


@dataclass(slots=True)
class _Counted:
    """One table of outcomes, while it is counted."""

    by: tuple[AnalysisColumn, ...]
    cells: dict[tuple[str, ...], _Cell] = field(default_factory=dict)
    total: _Cell = field(default_factory=_Cell)

    def add(self, document: AnalyzedDocument) -> None:
        """Count the items of one letter, each once in each of its groups."""
        met: set[tuple[str, ...]] = set()
        is_counted = False
        for each in grouped_items(self.by, document):
            is_counted = True
            for cell in (self.total, *(self.cells.setdefault(group, _Cell()) for group in each.groups)):
                cell.overturned += each.item.item.decision == "overturned"
                cell.upheld += each.item.item.decision == "upheld"
                cell.undecided += each.item.item.decision is None
                cell.to_review += each.is_to_review
            met |= each.groups
        self.total.letters += is_counted
        for group in met:
            self.cells[group].letters += 1

    def table(self) -> OutcomeTable:
        """The table."""
        sizes = [Counter[str]() for _ in self.by]
        for group, cell in self.cells.items():
            for size, value in zip(sizes, group, strict=True):
                size[value] += cell.items

        def place(group: tuple[str, ...]) -> tuple[Any, ...]:
            return tuple(
                (value in LAST, 0 if column.name in ORDERED else -size[value], natural_order(value))
                for column, size, value in zip(self.by, sizes, group, strict=True)
            )

        rows = tuple(self.cells[group].row(group, self.total.items) for group in sorted(self.cells, key=place))
        total = self.total.row(("all", *("" for _ in self.by[1:])), self.total.items)
        return OutcomeTable(self.by, rows, total, tuple(self._notes(rows, total)))

    def _notes(self, rows: Sequence[OutcomeRow], total: OutcomeRow) -> Iterator[str]:
        if is_of_drugs(self.by):
            yield "Counts drugs alone: items of the service Pharmaceuticals, and others with a drug class."
        lists = [column_words(column) for column in self.by if is_list(column)]
        if lists:
            several = sum(row.items for row in rows) - total.items
            yield (
                f"An item with several {' or '.join(lists)} counts in the row of each"
                + (f": the rows have {several:,} more items than the total." if several else ".")
            )
        if self.total.undecided:
            undecided = count(self.total.undecided, "item")
            yield f"Without a decision, and in no share: {undecided}. Their letters and what is to review are counted."
        if any(row.is_small for row in (*rows, total)):
            yield FEW_NOTE
        if total.to_review:
            yield REVIEW_NOTE
