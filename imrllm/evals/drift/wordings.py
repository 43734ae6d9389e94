"""The wordings of both halves: those that what reads letters may be developed on, and those held out from it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from imrllm.records import FrozenModel

Half = Literal["seen", "held out"]
_Some = Annotated[tuple[str, ...], Field(min_length=1)]


class Slips(FrozenModel):
    """How words are spoiled; `scan` has pairs of what is printed and what a scan takes it for."""

    typist: tuple[Literal["double", "drop", "swap", "neighbor", "split", "join"], ...]
    scan: tuple[tuple[str, str], ...]
    case: tuple[Literal["upper", "lower", "title", "sentence", "opposite"], ...]
    colons: tuple[str, ...]


class Headings(FrozenModel):
    """The headings of one form; the label and the leads are None where the letter's own are kept."""

    credentials: str
    summary: str
    decisions: str
    credentials_label: str | None = None
    summary_lead: str | None = None
    decisions_lead: str | None = None


class Labels(FrozenModel):
    """The labels of one form, without colons."""

    claims_administrator: str
    reviewer_basis: str
    rationale: str


class Words(FrozenModel):
    """The headings and the labels of some forms."""

    headings: tuple[Headings, ...]
    labels: tuple[Labels, ...]


class Sections(FrozenModel):
    """Orders of the sections, and headings that are lost, with or without the fixed words after them."""

    orders: tuple[tuple[Literal["credentials", "summary", "decisions"], ...], ...]
    lost: tuple[tuple[Literal["credentials", "summary", "decisions"], ...], ...]
    lost_leads: tuple[bool, ...]


class Items(FrozenModel):
    """Orders of an item's parts, labels of its outcome, and what stands before it."""

    orders: tuple[tuple[Literal["request", "outcome", "claims_administrator", "reviewer_basis", "rationale"], ...], ...]
    outcome_labels: _Some
    bullets: _Some
    issues: _Some


class Outcomes(FrozenModel):
    """Pairs of words for what was upheld and what was overturned."""

    words: tuple[tuple[str, str], ...]


class TableWords(FrozenModel):
    """Items as the rows of a table, argued below by number.

    Attributes:
        titles: the titles of its columns.
        row: what stands before a request; `{n}` is the item's number.
        cells: what stands between two cells.
        argued: the line above an item's paragraphs; `{n}` is the item's number.
    """

    titles: _Some
    row: str
    cells: str
    argued: str


class FrontWords(FrozenModel):
    """A list of the outcomes before all sections.

    Attributes:
        heading: its heading.
        row: one outcome; `{n}`, `{request}` and `{outcome}` stand for the item's.
    """

    heading: str
    row: str


class HeaderWords(FrozenModel):
    """A header in prose, with the names of the record's values in braces."""

    prose: str


class HeaderLabels(FrozenModel):
    """The labels of the header block, by the record's names, without colons."""

    case_number: str
    date_assigned: str
    date_of_injury: str
    decision_date: str
    ur_denial_date: str
    priority: str


class FurnitureWords(FrozenModel):
    """What is printed at a page's end and at the next one's top; see `style.Furniture`."""

    bottom: str
    top: str


class Wordings(FrozenModel):
    """The wordings of one half."""

    slips: Slips
    reworded: Words
    renamed: Words
    sections: Sections
    items: Items
    outcomes: Outcomes
    tables: tuple[TableWords, ...]
    fronts: tuple[FrontWords, ...]
    headers: tuple[HeaderWords, ...]
    header_labels: tuple[HeaderLabels, ...]
    furniture: tuple[FurnitureWords, ...]


@cache
def wordings(half: Half) -> Wordings:
    """The wordings of a half."""
    name = f"{half.replace(' ', '_')}.toml"
    return Wordings.model_validate(tomllib.loads((files(__package__) / name).read_text(encoding="utf-8")))
