"""Letters with slips in what the form prints: the same parts as without, and each slip said."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.errors import NotALetterError
from imrllm.letter import LetterParts, read_letter
from tests.letter.slips import KINDS, with_slips
from tests.letters import LAYOUTS, NORCO_PLAIN, SUMMARY, THREE, Item, Layout, letter

SHIPPED = sorted(Path("evals").glob("w*/letters/*.txt"))


def parts_of(parts: LetterParts) -> tuple[object, ...]:
    """All that the parts say, without the header: that of 2013 holds other sections."""
    return (
        parts.form,
        parts.printed(parts.credentials),
        parts.printed(parts.summary),
        [
            (
                parts.printed(item.heading),
                item.decision,
                parts.printed(item.claims_administrator),
                parts.printed(item.reviewer_basis),
                parts.printed(item.rationale),
            )
            for item in parts.items
        ],
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_letter_without_slips_is_read_as_ever(path: Path) -> None:
    parts = read_letter(path.read_text(encoding="utf-8"))
    assert [each for each in parts.unsure if each.by == "distance"] == []
    assert parts.undecided == ()


@pytest.mark.parametrize("kind", KINDS)
def test_slips_change_no_part_and_are_said(kind: str) -> None:
    read = 0
    for path in SHIPPED:
        text = path.read_text(encoding="utf-8")
        clean = read_letter(text)
        for share in (1.0, 0.4):
            changed, count = with_slips(text, kind, seed=read, share=share)
            if not count:
                continue
            read += 1
            parts = read_letter(changed)
            assert parts_of(parts) == parts_of(clean), path.stem
            # Labels in another case or with another space and some outcomes are the form's own words.
            assert parts.unsure or share < 1 or kind in ("capitals", "title case", "outcome"), path.stem
    assert read > 50


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("kind", ["one letter", "ocr", "spaces", "other mark"])
def test_slips_in_every_layout(kind: str, layout: Layout) -> None:
    text = letter(*THREE, layout=layout)
    for seed in range(3):
        parts = read_letter(with_slips(text, kind, seed)[0])
        assert parts_of(parts) == parts_of(read_letter(text)), seed
        assert parts.unsure


@pytest.mark.parametrize(
    ("printed", "changed", "pointer", "words", "known", "reason"),
    [
        ("HOW THE IMR FINAL", "H0W THE lMR FlNAL", "/reviewer", None, None, "a section of its own"),
        ("CLINICAL CASE SUMMARY", "Case history:", "/clinical_summary", "Case history", None, "another heading"),
        ("IMR ISSUES, DEC", "IMR ISSUES. DEC", "/disputed_items/0", None, None, "where the items begin"),
        ("the following credentials:", "the folowing credentials:", "/reviewer", None, None, "a slip"),
        (
            "Claims Administrator guideline:",
            "UR criteria:",
            "/disputed_items/0/claims_administrator",
            "UR criteria",
            "Claims Administrator guideline",
            "other words",
        ),
        (
            "MAXIMUS guideline:",
            "MAXIMUS guidelne:",
            "/disputed_items/0/reviewer_basis",
            "MAXIMUS guidelne",
            "MAXIMUS guideline",
            "a slip",
        ),
        (
            "Decision rationale:",
            "Decision rationale;",
            "/disputed_items/0/rationale",
            "Decision rationale",
            "Decision rationale",
            "another mark",
        ),
        ("#45: Upheld", "#45: Up held", "/disputed_items/0/decision", "Up held", "Upheld", "a space"),
    ],
)
def test_what_rests_on_a_near_miss(
    printed: str, changed: str, pointer: str, words: str | None, known: str | None, reason: str
) -> None:
    text = letter(NORCO_PLAIN)
    assert printed in text
    parts = read_letter(text.replace(printed, changed, 1))
    assert [each.pointer for each in parts.unsure] == [pointer], reason
    assert parts.unsure[0].by == "distance"
    if words:
        assert parts.printed(parts.unsure[0].span) == words
    if known:
        assert parts.unsure[0].known == known
    assert parts_of(parts) == parts_of(read_letter(text)), reason


@pytest.mark.parametrize("number", range(3))
def test_an_item_whose_phrases_are_all_damaged_is_found(number: int) -> None:
    text = letter(*THREE)
    heading = THREE[number].heading
    start = text.index(f"\n{heading}") + 1
    end = text.index("The ", text.index("Decision rationale:", start)) if number == 0 else len(text)
    own = text[start:end]
    damaged = (
        own.replace("Claims Administrator", "Claims Admimstrator", 1)
        .replace("MAXIMUS guideline", "MAXIMUS guidehne", 1)
        .replace("Decision rationale", "Decision rationaie", 1)
        .replace(": Upheld", ": Upheid", 1)
        .replace(": Overturned", ": 0vertumed", 1)
    )
    parts = read_letter(text[:start] + damaged + text[end:])
    assert parts_of(parts) == parts_of(read_letter(text))
    assert f"/disputed_items/{number}/decision" in {each.pointer for each in parts.unsure}


def test_labels_of_an_item_without_an_outcome_are_said() -> None:
    text = letter(*THREE).replace(": Overturned", "")
    parts = read_letter(text)
    assert len(parts.items) == 2
    assert [(parts.printed(span) or "").strip() for span in parts.undecided] == ["Claims Administrator guideline:"]


def test_a_rationale_that_quotes_labels_stays_whole() -> None:
    rationale = (
        "The first letter had these lines:\n\nReviewer's guideline: ODG, Pain.\n\nReason for the decision: none was "
        "given.\n\nDecision: Upheld\n\nThe request is not medically necessary."
    )
    parts = read_letter(letter(Item("Norco 5/325mg #30", rationale=rationale), NORCO_PLAIN))
    assert parts.unsure == ()
    assert parts.printed(parts.items[0].rationale) == " ".join(rationale.split())


@pytest.mark.parametrize(
    "text",
    [
        f"Clinical summary:\n{SUMMARY}\n\nReviewer's rationale:\nIt is not needed.\n\nDecision: Upheld\n",
        "Case history:\nShe asked for a scan.\n\nThe plan's denial was: Upheld.\nReviewer's guideline: none.\n",
        "Decision rationale:\nWe keep the parser small.\n\nDecision: Upheld\n",
    ],
)
def test_what_only_mentions_the_words_is_no_letter(text: str) -> None:
    with pytest.raises(NotALetterError):
        read_letter(text)
