"""What one item's reading owes to the rest of its letter."""

from __future__ import annotations

import pytest

from tests.grammar.folded import values
from tests.letters import Item, letter, read

ARTHROSCOPY = "Right knee arthroscopy"


@pytest.mark.parametrize(
    ("requests", "categories", "reason"),
    [
        ((ARTHROSCOPY, "EKG"), ("surgery", "surgical_adjunct"), "a tracing beside an operation"),
        ((ARTHROSCOPY, "Chest X-ray"), ("surgery", "surgical_adjunct"), "a film of the chest beside an operation"),
        ((ARTHROSCOPY, "X-ray of the left hand"), ("surgery", "imaging"), "a film of another part"),
        (("EKG", "Chest X-ray"), ("other_diagnostic", "imaging"), "no operation"),
    ],
)
def test_tests_that_serve_an_operation(requests: tuple[str, ...], categories: tuple[str, ...], reason: str) -> None:
    items = read(letter(*(Item(request) for request in requests))).readings.items
    assert tuple(values(item.request.category) for item in items) == categories, reason
