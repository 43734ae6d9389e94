"""What the case summary lists as diagnoses."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.diagnoses import read_diagnoses
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
        ("Diagnoses are as follows: gout, asthma.", ("gout", "asthma"), "as follows"),
        ("These findings suit a diagnosis consistent with gout.", ("gout",), "consistent with"),
        ("She is being evaluated and treated for gout.", ("gout",), "evaluated and treated for"),
        ("Diagnoses: \u2022 gout \u2022 hip pain, left.", ("gout", "hip pain, left"), "bullets"),
        ("Diagnoses: - gout - hip pain, left", ("gout", "hip pain, left"), "dashes"),
        ("The differential diagnosis includes gout.", (), "what it might be"),
        ("The diagnoses are documented is gout.", ("gout",), "a verb too many"),
        ("Her working diagnosis at the visit of 3/4/16 was bursitis.", ("bursitis",), "words between name and verb"),
        (
            "She carries a diagnosis of bursitis, and of depression.",
            ("bursitis", "depression"),
            "a repeated preposition",
        ),
        ("He has been diagnosed by Dr. Ames with gout.", ("gout",), "who diagnosed it stands before"),
        ("The doctor diagnosed a wrist sprain and a hip contusion.", ("wrist sprain", "hip contusion"), "active"),
        ("Wrist sprain and hip contusion were diagnosed.", ("Wrist sprain", "hip contusion"), "the verb comes last"),
        (
            "Gouty arthritis, and bursitis were the diagnoses given.",
            ("Gouty arthritis", "bursitis"),
            "the name comes last",
        ),
        ("The worker was diagnosed with gout.", ("gout",), "the worker is no diagnosis"),
        ("Impression: 1. Knee sprain; 2. Gout.", ("Knee sprain", "Gout"), "an impression"),
        ("MRI impression: disc bulge.", (), "the impression of a study"),
        ("The problem list includes gout and asthma.", ("gout", "asthma"), "a problem list"),
        ("She was diagnosed with gout by the clinic on 3/4/16.", ("gout",), "who found it, and when"),
        ('was given a diagnosis of "hip pain with bursitis." He walks.', ("hip pain with bursitis",), "in quotes"),
    ],
)
def test_diagnoses(text: str, diagnoses: tuple[str, ...], reason: str) -> None:
    assert values(read_diagnoses(part(text))) == diagnoses, reason


@pytest.mark.parametrize(
    ("listed", "diagnoses", "reason"),
    [
        ("herniated disc at L4-5, L5-S1, and gastritis", ("herniated disc at L4-5, L5-S1", "gastritis"), "levels"),
        ("radiculopathy, L5, left, and gout", ("radiculopathy, L5, left", "gout"), "a level and a side"),
        (
            "strain in the right hip, ankle, and foot",
            ("strain in the right hip, ankle, and foot",),
            "parts of one strain",
        ),
        (
            "sprains of the neck, back, and left elbow and for anxiety",
            ("sprains of the neck, back, and left elbow", "anxiety"),
            "parts, then another diagnosis",
        ),
        (
            "carpal tunnel syndrome, left upper limb, and gout",
            ("carpal tunnel syndrome, left upper limb", "gout"),
            "a limb",
        ),
        (
            "carpal tunnel syndrome, right greater than left, and gout",
            ("carpal tunnel syndrome, right greater than left", "gout"),
            "two sides compared",
        ),
        (
            "cervical, thoracic and lumbar strain, and gout",
            ("cervical, thoracic and lumbar strain", "gout"),
            "adjectives share the noun behind",
        ),
        ("neck and shoulder pain, gout", ("neck and shoulder pain", "gout"), "parts share the noun behind"),
        (
            "right and left wrist sprain and right and left hip sprain",
            ("right and left wrist sprain", "right and left hip sprain"),
            "two pairs of sides",
        ),
        (
            "knee pain and gout, asthma and hip bursitis and headaches",
            ("knee pain", "gout", "asthma", "hip bursitis", "headaches"),
            "an and amid the list joins two conditions",
        ),
        ("hand weakness and numbness, gout", ("hand weakness and numbness", "gout"), "a pair that shares its part"),
        ("sprain and strain of the wrist", ("sprain and strain of the wrist",), "a pair that shares its part behind"),
        ("disc displacement, without myelopathy, gout", ("disc displacement, without myelopathy", "gout"), "without"),
        (
            "mood disorder, not otherwise specified, gout",
            ("mood disorder, not otherwise specified", "gout"),
            "unspecified",
        ),
        (
            "hip strain, subsequent encounter and sciatica",
            ("hip strain, subsequent encounter", "sciatica"),
            "an encounter, then another diagnosis",
        ),
        ("cuff tear, status post repair, and gout", ("cuff tear, status post repair", "gout"), "an operation on it"),
        (
            "hip bursitis, status post wrist surgery, gout",
            ("hip bursitis", "status post wrist surgery", "gout"),
            "an operation elsewhere",
        ),
        (
            "adjustment disorder with anxiety and depressed mood",
            ("adjustment disorder with anxiety and depressed mood",),
            "one disorder",
        ),
        ("stress affecting sleep and appetite", ("stress affecting sleep and appetite",), "what it affects"),
        ("wrist pain rule out ligament tear", ("wrist pain", "rule out ligament tear"), "rule out without a comma"),
        (
            "myofascial pain, cervical and lumbar spine, and gout",
            ("myofascial pain, cervical and lumbar spine", "gout"),
            "a region",
        ),
        ("hip pain, related to a fall, gout", ("hip pain, related to a fall", "gout"), "a cause"),
        (
            "finger fracture, initial encounter for closed fracture, and gout",
            ("finger fracture, initial encounter for closed fracture", "gout"),
            "what the encounter is for",
        ),
        (
            "meniscus tear, current injury, right knee, gout",
            ("meniscus tear, current injury, right knee", "gout"),
            "when",
        ),
        (
            "knee pain, right worse than left, gout; and asthma",
            ("knee pain, right worse than left", "gout", "asthma"),
            "; and",
        ),
        ("the following conditions: gout; asthma", ("gout", "asthma"), "the following, with a noun"),
        ("[hip pain, gout", ("hip pain", "gout"), "a bracket that nothing closes"),
        ("knee pain, compensatory, gout", ("knee pain, compensatory", "gout"), "a word for its course"),
        ("chondromalacia, grade II, gout", ("chondromalacia, grade II", "gout"), "a grade"),
        (
            "strain of muscle, fascia and tendon at forearm level and hip bursitis",
            ("strain of muscle, fascia and tendon at forearm level", "hip bursitis"),
            "tissues, then another diagnosis",
        ),
        (
            "crush injury with fractures of the index and middle fingers and laceration of the palm",
            ("crush injury with fractures of the index and middle fingers", "laceration of the palm"),
            "fingers, then another diagnosis",
        ),
        ("wrist pain; ganglion and cyst; gout", ("wrist pain", "ganglion and cyst", "gout"), "semicolons part entries"),
    ],
)
def test_what_one_diagnosis_is(listed: str, diagnoses: tuple[str, ...], reason: str) -> None:
    assert values(read_diagnoses(part(f"Diagnoses include {listed}. He walks."))) == diagnoses, reason
