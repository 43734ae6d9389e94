"""Which disputed items a published table counts, in which rows, and which of them rest on values to be reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from imrllm.analysis import AnalysisColumn, AnalyzedDocument, AnalyzedItem
from imrllm.fields import ITEMS
from imrllm.report.published_columns import groups_of

# Tables by these count drugs alone.
_OF_DRUGS = ("drug_classes", "opioid", "ingredients")


class GroupedItem(NamedTuple):
    """A disputed item that a table counts.

    Attributes:
        item: the item.
        groups: the rows that it counts in, each a value for each column of the table.
        is_to_review: whether its rows or its decision rest on a value that a person is asked to look at.
    """

    item: AnalyzedItem
    groups: frozenset[tuple[str, ...]]
    is_to_review: bool


def grouped_items(by: Sequence[AnalysisColumn], document: AnalyzedDocument) -> Iterator[GroupedItem]:
    """The items of one letter that a table by some columns counts, in document order."""
    for item in document.items:
        if is_of_drugs(by) and not _is_drug(item):
            continue
        is_to_review = any(_rests_on_review(column, item) for column in by) or _is_open("decision", item)
        yield GroupedItem(item, frozenset(product(*(groups_of(column, item) for column in by))), is_to_review)


def is_of_drugs(by: Sequence[AnalysisColumn]) -> bool:
    """Whether a table by some columns counts drugs alone."""
    return any(column.name in _OF_DRUGS for column in by)


def _is_drug(item: AnalyzedItem) -> bool:
    return item.derived.service == "Pharmaceuticals" or bool(item.derived.drug_classes)


def _rests_on_review(column: AnalysisColumn, item: AnalyzedItem) -> bool:
    return any(_is_open(name, item, everywhere=column.of == "document") for name in column.fields)


def _is_open(name: str, item: AnalyzedItem, *, everywhere: bool = False) -> bool:
    """Whether a field, what holds it, or an entry of it is to be reviewed.

    Args:
        name: the field's name.
        item: the item that it is of, or whose letter it is of.
        everywhere: whether the fields of the letter's other items count too.
    """
    to_review = item.document.fields_to_review if everywhere else item.derived.fields_to_review
    return any(
        each in (name, ITEMS) or each.startswith(f"{name}.") or name.startswith(f"{each}.") for each in to_review
    )
