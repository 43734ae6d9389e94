"""Prints a letter's pieces in a style, and keeps where each piece stands."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from imrllm.evals.drift.pieces import ItemPieces, LetterPieces, SectionName
from imrllm.evals.drift.style import Furniture, ItemStyle, PieceName, Style
from imrllm.spans import SourceSpan

# A page ends between paragraphs, or within a long text after a full stop: never within a value.
_LINE_END = re.compile(r"\n\s*")
_ENDS_SENTENCE = re.compile(r"[.!?][\"')\]]{0,2}[^\S\n]*\Z")
_LONG_TEXTS = ("credentials", "summary", "rationale")


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter printed in a style.

    Attributes:
        text: its text.
        places: where each piece stands, by its name: `header`, `credentials`, `summary`, and for each disputed item
            `0/request`, `0/outcome`, `0/claims_administrator`, `0/reviewer_basis` and `0/rationale`.
    """

    text: str
    places: Mapping[str, SourceSpan]


def print_letter(pieces: LetterPieces, style: Style) -> PrintedLetter:
    """Print a letter's pieces in a style; the letter's own text stays as it is."""
    page = _Page("\n" * pieces.newlines)
    if style.header:
        page.put(style.header, "header")
        page.end_paragraph()
    if style.front:
        page.line(style.front.heading)
        for n, (item, its) in enumerate(zip(pieces.items, style.items, strict=True), 1):
            page.line(style.front.row.format(n=n, request=item.request, outcome=its.outcome))
        page.end_paragraph()
    for name in style.sections:
        _print_section(page, name, pieces, style)
    printed = page.printed()
    return _with_furniture(printed, style.furniture) if style.furniture else printed


@dataclass
class _Page:
    """A text while it is printed."""

    newline: str
    _texts: list[str] = field(default_factory=list)
    _length: int = 0
    _places: dict[str, SourceSpan] = field(default_factory=dict)

    def put(self, text: str, name: str | None = None) -> None:
        """Print a text; `name` is the piece that it is."""
        if name:
            self._places[name] = SourceSpan((self._length, self._length + len(text)))
        self._texts.append(text)
        self._length += len(text)

    def line(self, text: str) -> None:
        if text:
            self.put(text + self.newline)

    def end_line(self) -> None:
        self.put(self.newline)

    def end_paragraph(self) -> None:
        self.put(self.newline * 2)

    def printed(self) -> PrintedLetter:
        return PrintedLetter("".join(self._texts), self._places)


def _print_section(page: _Page, name: SectionName, pieces: LetterPieces, style: Style) -> None:
    page.line(style.headings[name])
    if style.leads[name]:
        page.put(style.leads[name])
        page.end_paragraph()
    if name == "decisions":
        _print_items(page, pieces, style)
        return
    if name == "credentials":
        page.line(style.credentials_label)
    page.put(pieces.sections[name].text, name)
    page.end_paragraph()


def _print_items(page: _Page, pieces: LetterPieces, style: Style) -> None:
    items = list(enumerate(zip(pieces.items, style.items, strict=True)))
    if style.table:
        page.line(style.table.cells.join(style.table.titles))
        for index, (item, its) in items:
            page.put(style.table.row.format(n=index + 1))
            page.put(item.request, f"{index}/request")
            page.put(style.table.cells)
            page.put(its.outcome, f"{index}/outcome")
            page.end_line()
        page.end_paragraph()
    for index, (item, its) in items:
        if style.table:
            page.line(style.table.argued.format(n=index + 1))
        for part in its.order:
            if not (style.table and part in ("request", "outcome")):
                _print_part(page, index, part, item, its)


def _print_part(page: _Page, index: int, part: PieceName, item: ItemPieces, its: ItemStyle) -> None:
    if part == "request":
        page.put(its.mark)
        page.put(item.request, f"{index}/request")
        if "outcome" not in its.order:
            page.put(its.glue)
            page.put(its.outcome, f"{index}/outcome")
    elif part == "outcome":
        page.put(f"{its.outcome_label} " if its.outcome_label else "")
        page.put(its.outcome, f"{index}/outcome")
    elif part in item.texts:
        label = its.labels[part]
        page.put(label if label.endswith("\n") else f"{label} ")
        page.put(item.texts[part], f"{index}/{part}")
    else:
        return
    page.end_paragraph()


def _with_furniture(printed: PrintedLetter, furniture: Furniture) -> PrintedLetter:
    """End a page after each so many lines, at the next place where no value stands."""
    text = printed.text
    spans = sorted(printed.places.items(), key=lambda each: each[1])
    starts = [span[0] for _, span in spans]
    ends = []
    lines = 0
    for found in _LINE_END.finditer(text):
        lines += 1
        at = bisect_right(starts, found.start()) - 1
        name, span = spans[at] if at >= 0 else ("", SourceSpan((0, 0)))
        inside = found.end() < span[1]
        is_long = name.rpartition("/")[2] in _LONG_TEXTS
        if inside and not (is_long and _ENDS_SENTENCE.search(text, span[0], found.start())):
            continue
        if lines >= furniture.lines and found.end() < len(text):
            ends.append(found.end())
            lines = 0
    pages = len(ends) + 1
    glue = "\n" * max(1, math.ceil(text.count("\n") / max(1, len(_LINE_END.findall(text)))))
    between = [
        f"{furniture.bottom}\n{furniture.top}\n".format(page=page, pages=pages, next=page + 1).replace("\n", glue)
        for page in range(1, pages)
    ]
    cuts = [0, *ends, len(text)]
    stretches = [text[start:end] for start, end in pairwise(cuts)]
    moved = [0, *accumulate(map(len, between))]
    places = {
        name: SourceSpan((span[0] + moved[bisect_right(ends, span[0])], span[1] + moved[bisect_left(ends, span[1])]))
        for name, span in spans
    }
    joined = "".join(stretch + between[n] if n < len(between) else stretch for n, stretch in enumerate(stretches))
    return PrintedLetter(joined, places)
