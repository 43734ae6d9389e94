"""Stances and citations (record.md: Basis, Citation, and the Rulings on citations)."""

from __future__ import annotations

import pytest

from imrllm.grammar.basis.basis import read_basis
from imrllm.records import Citation, Guideline
from tests.grammar.folded import part, values

CHRONIC = "Chronic Pain Medical Treatment"
OLDER = "Chronic Pain Treatment Guidelines"
WHO = ("The Claims Administrator", "The Expert Reviewer")


def cited_as(guideline: Guideline, chapter: str | None, year: int | None, *lists: tuple[str, ...]) -> Citation:
    sections, pages = lists
    return Citation(
        guideline=guideline,
        within_mtus=guideline == "MTUS",
        chapter=chapter,
        year=year,
        sections=sections,
        pages=pages,
    )


def mtus(
    chapter: str, year: int | None = None, sections: tuple[str, ...] = (), pages: tuple[str, ...] = ()
) -> Citation:
    return cited_as("MTUS", chapter, year, sections, pages)


def odg(chapter: str | None, *sections: str, pages: tuple[str, ...] = ()) -> Citation:
    return cited_as("ODG", chapter, None, sections, pages)


def acoem(chapter: str | None, year: int | None = None, pages: tuple[str, ...] = ()) -> Citation:
    return cited_as("ACOEM", chapter, year, (), pages)


def other(text: str, year: int | None = None) -> Citation:
    return cited_as("other", text, year, (), ())


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    ("sentence", "stance", "reason"),
    [
        ("did not cite any medical evidence for its decision.", "none_cited", "its"),
        ("did not cite any medical evidence for their decision.", "none_cited", "their"),
        (
            "did not base its decision on the MTUS. Decision based on Non-MTUS Citation ODG, Pain.",
            "outside_mtus",
            "its",
        ),
        ("did not base their decision on the MTUS. Decision based on Non-MTUS Citation ODG.", "outside_mtus", "their"),
        (
            (
                "based their decision on recommendation(s) outside of the MTUS Guidelines. Decision based on Non-MTUS "
                "Citation ODG."
            ),
            "outside_mtus",
            "recommendation(s) outside of the MTUS",
        ),
        (
            (
                "based its decision on recommendations outside of the MTUS Guidelines. Decision based on MTUS Low Back "
                "Complaints 2004."
            ),
            "outside_mtus",
            "whatever it then cites",
        ),
    ],
)
def test_stance(who: str, sentence: str, stance: str, reason: str) -> None:
    basis = read_basis(part(f"{who} {sentence}")).basis
    assert basis.value.stance == stance, reason


def test_a_citation_alone_is_cited() -> None:
    basis = read_basis(part("Decision based on MTUS Low Back Complaints 2004.")).basis
    assert basis.value.stance == "cited"


@pytest.mark.parametrize(
    ("cited", "citations", "reason"),
    [
        (f"MTUS {CHRONIC} 2016, Section(s): Opioids.", [mtus(CHRONIC, 2016, ("Opioids",))], "2016"),
        (f"MTUS {OLDER} Benzodiazepines Page(s): 24.", [mtus(OLDER, None, ("Benzodiazepines",), ("24",))], "the topic"),
        (f"MTUS {OLDER} Benzodiazepines.", [mtus(OLDER, None, ("Benzodiazepines",))], "the topic without pages"),
        (f"MTUS {OLDER} Page(s): 75, 78.", [mtus(OLDER, None, (), ("75", "78"))], "two pages"),
        (f"MTUS {OLDER} Page(s): 63-66.", [mtus(OLDER, None, (), ("63-66",))], "a range of pages is one"),
        (f"MTUS {OLDER}, page 24.", [mtus(OLDER, None, (), ("24",))], "page"),
        (f"MTUS {OLDER}, pages 24 and 26.", [mtus(OLDER, None, (), ("24", "26"))], "pages joined by and"),
        (f"MTUS {OLDER}, pg. 24.", [mtus(OLDER, None, (), ("24",))], "pg."),
        (f"MTUS {OLDER}, p. 24.", [mtus(OLDER, None, (), ("24",))], "p."),
        (f"MTUS {OLDER}, pp. 24, 26.", [mtus(OLDER, None, (), ("24", "26"))], "pp."),
        (
            f"MTUS {OLDER} Opioids/Ongoing Management Page(s): 78.",
            [mtus(OLDER, None, ("Opioids/Ongoing Management",), ("78",))],
            "an older topic joined by a slash stays whole",
        ),
        (
            f"MTUS {CHRONIC} 2016, Section(s): Opioids; Weaning of Medications, NSAIDs.",
            [mtus(CHRONIC, 2016, ("Opioids", "Weaning of Medications", "NSAIDs"))],
            "a semicolon separates as a comma does",
        ),
        (
            "MTUS Knee Complaints 2004, Section(s): Initial Care & Summary.",
            [mtus("Knee Complaints", 2004, ("Initial Care & Summary",))],
            "an ampersand does not separate",
        ),
        (
            f"MTUS {CHRONIC} 2016, Section(s): TENS, chronic pain (by skin, by needle), Ultrasound, therapeutic.",
            [mtus(CHRONIC, 2016, ("TENS, chronic pain (by skin, by needle)", "Ultrasound, therapeutic"))],
            "commas in brackets and in entries of the index",
        ),
        (
            "MTUS Low Back Complaints 2004, Section(s): Special Studies, 303.",
            [mtus("Low Back Complaints", 2004, ("Special Studies", "303"))],
            "a number under Section(s) stays a section",
        ),
        (
            "MTUS Forearm, Wrist, and Hand Complaints 2004, Section(s): Initial Care.",
            [mtus("Forearm, Wrist, and Hand Complaints", 2004, ("Initial Care",))],
            "commas and an and of the chapter's name",
        ),
        ("MTUS Elbow Complaints 2007.", [mtus("Elbow Complaints", 2007)], "a chapter alone"),
        (
            f"MTUS Low Back Complaints 2004, Section(s): Special Studies, and {CHRONIC} 2016, Section(s): Opioids.",
            [mtus("Low Back Complaints", 2004, ("Special Studies",)), mtus(CHRONIC, 2016, ("Opioids",))],
            "one citation a chapter",
        ),
        (
            f"MTUS Low Back Complaints 2004 and {CHRONIC} 2016.",
            [mtus("Low Back Complaints", 2004), mtus(CHRONIC, 2016)],
            "chapters joined by and alone",
        ),
        (
            f"MTUS Low Back Complaints Page(s): 303-305, and {OLDER} Physical Medicine Page(s): 98-99.",
            [
                mtus("Low Back Complaints", None, (), ("303-305",)),
                mtus(OLDER, None, ("Physical Medicine",), ("98-99",)),
            ],
            "the older form's chapters, each with its pages",
        ),
        (
            (
                "MTUS Low Back Complaints 2004, Section(s): A. Decision based on MTUS Low Back "
                "Complaints 2004, Section(s): B."
            ),
            [mtus("Low Back Complaints", 2004, ("A",)), mtus("Low Back Complaints", 2004, ("B",))],
            "two sentences citing the same chapter are two",
        ),
        (
            f"MTUS {CHRONIC} 2016, Section(s): Opioids, and Non-MTUS Citation ODG Pain Chapter.",
            [mtus(CHRONIC, 2016, ("Opioids",)), odg("Pain Chapter")],
            "one line cites both",
        ),
        (
            (
                f"MTUS {CHRONIC} 2016, Section(s): Opioids. Decision based on Non-MTUS Citation Official Disability "
                "Guidelines (ODG), Pain, Opioids."
            ),
            [mtus(CHRONIC, 2016, ("Opioids",)), odg("Pain", "Opioids")],
            "two sentences, within and outside",
        ),
        ("Non-MTUS Citation Official Disability Guidelines (ODG).", [odg(None)], "ODG by name alone"),
        ("Non-MTUS Citation Official Disability Guidelines (ODG), Knee & Leg.", [odg("Knee & Leg")], "an ampersand"),
        (
            "Non-MTUS Citation Official Disability Guidelines Low Back, MRI.",
            [odg("Low Back", "MRI")],
            "no abbreviation",
        ),
        ("Non-MTUS Citation Official Disability Guideline, Low Back, MRI.", [odg("Low Back", "MRI")], "one guideline"),
        (
            "Non-MTUS Citation ODG Physical/Occupational Therapy Guidelines: Trigger Finger.",
            [odg("Physical/Occupational Therapy Guidelines", "Trigger Finger")],
            "a slash joins adjectives",
        ),
        ("Non-MTUS Citation ODG EMG/NCS.", [odg(None, "EMG/NCS")], "a slash joins abbreviations"),
        ("Non-MTUS Citation ODG Neck/Upper Back, Manipulation.", [odg("Neck/Upper Back", "Manipulation")], "for and"),
        (
            "Non-MTUS Citation ODG Web Version, Neck and Upper Back, Massage.",
            [odg("Neck and Upper Back", "Massage")],
            "a publication is no chapter",
        ),
        (
            "Non-MTUS Citation Official Disability Guidelines online, Pain Chapter, Opioids.",
            [odg("Pain Chapter", "Opioids")],
            "online",
        ),
        ("Non-MTUS Citation ODG (Web Version) Low Back Chapter.", [odg("Low Back Chapter")], "in brackets"),
        (
            "Non-MTUS Citation ODG Chapter: Low Back (Acute & Chronic) 12/20/2016 CT.",
            [odg("Low Back (Acute & Chronic)", "CT")],
            "the date of an update",
        ),
        (
            "Non-MTUS Citation ODG, Shoulder Chapter, Hand Chapter, Physical therapy.",
            [odg("Shoulder Chapter"), odg("Hand Chapter", "Physical therapy")],
            "two chapters before one section",
        ),
        (
            "Non-MTUS Citation ODG, Knee & Leg, Low Back, Section(s): Aquatic therapy.",
            [odg("Knee & Leg"), odg("Low Back", "Aquatic therapy")],
            "with a label",
        ),
        (
            "Non-MTUS Citation ODG, Pain Chapter, Wound Chapter, Closure.",
            [odg("Pain Chapter"), odg("Wound Chapter", "Closure")],
            "a chapter that is not listed",
        ),
        ("Non-MTUS Citation ODG Low Back/MRI.", [odg("Low Back", "MRI")], "X/Y"),
        ("Non-MTUS Citation ODG: Low Back, MRI.", [odg("Low Back", "MRI")], "a colon after the name"),
        ("Non-MTUS Citation ODG Pain - Opioids.", [odg("Pain", "Opioids")], "X - Y splits like X, Y"),
        ("Non-MTUS Citation ODG-TWC, Low Back, MRI.", [odg("Low Back", "MRI")], "with its publisher's abbreviation"),
        (
            "Non-MTUS Citation Official Disability Guidelines, Treatment in Workers' Compensation, Low Back, MRI.",
            [odg("Low Back", "MRI")],
            "with its title",
        ),
        ("Non-MTUS Citation ODG Low Back Chapter: MRI.", [odg("Low Back Chapter", "MRI")], "the word chapter stays"),
        ("Non-MTUS Citation ODG, Benzodiazepines.", [odg(None, "Benzodiazepines")], "a topic without a chapter"),
        (
            "Non-MTUS Citation ODG Physical Therapy Guidelines.",
            [odg(None, "Physical Therapy Guidelines")],
            "a topic that says guidelines",
        ),
        (
            "Non-MTUS Citation Official Disability Guidelines, Pain (Chronic) (updated 12/12/16), Zolpidem.",
            [odg("Pain (Chronic)", "Zolpidem")],
            "an update's date is left out, and is no year",
        ),
        (
            "Non-MTUS Citation ODG, Low Back, Lumbar & Thoracic (Acute & Chronic), MRIs (magnetic resonance imaging).",
            [odg("Low Back, Lumbar & Thoracic (Acute & Chronic)", "MRIs (magnetic resonance imaging)")],
            "one name of a chapter",
        ),
        (
            "Non-MTUS Citation ODG, Pain (Online version), Opioids.",
            [odg("Pain (Online version)", "Opioids")],
            "(Online version) stays",
        ),
        ("Non-MTUS Citation ODG, Pain Chapter, pages 12 and 14.", [odg("Pain Chapter", pages=("12", "14"))], "pages"),
        (
            "Non-MTUS Citation ODG Neck & Upper Back, MRI; ODG Low Back, MRI.",
            [odg("Neck & Upper Back", "MRI"), odg("Low Back", "MRI")],
            "named twice",
        ),
        ("Non-MTUS Citation ACOEM, Chapter 7, pg. 132-139.", [acoem("Chapter 7", pages=("132-139",))], "ACOEM"),
        (
            (
                "Non-MTUS Citation American College of Occupational and Environmental Medicine (ACOEM), 2nd Edition, "
                "(2004) Chapter 7, page 127."
            ),
            [acoem("Chapter 7", 2004, ("127",))],
            "ACOEM written out, its edition's year",
        ),
        (
            "Non-MTUS Citation ODG, Knee and Leg Chapter, pg. 12 and ACOEM, Chapter 13.",
            [odg("Knee and Leg Chapter", pages=("12",)), acoem("Chapter 13")],
            "two guidelines, each with its own",
        ),
        (
            (
                "Non-MTUS Citation Other Medical Treatment Guideline or Medical Evidence: A Treatise on "
                "Knees, 3rd ed., 2010."
            ),
            [other("A Treatise on Knees, 3rd ed., 2010", 2010)],
            "other holds the whole text; its label is left out",
        ),
        (
            "Non-MTUS Citation www.example.org/pro/omeprazole.html.",
            [other("www.example.org/pro/omeprazole.html")],
            "a web address",
        ),
    ],
)
def test_citations(cited: str, citations: list[Citation], reason: str) -> None:
    read = read_basis(part(f"Decision based on {cited}"))
    basis, readings = read.basis, read.citations
    assert list(basis.value.citations) == citations, reason
    assert list(values(readings)) == citations, reason


@pytest.mark.parametrize(
    ("cited", "citations", "reason"),
    [
        (
            "MTUS ACOEM Practice Guidelines, Chapter 7 Independent Medical Examinations and Consultations, page 127.",
            [mtus("Chapter 7 Independent Medical Examinations and Consultations", pages=("127",))],
            "the work's name goes, the chapter's number stays",
        ),
        (
            "MTUS ACOEM Practice Guidelines, Chapter 12 (Low Back Complaints) page 303.",
            [mtus("Chapter 12 (Low Back Complaints)", pages=("303",))],
            "the bracket closes the name",
        ),
        ("MTUS Chronic Pain Treatment Guidelines Page(s): 64 of 127.", [mtus(OLDER, pages=("64",))], "pages in all"),
        (
            "Non-MTUS Citation ODG, Treatment Index, 11th Edition (web), 2013, Knee & Leg Chapter, Braces.",
            [cited_as("ODG", "Knee & Leg Chapter", 2013, ("Braces",), ())],
            "which printing of ODG it is",
        ),
        (
            "Non-MTUS Citation ODG, Head (trauma, headaches, etc., not including stress & mental disorders), MRI.",
            [
                cited_as(
                    "ODG",
                    "Head (trauma, headaches, etc., not including stress & mental disorders)",
                    None,
                    ("MRI",),
                    (),
                )
            ],
            "a title with commas in brackets",
        ),
        (
            "MTUS Low Back Complaints 2004. It relied on the ODG, Pain Chapter, Opioids.",
            [mtus("Low Back Complaints", 2004), cited_as("ODG", "Pain Chapter", None, ("Opioids",), ())],
            "another sentence's words for it",
        ),
        (
            "Non-MTUS Citation ACOEM, 3rd Edition, Hand, Wrist, and Forearm Disorders.",
            [cited_as("ACOEM", "Hand, Wrist, and Forearm Disorders", None, (), ())],
            "commas of a chapter's name",
        ),
        (
            "Non-MTUS Citation ODG Mental/Stress, Insomnia.",
            [cited_as("ODG", "Mental/Stress", None, ("Insomnia",), ())],
            "a slash of the chapter's own name",
        ),
        (
            "Non-MTUS Citation ACOEM Guidelines, 2nd Edition, 2008 Revised, pages 181-183.",
            [cited_as("ACOEM", None, 2008, (), ("181-183",))],
            "a revision is no chapter",
        ),
        (
            "Non-MTUS Citation ODG, Neck - Traction Harris J. Occupational Medicine Practice Guidelines (2004) p 181",
            [
                cited_as("ODG", "Neck", None, ("Traction",), ()),
                cited_as(
                    "other", "Harris J. Occupational Medicine Practice Guidelines (2004) p 181", 2004, (), ("181",)
                ),
            ],
            "a work named by its editor opens a citation",
        ),
    ],
)
def test_citations_of_older_letters(cited: str, citations: list[Citation], reason: str) -> None:
    basis = read_basis(part(f"Decision based on {cited}")).basis
    assert list(basis.value.citations) == citations, reason


def test_the_sentence_of_2013() -> None:
    basis = read_basis(
        part(f"The Claims Administrator based its decision on the {OLDER}, page 24, which is part of the MTUS.")
    ).basis
    assert basis.value.citations == (mtus(OLDER, None, (), ("24",)),)


def test_each_citation_stands_where_its_span_says() -> None:
    text = (
        "Decision based on MTUS Low Back Complaints 2004, Section(s): Special Studies. Decision based on Non-MTUS "
        "Citation ODG, Pain Chapter, pages 12 and 14."
    )
    read = part(text)
    readings = read_basis(read).citations
    assert [read.text[slice(*reading.span)] for reading in readings] == [
        "Low Back Complaints 2004, Section(s): Special Studies",
        "ODG, Pain Chapter, pages 12 and 14",
    ]
