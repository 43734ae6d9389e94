"""The request that a rationale names, where no heading is printed."""

from __future__ import annotations

import time

import pytest

from imrllm.grammar.request.stated_requests import read_stated_request
from tests.grammar.folded import part


@pytest.mark.parametrize(
    ("text", "request_words", "reason"),
    [
        ("The request for Norco 10/325mg #60 is not medically necessary.", "Norco 10/325mg #60", "decided"),
        ("The requested MRI of the knee is therefore medically necessary.", "MRI of the knee", "an attribute"),
        ("The request for 8 visits exceeds the limit. The request is not necessary.", "8 visits", "only named"),
        ("She has requested coverage for a wig. It is needed.", "a wig", "asked for"),
        ("He requested the trial. The request for acupuncture, which he had before, is not medically necessary.",
         "acupuncture", "without the clause that says more of it"),
        ("Her doctor asked for a cane. It is needed.", "a cane", "asked"),
        ("The doctor was asked for his notes. It is needed.", None, "papers"),
        ("The parent asked for reimbursement of speech therapy.", "speech therapy", "paid already"),
        ("The provider requests a lumbar MRI. It is needed.", "a lumbar MRI", "in the present"),
        ("She has requested coverage for care from May 3 onwards.", "care from May 3 onwards", "a month, no verb"),
        ("The requested services are not medically necessary.", None, "a word for anything"),
        ("The request is not medically necessary.", None, "no words"),
        ("The drugs requested by the surgeon are not needed.", None, "a participle"),
        (
            "He asked for 12 sessions of therapy. The request for 6 sessions of therapy is medically necessary.",
            "6 sessions of therapy",
            "the one that was decided",
        ),
    ],
)  # fmt: skip
def test_the_request(text: str, request_words: str | None, reason: str) -> None:
    found = read_stated_request(part(text))
    assert (found.request.request.value if found.request.request else None) == request_words, reason
    assert not found.several


def test_what_the_words_state_is_read_and_a_second_amount_is_contested() -> None:
    found = read_stated_request(
        part("The request for Norco 10/325mg #90 with 1 refill is not supported. The request for Norco #60 is denied.")
    )
    request = found.request
    assert request.quantity is not None
    assert request.quantity.value == 90
    assert [each.value for each in request.strengths] == ["10 mg", "325 mg"]
    assert request.refills is not None
    assert request.refills.value == 1


def test_several_treatments_are_one_items_values_of_none() -> None:
    found = read_stated_request(
        part(
            "The request for Norco #60 is not medically necessary. The request for Lunesta #30 is medically necessary."
        )
    )
    assert found.several
    assert found.both_ways
    assert found.request.request is None
    assert found.request.quantity is None


def test_a_name_that_is_not_read_is_no_other_treatment() -> None:
    found = read_stated_request(
        part("The request for #60 is not supported. The request for Norco #60 is not approved.")
    )
    assert not found.several
    assert found.request.treatment is not None
    assert found.request.treatment.value == "Norco"


def test_a_rival_amount_of_the_same_treatment() -> None:
    found = read_stated_request(
        part("The request for Norco #60 is not supported. Thus the request for Norco #90 is not medically necessary.")
    )
    assert set(found.request.contested) == {"quantity"}


@pytest.mark.parametrize(
    "piece", ["request for ", "the requested ", "has requested ", "request for a b c ", "request for x. "]
)
def test_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        text = part(piece * count)
        start = time.perf_counter()
        read_stated_request(text)
        return time.perf_counter() - start

    seconds(200)
    assert seconds(2000) < 50 * max(seconds(200), 0.005)
