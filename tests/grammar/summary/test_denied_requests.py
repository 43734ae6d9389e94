"""Requests that a case summary says were denied and that no item is about."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.matching import Asked
from imrllm.grammar.request.request import read_request
from imrllm.grammar.summary.denied_requests import read_unanswered_requests
from tests.grammar.folded import part


def unanswered(summary: str, *headings: str) -> tuple[str, ...]:
    items = []
    for heading in headings:
        category = read_request(part(heading)).category
        items.append(Asked(part(heading), category.value if category else None))
    return tuple(reading.value for reading in read_unanswered_requests(part(summary), items))


UR = "On 5/2/16 utilization review non-certified the request for "


@pytest.mark.parametrize(
    ("summary", "headings", "found", "reason"),
    [
        (f"{UR}Norco 10/325mg and Soma.", ["Norco 10/325mg #60", "Soma 350mg"], (), "every drug has its item"),
        (f"{UR}Norco 10/325mg and Soma.", ["Norco 10/325mg #60"], ("Soma",), "a drug without one"),
        (f"{UR}Norco.", ["Hydrocodone/Acetaminophen 10/325mg"], (), "a brand and its ingredients"),
        (
            f"{UR}an MRI of the neck and a knee brace.",
            ["MRI of the cervical spine"],
            ("brace",),
            "a device without one",
        ),
        (f"{UR}acupuncture and an MRI.", ["Acupuncture, 6 visits"], ("MRI",), "a study without one"),
        (
            f"{UR}MRI of the lumbar spine and MRI of the right shoulder.",
            ["MRI of the lumbar spine without contrast"],
            ("MRI",),
            "the same study of another region",
        ),
        (f"{UR}MRI of the low back.", ["MRI lumbar spine"], (), "two names of one region"),
        (f"{UR}MRI of the left knee.", ["MRI of the right knee"], ("MRI",), "the other side"),
        (f"{UR}MRI of the lower extremity.", ["MRI of the right knee"], (), "a limb holds its joints"),
        (f"{UR}a CT scan of the head.", ["MRI of the head"], ("CT",), "another way to take an image"),
        (f"{UR}electrodiagnostic studies.", ["EMG/NCV of the bilateral upper extremities"], (), "a wider term"),
        (
            "The request for a urine drug screen was previously denied due to no use of Norco or Percocet.",
            ["Urine drug test"],
            (),
            "a reason names drugs that were not requested",
        ),
        (
            "The review found no ulcer that would support the requested omeprazole and denied it.",
            ["Naproxen 550mg"],
            ("omeprazole",),
            "named before its verb",
        ),
        (
            "The requests were non-certified due to no ulcers to warrant the requested omeprazole.",
            ["Naproxen 550mg", "Soma"],
            ("omeprazole",),
            "a reason names what was requested",
        ),
        (
            f"{UR}an MRI of the neck and certified a request for Norco.",
            ["MRI of the cervical spine"],
            (),
            "what was certified is not disputed",
        ),
        (
            "Acupuncture was certified and the request for an MRI of the neck was denied.",
            ["MRI of the cervical spine"],
            (),
            "also before its verb",
        ),
        ("Utilization review modified Norco and denied Soma.", ["Soma 350mg"], (), "nor need be what was cut down"),
        ("He denied chest pain after the MRI.", ["Norco"], (), "what a patient denies"),
        ("Norco and Soma were prescribed. An MRI showed a tear.", ["Norco"], (), "no sentence about a denial"),
        ("Utilization review denied all three.", ["Norco", "Soma"], ("all three",), "a count"),
        ("Utilization review denied all three.", ["Norco", "Soma", "Lyrica"], (), "a count that fits"),
        ("UR denied four requests.", ["Norco", "Soma", "Lyrica"], ("four requests",), "a count of requests"),
        ("The requests were previously denied.", ["Norco"], ("The requests",), "more than one request"),
        ("The requests were previously denied.", ["Norco", "Soma"], (), "more than one item"),
        ("", ["Norco"], (), "nothing"),
    ],
)
def test_unanswered(summary: str, headings: list[str], found: tuple[str, ...], reason: str) -> None:
    assert unanswered(summary, *headings) == found, reason


def test_the_span_is_where_the_name_stands() -> None:
    summary = part(f"He fell.  {UR}Norco and Soma.")
    (reading,) = read_unanswered_requests(summary, [Asked(part("Norco"), "medication")])
    assert summary.text[slice(*reading.span)] == "Soma"
