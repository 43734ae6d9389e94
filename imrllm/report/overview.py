"""What the overview has beside the published tables: grounds, outcomes over time, and the letters behind each bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, get_args

from imrllm.analysis import AnalysisColumn, AnalyzedDocument
from imrllm.evals.runs import Rate
from imrllm.evals.statistics import rate
from imrllm.records import Decision, Determination, DisputedItem, Ground, Result
from imrllm.report.published import DEFAULT_TABLES, OutcomeTable
from imrllm.report.published_columns import groupable
from imrllm.report.published_groups import grouped_items

# What the page tells of an item behind a bar, as bits of one number.
OVERTURNED, UPHELD, TO_REVIEW = 1, 2, 4
_BITS = {"overturned": OVERTURNED, "upheld": UPHELD}
# The tables of `imrllm report` and, for comparison with the reviewer's, the other side's guidelines.
_AFTER = DEFAULT_TABLES.index(("reviewer_guidelines",)) + 1
_TABLES = (*DEFAULT_TABLES[:_AFTER], ("claims_administrator_guidelines",), *DEFAULT_TABLES[_AFTER:])
# The number of categories with a picture of their course over time. The table has all categories.
_PICTURES = 6
_MONTHS_UP_TO = 18


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One line of a picture and of its table.

    Attributes:
        name: what is counted.
        shares: the shares of it, by whose they are.
    """

    name: str
    shares: dict[str, Rate]


class Period(NamedTuple):
    """The disputed items decided in one month, quarter or year."""

    name: str
    upheld: int
    overturned: int

    @property
    def share(self) -> Rate:
        """The share overturned."""
        return rate(self.overturned, self.upheld + self.overturned)


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts behind the overview.

    Attributes:
        letters: records counted.
        items: their disputed items.
        overturned: of all items, those overturned.
        grounds: by ground, the share of the items of each decision that are argued so; most frequent first.
        argued: by decision, how many items state any ground.
        unsupported: grounds that no words of the letters support; they are not counted.
        length: how long a period is.
        periods: all items over time, none left out in between.
        over_time: by category, the same, for every category.
        undated: letters without a decision date, which no period has.
    """

    letters: int
    items: int
    overturned: Rate
    grounds: list[CountedRow]
    argued: dict[str, int]
    unsupported: int
    length: str
    periods: list[Period]
    over_time: dict[str, list[Period]]
    undated: int

    @property
    def pictured(self) -> list[str]:
        """The categories whose course over time is drawn: the most frequent of dated letters."""
        totals = {name: sum(each.share.of for each in row) for name, row in self.over_time.items()}
        return sorted((name for name in totals if totals[name]), key=lambda name: -totals[name])[:_PICTURES]

    @property
    def top(self) -> int:
        """The most items of one period."""
        return max((each.share.of for each in self.periods), default=0)

    @property
    def top_of_pictured(self) -> int:
        """The most items of one period and category: pictures side by side have one scale."""
        return max((each.share.of for name in self.pictured for each in self.over_time[name]), default=0)


def supported(results: Iterable[Result]) -> tuple[list[Determination], int]:
    """The records with only those grounds that words of the letters support, and how many grounds that leaves out."""
    records, left_out = [], 0
    for result in results:
        if result.record is None:
            continue
        items = []
        for index, item in enumerate(result.record.disputed_items):
            left_out += result.grounds_left_out(index)
            items.append(item.model_copy(update={"grounds": result.supported_grounds(index)}))
        records.append(result.record.model_copy(update={"disputed_items": tuple(items)}))
    return records, left_out


def overview_tables(by: Sequence[tuple[AnalysisColumn, ...]] = ()) -> list[tuple[AnalysisColumn, ...]]:
    """The columns of the tables that the overview needs, as `count_published` takes them.

    Args:
        by: the columns of each table that is shown; by default those of the report, with the guidelines of both sides.

    Returns:
        The same, and at the end the grounds, whose table is not shown: its letters are behind the bars of the grounds.
    """
    known = groupable()
    return [*(by or [tuple(known[name] for name in names) for names in _TABLES]), (known["grounds"],)]


def openings(tables: Sequence[OutcomeTable], rows: Sequence[AnalyzedDocument | None]) -> list[list[list[int]]]:
    """The letters and items behind each row of tables.

    Args:
        tables: counted from these rows.
        rows: what the page shows, in its order; None for a row that is not a result.

    Returns:
        By table and by row of it, its total last: three numbers for each item: the index of the letter in `rows`, the
        index of the item in the letter, and the sum of what is true of it (`OVERTURNED`, `UPHELD`, `TO_REVIEW`).
    """
    found: list[list[list[int]]] = [[[] for _ in (*table.rows, table.total)] for table in tables]
    at = [{row.group: number for number, row in enumerate(table.rows)} for table in tables]
    for place, document in enumerate(rows):
        if document is None or document.record is None:
            continue
        for table, numbers, opened in zip(tables, at, found, strict=True):
            for each in grouped_items(table.by, document):
                decision = each.item.item.decision
                entry = (
                    place,
                    each.item.number - 1,
                    (_BITS[decision] if decision else 0) + TO_REVIEW * each.is_to_review,
                )
                for number in (*sorted(numbers[group] for group in each.groups), -1):
                    opened[number] += entry
    return found


def overview(records: Iterable[Determination], unsupported: int = 0) -> Overview:
    """Count what the records of any number of letters say; the counts are empty where there is no record.

    Args:
        records: the records.
        unsupported: grounds that were left out of them.
    """
    records = list(records)
    items = [item for record in records for item in record.disputed_items]
    dated = [(record.letter.decision_date, item) for record in records for item in record.disputed_items]
    dates = [day for day, _ in dated if day]
    length, name_of = _periods(dates)
    names = _between(dates, length, name_of)
    by_category = Counter(_category(item) for item in items)
    decided = {decision: [item for item in items if item.decision == decision] for decision in get_args(Decision)}
    return Overview(
        letters=len(records),
        items=len(items),
        overturned=rate(len(decided["overturned"]), sum(map(len, decided.values()))),
        grounds=_grounds(decided),
        argued={decision: sum(bool(item.grounds) for item in each) for decision, each in decided.items()},
        unsupported=unsupported,
        length=length,
        periods=_course(names, name_of, dated),
        over_time={
            name: _course(names, name_of, [(day, item) for day, item in dated if _category(item) == name])
            for name, _ in sorted(by_category.items(), key=lambda each: (-each[1], each[0]))
        },
        undated=sum(record.letter.decision_date is None for record in records),
    )


def _category(item: DisputedItem) -> str:
    return item.category or "not stated"


def _grounds(decided: dict[str, list[DisputedItem]]) -> list[CountedRow]:
    rows = [
        CountedRow(
            ground,
            {name: rate(sum(ground in item.grounds for item in own), len(own)) for name, own in decided.items()},
        )
        for ground in get_args(Ground)
    ]
    stated = [row for row in rows if any(share.right for share in row.shares.values())]
    return sorted(stated, key=lambda row: -sum(share.right for share in row.shares.values()))


def _periods(dates: Sequence[date]) -> tuple[str, Callable[[date], str]]:
    """The length of a period that gives a readable number of periods, and a function that names a day's period."""
    months = len({(day.year, day.month) for day in dates}) and _months(max(dates)) - _months(min(dates)) + 1
    if months <= _MONTHS_UP_TO:
        return "month", lambda day: f"{day:%Y-%m}"
    if months <= _MONTHS_UP_TO * 3:
        return "quarter", lambda day: f"{day.year} Q{(day.month + 2) // 3}"
    return "year", lambda day: f"{day.year}"


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _between(dates: Sequence[date], length: str, name_of: Callable[[date], str]) -> list[str]:
    """The names of all periods from the first to the last, including those without letters."""
    if not dates:
        return []
    step = {"month": 1, "quarter": 3, "year": 12}[length]
    first, last = _months(min(dates)), _months(max(dates))
    days = [date(month // 12, month % 12 + 1, 1) for month in (*range(first, last + 1, step), last)]
    return list(dict.fromkeys(map(name_of, days)))


def _course(
    names: Sequence[str], name_of: Callable[[date], str], dated: Iterable[tuple[date | None, DisputedItem]]
) -> list[Period]:
    counts = Counter((name_of(day), item.decision) for day, item in dated if day)
    return [Period(name, counts[name, "upheld"], counts[name, "overturned"]) for name in names]
