"""Seeded corruptions of gold: each altered value raises a check that the gold does not."""

from __future__ import annotations

from copy import deepcopy

from imrllm.documents import Document
from imrllm.evals.corruptions import corruptions
from imrllm.fields import ITEMS
from tests.evals.gold import GOLD
from tests.letters import THREE, letter


def test_corruptions_that_were_doubted_before_are_not_caught() -> None:
    """A citation that the letter does not have is doubted as a whole; altering it adds nothing."""
    document = Document.from_text(letter(*THREE), "a")
    gold = {**deepcopy(GOLD), "document_id": "a"}
    cited = gold[ITEMS][0]["reviewer_basis"]["citations"]
    cited.append({**cited[0], "pages": ["99"]})
    found = corruptions({"a": document}, {"a": gold})
    assert found["quantity"].rate == 1.0
    assert corruptions({"soup": Document.from_text("A recipe.", "soup")}, {"soup": gold}) == {}


def test_corruptions_of_a_letter_are_all_caught() -> None:
    document = Document.from_text(letter(*THREE), "a")
    found = corruptions({"a": document}, {"a": {**GOLD, "document_id": "a"}})
    assert {name: (rate.right, rate.of) for name, rate in found.items() if rate.right < rate.of} == {}
    counts = {name: rate.of for name, rate in found.items()}
    assert (counts["quantity"], counts["decision"]) == (3, 3)
    # Of lists each entry in turn: 10 and 325 mg twice, 1 mg; pages 78 and 80 twice, 24.
    assert (counts["strengths"], counts["reviewer_basis.pages"]) == (5, 5)
    # Of what the letter does not state nothing is altered.
    assert (counts["refills"], "total_visits" in counts) == (1, False)
