"""What a request says that no reader took (record.md, Around the record: no wrong value leaves silently)."""

from __future__ import annotations

import pytest

from imrllm.grammar.request.request import read_request
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("request_text", "unread", "reason"),
    [
        ("Norco 10/325mg #60 per form 17", ("form 17",), "a figure with its word"),
        ("Norco 10/325mg #60", (), "all of it is read"),
        ("Prednisone 10mg taper, 21 tablets", ("taper",), "how a drug is given"),
        ("Gabapentin 300mg #90 per month", ("month",), "how often an amount is given"),
        ("Interferential unit rental plus electrodes", ("plus electrodes",), "what comes with a device, behind a tail"),
        ("Norco 10/325mg #60, 30 tablets", ("60, 30 tablets",), "two amounts, of which none is the request's"),
        ("Home aide 6 hours a day, bathing help 2 days a week", ("bathing help 2 days a week",), "a second course"),
        ("Physical therapy, 2 times a week, 6", ("6",), "visits or weeks"),
        ("Lidoderm patches, box of 30", ("30",), "the size of a box that is not counted"),
        ("Lidoderm patches, box of 30, 2 boxes", (), "of boxes that are"),
        ("Norco 10/325 #60", ("10/325",), "strengths without a unit"),
        ("Acupuncture x 2 (DOS 5/1/14, 5/8/14)", ("5/8/14",), "a second date of service"),
        ("Norco 10/325mg #60, DOS 5/1/14, ordered 4/8/14", (), "the date of an order"),
        ("Oxycodone 15mg every 4 hours (max 6 per day) #180", ("max 6 per day",), "directions that go on"),
    ],
)
def test_what_no_reader_took(request_text: str, unread: tuple[str, ...], reason: str) -> None:
    assert values(read_request(part(request_text)).unread) == unread, reason


@pytest.mark.parametrize(
    ("request_text", "unread", "reason"),
    [
        ("Norco 10/325mg #60 for chronic low back pain", (), "a complaint"),
        ("Home health aide 4 hours a day for assistance with bathing", (), "a task"),
        ("Physical therapy 12 visits to restore strength", (), "a goal"),
        ("Gabapentin 600mg #90 for pain, 17", ("17",), "a figure behind a purpose"),
        ("Initial evaluation for functional restoration program", ("functional restoration program",), "a treatment"),
        ("Urine drug screen to check for Norco", ("Norco",), "a drug"),
        ("Assistant surgeon for lumbar fusion", ("fusion",), "a treatment behind a body part"),
    ],
)
def test_of_a_purpose_only_figures_drugs_and_treatments_count(
    request_text: str, unread: tuple[str, ...], reason: str
) -> None:
    assert values(read_request(part(request_text)).unread) == unread, reason


@pytest.mark.parametrize(
    "request_text",
    [
        "Xanax 0.5mg #60 (Benzodiazepine)",
        "Toradol 60mg IM injection",
        "TENS unit purchase",
        "Naproxen 550mg #60 dispensed on 5/2/2016",
        "Epidural steroid injection at the L4-5 level under fluoroscopic guidance",
        "Physical therapy, 8 additional visits",
        "Voltaren gel 1%, apply to the left wrist twice daily, 100 gm tube",
        "Omeprazole 20mg #30 (thirty)",
        "Steroid injection, left shoulder, ultrasound guided",
        "Right carpal tunnel release, outpatient",
        "Urology consult for evaluation of incontinence",
    ],
)
def test_words_that_say_nothing_of_what_was_asked_for_are_neutral(request_text: str) -> None:
    assert values(read_request(part(request_text)).unread) == ()


def test_the_words_of_a_reading_have_their_place_in_the_heading() -> None:
    text = "Prednisone 10mg taper, 21 tablets"
    (reading,) = read_request(part(text)).unread
    assert text[slice(*reading.span)] == reading.value == "taper"
