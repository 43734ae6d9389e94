"""The matrix of runs and letters, on the page and in a terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from imrllm.evals.comparison import Comparison
from imrllm.report.compared_letters import compared_suites
from imrllm.report.eval_pages import comparison_page
from imrllm.report.eval_tables import comparison_tables
from tests.report.page import Page
from tests.report.runs import HOSTILE, comparison, encodable
from tests.report.test_eval_pages import conversation


def value(v1: Any = 48.0, v2: Any = 45.0, column: str = "resolved", **given: Any) -> dict[str, Any]:
    sides = {name: {"right": each == 45.0, "value": each} for name, each in (("v1", v1), ("v2", v2))}
    base = {"column": column, "field": "quantity", "path": "/disputed_items/0/quantity", "gold": 45.0}
    return base | {"excerpt": "Norco #45", "sides": sides} | given


def beside(name: str, *values: dict[str, Any], **wrong: int) -> dict[str, Any]:
    counts = {side: {"resolved": count, "model": count + 1} for side, count in wrong.items()}
    return {"suite": "written", "document": name, "wrong": counts, "values": list(values)}


def compared(*letters: dict[str, Any]) -> Comparison:
    data = comparison().model_dump(mode="json")
    return Comparison.model_validate(data | {"letters": list(letters)})


THREE = (
    beside("w01", value(), v1=1, v2=0),
    beside("w02", v1=0, v2=0),
    beside("w03", value(48.0, 48.0), value(field="refills"), v1=5, v2=4),
)


def test_a_cell_is_the_number_of_wrong_values_and_opens_its_letter() -> None:
    html = comparison_page(compared(*THREE))
    text = Page(html).text
    assert "w01 v1 1 model 2 v2 0 model 1" in text
    assert '<a class="cell some" href="#letters-1-1">' in html
    assert '<a class="cell none" href="#letters-1-1">' in html
    assert '<a class="cell many" href="#letters-1-3">' in html
    assert 'id="letters-1-3"' in html


def test_the_runs_stand_beside_each_other() -> None:
    text = Page(comparison_page(compared(*THREE))).text
    assert "gold 45 ✗ v1 48 ✓ v2 45 letter: Norco #45" in text
    assert "w02 ✓ record right in all runs" in text
    assert "w01 the records differ" in text


def test_letters_have_filters_and_orders() -> None:
    (suite,) = compared_suites(compared(*THREE))
    assert suite.sides == ["v1", "v2"]
    assert suite.numbers == {"quantity": 1, "refills": 2}
    assert suite.counts == {"quantity": 2, "refills": 1}
    assert [(letter.right, letter.same, letter.orders["wrong"]) for letter in suite.letters] == [
        (False, False, 2),
        (True, True, 3),
        (False, False, 1),
    ]
    html = comparison_page(compared(*THREE))
    assert "#letters-1:has(.f2:checked) .letter:not(.w2)" in html
    assert "#letters-1:has(.by-wrong:checked) .n3 { order: 1; }" in html


def test_the_answers_of_each_run_are_with_the_letter() -> None:
    said = {name: conversation(f"said to {name}") for name in ("v1", "v2")}
    text = Page(comparison_page(compared(*THREE), said)).text
    assert "v1 1 call: messages and raw answers item 1" in text
    assert "user said to v2 answer, 45 tokens" in text
    assert "This page holds the messages about 1 letter, and so their text" in text
    assert "This page holds" not in Page(comparison_page(compared(*THREE))).text


def test_a_run_without_the_letter() -> None:
    html = comparison_page(compared(*THREE, beside("w04", v1=0, v3=0)))
    assert "v2 not scored" in Page(html).text


@pytest.mark.parametrize(("text", "reason"), HOSTILE)
def test_data_is_text(text: str, reason: str) -> None:
    def page(text: str) -> Page:
        name = encodable(text)
        hostile = value(field=name, path=name, gold=text, excerpt=name)
        hostile["sides"] = {name: {"right": False, "value": {text: [text]}}}
        letter = beside(name, hostile) | {"suite": name, "wrong": {name: {"resolved": 1}}}
        return Page(comparison_page(compared(letter)))

    assert page(text).tags() == page("plain").tags(), reason
    assert [name for name, _ in page(text).attributes()] == [name for name, _ in page("plain").attributes()], reason


def test_the_matrix_in_a_terminal() -> None:
    right = beside("w04", v1=0, v2=0) | {"wrong": {"v1": {"resolved": 0}, "v2": {"resolved": 0}}}
    lines = [" ".join(line.split()) for line in drawn(compared(*THREE, right), matrix=True).splitlines()]
    assert lines.index("w03 5 (6) 4 (5)") < lines.index("w01 1 (2) 0 (1)"), "most not right first"
    assert "Without an error in any run: 1 letter." in lines
    assert "w03" not in drawn(compared(*THREE), matrix=False)


def drawn(given: Comparison, *, matrix: bool) -> str:
    file = io.StringIO()
    Console(file=file, width=160).print(comparison_tables(given, matrix=matrix))
    return file.getvalue()
