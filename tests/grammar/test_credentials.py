"""The reviewer's states and specialties."""

from __future__ import annotations

import pytest

from imrllm.grammar.credentials import read_specialties, read_states
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("text", "states", "reason"),
    [
        ("State(s) of Licensure: California", ("California",), "one"),
        ("State(s) of Licensure: Texas,New York", ("Texas", "New York"), "no space after the comma"),
        (
            "State(s) of Licensure: Texas, New York Certification(s)/Specialty: Urology",
            ("Texas", "New York"),
            "up to the next",
        ),
        ("State(s) of Licensure: West Virginia, Virginia", ("West Virginia", "Virginia"), "a name inside another"),
        ("State(s) of Licensure: Kansas, Arkansas", ("Kansas", "Arkansas"), "a name inside another's end"),
        (
            "State(s) of Licensure: Washington, D.C., Ohio",
            ("District of Columbia", "Ohio"),
            "the capital is not the state",
        ),
        ("He is licensed to practice in California. He has been", ("California",), "the older prose"),
        ("licensed to practice in Texas and New Mexico.", ("Texas", "New Mexico"), "two in prose"),
        ("He lives in Ohio.", (), "no licence"),
    ],
)
def test_states(text: str, states: tuple[str, ...], reason: str) -> None:
    assert values(read_states(part(text))) == states, reason


@pytest.mark.parametrize(
    ("text", "specialties", "reason"),
    [
        ("Certification(s)/Specialty: Family Practice", ("Family Practice",), "one"),
        (
            "Certification(s)/Specialty: Physical Medicine & Rehabilitation, Pain Management",
            ("Physical Medicine & Rehabilitation", "Pain Management"),
            "split at commas; an ampersand does not split",
        ),
        (
            (
                "The expert reviewer is Board Certified in Physical Medicine and Rehabilitation, has a subspecialty in "
                "Interventional Spine and is licensed to practice in California."
            ),
            ("Physical Medicine and Rehabilitation", "Interventional Spine"),
            "the older prose: X and Y",
        ),
        (
            "He is Board Certified in Internal Medicine and is licensed to practice in Texas.",
            ("Internal Medicine",),
            "X alone",
        ),
        ("State(s) of Licensure: Texas", (), "none"),
    ],
)
def test_specialties(text: str, specialties: tuple[str, ...], reason: str) -> None:
    assert values(read_specialties(part(text))) == specialties, reason
