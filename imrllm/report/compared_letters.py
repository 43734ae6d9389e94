"""The letters of a comparison: a matrix of runs and letters, on the page and in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from imrllm.report.formatting import NOTHING, count
from imrllm.report.terminal import add_row, figures_table, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from imrllm.evals.comparison import Comparison
    from imrllm.evals.conversations import Conversations, Exchange
    from imrllm.evals.letters_beside import LetterComparison, ValueBeside
    from imrllm.evals.runs import Column

# A cell with so many wrong values is marked more strongly.
_MANY = 4
# More letters than this are for the page.
_TERMINAL_LETTERS = 60


@dataclass(frozen=True, slots=True)
class ComparedLetter:
    """One letter of a comparison.

    Attributes:
        anchor: id of its place in the page.
        number: its place in the suite, from 1.
        given: the letter in all runs.
        numbers: the numbers of the fields that are not right in some run.
        orders: its place in other orders.
        exchanges: by run, its calls and their answers; without the runs of which they are not shown.
    """

    anchor: str
    number: int
    given: LetterComparison
    numbers: Sequence[int] = ()
    orders: Mapping[str, int] = field(default_factory=dict)
    exchanges: Mapping[str, Sequence[Exchange]] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether its resolved record is right in all runs."""
        return not any(wrong.get("resolved") for wrong in self.given.wrong.values())

    @property
    def same(self) -> bool:
        """Whether all runs have the same values of its resolved record."""
        sides = self.given.wrong.keys()
        return all(
            value.sides.keys() == sides and len({repr(each.value) for each in value.sides.values()}) == 1
            for value in self.columns["resolved"]
        )

    @property
    def columns(self) -> dict[Column, list[ValueBeside]]:
        """The values that are not right in some run, by column."""
        columns: tuple[Column, ...] = ("resolved", "model")
        return {column: [value for value in self.given.values if value.column == column] for column in columns}

    def level(self, side: str) -> str:
        """How much of a run's resolved record is not right: `none`, `some` or `many`."""
        wrong = self.given.wrong[side].get("resolved", 0)
        return "none" if not wrong else "many" if wrong >= _MANY else "some"

    def beside(self, value: ValueBeside, sides: Sequence[str]) -> list[tuple[str, Any]]:
        """A value as each run has it, with a mark whether it is right."""
        return [
            (f"{'✓' if found.right else '✗'} {side}", found.value)
            for side in sides
            if (found := value.sides.get(side)) is not None
        ]


@dataclass(frozen=True, slots=True)
class ComparedSuite:
    """The letters of one suite in a comparison.

    Attributes:
        name: the suite's.
        anchor: id of its place in the page.
        sides: the runs that have it.
        letters: its letters that two or more runs have.
        numbers: by name, a number for each field that is not right in some run, the most frequent first.
        counts: by the same names, the number of letters.
    """

    name: str
    anchor: str
    sides: Sequence[str]
    letters: Sequence[ComparedLetter]
    numbers: Mapping[str, int]
    counts: Mapping[str, int]

    @property
    def holds_text(self) -> int:
        """The number of letters whose messages are shown."""
        return sum(bool(letter.exchanges) for letter in self.letters)


def compared_suites(
    comparison: Comparison, conversations: Mapping[str, Conversations] | None = None
) -> list[ComparedSuite]:
    """The letters of a comparison, suite by suite.

    Args:
        comparison: the comparison.
        conversations: by run, what was sent about its letters, and the answers.
    """
    said = conversations or {}
    found: dict[str, list[LetterComparison]] = {}
    for letter in comparison.letters:
        found.setdefault(letter.suite, []).append(letter)
    return [_suite(f"letters-{number}", name, letters, said) for number, (name, letters) in enumerate(found.items(), 1)]


def _suite(
    anchor: str, name: str, given: Sequence[LetterComparison], said: Mapping[str, Conversations]
) -> ComparedSuite:
    counts = Counter(field for letter in given for field in dict.fromkeys(value.field for value in letter.values))
    numbers = {field: place for place, (field, _) in enumerate(counts.most_common(), 1)}
    worst = sorted(range(len(given)), key=lambda place: -_wrong(given[place]))
    ranks = {place: rank for rank, place in enumerate(worst, 1)}
    letters = [
        ComparedLetter(
            f"{anchor}-{place + 1}",
            place + 1,
            letter,
            sorted({numbers[value.field] for value in letter.values}),
            {"wrong": ranks[place]},
            {side: found for side, each in said.items() if (found := each.of(name, letter.document))},
        )
        for place, letter in enumerate(given)
    ]
    sides = list(dict.fromkeys(side for letter in given for side in letter.wrong))
    return ComparedSuite(name, anchor, sides, letters, numbers, counts)


def _wrong(letter: LetterComparison) -> int:
    """The values of a letter that are not right in the resolved records of all runs."""
    return sum(wrong.get("resolved", 0) for wrong in letter.wrong.values())


def matrix_tables(comparison: Comparison) -> Iterator[RenderableType]:
    """The matrix of runs and letters for a terminal: values not right in the resolved record, and of the model alone.

    Letters that are right in all runs are counted, not listed.
    """
    for suite in compared_suites(comparison):
        worst = sorted(suite.letters, key=lambda letter: letter.orders["wrong"])
        listed = [letter for letter in worst if any(any(wrong.values()) for wrong in letter.given.wrong.values())]
        yield text(f"{suite.name}: values not right in the resolved record (of the model alone), by letter", "bold")
        table = figures_table("", "", *suite.sides)
        for letter in listed[:_TERMINAL_LETTERS]:
            add_row(table, letter.given.document, *(_cell(letter.given.wrong.get(side)) for side in suite.sides))
        yield table
        if right := len(suite.letters) - len(listed):
            yield text(f"Without an error in any run: {count(right, 'letter')}.")
        if (more := len(listed) - _TERMINAL_LETTERS) > 0:
            yield text(f"Not listed here, but in `--html` and `--json`: {count(more, 'letter')}.")
        yield text("")


def _cell(wrong: Mapping[Column, int] | None) -> str:
    if wrong is None:
        return NOTHING
    model = f" ({wrong['model']:,})" if "model" in wrong else ""
    return f"{wrong.get('resolved', 0):,}{model}"
