"""The letter's form: sections and disputed items of three periods, in every layout that extractors make of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imrllm.errors import NotALetterError
from imrllm.letter import ItemParts, LetterParts, read_letter
from tests.letters import (
    ATIVAN,
    LAYOUTS,
    NO_EVIDENCE,
    NORCO_PLAIN,
    NORCO_REFILL,
    PAGES,
    SUMMARY,
    THREE,
    WRAPPED,
    Item,
    Layout,
    Period,
    letter,
)

PERIODS: tuple[Period, ...] = ("2013", "2014", "2016")
LONG = (
    "Physical therapy two times a week for six weeks for the right shoulder with therapeutic exercise, manual therapy "
    "and neuromuscular re-education including a home program"
)
REMAINING = (
    "Physical therapy 12 visits was the original request. Six visits were authorized by the Claims Administrator. The "
    "remaining IMR eligible portion of the original request, six visits is"
)
LEAVING = (
    "The Claims Administrator authorized one refill, leaving the original request IMR eligible. The original request, "
    "Naproxen 550mg #60 with 2 refills is"
)
FOOTER = "Final Determination Letter for IMR Case Number CM16-9900123 3"


def headings(parts: LetterParts) -> list[str | None]:
    return [parts.printed(item.heading) for item in parts.items]


def labelled(parts: LetterParts, item: ItemParts) -> list[str | None]:
    return [parts.printed(span) for span in (item.claims_administrator, item.reviewer_basis, item.rationale)]


def assert_holds(parts: LetterParts, *items: Item, reason: str = "") -> None:
    """The letter has these items and no others, each with all of its own parts and nothing else."""
    assert headings(parts) == [item.heading for item in items], reason
    assert [found.decision for found in parts.items] == [(item.outcome or "").lower() for item in items], reason
    for found, item in zip(parts.items, items, strict=True):
        assert labelled(parts, found) == [item.administrator, item.maximus, item.rationale], reason


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("period", PERIODS)
def test_every_part_of_every_period_in_every_layout(period: Period, layout: Layout) -> None:
    parts = read_letter(letter(*THREE, period=period, layout=layout))
    assert_holds(parts, *THREE)
    assert parts.printed(parts.summary) == SUMMARY


@pytest.mark.parametrize(
    ("period", "prose", "opening", "ending", "reason"),
    [
        ("2013", None, "The expert reviewer is", "California, Texas.", "2013: prose below its own heading"),
        ("2014", True, "MAXIMUS Federal Services sent", "California, Texas.", "early 2014: prose in the first section"),
        ("2014", False, "State(s) of Licensure:", "Sports Medicine", "later 2014: a block of its own"),
        ("2016", False, "State(s) of Licensure:", "Sports Medicine", "2016: a block of its own"),
    ],
)
def test_credentials(period: Period, prose: bool | None, opening: str, ending: str, reason: str) -> None:
    parts = read_letter(letter(NORCO_PLAIN, period=period, prose=prose))
    printed = parts.printed(parts.credentials) or ""
    assert printed.startswith(opening), reason
    assert printed.endswith(ending), reason


@pytest.mark.parametrize(
    ("text", "header", "reason"),
    [
        (letter(NORCO_PLAIN), "Case Number: CM16-9900123", "2016: the table"),
        (letter(NORCO_PLAIN, header=False), None, "a text that starts at the first section"),
        (letter(NORCO_PLAIN, period="2014"), None, "2014 samples: none"),
        (letter(NORCO_PLAIN, period="2013"), "Notice of Independent Medical Review Determination", "2013: a title"),
    ],
)
def test_header_block(text: str, header: str | None, reason: str) -> None:
    parts = read_letter(text)
    printed = parts.printed(parts.header)
    assert (printed or "").startswith(header or ""), reason
    assert (printed is None) == (header is None), reason


@pytest.mark.parametrize("count", [1, 2, 12, 21])
@pytest.mark.parametrize("period", PERIODS)
def test_one_to_twenty_one_items(period: Period, count: int) -> None:
    items = [replace(NORCO_PLAIN, heading=f"Compound cream number {each}, 30 grams") for each in range(count)]
    assert_holds(read_letter(letter(*items, period=period)), *items)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("heading", [LONG, REMAINING, LEAVING], ids=["long", "remaining", "leaving"])
def test_headings_of_several_lines_and_sentences(heading: str, layout: Layout) -> None:
    items = (NORCO_PLAIN, Item(heading), ATIVAN, Item(heading))
    assert_holds(read_letter(letter(*items, layout=layout)), *items)


@pytest.mark.parametrize("width", range(40, 110, 7))
def test_a_partly_authorized_request_wherever_its_lines_end(width: int) -> None:
    items = (NORCO_PLAIN, Item(REMAINING), Item(LEAVING), ATIVAN)
    assert_holds(read_letter(letter(*items, layout=Layout(width=width))), *items)


@pytest.mark.parametrize("page_break", ["\f", "\n\f", "\n\f\n", "\n\n\f\n\n", "\n\n", "\n \n\f", f"\n{FOOTER}\n\f"])
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("manual| therapy", "inside a heading"),
        (": Upheld|\n\nClaims", "between Upheld and the guideline label"),
        ("necessary.|\n\nPhysical", "before a heading, with no blank line left"),
        ("80.|\n\nDecision", "before the rationale"),
        ("The| chart", "inside a rationale"),
    ],
)
def test_a_page_break(place: str, page_break: str, reason: str) -> None:
    items = (NORCO_PLAIN, Item(LONG), ATIVAN)
    before, _, after = place.partition("|")
    text = letter(*items, layout=Layout(width=46))
    assert before + after in text
    broken = text.replace(before + after, before + page_break + after.lstrip())
    assert_holds(read_letter(broken), *items, reason=reason)


@pytest.mark.parametrize(
    ("written", "changed", "reason"),
    [
        ("80.\n\nDecision rationale", "80. Decision rationale", "the label on the MAXIMUS line"),
        ("80.\n\nDecision rationale", "80.Decision rationale", "the label glued to the MAXIMUS line"),
        ("necessary.\n\nAtivan", "necessary.\nAtivan", "no blank line before a heading"),
        ("necessary.\n\nAtivan", "necessary.Ativan", "a heading glued to the rationale before it"),
        (": Upheld", " : Upheld.", "a space before the colon, a full stop after the word"),
        (": Upheld", ":  UPHELD", "capitals"),
        (": Upheld\n\n", ": Upheld\n4\n", "a page number after the word"),
        ("MAXIMUS guideline", "Expert Reviewer guidelines", "the label's other name"),
    ],
)
def test_loose_layout(written: str, changed: str, reason: str) -> None:
    text = letter(*THREE)
    assert written in text
    assert_holds(read_letter(text.replace(written, changed)), *THREE, reason=reason)


CONCLUSIONS = (
    "The request is not medically necessary.",
    "Not medically necessary.",
    "Denied.",
    "Therefore, the request is denied.",
    "As such, it is not supported.",
)


@pytest.mark.parametrize(
    ("conclusion", "gap"),
    [
        *((conclusion, gap) for conclusion in CONCLUSIONS for gap in ("\n\n", "\n")),
        # With neither a full stop nor a blank line nobody could tell.
        ("The request is not medically necessary", "\n\n"),
    ],
)
def test_a_conclusion_in_a_paragraph_of_its_own_is_no_part_of_the_next_heading(conclusion: str, gap: str) -> None:
    first = replace(NORCO_PLAIN, rationale="The file shows no gain in function after many months of daily use.")
    text = letter(first, ATIVAN).replace("use.\n\nAtivan", f"use.\n\n{conclusion}{gap}Ativan")
    assert_holds(read_letter(text), replace(first, rationale=f"{first.rationale} {conclusion}"), ATIVAN)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_outcome_words_in_prose_make_no_item(layout: Layout) -> None:
    summary = f"{SUMMARY} A first review was Upheld. Decision: Upheld. MRI: Overturned. He has pain."
    forged = replace(
        NORCO_PLAIN,
        rationale="An earlier letter said Norco 10/325mg #45: Overturned. That one is not before us. It stays: Upheld. "
        "The request is not medically necessary.",
    )
    parts = read_letter(letter(forged, ATIVAN, summary=summary, layout=layout))
    assert_holds(parts, forged, ATIVAN)
    assert parts.printed(parts.summary) == summary


def test_a_rationale_that_quotes_the_labels_keeps_them() -> None:
    quoting = replace(
        NORCO_PLAIN,
        rationale='The words "MAXIMUS guideline: none" and "Decision rationale: none" stood in the first letter. The '
        "request is not medically necessary.",
    )
    assert_holds(read_letter(letter(quoting, ATIVAN)), quoting, ATIVAN)


@pytest.mark.parametrize("missing", ["administrator", "maximus", "rationale"])
def test_a_part_that_is_not_printed_is_none(missing: str) -> None:
    lacking = replace(NORCO_PLAIN, **{missing: None})
    assert_holds(read_letter(letter(lacking, ATIVAN)), lacking, ATIVAN)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("place", ["before all", "after Upheld", "inside a rationale"])
def test_running_footers_belong_to_nothing(place: str, layout: Layout) -> None:
    text = letter(*THREE, layout=layout)
    footer = f"{layout.line}{FOOTER[:-2] if layout.line == ' ' else FOOTER}{layout.line}"
    if place == "before all":
        text = footer + text
    elif place == "after Upheld":
        text = text.replace(f": Upheld{layout.gap}", f": Upheld{footer}")
    else:
        text = text.replace("reread. ", f"reread.{footer}").replace(f"reread.{layout.line}", f"reread.{footer}")
        assert footer in text
    assert_holds(read_letter(text), *THREE)


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("", "not an IMR", "nothing"),
        ("The patient was seen. Norco: Upheld. Nothing else.", "not an IMR", "an outcome word without the form"),
        (letter(*THREE).partition("Norco 10")[0], "no disputed item", "cut before its first item"),
        (letter(*THREE).partition(" #45: Upheld")[0], "no disputed item", "cut inside its first heading"),
    ],
)
def test_what_is_no_letter(text: str, said: str, reason: str) -> None:
    with pytest.raises(NotALetterError, match=said) as raised:
        read_letter(text)
    assert raised.value.hint, reason
    assert "Norco" not in str(raised.value), reason


@pytest.mark.parametrize(
    ("until", "items", "reason"),
    [
        ("MAXIMUS guideline", [replace(NORCO_PLAIN, maximus=None, rationale=None)], "after the first paragraph"),
        ("is not medically", [replace(NORCO_PLAIN, rationale="The chart was reread. The request")], "in a rationale"),
        ("Norco 10/325mg #30", [NORCO_PLAIN], "before the second heading"),
        ("Ativan", [NORCO_PLAIN, NORCO_REFILL], "before the third heading"),
    ],
)
def test_a_letter_cut_off_gives_what_is_left(until: str, items: list[Item], reason: str) -> None:
    text = letter(*THREE, layout=replace(WRAPPED, width=None))
    assert_holds(read_letter(text.partition(until)[0]), *items, reason=reason)


@pytest.mark.parametrize(
    ("start", "sections", "reason"),
    [
        ("CLINICAL CASE", (False, False, True), "from the summary on"),
        ("IMR ISSUES", (False, False, False), "from the decisions on"),
        ("Norco 10/325mg #45", (False, False, False), "from the first heading on"),
    ],
)
def test_a_text_that_starts_later(start: str, sections: tuple[bool, ...], reason: str) -> None:
    text = letter(*THREE)
    parts = read_letter(text[text.index(start) :])
    assert_holds(parts, *THREE, reason=reason)
    assert tuple(span is not None for span in (parts.header, parts.credentials, parts.summary)) == sections, reason


def test_2013_with_its_spaces_lost() -> None:
    text = letter(*THREE, period="2013", layout=Layout(width=None))
    text = text.replace("is not medically", "isnotmedically").replace("request for", "requestfor")
    parts = read_letter(text)
    assert headings(parts) == [item.heading for item in THREE]
    assert [item.decision for item in parts.items] == ["upheld", "overturned", "upheld"]
    assert all(item.rationale for item in parts.items)


def test_2013_without_one_of_its_outcomes() -> None:
    text = letter(*THREE, period="2013", layout=Layout(width=None))
    parts = read_letter(text.replace(f"{NORCO_REFILL.heading} is medically", f"{NORCO_REFILL.heading} is medicaly"))
    assert headings(parts) == [NORCO_PLAIN.heading, ATIVAN.heading]
    assert [parts.printed(span) for span in parts.undecided] == ["2) Regarding the request for "]
    assert read_letter(text).undecided == ()


def test_2013_with_its_first_page_alone() -> None:
    text = letter(*THREE, period="2013").partition("Medical Qualifications")[0]
    assert_holds(
        read_letter(text), *(replace(item, administrator=None, maximus=None, rationale=None) for item in THREE)
    )


def test_2013_with_both_bases_in_one_paragraph() -> None:
    both = f"{NO_EVIDENCE} The Expert Reviewer found the Chronic Pain Medical Treatment Guidelines, page 78, relevant."
    text = letter(NORCO_PLAIN, period="2013", layout=Layout(width=None))
    text = text.replace(f"Claims Administrator guideline: {NO_EVIDENCE}\n\nMAXIMUS guideline: {PAGES}", "@")
    text = text.replace(
        "@", f"Medical Treatment Guideline(s) Relied Upon by the Expert Reviewer to Make His/Her Decision:\n{both}"
    )
    parts = read_letter(text)
    administrator, _, reviewer = both.partition(" The Expert")
    assert labelled(parts, parts.items[0]) == [administrator, f"The Expert{reviewer}", NORCO_PLAIN.rationale]


REVIEW = """MEDICAL PROFESSIONAL REVIEW
ISSUE AT DISPUTE: MRI of the left knee
CASE SUMMARY: The patient is a 40 year old male who was injured on 3/1/2012. He twisted his knee.
DOCUMENTS REVIEWED FOR DETERMINATION: Notes of two visits.
MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY: Decision based on MTUS Knee Complaints.
RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY: There is no locking of the joint. The
request is not medically necessary.
MEDICAL REVIEWER QUALIFICATIONS: Licensed in Ohio."""


@pytest.mark.parametrize(
    ("text", "decision"),
    [(REVIEW, "upheld"), (REVIEW.replace("WAS NOT", "WAS"), "overturned")],
    ids=["not necessary", "necessary"],
)
def test_the_professional_review(text: str, decision: str) -> None:
    parts = read_letter(text)
    (item,) = parts.items
    assert (parts.printed(item.heading), item.decision) == ("MRI of the left knee", decision)
    assert (parts.printed(item.reviewer_basis) or "").startswith("Decision based on MTUS Knee")
    assert (parts.printed(item.rationale) or "").endswith("request is not medically necessary.")
    assert (parts.printed(parts.summary) or "").endswith("twisted his knee.")
    assert parts.printed(parts.credentials) == "Licensed in Ohio."


def test_a_professional_review_without_its_outcome_is_refused() -> None:
    with pytest.raises(NotALetterError):
        read_letter(REVIEW.partition("RATIONALE")[0])


def test_an_item_whose_outcome_is_lost_is_not_read_into_the_next_one() -> None:
    items = (NORCO_PLAIN, ATIVAN)
    text = letter(*items)
    parts = read_letter(text)
    assert len(parts.items) == 2
    outcome = parts.folded.source_span(parts.items[0].outcome) if parts.items[0].outcome else (0, 0)
    lost = read_letter(f"{text[: outcome[0]]}(see page 9){text[outcome[1] :]}")
    assert [lost.printed(item.heading) for item in lost.items] == [ATIVAN.heading]
    assert lost.undecided
