"""The scores of one suite's answers in every column, and its gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from imrllm import pointers
from imrllm.documents import Document
from imrllm.evals.answers import LetterResults
from imrllm.evals.check_scores import against, flags, measure_checks
from imrllm.evals.column_scores import asked, measure
from imrllm.evals.comparison import contributions
from imrllm.evals.contribution import collapsed_grounds, worse_fields
from imrllm.evals.corruptions import corruptions
from imrllm.evals.gates import judge, lets_pass
from imrllm.evals.outcomes import FieldOutcome, floor, score
from imrllm.evals.runs import Column, CrossCheckScore, DocumentScore, Error, LeafScore, Rate, Spent, SuiteRun
from imrllm.evals.statistics import rate
from imrllm.evals.trust_scores import measure_trust
from imrllm.fields import BY_NAME, ITEMS
from imrllm.records import Result
from imrllm.suites import Allowed, Letters, Suite

_EXCERPT = 240


def evaluate(
    suite: Suite,
    letters: Letters,
    repeats: Sequence[Mapping[str, LetterResults]],
    thresholds: Mapping[str, float] | None = None,
) -> SuiteRun:
    """Score a suite.

    Args:
        suite: its gold and settings.
        letters: its available letters.
        repeats: the answers by document id, for each of one or more independent runs. The first run is scored; the
            others measure agreement.
        thresholds: by default the suite's own.

    Returns:
        The scores of each column that has answers, the scores of the cross-check, and the gates.
    """
    answers = repeats[0]
    gold = {name: suite.gold[name].record for name in answers}
    fuzzy = suite.settings.fuzzy
    results: dict[Column, dict[str, Result | None]] = {
        "model": {name: answer.model for name, answer in answers.items()},
        "grammar": {name: answer.grammar for name, answer in answers.items()},
        "resolved": {name: answer.resolved for name, answer in answers.items()},
    }
    leaves: dict[Column, dict[str, list[FieldOutcome]]] = {"floor": {name: floor(each) for name, each in gold.items()}}
    for column, found in results.items():
        # Incomplete columns are skipped: they are not comparable.
        if all(found.values()):
            scored = {name: score(gold[name], _record(result), fuzzy) for name, result in found.items()}
            leaves[column] = {name: asked(each, column, answers[name].asked) for name, each in scored.items()}
    final = measure(leaves["resolved"])
    columns = {column: final if column == "resolved" else measure(each) for column, each in leaves.items()}
    checks = None
    if all(answer.checked for answer in answers.values()):
        read = {name: answer for name, answer in answers.items() if answer.resolved.record}
        checks = measure_checks(
            {name: leaves["resolved"][name] for name in read},
            {name: answer.resolved.checks for name, answer in read.items()},
            leaves.get("model"),
            corruptions({name: letter for name, letter in letters.found.items() if name in gold}, gold),
        )
    settings = suite.settings
    documents = tuple(
        _document(name, answer, {column: each[name] for column, each in leaves.items() if column != "floor"}, letters)
        for name, answer in answers.items()
    )
    trust = measure_trust(documents) if checks else None
    collapsed = collapsed_grounds(leaves["model"].values()) if "model" in leaves else None
    used, unneeded = _allowances(
        [each for each in suite.settings.allowed if not letters.left_out or each.document in gold],
        final.critical,
        checks,
    )
    return SuiteRun(
        suite=suite.name,
        description=settings.description,
        letters=len(gold),
        items=sum(len(each[ITEMS]) for each in gold.values()),
        missing=letters.missing,
        left_out=letters.left_out,
        unrecorded=tuple(name for name in letters.found if name not in answers),
        columns=columns,
        crosscheck=checks,
        trust=trust,
        spent=_total(answers.values()),
        contribution=contributions(documents) if "model" in columns and "grammar" in columns else None,
        collapsed=collapsed,
        agreement=_agreement(gold, repeats) if len(repeats) > 1 else None,
        gates=judge(
            settings.thresholds if thresholds is None else thresholds,
            final,
            checks,
            settings.allowed,
            {
                "worse_fields": worse_fields(documents),
                "collapsed_grounds": [
                    f"{ground}: in {given.right} of {given.of} answers, true of {true.right}"
                    for ground, (given, true) in (collapsed or {}).items()
                ],
            },
            trust,
        ),
        allowed=used,
        unneeded=unneeded,
        documents=documents,
    )


def _record(result: Result | None) -> dict[str, Any] | None:
    return result.record.model_dump(mode="json") if result and result.record else None


def _allowances(
    allowed: Iterable[Allowed], critical: Iterable[Error], checks: CrossCheckScore | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A suite's allowances in words: those that apply to an error, and those that do not."""
    found = [("critical", each) for each in critical]
    found += [("silent", each) for each in (checks.silent if checks else ())]
    used: list[str] = []
    unused: list[str] = []
    for each in allowed:
        needed = any(lets_pass(each, kind, error) for kind, error in found)
        (used if needed else unused).append(f"{each.document} {each.path} ({each.kind}): {each.reason}")
    return tuple(used), tuple(unused)


def _total(answers: Iterable[LetterResults]) -> Spent | None:
    spent = [each for answer in answers if (each := _spent(answer))]
    if not spent:
        return None
    costs, seconds = [each.cost for each in spent], [each.seconds for each in spent]
    return Spent(
        calls=sum(each.calls for each in spent),
        input_tokens=sum(each.input_tokens for each in spent),
        output_tokens=sum(each.output_tokens for each in spent),
        # Where one letter's is not known, the sum is not either.
        cost=None if None in costs else sum(filter(None, costs)),
        seconds=None if None in seconds else sum(filter(None, seconds)),
    )


def _spent(answer: LetterResults) -> Spent | None:
    provenance = answer.resolved.provenance
    if not provenance.usage.calls:
        return None
    return Spent(
        calls=provenance.usage.calls,
        input_tokens=provenance.usage.input_tokens,
        output_tokens=provenance.usage.output_tokens,
        cost=provenance.cost,
        seconds=answer.seconds,
    )


def _agreement(gold: Mapping[str, dict[str, Any]], repeats: Sequence[Mapping[str, LetterResults]]) -> dict[str, Rate]:
    """By field, the share of the gold's leaves for which all repeats of the model's answers hold one value."""
    same: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for name, true in gold.items():
        runs = [
            {leaf.path: leaf for leaf in asked(score(true, _record(each[name].model)), "model")} for each in repeats
        ]
        for path, leaf in runs[0].items():
            of[leaf.field] += 1
            same[leaf.field] += all(path in run and _is_same(run[path], leaf) for run in runs[1:])
    return {field: rate(same[field], of[field]) for field in of}


def _is_same(one: FieldOutcome, other: FieldOutcome) -> bool:
    """Whether two answers hold one value, as the scorer compares values."""
    field = BY_NAME[one.field]
    mine, theirs = (
        [field.normal(each) for each in value] if isinstance(value, list) else value is not None and field.normal(value)
        for value in (one.value, other.value)
    )
    return bool(mine == theirs)


def _document(
    name: str, answer: LetterResults, columns: Mapping[Column, Sequence[FieldOutcome]], letters: Letters
) -> DocumentScore:
    error = answer.resolved.error
    letter = letters.found.get(name)
    return DocumentScore(
        document=name,
        error=f"{error.type}: {error.message}" if error else None,
        columns={
            column: tuple(_leaf(leaf, answer, letter, column) for leaf in leaves) for column, leaves in columns.items()
        },
        form=answer.resolved.provenance.form,
        spent=_spent(answer),
    )


def _leaf(leaf: FieldOutcome, answer: LetterResults, letter: Document | None, column: Column) -> LeafScore:
    # The resolved record's checks are about the model's own values.
    checks = answer.grammar.checks if column == "grammar" and answer.grammar else answer.resolved.checks
    flagged = bool(against(checks, leaf) if column == "model" else flags(checks, leaf))
    risk = answer.resolved.risks.get(leaf.at) if column == "resolved" and leaf.at else None
    lost = leaf.at is None or answer.resolved.record is None
    if leaf.exact:
        return LeafScore(field=leaf.field, item=leaf.item, path=leaf.path, flagged=flagged, lost=lost, risk=risk)
    return LeafScore(
        field=leaf.field,
        item=leaf.item,
        path=leaf.path,
        exact=False,
        lost=lost,
        risk=risk,
        outcomes={name: count for name, count in leaf.outcomes.items() if count},
        flagged=flagged,
        gold=leaf.gold,
        value=leaf.value,
        excerpt=_excerpt(leaf, answer, letter),
    )


def _excerpt(leaf: FieldOutcome, answer: LetterResults, letter: Document | None) -> str | None:
    """The letter's words for a value: its evidence, or else that of the whole that contains it or of its neighbors."""
    if letter is None:
        return None
    # The grammar's items are in the gold's order, the record's items in its own.
    for result, at in ((answer.grammar, leaf.path), (answer.resolved, leaf.at or leaf.path)):
        evidence = result.evidence if result else {}
        for pointer in _nearby(at):
            spans = evidence.get(pointer) or next(
                (each for place, each in evidence.items() if place.startswith(f"{pointer}/")), None
            )
            if spans:
                start, end = spans[0]
                text = " ".join(letter.text[start:end].split())
                # A rationale ends with its conclusion.
                return text if len(text) <= _EXCERPT else f"\u2026 {text[-_EXCERPT:]}"
    return None


def _nearby(at: str) -> list[str]:
    """Pointers at which the words for a value may be noted, nearest first."""
    steps = pointers.split(at)
    if steps[0] != ITEMS:
        return [at]
    item = pointers.join(steps[:2])
    if steps[-1] in ("medically_necessary", "grounds"):
        return [at, f"{item}/rationale"]
    wholes = [pointers.join(steps[:count]) for count in range(len(steps), 2, -1)]
    return [*wholes, f"{item}/heading"]
