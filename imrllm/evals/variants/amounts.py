"""Amounts, directions, refills and courses as clerks print them, each with the values that the rulings give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from imrllm.evals.variants.pools import form, form_and_value

_WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_DRUG_COUNTS = (7, 10, 14, 15, 18, 20, 24, 28, 30, 30, 42, 45, 50, 56, 60, 60, 75, 84, 90, 90, 100, 112, 120, 150, 180)
_SIZES = (30, 60, 100, 120, 150, 180, 240, 300)
_VISITS = (1, 2, 3, 4, 5, 6, 6, 8, 8, 9, 10, 12, 12, 15, 16, 18, 20, 24)
_WEEKS = (2, 3, 4, 4, 5, 6, 6, 8, 10, 12)


@dataclass(frozen=True)
class Wording:
    """Words of a request and the fields of the record that they state."""

    words: str
    values: dict[str, Any] = field(default_factory=dict)


def spelled(number: int) -> str:
    """A number below 1,000 in words."""
    if number < 20:
        return _WORDS[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_WORDS[rest]}" if rest else "")
    hundreds, rest = divmod(number, 100)
    return f"{_WORDS[hundreds]} hundred" + (f" {spelled(rest)}" if rest else "")


def drug_amount(random: Random) -> Wording:
    """How many tablets: a count alone has no unit, a printed noun is the unit."""
    count = random.choice(_DRUG_COUNTS)
    if random.random() < 0.7:
        return Wording(form(random, "drug counts", n=count, word=spelled(count)), {"quantity": float(count)})
    words, unit = form_and_value(random, "drug units", n=count, word=spelled(count))
    return Wording(words, {"quantity": float(count), "quantity_unit": unit})


def topical_amount(random: Random, noun: str) -> Wording:
    """How much of a preparation, by the noun of its form: a count of patches, or grams, or milliliters."""
    if noun.startswith("patch"):
        count = random.choice((5, 10, 15, 30, 60))
        words = form(random, "patch counts", n=count, word=spelled(count))
        return Wording(words, {"quantity": float(count), "quantity_unit": "patch"})
    size = random.choice(_SIZES)
    fluid = noun in ("solution", "lotion")
    words = form(random, "milliliters" if fluid else "grams", n=size, word=spelled(size))
    if fluid:
        words, _, unit = words.partition(" | ")
        return Wording(words, {"quantity": float(size), "quantity_unit": unit or "ml"})
    return Wording(words, {"quantity": float(size), "quantity_unit": "gram"})


def directions(random: Random) -> tuple[str, str | None]:
    """When a drug is taken, as printed, and the unit that a noun in it states."""
    if random.random() < 0.2:
        unit, _, words = form(random, "directions with units").partition(" | ")
        return words, unit
    return form(random, "directions"), None


def refills(random: Random) -> Wording:
    """How many refills."""
    count = random.choice((0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 11))
    if count == 0:
        return Wording(form(random, "no refills"), {"refills": 0})
    if count == 1 and random.random() < 0.3:
        return Wording(form(random, "one refill"), {"refills": 1})
    noun = "refill" if count == 1 else "refills"
    return Wording(form(random, "refills", n=count, word=spelled(count), refill=noun), {"refills": count})


def course(random: Random) -> Wording:
    """A course of therapy: a count, or how often and for how long, or both."""
    kind = random.random()
    if kind < 0.45:
        return _visits(random)
    times, weeks = random.choice((1, 1, 2, 2, 2, 3)), random.choice(_WEEKS)
    total = times * weeks
    if kind < 0.53:
        return Wording(form(random, "short courses", n=times, m=weeks), {"total_visits": total})
    often = _often(random, times)
    if kind < 0.6:
        # A course in months has no number of weeks, so the product is not certain.
        months = form(random, "months")
        return Wording(f"{often} for {months}", {"frequency": often, "duration": months})
    long = form(random, "weeks", n=weeks, word=spelled(weeks))
    joined = form(random, "courses", often=often, long=long)
    values: dict[str, Any] = {"frequency": often, "duration": long, "total_visits": total}
    if kind < 0.8:
        return Wording(joined, values)
    noun = random.choice(("visits", "sessions"))
    words, _, unit = form(random, "counted courses", course=joined, n=total, unit=noun).partition(" |")
    values["quantity"] = float(total)
    if unit.strip():
        values["quantity_unit"] = noun[:-1]
    return Wording(words, values)


def _visits(random: Random) -> Wording:
    """A count of visits: `quantity` and `total_visits`, with the noun as the unit where one is printed."""
    count = random.choice(_VISITS)
    word, unit = spelled(count), random.choice(("visit", "visit", "session", "session"))
    noun = unit if count == 1 else f"{unit}s"
    noun = random.choice((noun, noun, noun, noun, noun.capitalize(), noun.upper()))
    values = {"quantity": float(count), "total_visits": count}
    if random.random() < 0.3:
        return Wording(form(random, "bare visits", n=count, word=word), values)
    if count == 12 and random.random() < 0.1:
        return Wording(f"a dozen {noun}", {**values, "quantity_unit": unit})
    return Wording(form(random, "visits", n=count, word=word, unit=noun), {**values, "quantity_unit": unit})


def _often(random: Random, times: int) -> str:
    if times == 1:
        return form(random, "once a week")
    adverb = "twice" if times == 2 else "thrice" if random.random() < 0.2 else "three times"
    return form(random, "times", n=times, word=spelled(times), adverb=adverb)


def rental(random: Random) -> Wording:
    """How long a device is had for, or that it is bought."""
    if random.random() < 0.45:
        return Wording(form(random, "purchases"))
    count, noun = random.choice(((1, "month"), (2, "months"), (3, "months"), (6, "months"), (7, "days"), (10, "days"),
                                 (14, "days"), (21, "days"), (30, "days"), (60, "days"), (90, "days")))  # fmt: skip
    span = random.choice((f"{count} {noun}", f"{spelled(count)} {noun}"))
    return Wording(form(random, "rentals", span=span), {"duration": span})
