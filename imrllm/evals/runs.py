"""What an evaluation found, as `imrllm eval --json` writes it: a versioned schema, read again by `compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from imrllm.errors import UsageError
from imrllm.near_names import not_opened
from imrllm.records import FrozenModel

# Raised if a field is renamed, removed or changes its meaning. A new field does not raise it.
VERSION: Literal[1] = 1
Column = Literal["floor", "model", "grammar", "resolved"]
# Typed values are copied; prose is the lists of prose and the grounds, which take judgment.
TrustKind = Literal["typed", "prose", "all"]
TrustMetric = Literal["flagged", "flag_recall", "auroc"]


class Rate(FrozenModel):
    """A share with its interval."""

    right: int = Field(description="Successes")
    of: int = Field(description="Trials")
    rate: float | None = Field(description="right / of, 0 to 1; null without a trial")
    low: float | None = Field(description="Lower bound of Wilson's 95% interval")
    high: float | None = Field(description="Upper bound of Wilson's 95% interval")


class FieldScore(FrozenModel):
    """One field over all letters of a suite."""

    match: int = Field(description="Entries that are right")
    wrong: int = Field(description="Entries with another value than the gold's")
    missed: int = Field(description="Entries that only the gold has")
    invented: int = Field(description="Entries that only the record has")
    correctly_absent: int = Field(description="Leaves that neither has")
    precision: float | None = Field(description="match / (match + wrong + invented)")
    recall: float | None = Field(description="match / (match + wrong + missed)")
    f1: float | None = Field(description="Harmonic mean of precision and recall")
    exact: Rate = Field(description="Leaves that are right as a whole, those correctly absent included")
    support: int = Field(description="Leaves for which the gold has a value")


class Error(FrozenModel):
    """One leaf that is not right, or one item that was lost or invented."""

    document: str
    path: str = Field(description="JSON Pointer in the gold; of what only the record has, in the record")
    field: str
    outcome: str = Field(description="wrong, missed or invented; of a list, each that occurs, joined by '+'")
    gold: Any = Field(description="The true value")
    value: Any = Field(description="The record's value")


class ColumnScore(FrozenModel):
    """All scores of one column: the floor, the model alone, the grammar alone, or the resolved records."""

    fields: dict[str, FieldScore] = Field(description="By field; without those that the column is not asked for")
    leaves: Rate = Field(description="Leaves of all fields that are right")
    item_exact: Rate = Field(description="Disputed items with every field right but grounds; lost and invented count")
    document_exact: Rate = Field(description="Letters with every item and case field right but lists of prose")
    micro_f1: float | None = Field(description="F1 over all entries of all fields")
    macro_f1: float | None = Field(description="Mean of the fields' F1")
    critical: tuple[Error, ...] = Field(
        description="Flipped decisions; strengths, quantities or refills that are not right; lost and invented items"
    )


class CrossCheckScore(FrozenModel):
    """How well the checks tell right from wrong."""

    silent: tuple[Error, ...] = Field(description="Wrong final values that are not flagged for review")
    false_alarms: tuple[Error, ...] = Field(
        description="Right values, the model's and the final one, that are flagged for review"
    )
    caught: Rate = Field(description="Of the wrong values of the model, those that a check did not confirm")
    alarms: Rate = Field(description="Of the leaves that are right in both, those that are flagged for review")
    corruptions: dict[str, Rate] = Field(
        description="By field, of the gold's values altered in turn, those that are flagged for review; {} without any"
    )


class Estimate(FrozenModel):
    """A figure with its interval."""

    value: float
    low: float | None = Field(description="Lower bound of the 95% interval: bootstrap, letters resampled")
    high: float | None = Field(description="Upper bound; null, as the lower one, where fewer than two letters tell")


class CoveragePoint(FrozenModel):
    """What is wrong among the values of the least risk."""

    coverage: float = Field(description="The share of the values to keep, 0 to 1")
    risk: float = Field(description="The highest risk among those kept; values of equal risk are kept together")
    wrong: Rate = Field(description="Of the values kept, the wrong ones")


class RiskBin(FrozenModel):
    """The values of similar risk: a tenth of the range from 0 to 1."""

    values: int
    risk: float = Field(description="Mean risk")
    wrong: float = Field(description="Share of wrong values")


class TrustScore(FrozenModel):
    """How well flags and risks tell wrong values from right ones, among some values of the final records."""

    letters: int = Field(description="Letters with such a value")
    values: int = Field(description="Values that the record has, absent ones that it could have included")
    flagged: Rate = Field(description="Of the values, those that are flagged for review")
    flags_per_letter: float | None = Field(description="Values flagged, a letter")
    recall: Rate = Field(description="Of the wrong values, those that are flagged")
    precision: Rate = Field(description="Of the flagged values, the wrong ones")
    unflagged_wrong: Rate = Field(description="Of the values that are not flagged, the wrong ones")
    measured: int = Field(description="Values whose risk is measured")
    auroc: Estimate | None = Field(
        description="The probability that a wrong value has a higher risk than a right one; 0.5 is chance; null where "
        "no risk is measured, or no value with a risk is wrong, or none is right"
    )
    calibration_error: Estimate | None = Field(
        description="Expected calibration error: the mean difference of risk and share of wrong values, over ten bins "
        "of equal width; null where no risk is measured"
    )


class KindTrust(TrustScore):
    """The same of a kind of values, with the letters that nobody is asked about."""

    ok_letters: Rate = Field(description="Of the letters, those without a flagged value of the kind")
    wrong_ok: Rate = Field(description="Of these, the ones that hold a wrong value, or lack an item")
    wrong_ok_bound: float | None = Field(
        description="Exact one-sided 95% upper bound of that share, letters as independent draws; null without one"
    )
    curve: tuple[CoveragePoint, ...] = Field(description="Risk against coverage; empty where no risk is measured")
    bins: tuple[RiskBin, ...] = Field(description="Those that hold a value, from low to high risk")


class Trust(FrozenModel):
    """Flags and risks of the final records. Each letter is judged by counts and weights of the other letters of gold.

    A letter belongs to one of ten folds by its hash, and is judged by what the other nine teach.
    """

    kinds: dict[TrustKind, KindTrust]
    fields: dict[str, TrustScore]
    forms: dict[str, dict[TrustKind, KindTrust]] = Field(description="By form of the letter")


class Spent(FrozenModel):
    """What the model's answers took; null where it is not known."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None = Field(description="US dollars")
    seconds: float | None = Field(description="Wall time of the calls, recorded ones' as of their recording")


class Difference(FrozenModel):
    """One field, or all of them, in two runs, or in two columns of one run."""

    a: Rate
    b: Rate
    difference: float = Field(description="Share of b less share of a")
    low: float | None = Field(description="Lower bound of the 95% interval: paired bootstrap, letters resampled")
    high: float | None = Field(description="Upper bound; null, as the lower one, for fewer than two letters")
    p: float = Field(description="Exact two-sided p of McNemar's test")
    gained: int = Field(description="Units that only b has right")
    lost: int = Field(description="Units that only a has right")
    better: Literal["a", "b"] | None = Field(description="What the interval shows; null where it holds zero")


class TrustDifference(FrozenModel):
    """One figure of flags or risks in two runs over the same letters."""

    a: float
    b: float
    difference: float = Field(description="b less a")
    low: float | None = Field(description="Lower bound of the 95% interval: paired bootstrap, letters resampled")
    high: float | None = Field(description="Upper bound; null, as the lower one, where fewer than two letters tell")
    higher: Literal["a", "b"] | None = Field(description="What the interval shows; null where it holds zero")


class Gate(FrozenModel):
    """One threshold and whether it was met."""

    name: str = Field(description="A metric or a field")
    limit: float = Field(description="The least share; of counts of errors, and of shares that count against, the most")
    value: float | None = Field(description="What was found; null where there was nothing to count or to measure")
    passed: bool
    details: tuple[str, ...] = Field((), description="Document and path of each error that counts against it")


class LeafScore(FrozenModel):
    """One leaf of one letter in one column. Values and excerpt are given only where it is not right."""

    field: str
    item: int | None = Field(None, description="The gold's index of its disputed item")
    path: str = Field(description="JSON Pointer, as an Error's")
    exact: bool = True
    outcomes: dict[str, int] = Field({}, description="Only where it is not exact")
    flagged: bool = Field(
        False, description="Whether it is flagged for review; of the model alone, whether a check did not confirm it"
    )
    lost: bool = Field(False, description="Whether the record lacks its whole disputed item, or there is no record")
    risk: float | None = Field(None, description="Of the final record, its measured risk, 0 to 1")
    gold: Any = None
    value: Any = None
    excerpt: str | None = Field(None, description="The letter's words for it, or those of its part, shortened")


class DocumentScore(FrozenModel):
    """One letter."""

    document: str
    error: str | None = Field(None, description="Why it has no record, or only a part of one")
    form: str | None = Field(None, description="The form of the letter; null if it is not known")
    columns: dict[Column, tuple[LeafScore, ...]]
    spent: Spent | None = None


class SuiteRun(FrozenModel):
    """One suite's evaluation."""

    suite: str
    description: str
    letters: int = Field(description="Letters scored")
    items: int = Field(description="Disputed items of their gold")
    missing: tuple[str, ...] = Field(description="Letters of the suite that are not here")
    unrecorded: tuple[str, ...] = Field(description="Letters that are here, but of which no answer is recorded")
    left_out: int = Field(
        0, description="Letters that are here and were not scored, since only the first ones were asked for (`--limit`)"
    )
    columns: dict[Column, ColumnScore]
    crosscheck: CrossCheckScore | None = Field(
        description="Null where a row carries no checks and its letter is absent"
    )
    trust: Trust | None = Field(None, description="Null where the cross-check is not scored")
    spent: Spent | None
    contribution: dict[str, Difference] | None = Field(
        None, description="By field, what the model changes: the grammar alone (a) and the final records (b)"
    )
    collapsed: dict[str, tuple[Rate, Rate]] | None = Field(
        None, description="Grounds that stand in over half of the model's answers, and gold's share of them"
    )
    agreement: dict[str, Rate] | None = Field(None, description="By field, leaves with one value in all repeats")
    gates: tuple[Gate, ...]
    allowed: tuple[str, ...] = Field(description="Errors that the suite lets pass, with their reasons")
    unneeded: tuple[str, ...] = Field(description="Allowances of the suite that let nothing pass in this run")
    documents: tuple[DocumentScore, ...]


class EvalRun(FrozenModel):
    """A whole run of `imrllm eval`."""

    version: Literal[1] = Field(description="Of this schema")
    program: str = Field(description="Program version")
    source: Literal["cassettes", "model", "records"] = Field(description="Where the answers come from")
    model: str | None = Field(description="Null for records of unknown making")
    prompt: str | None = Field(description="Null where no model was asked")
    prompt_sha256: str | None
    suites: tuple[SuiteRun, ...]
    skipped: dict[str, str] = Field(description="Suites that were not scored, and why")
    uncalibrated: str | None = Field(None, description="Why the calibration table that is there does not apply")

    @property
    def passed(self) -> bool:
        """Whether every gate was."""
        return all(gate.passed for suite in self.suites for gate in suite.gates)

    def to_json(self) -> str:
        """The text of a `--json` file; what a leaf has by default is left out."""
        leaves = {"suites": {"__all__": {"documents"}}}
        data = self.model_dump(mode="json", exclude=leaves)
        for suite, own in zip(data["suites"], self.suites, strict=True):
            suite["documents"] = [document.model_dump(mode="json", exclude_defaults=True) for document in own.documents]
        return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_run(path: Path) -> EvalRun:
    """Read a run that `imrllm eval --json` wrote.

    Raises:
        UsageError: it cannot be read, is not a run, or has another version of the schema.
    """
    try:
        return EvalRun.model_validate_json(path.read_bytes())
    except OSError as error:
        why, hint = not_opened(path, error)
        raise UsageError(why, hint=hint) from error
    except ValidationError as error:
        place = "/".join(map(str, error.errors(include_input=False)[0]["loc"])) or "/"
        raise UsageError(
            f"`{path}` is not a run of this version: it is malformed at `{place}`.",
            hint="Make it with `imrllm eval --json FILE`.",
        ) from None
