"""Citations in the sentences of a rationale."""

from __future__ import annotations

import time

import pytest

from imrllm.grammar.rationale.prose_citations import read_prose_citations
from tests.grammar.folded import part

Cited = tuple[str, str | None, int | None, tuple[str, ...]]


def cited(text: str) -> list[Cited]:
    return [
        (each.value.guideline, each.value.chapter, each.value.year, each.value.pages)
        for each in read_prose_citations(part(text))
    ]


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        ("The MTUS recommends it.", [("MTUS", None, None, ())], "a name alone"),
        ("Per the California MTUS, page 24 of 127, it is.", [("MTUS", None, None, ("24",))], "with its page"),
        (
            "The Chronic Pain Medical Treatment Guidelines (2009), pages 78-80, require a review.",
            [("MTUS", "Chronic Pain Medical Treatment Guidelines", 2009, ("78-80",))],
            "a chapter by its own name, year and pages",
        ),
        (
            "MTUS Chronic Pain Medical Treatment Guidelines state this. The MTUS also says that.",
            [("MTUS", "Chronic Pain Medical Treatment Guidelines", None, ())],
            "once, by its chapter",
        ),
        (
            "The MTUS/ACOEM Low Back Complaints chapter says so.",
            [("MTUS", "Low Back Complaints", None, ())],
            "ACOEM's chapter in the MTUS",
        ),
        ("ACOEM Low Back Complaints say so.", [("ACOEM", "Low Back Complaints", None, ())], "ACOEM's by itself"),
        (
            "The Knee Complaints chapter of ACOEM (2004) says so.",
            [("ACOEM", "Knee Complaints", 2004, ())],
            "the guideline after its chapter",
        ),
        ("Patients with knee disorders and low back complaints improve.", [], "conditions, not chapters"),
        ("The ODG Pain Chapter lists it.", [("ODG", "Pain Chapter", None, ())], "ODG with a chapter"),
        (
            "ODG, Knee & Leg (Acute & Chronic), says so.",
            [("ODG", "Knee & Leg (Acute & Chronic)", None, ())],
            "its suffix",
        ),
        ("The Low Back chapter of the ODG lists it.", [("ODG", "Low Back chapter", None, ())], "the chapter first"),
        ("ODG lumbar criteria are met.", [("ODG", None, None, ())], "an adjective is no chapter"),
        ("MTUS is silent on this. The ODG recommends it.", [("ODG", None, None, ())], "silence is no citation"),
        ("MTUS does not specifically address saunas.", [], "nor is what is not addressed"),
        ("This is not addressed in the MTUS.", [], "in the passive too"),
        ("The claims administrator cited the ODG. It is not needed.", [], "the other side's"),
        (
            "The American College of Rheumatology (ACR) guidelines and UpToDate support it.",
            [
                ("other", "American College of Rheumatology (ACR) guidelines", None, ()),
                ("other", "UpToDate", None, ()),
            ],
            "bodies and collections",
        ),
        (
            "The Society of Example Surgeons endorses it.",
            [("other", "Society of Example Surgeons", None, ())],
            "a body",
        ),
        ("A trial found no effect (Marlow et al., 2013).", [("other", "Marlow et al., 2013", 2013, ())], "a reference"),
        ("MTUS says that it helps. (Marlow, 2007)", [("MTUS", None, None, ())], "a guideline's own reference"),
        ("He works at a college and is in no network.", [], "common words"),
    ],
)
def test_citations(text: str, expected: list[Cited], reason: str) -> None:
    assert cited(text) == expected, reason


def test_a_citation_has_the_place_of_its_words() -> None:
    text = "He is 40. The ODG Pain Chapter, page 7, lists it."
    (reading,) = read_prose_citations(part(text))
    assert text[slice(*reading.span)] == "ODG Pain Chapter, page 7"


def test_a_topic_between_chapter_and_verb_is_a_section() -> None:
    (reading,) = read_prose_citations(part("ODG, Pain Chapter, Proton Pump Inhibitors, states that they help."))
    assert reading.value.sections == ("Proton Pump Inhibitors",)


def test_a_labeled_section() -> None:
    text = "Per the MTUS Low Back Complaints 2004, Section(s): Initial Care, page 300, heat is an option."
    (reading,) = read_prose_citations(part(text))
    assert (reading.value.year, reading.value.sections, reading.value.pages) == (2004, ("Initial Care",), ("300",))
    assert text[slice(*reading.span)].endswith("page 300")


@pytest.mark.parametrize("piece", ["MTUS ", "ODG, ", "American ", "(Smith, ", "ACOEM Chapter 1 ", "Chapter of the "])
def test_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        text = part(piece * count)
        took = []
        for _ in range(3):
            # Other work on the machine does not count.
            start = time.process_time()
            read_prose_citations(text)
            took.append(time.process_time() - start)
        return min(took)

    assert seconds(4000) < 50 * max(seconds(400), 0.005)
