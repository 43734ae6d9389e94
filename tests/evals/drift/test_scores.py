"""What became of drifted letters, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imrllm.documents import Document
from imrllm.evals.drift import (
    UNCHANGED,
    DriftedLetter,
    DriftOutcome,
    DriftTally,
    LabeledPieces,
    judge,
    labeled_pieces,
    measure,
    read_by_grammar,
)
from imrllm.evals.drift.header import header_values, relabeled
from imrllm.pipeline import read_without_model
from imrllm.records import Check, Determination, Failure, Result
from imrllm.suites import Gold
from tests.evals.gold import GOLD
from tests.letters import THREE, letter

TEXT = letter(*THREE)
PIECES, _ = labeled_pieces({"letter": Document.from_text(TEXT, "letter")}, {"letter": Gold("letter", "", GOLD)})
(ONE,) = PIECES.values()
READ = read_without_model(Document.from_text(TEXT, "letter"))


def judged(status: str = "ok", checks: tuple[Check, ...] = (), **changes: Any) -> DriftOutcome:
    """What became of the letter, if its record has other values."""
    record = READ.record
    assert record
    changed = Determination.model_validate({**record.model_dump(mode="json"), **changes})
    return judge(ONE.pieces, ONE.gold, READ.model_copy(update={"record": changed, "status": status, "checks": checks}))


def items(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The letter's items, the first ones with other values."""
    assert READ.record
    read = READ.record.model_dump(mode="json")["disputed_items"]
    return [{**item, **change} for item, change in zip(read, [*changes, {}, {}, {}], strict=False)]


def test_of_a_letter_read_right_all_is_found_and_decided() -> None:
    outcome = judged()
    assert (outcome.items, outcome.found, outcome.decided, outcome.rationales) == (3, 3, 3, 3)
    assert (outcome.invented, outcome.error, outcome.is_ok, outcome.doubts) == (0, None, True, False)


def test_an_item_that_was_lost_is_not_found() -> None:
    outcome = judged(disputed_items=items()[:2])
    assert (outcome.found, outcome.decided) == (2, 2)
    assert "/disputed_items/2" in outcome.wrong


def test_an_item_that_the_letter_does_not_have_is_invented() -> None:
    another = {**items()[0], "heading": "A hospital bed with rails", "treatment": "hospital bed", "quantity": None}
    assert judged(disputed_items=[*items(), another]).invented == 1


def test_a_flipped_decision_is_wrong() -> None:
    first = items()[0]["decision"]
    outcome = judged(disputed_items=items({"decision": "overturned" if first == "upheld" else "upheld"}))
    assert (outcome.found, outcome.decided) == (3, 2)
    assert "/disputed_items/0/decision" in outcome.wrong


def test_a_rationale_cut_too_early_or_too_late_is_wrong() -> None:
    whole = items()[0]["rationale"]
    for other in (whole[:-12], f"{whole} Another heading", f"MTUS. {whole}", None):
        outcome = judged(disputed_items=items({"rationale": other}))
        assert outcome.rationales == 2
        assert "/disputed_items/0/rationale" in outcome.wrong
    # A page may end in its middle.
    assert judged(disputed_items=items({"rationale": f"{whole} Page 2 {whole}"})).rationales == 3


def test_a_check_without_a_value_is_a_doubt() -> None:
    taken = Check(pointer="/clinical_summary", status="unsupported", span=(0, 4), review=True)
    assert judged("review", (taken,)).doubts
    assert not judged("review", (taken.model_copy(update={"model_value": "x"}),)).doubts
    assert not judged("review", (taken.model_copy(update={"span": None}),)).doubts


def test_a_refused_letter_has_nothing_but_its_error() -> None:
    error = Failure(type="NotALetterError", message="no")
    outcome = judge(ONE.pieces, ONE.gold, READ.model_copy(update={"record": None, "status": "failed", "error": error}))
    assert outcome == DriftOutcome("letter", "NotALetterError", 3)


def test_a_tally_counts_what_is_wrong_in_ok_rows_unless_it_is_known() -> None:
    tally = DriftTally("slips")
    tally.outcomes += [
        DriftOutcome("a", None, 1, found=1, is_ok=True, wrong=frozenset({"/letter/priority", "/reviewer/specialties"})),
        DriftOutcome("b", None, 1, found=1, wrong=frozenset({"/letter/priority"})),
        DriftOutcome("c", "NotALetterError", 4),
    ]
    assert tally.wrong_if_ok() == [("a", "/letter/priority"), ("a", "/reviewer/specialties")]
    assert tally.wrong_if_ok({("a", "/letter/priority")}) == [("a", "/reviewer/specialties")]
    assert (tally.read, dict(tally.refused), tally.total("items"), tally.total("found")) == (
        2,
        {"NotALetterError": 1},
        6,
        2,
    )


def test_all_kinds_are_measured_in_their_order() -> None:
    seen = []

    def read(drifted: Mapping[str, DriftedLetter]) -> Iterator[Result]:
        seen.append([each.kind for each in drifted.values()])
        return read_by_grammar(drifted)

    kinds = [UNCHANGED, "header in prose", "bullets"]
    letters: dict[str, LabeledPieces] = {"letter": ONE}
    tallies = list(measure(letters, kinds, 1, "seen", read))
    assert [tally.kind for tally in tallies] == kinds
    # The letter has no header block.
    assert [tally.unchangeable for tally in tallies] == [0, 0 if ONE.pieces.header_values else 1, 0]
    assert seen[0] == [UNCHANGED]


def test_header_values_are_those_of_a_block_alone() -> None:
    gold = {
        "case_number": "CM17-0000001",
        "date_assigned": "2017-02-02",
        "date_of_injury": "2016-09-06",
        "decision_date": "2017-03-06",
        "ur_denial_date": "2017-01-05",
        "application_received": "2017-01-25",
        "priority": "Expedited",
    }
    block = """Case Number: CM17-0000001
    Date Assigned: 02/02/2017 Date of Injury: 09/06/2016
    Decision Date: 03/06/2017 UR Denial Date: 01/05/2017
    Priority: Expedited Application
    Received: 01/25/2017"""
    values = header_values(block, gold)
    assert header_values(relabeled(block, str.upper), gold) == {}
    assert relabeled(block, str.lower).splitlines()[1].strip() == "date assigned: 02/02/2017 date of injury: 09/06/2016"
    assert values["date_of_injury"] == "09/06/2016"
    assert values.keys() == gold.keys()
    assert header_values(f"{block} Dear Sir", gold) == {}
    assert header_values(block, {**gold, "priority": None}) == {}
    assert header_values(block, {**gold, "date_assigned": "2017-02-03"}) == {}
