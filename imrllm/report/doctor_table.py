"""The table of what `imrllm doctor` found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imrllm.report.terminal import empty_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.doctor import Finding

_STYLES = {"ok": "green", "optional": "yellow", "broken": "red"}


def render_findings(findings: Sequence[Finding]) -> RenderableType:
    """Lay findings out as a table that a rich console prints, in their order."""
    table = empty_table()
    for heading in ("", "", "found", "fix"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        status = text(finding.status, _STYLES[finding.status])
        table.add_row(text(finding.about), status, text(finding.detail), text(finding.hint))
    return table
