"""What outcome words of unknown forms decide: by classes of words, with negation, and never on a guess."""

from __future__ import annotations

import time

import pytest

from imrllm.letter.outcomes import read_outcome


@pytest.mark.parametrize(
    "words",
    [
        "Upheld",
        "UPHOLD",
        "Denial affirmed",
        "The denial is sustained.",
        "Non-certification stands",
        "Adverse determination upheld",
        "Agree with UR denial",
        "Denied",
        "Request denied",
        "Final determination - denied",
        "Not approved",
        "not certified",
        "Disallowed",
        "Not medically necessary",
        "is not considered to be medically necessary and appropriate",
        "lacks medical necessity",
        "Medical necessity not established",
        "Denied - not medically necessary",
        "Not overturned",
        "UR denial: Upheld",
        "Appeal denied",
    ],
)
def test_what_leaves_a_request_denied(words: str) -> None:
    assert read_outcome(words) == "upheld"


@pytest.mark.parametrize(
    "words",
    [
        "Overturned",
        "Denial reversed",
        "Denial set aside",
        "the utilization review decision is overturned",
        "We disagree with the denial",
        "The reviewer does not agree with the denial",
        "not upheld",
        "Approved",
        "Appeal granted",
        "The treatment is authorized",
        "Certified",
        "medically necessary",
        "Determination: medically necessary",
        "Medical necessity established",
        "Request approved; denial reversed",
    ],
)
def test_what_allows_a_request(words: str) -> None:
    assert read_outcome(words) == "overturned"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "nothing is said"),
        ("Reviewed", "no outcome"),
        ("Appeal sustained", "of an appeal, and not of the denial"),
        ("Denial denied", "of the denial"),
        ("Denial approved", "of the denial"),
        ("Partially overturned", "between the two"),
        ("Modified", "between the two"),
        ("Denied or overturned", "both"),
        ("if medically necessary", "a condition"),
        ("board certified in Family Medicine", "a credential"),
    ],
)
def test_what_decides_nothing(words: str, why: str) -> None:
    assert read_outcome(words) is None, why


def test_long_words_take_no_time() -> None:
    started = time.monotonic()
    read_outcome("not " * 2_000 + "upheld")
    assert time.monotonic() - started < 2
