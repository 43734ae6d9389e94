"""The tables of what gold shows of a model: whose value a record takes, which entries of lists, how sure values are."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, fsum
from typing import TYPE_CHECKING

from imrllm.report.formatting import KIND_NAMES, NOT_MEASURED, percent
from imrllm.report.terminal import empty_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.trust import RiskModel, Table

_MOST = 60
# So many terms of the risk are shown, those that change it most.
_STRONGEST = 20


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
    risk = _risk(table.risk) if table.risk else [text("Risk: not fitted; every value's risk is null.")]
    return Group(*([values] if table.values else []), entries, *scores, text(""), *risk)


def _risk(model: RiskModel) -> Iterator[RenderableType]:
    """What the risk rests on, how well it ranks, whom it asks, what weighs most, and what nobody is asked about."""
    from imrllm.trust.bounds import upper_bound

    kinds = empty_table("Risk: how sure values are")
    for heading in ("", "AUROC", "a person looks above"):
        kinds.add_column(heading, justify="right" if heading else "left")
    for kind, auroc in model.auroc.items():
        is_measured = kind not in model.unmeasured
        ranks = NOT_MEASURED if auroc is None else f"{auroc:.3f}" if is_measured else f"{auroc:.3f}, {NOT_MEASURED}"
        kinds.add_row(KIND_NAMES[kind], ranks, percent(model.review_above[kind]) if is_measured else "")
    yield kinds
    yield text(
        f"Fitted on {model.values:,} values of gold ({model.wrong:,} wrong) and {model.variant_values:,} of variants "
        f"({model.variant_wrong:,} wrong). AUROC: each letter judged by the others."
    )
    yield text("")
    terms = empty_table(f"The {_STRONGEST} strongest terms")
    terms.add_column("term")
    terms.add_column("odds of a wrong value, times", justify="right")
    means = {term: fsum(weights) / len(weights) for term, weights in model.weights.items()}
    for term in sorted(means, key=lambda each: (-abs(means[each]), each))[:_STRONGEST]:
        factor = exp(means[term])
        terms.add_row(text(term), f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}")
    yield terms
    if model.unflagged:
        yield text("")
        left = empty_table("Typed values that nobody is asked about, in letters that the grammar was not developed on")
        for heading in ("form", "letters", "with a wrong value", "at most (95%)", "values", "wrong"):
            left.add_column(heading, justify="left" if heading == "form" else "right")
        for form, each in model.unflagged.items():
            bound = percent(upper_bound(each.letters_wrong, each.letters))
            figures = (f"{each.letters:,}", f"{each.letters_wrong:,}", bound, f"{each.values:,}", f"{each.wrong:,}")
            left.add_row(text(form), *figures)
        yield left
