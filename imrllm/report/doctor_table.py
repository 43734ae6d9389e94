"""The table of what `imrllm doctor` found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imrllm.report.terminal import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.doctor import Finding

_STYLES = {"ok": "green", "optional": "yellow", "broken": "red"}


def render_findings(findings: Sequence[Finding]) -> RenderableType:
    """Lay findings out as a table.

    Args:
        findings: in the order in which they are shown.

    Returns:
        Something that a rich console prints.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for heading in ("", "", "found", "fix"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        status = Text(finding.status, style=_STYLES[finding.status])
        about, detail, hint = (Text(printable(text)) for text in (finding.about, finding.detail, finding.hint))
        table.add_row(about, status, detail, hint)
    return table
