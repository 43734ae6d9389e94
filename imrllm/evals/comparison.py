"""Two runs over the same letters side by side: differences with intervals, and every gain and loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

from pydantic import Field

from imrllm.errors import UsageError
from imrllm.evals.column_scores import ORDER
from imrllm.evals.letters_beside import COMPARED, LetterComparison, letters_beside
from imrllm.evals.runs import (
    VERSION,
    Column,
    Difference,
    DocumentScore,
    EvalRun,
    LeafScore,
    Rate,
    Spent,
    SuiteRun,
    TrustDifference,
    TrustKind,
    TrustMetric,
)
from imrllm.evals.statistics import better_side, mcnemar, paired_bootstrap, rate
from imrllm.evals.trust_scores import compare_trust
from imrllm.fields import ITEMS
from imrllm.records import FrozenModel

# (document, the gold's index of the disputed item, field): what is compared of two runs.
Unit = tuple[str, int | None, str]


class Change(FrozenModel):
    """One unit that only one of two runs has right."""

    kind: Literal["gain", "loss"]
    document: str
    field: str
    path: str = Field(description="JSON Pointer in the gold; of what only a record has, in the record")
    gold: Any
    a: Any
    b: Any
    excerpt: str | None = Field(description="The letter's words for it")


class ColumnComparison(FrozenModel):
    """Two runs in one column."""

    overall: Difference
    fields: dict[str, Difference]
    changes: tuple[Change, ...] = Field(description="Every gain, then every loss, by document")


class PairComparison(FrozenModel):
    """Two runs on one suite."""

    suite: str
    a: str
    b: str
    documents: int = Field(description="Letters that both have; the differences rest on them")
    columns: dict[Column, ColumnComparison]
    trust: dict[TrustKind, dict[TrustMetric, TrustDifference]] = Field(
        {}, description="Flags and risks of the final records; empty where a run's cross-check is not scored"
    )


class SideScore(FrozenModel):
    """One run on one suite, as the comparison shows it."""

    name: str
    suite: str
    columns: dict[Column, Rate] = Field(description="Leaves that are right")
    item_exact: dict[Column, Rate]
    spent: Spent | None


class Comparison(FrozenModel):
    """What `imrllm compare --json` writes."""

    version: Literal[1] = Field(description="Of this schema")
    sides: tuple[SideScore, ...]
    pairs: tuple[PairComparison, ...]
    letters: tuple[LetterComparison, ...] = Field((), description="Letters that two or more runs have")


def compare_runs(runs: Mapping[str, EvalRun]) -> Comparison:
    """Compare named runs, each with each, suite by suite.

    Returns:
        The comparison. Swapping two runs negates every difference, mirrors every interval, makes gains of losses, and
        changes nothing else.

    Raises:
        UsageError: they have no suite with a letter in common.
    """
    sides, pairs = [], []
    for name, run in runs.items():
        for suite in run.suites:
            columns = [column for column in COMPARED if column in suite.columns]
            sides.append(
                SideScore(
                    name=name,
                    suite=suite.suite,
                    columns={column: suite.columns[column].leaves for column in columns},
                    item_exact={column: suite.columns[column].item_exact for column in columns},
                    spent=suite.spent,
                )
            )
    for (a, one), (b, two) in combinations(runs.items(), 2):
        theirs = {suite.suite: suite for suite in two.suites}
        for suite in one.suites:
            if suite.suite in theirs:
                pair = _pair(a, b, suite, theirs[suite.suite])
                if pair.documents:
                    pairs.append(pair)
    if not pairs:
        raise UsageError("The runs have no letter in common.", hint="Make them on the same suite.")
    return Comparison(version=VERSION, sides=tuple(sides), pairs=tuple(pairs), letters=tuple(letters_beside(runs)))


def regressions(before: EvalRun, now: EvalRun) -> list[str]:
    """How a run is worse than an earlier one, a sentence each: a loss in the final records, or a new critical error.

    Raises:
        UsageError: they have no suite with a letter in common.
    """
    found = []
    for pair in compare_runs({"before": before, "now": now}).pairs:
        overall = pair.columns["resolved"].overall
        if overall.better == "a":
            found.append(f"suite {pair.suite}: {overall.lost} values lost, {overall.gained} gained")
    earlier = {suite.suite: suite for suite in before.suites}
    for suite in now.suites:
        if suite.suite not in earlier:
            continue
        had = {(each.document, each.path) for each in earlier[suite.suite].columns["resolved"].critical}
        known = {document.document for document in earlier[suite.suite].documents}
        found += [
            f"suite {suite.suite}: {each.document} {each.path} is a new critical error"
            for each in suite.columns["resolved"].critical
            if each.document in known and (each.document, each.path) not in had
        ]
    return found


def _pair(a: str, b: str, one: SuiteRun, two: SuiteRun) -> PairComparison:
    mine, theirs = ({document.document: document for document in suite.documents} for suite in (one, two))
    common = sorted(mine.keys() & theirs.keys())
    has_flags = one.trust is not None and two.trust is not None
    return PairComparison(
        suite=one.suite,
        a=a,
        b=b,
        documents=len(common),
        columns={
            column: _column([mine[name] for name in common], [theirs[name] for name in common], column)
            for column in COMPARED
            if column in one.columns and column in two.columns
        },
        trust=compare_trust([mine[name] for name in common], [theirs[name] for name in common]) if has_flags else {},
    )


def _column(mine: Sequence[DocumentScore], theirs: Sequence[DocumentScore], *columns: Column) -> ColumnComparison:
    """Compare letters in a column, or in one column with the same letters in another."""
    a, b = units_of(mine, columns[0]), units_of(theirs, columns[-1])
    if columns[0] == "model":
        fields_of_a, fields_of_b = ({unit[2] for unit in each} for each in (a, b))
        if fields_of_a != fields_of_b:
            # A prompt that asks for less is compared on what both were asked for.
            common = a.keys() & b.keys()
            a, b = ({unit: leaves for unit, leaves in each.items() if unit in common} for each in (a, b))
    # An item that only one run invented is a unit of that run alone. The other run is right: it does not have the item.
    units = sorted(a.keys() | b.keys(), key=lambda unit: (unit[0], -1 if unit[1] is None else unit[1], unit[2]))
    right = {unit: (is_right(a.get(unit, ())), is_right(b.get(unit, ()))) for unit in units}
    fields = {name: [unit for unit in units if unit[2] == name] for name in ORDER}
    changed = [_change(unit, a.get(unit, ()), b.get(unit, ())) for unit in units if right[unit][0] != right[unit][1]]
    return ColumnComparison(
        overall=_difference(units, right),
        fields={name: _difference(own, right) for name, own in fields.items() if own},
        changes=tuple(sorted(changed, key=lambda change: change.kind)),
    )


def units_of(documents: Sequence[DocumentScore], column: Column) -> dict[Unit, list[LeafScore]]:
    """The leaves of a column by what is compared: a field of a letter's case or of one of its disputed items."""
    units: dict[Unit, list[LeafScore]] = {}
    for document in documents:
        for leaf in document.columns.get(column, ()):
            invented = leaf.item is None and leaf.path.startswith(f"/{ITEMS}/")
            # The values of an invented item are invented with it.
            if invented and leaf.field != ITEMS:
                continue
            units.setdefault((document.document, leaf.item, leaf.field), []).append(leaf)
    return units


def is_right(leaves: Sequence[LeafScore]) -> bool:
    """Whether all leaves of a unit are right."""
    return all(leaf.exact for leaf in leaves)


def contributions(documents: Sequence[DocumentScore]) -> dict[str, Difference]:
    """By field, the final records (b) beside those of the grammar alone (a), where the two differ."""
    compared = _column(documents, documents, "grammar", "resolved")
    return {name: each for name, each in compared.fields.items() if each.gained or each.lost}


def _difference(units: Sequence[Unit], right: Mapping[Unit, tuple[bool, bool]]) -> Difference:
    gained = sum(right[unit] == (False, True) for unit in units)
    lost = sum(right[unit] == (True, False) for unit in units)
    by_document: dict[str, tuple[int, int]] = {}
    for unit in units:
        more, of = by_document.get(unit[0], (0, 0))
        by_document[unit[0]] = (more + right[unit][1] - right[unit][0], of + 1)
    bounds = paired_bootstrap(by_document)
    low, high = bounds or (None, None)
    return Difference(
        a=rate(sum(right[unit][0] for unit in units), len(units)),
        b=rate(sum(right[unit][1] for unit in units), len(units)),
        # Prompts that ask for different fields of these letters have nothing in common.
        difference=(gained - lost) / len(units) if units else 0.0,
        low=low,
        high=high,
        p=mcnemar(gained, lost),
        gained=gained,
        lost=lost,
        better=better_side(bounds),
    )


def _change(unit: Unit, a: Sequence[LeafScore], b: Sequence[LeafScore]) -> Change:
    """One gain or loss: the wrong run's value and the gold, which is the other run's value."""
    gain = is_right(b)
    wrong = next(leaf for leaf in (a if gain else b) if not leaf.exact)
    return Change(
        kind="gain" if gain else "loss",
        document=unit[0],
        field=unit[2],
        path=wrong.path,
        gold=wrong.gold,
        a=wrong.value if gain else wrong.gold,
        b=wrong.gold if gain else wrong.value,
        excerpt=wrong.excerpt,
    )
