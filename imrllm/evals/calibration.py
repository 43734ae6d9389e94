"""Counts over gold: which reader is right where two differ, and how often entries of their lists are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from imrllm import pointers
from imrllm.evals.alignment import align_items
from imrllm.evals.answers import LetterResults
from imrllm.evals.outcomes import FieldOutcome, score
from imrllm.fields import BY_NAME, ITEMS, is_present
from imrllm.prompts import Prompt
from imrllm.suites import Suite
from imrllm.trust import (
    FOLDS,
    Agreement,
    EntryCounts,
    ListCounts,
    Table,
    ValueCounts,
    fold_of,
    grammar_sha256,
)


@dataclass
class _Tally:
    """Counts by fold, by name."""

    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * FOLDS))

    def add(self, name: str, fold: int, by: int = 1) -> None:
        self.counts[name][fold] += by

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return tuple(self.counts.get(name, [0] * FOLDS))


def count(suites: Sequence[tuple[Suite, Mapping[str, LetterResults]]], model: str, prompt: Prompt | None) -> Table:
    """Count what gold shows of a model and a prompt.

    Args:
        suites: each suite with the answers about its letters, by document id.
        model: model string; `none` where the grammar reads alone.
        prompt: the prompt; None for the model `none`.

    Returns:
        The table, with the fingerprints of what was counted.
    """
    values: dict[tuple[str, Agreement], _Tally] = defaultdict(_Tally)
    entries: dict[str, _Tally] = defaultdict(_Tally)
    seen: dict[str, set[str]] = defaultdict(set)
    for suite, answers in suites:
        for name, answer in answers.items():
            gold = suite.gold[name]
            fold = fold_of(gold.sha256)
            if answer.model and answer.grammar:
                for each, agreement, right in _differing(gold.record, answer):
                    tally = values[each, agreement]
                    tally.add("seen", fold)
                    for reader in right:
                        tally.add(reader, fold)
            for each, true, candidates in _lists(gold.record, answer):
                entries[each].add("true", fold, true)
                for situation, correct in candidates:
                    seen[each].add(situation)
                    entries[each].add(f"seen {situation}", fold)
                    entries[each].add(f"right {situation}", fold, int(correct))
    return Table(
        version=2,
        model=model,
        prompt=prompt.name if prompt else None,
        prompt_sha256=prompt.sha256 if prompt else None,
        grammar_sha256=grammar_sha256(),
        gold={suite.name: gold_sha256(suite) for suite, _ in suites},
        suites={suite.name: len(answers) for suite, answers in suites},
        seconds=_mean(answer.seconds for _, answers in suites for answer in answers.values()),
        tokens=_tokens(answer for _, answers in suites for answer in answers.values()) if prompt else None,
        values=_by_field(values),
        lists={
            name: ListCounts(
                true=entries[name]["true"],
                situations={
                    situation: EntryCounts(
                        seen=entries[name][f"seen {situation}"], right=entries[name][f"right {situation}"]
                    )
                    for situation in sorted(situations)
                },
            )
            for name, situations in sorted(seen.items())
        },
    )


def gold_sha256(suite: Suite) -> str:
    """The hash of a suite's gold, in hexadecimal."""
    found = sha256()
    for name, gold in sorted(suite.gold.items()):
        found.update(repr((name, gold.sha256, gold.record)).encode())
    return found.hexdigest()


def _mean(seconds: Iterable[float | None]) -> float | None:
    known = [each for each in seconds if each is not None]
    return round(sum(known) / len(known), 1) if known else None


def _tokens(answers: Iterable[LetterResults]) -> int | None:
    used = [answer.resolved.provenance.usage for answer in answers]
    return round(sum(each.input_tokens + each.output_tokens for each in used) / len(used)) if used else None


def _by_field(values: Mapping[tuple[str, Agreement], _Tally]) -> dict[str, dict[Agreement, ValueCounts]]:
    found: dict[str, dict[Agreement, ValueCounts]] = {}
    for (name, agreement), tally in sorted(values.items()):
        counts = ValueCounts(seen=tally["seen"], model=tally["model"], grammar=tally["grammar"])
        found.setdefault(name, {})[agreement] = counts
    return found


def _differing(gold: dict[str, Any], answer: LetterResults) -> Iterable[tuple[str, Agreement, list[str]]]:
    """The typed values on which the readers differ: the field, how they differ, and who is right."""
    model, grammar = (_by_path(gold, each) for each in (answer.model, answer.grammar))
    for path, mine in model.items():
        theirs = grammar.get(path)
        of = BY_NAME.get(mine.field)
        if theirs is None or of is None or not of.is_asked or of.weight == "prose":
            continue
        claimed, read = is_present(mine.value), is_present(theirs.value)
        if (not claimed and not read) or (claimed and read and of.same(mine.value, theirs.value)):
            continue
        agreement: Agreement = "differ" if claimed and read else "model_only" if claimed else "grammar_only"
        yield of.name, agreement, [who for who, each in (("model", mine), ("grammar", theirs)) if each.exact]


def _by_path(gold: dict[str, Any], result: Any) -> dict[str, FieldOutcome]:
    record = result.record.model_dump(mode="json") if result and result.record else None
    return {leaf.path: leaf for leaf in score(gold, record) if record and leaf.at is not None}


def _lists(gold: dict[str, Any], answer: LetterResults) -> Iterable[tuple[str, int, list[tuple[str, bool]]]]:
    """The lists that take judgment and were asked for: the field, how many entries gold has, and the entries given.

    Each entry is its situation, and whether gold has it.
    """
    record = answer.resolved.record
    if record is None:
        return
    items = align_items(gold[ITEMS], record.model_dump(mode="json")[ITEMS])
    own = {theirs: mine for mine, theirs in items}
    for pointer, candidates in answer.candidates.items():
        steps = pointers.split(pointer)
        if steps[0] == ITEMS:
            index = own.get(int(steps[1]))
            if index is None:
                continue
            of = BY_NAME[steps[2]]
            true = of.read(gold[ITEMS][index])
        else:
            of = BY_NAME[".".join(steps)]
            true = of.read(gold)
        keys = {of.normal(each) for each in true or ()}
        yield of.name, len(keys), [(each.situation, of.normal(each.value) in keys) for each in candidates]
