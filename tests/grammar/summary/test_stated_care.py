"""Care and drugs that single sentences of the case summary state."""

from __future__ import annotations

import pytest

from imrllm.grammar.summary.treatments import read_treatments
from tests.grammar.folded import part, values


@pytest.mark.parametrize(
    ("text", "treatments", "reason"),
    [
        ("He has worn a wrist brace at work.", ("wrist brace",), "a device worn"),
        ("She was given a sling, Motrin, and a note.", ("sling", "Motrin"), "things given"),
        ("He was provided with crutches for walking.", ("crutches",), "things provided"),
        ("She completed 18 sessions of PT, 12 sessions of yoga therapy.", ("PT", "yoga therapy"), "sessions"),
        ("He is on lisinopril, metformin and Norco.", ("lisinopril", "metformin", "Norco"), "drugs he is on"),
        (
            "She takes Norco, obscurol, and Soma, and walks.",
            ("Norco", "obscurol", "Soma"),
            "a drug nobody knows between",
        ),
        ("Pain is controlled with Norco 10 mg.", ("Norco",), "what controls it"),
        ("The ache persists despite Norco four times a day.", ("Norco",), "in vain"),
        ("A clinic gave her Norco and Tylenol.", ("Norco", "Tylenol"), "what a clinic gave"),
        ("He is status post hip fusion in 2012.", ("hip fusion",), "status post"),
        ("The worker had a hip arthroscopy on 4/5/14.", ("hip arthroscopy",), "an operation"),
        ("She later had a stimulator placed.", ("stimulator",), "a device placed"),
        ("Her current medication is Norco.", ("Norco",), "the current medication"),
        ("He was changed to Norco and stopped Soma.", ("Norco", "Soma"), "changed and stopped"),
        ("Norco, Soma and Lyrica were renewed.", ("Norco", "Soma", "Lyrica"), "renewed"),
        ("Norco was started on 3/4/14.", ("Norco",), "started"),
        ("Voltaren gel, begun in May, lets him work.", ("Voltaren gel",), "begun"),
        ("He says that Norco reduces the pain.", ("Norco",), "what it does"),
        ("Hip fusion in 2013 brought no lasting relief.", ("Hip fusion",), "an operation in vain"),
        ("Tendon repair and splinting followed.", ("Tendon repair", "splinting"), "what followed"),
        ("Refills of Norco were issued.", ("Norco",), "a refill"),
        ("The plan was discontinuation of Norco, and initiation of Soma.", ("Norco",), "what is stopped was taken"),
        ("The doctor plans to give him Norco.", (), "a plan"),
        ("She requested that Norco was given.", (), "a request"),
        ("Utilization review denied Norco and a brace.", (), "a decision"),
        ("He has not had a brace, and never used Norco.", (), "what was not done"),
        ("She is to use a brace.", (), "what is to be done"),
        ("His urine screen was consistent with Norco.", (), "a test"),
        ("He has had pain since the injection.", (), "a complaint"),
        ("She was on modified work with no use of the hand.", (), "work status"),
        (
            "Treatment: Norco, a wrist brace. He used the wrist brace and Norco daily.",
            ("Norco", "wrist brace"),
            "repeats",
        ),
        ("Diagnoses: status post hip fusion.", (), "an operation inside a diagnosis"),
        ("She was weaned off of Norco and continued on Butrans.", ("Norco", "Butrans"), "weaned"),
        ("The plan is to continue Norco and Soma.", ("Norco", "Soma"), "what is continued was taken"),
        ("She asks for a refill of Norco.", ("Norco",), "what is refilled was taken"),
        (
            "There was a closed reduction and percutaneous pinning of the wrist.",
            ("closed reduction and percutaneous pinning of the wrist",),
            "there was an operation",
        ),
        ("He was noted to be on Norco.", ("Norco",), "what he was noted to be on"),
        ("She is currently in physical therapy.", ("physical therapy",), "what she is in"),
        ("He was provided a splint and instructed on stretching.", ("splint",), "another verb without its subject"),
        ("The pain falls from 8/10 to 5/10 with Norco.", ("Norco",), "what the pain is like with it"),
        ("He had an MRI in May and a hip injection in June.", ("hip injection",), "studies are none"),
        ("The injection gave him 70% relief for three months.", ("injection",), "how much it helped"),
        ("Six yoga therapy visits have helped.", ("yoga therapy",), "counted visits"),
        ("The physician did indicate that therapy has helped.", ("therapy",), "who says so"),
        ("He said so after use of the medication regimen.", (), "medication is no name"),
        ("They ache in spite of a splint, and the wound was closed.", ("splint",), "another verb"),
    ],
)
def test_care_that_a_sentence_states(text: str, treatments: tuple[str, ...], reason: str) -> None:
    assert values(read_treatments(part(text))) == treatments, reason
