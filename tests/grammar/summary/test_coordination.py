"""Which commas and "and" of a list of diagnoses stand inside one diagnosis."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.diagnoses import read_diagnoses
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("listed", "diagnoses", "reason"),
    [
        ("hip, knee, and foot strain", ("hip, knee, and foot strain",), "parts that share a noun"),
        ("lumbar, hip, and knee strain; gout", ("lumbar, hip, and knee strain", "gout"), "beside a semicolon"),
        (
            "abrasion of the hand, elbow and chin, and gout",
            ("abrasion of the hand, elbow and chin", "gout"),
            "parts that share a head",
        ),
        (
            "vague suicidal and homicidal thoughts",
            ("vague suicidal and homicidal thoughts",),
            "an adjective waits for its noun",
        ),
        (
            "forearm flexor and extensor tendinosis and gout",
            ("forearm flexor and extensor tendinosis", "gout"),
            "so do muscles",
        ),
        ("ankle bursitis and tendinitis", ("ankle bursitis and tendinitis",), "inflammations of one place"),
        ("bursitis and tendinitis", ("bursitis", "tendinitis"), "inflammations of no place"),
        (
            "disc disease with myelopathy and stenosis, and gout",
            ("disc disease with myelopathy and stenosis", "gout"),
            "two that come with it",
        ),
        (
            "neck pain with radiculopathy and insomnia",
            ("neck pain with radiculopathy", "insomnia"),
            "a condition of the whole person does not",
        ),
        (
            "neck pain with radiculopathy and hip bursitis",
            ("neck pain with radiculopathy", "hip bursitis"),
            "nor one with its own place",
        ),
        (
            "gout, hip strain with spasm and neuritis",
            ("gout", "hip strain with spasm", "neuritis"),
            "a list with commas needs its last 'and'",
        ),
        (
            "stenosis at L2-3, L3-4, and L4-5 with claudication",
            ("stenosis at L2-3, L3-4, and L4-5 with claudication",),
            "levels with what comes with them",
        ),
        (
            "back pain with left and right sided sciatica and gout",
            ("back pain with left and right sided sciatica", "gout"),
            "a side waits for its noun",
        ),
        ("pain on the left and gout", ("pain on the left", "gout"), "a side that does not"),
        ("history of asthma, hypertension, and gout", ("history of asthma, hypertension, and gout",), "a shared head"),
        (
            "mild Guyon's and cubital tunnel syndromes",
            ("mild Guyon's and cubital tunnel syndromes",),
            "a plural noun is shared",
        ),
        (
            "knee arthritis, status post total knee replacement, gout",
            ("knee arthritis, status post total knee replacement", "gout"),
            "an operation on the same part",
        ),
        (
            "sleep disorder due to anxiety and chronic pain",
            ("sleep disorder due to anxiety and chronic pain",),
            "two causes",
        ),
        (
            "gastritis, exacerbated by medication, gout",
            ("gastritis, exacerbated by medication", "gout"),
            "what makes it worse",
        ),
        (
            "Hip strain, acute, with spasm; chest contusion",
            ("Hip strain, acute, with spasm", "chest contusion"),
            "one semicolon behind commas that belong to the entry",
        ),
    ],
)
def test_coordination(listed: str, diagnoses: tuple[str, ...], reason: str) -> None:
    assert values(read_diagnoses(part(f"Diagnoses include {listed}. He walks."))) == diagnoses, reason


def test_a_type_in_roman_numerals_ends_its_sentence() -> None:
    text = "She was diagnosed with regional pain syndrome type I. Care, rest and ice have helped."
    assert values(read_diagnoses(part(text))) == ("regional pain syndrome type I",)
