"""Write published figures beside what records show into published.md.

    imrllm extract letters/ --model none -o records.jsonl
    python docs/published.py records.jsonl

The published figures and their sources are in published_figures.tsv. Not part of `make docs`: letters are needed that
are not included.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imrllm.evals.statistics import rate
from imrllm.report.formatting import NOTHING, count, interval, percent
from imrllm.report.published import STARTS, Published
from imrllm.report.published_columns import columns_named
from imrllm.report.published_source import publish
from imrllm.report.published_text import OUTCOME_HEADS, QUARTER_HEADS, outcome_cells, quarter_cells

DOCS = Path(__file__).parent
BLOCK = re.compile(
    r"(<!-- Written by docs/published\.py: (?P<tables>[a-z_, ]+)\. -->\n).*?(<!-- Up to here\. -->)", re.DOTALL
)
HEADS = ("", "published", "by, of", "here", "95% interval", "items here")
# The fewest letters of a row that the page shows.
FEWEST = 3
FULL_HEADS = OUTCOME_HEADS[:-1]


class Figure(NamedTuple):
    """One published figure: in which table and row, of what, as published, by whom and of when, and its source."""

    table: str
    group: str
    measure: str
    published: str
    of: str
    source: str


def figures() -> list[Figure]:
    """The published figures."""
    lines = (DOCS / "published_figures.tsv").read_text(encoding="utf-8").splitlines()
    return [Figure(*line.split("\t")) for line in lines if not line.startswith("#")]


def here(figure: Figure, counted: Published) -> tuple[str, str, str]:
    """What the records show: the figure, its interval, and the number of items or letters that it rests on."""
    if figure.table == "quarters":
        total = counted.quarters[-1]
        if figure.measure == "items a letter":
            return f"{total.items / total.letters:.1f}", "", f"{total.letters} letters"
        median, dated = total.days[list(STARTS).index(figure.measure)]
        return (NOTHING if median is None else f"{median:g}, the median"), "", f"{dated} letters"
    (table,) = (each for each in counted.tables if [column.name for column in each.by] == [figure.table])
    row = next((each for each in (*table.rows, table.total) if each.group[0] == figure.group), None)
    if row is None:
        return NOTHING, "", "0"
    if row.letters < FEWEST:
        return "too few letters", "", ""
    if figure.measure == "overturned":
        return percent(row.overturned.rate), interval(row.overturned.low, row.overturned.high), f"{row.items}"
    share = rate(row.items, counted.items if figure.group == "all" else table.total.items)
    return percent(share.rate), interval(share.low, share.high), f"{row.items}"


def block(tables: list[str], counted: Published) -> Iterator[str]:
    """The figures of some tables, each beside what the records show."""
    yield f"| {' | '.join(HEADS)} |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for figure in figures():
        if figure.table in tables:
            source = f"[{figure.of}]({figure.source})"
            yield f"| {' | '.join((words(figure), figure.published, source, *here(figure, counted)))} |"
    for table in counted.tables:
        if table.by[0].name in tables:
            # Without what is to be reviewed, which depends on the calibration table of the day.
            yield f"\nAll of these letters, `--by {table.by[0].name}`:\n"
            yield f"| {' | '.join(('', *FULL_HEADS))} |"
            yield f"| --- |{' ---: |' * len(FULL_HEADS)}"
            shown = [row for row in table.rows if row.letters >= FEWEST]
            for row in (*shown, table.total):
                cells = (row.group[0], *outcome_cells(row)[:-1])
                yield f"| {' | '.join(cells)} |".replace("*", r"\*")
            if left_out := len(table.rows) - len(shown):
                rows = count(left_out, "row")
                yield f"\nLeft out: {rows} of one or two letters each, which could point to one person."
    if "quarters" in tables:
        yield "\nAll of these letters:\n"
        yield f"| {' | '.join(('', *QUARTER_HEADS))} |"
        yield f"| --- |{' ---: |' * len(QUARTER_HEADS)}"
        yield from (f"| {' | '.join((row.quarter, *quarter_cells(row)))} |" for row in counted.quarters)


def words(figure: Figure) -> str:
    """What a figure is of."""
    if figure.measure in STARTS:
        return f"days {STARTS[figure.measure].removeprefix('days ')}"
    if figure.measure == "share":
        if figure.table != "drug_classes":
            return f"{figure.group}: share of the items"
        return "drugs: share of the items" if figure.group == "all" else f"{figure.group}: share of the drugs"
    return f"{figure.group}: {figure.measure}" if figure.measure == "overturned" else figure.measure


def main() -> int:
    """Write the blocks of the page."""
    tables = dict.fromkeys(figure.table for figure in figures() if figure.table != "quarters")
    counted, _ = publish(Path(sys.argv[1]), [columns_named(name) for name in tables])
    page = DOCS / "published.md"
    text = BLOCK.sub(
        lambda found: f"{found[1]}\n" + "\n".join(block(found["tables"].split(", "), counted)) + f"\n\n{found[3]}",
        page.read_text(encoding="utf-8"),
    )
    page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
