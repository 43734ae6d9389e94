"""Published tables for a terminal, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imrllm.analysis.csv_cells import csv_cell
from imrllm.report.formatting import NOTHING, count, interval, percent
from imrllm.report.published import STARTS, OutcomeRow, OutcomeTable, Published, QuarterRow
from imrllm.report.terminal import add_row, empty_table, figures_table, printable, text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

    from imrllm.report.published_source import Facts

TITLE = "Independent medical review: outcomes"
QUARTERS = "Letters by quarter of the decision"
OUTCOME_HEADS = ("items", "of all", "upheld", "overturned", "95% interval", "letters", "to review")
QUARTER_HEADS = ("letters", "items", "items a letter", *STARTS.values())
QUARTER_NOTE = (
    "Days are medians over the letters that state both dates, whose number is in brackets; a negative difference is "
    "left out."
)
INTERVALS = "Intervals are Wilson's, at 95%, of the share overturned; the share upheld is the rest."
# In columns: what all figures need, with 30 for the names of rows; and what a narrower terminal is not shown.
_WIDE = 110
_LEFT_OUT = ("of all", "upheld", "letters")
_CSV_HEADS = (
    "table",
    "group",
    "items",
    "share_of_items",
    "upheld",
    "overturned",
    "overturn_rate",
    "low",
    "high",
    "letters",
    "to_review",
    "fewer_than_10_items",
    *STARTS,
    "value",
)


def opening(published: Published) -> str:
    """What was counted, in a sentence."""
    failed = f" Not counted: {count(published.failed, 'document')} without a record." if published.failed else ""
    counted = f"{count(published.items, 'disputed item')} of {count(published.letters, 'letter')}."
    return f"{counted}{failed} {INTERVALS}"


def outcome_cells(row: OutcomeRow) -> tuple[str, ...]:
    """A row's figures as texts, in the order of `OUTCOME_HEADS`."""
    overturned = row.overturned
    mark = " *" if row.is_small else ""
    return (
        f"{row.items:,}",
        percent(row.share if row.items else None),
        f"{row.upheld:,} ({percent(None if overturned.rate is None else 1 - overturned.rate)})",
        f"{overturned.right:,} ({percent(overturned.rate)}){mark}",
        interval(overturned.low, overturned.high) or NOTHING,
        f"{row.letters:,}",
        f"{row.to_review:,}",
    )


def quarter_cells(row: QuarterRow) -> tuple[str, ...]:
    """A row's figures as texts, in the order of `QUARTER_HEADS`."""
    return (
        f"{row.letters:,}",
        f"{row.items:,}",
        f"{row.items / row.letters:.1f}" if row.letters else NOTHING,
        *(NOTHING if median is None else f"{median:g} ({dated:,})" for median, dated in row.days),
    )


def terminal_tables(published: Published, facts: Facts) -> RenderableType:
    """Lay the tables out for a rich console."""
    from rich.console import Group

    parts: list[RenderableType] = [text(opening(published))]
    for table in published.tables:
        parts += (text(""), _Fitting(table), *(text(note, "dim") for note in table.notes))
    parts += (text(""), _quarters(published.quarters), text(QUARTER_NOTE, "dim"), text(""), text("Made from", "bold"))
    parts += (text(f"  {name}: {value}", "dim") for name, value in facts)
    return Group(*parts)


def _quarters(rows: Sequence[QuarterRow]) -> RenderableType:
    cells = [(row.quarter, *quarter_cells(row)) for row in rows]
    shown = empty_table(QUARTERS)
    for place, head in enumerate(("quarter", *QUARTER_HEADS)):
        # The heads are longer than the figures: they wrap, the figures do not.
        longest = max(map(len, (*head.split(), *(row[place] for row in cells))))
        shown.add_column(text(head), justify="right" if place else "left", min_width=longest)
    for row in cells:
        add_row(shown, *row)
    return shown


@dataclass(frozen=True, slots=True)
class _Fitting:
    """A table that fits the terminal: a narrow one has fewer figures, since the names of its rows must stay."""

    table: OutcomeTable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        is_narrow = options.max_width < _WIDE
        heads = [head for head in OUTCOME_HEADS if not (is_narrow and head in _LEFT_OUT)]
        shown = figures_table(self.table.title, " / ".join(self.table.heads), *heads)
        for row in (*self.table.rows, self.table.total):
            cells = zip(OUTCOME_HEADS, outcome_cells(row), strict=True)
            kept = (cell for head, cell in cells if head in heads)
            add_row(shown, " / ".join(filter(None, row.group)), *kept)
        yield shown


def markdown(published: Published, facts: Facts) -> str:
    """The tables as a Markdown page."""
    return "\n".join(_markdown_lines(published, facts)) + "\n"


def _markdown_lines(published: Published, facts: Facts) -> Iterator[str]:
    yield f"# {TITLE}\n\n{opening(published)}\n"
    for table in published.tables:
        yield f"## {_in_markdown(table.title)}\n"
        yield from _markdown_table(table.heads, OUTCOME_HEADS)
        for row in (*table.rows, table.total):
            yield _markdown_row((*row.group, *outcome_cells(row)))
        yield ""
        for note in table.notes:
            yield f"{_in_markdown(note)}\n"
    yield f"## {QUARTERS}\n"
    yield from _markdown_table(("quarter",), QUARTER_HEADS)
    for each in published.quarters:
        yield _markdown_row((each.quarter, *quarter_cells(each)))
    yield f"\n{QUARTER_NOTE}\n\n## Made from\n"
    yield from (f"- {_in_markdown(name)}: {_in_markdown(value)}" for name, value in facts)


def _markdown_table(names: Sequence[str], figures: Sequence[str]) -> Iterator[str]:
    yield _markdown_row((*names, *figures))
    yield f"| {' | '.join(['---'] * len(names) + ['---:'] * len(figures))} |"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_in_markdown, cells))} |"


def _in_markdown(content: str) -> str:
    """A text as it stands, whatever it holds: no markup, no HTML, no end of a cell."""
    shown = printable(" ".join(content.split()))
    for character in "\\|*[]<>#!":
        shown = shown.replace(character, f"\\{character}")
    return shown.replace("&", "&amp;")


def csv_text(published: Published, facts: Facts) -> str:
    """The tables as one CSV file: a row a group, the table's name first; the facts are rows of the table `made from`.

    Shares are numbers of 0 to 1. Texts that a spreadsheet could take for a formula get a leading apostrophe.
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, _CSV_HEADS, lineterminator="\n")
    writer.writeheader()
    for row in _csv_rows(published, facts):
        writer.writerow({name: csv_cell(value) for name, value in row.items()})
    return file.getvalue()


def _csv_rows(published: Published, facts: Facts) -> Iterator[dict[str, object]]:
    for table in published.tables:
        for row in (*table.rows, table.total):
            yield {
                "table": ",".join(column.name for column in table.by),
                "group": " / ".join(filter(None, row.group)),
                "items": row.items,
                "share_of_items": row.share,
                "upheld": row.upheld,
                "overturned": row.overturned.right,
                "overturn_rate": row.overturned.rate,
                "low": row.overturned.low,
                "high": row.overturned.high,
                "letters": row.letters,
                "to_review": row.to_review,
                "fewer_than_10_items": row.is_small,
            }
    for each in published.quarters:
        yield {
            "table": "letters by quarter",
            "group": each.quarter,
            "items": each.items,
            "letters": each.letters,
            **{name: median for name, (median, _) in zip(STARTS, each.days, strict=True)},
        }
    for name, value in facts:
        yield {"table": "made from", "group": name, "value": value}
