"""Dates as clerks print them."""

from __future__ import annotations

import re
from datetime import date
from random import Random

from imrllm.evals.variants.pools import form

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
FIGURES = re.compile(r"(?<![\d/-])(?P<m>\d{1,2})(?P<glue>[/-])(?P<d>\d{1,2})(?P=glue)(?P<y>\d{4}|\d{2})(?![\d/-])")
NAMED = re.compile(rf"\b(?P<m>{'|'.join(MONTHS)}) (?P<d>\d{{1,2}}), (?P<y>\d{{4}})\b")


def numeric_date(random: Random, day: date) -> str:
    """A date in figures."""
    return _printed(random, "dates in figures", day)


def prose_date(random: Random, day: date) -> str:
    """A date in figures or in words."""
    return _printed(random, random.choice(("dates in figures", "dates in words", "dates in words")), day)


def month(random: Random, day: date) -> str:
    """A date's month and year."""
    return _printed(random, "months of dates", day)


def day_of(found: re.Match[str]) -> date | None:
    """The day of a match of `FIGURES` or `NAMED`; None if there is no such day."""
    month, year = found["m"], int(found["y"])
    try:
        number = int(month) if month.isdigit() else MONTHS.index(month) + 1
        return date(year if year > 99 else year + (2000 if year < 30 else 1900), number, int(found["d"]))
    except ValueError:
        return None


def _printed(random: Random, section: str, day: date) -> str:
    name = MONTHS[day.month - 1]
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    return form(
        random, section, d=day.day, m=day.month, y=day.year, s=day.year % 100, month=name, short=name[:3],
        capitals=name.upper(), th=ordinal,
    )  # fmt: skip
