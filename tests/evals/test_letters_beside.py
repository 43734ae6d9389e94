"""The letters of several runs side by side."""

from __future__ import annotations

from typing import Any

from imrllm.evals.letters_beside import LetterComparison, letters_beside
from tests.report.runs import letter, run, suite, wrong_leaf

QUANTITY = {"field": "quantity", "item": 0, "path": "/disputed_items/0/quantity"}


def of(*leaves: dict[str, Any], name: str = "w01", **columns: list[dict[str, Any]]) -> dict[str, Any]:
    document = letter(name)
    document["columns"] = {"resolved": list(leaves), "model": list(leaves)} | columns
    return document


def beside(**documents: dict[str, Any]) -> list[LetterComparison]:
    return list(letters_beside({name: run(suite(document)) for name, document in documents.items()}))


def test_the_values_that_some_run_has_wrong() -> None:
    (found,) = beside(v1=of(wrong_leaf()), v2=of(QUANTITY), v3=of(wrong_leaf(value=30.0, flagged=True), model=[]))
    assert (found.suite, found.document) == ("written", "w01")
    assert found.wrong == {
        "v1": {"model": 1, "resolved": 1},
        "v2": {"model": 0, "resolved": 0},
        "v3": {"model": 0, "resolved": 1},
    }
    model, resolved = found.values
    assert (model.column, resolved.column) == ("model", "resolved")
    assert {side: (each.right, each.value, each.flagged) for side, each in resolved.sides.items()} == {
        "v1": (False, 48.0, False),
        "v2": (True, 45.0, False),
        "v3": (False, 30.0, True),
    }
    assert set(model.sides) == {"v1", "v2"}, "v3 was not asked for it"
    assert (resolved.gold, resolved.excerpt) == (45.0, "Norco 10/325 mg #45")


def test_what_all_have_right_is_not_listed() -> None:
    (found,) = beside(v1=of(QUANTITY), v2=of(QUANTITY))
    assert found.values == ()


def test_a_letter_of_one_run_alone_stands_beside_nothing() -> None:
    assert beside(v1=of(QUANTITY), v2=of(QUANTITY, name="w02")) == []


def test_an_invented_item_is_a_value_of_its_run_alone() -> None:
    invented = wrong_leaf(field="disputed_items", item=None, path="/disputed_items/1", outcomes={"invented": 1})
    (found,) = beside(v1=of(QUANTITY), v2=of(QUANTITY, invented, model=[]))
    (value,) = found.values
    assert set(value.sides) == {"v2"}
