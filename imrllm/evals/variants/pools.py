"""The pools that variants draw from: data files beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment of the pool.

    Attributes:
        name: as clerks write it.
        category: the record's category.
        ingredients: generic names; empty for all but drugs.
        strengths: what it comes in; each has one entry for each ingredient that a strength is printed for.
        style: how requests for it are written, the section of the pool.
    """

    name: str
    category: str
    ingredients: tuple[str, ...]
    strengths: tuple[tuple[str, ...], ...]
    style: str


@cache
def read_pool(name: str) -> dict[str, tuple[str, ...]]:
    """The entries of a data file by section: a line each, without comments."""
    sections: dict[str, list[str]] = {}
    section: list[str] = []
    for line in (files("imrllm.evals.variants") / name).read_text(encoding="utf-8").splitlines():
        entry = line.strip()
        if entry.startswith("[") and entry.endswith("]"):
            section = sections.setdefault(entry[1:-1], [])
        elif (entry and not entry.startswith("# ")) or entry.startswith("# {"):
            section.append(entry)
    return {name: tuple(entries) for name, entries in sections.items()}


@cache
def treatments() -> tuple[Treatment, ...]:
    """All treatments of the pool."""
    return tuple(_treatment(style, line) for style, lines in read_pool("treatments.txt").items() for line in lines)


def _treatment(style: str, line: str) -> Treatment:
    name, category, ingredients, strengths = (cell.strip() for cell in line.split("|"))
    return Treatment(
        name=name,
        category=category,
        ingredients=tuple(each.strip() for each in ingredients.split(",") if each.strip()),
        strengths=tuple(
            tuple(part.strip() for part in each.split("/")) if "/hr" not in each else (each.strip(),)
            for each in strengths.split(";")
            if each.strip()
        ),
        style=style,
    )


def form(random: Random, section: str, **values: object) -> str:
    """One of the printed forms of a section of `forms.txt`, with its values put in."""
    return random.choice(read_pool("forms.txt")[section]).format(**values)


def form_and_value(random: Random, section: str, **values: object) -> tuple[str, str]:
    """A printed form and the value before its "|"."""
    value, _, words = form(random, section, **values).partition(" | ")
    return words, value
