"""Seeded corruption: no altered value of a right answer leaves without a check that says so.

What the grammar reads of a letter stands for the right answer, so that every letter at hand can serve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from imrllm.crosscheck import Resolved, compare
from imrllm.crosscheck.locate import locate
from imrllm.documents import fold
from imrllm.grammar import Part
from imrllm.records import (
    CaseAnswer,
    Category,
    Check,
    Determination,
    Ground,
    Guideline,
    ItemAnswer,
    Sex,
    Stance,
)
from tests.crosscheck.pointers import altered, every_pointer, value_at
from tests.letters import THREE, Item, Read, letter, read

M = TypeVar("M", bound=BaseModel)
WRITTEN = Path(__file__).parents[2] / "evals" / "written" / "letters"
MADE = {
    "three": letter(*THREE),
    "2013": letter(*THREE, period="2013"),
    "every field": letter(
        Item(
            "Retrospective physical therapy 2 times a week for 6 weeks for the right shoulder (DOS: 11/11/2016)",
            administrator="Decision based on MTUS Shoulder Complaints 2004, Section(s): Summary, and Chronic Pain "
            "Medical Treatment 2016, Section(s): Physical Medicine.",
            maximus="The Expert Reviewer based their decision on recommendation(s) outside of the MTUS Guidelines. "
            "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG) Shoulder Chapter, Physical "
            "therapy.",
        ),
        Item("Tramadol 50mg, one tablet every 6 hours, #60 with 3 refills", "Overturned", rationale="It is medically "
             "necessary."),
        Item("Acupuncture, 12 visits for the lumbar spine"),
        summary="The patient is a 54-year-old female injured on March 3, 2014. Diagnoses: 1) rotator cuff tear, "
        "2) insomnia. The utilization review decision was on 11/28/2016.",
    ),
}  # fmt: skip
# Every third letter: evaluations try the corruptions of all, and have a gate for them.
LETTERS = {**MADE, **{file.stem: file.read_text(encoding="utf-8") for file in sorted(WRITTEN.glob("*.txt"))[::3]}}
LISTED = ("/clinical_summary/diagnoses", "/clinical_summary/treatments_to_date")
# A value for a field that the letter leaves open, by the field's name.
FOREIGN: dict[str, Any] = {
    "treatment": "Xylophone",
    "category": "transportation",
    "quantity": 77.0,
    "quantity_unit": "syringe",
    "refills": 0,
    "frequency": "every third full moon",
    "duration": "77 weeks",
    "total_visits": 77,
    "date_of_service": "1999-09-09",
    "medically_necessary": True,
    "chapter": "Xylophone Chapter",
    "year": 1999,
    "age": 77,
    "sex": "male",
    "injury_date": "1999",
    "ur_decision_date": "1999-09-09",
    "case_number": "CM99-9999999",
    "priority": "Expedited",
    "application_received": "1999-09-09",
    "grounds": "duplicate_or_already_provided",
    "citations": {
        "guideline": "other",
        "within_mtus": False,
        "chapter": "Xylophone",
        "year": None,
        "sections": [],
        "pages": [],
    },
    "claims_administrator": {"stance": "cited", "citations": []},
    "reviewer_basis": {"stance": "cited", "citations": []},
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "category": get_args(Category),
    "sex": get_args(Sex),
    "stance": get_args(Stance),
    "guideline": get_args(Guideline),
    "priority": ("Standard", "Expedited"),
    "grounds": get_args(Ground),
    "decision": ("upheld", "overturned"),
}


def corruptions(node: Any, pointer: str = "", name: str = "") -> Iterator[tuple[str, Any]]:
    """Every pointer into JSON values with each wrong value that is put there."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from corruptions(value, f"{pointer}/{key}", key)
        if name in ("claims_administrator", "reviewer_basis"):
            yield pointer, None
    elif isinstance(node, list):
        foreign = FOREIGN.get(name, "xylophone")
        if foreign in node:  # an entry given twice is no wrong one
            foreign = next(each for each in CHOICES[name] if each not in node)
        yield pointer, [*node, foreign]
        if node:
            yield pointer, node[:-1]
        for index, value in enumerate(node):
            yield from corruptions(value, f"{pointer}/{index}", name)
    elif node is None:
        yield pointer, FOREIGN.get(name, "1999-09-09" if "date" in name else "xylophone")
    else:
        for wrong in _wrong(node, name):
            yield pointer, wrong
        if name not in ("retrospective", "within_mtus", "stance", "guideline", *_IN_LISTS):
            yield pointer, None


_IN_LISTS = (
    *("licensed_states", "specialties", "diagnoses", "treatments_to_date", "ingredients", "strengths", "body_parts"),
    *("grounds", "sections", "pages"),
)


def _wrong(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from {value + 1, value * 10, value // 10, abs(value - 3)} - {value}
    elif name in CHOICES:
        yield CHOICES[name][CHOICES[name].index(value) - 1]
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    else:
        yield f"{value} xylophone"
        # One figure another, one figure more.
        for found in re.finditer(r"\d", value):
            yield f"{value[: found.start()]}{(int(found.group()) + 1) % 10}{value[found.end() :]}"
            yield f"{value[: found.start()]}7{value[found.start() :]}"


def expressible(model: M) -> Iterator[tuple[str, Any, M]]:
    """Every corruption that the schema does not refuse by itself, and the model that has it."""
    for pointer, wrong in corruptions(model.model_dump(mode="json")):
        try:
            changed = altered(model, pointer, wrong)
        except ValidationError:
            continue
        yield pointer, wrong, changed


@cache
def grammars(name: str) -> tuple[Read, Determination]:
    own = read(LETTERS[name])
    return own, own.resolve(None, [None] * len(own.parts.items), asked=False).record


def answers(record: Determination) -> tuple[CaseAnswer, list[ItemAnswer]]:
    case = CaseAnswer(**{field: getattr(record, field) for field in CaseAnswer.model_fields})
    items = [
        ItemAnswer(**{field: getattr(item, field) for field in ItemAnswer.model_fields})
        for item in record.disputed_items
    ]
    return case, items


def key(check: Check) -> tuple[str, str, str]:
    return check.pointer, check.status, repr((check.model_value, check.source_value))


def said_so(result: Resolved, pointer: str, before: set[tuple[str, str, str]]) -> bool:
    """Whether a check that the right answer did not have doubts this field, a list that holds it or a value in it.

    Entries of a list that takes judgment have other places in the record than in the answer: any in the list counts.
    """
    if pointer.startswith(LISTED) or "/grounds/" in pointer:
        pointer = re.sub(r"/\d+$", "", pointer)
    return any(
        (f"{pointer}/".startswith(f"{check.pointer}/") or f"{check.pointer}/".startswith(f"{pointer}/"))
        and check.status != "confirmed"
        and key(check) not in before
        for check in result.checks
    )


@pytest.mark.parametrize("name", LETTERS)
def test_the_right_answer_adds_no_doubt_to_the_letters_own(name: str) -> None:
    own, record = grammars(name)
    case, items = answers(record)
    alone = own.resolve(None, [None] * len(items), asked=False)
    asked = own.resolve(case, items)
    assert asked.record == record
    # A summary's entry may stand in two places.
    assert set(asked.evidence) == set(alone.evidence)
    assert_sound(own, asked)
    assert_sound(own, alone)
    # The grammar's own record has no grounds, and is told of those whose words stand there.
    doubts = {
        key(each) for each in asked.checks if each.status != "confirmed" and not each.pointer.endswith("/grounds")
    }
    assert doubts == {key(each) for each in alone.checks if each.status != "confirmed"}


@pytest.mark.parametrize(
    ("name", "policy"), [*((name, "flag") for name in MADE), *((name, "repair") for name in LETTERS)]
)
def test_no_corruption_of_an_answer_leaves_silently(name: str, policy: Any) -> None:
    own, record = grammars(name)
    case, items = answers(record)
    before = {key(check) for check in own.resolve(case, items, policy).checks}
    count = 0
    for pointer, wrong, changed in expressible(case):
        result = own.resolve(changed, items, policy)
        assert said_so(result, pointer, before), (pointer, wrong)
        assert_sound(own, result)
        if policy == "repair" and not pointer.startswith(LISTED):
            assert result.record == record, (pointer, wrong)
        count += 1
    for index, item in enumerate(items):
        for pointer, wrong, changed in expressible(item):
            mixed = [*items[:index], changed, *items[index + 1 :]]
            result = own.resolve(case, mixed, policy)
            at = f"/disputed_items/{index}{pointer}"
            assert said_so(result, at, before), (at, wrong)
            assert_sound(own, result)
            if policy == "repair" and not pointer.startswith("/grounds"):
                assert result.record == record, (at, wrong)
            count += 1
    assert count > 60


@pytest.mark.parametrize("name", MADE)
def test_no_corruption_of_a_record_made_elsewhere_leaves_silently(name: str) -> None:
    own, record = grammars(name)
    before = {key(check) for check in compare(record, own.parts, own.readings).checks}
    for pointer, wrong, changed in expressible(record):
        # A gold record may leave the rationale out.
        if pointer == "/document_id" or (pointer.endswith("/rationale") and wrong is None):
            continue
        result = compare(changed, own.parts, own.readings)
        assert said_so(result, pointer, before), (pointer, wrong)
        assert_sound(own, result)


@settings(max_examples=40)
@given(data=st.data())
def test_several_corruptions_at_once_are_each_said(data: st.DataObject) -> None:
    own, record = grammars(data.draw(st.sampled_from(sorted(MADE))))
    case, items = answers(record)
    before = {key(check) for check in own.resolve(case, items).checks}
    index = data.draw(st.integers(0, len(items) - 1))
    found = [each[:2] for each in expressible(items[index]) if each[0].count("/") == 1]
    chosen = data.draw(st.lists(st.sampled_from(found), min_size=2, max_size=5, unique_by=lambda each: each[0]))
    item = items[index]
    for pointer, wrong in chosen:
        item = altered(item, pointer, wrong)
    result = own.resolve(case, [*items[:index], item, *items[index + 1 :]])
    for pointer, wrong in chosen:
        assert said_so(result, f"/disputed_items/{index}{pointer}", before), (pointer, wrong)


# What is copied from the letter, or counts in it; the rest is normalised (strengths, states, enumerations).
_VERBATIM = re.compile(
    r"/(?:heading|request|original_request|authorized|rationale|treatment|quantity|refills|frequency|duration"
    r"|date_of_service|age|injury_date|ur_decision_date|case_number|\w*_date|specialties/\d+|diagnoses/\d+"
    r"|treatments_to_date/\d+)$"
)


def assert_sound(own: Read, result: Resolved) -> None:
    """Every pointer leads somewhere, every span lies in the text, and evidence holds its value."""
    there = set(every_pointer(result.record.model_dump()))
    for check in result.checks:
        assert check.pointer in there, check.pointer
        if check.span:
            assert 0 <= check.span[0] < check.span[1] <= len(own.text), check.pointer
    for pointer, spans in result.evidence.items():
        assert pointer in there, pointer
        assert spans, pointer
        assert all(0 <= start < end <= len(own.text) for start, end in spans), pointer


@pytest.mark.parametrize("name", LETTERS)
def test_evidence_holds_its_value(name: str) -> None:
    own, record = grammars(name)
    result = own.resolve(*answers(record))
    assert_sound(own, result)
    held = 0
    for pointer, spans in result.evidence.items():
        value = value_at(record, pointer)
        assert value is not None, pointer
        if _VERBATIM.search(pointer):
            (start, end), *_ = spans
            folded = fold(own.text[start:end])
            found = locate(value, Part(folded.text, folded.printed)) or locate(value, Part(folded.printed, folded.text))
            # "RF x2": a figure behind its sign.
            signed = str(value) in re.findall(r"\d+", folded.text)
            assert found or signed or value == 1.0 or value == 0, (pointer, value, folded.text)
            held += 1
    assert held > 4


@pytest.mark.parametrize("name", LETTERS)
def test_every_value_that_is_read_has_evidence(name: str) -> None:
    own, record = grammars(name)
    evidence = own.resolve(None, [None] * len(own.parts.items), asked=False).evidence
    for index, item in enumerate(record.disputed_items):
        for field in DETERMINED:
            if getattr(item, field) not in (None, ()):
                at = f"/disputed_items/{index}/{field}"
                assert any(pointer == at or pointer.startswith(f"{at}/") for pointer in evidence), at


DETERMINED = (
    *("heading", "decision", "request", "original_request", "authorized", "treatment", "category", "ingredients"),
    *("strengths", "quantity", "quantity_unit", "refills", "frequency", "duration", "total_visits", "body_parts"),
    *("retrospective", "date_of_service", "claims_administrator", "reviewer_basis", "rationale"),
    "medically_necessary",
)
