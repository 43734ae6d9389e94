"""Letters in forms that no file of this program knows, with the quotes that a model which reads well gives of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imrllm.folding import Folded
from imrllm.grammar import Part
from imrllm.grammar.rationale.conclusions import read_conclusion
from imrllm.letter import LetterParts
from imrllm.letter.quote_finding import Quote, QuotedItem, QuotedWindow
from imrllm.letter.quotes import read_quotes
from imrllm.spans import FoldedSpan

CREDENTIALS = "The physician who read this file is certified in Family Medicine and holds a license in Nevada."
SUMMARY = (
    "The applicant is a 51 year old female who fell from a ladder on 4/2/2015.\n"
    "She was told that she has lumbar radiculopathy and a knee sprain.\n"
    "Care so far has been ibuprofen, home exercise and six visits of acupuncture."
)


@dataclass(frozen=True)
class Drifted:
    """One disputed item of a drifted letter."""

    heading: str
    outcome: str
    rationale: str
    administrator: str = "Decision based on MTUS Chronic Pain Treatment Guidelines Opioids Page(s): 78."
    reviewer: str = "Decision based on Non-MTUS Official Disability Guidelines (ODG), Pain Chapter."

    @property
    def quoted(self) -> QuotedItem:
        """Its quotes, as a model that reads well gives them."""
        return QuotedItem(
            quote(self.heading),
            self.outcome,
            quote(self.administrator),
            quote(self.reviewer),
            quote(self.rationale),
        )


NORCO = Drifted(
    "Norco 10/325mg #60 with 2 refills",
    "Denial affirmed",
    "Pain scores did not change over four months of use.\nThe drug was to be tapered. The request is not medically "
    "necessary.",
)
MRI = Drifted(
    "MRI of the lumbar spine without contrast",
    "Denial reversed",
    "Weakness of the left foot is new and was measured twice.\nThe criteria are met, so the request is medically "
    "necessary.",
)
GYM = Drifted(
    "Gym membership for 6 months",
    "Denial affirmed",
    "No plan of exercise under supervision is on file.\nThe request is not medically necessary.",
)
THREE = (NORCO, MRI, GYM)


def quote(text: str, words: int = 5) -> Quote:
    """The first and last words of a text."""
    split = text.split()
    return Quote(" ".join(split[:words]), " ".join(split[-words:]))


def paragraphs(items: Sequence[Drifted] = THREE) -> str:
    """A form with its own headings and labels, each item's parts in paragraphs."""
    printed = "\n\n".join(
        f"Disputed service {number}:\n{item.heading}\n\nOutcome of this review: {item.outcome}\n\n"
        f"Guidelines named by the carrier: {item.administrator}\n\nGuidelines of our reviewer: {item.reviewer}\n\n"
        f"Why we decided so: {item.rationale}"
        for number, item in enumerate(items, 1)
    )
    return (
        f"Notice of outcome\nCase Number: CM19-0001234\n\nWho reviewed the file\n{CREDENTIALS}\n\n"
        f"What happened\n{SUMMARY}\n\nThe services at issue\n\n{printed}\n\nThis ends the notice.\n"
    )


def table(items: Sequence[Drifted] = THREE) -> str:
    """A form that prints headings and outcomes in a table first, and the arguments after it."""
    rows = "\n".join(f"{number} | {item.heading} | {item.outcome}" for number, item in enumerate(items, 1))
    argued = "\n\n".join(
        f"{item.heading}\n\nUR criteria: {item.administrator}\n\nIMR criteria: {item.reviewer}\n\n"
        f"Discussion: {item.rationale}"
        for item in items
    )
    return f"{CREDENTIALS}\n\n{SUMMARY}\n\nNo. | Service | Result\n{rows}\n\nReasons\n\n{argued}\n"


def outcome_last(items: Sequence[Drifted] = THREE) -> str:
    """A form that ends each item with its outcome, and prints the summary after the items."""
    printed = "\n\n".join(
        f"{number}. {item.heading}\nBasis of the denial: {item.administrator}\nBasis of this decision: "
        f"{item.reviewer}\nAnalysis: {item.rationale}\nResult: {item.outcome}"
        for number, item in enumerate(items, 1)
    )
    return f"{CREDENTIALS}\n\n{printed}\n\nBackground\n\n{SUMMARY}\n"


def one_line(items: Sequence[Drifted] = THREE) -> str:
    """The first form without any line break."""
    return " ".join(paragraphs(items).split())


def sentences(items: Sequence[Drifted] = THREE) -> str:
    """A form whose outcomes are sentences."""
    printed = "\n\n".join(
        f"Request: {item.heading}\n\nThe request is {'not ' if 'affirmed' in item.outcome else ''}medically necessary."
        f"\n\nCarrier: {item.administrator}\n\nReviewer: {item.reviewer}\n\nReasons: {item.rationale}"
        for item in items
    )
    return f"{CREDENTIALS}\n\n{SUMMARY}\n\n{printed}\n"


def outcome_first(items: Sequence[Drifted] = THREE) -> str:
    """A form that prints the outcome before the treatment, on its line."""
    printed = "\n\n".join(
        f"{item.outcome}: {item.heading}\n\nCarrier: {item.administrator}\n\nReviewer: {item.reviewer}\n\n"
        f"Reasons: {item.rationale}"
        for item in items
    )
    return f"{CREDENTIALS}\n\n{SUMMARY}\n\n{printed}\n"


FORMS = {form.__name__: form for form in (paragraphs, table, outcome_last, one_line, sentences, outcome_first)}


def window(text: str, items: Sequence[QuotedItem], start: int = 0, end: int | None = None) -> QuotedWindow:
    """The quotes of one stretch of a letter, with those of its sections."""
    return QuotedWindow(
        start,
        len(text) if end is None else end,
        {"credentials": quote(CREDENTIALS), "summary": quote(SUMMARY)},
        tuple(items),
    )


def conclude(folded: Folded, span: FoldedSpan) -> tuple[bool, FoldedSpan] | None:
    """The conclusion of a rationale, as the grammar reads it."""
    found = read_conclusion(Part.of(folded, span))
    return (found.value, found.span) if found else None


def read(text: str, items: Sequence[QuotedItem]) -> LetterParts:
    """A letter's parts by the quotes of its items."""
    return read_quotes(text, [window(text, items)], conclude)


def items_of(parts: LetterParts) -> list[tuple[str | None, str]]:
    """The headings and decisions of a letter."""
    return [(parts.printed(item.heading), item.decision) for item in parts.items]


def with_outcome(item: QuotedItem, outcome: str | None) -> QuotedItem:
    """An item whose outcome is quoted in other words."""
    return replace(item, outcome=outcome)
