"""Whatever a model answers, without a table of what gold shows of it the record is the grammar's."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imrllm.answer_models import ASKABLE, GroundReason, Kind
from imrllm.crosscheck import GroundAnswers, Resolved
from imrllm.planning import PlannedCall
from imrllm.records import CaseAnswer, Category, Determination, Ground, Guideline, ItemAnswer, Sex, Stance
from tests.crosscheck.test_corruptions import MADE, assert_sound
from tests.letters import Read, read


@cache
def letter_of(name: str) -> tuple[Read, Determination]:
    """A letter and the grammar's record of it."""
    own = read(MADE[name])
    return own, own.resolve(None, [None] * len(own.parts.items), asked=False).record


def without_grounds(record: Determination) -> Determination:
    items = tuple(item.model_copy(update={"grounds": ()}) for item in record.disputed_items)
    return record.model_copy(update={"disputed_items": items})


@st.composite
def stretches(draw: st.DrawFn, text: str) -> str:
    """Words of the letter itself, which are harder to refuse than any others."""
    words = text.split()
    start = draw(st.integers(0, len(words) - 1))
    return " ".join(words[start : start + draw(st.integers(1, 6))])


def texts(letter: str) -> st.SearchStrategy[str]:
    return stretches(letter) | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, max_size=4)


def cases(letter: str) -> st.SearchStrategy[CaseAnswer]:
    text = texts(letter)
    answered = st.fixed_dictionaries(
        {
            "reviewer": st.fixed_dictionaries({"licensed_states": lists(text), "specialties": lists(text)}),
            "injured_worker": st.fixed_dictionaries(
                {
                    "age": st.none() | st.integers(0, 120),
                    "sex": st.none() | st.sampled_from(get_args(Sex)),
                    "injury_date": st.none() | st.dates().map(str) | st.sampled_from(["2016", "2016-03"]),
                }
            ),
            "clinical_summary": st.fixed_dictionaries(
                {
                    "diagnoses": lists(text),
                    "treatments_to_date": lists(text),
                    "ur_decision_date": st.none() | st.dates().map(str),
                }
            ),
        }
    )
    return answered.map(lambda values: CaseAnswer.model_validate(values, strict=False))


def bases(letter: str) -> st.SearchStrategy[Any]:
    text = texts(letter)
    citation = st.fixed_dictionaries(
        {
            "guideline": st.sampled_from(get_args(Guideline)),
            "within_mtus": st.booleans(),
            "chapter": st.none() | text,
            "year": st.none() | st.integers(1990, 2020),
            "sections": lists(text),
            "pages": lists(text),
        }
    )
    return st.none() | st.fixed_dictionaries(
        {"stance": st.sampled_from(get_args(Stance)), "citations": st.lists(citation, max_size=2)}
    )


def items(letter: str) -> st.SearchStrategy[ItemAnswer]:
    text, number = texts(letter), st.none() | st.integers(0, 400)
    answered = st.fixed_dictionaries(
        {
            "treatment": st.none() | text,
            "category": st.none() | st.sampled_from(get_args(Category)),
            "ingredients": lists(text),
            "strengths": lists(text),
            "quantity": number,
            "quantity_unit": st.none() | text,
            "refills": number,
            "frequency": st.none() | text,
            "duration": st.none() | text,
            "total_visits": number,
            "body_parts": lists(text),
            "retrospective": st.booleans(),
            "date_of_service": st.none() | st.dates().map(str),
            "claims_administrator": bases(letter),
            "reviewer_basis": bases(letter),
            "medically_necessary": st.none() | st.booleans(),
            "grounds": lists(st.sampled_from(get_args(Ground))),
        }
    )
    return answered.map(lambda values: ItemAnswer.model_validate(values, strict=False))


def reasons(letter: str) -> st.SearchStrategy[tuple[GroundReason, ...]]:
    reason = st.builds(GroundReason, quote=texts(letter), ground=st.sampled_from(get_args(Ground)))
    return st.lists(reason, max_size=4).map(tuple)


def subsets(kind: Kind, item: int | None = None) -> st.SearchStrategy[frozenset[str]]:
    """The pointers of some of what a kind of call can ask for."""
    names = st.lists(st.sampled_from(ASKABLE[kind]), unique=True)
    return names.map(lambda given: PlannedCall(kind, {}, item).pointers(given))


def check_grounds(own: Read, result: Resolved, grammars: Determination) -> None:
    """All grounds whose words stand there, and beyond them those alone with a quote from the rationale."""
    for index, (item, theirs) in enumerate(zip(result.record.disputed_items, grammars.disputed_items, strict=True)):
        assert set(theirs.grounds) <= set(item.grounds)
        assert len(set(item.grounds)) == len(item.grounds)
        for at in range(len(item.grounds)):
            pointer = f"/disputed_items/{index}/grounds/{at}"
            (low, high), *_ = result.evidence[f"/disputed_items/{index}/rationale"]
            assert result.evidence[pointer]
            assert all(low <= start < end <= high for start, end in result.evidence[pointer])


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=12)
@given(data=st.data())
def test_the_record_is_the_grammars(name: str, data: st.DataObject) -> None:
    own, record = letter_of(name)
    case = data.draw(st.none() | cases(own.text))
    answered = [data.draw(st.none() | items(own.text)) for _ in record.disputed_items]
    result = own.resolve(case, answered)
    # A ground without a quote is not taken unless words stand for it.
    assert without_grounds(result.record) == without_grounds(record)
    for item, theirs in zip(result.record.disputed_items, record.disputed_items, strict=True):
        assert set(item.grounds) == set(theirs.grounds)
    assert_sound(own, result)
    check_grounds(own, result, record)


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=12)
@given(data=st.data())
def test_the_record_is_the_grammars_whatever_was_asked(name: str, data: st.DataObject) -> None:
    own, record = letter_of(name)
    case = data.draw(cases(own.text))
    answered = [data.draw(items(own.text)) for _ in record.disputed_items]
    grounds = [GroundAnswers(data.draw(reasons(own.text))) for _ in record.disputed_items]
    asked = data.draw(subsets("case"))
    for number in range(1, len(answered) + 1):
        asked |= data.draw(subsets("item", number))
    result = own.resolve(case, answered, grounds=grounds, asked=asked)
    assert without_grounds(result.record) == without_grounds(record)
    assert_sound(own, result)
    check_grounds(own, result, record)
    for check in result.checks:
        if check.model_value not in (None, [], False) and check.status != "confirmed":
            assert check.resolution != "none", "a disagreement is settled one way or the other"


@settings(max_examples=12)
@given(data=st.data())
def test_verdicts_alone_neither_add_nor_remove_a_ground(data: st.DataObject) -> None:
    own, record = letter_of(data.draw(st.sampled_from(sorted(MADE))))
    verdicts = st.dictionaries(st.sampled_from(get_args(Ground)), st.floats(0, 1))
    grounds = [
        GroundAnswers(verdicts=data.draw(verdicts) | {ground: data.draw(st.floats(0, 1)) for ground in item.grounds})
        for item in record.disputed_items
    ]
    result = own.resolve(None, [None] * len(grounds), grounds=grounds)
    for index, (item, theirs) in enumerate(zip(result.record.disputed_items, record.disputed_items, strict=True)):
        assert set(item.grounds) == set(theirs.grounds), "those that words of the letter speak for"
        for at, ground in enumerate(item.grounds):
            (check,) = (each for each in result.checks if each.pointer == f"/disputed_items/{index}/grounds/{at}")
            doubted = grounds[index].verdicts[ground] < 0.5
            assert check.status == ("missing" if doubted else "confirmed"), "a doubt is said"
