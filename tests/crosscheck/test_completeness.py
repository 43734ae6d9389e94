"""What a letter has lost is in a check that is always reviewed: cut anywhere, it is not `ok`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from imrllm.documents import Document
from imrllm.pipeline.results import read_without_model
from imrllm.records import Result
from tests.letters import HEADER, METHOD, NORCO_PLAIN, THREE, Item, Layout, letter, read

EVALS = Path(__file__).parents[2] / "evals"
DENIED = "On 12/28/2016 utilization review non-certified the request for Norco and Ativan and an MRI of the neck."
MRI = Item("MRI of the cervical spine")
SUMMARY = f"The injured worker is a 48 year old male. He was diagnosed with lumbar radiculopathy. {DENIED}"


def raised(text: str) -> dict[str, tuple[str, Any]]:
    """The checks of a letter that are reviewed, by pointer: status and the letter's value."""
    resolved = read(text).resolve(None, [None] * len(read(text).parts.items), asked=False)
    return {check.pointer: (check.status, check.source_value) for check in resolved.checks if check.review}


def result(text: str) -> Result:
    # What a letter has lost is reviewed whatever the measured risks of its values.
    return read_without_model(Document.from_text(text or " .", "one"), review_above=1)


WHOLE = letter(NORCO_PLAIN, THREE[2], MRI, summary=SUMMARY)


def test_a_whole_letter_has_none() -> None:
    assert raised(WHOLE) == {}
    assert raised(letter(*THREE)) == {}
    assert raised(letter(*THREE, header=False)) == {}
    assert raised(letter(*THREE, period="2013")) == {}


@pytest.mark.parametrize(
    ("text", "checks", "reason"),
    [
        (
            letter(NORCO_PLAIN, MRI, summary=SUMMARY),
            {"/disputed_items": ("missing", "Ativan")},
            "the summary names a denied drug",
        ),
        (
            letter(NORCO_PLAIN, THREE[2], summary=SUMMARY),
            {"/disputed_items": ("missing", "MRI")},
            "the summary names a denied study",
        ),
        (
            WHOLE.replace("Case Number: CM16-9900123", ""),
            {"/letter/case_number": ("missing", None)},
            "the header's first line",
        ),
        (
            WHOLE[WHOLE.index("Priority") :],
            {"/letter/case_number": ("missing", None), "/letter": ("missing", "2016-11-28")},
            "the header's first lines, with a label whose date is left",
        ),
        (
            WHOLE[WHOLE.index("affiliation") :],
            {"/letter/case_number": ("missing", None)},
            "the first lines of the section on how it was made",
        ),
        (
            letter(NORCO_PLAIN).replace("The chart was", "Case Number: CM16-9900124. The chart was"),
            {"/letter/case_number": ("conflict", "CM16-9900124")},
            "the number of another case",
        ),
        (
            letter(Item("MRI of the jaw", rationale="The request is not medically necessary. The chart was reread.")),
            {"/disputed_items/0/rationale": ("missing", None)},
            "a sentence after the conclusion: what it led to is lost",
        ),
        (
            letter(Item("MRI of the jaw", rationale="He tried. The request for Norco is not medically necessary.")),
            {"/disputed_items/0/rationale": ("conflict", "Norco")},
            "a conclusion about another request: a page between them is lost",
        ),
    ],
)
def test_losses(text: str, checks: dict[str, tuple[str, Any]], reason: str) -> None:
    assert raised(text) == checks, reason


def test_a_letter_that_runs_into_another_is_reviewed() -> None:
    first = letter(NORCO_PLAIN, Item("MRI of the jaw", rationale=None), header=False)
    assert {pointer for pointer in raised(first + letter(*THREE, header=False)) if "/1/" in pointer} >= {
        "/disputed_items/1/reviewer_basis"
    }


def test_the_notice_on_opioids_may_follow_a_conclusion() -> None:
    notice = "This decision addresses the medical necessity of opioids as they have been prescribed to this patient."
    item = Item("Norco 10/325mg #45", rationale=f"The request is not medically necessary. {notice}")
    assert raised(letter(item)) == {}


@pytest.mark.parametrize("period", ["2013", "2014", "2016"])
def test_no_prefix_of_a_letter_is_ok(period: Any) -> None:
    whole = letter(NORCO_PLAIN, THREE[2], MRI, summary=SUMMARY, period=period, layout=Layout(width=60))
    assert result(whole).status == "ok"
    cuts = sorted({found.end() for found in re.finditer(r"\n\s*|[.:] ", whole)})
    assert [whole[:cut][-40:] for cut in cuts if whole[cut:].strip() and result(whole[:cut]).status == "ok"] == []


def test_no_suffix_of_a_letter_is_ok_but_one_that_lacks_the_header_alone() -> None:
    assert result(WHOLE).status == "ok"
    starts = sorted({found.end() for found in re.finditer(r"\n\s*|[.] ", WHOLE)})
    found = [WHOLE[start:][:60] for start in starts if result(WHOLE[start:]).status == "ok"]
    assert [text.split("\n")[0] for text in found] == ["HOW THE IMR FINAL DETERMINATION WAS MADE"]


def test_the_last_part_of_a_letter_is_reviewed() -> None:
    found = result(WHOLE[int(len(WHOLE) * 0.6) :])
    assert found.status == "review"
    assert {"/reviewer", "/clinical_summary"} <= {check.pointer for check in found.checks if check.review}


def test_the_header_and_method_are_as_the_letters_of_the_tests_have_them() -> None:
    assert HEADER.startswith("Case Number")
    assert "affiliation" in METHOD
