"""The tables of `imrllm form list` and `imrllm form check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imrllm.report.terminal import empty_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.letter.form import Form
    from imrllm.letter.form_check import FormCheck


def form_table(forms: Iterable[Form]) -> RenderableType:
    """Lay forms out in the order in which they are tried, each with what it was seen on."""
    table = empty_table()
    for heading in ("form", "layout", "letters seen", "what it is", "seen on"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "letters seen" else "left")
    for form in forms:
        table.add_row(text(form.name), form.layout, f"{form.letters:,}", text(form.title), text(form.seen_on))
    return table


def form_check_tables(found: FormCheck) -> RenderableType:
    """Lay out how forms read letters: counts by form, absent parts, and headings that no form has."""
    from rich.console import Group

    counts = empty_table()
    for heading in ("form", "letters", "read whole", "near misses"):
        counts.add_column(heading, justify="left" if heading == "form" else "right")
    for form in found.forms:
        name = form.name
        if found.read[name]:
            counts.add_row(text(name), f"{found.read[name]:,}", f"{found.whole[name]:,}", f"{found.near[name]:,}")
    counts.add_row("not read", f"{found.not_read:,}", "", "")
    parts: list[RenderableType] = [counts]
    if found.absent:
        absent = empty_table()
        for heading in ("form", "heading or label not found", "letters"):
            absent.add_column(heading, justify="right" if heading == "letters" else "left")
        for (name, part), count in sorted(found.absent.items(), key=lambda each: -each[1]):
            absent.add_row(text(name), part, f"{count:,}")
        parts += ["", absent]
    if found.unknown:
        unknown = empty_table()
        unknown.add_column("line like a heading that no form has", overflow="fold")
        unknown.add_column("letters", justify="right")
        for line in found.unknown:
            unknown.add_row(text(line.text), f"{line.letters:,}")
        parts += ["", unknown]
    return Group(*parts)
