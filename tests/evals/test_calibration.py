"""Counts over the gold of two letters, by hand: which reader is right where two differ, and whose entries are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from imrllm.crosscheck import resolve
from imrllm.documents import Document
from imrllm.evals.answers import LetterResults
from imrllm.evals.calibration import count
from imrllm.pipeline.results import ResultBuilder
from imrllm.planning import read_in_full
from imrllm.prompts import load_prompt
from imrllm.records import CaseAnswer, Determination, ItemAnswer
from imrllm.suites import Suite, load_suite
from imrllm.trust import FOLDS, Arbitration, Table, fold_of, grammar_sha256
from tests.crosscheck.pointers import altered
from tests.letters import ATIVAN, FULL_PROMPT, RIGHT_CASE, RIGHT_ITEMS, THREE, letter
from tests.trust.made import PRIOR

TEXTS = {"ada": letter(*THREE), "bea": letter(ATIVAN)}
FOLD = {name: fold_of(hashlib.sha256(text.encode()).hexdigest()) for name, text in TEXTS.items()}
DIAGNOSES, TREATMENTS = "clinical_summary.diagnoses", "clinical_summary.treatments_to_date"


def results(name: str, case: CaseAnswer | None, items: Sequence[ItemAnswer | None], *, asks: bool = True) -> Any:
    """The three columns of one letter."""
    document = Document.from_text(TEXTS[name], name)
    read = read_in_full(document)

    def column(policy: Any, *, asked: bool = True) -> Any:
        answers = (case, items) if asked else (None, [None] * len(items))
        scope = None if asked else frozenset[str]()
        return resolve(name, read.parts, read.readings, *answers, policy, asked=scope)

    builder = ResultBuilder(document)
    model, grammar = builder.result(column("flag")), builder.result(column("repair", asked=False))
    resolved = builder.result(column("repair", asked=asks))
    return LetterResults(resolved, model if asks else None, grammar, 2.0, candidates=builder.candidates)


def right_record(name: str) -> Determination:
    items = RIGHT_ITEMS if name == "ada" else RIGHT_ITEMS[2:]
    record = results(name, RIGHT_CASE, items).resolved.record
    assert record
    return record


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Gold of which Ada's readers each have something wrong, and Bea's nothing."""
    folder = tmp_path / "tiny"
    (folder / "gold").mkdir(parents=True)
    (folder / "suite.toml").write_text('name = "tiny"\ndescription = "Two."\n')
    for name, text in TEXTS.items():
        record = right_record(name)
        if name == "ada":
            # What the grammar reads here is another name, and the model's is right.
            record = altered(record, "/disputed_items/0/treatment", "hydrocodone tablets")
            record = altered(record, "/clinical_summary/diagnoses", ["lumbar radiculopathy", "gout", "asthma"])
        values = record.model_dump(mode="json")
        for item in values["disputed_items"]:
            item["rationale"] = None
        gold = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "record": values}
        (folder / "gold" / f"{name}.json").write_text(json.dumps(gold))
    return load_suite("tiny", tmp_path)


def answers() -> dict[str, LetterResults]:
    norco, refill, ativan = RIGHT_ITEMS
    norco = altered(norco, "/treatment", "hydrocodone tablets")
    norco = altered(altered(norco, "/quantity", 48), "/duration", "2 weeks")
    refill = altered(refill, "/refills", None)
    ativan = altered(ativan, "/grounds", ["safety_risk"])
    case = altered(RIGHT_CASE, "/clinical_summary/diagnoses", ["insomnia", "sleeps badly", "gout"])
    return {
        "ada": results("ada", case, (norco, refill, ativan)),
        "bea": results("bea", RIGHT_CASE, RIGHT_ITEMS[2:]),
    }


def counted(suite: Suite) -> Table:
    return count([(suite, answers())], "local", load_prompt(FULL_PROMPT))


def by_fold(**counts: int) -> tuple[int, ...]:
    """Counts by letter, in the folds of the letters."""
    return tuple(sum(n for name, n in counts.items() if FOLD[name] == fold) for fold in range(FOLDS))


def test_typed_values_on_which_the_readers_differ(suite: Suite) -> None:
    one, none = by_fold(ada=1), by_fold()
    assert {
        (name, how): (each.seen, each.model, each.grammar)
        for name, found in counted(suite).values.items()
        for how, each in found.items()
    } == {
        ("treatment", "differ"): (one, one, none),
        ("quantity", "differ"): (one, none, one),
        ("duration", "model_only"): (one, none, one),
        ("refills", "grammar_only"): (one, none, one),
    }


def test_entries_of_lists(suite: Suite) -> None:
    found = counted(suite).lists[DIAGNOSES]
    assert found.true == by_fold(ada=3, bea=2)
    assert {situation: (each.seen, each.right) for situation, each in found.situations.items()} == {
        "both": (by_fold(ada=1, bea=2), by_fold(bea=2)),  # Ada's insomnia is not in her gold
        "grammar": (by_fold(ada=1), by_fold(ada=1)),
        "model": (by_fold(ada=1), by_fold()),
        "unfound": (by_fold(ada=1), by_fold(ada=1)),  # gout stands nowhere, and is right
    }
    care = counted(suite).lists[TREATMENTS]
    assert care.true == by_fold(ada=3, bea=3)
    assert {name: (each.seen, each.right) for name, each in care.situations.items()} == {
        "both": (by_fold(ada=3, bea=3), by_fold(ada=3, bea=3))
    }


def test_grounds(suite: Suite) -> None:
    found = counted(suite).lists["grounds"]
    assert found.true == by_fold(ada=1, bea=1)
    seen = {name: (each.seen, each.right) for name, each in found.situations.items()}
    assert seen.pop("safety_risk|claim") == (by_fold(ada=1), by_fold())
    # Ada's words stand alone, Bea's with a claim; whether they are about the case is the grammar's to say.
    (alone,) = (name for name in seen if not name.endswith("+claim"))
    assert seen == {
        alone: (by_fold(ada=1), by_fold(ada=1)),
        f"{alone}+claim": (by_fold(bea=1), by_fold(bea=1)),
    }
    assert alone.startswith("long_term_use|")


def test_what_it_was_counted_with(suite: Suite) -> None:
    table, prompt = counted(suite), load_prompt(FULL_PROMPT)
    assert (table.model, table.prompt, table.prompt_sha256) == ("local", FULL_PROMPT, prompt.sha256)
    assert (table.grammar_sha256, table.suites, table.seconds) == (grammar_sha256(), {"tiny": 2}, 2.0)


def test_the_grammar_alone(suite: Suite) -> None:
    alone = {name: results(name, None, [None] * (3 if name == "ada" else 1), asks=False) for name in TEXTS}
    table = count([(suite, alone)], "none", None)
    assert (table.model, table.prompt, table.prompt_sha256, table.tokens, table.values) == (
        "none",
        None,
        None,
        None,
        {},
    )
    assert all("+" not in name for name in table.lists["grounds"].situations)


def test_it_is_the_same_again_and_as_it_was_written(suite: Suite) -> None:
    table = counted(suite)
    assert counted(suite).to_json() == table.to_json()
    assert Table.model_validate_json(table.to_json()) == table


def test_another_gold_has_another_hash(suite: Suite) -> None:
    before = counted(suite).gold
    file = suite.folder / "gold" / "bea.json"
    file.write_text(file.read_text().replace("insomnia", "gout"))
    assert counted(load_suite("tiny", suite.folder.parent)).gold != before


def test_a_letter_is_judged_by_the_others(suite: Suite) -> None:
    assert FOLD["ada"] != FOLD["bea"], "two folds"
    table = counted(suite)
    assert Arbitration(table, FOLD["ada"]).share_right(DIAGNOSES, "both") == pytest.approx(
        (2 + PRIOR * 3 / 4) / (2 + PRIOR)
    )
    assert Arbitration(table, FOLD["bea"]).share_right(DIAGNOSES, "both") == pytest.approx(
        (0 + PRIOR * 1 / 3) / (1 + PRIOR)
    )


def test_no_letter_is_in_it(suite: Suite) -> None:
    text = counted(suite).to_json()
    for words in ("radiculopathy", "insomnia", "sleeps", "Norco", "hydrocodone", "ada", "bea"):
        assert words not in text
