"""What a prompt may ask, the models of its answers, and what an answer in part becomes."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from imrllm.answer_models import (
    ASKABLE,
    FULL_ANSWERS,
    GroundsAnswer,
    Kind,
    VerifyAnswer,
    answer_model,
    completed,
)
from imrllm.records import CaseAnswer, Ground, ItemAnswer, LetterAnswer, strict_schema
from tests.letters import RIGHT_CASE, RIGHT_ITEMS

DIAGNOSES = "clinical_summary.diagnoses"


def leaves(schema: dict[str, Any], node: dict[str, Any] | None = None, at: str = "") -> list[str]:
    """The dotted names of a strict schema's properties that hold no properties themselves."""
    node = node or schema
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    if "properties" not in node:
        return [at]
    return [
        name for key, each in node["properties"].items() for name in leaves(schema, each, f"{at}.{key}".lstrip("."))
    ]


def objects(node: Any) -> list[dict[str, Any]]:
    """Every object in a schema, definitions included."""
    if isinstance(node, list):
        return [found for each in node for found in objects(each)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == "object" else []
    return own + [found for each in node.values() for found in objects(each)]


def test_every_kind_has_names_to_ask_for() -> None:
    assert set(ASKABLE) == set(get_args(Kind))
    assert ASKABLE["letter"] == (*ASKABLE["case"], *ASKABLE["item"])
    assert ASKABLE["item"] == tuple(ItemAnswer.model_fields)


@pytest.mark.parametrize("kind", FULL_ANSWERS)
def test_all_names_give_the_full_answer(kind: Kind) -> None:
    assert answer_model(kind, ASKABLE[kind]) is FULL_ANSWERS[kind]
    assert answer_model(kind, tuple(reversed(ASKABLE[kind]))) is FULL_ANSWERS[kind], "in any order"


@pytest.mark.parametrize(
    ("kind", "asks"),
    [
        ("case", (DIAGNOSES,)),
        ("case", (DIAGNOSES, "reviewer.specialties")),
        ("case", ("injured_worker.age", "injured_worker.sex")),
        ("item", ("treatment", "category")),
        ("item", ("grounds",)),
        ("item", ("claims_administrator", "quantity")),
    ],
)
def test_the_wire_schema_of_some_names_holds_those_and_no_others(kind: Kind, asks: tuple[str, ...]) -> None:
    model = answer_model(kind, asks)
    schema = strict_schema(model)
    expected = {name for name in asks if name != "claims_administrator"}
    found = {name for name in leaves(schema) if not name.startswith("claims_administrator")}
    assert found == expected
    assert model.__name__ == FULL_ANSWERS[kind].__name__, "servers see one name"
    for each in objects(schema):
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False
    for name in (each.partition(".")[0] for each in asks):
        assert schema["properties"][name] != {}


@pytest.mark.parametrize("kind", ["case", "item"])
def test_one_model_serves_all_calls(kind: Kind) -> None:
    """A model of its own for each call cost 15 ms, schema included, and was never freed."""
    asks = ASKABLE[kind][:2]
    assert answer_model(kind, asks) is answer_model(kind, asks[::-1])
    assert answer_model(kind, asks) is not answer_model(kind, ASKABLE[kind][:3])


def test_the_parts_of_a_schema_are_those_of_the_full_one() -> None:
    full, part = (strict_schema(answer_model("item", each)) for each in (ASKABLE["item"], ("category", "treatment")))
    assert part["properties"] == {name: full["properties"][name] for name in ("treatment", "category")}, "in its order"
    assert part["description"] == full["description"]


def test_an_answer_in_part_refuses_what_was_not_asked() -> None:
    model = answer_model("item", ("treatment",))
    assert model.model_validate({"treatment": "Norco"}).model_dump() == {"treatment": "Norco"}
    with pytest.raises(ValidationError):
        model.model_validate({"treatment": "Norco", "quantity": 3})
    with pytest.raises(ValidationError):
        model.model_validate({})


@pytest.mark.parametrize("name", ASKABLE["item"])
def test_an_answer_on_one_field_of_an_item_is_completed(name: str) -> None:
    whole = RIGHT_ITEMS[1].model_dump(mode="json")
    answer = answer_model("item", (name,)).model_validate({name: whole[name]}, strict=False)
    filled = completed(answer, ItemAnswer)
    assert type(filled) is ItemAnswer
    assert getattr(filled, name) == getattr(RIGHT_ITEMS[1], name)
    others = {other: getattr(filled, other) for other in ItemAnswer.model_fields if other != name}
    assert all(value in (None, (), False) for value in others.values()), others


@pytest.mark.parametrize("name", ASKABLE["case"])
def test_an_answer_on_one_field_of_the_case_is_completed(name: str) -> None:
    section, field = name.split(".")
    value = RIGHT_CASE.model_dump(mode="json")[section][field]
    answer = answer_model("case", (name,)).model_validate({section: {field: value}}, strict=False)
    filled = completed(answer, CaseAnswer)
    assert type(filled) is CaseAnswer
    assert getattr(getattr(filled, section), field) == getattr(getattr(RIGHT_CASE, section), field)
    for other in ASKABLE["case"]:
        if other != name:
            holder, own = other.split(".")
            assert getattr(getattr(filled, holder), own) in (None, ()), other


@pytest.mark.parametrize(("answer", "full"), [(RIGHT_CASE, CaseAnswer), (RIGHT_ITEMS[0], ItemAnswer)])
def test_a_full_answer_is_complete(answer: BaseModel, full: type[BaseModel]) -> None:
    assert completed(answer, full) is answer


def test_a_whole_letter_is_always_asked_for_all() -> None:
    assert answer_model("letter", ("treatment",)) is LetterAnswer


class TestGrounds:
    def test_a_reason_is_a_quote_and_its_kind_in_this_order(self) -> None:
        """The words come first, so that the kind is read off them."""
        schema = strict_schema(answer_model("grounds", ("grounds",)))
        (reason,) = (each for each in objects(schema) if "quote" in each["properties"])
        assert list(reason["properties"]) == ["quote", "ground"]
        assert leaves(schema) == ["reasons"]

    def test_no_more_than_three_reasons_are_let_through(self) -> None:
        assert '"maxItems": 3' in str(strict_schema(GroundsAnswer)).replace("'", '"')

    @pytest.mark.parametrize("ground", ["", "unknown", None])
    def test_an_unknown_kind_is_refused(self, ground: Any) -> None:
        with pytest.raises(ValidationError):
            GroundsAnswer.model_validate({"reasons": [{"quote": "No gain was seen.", "ground": ground}]})

    @pytest.mark.parametrize("ground", get_args(Ground))
    def test_every_kind_can_be_answered(self, ground: Any) -> None:
        assert GroundsAnswer.model_validate({"reasons": ({"quote": "", "ground": ground},)}).reasons[0].ground == ground


class TestVerify:
    def test_the_wire_schema_is_strict_and_holds_one_boolean(self) -> None:
        schema = strict_schema(answer_model("verify", ("grounds",)))
        assert answer_model("verify", ("grounds",)) is VerifyAnswer
        assert {name: each["type"] for name, each in schema["properties"].items()} == {"given": "boolean"}
        assert schema["required"] == ["given"]
        assert schema["additionalProperties"] is False


def test_the_answer_on_a_form_is_strict_and_holds_quotes_alone() -> None:
    """No offset, no value and no decision: what a model quotes is found in the letter's text, or is not there."""
    schema = strict_schema(answer_model("form", ASKABLE["form"]))
    assert set(ASKABLE["form"]) == set(schema["properties"])
    for each in objects(schema):
        assert each["required"] == list(each["properties"])
        assert each["additionalProperties"] is False
    assert "integer" not in str(schema)
    assert "enum" not in str(schema)
