"""How well the checks tell right from wrong: silent errors, false alarms, and what the checks catch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

from imrllm import pointers
from imrllm.crosscheck import compare
from imrllm.documents import Document
from imrllm.errors import NotALetterError
from imrllm.evals.measures import error, rate
from imrllm.evals.runs import CrossCheckScore, Rate
from imrllm.evals.scoring import FieldOutcome
from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, Alter, Field
from imrllm.grammar import LetterReadings, read_values
from imrllm.letter import LetterParts, read_letter
from imrllm.records import Check, Determination


def against(checks: Sequence[Check], leaf: FieldOutcome) -> list[Check]:
    """The checks that speak against a leaf's value: of its own place, of a whole that it is a part of, of its entries.

    Args:
        checks: a result's.
        leaf: one of its record's.

    Returns:
        Those that did not confirm. For an item that the record lacks, every check that says that it lacks one.
    """
    at = f"/{ITEMS}" if leaf.at is None else leaf.at
    # An item as a whole is spoken against by a check of it, not of one of its fields.
    covers = str.__eq__ if leaf.field == ITEMS or leaf.at is None else _covers
    return [check for check in checks if check.status != "confirmed" and covers(check.pointer, at)]


def _covers(pointer: str, at: str) -> bool:
    """Whether a check at a pointer is about the place `at`. One of the whole record, or of all items, is about none."""
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
        final: by document, the leaves of the resolved records; none of documents that failed, which is not silent.
        checks: by document, their checks.
        model: by document, the leaves of the model alone; None where it is not known or there was none.
        corruptions: as `corruptions` counts them.

    Returns:
        The scores. The values of a lost item count once, with the item. A check is a false alarm if every value that it
        covers was right, in the model's answer and in the final record. A check that reports a repair, or a list that
        was wrong as a whole, is not a false alarm.
    """
    silent, alarms = [], []
    right = caught = wrong = 0
    for name, leaves in final.items():
        answered = model.get(name, ()) if model else ()
        erred = {leaf.path for leaf in answered if not leaf.exact}
        doubted = [(leaf, against(checks[name], leaf)) for leaf in leaves]
        found = [against(checks[name], leaf) for leaf in answered if not leaf.exact]
        # By identity: two checks may say the same.
        told_of_wrong = (*found, *(raised for leaf, raised in doubted if not leaf.exact))
        true = {id(check) for raised in told_of_wrong for check in raised}
        if model is None:
            true |= {id(check) for check in checks[name] if check.resolution in ("source", "reask")}
        # Each check that an item lacks tells of one of those that were lost.
        told = sum(check.pointer == f"/{ITEMS}" and check.status != "confirmed" for check in checks[name])
        for leaf, raised in doubted:
            if leaf.at is None:
                if leaf.field == ITEMS:
                    told -= 1
                    if told < 0:
                        silent.append(error(name, leaf))
            elif not leaf.exact and not raised:
                silent.append(error(name, leaf))
            elif leaf.exact and leaf.path not in erred:
                right += 1
                if any(id(check) not in true for check in raised):
                    alarms.append(error(name, leaf))
        wrong += len(found)
        caught += sum(map(bool, found))
    return CrossCheckScore(
        silent=tuple(silent),
        false_alarms=tuple(alarms),
        caught=rate(caught, wrong),
        alarms=rate(len(alarms), right),
        corruptions=dict(corruptions),
    )


def corruptions(letters: Mapping[str, Document], gold: Mapping[str, dict[str, Any]]) -> dict[str, Rate]:
    """Alter each number, date and citation of the gold in turn, and count how often a check notices.

    Args:
        letters: the letters by document id; a letter of an unknown form has no checks and is left out.
        gold: their records as JSON has them.

    Returns:
        By field, the share of altered values that raise a check which the unaltered record did not have.
    """
    caught: dict[str, list[bool]] = {}
    for name, letter in letters.items():
        try:
            parts = read_letter(letter.text)
        except NotALetterError:
            continue
        readings = read_values(parts)

        def doubts(
            record: dict[str, Any], parts: LetterParts = parts, readings: LetterReadings = readings
        ) -> set[tuple[str, str]]:
            checks = compare(Determination.model_validate(record), parts, readings).checks
            return {(check.pointer, check.model_dump_json()) for check in checks if check.status != "confirmed"}

        before = doubts(gold[name])
        for field, record, places in _altered(gold[name]):
            raised = [pointer for pointer, _ in doubts(record) - before]
            caught.setdefault(field, []).extend(any(_covers(pointer, place) for pointer in raised) for place in places)
    return {field: rate(sum(found), len(found)) for field, found in caught.items()}


def _altered(gold: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Copies of a record with one field wrong, in each item and citation at once, and the places of the errors."""
    for field in (*CASE_FIELDS, *ITEM_FIELDS, *CITATION_FIELDS):
        if field.alter is None:
            continue
        # Of lists the first entries, then the second ones, and so on.
        for number in count():
            record = deepcopy(gold)
            places = [
                f"{pointer}/{'/'.join(field.path)}"
                for pointer, holder in _holders(field, record)
                if _is_altered(field, field.alter, holder, number)
            ]
            if not places:
                break
            yield field.name, record, places


def _is_altered(field: Field, alter: Alter, holder: dict[str, Any], number: int) -> bool:
    """Alter a value in place, or one entry of a list; return whether there was one."""
    for name in field.path[:-1]:
        holder = holder.get(name) or {}
    name = field.path[-1]
    value = holder.get(name)
    if isinstance(value, list):
        if number < len(value):
            holder[name] = [*value[:number], alter(value[number]), *value[number + 1 :]]
        return number < len(value)
    if value is None or number:
        return False
    holder[name] = alter(value)
    return True


def _holders(field: Field, record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if field.place == "case":
        yield "", record
        return
    for index, item in enumerate(record[ITEMS]):
        pointer = f"/{ITEMS}/{index}"
        if field.place == "item":
            yield pointer, item
        elif item[field.side]:
            for number, citation in enumerate(item[field.side]["citations"]):
                yield f"{pointer}/{field.side}/citations/{number}", citation
