"""How a letter is printed: its phrases, their order and its layout. Each kind of drift changes some of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from imrllm.evals.drift.pieces import ARGUMENTS, ArgumentName, LetterPieces, SectionName
from imrllm.evals.drift.wordings import FrontWords, TableWords

PieceName = Literal["request", "outcome"] | ArgumentName
_ORDER: tuple[PieceName, ...] = ("request", *ARGUMENTS)


@dataclass
class ItemStyle:
    """How a disputed item is printed.

    Attributes:
        outcome: the words of its outcome.
        labels: the labels of its paragraphs, with their colons.
        glue: what stands between the request and its outcome.
        mark: what stands before the request.
        order: its parts in their order; without `outcome` there, the outcome follows the request on its line.
        outcome_label: what stands before an outcome on a line of its own, with its colon; may be empty.
    """

    outcome: str
    labels: dict[ArgumentName, str]
    glue: str = ": "
    mark: str = ""
    order: tuple[PieceName, ...] = _ORDER
    outcome_label: str = ""


@dataclass(frozen=True)
class Furniture:
    """What is printed where a page ends.

    Attributes:
        bottom: at its end; `{page}`, `{pages}` and `{next}` stand for page numbers.
        top: at the top of the next page.
        lines: how many printed lines a page has.
    """

    bottom: str
    top: str
    lines: int


@dataclass
class Style:
    """How one letter is printed.

    Attributes:
        header: the text before all sections; may be empty.
        headings: the headings of its sections; empty where the heading is lost.
        leads: the fixed words after each heading; may be empty.
        credentials_label: the line that opens the reviewer's credentials; may be empty.
        sections: the sections in their order.
        items: how each disputed item is printed.
        table: where set, the items are rows of a table.
        front: where set, the outcomes are listed before all sections as well.
        furniture: where set, pages end within the letter.
    """

    header: str
    headings: dict[SectionName, str]
    leads: dict[SectionName, str]
    credentials_label: str
    sections: tuple[SectionName, ...]
    items: list[ItemStyle] = field(default_factory=list)
    table: TableWords | None = None
    front: FrontWords | None = None
    furniture: Furniture | None = None

    @classmethod
    def of(cls, pieces: LetterPieces) -> Style:
        """How a letter was printed."""
        return cls(
            header=pieces.header,
            headings={name: section.heading for name, section in pieces.sections.items()},
            leads={name: section.lead for name, section in pieces.sections.items()},
            credentials_label=pieces.sections["credentials"].label,
            sections=tuple(pieces.sections),
            items=[
                ItemStyle(item.outcome, {name: f"{label}:" for name, label in item.labels.items()})
                for item in pieces.items
            ],
        )
