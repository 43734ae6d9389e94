"""Requests composed anew: a treatment of the pool with its amounts and its place, in the syntax of a clerk."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from imrllm.evals.variants.amounts import (
    Wording,
    course,
    directions,
    drug_amount,
    refills,
    rental,
    spelled,
    topical_amount,
)
from imrllm.evals.variants.dates import numeric_date
from imrllm.evals.variants.places import place
from imrllm.evals.variants.pools import Treatment, form, treatments
from imrllm.evals.variants.spellings import other_case, slip

# What a request states; an item's other fields do not come from it.
BLANK: dict[str, Any] = {
    "treatment": None,
    "category": None,
    "ingredients": [],
    "strengths": [],
    "quantity": None,
    "quantity_unit": None,
    "refills": None,
    "frequency": None,
    "duration": None,
    "total_visits": None,
    "body_parts": [],
    "retrospective": False,
    "date_of_service": None,
}
# How requests for treatments of a category are written.
STYLES = {
    "medication": "drug",
    "topical_compound": "compound",
    "imaging": "imaging",
    "electrodiagnostic": "nerve_test",
    "laboratory": "test",
    "other_diagnostic": "test",
    "physical_therapy": "therapy",
    "chiropractic": "therapy",
    "acupuncture": "therapy",
    "other_therapy": "therapy",
    "injection": "shot",
    "surgery": "surgery",
    "equipment": "equipment",
    "consultation": "visit",
    "psychological": "counselling",
    "home_health": "service",
    "program": "service",
    "transportation": "service",
    "other": "service",
}
# By style, the place that a request may state and how often it does.
_PLACES = {
    "spinal_injection": ("level", 0.95),
    "spine_surgery": ("level", 0.95),
    "brace": ("joint", 0.8),
    "surgery": ("joint", 0.95),
    "imaging": ("any", 0.95),
    "therapy": ("any", 0.55),
    "shot": ("joint", 0.6),
    "nerve_test": ("limbs", 0.9),
}
_LEADS = {"drug": "leads for drugs", "therapy": "leads for therapies", "counselling": "leads for therapies"}


def pick(random: Random, styles: tuple[str, ...] | None = None) -> Treatment:
    """A treatment of the pool: any style alike, drugs and therapies more often, or one of the styles named."""
    pool = treatments()
    style = random.choice(styles or (*sorted({each.style for each in pool}), "drug", "drug", "therapy"))
    return random.choice([each for each in pool if each.style == style])


def compose(random: Random, treatment: Treatment, latest: date | None = None) -> tuple[str, dict[str, Any]]:
    """A request for a treatment.

    Args:
        random: what chooses.
        treatment: of the pool, or of a letter.
        latest: the day before which care can have been given; None for requests of care to come.

    Returns:
        The words, and the fields of the record that they state.
    """
    values = dict(BLANK, category=treatment.category, ingredients=list(treatment.ingredients))
    name = other_case(random, treatment.name)
    if treatment.style == "drug" and random.random() < 0.06:
        first, space, rest = name.partition(" ")
        name = f"{slip(random, first)}{space}{rest}"
    if treatment.style == "drug":
        words = _drug(random, name, treatment, values)
    elif treatment.style in ("topical", "compound"):
        words = _topical(random, name, treatment, values)
    else:
        words = _care(random, name, treatment, values)
    if latest and random.random() < 0.08:
        return _given(random, words, values, latest), values
    if random.random() < 0.18:
        words = _led(random, words, treatment.style, values)
    return words, values


def _drug(random: Random, name: str, treatment: Treatment, values: dict[str, Any]) -> str:
    values["treatment"] = name
    head, unit = name, None
    if treatment.strengths and random.random() < 0.93:
        strength = random.choice(treatment.strengths)
        values["strengths"] = list(strength)
        head = f"{name}{random.choice((' ', ' ', ' ', ', '))}{_printed_strengths(random, strength)}"
    pieces = []
    if random.random() < 0.5:
        values["frequency"], unit = directions(random)
        pieces.append(values["frequency"])
    if random.random() < 0.88:
        amount = drug_amount(random)
        values.update(amount.values)
        pieces.append(amount.words)
        # A unit in the directions counts where the amount itself has none.
        values["quantity_unit"] = values["quantity_unit"] or unit
    if random.random() < 0.35:
        pieces.append(_stated(refills(random), values))
    if random.random() < 0.15:
        random.shuffle(pieces)
    return _joined(random, head, pieces)


def _topical(random: Random, name: str, treatment: Treatment, values: dict[str, Any]) -> str:
    """A preparation for the skin: the noun of its form may stand behind its strength."""
    stem, _, noun = name.rpartition(" ")
    values["treatment"] = name
    strength = random.choice(treatment.strengths) if treatment.strengths and random.random() < 0.9 else ()
    values["strengths"] = list(strength)
    if treatment.style == "compound":
        parts = stem.split("/")
        glue, tight = random.choice(("/", "/", "/ ", ", ", "-")), random.choice(("", " "))
        values["treatment"] = f"{glue.join(parts)} {noun}"
        amounts = [each.replace(" ", tight) for each in strength] or [""] * len(parts)
        mixed = [f"{part} {amount}".strip() for part, amount in zip(parts, amounts, strict=True)]
        head = f"{glue.join(mixed)} {noun}"
    elif strength and random.random() < 0.5:
        head = f"{stem} {_printed_strengths(random, strength)} {noun}"
    else:
        head = f"{name} {_printed_strengths(random, strength)}" if strength else name
    pieces = []
    if random.random() < 0.4:
        values["frequency"] = form(random, "topical directions")
        pieces.append(values["frequency"])
    if random.random() < 0.85:
        pieces.append(_stated(topical_amount(random, noun.lower()), values))
    if random.random() < 0.3:
        pieces.append(_stated(refills(random), values))
    return _joined(random, head, pieces)


def _care(random: Random, name: str, treatment: Treatment, values: dict[str, Any]) -> str:
    """All that is not a drug: with its place, and with a course, a count or a rental where its style has these."""
    values["treatment"] = name
    style = treatment.style
    at = ""
    where, chance = _PLACES.get(style, ("", 0.0))
    if random.random() < chance:
        at, values["body_parts"] = place(random, where)
    head = form(random, "placed", name=name, at=at) if at else name
    if "((" in head or "))" in head:
        head = f"{name} {at}"
    if style == "imaging" and random.random() < 0.25:
        head = _joined(random, head, [form(random, "contrast")], " ")
    if style in ("therapy", "counselling") and random.random() < 0.9:
        visits = _stated(course(random), values)
        if at and random.random() < 0.4:
            # The course between the name and the part.
            return (
                f"{_joined(random, name, [visits])}{random.choice((' for the ', ', ', ' to the ', ' ', ' for '))}{at}"
            )
        if visits[0].isdigit() and values["quantity_unit"] and values["frequency"] is None and random.random() < 0.3:
            return f"{visits} of {head}"
        return _joined(random, head, [visits])
    return _joined(random, head, list(_extent(random, treatment, name, values)))


def _extent(random: Random, treatment: Treatment, name: str, values: dict[str, Any]) -> tuple[str, ...]:
    """How many of it, or for how long."""
    style, category = treatment.style, treatment.category
    if style == "equipment" and random.random() < 0.6:
        return (_stated(rental(random), values),)
    if style in ("shot", "test", "visit") and random.random() < 0.2:
        count = random.choice((1, 2, 3, 4, 6))
        values["quantity"] = float(count)
        if style == "visit" and "visit" in name.lower():
            values.update(quantity_unit="visit", total_visits=count)
        return (form(random, "counts", n=count, word=spelled(count)),)
    if category == "program" and random.random() < 0.5:
        hours = random.choice((40, 60, 80, 96, 120, 160))
        values.update(quantity=float(hours), quantity_unit="hour")
        return (form(random, "hours", n=hours, word=spelled(hours)),)
    if style == "service" and category in ("other", "home_health") and random.random() < 0.5:
        values["duration"] = random.choice(("3 months", "6 months", "one year", "12 months", "6 weeks", "four weeks"))
        return (form(random, "spans", span=values["duration"]),)
    return ()


def _stated(wording: Wording, values: dict[str, Any]) -> str:
    """The words of a wording; its values are noted."""
    values.update(wording.values)
    return wording.words


def _printed_strengths(random: Random, strength: tuple[str, ...]) -> str:
    units = {each.partition(" ")[2] for each in strength}
    tight = random.choice(("", " ", " "))
    printed = "/".join(each.replace(" ", tight) for each in strength)
    if len(strength) > 1 and len(units) == 1 and random.random() < 0.7:
        figures = random.choice(("/", "/", "-")).join(each.partition(" ")[0] for each in strength)
        return f"{figures}{tight}{units.pop()}"
    if len(strength) == 1 and random.random() < 0.15:
        return random.choice(
            (printed.upper(), f"({printed})", printed.replace("mg", "mgs"), printed.replace(" mg", "-mg"))
        )
    return printed


def _joined(random: Random, head: str, pieces: list[str], glue: str | None = None) -> str:
    glue = glue or random.choice((" ", ", ", ", ", " ", "; ", " - "))
    for piece in pieces:
        between = "" if piece.startswith(",") else " " if piece.startswith(("(", "[")) else glue
        head += (between if random.random() < 0.85 or not between else " ") + piece
    return head


def _led(random: Random, words: str, style: str, values: dict[str, Any]) -> str:
    """A request behind words such as "1 prescription of"; a count that opens a request is its quantity."""
    lead = form(random, _LEADS.get(style, "leads for others"))
    if lead in ("1", "One", "Repeat"):
        if style not in ("imaging", "brace") or values["quantity"] is not None:
            return words
        if lead != "Repeat":
            values["quantity"] = 1.0
    return f"{lead} {words}"


def _given(random: Random, words: str, values: dict[str, Any], latest: date) -> str:
    """A request for care already given, with or without its date."""
    values["retrospective"] = True
    lead = form(random, "leads for care given")
    if random.random() < 0.2:
        return f"{lead} {words}"
    day = latest - timedelta(days=random.randrange(20, 300))
    values["date_of_service"] = day.isoformat()
    told = form(random, "dates of service", date=numeric_date(random, day))
    if "dos" in told.lower() and random.random() < 0.4:
        return f"{words}{random.choice((', ', ' '))}{told}"
    return f"{lead} {words} {told}"
