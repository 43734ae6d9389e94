"""What the rationale's own words conclude."""

from __future__ import annotations

import pytest

from imrllm.grammar.rationale.conclusions import ends_in_conclusion, read_conclusion
from tests.grammar.folded import part, values

NOTICE = (
    " The decision addresses the medical necessity of opioids alone. The prescriber is "
    "advised to consult the MTUS Opioids Treatment Guidelines."
)


@pytest.mark.parametrize(
    ("text", "necessary", "reason"),
    [
        ("As such, the request is not medically necessary.", False, "the commonest"),
        ("The request IS NOT medically necessary.", False, "in capitals"),
        ("The request is not medically necessary or appropriate.", False, "and appropriate"),
        ("Therefore it is notmedically necessary.", False, "a lost space"),
        ("The request is not medicallynecessary.", False, "another"),
        ("The request isnot medically necessary.", False, "a third"),
        ("The request cannot be considered medically necessary.", False, "cannot"),
        ("This is neither medically necessary nor appropriate.", False, "neither"),
        ("Medical necessity has not been established.", False, "necessity not established"),
        ("The medical necessity of the request is not established.", False, "with words between"),
        ("There is no medical necessity.", False, "no necessity"),
        ("The request is medically unnecessary.", False, "unnecessary"),
        ("I am unable to find this to be medically necessary.", False, "unable to find"),
        ("The request is not supported.", False, "weaker words"),
        ("The request is denied.", False, "denied"),
        ("The request is non-certified.", False, "non-certified"),
        ("Therefore, the request is medically necessary and appropriate.", True, "necessary"),
        ("The request is deemed medically necessary.", True, "deemed"),
        ("Medical necessity is established.", True, "established"),
        ("The medical necessity has been established.", True, "has been"),
        ("The request is supported.", True, "weaker words"),
        (
            "If criteria are met it is medically necessary. The request is not medically necessary.",
            False,
            "a condition",
        ),
        ("To determine whether it is medically necessary, more is needed. It is not certified.", False, "a question"),
        ("It would be medically necessary if pain improved. It is not medically necessary.", False, "would be"),
        ("With other findings it would be medically necessary.", None, "would be concludes nothing"),
        (f"The request is not medically necessary.{NOTICE}", False, "the opioid notice concludes nothing"),
        (f"The request is medically necessary.{NOTICE}", True, "nor against"),
        (
            "MRI is not medically necessary in most cases. Here the MRI is medically necessary.",
            True,
            "the last decides",
        ),
        ("The guideline describes the treatment.", None, "no conclusion"),
    ],
)
def test_conclusion(text: str, necessary: bool | None, reason: str) -> None:
    assert values(read_conclusion(part(text))) is necessary, reason


@pytest.mark.parametrize(
    ("text", "ends", "reason"),
    [
        ("It helps. The request is medically necessary.", True, "the last sentence"),
        ("The request is not medically necessary", True, "without its full stop"),
        ("The request is not medically necessary. It did not help.", False, "another sentence follows"),
        (
            "The request is not medically necessary. Both are advised to consult the MTUS Opioids guidelines.",
            True,
            "the notice on opioids follows",
        ),
    ],
)
def test_the_end_of_a_rationale(text: str, ends: bool, reason: str) -> None:
    conclusion = read_conclusion(part(text))
    assert conclusion
    assert ends_in_conclusion(part(text), conclusion) is ends, reason
