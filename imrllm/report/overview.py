"""Counts over many records: outcomes by category, cited guidelines, grounds, and the course of outcomes over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, get_args

from imrllm.evals.runs import Rate
from imrllm.evals.statistics import rate
from imrllm.records import Basis, Decision, Determination, DisputedItem, Ground, Guideline, Result

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
        categories: by category, the share overturned; those most often decided first.
        guidelines: by guideline, the share of items for which each side cites it.
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
    categories: list[CountedRow]
    guidelines: list[CountedRow]
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
        categories=[
            CountedRow(name, {"overturned": _overturned_of(items, name)})
            for name, _ in sorted(by_category.items(), key=lambda each: (-each[1], each[0]))
        ],
        guidelines=_guidelines(items),
        grounds=_grounds(decided),
        argued={decision: sum(bool(item.grounds) for item in each) for decision, each in decided.items()},
        unsupported=unsupported,
        length=length,
        periods=_course(names, name_of, dated),
        over_time={
            name: _course(names, name_of, [(day, item) for day, item in dated if _category(item) == name])
            for name in by_category
        },
        undated=sum(record.letter.decision_date is None for record in records),
    )


def _category(item: DisputedItem) -> str:
    return item.category or "not stated"


def _overturned_of(items: Iterable[DisputedItem], category: str) -> Rate:
    decisions = [item.decision for item in items if item.decision and _category(item) == category]
    return rate(decisions.count("overturned"), len(decisions))


def _guidelines(items: Sequence[DisputedItem]) -> list[CountedRow]:
    """Each guideline, and `none` if nothing was cited. An item counts once for each side and guideline."""
    sides = {"claims administrator": "claims_administrator", "reviewer": "reviewer_basis"}
    cited: dict[str, list[set[str]]] = {
        side: [_cited(basis) for item in items if (basis := getattr(item, name)) is not None]
        for side, name in sides.items()
    }
    return [
        CountedRow(
            guideline, {side: rate(sum(guideline in each for each in sets), len(sets)) for side, sets in cited.items()}
        )
        for guideline in (*get_args(Guideline), "none")
    ]


def _cited(basis: Basis) -> set[str]:
    return {citation.guideline for citation in basis.citations} or {"none"}


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
