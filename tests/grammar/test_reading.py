"""What a part offers every reader."""

from __future__ import annotations

import pytest

from tests.grammar.folded import part


@pytest.mark.parametrize(
    ("text", "lower", "reason"),
    [
        ("MTUS Opioids", "mtus opioids", "plain letters"),
        ("\u0130stanbul MRI", "\u0130stanbul mri", "a letter that grows when lowered stays: offsets hold"),
    ],
)
def test_lower(text: str, lower: str, reason: str) -> None:
    assert part(text).lower == lower, reason
