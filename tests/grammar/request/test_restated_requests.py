"""The request as the rationale says it again, against its heading."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.request import read_request
from imrllm.grammar.request.restated_requests import read_disagreements, read_summary_disagreements
from tests.grammar.folded import part, values
from tests.grammar.partly_authorized import AUTHORIZED, ORIGINAL, REMAINING

NORCO = "Norco 10/325mg #60 with 2 refills"
PARTLY = f"{ORIGINAL} {AUTHORIZED} {REMAINING} is"


@pytest.mark.parametrize(
    ("heading", "rationale", "disagreements", "reason"),
    [
        (NORCO, "The request for Norco 10/325mg #60 is not medically necessary.", {}, "the same"),
        (NORCO, "The request for Norco 10/325mg #90 is not medically necessary.", {"quantity": 90}, "another amount"),
        (
            NORCO,
            "Hence the request for Norco 5/325mg #60 was not certified.",
            {"strengths": ("5 mg", "325 mg")},
            "another strength",
        ),
        (NORCO, "The request for Norco is not medically necessary.", {}, "less is no disagreement"),
        (NORCO, "The request for Soma 350mg #90 is not medically necessary.", {}, "another treatment"),
        (NORCO, "The guideline allows 90 tablets. The request is not medically necessary.", {}, "no restatement"),
        (
            "Fexmid 7.5mg #60",
            "The requested for Fexmid 7.5mg #90 is not supported.",
            {"quantity": 90},
            "the point of a number ends no sentence",
        ),
        (
            "Five sessions of acupuncture",
            "The request for 8 sessions of acupuncture is not medically necessary.",
            {"quantity": 8, "total_visits": 8},
            "visits",
        ),
    ],
)
def test_disagreements(heading: str, rationale: str, disagreements: dict[str, object], reason: str) -> None:
    found = read_disagreements(part(rationale), read_request(part(heading)))
    assert {field: values(reading) for field, reading in found.items()} == disagreements, reason


@pytest.mark.parametrize(
    ("heading", "summary", "disagreements", "reason"),
    [
        (NORCO, "The administrator denied a request for Norco 10/325mg #60 and an MRI.", {}, "the same"),
        (
            NORCO,
            "The administrator denied requests for an MRI and Norco 10/325mg #90.",
            {"quantity": 90},
            "another amount",
        ),
        (
            NORCO,
            "Utilization review non-certified Soma 350mg #30, Norco 5/325mg #60, and an MRI.",
            {"strengths": ("5 mg", "325 mg")},
            "its own place in a list",
        ),
        (NORCO, "The request for Norco 10/325mg #120 was modified to #60.", {}, "a modified request"),
        (NORCO, "She takes Norco 5/325mg #90. The request was denied.", {}, "another sentence"),
        (NORCO, "She takes Norco 5/325mg #90 and Soma.", {}, "no request"),
        (
            PARTLY,
            "The administrator denied a request for Percocet 7.5/325mg #90.",
            {},
            "a partly authorized request has two amounts",
        ),
    ],
)
def test_summary_disagreements(heading: str, summary: str, disagreements: dict[str, object], reason: str) -> None:
    found = read_summary_disagreements(part(summary), read_request(part(heading)))
    assert {field: values(reading) for field, reading in found.items()} == disagreements, reason
