"""The table of what gold shows of a model: whose value a record takes, and which entries of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrllm.report.terminal import empty_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.trust import Table

_MOST = 60


def calibration_table(table: Table) -> RenderableType:
    """Lay out a table of counts, over all folds, for a rich console."""
    from rich.console import Group

    from imrllm.trust import Arbitration, cross_validated_f1

    arbitration = Arbitration(table)
    letters = ", ".join(f"{name} {count}" for name, count in table.suites.items())
    prompt = f", prompt {table.prompt}" if table.prompt else ""
    values = empty_table(f"Whose value: model {table.model}{prompt} ({letters} letters)")
    for heading in ("field", "they differ how", "values", "model right", "grammar right", "taken"):
        values.add_column(heading, justify="right" if heading in ("values", "model right", "grammar right") else "left")
    for name, by_agreement in table.values.items():
        for agreement, counts in by_agreement.items():
            taken = "model" if arbitration.prefers_model(name, agreement) else "grammar"
            figures = (str(sum(each)) for each in (counts.seen, counts.model, counts.grammar))
            values.add_row(text(name), agreement.replace("_", " "), *figures, taken)
    entries = empty_table("Entries of lists")
    for heading in ("field", "situation", "entries", "right", "share", "taken"):
        entries.add_column(heading, justify="right" if heading in ("entries", "right", "share") else "left")
    for name, found in table.lists.items():
        for situation, count in list(found.situations.items())[:_MOST]:
            share = arbitration.share_right(name, situation)
            entries.add_row(
                text(name),
                text(situation),
                str(sum(count.seen)),
                str(sum(count.right)),
                "" if share is None else f"{share:.2f}",
                "yes" if arbitration.accepts(name, situation) else "no",
            )
    scores = [
        text(f"F1 of {name}, each letter judged by the others: {score:.3f}")
        for name in table.lists
        if (score := cross_validated_f1(table, name)) is not None
    ]
    return Group(*([values] if table.values else []), entries, *scores)
