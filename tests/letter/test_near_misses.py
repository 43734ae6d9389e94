"""Headings, labels and outcome words that are nearly a form's own: found in their places, and never in prose."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from imrllm.folding import fold
from imrllm.letter.label_words import Role, meaning
from imrllm.letter.layout import is_cut, paragraph_gaps, without_footers
from imrllm.letter.near_misses import NearMiss, Phrase, lines_of, near_misses
from imrllm.letter.placing import Found, Sought, placed
from imrllm.letter.repairing import Repaired, repaired
from imrllm.spans import FoldedSpan
from tests.letter.slips import KINDS, OUTCOMES, PHRASES, with_slips
from tests.letters import LAYOUTS, NORCO_PLAIN, THREE, Item, Layout, letter

ROLES: dict[Role, tuple[str, ...]] = {
    "method": ("HOW THE IMR FINAL DETERMINATION WAS MADE",),
    "credentials": (
        "The Expert Reviewer has the following credentials:",
        "Medical Qualifications of the Expert Reviewer:",
    ),
    "summary": ("CLINICAL CASE SUMMARY", "Case Summary:"),
    "documents": ("Documents Reviewed for Determination:",),
    "decisions": ("IMR ISSUES, DECISIONS AND RATIONALES",),
    "claims_administrator": ("Claims Administrator guideline:",),
    "reviewer": ("MAXIMUS guideline:",),
    "rationale": ("Decision rationale:",),
}
FORM = tuple(Phrase(text, role) for role, texts in ROLES.items() for text in texts)
SOUGHT = Sought(
    sections=("method", "credentials", "summary", "documents", "decisions"),
    labels=("claims_administrator", "reviewer", "rationale"),
    phrases=FORM,
    outcomes=(Phrase(": Upheld", "outcome", "upheld"), Phrase(": Overturned", "outcome", "overturned")),
)
EXACT = {
    role: re.compile("|".join(rf"{re.escape(text.rstrip(':'))}" + r"\s?:\s?" * text.endswith(":") for text in texts))
    for role, texts in ROLES.items()
}
OUTCOME = re.compile(r"\s?:\s?(?:Upheld|Overturned)\b[\s.]{0,3}(?:\d{1,3}\s)?(?=Claims A|MAXIMUS g|Decision r)")
NUMBERED = re.compile(r"\d{1,2}\) Regarding the request for ")
SHIPPED = sorted(Path("evals").glob("w*/letters/*.txt"))


def near(text: str) -> tuple[str, tuple[NearMiss, ...]]:
    """The folded text and what stands for the phrases of the form."""
    text = without_footers(text)
    folded = fold(text)
    line = folded.text
    known = [Found(role, FoldedSpan(found.span())) for role, exact in EXACT.items() for found in exact.finditer(line)]
    known += [Found("outcome", FoldedSpan(found.span())) for found in OUTCOME.finditer(line)]
    known += [Found("issue", FoldedSpan(found.span())) for found in NUMBERED.finditer(line)]
    known = sorted((found for found in known if not is_cut(line, *found.span)), key=lambda found: found.span)
    lines = lines_of(text, folded, paragraph_gaps(text, folded))
    candidates = near_misses(line, lines, FORM, taken=[found.span for found in known])
    return line, placed(line, lines, SOUGHT, candidates, known).near


def words(line: str) -> str:
    """Without what a repair may change: white space, an outcome's own label, a full stop or page number after it."""
    line = re.sub(r"[\s:]*\b(?:Decision|Outcome)(?=: (?:Upheld|Overturned)\b)", "", line, flags=re.IGNORECASE)
    return "".join(re.sub(r"(Upheld|Overturned)\s?\.?(?:\s\d{1,3}(?=\s))?", r"\1", line).split())


def one(text: str) -> tuple[Role, str] | None:
    """The only near miss of a paragraph between two others."""
    text = f"The file holds no later note.\n\n{text}\n\nThe next paragraph."
    folded = fold(text)
    found = near_misses(folded.text, lines_of(text, folded, paragraph_gaps(text, folded)), FORM)
    return (found[0].phrase.role, folded.text[slice(*found[0].span)].strip()) if len(found) == 1 else None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_letter_that_prints_a_form_exactly_has_no_near_miss(path: Path) -> None:
    line, found = near(path.read_text(encoding="utf-8"))
    assert [line[slice(*each.span)] for each in found] == []


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_prose_that_mentions_the_words_is_no_heading(layout: Layout) -> None:
    summary = (
        "He was hurt at work. The clinical case summary of the insurer and a case history were sent. Claims "
        "Administrator guidelines were not met, said the UR reviewer. The decision rationale was short: he has pain. "
        "Upheld was the first review. The reviewer's rationale and the expert reviewer's credentials were asked for. "
        "Decision: the request stays denied. Reviewer guidelines differ."
    )
    argued = Item(
        "Norco 5/325mg #30",
        rationale=f"{summary} MAXIMUS guidelines and criteria of the claims administrator agree. It is not upheld. The "
        "documents reviewed say how the determination was made. The request is not medically necessary.",
    )
    line, found = near(letter(argued, NORCO_PLAIN, summary=summary, layout=layout))
    assert [line[slice(*each.span)] for each in found] == []
    # With one label damaged, only that is found.
    line, found = near(
        letter(argued, NORCO_PLAIN, summary=summary, layout=layout).replace(
            "MAXIMUS guideline:", "MAX1MUS guidline:", 1
        )
    )
    assert [line[slice(*each.span)].strip() for each in found] == ["MAX1MUS guidline:"]


@pytest.mark.parametrize("kind", KINDS)
def test_slips_are_repaired(kind: str) -> None:
    total = right = 0
    for path in SHIPPED:
        text = path.read_text(encoding="utf-8")
        for share in (1.0, 0.4):
            changed, count = with_slips(text, kind, seed=total, share=share)
            if count == 0:
                continue
            line, found = near(changed)
            total += 1
            right += words(repaired(line, found).line).lower() == words(fold(without_footers(text)).text).lower()
    assert total > 40
    assert right / total >= 0.95, f"{right} of {total}"


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("kind", ["one letter", "ocr", "spaces", "other mark"])
def test_slips_in_every_layout(kind: str, layout: Layout) -> None:
    text = letter(*THREE, layout=layout)
    for seed in range(5):
        changed, count = with_slips(text, kind, seed)
        line, found = near(changed)
        assert count
        assert words(repaired(line, found).line) == words(fold(text).text), seed


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("H0W THE lMR FINAL DETERMlNATION WAS MADE", "method"),
        ("How the IMR final determination was made", "method"),
        ("CLINICAL CASE SUMARY", "summary"),
        ("CLlNlCALCASE SUMMARY", "summary"),
        ("3. CLINICAL  CASE SUMMARYS", "summary"),
        ("MAXlMUS guideline:", "reviewer"),
        ("MAXIMUS Guidelines", "reviewer"),
        ("- MAXIMUS guideline:", "reviewer"),
        ("Decision rationaIe;", "rationale"),
        ("Clairns Adrninistrator guideline:", "claims_administrator"),
        ("IMR ISSUES, DEClSIONS & RATIONALES", "decisions"),
    ],
)
def test_near_in_letters(printed: str, role: Role) -> None:
    assert one(f"{printed}\n\nIt says more.") == (role, re.sub(r"^(?:3\. |- )", "", " ".join(printed.split())))


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("Reviewer's guideline", "reviewer"),
        ("Guidelines used by the expert reviewer", "reviewer"),
        ("IMR criteria", "reviewer"),
        ("UR criteria", "claims_administrator"),
        ("Authority cited by the claims administrator", "claims_administrator"),
        ("Insurer's basis", "claims_administrator"),
        ("Reason for the decision", "rationale"),
        ("Independent reviewer's rationale", "rationale"),
        ("Analysis", "rationale"),
        ("Case history", "summary"),
        ("Qualifications of the reviewer", "credentials"),
        ("Issues and Determinations", "decisions"),
        ("How the determination was reached", "method"),
        ("Records reviewed", "documents"),
        ("Decision and rationale", None),  # the section of all items, or the paragraph of one
        ("Guidelines", None),  # whose?
        ("Past medical history", None),
        ("Reviewer", None),
        ("Claims administrator's rationale", None),
        ("Reason for the visit", None),
        ("The reviewer's rationale was short", None),
        ("Review of 3 records", None),
    ],
)
def test_meaning(printed: str, role: Role | None) -> None:
    assert meaning(printed) == role


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Claims Administrator guidelines\ndo not support it.", "the sentence goes on in the next line"),
        ("The newest MAXIMUS guideline: none.", "another word before"),
        ("MAXIMUS guideline use is not at issue.", "a small letter goes on"),
        ("Reason for the decision was pain.", "a word of no class"),
        ("The reviewer's rationale, and the insurer's: both short.", "a comma"),
    ],
)
def test_a_sentence_is_no_label(text: str, reason: str) -> None:
    assert one(text) is None, reason


@pytest.mark.parametrize(
    ("printed", "known"),
    [(printed, f": {word}") for word, all_printed in OUTCOMES.items() for printed in all_printed]
    + [
        ("Denial upheld", ": Upheld"),
        ("- Overturn", ": Overturned"),
        ("Not medically necessary", ": Upheld"),
        ("MEDICALLY NECESSARY", ": Overturned"),
    ],
)
def test_outcome_words(printed: str, known: str) -> None:
    line, found = near(letter(NORCO_PLAIN).replace(": Upheld", f":\n{printed}"))
    assert repaired(line, found).line.count(f"Norco 10/325mg #45{known} Claims") == 1


@pytest.mark.parametrize(
    "printed",
    [
        ": Partially upheld",
        ": Upheld in part",
        ": Withdrawn",
        " the denial was upheld.",
        ": Modified",
        ": Held",
        ": Not upheld",
    ],
)
def test_other_outcomes_are_none(printed: str) -> None:
    _, found = near(letter(NORCO_PLAIN).replace(": Upheld", printed))
    assert found == ()


def test_a_rationale_that_quotes_labels_gives_no_second_ones() -> None:
    quoting = Item(
        "Norco 5/325mg #30",
        rationale="The first letter read:\nReviewer's guideline: ODG.\nReason for the decision: none.\nIt stays.",
    )
    text = letter(quoting, NORCO_PLAIN, layout=Layout(width=None)).replace("MAXIMUS guideline:", "MAXIMUS guidelin:")
    line, found = near(text)
    assert [line[slice(*each.span)].strip() for each in found] == ["MAXIMUS guidelin:", "MAXIMUS guidelin:"]


def test_a_repaired_text_maps_back() -> None:
    text, changes = with_slips(letter(*THREE), "ocr", 3)
    line, found = near(text)
    mended: Repaired = repaired(line, found)
    assert changes
    for word in ("Physical", "Ativan", "insomnia", "Benzodiazepines"):
        for place in re.finditer(word, mended.line):
            assert line[slice(*mended.printed_span(FoldedSpan(place.span())))] == word
            assert mended.repaired_offset(mended.printed_offset(place.start())) == place.start()
    for each in found:
        start = mended.repaired_offset(each.span[0])
        assert mended.printed_span(FoldedSpan((start, start + len(each.phrase.text)))) == each.span


@pytest.mark.parametrize(
    "unit",
    ["MAXIMUS guidlin: ", "CASE ", "\nReviewer's ", "Up held ", ": Decision", "rn", ". A", "\n", "1) ", "of the "],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begin = time.process_time()
        near(text)
        return time.process_time() - begin

    small, large = seconds(20_000), seconds(160_000)
    assert large < 24 * small + 0.2


def test_phrases_of_the_generator_are_those_of_the_form() -> None:
    assert {phrase.text for phrase in FORM} == set(PHRASES)
