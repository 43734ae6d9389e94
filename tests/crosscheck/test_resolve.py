"""A model's answers against the letter: what is confirmed, what is not, and whose value the record then holds."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm.crosscheck import Resolved
from imrllm.records import Check, Citation, ConflictPolicy
from tests.crosscheck.pointers import altered, is_there, value_at
from tests.letters import (
    ATIVAN,
    NORCO_PLAIN,
    RIGHT_CASE,
    RIGHT_ITEMS,
    SUMMARY,
    THREE,
    Item,
    letter,
    read,
)

LETTER = read(letter(*THREE))


def resolved(index: int, pointer: str, value: Any, policy: ConflictPolicy = "flag") -> Resolved:
    """The three items with one value of one of them altered."""
    items = [altered(item, pointer, value) if at == index else item for at, item in enumerate(RIGHT_ITEMS)]
    return LETTER.resolve(RIGHT_CASE, items, policy)


def doubts(result: Resolved) -> dict[str, Check]:
    return {check.pointer: check for check in result.checks if check.status != "confirmed"}


@pytest.mark.parametrize("policy", ["flag", "repair", "reask"])
def test_a_right_answer_is_confirmed_in_every_field(policy: ConflictPolicy) -> None:
    result = LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS, policy)
    assert not doubts(result)
    assert not result.in_doubt
    confirmed = {check.pointer for check in result.checks}
    for name in ("treatment", "category", "strengths", "quantity", "retrospective", "medically_necessary"):
        assert f"/disputed_items/0/{name}" in confirmed
    assert {"/disputed_items/1/refills", "/disputed_items/2/reviewer_basis/citations/0/pages"} <= confirmed
    assert all(check.resolution == "none" and check.span for check in result.checks)
    assert result.record.disputed_items[1].refills == 1


@pytest.mark.parametrize(
    ("index", "pointer", "value", "status", "reason"),
    [
        (0, "/quantity", 48.0, "conflict", "45 to 48"),
        (0, "/quantity", 450.0, "conflict", "a digit more"),
        (0, "/quantity", 4.5, "conflict", "a point slipped in"),
        (0, "/quantity", 4.0, "conflict", "a digit less"),
        (0, "/quantity", 5.0, "conflict", "the other digit"),
        (0, "/quantity", 325.0, "conflict", "stands there, as another amount"),
        (0, "/quantity", 180.0, "conflict", "the case summary's amount"),
        (0, "/quantity", 30.0, "conflict", "another item's amount"),
        (0, "/quantity", None, "missing", "left out"),
        (2, "/strengths", ("10 mg",), "conflict", "1 to 10 mg, ten times the dose"),
        (0, "/strengths", ("5 mg", "325 mg"), "conflict", "the summary's 5/325mg confirms no 10/325"),
        (0, "/strengths", ("10 mg",), "conflict", "one of two"),
        (0, "/strengths", ("325 mg", "10 mg"), "conflict", "out of order"),
        (0, "/strengths", (), "missing", "left out"),
        (1, "/refills", None, "missing", "refills 1 to null"),
        (1, "/refills", 4, "conflict", "the summary's refills"),
        (0, "/refills", 0, "unsupported", "refills null to 0"),
        (0, "/refills", 1, "unsupported", "another item's refills"),
        (0, "/treatment", "Ativan", "conflict", "another item's drug"),
        (0, "/treatment", "Norc", "conflict", "a word in part"),
        (0, "/category", "surgery", "conflict", "no such request"),
        (0, "/category", None, "missing", "left out"),
        (0, "/ingredients", ("hydrocodone",), "conflict", "one of two"),
        (0, "/body_parts", ("right shoulder",), "unsupported", "none is named"),
        (0, "/quantity_unit", "tablet", "unsupported", "a unit that is not printed"),
        (0, "/frequency", "every night", "unsupported", "directions that are not printed"),
        (0, "/duration", "10/325mg", "conflict", "stands there, as something else"),
        (0, "/total_visits", 45, "conflict", "pills counted as visits"),
        (0, "/retrospective", True, "conflict", "nothing says so"),
        (0, "/date_of_service", "2016-03-01", "unsupported", "the injury's date"),
        (0, "/medically_necessary", True, "conflict", "the rationale says not"),
        (0, "/medically_necessary", None, "missing", "left out"),
        (0, "/claims_administrator/stance", "cited", "conflict", "none was cited"),
        (2, "/reviewer_basis/citations/0/pages", ("42",), "conflict", "page 24 to 42"),
        (0, "/reviewer_basis/citations/0/pages", ("78",), "conflict", "one of two"),
        (0, "/reviewer_basis/citations/0/pages", (), "missing", "left out"),
        (0, "/reviewer_basis/citations/0/pages", ("24",), "conflict", "another item's page"),
        (0, "/reviewer_basis/citations/0/sections", ("Benzodiazepines",), "conflict", "another item's topic"),
        (0, "/reviewer_basis/citations/0/year", 2009, "unsupported", "a year that is not printed"),
        (0, "/reviewer_basis/citations/0/chapter", None, "missing", "left out"),
        (0, "/reviewer_basis/citations/0/guideline", "ODG", "conflict", "the MTUS's"),
        (0, "/reviewer_basis/citations/0/within_mtus", False, "conflict", "within the MTUS"),
    ],
)
def test_a_wrong_value_is_not_confirmed(index: int, pointer: str, value: Any, status: str, reason: str) -> None:
    at = f"/disputed_items/{index}{pointer}"
    flagged, repaired = resolved(index, pointer, value, "flag"), resolved(index, pointer, value, "repair")
    assert {pointer: check.status for pointer, check in doubts(flagged).items()} == {at: status}, reason
    assert doubts(flagged)[at].resolution == "model", reason
    assert doubts(repaired)[at].resolution == "source", reason
    assert value_at(flagged.record, at) == value_at(altered(RIGHT_ITEMS[index], pointer, value), pointer), reason
    assert repaired.record == LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record, reason


@pytest.mark.parametrize(
    ("index", "pointer", "value", "reason"),
    [
        (0, "/strengths", ("10mg", "325 MG"), "spacing and case of a strength"),
        (0, "/strengths", ("10.0 mg", "325 mg"), "a figure's zeros"),
        (0, "/quantity", 45, "a whole number as an integer"),
        (0, "/treatment", "NORCO", "case"),
        (0, "/ingredients", ("acetaminophen", "hydrocodone"), "the order of ingredients"),
        (0, "/reviewer_basis/citations/0/chapter", "Chronic  Pain Treatment Guidelines.", "spaces and full stop"),
    ],
)
def test_a_harmless_difference_is_confirmed_as_printed(index: int, pointer: str, value: Any, reason: str) -> None:
    result = resolved(index, pointer, value)
    assert not doubts(result), reason
    assert result.record == LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record, reason


@pytest.mark.parametrize(
    ("pointer", "value", "status", "reason"),
    [
        ("/reviewer/licensed_states", ("California",), "conflict", "one of two"),
        ("/reviewer/licensed_states", ("Nevada",), "conflict", "not licensed there"),
        ("/reviewer/specialties", (), "missing", "left out"),
        ("/injured_worker/age", 84, "conflict", "48 to 84"),
        ("/injured_worker/age", 5, "conflict", "stands there, as a strength"),
        ("/injured_worker/sex", "female", "conflict", "the other"),
        ("/injured_worker/injury_date", "2016-01-03", "conflict", "day and month exchanged"),
        ("/injured_worker/injury_date", "2016", "conflict", "less than is printed"),
        ("/clinical_summary/ur_decision_date", "2016-03-01", "conflict", "the injury's date"),
        ("/clinical_summary/ur_decision_date", "2016-11-28", "unsupported", "the header's date"),
    ],
)
def test_a_wrong_value_of_the_case(pointer: str, value: Any, status: str, reason: str) -> None:
    flagged = LETTER.resolve(altered(RIGHT_CASE, pointer, value), RIGHT_ITEMS, "flag")
    repaired = LETTER.resolve(altered(RIGHT_CASE, pointer, value), RIGHT_ITEMS, "repair")
    assert {pointer: check.status for pointer, check in doubts(flagged).items()} == {pointer: status}, reason
    assert repaired.record == LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record, reason


_OPIOIDS = RIGHT_ITEMS[0].reviewer_basis.citations[0]  # type: ignore[union-attr]
_INVENTED = Citation(guideline="ODG", within_mtus=False, chapter="Pain", year=None, sections=(), pages=())


@pytest.mark.parametrize(
    ("citations", "status", "reason"),
    [
        ((), "missing", "left out"),
        ((_OPIOIDS, _INVENTED), "conflict", "one invented"),
        ((_OPIOIDS, _OPIOIDS), "conflict", "one twice"),
    ],
)
def test_citations_of_unequal_number_are_compared_as_a_whole(
    citations: tuple[Citation, ...], status: str, reason: str
) -> None:
    result = resolved(0, "/reviewer_basis/citations", [each.model_dump() for each in citations], "repair")
    at = "/disputed_items/0/reviewer_basis/citations"
    assert {pointer: check.status for pointer, check in doubts(result).items()} == {at: status}, reason
    assert result.record == LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record, reason


def test_a_basis_that_the_letter_does_not_print() -> None:
    own = read(letter(Item("Norco 10/325mg #45", maximus=None)))
    flagged = own.resolve(RIGHT_CASE, RIGHT_ITEMS[:1], "flag")
    at = "/disputed_items/0/reviewer_basis"
    assert doubts(flagged)[at].status == "unsupported"
    assert not any(pointer.startswith(f"{at}/") for pointer in doubts(flagged))
    assert flagged.record.disputed_items[0].reviewer_basis == RIGHT_ITEMS[0].reviewer_basis
    assert own.resolve(RIGHT_CASE, RIGHT_ITEMS[:1]).record.disputed_items[0].reviewer_basis is None


@pytest.mark.parametrize("policy", ["flag", "repair"])
def test_a_part_without_an_answer(policy: ConflictPolicy) -> None:
    result = LETTER.resolve(None, (RIGHT_ITEMS[0], None, RIGHT_ITEMS[2]), policy)
    missing = doubts(result)
    assert {"/injured_worker/age", "/disputed_items/1/quantity", "/disputed_items/1/retrospective"} <= set(missing)
    assert {check.status for check in missing.values()} == {"missing"}
    assert not [pointer for pointer in missing if pointer.startswith(("/disputed_items/0", "/disputed_items/2"))]
    if policy == "repair":
        assert result.record.disputed_items == LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record.disputed_items
        assert result.record.clinical_summary == RIGHT_CASE.clinical_summary
    else:
        assert result.record.disputed_items[1].quantity is None
        # What the form settles needs no answer.
        assert result.record.disputed_items[1].heading == THREE[1].heading


class TestListsOfTheSummary:
    """Free text: each entry must stand in the summary and hold no more than an entry may."""

    def resolve(self, diagnoses: tuple[str, ...], treatments: tuple[str, ...], policy: ConflictPolicy) -> Resolved:
        case = altered(RIGHT_CASE, "/clinical_summary/diagnoses", diagnoses)
        return LETTER.resolve(altered(case, "/clinical_summary/treatments_to_date", treatments), RIGHT_ITEMS, policy)

    @pytest.mark.parametrize(
        ("entry", "status", "reason"),
        [
            ("acupuncture", "unsupported", "stands nowhere"),
            ("Norco 5/325mg #180", "conflict", "with its dose"),
            ("Norco 10/325mg", "unsupported", "with a request's dose"),
            ("Norco 325mg", "unsupported", "with a strength in part"),
            ("NORCO", "confirmed", "in capitals"),
        ],
    )
    def test_an_entry(self, entry: str, status: str, reason: str) -> None:
        own = ("home exercise program", "chiropractic care")
        # Without a table `repair` takes the grammar's entries, as printed.
        for policy, kept in (("flag", entry), ("repair", "Norco")):
            result = self.resolve(RIGHT_CASE.clinical_summary.diagnoses, (*own, entry), policy)  # type: ignore[arg-type]
            assert result.record.clinical_summary.treatments_to_date == (*own, kept), reason
            assert (check := next(each for each in result.checks if each.model_value == entry)).status == status, reason
            assert is_there(result.record, check.pointer), reason

    @pytest.mark.parametrize("policy", ["flag", "repair"])
    def test_a_repeated_entry(self, policy: ConflictPolicy) -> None:
        result = self.resolve(("insomnia", "Insomnia", "lumbar radiculopathy", "insomnia"), (), policy)
        answered = ("insomnia", "Insomnia", "lumbar radiculopathy", "insomnia")
        kept = {"flag": answered, "repair": ("lumbar radiculopathy", "insomnia")}[policy]
        assert result.record.clinical_summary.diagnoses == kept
        assert all(
            is_there(result.record, pointer) for pointer in [*result.evidence, *(c.pointer for c in result.checks)]
        )

    def test_lists_that_differ_from_the_grammars_say_so(self) -> None:
        result = self.resolve(("insomnia",), (), "repair")
        assert {pointer: check.status for pointer, check in doubts(result).items()} == {
            "/clinical_summary/diagnoses": "conflict",
            "/clinical_summary/diagnoses/0": "missing",
            "/clinical_summary/treatments_to_date": "missing",
            **{f"/clinical_summary/treatments_to_date/{index}": "missing" for index in range(3)},
        }
        assert {check.resolution for check in doubts(result).values()} == {"source"}
        assert result.record.clinical_summary == RIGHT_CASE.clinical_summary


@pytest.mark.parametrize(
    ("rationale", "grounds", "repaired", "at", "status", "reason"),
    [
        (
            "It is not recommended for long-term use.",
            ("long_term_use",),
            ("long_term_use",),
            "/0",
            "confirmed",
            "words that state it",
        ),
        (
            "It is not recommended for long-term use.",
            ("safety_risk",),
            ("long_term_use",),
            "",
            "unsupported",
            "no such words: those that stand there are taken",
        ),
        ("The chart was reread.", ("long_term_use",), (), "", "unsupported", "no such words"),
    ],
)
def test_a_ground_says_whether_words_state_it(
    rationale: str, grounds: tuple[str, ...], repaired: tuple[str, ...], at: str, status: str, reason: str
) -> None:
    own = read(letter(Item("Ativan 1mg #30", rationale=f"{rationale} The request is not medically necessary.")))
    answer = altered(RIGHT_ITEMS[2], "/grounds", grounds)
    # `flag` keeps the model's; without a table `repair` takes those alone that the letter's words stand for.
    for policy, kept, place in (("flag", grounds, "/0"), ("repair", repaired, at)):
        result = own.resolve(RIGHT_CASE, (answer,), policy)  # type: ignore[arg-type]
        assert result.record.disputed_items[0].grounds == kept, reason
        (check,) = (each for each in result.checks if each.model_value == grounds[0])
        assert (check.pointer, check.status) == (f"/disputed_items/0/grounds{place}", status), reason
        assert check.resolution == ("none" if status == "confirmed" else "model" if policy == "flag" else "source")
        assert is_there(result.record, check.pointer), reason


@pytest.mark.parametrize(
    ("grounds", "left_out", "reason"),
    [
        (("long_term_use", "safety_risk"), [], "all whose words stand there"),
        (("long_term_use",), ["safety_risk"], "one of two"),
        ((), ["safety_risk", "long_term_use"], "none, in the order of the letter"),
    ],
)
def test_a_ground_whose_words_stand_there_is_not_left_out_silently(
    grounds: tuple[str, ...], left_out: list[str], reason: str
) -> None:
    rationale = "The requested drug carries a risk of dependence and is not recommended for long-term use."
    own = read(letter(Item("Ativan 1mg #30", rationale=f"{rationale} The request is not medically necessary.")))
    answer = altered(RIGHT_ITEMS[2], "/grounds", grounds)
    at = "/disputed_items/0/grounds"
    # `repair` puts it in the record, each with a check of its own.
    repaired = own.resolve(RIGHT_CASE, (answer,))
    assert repaired.record.disputed_items[0].grounds == (*grounds, *left_out), reason
    missing = [check for check in repaired.checks if check.pointer.startswith(at) and check.status != "confirmed"]
    assert [(check.status, check.source_value) for check in missing] == [("missing", each) for each in left_out]
    assert all(value_at(repaired.record, check.pointer) == check.source_value for check in missing), reason
    assert all(check.span and check.resolution == "source" for check in missing)
    # `flag` keeps the model's, and one check names what it left out.
    flagged = own.resolve(RIGHT_CASE, (answer,), "flag")
    assert flagged.record.disputed_items[0].grounds == grounds, reason
    found = [check.source_value for check in flagged.checks if check.pointer == at]
    assert found == ([left_out] if left_out else []), reason


@pytest.mark.parametrize(
    ("outcome", "grounds", "repaired", "reason"),
    [
        ("Overturned", ("safety_risk",), ("guideline_criteria_met",), "the words' own in place of one of upheld items"),
        (
            "Overturned",
            ("safety_risk", "supports_recovery_or_function"),
            ("guideline_criteria_met",),
            "and of the other there are no words",
        ),
        ("Upheld", ("guideline_criteria_met",), (), "the reverse, and no words that are known"),
        ("Overturned", ("guideline_criteria_met",), ("guideline_criteria_met",), "no contradiction"),
    ],
)
def test_a_ground_that_contradicts_the_decision(
    outcome: str, grounds: tuple[str, ...], repaired: tuple[str, ...], reason: str
) -> None:
    concluded = "is medically necessary" if outcome == "Overturned" else "is not medically necessary"
    rationale = f"The criteria of the guideline were looked at. The request {concluded}."
    own = read(letter(Item("Ativan 1mg #30", outcome, rationale=rationale)))
    answer = altered(altered(RIGHT_ITEMS[2], "/grounds", grounds), "/medically_necessary", outcome == "Overturned")
    result = own.resolve(RIGHT_CASE, (answer,))
    assert result.record.disputed_items[0].grounds == repaired, reason
    told = [check.status for check in result.checks if check.pointer == "/disputed_items/0/grounds"]
    assert ("conflict" in told) == (grounds != repaired), reason
    assert own.resolve(RIGHT_CASE, (answer,), "flag").record.disputed_items[0].grounds == grounds, reason


def test_a_ground_that_is_repeated_counts_once() -> None:
    own = read(letter(Item("Ativan 1mg #30", rationale="It is not recommended for long-term use.")))
    answer = altered(RIGHT_ITEMS[2], "/grounds", ("long_term_use",) * 4)
    assert own.resolve(RIGHT_CASE, (answer,)).record.disputed_items[0].grounds == ("long_term_use",)


def test_a_unit_in_its_plural_is_the_same() -> None:
    own = read(letter(Item("Voltaren gel 1% 100 grams")))
    answer = altered(altered(RIGHT_ITEMS[2], "/quantity", 100), "/quantity_unit", "Grams")
    result = own.resolve(RIGHT_CASE, (answer,))
    assert [check.status for check in result.checks if check.pointer.endswith("/quantity_unit")] == ["confirmed"]
    assert result.record.disputed_items[0].quantity_unit == "gram"


def test_a_case_without_an_answer_keeps_no_lists_of_the_grammars_under_flag() -> None:
    lists = LETTER.resolve(None, RIGHT_ITEMS, "flag").record.clinical_summary
    assert (lists.diagnoses, lists.treatments_to_date) == ((), ())
    lacking = {check.pointer: check.resolution for check in LETTER.resolve(None, RIGHT_ITEMS, "flag").checks}
    assert lacking["/clinical_summary/diagnoses"] == "model"
    assert LETTER.resolve(None, RIGHT_ITEMS, "repair").record.clinical_summary.diagnoses == (
        "lumbar radiculopathy",
        "insomnia",
    )


class TestWithoutAModel:
    """Nothing to compare: the grammar's record, and what the letter itself contradicts or leaves open."""

    def checks(self, *items: Item, **options: Any) -> dict[str, str]:
        own = read(letter(*items, **options))
        result = own.resolve(None, [None] * len(own.parts.items), asked=False)
        return {check.pointer: check.status for check in result.checks}

    def test_only_the_decision_and_the_grounds_are_checked(self) -> None:
        assert self.checks(*THREE) == {
            **{f"/disputed_items/{index}/decision": "confirmed" for index in range(3)},
            "/disputed_items/2/grounds/0": "confirmed",
        }

    def test_the_record_is_the_grammars(self) -> None:
        record = LETTER.resolve(None, [None] * 3, asked=False).record
        right = LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).record
        assert record == right
        assert [item.grounds for item in record.disputed_items] == [(), (), ("long_term_use",)], "the words' own"

    @pytest.mark.parametrize(
        ("item", "pointer", "status", "reason"),
        [
            (
                Item("Norco 10/325mg #45", rationale="The request is medically necessary."),
                "/decision",
                "conflict",
                "the heading says Upheld",
            ),
            (
                Item("Norco 10/325mg #45", rationale="The records were read."),
                "/decision",
                "unsupported",
                "no conclusion",
            ),
            (Item("Norco 10/325mg #45", rationale=None), "/rationale", "missing", "no rationale is printed"),
            (
                Item("Norco 10/325mg #45", rationale="The request is not medically necessary, since the"),
                "/rationale",
                "missing",
                "it breaks off",
            ),
            (
                Item("Norco 10/325mg was the original request. Nothing else was said of it"),
                "/request",
                "unsupported",
                "parts that were not understood",
            ),
            (Item("Something of another kind"), "/category", "missing", "a request that was not understood"),
            (Item("Norco 10/325mg #45 plus Soma"), "/request", "missing", "a treatment that no reader took"),
            (
                Item("Norco 10/325mg #45", rationale="See MRI: Overturned. The request is not medically necessary."),
                "/rationale",
                "missing",
                "an outcome of no item: one may have been missed",
            ),
        ],
    )
    def test_a_contradiction(self, item: Item, pointer: str, status: str, reason: str) -> None:
        assert self.checks(item, ATIVAN)[f"/disputed_items/0{pointer}"] == status, reason

    def test_an_item_without_labels_is_not_lost_silently(self) -> None:
        bare = Item("Norco 10/325mg #45", administrator=None, maximus=None, rationale=None)
        assert self.checks(bare, ATIVAN).get("/disputed_items/0/heading") == "missing"

    def test_the_headers_date_of_injury_against_the_summarys(self) -> None:
        checks = self.checks(NORCO_PLAIN, summary=SUMMARY.replace("3/1/2016", "3/2/2016"))
        assert checks["/injured_worker/injury_date"] == "conflict"


def test_an_answer_of_another_letter_confirms_nothing_of_its_own() -> None:
    other = read(letter(Item("MRI of the left knee", "Overturned", rationale="The request is medically necessary.")))
    result = other.resolve(RIGHT_CASE, RIGHT_ITEMS[:1], "flag")
    wrong = {"treatment", "category", "ingredients", "strengths", "quantity", "body_parts", "medically_necessary"}
    assert {f"/disputed_items/0/{name}" for name in wrong} <= set(doubts(result))
