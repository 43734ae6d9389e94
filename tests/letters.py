"""Letters built from parts: the form's fixed phrases, and between them sentences of the tests' own."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imrllm.crosscheck import GroundAnswers, Resolved, resolve
from imrllm.grammar import LetterReadings, read_values
from imrllm.letter import LetterParts, read_letter
from imrllm.records import (
    Basis,
    CaseAnswer,
    Citation,
    ClinicalSummary,
    ConflictPolicy,
    InjuredWorker,
    ItemAnswer,
    LetterAnswer,
    NumberedItemAnswer,
    Reviewer,
)
from imrllm.trust import Arbitration

Period = Literal["2013", "2014", "2016"]

# Asks for every field but grounds, in one call for the case and one for each item. Tests that count these calls, or
# whose stand-in answers them, name it: the default prompt asks for less.
FULL_PROMPT = "v5"
# A prompt of the tests' own that asks for all fields of the whole letter in one call.
WHOLE_PROMPT = str(Path(__file__).with_name("prompts") / "whole.md")

HEADER = """Case Number: CM16-9900123 Date Assigned: 12/20/2016
Date of Injury: 03/01/2016 Decision Date: 01/09/2017
Priority: Standard UR Denial Date: 11/28/2016
Application Received: 12/12/2016"""
METHOD = (
    "MAXIMUS Federal Services sent the complete case file to an expert reviewer. He/she has no affiliation with the "
    "employer, employee, providers or the claims administrator."
)
DIGEST = (
    "The expert reviewer developed the following clinical case summary based on a review of the case file, including "
    "all medical records:"
)
DISCLAIMER = (
    "Disclaimer: The following case summary was taken directly from the utilization review denial/modification dated "
    "August 30, 2013."
)
SET_FORTH = "The Final Determination was based on decisions for the disputed items/services set forth below:"
SUMMARY = (
    "The injured worker is a 48 year old male who was hurt at work on 3/1/2016. "
    "He was diagnosed with lumbar radiculopathy and insomnia. "
    "Treatment to date has included home exercise program, chiropractic care and Norco 5/325mg #180 with 4 refills. "
    "He sleeps badly."
)
NO_EVIDENCE = "The Claims Administrator did not cite any medical evidence for its decision."
PAGES = "Decision based on MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 78, 80."


@dataclass(frozen=True)
class Item:
    """One disputed item as it is written; a part that is None is not printed."""

    heading: str
    outcome: str | None = "Upheld"
    administrator: str | None = NO_EVIDENCE
    maximus: str | None = PAGES
    rationale: str | None = "The chart was reread. The request is not medically necessary."

    @property
    def sentence(self) -> str:
        """The outcome as 2013 prints it."""
        negation = "" if self.outcome == "Overturned" else "not "
        return (
            f"MAXIMUS Federal Services, Inc. has determined the request for {self.heading} is {negation}medically "
            "necessary and appropriate."
        )

    @property
    def labelled(self) -> list[str]:
        """The paragraphs below the heading."""
        labels = {
            "Claims Administrator guideline": self.administrator,
            "MAXIMUS guideline": self.maximus,
            "Decision rationale": self.rationale,
        }
        return [f"{label}: {text}" for label, text in labels.items() if text is not None]


@dataclass(frozen=True)
class Layout:
    """How paragraphs become lines."""

    width: int | None = 90
    line: str = "\n"
    gap: str = "\n\n"

    def of(self, paragraphs: Sequence[str]) -> str:
        wrapped = [[piece for line in paragraph.split("\n") for piece in self._lines(line)] for paragraph in paragraphs]
        return self.gap.join(self.line.join(lines) for lines in wrapped) + self.line

    def _lines(self, line: str) -> list[str]:
        if self.width is None or not line:
            return [line]
        return textwrap.wrap(line, self.width, break_long_words=False, break_on_hyphens=False) or [""]


WRAPPED = Layout()
# The layouts that extractors make of one letter.
LAYOUTS = {
    "wrapped": WRAPPED,
    "narrow": Layout(width=46),
    "every newline doubled": Layout(line="\n\n", gap="\n\n \n\n"),
    "carriage returns": Layout(line="\r\n", gap="\r\n\r\n"),
    "spaces at line ends": Layout(line=" \n", gap=" \n \n"),
    "one line a paragraph": Layout(width=None),
    "one line a paragraph, no blank line": Layout(width=None, gap="\n"),
    "one line": Layout(width=None, line=" ", gap=" "),
}


def credentials(period: Period, *, prose: bool | None = None) -> list[str]:
    """The method section, with the reviewer's credentials in prose (2013, early 2014) or in a block of their own."""
    named = (
        "The expert reviewer is Board Certified in Family Medicine, has a subspecialty in Sports Medicine and is "
        "licensed to practice in California, Texas."
    )
    if period == "2013":
        return ["Medical Qualifications of the Expert Reviewer:\n" + named]
    if prose if prose is not None else period == "2014":
        return [f"HOW THE IMR FINAL DETERMINATION WAS MADE\n{METHOD} {named}"]
    return [
        f"HOW THE IMR FINAL DETERMINATION WAS MADE\n{METHOD}",
        (
            "The Expert Reviewer has the following credentials:\nState(s) of Licensure: California, Texas\n"
            "Certification(s)/Specialty: Family Medicine, Sports Medicine"
        ),
    ]


def letter(
    *items: Item,
    period: Period = "2016",
    summary: str = SUMMARY,
    header: bool = True,
    prose: bool | None = None,
    layout: Layout = WRAPPED,
) -> str:
    """A letter of one period.

    Args:
        items: its disputed items.
        period: the form.
        summary: what the case summary says.
        header: whether the header block (2016) or title (2013) is printed.
        prose: whether credentials stand in prose; by the period where None.
        layout: how paragraphs become lines.
    """
    if period == "2013":
        return layout.of(_of_2013(items, summary))
    paragraphs = [HEADER] if header and period == "2016" else []
    paragraphs += credentials(period, prose=prose)
    paragraphs += [f"CLINICAL CASE SUMMARY\n{DIGEST}", summary, f"IMR ISSUES, DECISIONS AND RATIONALES\n{SET_FORTH}"]
    for item in items:
        paragraphs += [item.heading if item.outcome is None else f"{item.heading}: {item.outcome}", *item.labelled]
    return layout.of(paragraphs)


def _of_2013(items: Sequence[Item], summary: str) -> list[str]:
    outcomes = "\n".join(f"{number}) {item.sentence}" for number, item in enumerate(items, 1))
    paragraphs = [
        "Notice of Independent Medical Review Determination\nDated: 9/26/2013",
        outcomes,
        (
            "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE\nAn application for Independent Medical Review was "
            f"filed on 9/6/2013 disputing the Utilization Review Denial dated 8/30/2013.\n{outcomes}"
        ),
        *credentials("2013"),
        f"Case Summary:\n{DISCLAIMER}",
        summary,
        "Documents Reviewed for Determination:\nApplication for Independent Medical Review",
    ]
    for number, item in enumerate(items, 1):
        paragraphs += [f"{number}) Regarding the request for {item.heading}:", *item.labelled]
    return paragraphs


# The three items by which evaluations test their scorer.
NORCO_PLAIN = Item("Norco 10/325mg #45")
NORCO_REFILL = Item(
    "Norco 10/325mg #30 with 1 refill",
    "Overturned",
    administrator="Decision based on MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 91.",
    rationale="Pain and work are both better with it. The request is medically necessary.",
)
ATIVAN = Item(
    "Ativan 1mg #30",
    maximus="Decision based on MTUS Chronic Pain Treatment Guidelines Benzodiazepines Page(s): 24.",
    rationale="This drug is not recommended for long-term use. The request is not medically necessary.",
)
THREE = (NORCO_PLAIN, NORCO_REFILL, ATIVAN)

_OPIOIDS = Citation(
    guideline="MTUS",
    within_mtus=True,
    chapter="Chronic Pain Treatment Guidelines",
    year=None,
    sections=("Opioids",),
    pages=("78", "80"),
)
_NORCO = ItemAnswer(
    treatment="Norco",
    category="medication",
    ingredients=("hydrocodone", "acetaminophen"),
    strengths=("10 mg", "325 mg"),
    quantity=45,
    quantity_unit=None,
    refills=None,
    frequency=None,
    duration=None,
    total_visits=None,
    body_parts=(),
    retrospective=False,
    date_of_service=None,
    claims_administrator=Basis(stance="none_cited", citations=()),
    reviewer_basis=Basis(stance="cited", citations=(_OPIOIDS,)),
    medically_necessary=False,
    grounds=(),
)
RIGHT_CASE = CaseAnswer(
    reviewer=Reviewer(licensed_states=("California", "Texas"), specialties=("Family Medicine", "Sports Medicine")),
    injured_worker=InjuredWorker(age=48, sex="male", injury_date="2016-03-01"),
    clinical_summary=ClinicalSummary(
        diagnoses=("lumbar radiculopathy", "insomnia"),
        treatments_to_date=("home exercise program", "chiropractic care", "Norco"),
        ur_decision_date=None,
    ),
)
# What a model that reads the letter of `THREE` without a mistake answers.
RIGHT_ITEMS = (
    _NORCO,
    _NORCO.model_copy(
        update={
            "quantity": 30.0,
            "refills": 1,
            "claims_administrator": Basis(stance="cited", citations=(_OPIOIDS.model_copy(update={"pages": ("91",)}),)),
            "medically_necessary": True,
        }
    ),
    _NORCO.model_copy(
        update={
            "treatment": "Ativan",
            "ingredients": ("lorazepam",),
            "strengths": ("1 mg",),
            "quantity": 30.0,
            "reviewer_basis": Basis(
                stance="cited",
                citations=(_OPIOIDS.model_copy(update={"sections": ("Benzodiazepines",), "pages": ("24",)}),),
            ),
            "grounds": ("long_term_use",),
        }
    ),
)


def right_letter_answer() -> LetterAnswer:
    """The same, as one answer on the whole letter."""
    items = tuple(
        NumberedItemAnswer(item=number, **{name: getattr(item, name) for name in ItemAnswer.model_fields})
        for number, item in enumerate(RIGHT_ITEMS, 1)
    )
    return LetterAnswer(**{name: getattr(RIGHT_CASE, name) for name in CaseAnswer.model_fields}, disputed_items=items)


@dataclass(frozen=True)
class Read:
    """A letter that was read, ready to be compared."""

    text: str
    parts: LetterParts
    readings: LetterReadings

    def resolve(
        self,
        case: CaseAnswer | None,
        items: Sequence[ItemAnswer | None],
        policy: ConflictPolicy = "repair",
        *,
        asked: bool | frozenset[str] = True,
        grounds: Sequence[GroundAnswers] | None = None,
        arbitration: Arbitration | None = None,
    ) -> Resolved:
        """Settle a model's answers; `asked` is the pointers of what it was asked for, or whether for anything."""
        return resolve(
            "letter",
            self.parts,
            self.readings,
            case,
            items,
            policy,
            grounds=grounds,
            asked=None if asked is True else asked or frozenset(),
            arbitration=arbitration,
        )


def read(text: str) -> Read:
    """Read a letter with the grammar."""
    parts = read_letter(text)
    return Read(text, parts, read_values(parts))


def written(folder: Path, texts: Mapping[str, str]) -> Path:
    """A new folder with a text file for each text, by the file's stem."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder
