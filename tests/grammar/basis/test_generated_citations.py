"""Paragraphs as letters of 2018 to 2023 may print them, drawn with a seed from the facts: read whole, but for slips.

Each joins one to five chapters of the old and the new MTUS, with years, labels, sections and joints in every way that
is known or likely, and may go on with ODG or ACOEM. At first 886 of 1,000 with plain names were read right.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.basis.known_chapters import KNOWN_CHAPTERS
from tests.grammar.folded import part

Cited = tuple[str, bool, str | None, int | None, tuple[str, ...]]
# Some are called as chapters are, or open as they do.
SECTIONS = (
    "Magnetic Resonance Imaging", "Opioids", "Chronic Pain", "Physical Therapy", "NSAIDs", "Low Back", "Exercise",
    "Epidural Steroid Injections (ESIs)", "Topical Analgesics", "Prevention", "Eye", "Knee", "Functional Restoration",
    "Surgery for Disc Herniation", "Acute Pain", "Initial Assessment", "Spine", "Return to Work",
    "Depressive Disorders", "Table 2", "Cornerstones", "Shoulder Pain", "Sleep",
    "Initial Approaches to Treatment", "Low Back Complaints",
)  # fmt: skip
FILLS = ("Exempt", "Non-Exempt", "Special Fill", "Perioperative Fill")
YEARS = (" {}", " {}", " {}", " ({})", ", {}")
LABELS = (", Section(s): ",) * 4 + (", Section: ", " Section(s): ", ", Sections: ", ", Topic(s): ")
JOINTS = (", and ",) * 3 + (", ", "; ", " and ", ". Decision based on MTUS ", ", and MTUS ")
OUTSIDE: tuple[tuple[str, Cited], ...] = (
    ("Official Disability Guidelines (ODG), Low Back, MRI", ("ODG", False, "Low Back", None, ("MRI",))),
    ("ACOEM Knee Disorders (2019), Braces", ("ACOEM", False, "Knee Disorders", 2019, ("Braces",))),
)


def slipped(drawn: random.Random, name: str) -> str:
    """A name with one letter lost, doubled in, changed or swapped, but not its first."""
    at = drawn.choice([index for index, letter in enumerate(name) if letter.isalpha() and index])
    return drawn.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + drawn.choice("aeirst") + name[at:],
            name[:at] + drawn.choice("bdgkmo") + name[at + 1 :],
            name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
        )
    )


def shortened(_drawn: random.Random, name: str) -> str:
    keeps = ":" in name or name.startswith(("Depressive", "Anxiety"))
    return name if keeps else name.replace(" Disorders", "").replace(" Complaints", "")


VARIATIONS: dict[str, Callable[[random.Random, str], str]] = {
    "plain": lambda _drawn, name: name,
    "ampersand": lambda _drawn, name: name.replace(", and ", " & ").replace(" and ", " & "),
    "one comma less": lambda _drawn, name: name.replace(", and", " and"),
    "singular": lambda _drawn, name: name.removesuffix("s"),
    "small letters": lambda _drawn, name: name.lower(),
    "capitals": lambda _drawn, name: name.upper(),
    "a lost word": shortened,
}


def paragraph(drawn: random.Random, vary: Callable[[random.Random, str], str]) -> tuple[str, list[Cited]]:
    text = ""
    cited: list[Cited] = []
    for number in range(drawn.randint(1, 5)):
        chapter = drawn.choice(KNOWN_CHAPTERS)
        text += drawn.choice(JOINTS) if number else "Decision based on MTUS "
        if chapter.subject == "drug formulary":
            name = drawn.choice(("Drug Formulary", "Drug List"))
            fills = drawn.sample(FILLS, drawn.choice((1, 1, 2)))
            text += name + drawn.choice((", ", ": ", " - ")) + ", ".join(fills)
            cited.append(("MTUS", True, name, None, tuple(fills)))
            continue
        name, year = vary(drawn, chapter.name), drawn.choice(sorted(chapter.years))
        sections = drawn.sample(SECTIONS, drawn.choice((0, 1, 1, 2, 3)))
        text += name + drawn.choice(YEARS).format(year)
        if sections:
            text += drawn.choice(LABELS) + drawn.choice((", ", "; ")).join(sections)
        cited.append(("MTUS", True, name, year, tuple(sections)))
    if drawn.random() < 0.4:
        words, citation = drawn.choice(OUTSIDE)
        text += drawn.choice((", and ", ". Decision based on ")) + f"Non-MTUS Citation {words}"
        cited.append(citation)
    return f"{text}.", cited


# How ACOEM may be named before a chapter, with its publisher or without.
NAMED = (
    "ACOEM ", "ACOEM, ", "ACOEM Guidelines: ", "ACOEM Practice Guidelines, ", "ACOEM's Practice Guidelines, ",
    "ACOEM Practice Guidelines, 3rd Edition, ", "ACOEM Occupational Medicine Practice Guidelines, 3rd ed., ",
    "American College of Occupational and Environmental Medicine (ACOEM) ", "ACOEM (MDGuidelines), ",
    "American College of Occupational and Environmental Medicine (ACOEM) Practice Guidelines, ", "ACOEM/MDGuidelines ",
    "MDGuidelines, ACOEM ", "MDGuidelines (www.mdguidelines.com), ACOEM ", "MDGuidelines: ", "the ACOEM Guidelines, ",
    "Reed Group, MDGuidelines, ACOEM ",
)  # fmt: skip


def read(text: str) -> list[Cited]:
    citations = read_basis(part(text)).basis.value.citations
    return [(each.guideline, each.within_mtus, each.chapter, each.year, each.sections) for each in citations]


@pytest.mark.parametrize("variation", VARIATIONS)
def test_every_paragraph_is_read_whole(variation: str) -> None:
    drawn = random.Random(15)
    for _ in range(400):
        text, cited = paragraph(drawn, VARIATIONS[variation])
        assert read(text) == cited, text


def test_nearly_every_paragraph_is_read_whole_where_each_name_has_a_slip() -> None:
    drawn = random.Random(15)
    drafts = [paragraph(drawn, slipped) for _ in range(400)]
    # What is left are names of three letters ("Eye") that are another word with a slip.
    assert sum(read(text) == cited for text, cited in drafts) >= 390


def test_acoem_is_read_under_each_of_its_names() -> None:
    drawn = random.Random(15)
    chapters = [known for known in KNOWN_CHAPTERS if max(known.years, default=0) >= 2011]
    for _ in range(400):
        chapter = drawn.choice(chapters)
        name = chapter.name if "Guideline" in chapter.name else chapter.name + drawn.choice(("", "", " Guideline"))
        year = drawn.choice(sorted(chapter.years))
        sections = drawn.sample(("Massage", "NSAIDs", "Opioids", "Return to Work"), drawn.choice((0, 1, 2)))
        text = f"Decision based on Non-MTUS Citation {drawn.choice(NAMED)}{name}"
        text += drawn.choice((" ({})", " {}", ", {}", " (May 15, {})")).format(year)
        if sections:
            text += drawn.choice((", ", ": ", ", Section(s): ")) + ", ".join(sections)
        cited: list[Cited] = [("ACOEM", False, name, year, tuple(sections))]
        if drawn.random() < 0.4:
            text += drawn.choice(("; ", ", and ", ". ")) + "ODG by MCG, Low Back, MRI"
            cited.append(OUTSIDE[0][1])
        assert read(f"{text}.") == cited, text
