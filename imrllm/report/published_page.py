"""Published tables as one HTML page, with pictures, without scripts and external resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from imrllm.report.bars import course
from imrllm.report.eval_pages import rendered
from imrllm.report.published import FEW, FEW_NOTE, REVIEW_NOTE, OutcomeTable, Published
from imrllm.report.published_columns import LAST
from imrllm.report.published_text import INTERVALS, QUARTER_HEADS, QUARTER_NOTE, QUARTERS, TITLE, quarter_cells

if TYPE_CHECKING:
    from imrllm.report.published_source import Facts


def published_page(published: Published, facts: Facts) -> str:
    """Lay the tables out as an HTML page, the same for the same tables. Whatever comes from records is text in it."""
    return rendered("published.html", facts=facts, title=TITLE, **published_values(published))


def published_values(published: Published) -> dict[str, Any]:
    """What the templates of published tables need, by name."""
    return {
        "published": published,
        "pictures": [_picture(table) for table in published.tables],
        "intervals": INTERVALS,
        "few": FEW,
        "general_notes": (FEW_NOTE, REVIEW_NOTE),
        "quarters": {
            "title": QUARTERS,
            "heads": QUARTER_HEADS,
            "rows": [(row.quarter, quarter_cells(row)) for row in published.quarters],
            "note": QUARTER_NOTE,
        },
    }


def _picture(table: OutcomeTable) -> Markup | None:
    """The outcomes over time, if that is what a table shows."""
    if [column.name for column in table.by] not in (["decision_quarter"], ["injury_year"]):
        return None
    periods = [(row.group[0], row.upheld, row.overturned.right) for row in table.rows if row.group[0] not in LAST]
    return course(periods, max(row.items for row in table.rows), table.title) if periods else None
