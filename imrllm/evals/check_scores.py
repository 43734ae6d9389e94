"""The scores of the cross-check: silent errors, false alarms, and what the checks catch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from imrllm import pointers
from imrllm.evals.outcomes import FieldOutcome
from imrllm.evals.runs import CrossCheckScore, Rate
from imrllm.evals.statistics import rate
from imrllm.fields import ITEMS
from imrllm.records import Check


def against(checks: Sequence[Check], leaf: FieldOutcome) -> list[Check]:
    """The checks that dispute a leaf's value: those about it that did not confirm, whether or not a person is asked."""
    return [check for check in _about(checks, leaf) if check.status != "confirmed"]


def flags(checks: Sequence[Check], leaf: FieldOutcome) -> list[Check]:
    """The checks about a leaf's value that ask a person to look, whatever they say of it."""
    return [check for check in _about(checks, leaf) if check.review]


def _about(checks: Sequence[Check], leaf: FieldOutcome) -> Iterator[Check]:
    """The checks of a leaf's own place, of a whole that contains it, or of its entries.

    For an item that the record does not have: every check of the list of items, as each reports a missing one.
    """
    at = f"/{ITEMS}" if leaf.at is None else leaf.at
    # A check of one of an item's fields is not about the item as a whole.
    is_about = str.__eq__ if leaf.field == ITEMS or leaf.at is None else covers
    return (check for check in checks if is_about(check.pointer, at))


def covers(pointer: str, at: str) -> bool:
    """Whether a check at a pointer covers the place `at`. A check of the whole record or of all items covers none."""
    inside = at.startswith(f"{pointer}/") and pointer not in ("", f"/{ITEMS}")
    return pointer == at or inside or pointers.is_entry(pointer, at)


def measure_checks(
    final: Mapping[str, Sequence[FieldOutcome]],
    checks: Mapping[str, Sequence[Check]],
    model: Mapping[str, Sequence[FieldOutcome]] | None,
    corruptions: Mapping[str, Rate],
) -> CrossCheckScore:
    """The cross-check's scores.

    Args:
        final: by document, the leaves of the resolved records. Failed documents are left out: their errors are not
            silent.
        checks: by document, their checks.
        model: by document, the leaves of the model alone; None if they are not known.
        corruptions: as `corruptions` counts them.

    Returns:
        The scores. A final value is flagged if a check asks a person to look; a model's value is caught if a check did
        not confirm it. The values of a lost item count once, with the item. A flag is a false alarm if every value that
        its check covers was right, in the model's answer and in the final record. A check that reports a repair, or a
        list that was wrong as a whole, is not a false alarm.
    """
    silent, alarms = [], []
    right = caught = wrong = 0
    for name, leaves in final.items():
        answered = model.get(name, ()) if model else ()
        erred = {leaf.path for leaf in answered if not leaf.exact}
        flagged = [(leaf, flags(checks[name], leaf)) for leaf in leaves]
        found = [against(checks[name], leaf) for leaf in answered if not leaf.exact]
        # By identity: two checks may be equal.
        justified = (*found, *(raised for leaf, raised in flagged if not leaf.exact))
        true = {id(check) for raised in justified for check in raised}
        if model is None:
            true |= {id(check) for check in checks[name] if check.resolution in ("source", "reask")}
        # Each check of a missing item reports one of the lost items.
        reported = sum(check.pointer == f"/{ITEMS}" and check.review for check in checks[name])
        for leaf, raised in flagged:
            if leaf.at is None:
                if leaf.field == ITEMS:
                    reported -= 1
                    if reported < 0:
                        silent.append(leaf.error(name))
            elif not leaf.exact and not raised:
                silent.append(leaf.error(name))
            elif leaf.exact and leaf.path not in erred:
                right += 1
                if any(id(check) not in true for check in raised):
                    alarms.append(leaf.error(name))
        wrong += len(found)
        caught += sum(map(bool, found))
    return CrossCheckScore(
        silent=tuple(silent),
        false_alarms=tuple(alarms),
        caught=rate(caught, wrong),
        alarms=rate(len(alarms), right),
        corruptions=dict(corruptions),
    )
