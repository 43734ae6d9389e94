"""What the reviews of health plans conclude, in their words."""

from __future__ import annotations

import pytest

from imrllm.grammar.rationale.plan_conclusions import read_any_conclusion
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("text", "necessary"),
    [
        ("The Health Plan's denial should be overturned.", True),
        ("The health plan denied it. Therefore, the plan's denial is upheld.", False),
        ("The therapy is likely to be more beneficial than any other.", True),
        ("The therapy is not likely to be more beneficial than any other.", False),
        ("It is unlikely to be more beneficial than others.", False),
        ("The services at issue were medically necessary.", True),
        ("None of the services was medically necessary.", False),
        ("Three days were necessary. The decision is partially overturned.", None),
        ("The denial should be overturned in part.", None),
        ("He is 40.", None),
    ],
)
def test_conclusions(text: str, necessary: bool | None) -> None:
    assert values(read_any_conclusion(part(text))) is necessary
