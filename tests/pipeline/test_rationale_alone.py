"""A rationale alone with a model: asked what it argues, whatever the prompt and the policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imrllm.documents import Document
from imrllm.prompts import prompt_names
from imrllm.records import ConflictPolicy
from tests.llm.standin import StandIn
from tests.pipeline.scripted import answering, asking

TEXT = "There is no documentation of functional improvement. The request for Norco #60 is not medically necessary."


def row(outcome: str = "Upheld") -> Document:
    before = f"{TEXT}\n\nOutcome: "
    document = Document.from_text(before + outcome, "row")
    return replace(document, outcome=(len(before), len(document.text)))


@pytest.mark.parametrize("policy", ["flag", "repair", "reask"])
@pytest.mark.parametrize("prompt", prompt_names())
def test_every_prompt_and_policy(prompt: str, policy: ConflictPolicy) -> None:
    with StandIn(answering()) as server:
        result = asking(server, prompt=prompt, on_conflict=policy, form="rationale").extract(row())
    assert result.record is not None, result.error
    (item,) = result.record.disputed_items
    assert (item.heading, item.decision, item.request, item.quantity) == (None, "upheld", "Norco #60", 60)
    assert item.claims_administrator is None
    assert result.record.injured_worker.age is None
    assert result.provenance.form == "rationale"
    assert result.risks == {}


def test_a_contradicted_outcome_is_reviewed_with_a_model_too() -> None:
    with StandIn(answering()) as server:
        result = asking(server, prompt=prompt_names()[-1], form="rationale").extract(row("Overturned"))
    assert "/disputed_items/0/decision" in [check.pointer for check in result.to_review]
