"""Stand-ins answer calls for parts, and a few letters of each kind are read with them: nothing is invented."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

import pytest

from imrllm.answer_models import CaseAnswer, FormAnswer, GroundsAnswer, VerifyAnswer
from imrllm.evals.drift import (
    ALL_KINDS,
    UNCHANGED,
    DriftedLetter,
    DriftTally,
    LabeledPieces,
    drift,
    labeled_pieces,
    measure,
    read_by_grammar,
)
from imrllm.evals.drift.quoting import MANNERS, ends
from imrllm.evals.drift.standins import StandIn, reading_with
from imrllm.llm import Call
from imrllm.llm.structured_call import strict_schema
from imrllm.suites import load_suite

SUITE = load_suite("written")
# Short ones, with a header and without, with one item and with several.
NAMES = ("w01-naproxen-zolpidem", "w03-knee-mri", "w09-cuff-repair", "w14-cream-tens-psych")
READERS = ("none", *MANNERS)


@cache
def letters() -> dict[str, LabeledPieces]:
    found, _ = labeled_pieces({name: SUITE.letters().found[name] for name in NAMES}, SUITE.gold)
    return found


def drifted(kind: str) -> DriftedLetter:
    letter = drift(letters()[NAMES[0]].pieces, kind, 1)
    assert letter
    return letter


def answered(model: type[Any], shown: str, letter: DriftedLetter) -> Any:
    """What a stand-in that quotes well answers to a request of that answer's schema."""
    schema = {"name": model.__name__, "schema": strict_schema(model)}
    body = {"messages": [{"content": shown}], "response_format": {"json_schema": schema}}
    standin = StandIn({"letter": letter}, MANNERS["standin-good"], 1)
    completion = asyncio.run(standin.send(Call("letter", "v4", "form", 1), body, lambda: None))
    return model.model_validate(json.loads(completion.choices[0].message.content or ""))


def test_a_call_for_the_parts_is_answered_with_quotes() -> None:
    letter = drifted("tables")
    answer = answered(FormAnswer, f"<letter>\n{letter.text}\n</letter>", letter)
    assert [(item.heading.first, item.heading.last) for item in answer.items] == [
        ends(item.request) for item in letter.pieces.items
    ]
    assert answer.summary.first == ends(letter.pieces.sections["summary"].text)[0]
    assert answer.header is None


def test_other_calls_are_answered_with_nothing() -> None:
    letter = drifted(UNCHANGED)
    assert answered(GroundsAnswer, "", letter).reasons == ()
    assert answered(VerifyAnswer, "", letter).given
    case = answered(CaseAnswer, "", letter)
    assert (case.injured_worker.age, case.clinical_summary.diagnoses) == (None, ())


@cache
def known() -> set[tuple[str, str]]:
    (unchanged,) = measure(letters(), [UNCHANGED], 1, "seen", read_by_grammar)
    return unchanged.wrong


@cache
def measured(reader: str) -> list[DriftTally]:
    read = read_by_grammar if reader == "none" else reading_with(reader, 1)
    return list(measure(letters(), ALL_KINDS, 1, "seen", read))


@pytest.mark.parametrize("reader", READERS)
def test_nothing_is_wrong_in_a_row_that_is_ok(reader: str) -> None:
    assert {tally.kind: tally.wrong_if_ok(known()) for tally in measured(reader) if tally.wrong_if_ok(known())} == {}


@pytest.mark.parametrize("reader", READERS)
def test_no_item_is_invented(reader: str) -> None:
    assert {tally.kind: tally.total("invented") for tally in measured(reader) if tally.total("invented")} == {}


@pytest.mark.parametrize("reader", READERS)
def test_a_letter_that_is_not_read_is_refused_by_name(reader: str) -> None:
    assert {error for tally in measured(reader) for error in tally.refused} <= {"NotALetterError"}


def test_with_good_quotes_items_are_found_and_decided() -> None:
    for tally in measured("standin-good"):
        found = tally.total("found")
        assert found >= 0.6 * tally.total("items"), tally.kind
        assert tally.total("decided") >= 0.98 * found, tally.kind


@pytest.mark.parametrize("reader", ["none", "standin-bad"])
def test_in_wordings_that_are_held_out_nothing_is_wrong_in_a_row_that_is_ok(reader: str) -> None:
    read = read_by_grammar if reader == "none" else reading_with(reader, 1)
    for tally in measure(letters(), ALL_KINDS, 1, "held out", read):
        assert tally.wrong_if_ok(known()) == [], tally.kind
