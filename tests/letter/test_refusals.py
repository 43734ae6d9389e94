"""What is said of a text that is no letter: what it looks like, what is left of a letter, how many it holds."""

from __future__ import annotations

import pytest

from imrllm.documents import Document, fold
from imrllm.letter.other_documents import document_around, other_documents, parts_printed, what_it_looks_like
from imrllm.pipeline import Extractor
from tests.letters import NORCO_PLAIN, THREE, letter
from tests.other_texts import BRIEFS, OTHER_DECISIONS, PAGES


def said(text: str) -> str:
    """The message of the refusal of a text; the test fails if it gives a record."""
    result = Extractor("none").extract(Document.from_text(text, "one"))
    assert result.status == "failed"
    assert result.record is None
    assert result.error
    assert result.error.type == "NotALetterError"
    return result.error.message


@pytest.mark.parametrize(("name", "text"), OTHER_DECISIONS)
def test_other_decisions_are_named(name: str, text: str) -> None:
    message = said(text)
    assert f"`one` looks like {name}" in message
    assert "California workers' compensation (DWC), by MAXIMUS" in message


def test_every_kind_has_an_example() -> None:
    named = {name for name, _ in OTHER_DECISIONS} | {name for name, _ in PAGES} | {name for name, _ in BRIEFS}
    kinds = {kind.name for kind in other_documents()}
    assert {kind for kind in kinds if not any(name in kind for name in named)} == set()


@pytest.mark.parametrize("text", ["", "   \n", "Dear all, lunch is at noon.", "lorem ipsum " * 50])
def test_what_is_nothing_has_no_name(text: str) -> None:
    assert what_it_looks_like(text) is None


def test_a_text_of_no_kind_says_what_is_supported() -> None:
    message = said("Dear all, lunch is at noon on Friday.")
    assert "is not an IMR final determination" in message
    assert "California workers' compensation (DWC), by MAXIMUS" in message


def test_no_refusal_quotes_the_text() -> None:
    canary = "zebrafish-4711"
    for text in (f"{canary} health plan enrollee", f"CLINICAL CASE SUMMARY {canary}", canary):
        assert canary not in said(text)


@pytest.mark.parametrize(
    ("text", "printed", "absent"),
    [
        (
            letter(*THREE).partition("IMR ISSUES")[0],
            "the section on how the determination was made and the clinical case summary",
            "a request with its outcome",
        ),
        (
            letter(*THREE, header=False).partition("CLINICAL CASE")[0],
            "the section on how the determination was made",
            "the clinical case summary",
        ),
        (
            "Decision rationale: The request is not medically necessary.",
            "the decision rationale",
            "a request with its outcome",
        ),
    ],
    ids=["up to the decisions", "up to the summary", "a rationale alone"],
)
def test_half_a_letter_says_what_is_there(text: str, printed: str, absent: str) -> None:
    there, _, lacking = said(text).partition(", but not ")
    assert printed in there
    assert absent in lacking


def test_the_parts_of_a_whole_letter() -> None:
    printed, absent = parts_printed(letter(*THREE))
    assert (len(printed), absent) == (6, ())


@pytest.mark.parametrize(("name", "text"), PAGES)
def test_copies_in_pages_and_code_are_refused(name: str, text: str) -> None:
    example = f"{text}\n\n{letter(NORCO_PLAIN)}"
    assert f"looks like {name}, with a determination or a part of one inside" in said(example)


@pytest.mark.parametrize(("name", "text"), BRIEFS)
def test_a_quoted_letter_is_read_and_reviewed(name: str, text: str) -> None:
    result = Extractor("none").extract(Document.from_text(f"{text}\n\n{letter(NORCO_PLAIN)}", "one"))
    assert result.status == "review"
    assert ("/letter", name) in [(check.pointer, check.source_value) for check in result.checks if check.review]


def test_a_letter_alone_is_in_no_other_document() -> None:
    line = fold(letter(*THREE)).text
    assert document_around(line, refused=True) is None
    assert document_around(line, refused=False) is None


def test_a_sign_is_a_whole_word() -> None:
    assert what_it_looks_like("dmhc decision") is not None
    assert what_it_looks_like("xdmhcx decision") is None


def test_two_letters_in_one_text_are_refused() -> None:
    assert "`one` contains 2 letters." in said(letter(*THREE) + letter(NORCO_PLAIN))


def test_two_letters_in_one_text_can_be_split() -> None:
    both = Document.from_text(letter(*THREE) + letter(NORCO_PLAIN), "both")
    first, second = both.split()
    assert [first.id, second.id] == ["both#1", "both#2"]
    assert first.text + second.text == both.text
    assert first.split() == (first,)
    records = [Extractor("none").extract(each).record for each in (first, second)]
    assert [len(record.disputed_items) for record in records if record] == [3, 1]


def test_signs_are_plain_lower_case() -> None:
    for kind in other_documents():
        for sign in kind.signs | kind.decisive:
            assert sign == fold(sign).text.lower().strip(), kind.name
        assert not kind.signs & kind.decisive, kind.name


def test_words_of_the_form_in_another_order_are_refused() -> None:
    text = (
        "CLINICAL CASE SUMMARY\nIMR ISSUES, DECISIONS AND RATIONALES\n"
        "HOW THE IMR FINAL DETERMINATION WAS MADE: Upheld\n"
        "Claims Administrator guideline:\nDecision rationale: CASE SUMMARY:"
    )
    assert "in another order, and no disputed item between them" in said(text)
