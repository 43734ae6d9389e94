"""A near miss is replaced with the brackets that it opens."""

from __future__ import annotations

import pytest

from imrllm.letter import read_letter
from tests.letters import THREE, letter


@pytest.mark.parametrize("heading", ["IMR ISSUE, DECISION AND RATIONALE(S)", "IMR ISSUES, DECISIONS AND RATIONALE[S]"])
def test_a_heading_that_ends_with_a_bracket_leaves_none_to_the_first_request(heading: str) -> None:
    text = letter(*THREE)
    assert "IMR ISSUES, DECISIONS AND RATIONALES" in text
    parts = read_letter(text.replace("IMR ISSUES, DECISIONS AND RATIONALES", heading))
    assert [parts.printed(item.heading) for item in parts.items] == [item.heading for item in THREE]
    assert parts.unsure
