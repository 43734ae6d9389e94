"""What the case summary lists as diagnoses and as treatment to date."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.diagnoses_and_treatments import read_diagnoses, read_treatments
from tests.grammar.folded import part, values


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
