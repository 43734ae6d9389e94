"""The letters of several runs side by side: how many values of each are wrong, and what each run has for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from imrllm.evals.runs import Column, DocumentScore, EvalRun, LeafScore
from imrllm.records import FrozenModel

COMPARED: tuple[Column, ...] = ("model", "resolved")


class SideValue(FrozenModel):
    """What one run has for a value."""

    right: bool
    value: Any = Field(None, description="The run's value; the gold value where it is right")
    flagged: bool = Field(False, description="Whether it is flagged for review, or of the model alone, doubted")


class ValueBeside(FrozenModel):
    """One value that some run does not have right, as each run has it."""

    column: Column
    field: str
    path: str = Field(description="JSON Pointer in the gold; of what only a record has, in the record")
    gold: Any
    excerpt: str | None = Field(description="The letter's words for it")
    sides: dict[str, SideValue] = Field(description="By run, without those that were not asked for it")


class LetterComparison(FrozenModel):
    """One letter in all runs that have it."""

    suite: str
    document: str
    wrong: dict[str, dict[Column, int]] = Field(description="By run and column, the number of values not right")
    values: tuple[ValueBeside, ...]


def letters_beside(runs: Mapping[str, EvalRun]) -> Iterator[LetterComparison]:
    """Each letter that two or more runs have, suite by suite."""
    found: dict[tuple[str, str], dict[str, DocumentScore]] = {}
    for name, run in runs.items():
        for suite in run.suites:
            for document in suite.documents:
                found.setdefault((suite.suite, document.document), {})[name] = document
    for (suite_name, name), sides in found.items():
        if len(sides) < 2:
            continue
        values = [value for column in COMPARED for value in _beside(sides, column)]
        wrong = {
            side: {
                column: sum(not leaf.exact for leaf in document.columns[column])
                for column in COMPARED
                if column in document.columns
            }
            for side, document in sides.items()
        }
        yield LetterComparison(suite=suite_name, document=name, wrong=wrong, values=tuple(values))


def _beside(sides: Mapping[str, DocumentScore], column: Column) -> Iterator[ValueBeside]:
    leaves = {
        side: {(leaf.field, leaf.path): leaf for leaf in document.columns.get(column, ())}
        for side, document in sides.items()
    }
    # In the order of the first run, then what only another one has.
    for key in dict.fromkeys(key for own in leaves.values() for key in own):
        wrong = [own[key] for own in leaves.values() if key in own and not own[key].exact]
        if not wrong:
            continue
        first = wrong[0]
        yield ValueBeside(
            column=column,
            field=first.field,
            path=first.path,
            gold=first.gold,
            excerpt=next((leaf.excerpt for leaf in wrong if leaf.excerpt), None),
            sides={side: _side_value(own[key], first.gold) for side, own in leaves.items() if key in own},
        )


def _side_value(leaf: LeafScore, gold: Any) -> SideValue:
    return SideValue(right=leaf.exact, value=gold if leaf.exact else leaf.value, flagged=leaf.flagged)
