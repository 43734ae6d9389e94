"""Seeded corruptions: each number, date and citation of the gold is altered in turn; is a person asked to look?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import count
from typing import Any

from imrllm import pointers
from imrllm.crosscheck import compare
from imrllm.documents import Document
from imrllm.errors import NotALetterError
from imrllm.evals.check_scores import covers
from imrllm.evals.runs import Rate
from imrllm.evals.statistics import rate
from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, ITEMS, Alter, Field
from imrllm.grammar import LetterReadings, read_values
from imrllm.letter import LetterParts, read_letter
from imrllm.records import Determination


def corruptions(letters: Mapping[str, Document], gold: Mapping[str, dict[str, Any]]) -> dict[str, Rate]:
    """Alter each number, date and citation of the gold in turn, and count how often a check asks a person to look.

    Args:
        letters: the letters by document id; a letter of an unknown form has no checks and is left out.
        gold: their records as JSON has them.

    Returns:
        By field, the share of altered values that raise a check for review which the unaltered record did not have.
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
            return {(check.pointer, check.model_dump_json()) for check in checks if check.review}

        before = doubts(gold[name])
        for field, record, places in _altered(gold[name]):
            raised = [pointer for pointer, _ in doubts(record) - before]
            caught.setdefault(field, []).extend(any(covers(pointer, place) for pointer in raised) for place in places)
    return {field: rate(sum(found), len(found)) for field, found in caught.items()}


def _altered(gold: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Copies of a record with one field wrong, in each item and citation at once, and the places of the errors."""
    for field in (*CASE_FIELDS, *ITEM_FIELDS, *CITATION_FIELDS):
        if field.alter is None:
            continue
        # In lists, all first entries at once, then all second entries, and so on.
        for number in count():
            record = deepcopy(gold)
            places = [place for place in _places(field, record) if _is_altered(field.alter, record, place, number)]
            if not places:
                break
            yield field.name, record, places


def _is_altered(alter: Alter, record: dict[str, Any], place: str, number: int) -> bool:
    """Alter a value in place, or one entry of a list; return whether there was one."""
    value = pointers.find(record, place)
    if isinstance(value, list):
        if number < len(value):
            pointers.put(record, f"{place}/{number}", alter(value[number]))
        return number < len(value)
    if value is None or number:
        return False
    pointers.put(record, place, alter(value))
    return True


def _places(field: Field, record: dict[str, Any]) -> Iterator[str]:
    """The pointers of a field in a record, in each item and citation."""
    if field.place == "case":
        yield field.pointer
        return
    for index, item in enumerate(record[ITEMS]):
        if field.place == "item":
            yield field.at(index)
        elif item[field.side]:
            yield from (field.at(index, number) for number in range(len(item[field.side]["citations"])))
