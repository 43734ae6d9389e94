"""Which values a person is asked to look at: by risk, and always where nothing is measured or the letter disagrees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from imrllm import Document, Extractor
from imrllm.crosscheck.assessment import assessed
from imrllm.fields import Group
from imrllm.records import Check
from imrllm.trust import Arbitration, Signals
from tests.letters import NORCO_PLAIN, RIGHT_CASE, RIGHT_ITEMS, THREE, Item, Read, letter, read
from tests.trust.made import risk_model, table

LETTER = read(letter(*THREE))
RECORD = LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record
QUANTITY, GROUNDS = "/disputed_items/0/quantity", "/disputed_items/0/grounds"
REREAD = "The request for Norco 10/325mg #90 is not medically necessary."
# The risks of two signals, as log-odds: 0.001 and 0.9.
SURE, UNSURE = -6.907, 2.197
ABOVE = {"typed": 0.03, "prose": 0.6}


def arbitration(review_above: float | None = None, **changes: Any) -> Arbitration:
    """Values have no risk to speak of but where the signal `odd` says so."""
    risk = risk_model({"any value": SURE, "odd": UNSURE - SURE}, review_above=ABOVE, **changes)
    return Arbitration(table(risk=risk), 3, review_above)


def signals(pointer: str, *names: str, field: str = "quantity", group: Group = "amounts") -> dict[str, Signals]:
    return {pointer: Signals(field, group, frozenset(names))}


def check(pointer: str = QUANTITY, status: str = "confirmed", **changes: Any) -> Check:
    """A check as the ledger notes it: a person looks only if it says so."""
    return Check.model_validate({"pointer": pointer, "status": status, "review": False, **changes})


def of(
    *checks: Check,
    found: Mapping[str, Signals] | None = None,
    by: Arbitration | None = None,
) -> tuple[dict[str, float], list[tuple[str, str, float | None, bool]]]:
    """The risks, and of each check its pointer, status, risk and whether a person is asked to look."""
    risks, made = assessed(checks, found or {}, by or arbitration(), RECORD, {})
    return risks, [(each.pointer, each.status, each.risk, each.review) for each in made]


class TestByRisk:
    def test_a_value_above_the_threshold_without_a_check_gets_one(self) -> None:
        spans = {f"{QUANTITY}": ((3, 9),)}
        risks, (made,) = assessed([], signals(QUANTITY, "odd"), arbitration(), RECORD, spans)  # type: ignore[arg-type]
        assert risks == {QUANTITY: pytest.approx(0.9, abs=0.001)}
        assert (made.pointer, made.status, made.review, made.resolution) == (QUANTITY, "confirmed", True, "none")
        assert (made.risk, made.source_value, made.model_value, made.span) == (risks[QUANTITY], 45, None, (3, 9))

    def test_an_absent_value_gets_one_too(self) -> None:
        at = "/disputed_items/0/refills"
        _, (made,) = assessed([], signals(at, "odd", "absent"), arbitration(), RECORD, {})
        assert (made.pointer, made.source_value, made.span, made.review) == (at, None, None, True)

    def test_a_list_has_the_span_of_its_first_entry(self) -> None:
        at = "/disputed_items/0/strengths"
        spans = {f"{at}/0": ((3, 9),), f"{at}/1": ((9, 12),)}
        _, (made,) = assessed([], signals(at, "odd"), arbitration(), RECORD, spans)  # type: ignore[arg-type]
        assert made.span == (3, 9)

    def test_a_value_below_it_gets_none(self) -> None:
        risks, checks = of(found=signals(QUANTITY))
        assert (risks, checks) == ({QUANTITY: 0.001}, [])

    @pytest.mark.parametrize("status", ["confirmed", "conflict", "missing", "unsupported"])
    @pytest.mark.parametrize(("names", "review"), [(["odd"], True), ([], False)])
    def test_a_check_is_reviewed_by_the_risk_of_its_value(self, status: str, names: list[str], review: bool) -> None:
        """A disagreement that was repaired, and that gold shows to be right so, asks nobody."""
        risks, checks = of(check(status=status, resolution="source"), found=signals(QUANTITY, *names))
        assert checks == [(QUANTITY, status, risks[QUANTITY], review)], "and no second check of the value"

    def test_each_kind_has_its_threshold(self) -> None:
        # A risk of .27 is between the two.
        by = Arbitration(table(risk=risk_model({"any value": -1.0}, review_above=ABOVE)), 0)
        found = signals(QUANTITY) | signals(GROUNDS, field="grounds", group="grounds")
        risks, checks = of(found=found, by=by)
        assert risks == {QUANTITY: 0.2689, GROUNDS: 0.2689}
        assert [pointer for pointer, *_ in checks] == [QUANTITY]

    def test_a_threshold_that_a_user_gives_is_used_instead(self) -> None:
        found = signals(QUANTITY, "odd") | signals(GROUNDS, field="grounds", group="grounds")
        assert not of(found=found, by=arbitration(review_above=0.95))[1]
        assert len(of(found=found, by=arbitration(review_above=0.0005))[1]) == 2

    def test_an_entry_of_a_list_has_its_own_risk(self) -> None:
        """The list's signals stand beside: they decide only where an entry has none."""
        found = signals(GROUNDS, field="grounds", group="grounds")
        entries = (check(f"{GROUNDS}/0", risk=0.7), check(f"{GROUNDS}/1", risk=0.2), check(f"{GROUNDS}/2"))
        risks, checks = of(*entries, found=found)
        assert [each[2:] for each in checks] == [(0.7, True), (0.2, False), (risks[GROUNDS], False)]

    def test_a_list_with_an_entry_to_review_gets_no_second_check(self) -> None:
        found = signals(GROUNDS, "odd", field="grounds", group="grounds")
        assert len(of(check(f"{GROUNDS}/0", risk=0.7), found=found)[1]) == 1
        assert len(of(check(f"{GROUNDS}/0", risk=0.2), found=found)[1]) == 2


class TestAlways:
    def test_what_a_check_asks_for_stays(self) -> None:
        _, checks = of(check(status="conflict", review=True), found=signals(QUANTITY))
        assert checks == [(QUANTITY, "conflict", 0.001, True)]

    @pytest.mark.parametrize(("status", "review"), [("confirmed", False), ("conflict", True), ("missing", True)])
    def test_without_a_risk_where_the_readers_differ(self, status: str, review: bool) -> None:
        for by in (Arbitration(), arbitration(unmeasured=("typed",))):
            risks, checks = of(check(status=status), found=signals(QUANTITY, "odd"), by=by)
            assert (risks, checks) == ({}, [(QUANTITY, status, None, review)])

    def test_what_is_no_field_has_no_risk_of_its_own(self) -> None:
        _, checks = of(check("/disputed_items", "missing"), check("/disputed_items/0/claims_administrator", "conflict"))
        assert [each[2:] for each in checks] == [(None, True), (None, True)]


class TestOfLetters:
    """From letters, with weights that find nothing unsure."""

    BY = Arbitration(table(risk=risk_model({"any value": -9.0}, review_above=ABOVE)), 0)

    @staticmethod
    def reviewed(found: Read, by: Arbitration, **changes: Any) -> dict[str, str]:
        resolved = found.resolve(None, [None] * len(found.parts.items), asked=False, arbitration=by, **changes)
        return {each.pointer: each.status for each in resolved.checks if each.review}

    @pytest.mark.parametrize(
        ("item", "pointer"),
        [
            (Item("Acupuncture 2 times a week for 4 weeks (6 visits)"), "/disputed_items/0/total_visits"),
            (Item("Norco 10/325mg #60", rationale=REREAD), QUANTITY),
        ],
    )
    def test_what_the_letter_contradicts_is_always_reviewed(self, item: Item, pointer: str) -> None:
        assert self.reviewed(read(letter(item)), self.BY) == {pointer: "conflict"}

    def test_a_letter_that_agrees_with_itself_is_not(self) -> None:
        assert self.reviewed(read(letter(NORCO_PLAIN)), self.BY) == {}

    def test_a_repaired_slip_of_the_model_is_not(self) -> None:
        items = (RIGHT_ITEMS[0].model_copy(update={"quantity": 46.0}), *RIGHT_ITEMS[1:])
        for by, review in ((self.BY, False), (Arbitration(), True)):
            resolved = LETTER.resolve(RIGHT_CASE, items, arbitration=by)
            (slip,) = (each for each in resolved.checks if each.status == "conflict")
            assert (slip.pointer, slip.resolution, slip.review) == (QUANTITY, "source", review)
            assert resolved.in_doubt == review
            assert resolved.record.disputed_items[0].quantity == 45

    def test_every_value_has_its_risk(self) -> None:
        resolved = LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS, arbitration=self.BY)
        assert resolved.risks.keys() == resolved.signals.keys()
        assert set(resolved.risks.values()) == {0.0001}


@pytest.mark.parametrize(
    ("lose", "absent"),
    [
        (lambda text: text[text.index("IMR ISSUES") :], {"/reviewer", "/clinical_summary"}),
        (lambda text: text.replace("MAXIMUS guideline:", "Of note"), {"/disputed_items/0/reviewer_basis"}),
    ],
    ids=["cut at the front", "a label is lost"],
)
def test_a_section_that_is_absent_is_always_reviewed(lose: Callable[[str], str], absent: set[str]) -> None:
    whole = letter(Item("Norco 10/325mg #45"))
    for text, missing in ((whole, set()), (lose(whole), absent)):
        result = Extractor("none", review_above=1).extract(Document.from_text(text, "ada"))
        assert {check.pointer for check in result.to_review} == missing
