"""A text that is only a rationale, from its row to its record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imrllm.documents import Document
from imrllm.letter import choose_form
from imrllm.planning import read_in_full
from imrllm.prompts import load_prompt, prompt_names
from imrllm.records import Check
from tests.grammar.labels import rows

NECESSARY = (
    "The ODG Pain Chapter supports it, and the criteria are met. The request for Norco #60 is medically necessary."
)
RATIONALE = choose_form("rationale")
VALUES = ("strengths", "quantity", "quantity_unit", "refills", "total_visits", "frequency", "duration")


def document(text: str, outcome: str | None = None) -> Document:
    if outcome is None:
        return Document.from_text(text, "row")
    before = f"{text}\n\nDetermination: "
    whole = Document.from_text(before + outcome, "row")
    return replace(whole, outcome=(len(before), len(whole.text)))


def resolved(text: str, outcome: str | None = None) -> Any:
    return read_in_full(document(text, outcome), None, RATIONALE).by_grammar


def to_review(text: str, outcome: str | None = None) -> list[tuple[str, str]]:
    checks: tuple[Check, ...] = resolved(text, outcome).checks
    return [(check.pointer.removeprefix("/disputed_items/0/"), check.status) for check in checks if check.review]


def test_what_a_rationale_states_and_null_for_the_rest() -> None:
    text = (
        "The MTUS Chronic Pain Medical Treatment Guidelines, page 124, limit weaning. There is no documentation of "
        "functional improvement. The request for Norco 10/325mg #60 with 1 refill is not medically necessary."
    )
    result = resolved(text, "Upheld Decision of Health Plan")
    record = result.record
    (item,) = record.disputed_items
    assert result.form == "rationale"
    assert not result.in_doubt
    assert (item.heading, item.decision, item.medically_necessary) == (None, "upheld", False)
    assert (item.request, item.treatment) == ("Norco 10/325mg #60 with 1 refill", "Norco")
    assert (item.strengths, item.quantity, item.refills) == (("10 mg", "325 mg"), 60, 1)
    assert item.grounds == ("no_functional_improvement",)
    assert item.rationale == text
    (citation,) = item.reviewer_basis.citations
    assert (citation.chapter, citation.pages) == ("Chronic Pain Medical Treatment Guidelines", ("124",))
    assert item.claims_administrator is None
    assert (item.original_request, item.authorized, item.retrospective) == (None, None, False)
    dumped = record.model_dump()
    assert not any(dumped["letter"].values())
    assert not any(dumped["reviewer"].values())
    assert not any(dumped["injured_worker"].values())
    assert not any(dumped["clinical_summary"].values())
    assert result.risks == {}, "risks are measured on whole letters alone"


def test_every_value_has_its_place_in_the_rows_text() -> None:
    given = document(NECESSARY, "Overturned")
    result = read_in_full(given, None, RATIONALE).by_grammar

    def words(pointer: str) -> str:
        ((start, end),) = result.evidence[f"/disputed_items/0/{pointer}"]
        return given.text[start:end]

    assert words("decision") == "Overturned"
    assert words("request") == "Norco #60"
    assert words("quantity") == "#60"
    assert words("rationale") == NECESSARY
    assert words("reviewer_basis/citations/0/chapter") == "ODG Pain Chapter"


def test_what_the_form_does_not_print_is_no_alarm() -> None:
    assert to_review(NECESSARY) == []
    assert to_review(NECESSARY, "Overturned Decision of Health Plan") == []


@pytest.mark.parametrize(
    ("text", "outcome", "expected"),
    [
        (NECESSARY, "Upheld Decision of Health Plan", ("decision", "conflict")),
        (NECESSARY, "Partially Overturned", ("decision", "unsupported")),
        (NECESSARY, "Withdrawn", ("decision", "unsupported")),
        ("The MTUS says that a trial may", None, ("rationale", "missing")),
        ("The patient is 40 years old.", None, ("medically_necessary", "missing")),
        (
            "The reviewer found that twelve sessions of something new were requested. It is not medically necessary.",
            None,
            ("request", "missing"),
        ),
        (NECESSARY, "Not upheld, not overturned", ("decision", "unsupported")),
        ("The request for Norco #60 is denied. The request for an MRI is denied.", None, ("request", "unsupported")),
        (
            "The request for Norco #60 is not supported. The request for Norco #90 is not medically necessary.",
            None,
            ("quantity", "conflict"),
        ),
        (
            "There is no documentation of functional improvement. The request is medically necessary.",
            None,
            ("medically_necessary", "conflict"),
        ),
        (f"Knee brace: Upheld. {NECESSARY}", None, ("rationale", "missing")),
    ],
)
def test_contradictions_and_gaps_are_reviewed(text: str, outcome: str | None, expected: tuple[str, str]) -> None:
    assert expected in to_review(text, outcome)


def test_an_outcome_that_is_not_known_decides_nothing() -> None:
    (item,) = resolved(NECESSARY, "Withdrawn").record.disputed_items
    assert item.decision is None
    assert item.medically_necessary is True


def test_a_case_decided_both_ways_has_no_conclusion() -> None:
    text = "The request for Norco #60 is not medically necessary. The request for an MRI is medically necessary."
    (item,) = resolved(text).record.disputed_items
    assert item.medically_necessary is None
    assert item.grounds == ()
    assert ("medically_necessary", "missing") in to_review(text)


def test_a_model_is_asked_of_a_rationale_only_what_it_argues() -> None:
    letter = read_in_full(document(NECESSARY), None, RATIONALE)
    for name in prompt_names():
        calls = letter.calls(load_prompt(name))
        assert {call.kind for call in calls} <= {"grounds", "verify"}, name
        assert all(call.parts["decision"] == "overturned" for call in calls)
    unknown = read_in_full(document("The patient is 40 years old."), None, RATIONALE)
    assert not any(unknown.calls(load_prompt(name)) for name in prompt_names())


@pytest.mark.parametrize(
    ("name", "known"),
    [
        # One label takes a chapter of ACOEM for the MTUS's, which adopted it; another leaves out what was asked for.
        ("rationales_alone.jsonl", ["citations", "request"]),
        ("further_rationales_alone.jsonl", []),
    ],
)
def test_labelled_rationales_are_read_as_labelled(name: str, known: list[str]) -> None:
    """40 and 20 invented rationales of both kinds, labelled before the grammar read them.

    At first, 39 of 40 conclusions, all 38 requests and 27 of 29 citations were read as labelled; of the further ones,
    20 of 20, 18 of 20 and 12 of 13.
    """
    wrong: list[tuple[str, object, object]] = []
    for row in rows(name):
        (item,) = resolved(row["text"], row["outcome"]).record.disputed_items
        if item.medically_necessary is not row["necessary"]:
            wrong.append(("necessary", row["necessary"], item.medically_necessary))
        several = row["request"] == "several"
        request = None if several else row["request"]
        if item.request != request:
            wrong.append(("request", request, item.request))
        assert not several or to_review(row["text"], row["outcome"])
        wrong += [
            (value, row["values"][value], getattr(item, value))
            for value in VALUES
            if value in row["values"] and getattr(item, value) not in (row["values"][value], tuple(_list(row, value)))
        ]
        basis = item.reviewer_basis
        read = {(each.guideline, each.year, each.pages) for each in (basis.citations if basis else ())}
        labelled = {(guideline, year, tuple(pages)) for guideline, _, year, pages in row["citations"]}
        if read != labelled:
            wrong.append(("citations", labelled, read))
    assert [field for field, _, _ in wrong] == known, wrong


def _list(row: dict[str, Any], name: str) -> list[Any]:
    value = row["values"][name]
    return value if isinstance(value, list) else []
