"""An outcome beside two items is that of the item whose rationale agrees with it."""

from __future__ import annotations

import pytest

from imrllm.errors import NotALetterError
from tests.letter.drifted import CREDENTIALS, GYM, MRI, NORCO, SUMMARY, THREE, items_of, read


def outcome_first(gap: str = "\n") -> str:
    """A form that prints each outcome on a line of its own before the request."""
    printed = "\n\n".join(
        f"Ruling: {item.outcome}{gap}{item.heading}\n\nBasis of the denial: {item.administrator}\n\n"
        f"Basis of this decision: {item.reviewer}\n\nAnalysis: {item.rationale}"
        for item in THREE
    )
    return f"{CREDENTIALS}\n\n{SUMMARY}\n\nThe services were decided one at a time.\n\n{printed}\n"


def test_outcomes_before_their_requests_are_not_those_of_the_items_before() -> None:
    found = items_of(read(outcome_first(), [item.quoted for item in THREE]))
    right = {(NORCO.heading, "upheld"), (MRI.heading, "overturned"), (GYM.heading, "upheld")}
    assert found
    assert set(found) <= right


def test_an_item_left_out_does_not_shift_the_outcomes() -> None:
    found = items_of(read(outcome_first(), [NORCO.quoted, GYM.quoted]))
    assert set(found) <= {(NORCO.heading, "upheld"), (GYM.heading, "upheld")}
    found = items_of(read(outcome_first(), [MRI.quoted, GYM.quoted]))
    assert set(found) <= {(MRI.heading, "overturned"), (GYM.heading, "upheld")}


def test_an_outcome_in_a_paragraph_of_its_own_between_two_items_is_that_of_none() -> None:
    with pytest.raises(NotALetterError, match="no disputed item that its text supports"):
        read(outcome_first("\n\n"), [item.quoted for item in THREE])
