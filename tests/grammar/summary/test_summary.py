"""Dates of injury and review, diagnoses and care to date, as the case summary tells them."""

from __future__ import annotations

from datetime import date

import pytest

from imrllm.grammar.summary.summary import (
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
        ("a fall event of 3 June 2009", "2009-06-03", "the day first, and an event"),
        ("was hurt (DOI 01-Sep-2011) while unloading", "2011-09-01", "hyphens about the month"),
        ("cumulative trauma between the dates June 1, 2010 and June 2, 2012", "2012-06-02", "between the dates"),
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
        ("The utilization reviewer on 11/3/16 certified the sling.", date(2016, 11, 3), "the reviewer"),
        ("after a previous 11/3/16 adverse determination", date(2016, 11, 3), "an adverse determination"),
        ("A prior review dated 11/3/16 modified Norco.", date(2016, 11, 3), "a prior review"),
        ("The request was denied in a review of 11/3/16.", date(2016, 11, 3), "in a review of"),
        ("May 2, 2016 was the date of the UR decision.", date(2016, 5, 2), "the date as the subject"),
        ("At the time (11/3/16) of the Decision for MRI, there is", date(2016, 11, 3), "the time of the decision"),
        ("At the time (11/3/16) of request for authorization for MRI, there is", None, "the request's is another date"),
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
        ("Records show the IW was treated for sciatica and asthma.", ("sciatica", "asthma"), "was treated for"),
        ("His diagnoses were noted to include sciatica, and obesity.", ("sciatica", "obesity"), "noted to include"),
        ("Her diagnoses, and or impressions, were noted to include: sciatica.", ("sciatica",), "words with commas"),
        ("Diagnoses include the following: sciatica; asthma.", ("sciatica", "asthma"), "the following"),
        ("The diagnoses as of 2/27/14 are sciatica, obesity.", ("sciatica", "obesity"), "as of a day"),
        ("current diagnoses (sciatica, and obesity), and treatment", ("sciatica", "obesity"), "a list in brackets"),
        ("Dx: 1) sciatica; 2) asthma.", ("sciatica", "asthma"), "abbreviated"),
        ("Assessment: 1. 724.3 Sciatica 2. 493.9 Asthma.", ("Sciatica", "Asthma"), "codes before the names"),
        ("was diagnosed with: 1) sciatica (724.3); 2) asthma (493).", ("sciatica", "asthma"), "numbers with brackets"),
        ("Diagnosis: carpal tunnel syndrome (354.0, G56.01).", ("carpal tunnel syndrome",), "two codes"),
        (
            "Diagnosis is cuff tear, right shoulder, with residual stiffness.",
            ("cuff tear, right shoulder, with residual stiffness",),
            "a side with its part and what comes with it",
        ),
        (
            "Diagnoses: neck strain, right shoulder pain.",
            ("neck strain", "right shoulder pain"),
            "a side with a condition is an entry of its own",
        ),
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
        ("His medications were noted to include Norco 10 mg, and Soma.", ("Norco", "Soma"), "noted to include"),
        ("Past treatments were noted to consist of ice, and rest.", ("ice", "rest"), "noted to consist of"),
        ("The worker takes Norco and Soma.", ("Norco", "Soma"), "takes"),
        ("It hurts on the days she takes it.", (), "no drug's name"),
        ("and treatment to date (ice, acupuncture x6).", ("ice", "acupuncture"), "a list in brackets"),
        (
            "treatment to date (ice, and medications (including ongoing treatment with Norco, Soma and Lyrica)).",
            ("ice", "Norco", "Soma", "Lyrica"),
            "a kind with its instances in brackets",
        ),
        ("She underwent carpal tunnel release on 3/20/13.", ("carpal tunnel release",), "an operation"),
        ("She underwent an MRI of the spine on 3/20/13.", (), "a study"),
        ("Treatments included ice, medications, Norco.", ("ice", "Norco"), "no generic word beside a name"),
        ("Treatments included ice, medications.", ("ice", "medications"), "a generic word alone"),
        ("Treatment included lumbar fusion in 2009, ice.", ("lumbar fusion", "ice"), "no year"),
        ("Treatment: unspecified amounts of yoga; earlier surgery.", ("yoga", "surgery"), "no counts"),
        ("The plan of care included yoga.", (), "a plan of care"),
        ("a reduction of medications as a result of the program", (), "no list"),
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
