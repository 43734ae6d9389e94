"""Partly authorized requests, and treatment already given."""

from __future__ import annotations

from datetime import date

import pytest

from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part, values
from tests.grammar.partly_authorized import AUTHORIZED, ORIGINAL, REMAINING


@pytest.mark.parametrize(
    ("heading", "request_text", "original", "authorized", "reason"),
    [
        (
            f"{ORIGINAL} {AUTHORIZED} {REMAINING} is",
            "Percocet 7.5/325mg #30",
            "Percocet 7.5/325mg #90",
            "Percocet 7.5/325mg #60",
            "the usual order",
        ),
        (
            f"{ORIGINAL} {AUTHORIZED} {REMAINING}",
            "Percocet 7.5/325mg #30",
            "Percocet 7.5/325mg #90",
            "Percocet 7.5/325mg #60",
            "the final is is missing",
        ),
        (
            f"{ORIGINAL} {AUTHORIZED} {REMAINING} is".lower(),
            "percocet 7.5/325mg #30",
            "percocet 7.5/325mg #90",
            "percocet 7.5/325mg #60",
            "lower case",
        ),
        (
            (
                "Relafen 500mg #60 with 2 refills was the original request, Relafen 500mg #60 was "
                "authorized by the Claims "
                "Administrator. The remaining IMR eligible portion of the original request, Two refills of "
                "Relafen 500mg #60 is"
            ),
            "Two refills of Relafen 500mg #60",
            "Relafen 500mg #60 with 2 refills",
            "Relafen 500mg #60",
            "a comma between the sentences; the remaining part is the request",
        ),
        (
            (
                "The Claims Administrator authorized 6 visits of acupuncture, leaving the original request "
                "IMR eligible. "
                "The original request, 12 visits of acupuncture is"
            ),
            "12 visits of acupuncture",
            "12 visits of acupuncture",
            "6 visits of acupuncture",
            "the other order: the original request is decided",
        ),
        (
            (
                "12 visits of acupuncture was the original request. The Claims Administrator authorized 6 "
                "visits, leaving "
                "the original request IMR eligible. The original request, 12 visits of acupuncture"
            ),
            "12 visits of acupuncture",
            "12 visits of acupuncture",
            "6 visits",
            "both orders in one",
        ),
        (
            (
                "Percocet 7.5/325mg #90 is the original request. Percocet 7.5/325mg #60 was certified by Claims "
                "Adminstrator. The remaining portion of the original request that is IMR eligible, Percocet "
                "7.5/325mg #30 is"
            ),
            "Percocet 7.5/325mg #30",
            "Percocet 7.5/325mg #90",
            "Percocet 7.5/325mg #60",
            "in other words, and misspelled",
        ),
        (
            (
                "Percocet 7.5/325mg #90 was the original request. The Claims Administrator authorized Percocet "
                "7.5/325mg #60. The remaining IMR eligible portion of the original request, Percocet 7.5/325mg #30 is"
            ),
            "Percocet 7.5/325mg #30",
            "Percocet 7.5/325mg #90",
            "Percocet 7.5/325mg #60",
            "the administrator's sentence ends where the remaining part's begins",
        ),
        ("Percocet 7.5/325mg #90", "Percocet 7.5/325mg #90", None, None, "no parts: the heading itself"),
    ],
)
def test_parts(heading: str, request_text: str, original: str | None, authorized: str | None, reason: str) -> None:
    reading = read_request(part(heading))
    read = tuple(values(getattr(reading, name)) for name in ("request", "original_request", "authorized"))
    assert read == (request_text, original, authorized), reason
    assert not reading.doubtful, reason


def test_fields_describe_what_remains() -> None:
    fields = read_request(part(f"{ORIGINAL} {AUTHORIZED} {REMAINING} is"))
    assert values(fields.quantity) == 30
    assert values(fields.strengths) == ("7.5 mg", "325 mg")
    assert values(fields.treatment) == "Percocet"


def test_nothing_is_inherited_from_the_original() -> None:
    fields = read_request(
        part(
            "Physical therapy 2 times a week for 6 weeks, right knee was the original request. 6 visits were "
            "authorized by the Claims Administrator. The remaining IMR eligible portion of the "
            "original request, 6 visits of "
            "physical therapy is"
        )
    )
    assert values(fields.total_visits) == 6
    assert (fields.frequency, fields.duration, fields.body_parts) == (None, None, ())


def test_words_of_parts_that_are_not_understood_are_doubtful() -> None:
    reading = read_request(part("Percocet 7.5/325mg #90 was the original request, of which some remains"))
    assert reading.doubtful
    assert values(reading.request).startswith("Percocet 7.5/325mg #90 was")


@pytest.mark.parametrize(
    ("heading", "retrospective", "served", "reason"),
    [
        ("Retrospective Percocet 7.5/325mg #60", True, None, "said"),
        ("Retrospective: Urine drug screen, DOS 11-11-16", True, date(2016, 11, 11), "said and dated"),
        ("Percocet 7.5/325mg #60 (DOS: 11/11/2016)", True, date(2016, 11, 11), "a date of service alone"),
        ("Urine drug screen, date of service 11/11/2016", True, date(2016, 11, 11), "written out"),
        ("Percocet 7.5/325mg #60 (prescribed 8/20/14)", False, None, "a prescription's date is neither"),
        ("Percocet 7.5/325mg #60", False, None, "neither"),
        (
            f"Retrospective {ORIGINAL} {AUTHORIZED} {REMAINING} is",
            True,
            None,
            "the whole heading counts",
        ),
        (
            f"Percocet 7.5/325mg #90 (DOS: 11/11/16) was the original request. {AUTHORIZED} {REMAINING} is",
            True,
            date(2016, 11, 11),
            "also for the date",
        ),
    ],
)
def test_retrospective(heading: str, retrospective: bool, served: date | None, reason: str) -> None:
    fields = read_request(part(heading), date(2017, 2, 10))
    assert values(fields.retrospective) is retrospective, reason
    assert values(fields.date_of_service) == served, reason
