"""The pages of an evaluation and of a comparison: one HTML file each, without scripts and external resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from imrllm.fields import BY_NAME
from imrllm.report import bars, formatting
from imrllm.report.compared_letters import compared_suites
from imrllm.report.curve import coverage_curve
from imrllm.report.terminal import printable
from imrllm.report.trust_tables import COVERAGES

if TYPE_CHECKING:
    from jinja2 import Environment

    from imrllm.evals.comparison import Comparison, SideScore
    from imrllm.evals.conversations import Conversations, Exchange
    from imrllm.evals.runs import Column, Difference, DocumentScore, EvalRun, LeafScore, Rate, SuiteRun, TrustDifference

# What a page says of a wrong value, by column and whether it is flagged.
_SAID_OF = {
    ("resolved", True): "⚑ flagged for review",
    ("resolved", False): "not flagged for review",
    ("model", True): "⚑ a check is against it",
    ("model", False): "no check is against it",
}
# What a filter shows of the letters, and their orders. Words of the pages; the names are those of CSS classes.
_LISTED: tuple[Column, ...] = ("resolved", "model")
_SHOWS = {
    "all": "all letters",
    "unright": "letters that are not right",
    "wrong": "not right in more than prose and grounds",
    "silent": "with an error that nothing flags",
    "model": "where the model alone is not right",
    "right": "letters that are right",
}
_ORDERS = {
    "suite": "as in the suite",
    "wrong": "most not right first",
    "model": "most not right of the model alone first",
    "tokens": "most tokens first",
}
# The possible half-widths of the axis of a difference, as shares.
_SCALES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter of a suite.

    Attributes:
        anchor: id of its place in the page; numbers alone, whatever its own id holds.
        given: its scores.
        number: its place in the suite, from 1.
        numbers: the numbers of the fields of these leaves.
        orders: its place in other orders of the letters, by their names in `_ORDERS`.
        exchanges: the calls about it and their answers; empty if they are not shown.
    """

    anchor: str
    number: int
    given: DocumentScore
    wrong: Mapping[Column, Sequence[LeafScore]]
    numbers: Sequence[int] = ()
    orders: Mapping[str, int] = field(default_factory=dict)
    exchanges: Sequence[Exchange] = ()

    @property
    def state(self) -> Literal["right", "prose", "wrong"]:
        """Whether its resolved record is right as a whole, or in all but lists of prose and grounds."""
        if self.right:
            return "right"
        typed = [leaf for leaf in self.wrong.get("resolved", ()) if not _is_prose(leaf)]
        return "wrong" if typed or self.given.error is not None else "prose"

    @property
    def silent(self) -> bool:
        """Whether nothing flags a wrong value of its resolved record."""
        return any(not leaf.flagged for leaf in self.wrong.get("resolved", ()))

    @property
    def right(self) -> bool:
        """Whether its whole resolved record is right."""
        return self.given.error is None and not self.wrong.get("resolved")


@dataclass(frozen=True, slots=True)
class _Suite:
    """One suite of a run.

    Attributes:
        anchor: id of its place in the page.
        given: its scores.
        columns: those that it has, in the order in which they are shown.
        letters: letters to show.
        anchors: by document, the ids of the places of these letters.
        right_fields: number of fields that are left out, being right as a whole.
        right_letters: number of letters that are left out.
        wholly_right: number of letters whose resolved record is right in every field.
        numbers: by name, a number for each field of which a shown letter has a wrong value, the most frequent first.
        counts: by the same names, the number of these letters.
        orders_of_fields: the fields to show in the record's order (`record`), and by their errors (`errors`).
    """

    anchor: str
    given: SuiteRun
    columns: Sequence[str]
    letters: Sequence[_Letter]
    anchors: Mapping[str, str]
    right_fields: int
    right_letters: int
    wholly_right: int
    numbers: Mapping[str, int]
    counts: Mapping[str, int]
    orders_of_fields: Mapping[str, Sequence[str]]


def eval_page(run: EvalRun, *, only_failed: bool = False, conversations: Conversations | None = None) -> str:
    """Lay an evaluation out as an HTML page, the same for the same run. Whatever comes from the run is text in it.

    Args:
        run: the evaluation.
        only_failed: leave out fields and letters that are right as a whole in the resolved records.
        conversations: what was sent about the letters, and the answers. The page then holds the letters' text.
    """
    # Imported here: other pages do not load the evaluations.
    from imrllm.evals.conversations import Conversations
    from imrllm.evals.gates import AT_MOST, COUNTS

    given = conversations or Conversations()
    suites = [_suite(number, suite, only_failed, given) for number, suite in enumerate(run.suites, 1)]
    gates = [gate.passed for suite in run.suites for gate in suite.gates]
    return rendered(
        "eval.html",
        run=run,
        suites=suites,
        gates=gates,
        only_failed=only_failed,
        counts=COUNTS,
        at_most=AT_MOST,
        conversations=given,
        shows=_SHOWS,
        orders=_ORDERS,
    )


def comparison_page(comparison: Comparison, conversations: Mapping[str, Conversations] | None = None) -> str:
    """Lay a comparison out as an HTML page, the same for the same comparison. Whatever comes from it is text.

    Args:
        comparison: the comparison.
        conversations: by run, what was sent about its letters, and the answers. The page then holds the letters' text.
    """
    return rendered(
        "comparison.html",
        comparison=comparison,
        columns=_shown_columns(comparison.sides),
        suites=compared_suites(comparison, conversations),
    )


def _suite(number: int, given: SuiteRun, only_failed: bool, conversations: Conversations) -> _Suite:
    anchor = f"suite-{number}"
    letters = [
        _letter(f"{anchor}-letter-{place}", place, letter, conversations.of(given.suite, letter.document))
        for place, letter in enumerate(given.documents, 1)
    ]
    final = given.columns["resolved"].fields
    some_letters = [letter for letter in letters if not (only_failed and letter.right)]
    counts = Counter(name for letter in some_letters for name in dict.fromkeys(_fields_of(letter)))
    # The first in the record's order goes first among those with as many letters.
    numbers = {name: place for place, (name, _) in enumerate(counts.most_common(), 1)}
    some_letters = _ordered(
        [replace(each, numbers=sorted({numbers[name] for name in _fields_of(each)})) for each in some_letters]
    )
    some_fields = [name for name, score in final.items() if not (only_failed and _all_right(score.exact))]
    return _Suite(
        anchor=anchor,
        given=given,
        columns=_shown_columns([given]),
        letters=some_letters,
        anchors={letter.given.document: letter.anchor for letter in some_letters},
        right_fields=len(final) - len(some_fields),
        right_letters=len(letters) - len(some_letters),
        wholly_right=sum(letter.right for letter in letters),
        numbers=numbers,
        counts=counts,
        orders_of_fields={
            "record": some_fields,
            "errors": sorted(some_fields, key=lambda name: final[name].exact.right - final[name].exact.of),
        },
    )


def _letter(anchor: str, number: int, given: DocumentScore, exchanges: Sequence[Exchange]) -> _Letter:
    wrong = {column: [leaf for leaf in leaves if not leaf.exact] for column, leaves in given.columns.items()}
    return _Letter(anchor, number, given, wrong, exchanges=exchanges)


def _fields_of(letter: _Letter) -> list[str]:
    """The fields of the values that the page shows as not right, in the record's order."""
    return [leaf.field for column in _LISTED for leaf in letter.wrong.get(column, ())]


def _ordered(letters: Sequence[_Letter]) -> list[_Letter]:
    """Letters in the order of the suite, with their places in the other orders."""
    keys: dict[str, Callable[[_Letter], int]] = {
        "wrong": lambda letter: -len(letter.wrong.get("resolved", ())),
        "model": lambda letter: -len(letter.wrong.get("model", ())),
        "tokens": lambda letter: (
            -(letter.given.spent.input_tokens + letter.given.spent.output_tokens) if letter.given.spent else 0
        ),
    }
    places = {
        name: {letter.number: place for place, letter in enumerate(sorted(letters, key=key), 1)}
        for name, key in keys.items()
    }
    return [replace(each, orders={name: found[each.number] for name, found in places.items()}) for each in letters]


def _is_prose(leaf: LeafScore) -> bool:
    """Whether a value takes judgment: it does not count for exact letters."""
    return leaf.field in BY_NAME and BY_NAME[leaf.field].weight == "prose"


def _all_right(rate: Rate) -> bool:
    return rate.right == rate.of


def _shown_columns(holders: Iterable[SuiteRun | SideScore]) -> list[str]:
    held: list[Collection[str]] = [holder.columns for holder in holders]
    return [column for column in formatting.COLUMN_NAMES if any(column in each for each in held)]


def _scale(differences: Iterable[Difference | TrustDifference]) -> float:
    """The half-width of a common axis: the narrowest that holds all differences and their intervals."""
    sizes = [abs(end) for each in differences for end in (each.difference, each.low, each.high) if end is not None]
    return next((scale for scale in _SCALES if scale >= max(sizes, default=0)), 1.0)


def _moved_apart(fields: Mapping[str, Difference]) -> tuple[dict[str, Difference], dict[str, Rate]]:
    """Separate the fields that changed from the many that did not."""
    moved = {name: each for name, each in fields.items() if each.gained or each.lost}
    return moved, {name: each.a for name, each in fields.items() if name not in moved}


def rendered(template: str, **values: Any) -> str:
    """Render a page of `templates/`. Text in the values is escaped and made printable; markup stays as it is."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("imrllm.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    numbers = (formatting.count, formatting.dollars, formatting.duration, formatting.percent, formatting.points)
    words = (formatting.compact, formatting.outcomes, formatting.p_value, formatting.spaced)
    environment.filters |= {each.__name__: each for each in (*numbers, *words)}
    environment.filters["lines"] = _lines
    environment.globals |= {
        "names": formatting.COLUMN_NAMES,
        "gate_value": formatting.gate_value,
        "limited": formatting.limited,
        "not_scored": formatting.not_scored,
        "said_of": _SAID_OF,
        "kind_names": formatting.KIND_NAMES,
        "metric_names": formatting.METRIC_NAMES,
        "higher": formatting.higher,
        "coverages": COVERAGES,
        "coverage_curve": coverage_curve,
        "all_right": _all_right,
        "moved_apart": _moved_apart,
        "scale_of": _scale,
        "interval": formatting.interval,
        "verdict": formatting.verdict,
        "share_bar": bars.share_bar,
        "difference_bar": bars.difference_bar,
        "course": bars.course,
    }
    return environment


def _lines(text: str) -> Markup:
    """Text with its line breaks, for preformatted places; whatever it holds is text."""
    return Markup("\n").join(printable(line) for line in text.split("\n"))


def _shown(value: Any) -> Any:
    """Make a value printable: escaping alone keeps control characters and reversals of the writing direction."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(" ".join(value.split()))
    return value
