"""The order in which a person looks at values: what costs most if it is wrong comes first, item by item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imrllm import pointers
from imrllm.fields import COSTS, FIELDS, ITEMS, field_at
from imrllm.records import Check, Result

# The risk of a value that is to be reviewed though none was measured: the readers differ, so one of two is wrong.
UNMEASURED = 0.5
_ORDER = {field: place for place, field in enumerate(FIELDS)}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One field that a person is asked to look at.

    Attributes:
        at: the JSON Pointer at which it is settled.
        group: the JSON Pointer of its disputed item; empty for the rest of the letter.
        risk: the measured probability (0 to 1) that its value is wrong; None if it is not measured.
        worth: what looking at it is worth: its risk times the cost of a wrong value.
    """

    at: str
    group: str
    risk: float | None
    worth: float


def queue(result: Result, places: Sequence[str]) -> list[Doubt]:
    """The fields that a person is asked to look at, those of one item together, the most worth first.

    Args:
        result: the row.
        places: for each of its checks, the pointer at which it is settled.
    """
    risks: dict[str, float | None] = {}
    for check, at in zip(result.checks, places, strict=True):
        if check.is_open:
            measured = [each for each in (check.risk, risks.get(at), result.risks.get(at)) if each is not None]
            risks[at] = max(measured, default=None)
    doubts = [Doubt(at, _group(at), risk, worth(at, risk)) for at, risk in risks.items()]
    highest: dict[str, float] = {}
    for doubt in doubts:
        highest[doubt.group] = max(doubt.worth, highest.get(doubt.group, 0.0))
    return sorted(doubts, key=lambda each: (-highest[each.group], _number(each.group), -each.worth, _place(each.at)))


def repairs(result: Result, places: Sequence[str]) -> list[str]:
    """The fields whose readers differ and that nobody is asked about: gold shows the value taken to be right so often.

    Args:
        result: the row.
        places: for each of its checks, the pointer at which it is settled.

    Returns:
        Their pointers, in the record's order, without those that a person is asked about for another reason.
    """
    pairs = list(zip(result.checks, places, strict=True))
    asked = {at for check, at in pairs if check.is_open}
    found = {at: None for check, at in pairs if _is_repair(check) and at not in asked}
    return sorted(found, key=lambda at: (_number(_group(at)), _place(at)))


def by_worth(queues: Iterable[Sequence[Doubt]]) -> list[int]:
    """The letters' indices, those first whose fields are worth the most together; in their order otherwise."""
    totals = [sum(doubt.worth for doubt in each) for each in queues]
    return sorted(range(len(totals)), key=lambda index: -totals[index])


def worth(pointer: str, risk: float | None) -> float:
    """What looking at a field is worth: its risk times the cost of a wrong value.

    Args:
        pointer: the field's JSON Pointer, or that of an object or list that holds fields.
        risk: the probability that its value is wrong; None if it is not measured.
    """
    field = field_at(pointer)
    # A lost or invented item is a critical error; a basis or a list of citations holds core fields.
    weight = field.weight if field else "critical" if _is_item(pointer) else "core"
    return (UNMEASURED if risk is None else risk) * COSTS[weight]


def _is_repair(check: Check) -> bool:
    return check.status != "confirmed" and not check.review and check.confirmed_by is None


def _is_item(pointer: str) -> bool:
    return pointer == f"/{ITEMS}" or pointers.is_entry(pointer, f"/{ITEMS}")


def _group(pointer: str) -> str:
    steps = pointer.split("/")[1:3]
    return f"/{ITEMS}/{steps[1]}" if len(steps) == 2 and steps[0] == ITEMS and steps[1].isdecimal() else ""


def _number(group: str) -> int:
    """The place of a group in the letter: the case, then the items."""
    return int(group.rpartition("/")[2]) if group else -1


def _place(pointer: str) -> tuple[int, str]:
    field = field_at(pointer)
    return (-1 if field is None else _ORDER[field], pointer)
