"""Dates of injury and review, diagnoses and care to date, as the case summary tells them."""

from __future__ import annotations

from datetime import date

import pytest

from imrllm.grammar.summaries import (
    read_diagnoses,
    read_injury_date,
    read_lead_date,
    read_review_date,
    read_treatments,
)
from tests.grammar.folded import part, values

LETTER = date(2016, 12, 30)


@pytest.mark.parametrize(
    ("text", "injured", "reason"),
    [
        ("The worker sustained an industrial injury on 10-13-14.", "2014-10-13", "two digits of the year"),
        ("She was injured on November 28, 1989.", "1989-11-28", "words"),
        ("with a date of injury of 11/16/2014", "2014-11-16", "named"),
        ("On 6/1/12 the worker was injured when lifting.", "2012-06-01", "the date before"),
        ("with a 4/2/2008 date of injury. On 5/5/15 she was seen.", "2008-04-02", "the date before its name"),
        ("an industrial injury in March 2009", "2009-03", "a month"),
        ("an injury in 2009", "2009", "a year"),
        ("an industrial injury on 11-2-76", "1976-11-02", "the injury precedes the letter"),
        ("cumulative trauma from 1/1/2012 to 3/4/2014.", "2014-03-04", "a range: its end"),
        ("cumulative trauma from 1/1/12 through 3/4/14.", "2014-03-04", "through"),
        ("cumulative trauma 5/1/12 - 6/2/13", "2013-06-02", "a dash"),
        ("cumulative trauma from January 2010 to June 2012", "2012-06", "months"),
        ("injuries between 2008 and 2012", "2012", "between and and"),
        ("cumulative trauma 2008-2012", "2012", "years joined by a hyphen"),
        ("The worker sustained an injury. An MRI was taken on 5/5/15.", None, "another sentence's date"),
        ("an injury on 10/13", None, "no year"),
    ],
)
def test_injury_date(text: str, injured: str | None, reason: str) -> None:
    assert values(read_injury_date(part(text), LETTER)) == injured, reason


@pytest.mark.parametrize(
    ("text", "reviewed", "reason"),
    [
        ("On 11-3-16, utilization review denied the request.", date(2016, 11, 3), "before"),
        ("On November 16, 2016 the Utilization Review non-certified MRI.", date(2016, 11, 16), "in words"),
        ("The utilization review dated 11/3/16 denied the request.", date(2016, 11, 3), "after"),
        ("The UR determination of 11/3/16 denied it.", date(2016, 11, 3), "abbreviated"),
        ("On 12-19-16 the request was non-certified.", date(2016, 12, 19), "without its name"),
        ("An MRI of 5/5/16 showed a tear.", None, "no review"),
    ],
)
def test_review_date(text: str, reviewed: date | None, reason: str) -> None:
    assert values(read_review_date(part(text), LETTER)) == reviewed, reason


def test_the_lead_of_2013() -> None:
    lead = "The summary was taken directly from the utilization review denial/modification dated August 30, 2013:"
    assert values(read_lead_date(part(lead))) == date(2013, 8, 30)


@pytest.mark.parametrize(
    ("text", "diagnoses", "reason"),
    [
        ("Diagnoses include lumbar strain, and knee pain.", ("lumbar strain", "knee pain"), "a list"),
        ("Diagnoses: 1. lumbar strain (847.2), 2. cervicalgia (M54.2).", ("lumbar strain", "cervicalgia"), "no codes"),
        (
            "He was diagnosed with lumbar and cervical sprain/strain.",
            ("lumbar and cervical sprain/strain",),
            "a shared noun is one entry",
        ),
        ("She is being treated for lumbar strain.", ("lumbar strain",), "being treated for"),
        ("Diagnostic Impression: lumbar strain, sciatica.", ("lumbar strain", "sciatica"), "a diagnosis heading"),
        ("The assessment was: lumbar strain; sciatica.", ("lumbar strain", "sciatica"), "an assessment"),
        (
            "Diagnoses: 1. Lumbar strain, chronic 2. Sciatica. He walks.",
            ("Lumbar strain, chronic", "Sciatica"),
            "numbers part entries, and commas belong to them",
        ),
        (
            "Diagnoses: 1. Sciatica 2. AnxietyPast care has been Norco.",
            ("Sciatica", "Anxiety"),
            "glued to what follows",
        ),
        (
            "Diagnoses 02/11/14:- lumbar strain, chronic- sciaticaThe treater asks for more.",
            ("lumbar strain, chronic", "sciatica"),
            "a dated list with dashes",
        ),
        (
            "Diagnoses include major depressive disorder, single episode, moderate, and insomnia.",
            ("major depressive disorder, single episode, moderate", "insomnia"),
            "an episode is no entry of its own",
        ),
        ("Diagnoses include lumbar strain, lumbar strain.", ("lumbar strain",), "a repeat counts once"),
        ("He complains of low back pain.", (), "complaints are none"),
    ],
)
def test_diagnoses(text: str, diagnoses: tuple[str, ...], reason: str) -> None:
    assert values(read_diagnoses(part(text))) == diagnoses, reason


@pytest.mark.parametrize(
    ("text", "treatments", "reason"),
    [
        (
            "Treatment to date has included acupuncture, home exercise program.",
            ("acupuncture", "home exercise program"),
            "a list",
        ),
        (
            "Treatment to date: 6 sessions of physical therapy, Norco 10mg.",
            ("physical therapy", "Norco"),
            "no counts, no doses",
        ),
        ("Current medications include Norco and naproxen.", ("Norco", "naproxen"), "current medications count"),
        (
            "Thus far, the applicant has been treated with the following: acupuncture; and Norco.",
            ("acupuncture", "Norco"),
            "the following",
        ),
        (
            "Treatment and evaluation to date has included acupuncture and Norco.",
            ("acupuncture", "Norco"),
            "treatment and evaluation",
        ),
        ("He has been managed with splinting and Aleve.", ("splinting", "Aleve"), "managed with"),
        ("He has had no physical therapy.", (), "nothing is none"),
        ("The plan is acupuncture.", (), "a plan is none"),
    ],
)
def test_treatments(text: str, treatments: tuple[str, ...], reason: str) -> None:
    assert values(read_treatments(part(text))) == treatments, reason
