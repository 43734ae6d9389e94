"""The record: its strict schema as it goes over the wire, and what its models hold to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from imrllm.records import (
    Basis,
    CaseAnswer,
    Check,
    Citation,
    Determination,
    DisputedItem,
    InjuredWorker,
    ItemAnswer,
    LetterAnswer,
    Provenance,
    Result,
    SettledByForm,
    Usage,
    strict_schema,
)
from tests.letters import RIGHT_CASE, RIGHT_ITEMS, THREE, letter, read

ANSWERS: list[type[BaseModel]] = [CaseAnswer, ItemAnswer, LetterAnswer]
SECRET = "lumbar-support-belt"


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for entry in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from nodes(entry)


def result() -> Result:
    resolved = read(letter(*THREE)).resolve(RIGHT_CASE, (RIGHT_ITEMS[0], None, RIGHT_ITEMS[2]))
    return Result(
        document_id="letter",
        status="review",
        record=resolved.record,
        evidence=resolved.evidence,
        checks=resolved.checks,
        provenance=Provenance(model="none", version="1", usage=Usage(calls=1), cost=0.25),
    )


@pytest.mark.parametrize("model", [*ANSWERS, Determination, Result])
class TestStrictSchema:
    def test_every_object_requires_all_of_its_properties_and_admits_no_other(self, model: type[BaseModel]) -> None:
        objects = [node for node in nodes(strict_schema(model)) if isinstance(node.get("properties"), dict)]
        assert objects
        for each in objects:
            assert each["required"] == list(each["properties"])
            assert each["additionalProperties"] is False

    def test_no_default_and_no_title(self, model: type[BaseModel]) -> None:
        for node in nodes(strict_schema(model)):
            assert not {"default", "title"} & {key for key, value in node.items() if not isinstance(value, dict)}

    def test_the_mark_of_a_bound_becomes_the_bound(self, model: type[BaseModel]) -> None:
        assert not [node for node in nodes(strict_schema(model)) if "x-wire-max-items" in node]

    def test_the_model_itself_is_left_as_it_is(self, model: type[BaseModel]) -> None:
        before = json.dumps(model.model_json_schema())
        strict_schema(model)
        assert json.dumps(model.model_json_schema()) == before


@pytest.mark.parametrize("model", ANSWERS)
class TestWhatAModelIsAsked:
    def test_a_reference_stands_alone(self, model: type[BaseModel]) -> None:
        # Strict mode refuses a `$ref` that has any other keyword beside it.
        for node in nodes(strict_schema(model)):
            assert "$ref" not in node or set(node) == {"$ref"}

    def test_every_list_is_bounded(self, model: type[BaseModel]) -> None:
        # A small model may repeat an entry until its answer is cut off.
        lists = [node for node in nodes(strict_schema(model)) if node.get("type") == "array"]
        assert lists
        assert all(isinstance(node.get("maxItems"), int) for node in lists)

    def test_only_keywords_that_constrained_servers_know(self, model: type[BaseModel]) -> None:
        known = {
            *("$defs", "$ref", "additionalProperties", "anyOf", "const", "description", "enum", "format", "items"),
            *("maxItems", "maximum", "minimum", "pattern", "properties", "required", "type"),
        }

        def schemas(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
            yield node
            for key in ("properties", "$defs"):
                for each in node.get(key, {}).values():
                    yield from schemas(each)
            for each in [*node.get("anyOf", []), *([node["items"]] if "items" in node else [])]:
                yield from schemas(each)

        assert {key for node in schemas(strict_schema(model)) for key in node} <= known

    def test_nothing_that_the_form_settles(self, model: type[BaseModel]) -> None:
        names = {name for node in nodes(strict_schema(model)) for name in node.get("properties", {})}
        assert not names & (set(SettledByForm.model_fields) | {"document_id", "letter"})


def test_what_may_be_absent_is_nullable() -> None:
    properties = strict_schema(ItemAnswer)["properties"]
    for name, field in ItemAnswer.model_fields.items():
        nullable = {"type": "null"} in properties[name].get("anyOf", [])
        listed = properties[name].get("type") == "array"
        assert nullable or listed or name == "retrospective", (name, field)


def test_an_item_has_every_field_of_the_specification() -> None:
    assert set(DisputedItem.model_fields) == {
        *("heading", "decision", "request", "original_request", "authorized", "treatment", "category", "ingredients"),
        *("strengths", "quantity", "quantity_unit", "refills", "frequency", "duration", "total_visits", "body_parts"),
        *("retrospective", "date_of_service", "claims_administrator", "reviewer_basis", "rationale"),
        *("medically_necessary", "grounds"),
    }


def test_round_trip_through_json() -> None:
    written = result()
    assert Result.model_validate_json(written.model_dump_json()) == written
    assert Result.model_validate(json.loads(json.dumps(written.model_dump(mode="json")))) == written


def test_more_entries_than_the_wire_admits_are_still_a_record() -> None:
    names = tuple(f"specialty {number}" for number in range(100))
    case = RIGHT_CASE.model_copy(update={"reviewer": RIGHT_CASE.reviewer.model_copy(update={"specialties": names})})
    assert CaseAnswer.model_validate_json(case.model_dump_json()).reviewer.specialties == names


@pytest.mark.parametrize(
    ("model", "values", "reason"),
    [
        (InjuredWorker, {"age": 121}, "older than anyone"),
        (InjuredWorker, {"age": -1}, "not born"),
        (InjuredWorker, {"sex": SECRET}, "no such word"),
        (InjuredWorker, {"injury_date": "3/1/2016"}, "not ISO"),
        (InjuredWorker, {"injury_date": "2016-03-01x"}, "more than a date"),
        (InjuredWorker, {SECRET: 1}, "an unknown field"),
        (Usage, {"calls": SECRET}, "not a number"),
        (Basis, {"stance": "cited"}, "a list left out"),
        (Citation, {"guideline": SECRET, "within_mtus": True}, "no such guideline"),
        (Check, {"pointer": "", "status": SECRET}, "no such status"),
    ],
)
def test_refused(model: type[BaseModel], values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError) as raised:
        model.model_validate(values)
    told = f"{raised.value} {raised.value!r}"
    assert SECRET not in told or SECRET in values, reason
    assert "input_value" not in told, reason


@pytest.mark.parametrize("injured", ["2016", "2016-03", "2016-03-01"])
def test_partial_dates(injured: str) -> None:
    assert InjuredWorker(injury_date=injured).injury_date == injured


def test_records_are_frozen() -> None:
    with pytest.raises(ValidationError):
        InjuredWorker(age=48).age = 49  # type: ignore[misc]
    with pytest.raises(ValidationError):
        del RIGHT_CASE.reviewer


def test_usage_adds_up() -> None:
    first = Usage(calls=1, reasks=1, input_tokens=2, cached_tokens=3, output_tokens=4)
    assert first + Usage(calls=10, reasks=4, input_tokens=20, cached_tokens=30, output_tokens=40) == Usage(
        calls=11, reasks=5, input_tokens=22, cached_tokens=33, output_tokens=44
    )


def test_only_a_rationale_alone_lacks_a_heading_and_an_outcome() -> None:
    fields: dict[str, Any] = dict.fromkeys(DisputedItem.model_fields)
    lists = dict.fromkeys(("ingredients", "strengths", "body_parts", "grounds"), ())
    alone = fields | lists | {"retrospective": False}
    item = DisputedItem.model_validate(alone)
    given = {"document_id": "a", "letter": {}, "reviewer": {}, "injured_worker": {}, "clinical_summary": {}}
    assert Determination.model_validate({**given, "disputed_items": [alone]}).disputed_items == (item,)
    with pytest.raises(ValidationError, match="each of several items has a heading"):
        Determination.model_validate({**given, "disputed_items": [alone, alone]})
    for lacking in ({"decision": "upheld"}, {"request": "Norco"}):
        with pytest.raises(ValidationError, match="a decision and a request"):
            DisputedItem.model_validate({**alone, "heading": "Norco", **lacking})
