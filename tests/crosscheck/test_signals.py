"""Signals: each is raised by what it says, not without it, and on every value that the scorer scores."""

from __future__ import annotations

import pytest

from imrllm.crosscheck import Resolved
from imrllm.crosscheck.part_signals import of_basis, of_citation, of_summary
from imrllm.crosscheck.signals import signals_of
from imrllm.evals.outcomes import score
from imrllm.fields import BY_NAME, ITEMS
from imrllm.records import Citation, ConflictPolicy
from imrllm.trust import Arbitration
from tests.letters import (
    ATIVAN,
    NORCO_PLAIN,
    NORCO_REFILL,
    RIGHT_CASE,
    RIGHT_ITEMS,
    SUMMARY,
    THREE,
    Item,
    letter,
    read,
)
from tests.trust.made import table

REQUEST = "/disputed_items/0"
BASIS = f"{REQUEST}/reviewer_basis"
CITED = f"{BASIS}/citations"
PLAIN = "Acupuncture 12 visits"
# Signals are gathered where a table may measure what they say.
COUNTED = Arbitration(table())


def alone(text: str) -> Resolved:
    """What the grammar alone makes of a letter."""
    found = read(text)
    return found.resolve(None, [None] * len(found.parts.items), asked=False, arbitration=COUNTED)


def names(resolved: Resolved, pointer: str) -> set[str]:
    return set(resolved.signals[pointer].names)


def of_item(item: Item, pointer: str) -> set[str]:
    return names(alone(letter(item)), pointer)


def test_a_plain_letter_raises_hardly_any() -> None:
    """Those left: a value is absent, the summary does not speak of it, and two parts of the letter agree."""
    signals = alone(
        letter(Item(PLAIN, maximus="Decision based on MTUS Low Back Complaints 2004, Section(s): Imaging."))
    )
    assert set().union(*(each.names for each in signals.signals.values())) == {"absent", "agreed", "no mention"}


@pytest.mark.parametrize(
    ("heading", "signal", "without"),
    [
        ("Acupuncture 12 visits per 7 or 9", "unread figures", PLAIN),
        ("Acupuncture 12 visits per 7 or 9", "figures are left", PLAIN),
        ("Norco 10/325mg #45 code 55", "a figure is left", "Norco 10/325mg #45"),
        ("Norco 10/325mg #45", "many figures", "Norco 5mg #45"),
        ("Zzyzx 10mg #45", "unknown drug", "Ativan 10mg #45"),
        ("Frobnicator deluxe", "unknown treatment", PLAIN),
        ("Frobnicator deluxe", "no known term", PLAIN),
        ("Frobnicator deluxe", "unknown words in the name", PLAIN),
        ("MRI and X-ray of the lumbar spine", "an unknown word", "MRI of the lumbar spine"),
        ("MRI and X-ray of the lumbar spine", "joined treatments", "MRI of the lumbar spine"),
        ("Physical therapy and MRI of the lumbar spine", "several categories", "MRI of the lumbar spine"),
        ("Associated surgical service: Cold therapy unit", "category of another term", "Cold therapy unit"),
        ("Acupuncture 12 visits (and a bicycle)", "unread words", PLAIN),
        ("Retrospective Norco 10/325mg #45 (DOS 3/1/2016)", "retrospective", "Norco 10/325mg #45"),
        ("Acupuncture several times", "a count without a value", PLAIN),
        ("Acupuncture 6-8 visits", "a unit without a value", "Cold therapy unit"),
        ("Acupuncture 2 times a week for 4 weeks (6 visits)", "contested amounts", PLAIN),
        (
            "Acupuncture 12 visits to the low back, and both of the shoulders, for the injured worker as an outpatient",
            "long part",
            PLAIN,
        ),
        (f"{PLAIN} to the low back{', and the neck' * 9}", "very long part", f"{PLAIN} to the low back, and the neck"),
    ],
)
def test_of_a_heading(heading: str, signal: str, without: str) -> None:
    assert signal in of_item(Item(heading), f"{REQUEST}/treatment")
    assert signal in of_item(Item(heading), f"{REQUEST}/quantity"), "every value of the request may be wrong"
    assert signal not in of_item(Item(heading), BASIS + "/stance"), "not those of another part"
    assert signal not in of_item(Item(without), f"{REQUEST}/treatment")


def test_of_what_was_authorized() -> None:
    heading = (
        "The Claims Administrator authorized 6 visits of acupuncture, leaving the original request IMR eligible. "
        "The original request, Acupuncture 12 visits is"
    )
    assert "partly authorized" in of_item(Item(heading), f"{REQUEST}/quantity")
    assert "partly authorized" not in of_item(Item(PLAIN), f"{REQUEST}/quantity")


def test_of_a_doubtful_request() -> None:
    """Amounts were authorized and requested in words that name neither."""
    heading = (
        "The Claims Administrator authorized 6 visits of acupuncture. The remaining IMR eligible portion of the "
        "original request, Acupuncture 12 visits, Acupuncture 6 visits is"
    )
    assert "doubtful request" in of_item(Item(heading), f"{REQUEST}/quantity")
    assert "doubtful request" not in of_item(Item(PLAIN), f"{REQUEST}/quantity")


RIGHT = Citation(
    guideline="MTUS", within_mtus=True, chapter="Low Back Complaints", year=2004, sections=("Imaging",), pages=("303",)
)


class TestOfBasis:
    @pytest.mark.parametrize(
        ("said", "found", "reason"),
        [
            ("Decision based on MTUS Low Back Complaints 2004, Section(s): Imaging, page 303.", set(), "all is held"),
            ("Low Back Complaints 2004, page 303; page 305.", {"unread figures"}, "a page that the citation lacks"),
            ("Low Back Complaints 2004, Traction, page 303.", {"an unread word"}, "a section that it lacks"),
            ("Low Back Complaints 2004, Ice and Heat.", {"an unread word"}, "two words count as few"),
            ("Low Back Complaints, Ice and Heat by Braces.", {"unread words"}, "more do not"),
            (None, set(), "there is no paragraph"),
        ],
    )
    def test_what_no_citation_holds(self, said: str | None, found: set[str], reason: str) -> None:
        assert set(of_basis(said, [RIGHT])) == found, reason

    def test_without_citations_all_is_unread(self) -> None:
        assert set(of_basis("Low Back Complaints 2004", [])) == {"unread figures", "unread words"}

    def test_many_citations(self) -> None:
        assert set(of_basis("", [RIGHT] * 3)) == set()
        assert set(of_basis("", [RIGHT] * 4)) == {"many citations"}

    @pytest.mark.parametrize(
        ("changes", "found", "reason"),
        [
            ({}, set(), "as it should be"),
            ({"chapter": "Low Back Compliants"}, set(), "a slip in its name"),
            ({"chapter": "Tooth Complaints"}, {"unknown chapter"}, "the MTUS has none of that name"),
            ({"chapter": "Tooth Complaints", "within_mtus": False}, set(), "other guidelines name theirs otherwise"),
            (
                {"chapter": "Neck Chapter Low Back Complaints"},
                {"unknown chapter", "odd chapter"},
                "two chapters may have been joined",
            ),
            ({"chapter": "Opioids", "year": 2017}, set(), "a chapter where a year follows"),
            ({"year": 2019}, {"unexpected year"}, "a year that no citation of the chapter is known to have"),
            ({"chapter": "Low Back Disorders", "year": 2019}, set(), "of the chapter that replaced it"),
            ({"chapter": "Coronavirus (COVID-19)", "year": 2021}, set(), "a name with a bracket of its own"),
            ({"sections": ("Eyn Disorder 2017",)}, {"odd section"}, "a chapter that was not recognized"),
            ({"sections": ("Section(s): Imaging",)}, {"odd section"}, "the label of one"),
            ({"chapter": None}, {"no chapter"}, "left out"),
            ({"chapter": None, "guideline": "other", "within_mtus": False}, {"other cited"}, "a paper has none"),
            ({"year": None}, {"no year"}, "left out"),
            ({"year": None, "within_mtus": False}, set(), "only the MTUS has editions"),
            ({"sections": ("Low Back Complaints",)}, {"a section named as a chapter"}, "cut in the wrong place"),
            ({"sections": ()}, set(), "pages will do"),
            ({"sections": (), "pages": ()}, {"neither section nor page"}, "left out"),
        ],
    )
    def test_of_a_citation(self, changes: dict[str, object], found: set[str], reason: str) -> None:
        citation = Citation.model_validate({**RIGHT.model_dump(), **changes})
        assert set(of_citation(citation)) == found, reason

    def test_they_stand_on_each_value_of_the_citation_alone(self) -> None:
        item = Item(PLAIN, maximus="Decision based on MTUS Tooth Complaints 2004, Section(s): Imaging.")
        resolved = alone(letter(item))
        for name in ("chapter", "year", "sections", "pages", "guideline", "within_mtus"):
            assert "unknown chapter" in names(resolved, f"{CITED}/0/{name}")
        for pointer in (f"{BASIS}/stance", CITED, f"{REQUEST}/treatment", f"{REQUEST}/claims_administrator/stance"):
            assert "unknown chapter" not in names(resolved, pointer)
        assert "unsupported" in names(resolved, f"{CITED}/0/chapter"), "the letter contradicts this value"
        assert "unsupported" not in names(resolved, f"{CITED}/0/year")
        assert "a check nearby" in names(resolved, f"{REQUEST}/treatment")
        assert "a check nearby" not in names(resolved, "/injured_worker/age"), "a check of an item is not near the case"

    def test_a_part_that_is_absent(self) -> None:
        resolved = alone(letter(Item(PLAIN, administrator=None)))
        assert "part is absent" in names(resolved, f"{REQUEST}/claims_administrator/stance")
        assert "part is absent" not in names(resolved, f"{BASIS}/stance")


class TestOfSummary:
    @pytest.mark.parametrize(
        ("said", "name", "found"),
        [
            ("A 48 year old cook.", "age", set()),
            ("A 48-year-old cook, seen as a 50 y/o.", "age", {"several mentions"}),
            ("A cook.", "age", {"no mention"}),
            ("Injured on 3/1/2016.", "injury_date", set()),
            ("Injured on 3/1/2016; the injury of 2/2/2015.", "injury_date", {"several mentions"}),
            ("The utilization review of 3/1/2016.", "ur_decision_date", set()),
            ("It was denied on 3/1/2016 and denied on 4/1/2016.", "ur_decision_date", {"several mentions"}),
            (f"Injured in May. Seen {' 1/1/2016' * 6}.", "injury_date", set()),
            (f"Injured in May. Seen {' 1/1/2016' * 7}.", "injury_date", {"many dates"}),
            (f"A 48 year old. Seen {' 1/1/2016' * 7}.", "age", set()),
        ],
    )
    def test_other_candidates(self, said: str, name: str, found: set[str]) -> None:
        assert of_summary(said)[name] == found

    def test_they_stand_on_the_field(self) -> None:
        resolved = alone(letter(NORCO_PLAIN, summary=f"{SUMMARY} She is 50 years of age."))
        assert "several mentions" in names(resolved, "/injured_worker/age")
        assert "several mentions" not in names(resolved, "/injured_worker/injury_date")

    def test_a_long_one(self) -> None:
        for words, signal in ((10, None), (300, "long part"), (900, "very long part")):
            found = names(alone(letter(NORCO_PLAIN, summary=f"{SUMMARY} {'rest ' * words}")), "/injured_worker/sex")
            assert found & {"long part", "very long part"} == ({signal} if signal else set())


def test_of_the_letter_as_a_whole() -> None:
    for text, signal in (
        (letter(NORCO_PLAIN, header=False), "no header"),
        (letter(*[NORCO_PLAIN] * 7), "many items"),
        (letter(NORCO_PLAIN).replace("CLINICAL CASE SUMMARY", "SUNDRY"), "a section is absent"),
    ):
        for resolved, expected in ((alone(text), True), (alone(letter(*[NORCO_PLAIN] * 6)), False)):
            assert all((signal in each.names) == expected for each in resolved.signals.values()), signal


class TestOfValues:
    def test_of_texts(self) -> None:
        found = of_item(Item("MRI of the lumbar spine; with @ contrast"), f"{REQUEST}/treatment")
        assert {"odd characters", "joined value"} <= found
        assert "long value" in of_item(Item("Acupuncture with a ride on the beach"), f"{REQUEST}/treatment")
        found = of_item(Item("MRI of the lumbar spine"), f"{REQUEST}/treatment")
        assert not found & {"odd characters", "joined value", "long value"}

    def test_of_names_that_a_side_cites(self) -> None:
        cited = "Decision based on MTUS Low Back Complaints 2004, Section(s): {}, page 303."
        for section, is_odd in (("Table 12-8", True), ("Imaging", False)):
            resolved = alone(letter(Item(PLAIN, maximus=cited.format(section))))
            assert ("figure in a name" in names(resolved, f"{CITED}/0/sections")) == is_odd
            assert "figure in a name" not in names(resolved, f"{CITED}/0/pages"), "pages are figures"

    def test_of_lists(self) -> None:
        five = "He was diagnosed with insomnia, anxiety, depression, gastritis and tendinitis. "
        at = "/clinical_summary/diagnoses"
        assert "many entries" in names(alone(letter(NORCO_PLAIN, summary=five)), at)
        assert "many entries" not in names(alone(letter(NORCO_PLAIN)), at)

    def test_absent(self) -> None:
        resolved = alone(letter(NORCO_PLAIN))
        assert "absent" in names(resolved, f"{REQUEST}/refills")
        assert "absent" not in names(resolved, f"{REQUEST}/quantity")

    @pytest.mark.parametrize(
        ("shares", "found"),
        [
            ([0.9, 0.95], {"sure entries", "2 entries"}),
            ([0.9, 0.7], {"a likely entry", "2 entries"}),
            ([0.9, 0.5], {"an entry of even odds", "2 entries"}),
            ([0.9, None], {"sure entries", "1 entries"}),
            ([0.9] * 9, {"sure entries", "3 entries"}),
        ],
    )
    def test_of_the_entries_of_grounds(self, shares: list[float | None], found: set[str]) -> None:
        made = read(letter(NORCO_PLAIN))
        resolved = made.resolve(None, [None], asked=False)
        at = f"{REQUEST}/grounds"
        signals = signals_of(resolved.record, made.parts, made.readings, resolved.checks, {at: shares})
        assert signals[at].names - {"absent"} == found


class TestAgreement:
    """With a model's answers: how the two readers agree."""

    LETTER = read(letter(*THREE))

    def test_by_the_check_of_the_value(self) -> None:
        items = (RIGHT_ITEMS[0].model_copy(update={"quantity": 46.0, "refills": 3, "strengths": ()}), *RIGHT_ITEMS[1:])
        resolved = self.LETTER.resolve(RIGHT_CASE, items, arbitration=COUNTED)
        words = {"agreed", "disputed", "one reader alone", "unsupported", "a whole is disputed"}
        for name, expected in {
            "quantity": {"disputed"},
            "refills": {"unsupported"},
            "strengths": {"one reader alone"},
            "category": {"agreed"},
        }.items():
            assert names(resolved, f"{REQUEST}/{name}") & words == expected, name
            assert "a check nearby" in names(resolved, f"{REQUEST}/{name}"), name
        assert "a check nearby" not in names(resolved, "/disputed_items/1/quantity")

    def test_a_whole_that_is_disputed(self) -> None:
        items = (RIGHT_ITEMS[0].model_copy(update={"reviewer_basis": None}), *RIGHT_ITEMS[1:])
        resolved = self.LETTER.resolve(RIGHT_CASE, items, arbitration=COUNTED)
        assert "a whole is disputed" in names(resolved, f"{BASIS}/stance")
        assert "a whole is disputed" in names(resolved, f"{CITED}/0/pages")
        assert "a whole is disputed" not in names(resolved, f"{REQUEST}/claims_administrator/stance")
        assert "a whole is disputed" not in names(resolved, f"{REQUEST}/quantity")

    def test_an_item_that_the_model_left_out_disputes_its_values(self) -> None:
        resolved = self.LETTER.resolve(RIGHT_CASE, (*RIGHT_ITEMS[:2], None), arbitration=COUNTED)
        assert "a whole is disputed" not in names(resolved, "/disputed_items/0/quantity")

    @pytest.mark.parametrize("policy", ["flag", "reask"])
    def test_a_record_that_is_not_settled_by_gold_has_none(self, policy: ConflictPolicy) -> None:
        """What was learned of the record that `repair` makes says nothing of another."""
        assert not self.LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS, policy, arbitration=COUNTED).signals

    def test_without_a_table_none_is_gathered(self) -> None:
        assert not self.LETTER.resolve(RIGHT_CASE, RIGHT_ITEMS).signals


WIDE = letter(
    *THREE,
    Item(PLAIN, administrator=None, rationale=None),
    Item("Physical therapy 2 times a week for 4 weeks", maximus="Decision based on MTUS Low Back Complaints 2004."),
    summary=SUMMARY,
)


@pytest.mark.parametrize("text", [WIDE, letter(NORCO_REFILL, period="2013"), letter(NORCO_PLAIN, header=False)])
@pytest.mark.parametrize("spoiled", [False, True])
def test_every_value_that_the_scorer_scores_has_signals(text: str, spoiled: bool) -> None:
    """By the scorer's own pointers; with another record as gold, citations and items are missing and invented."""
    resolved = alone(text)
    record = resolved.record.model_dump(mode="json")
    gold = alone(letter(ATIVAN, NORCO_REFILL)).record.model_dump(mode="json") if spoiled else record
    leaves = [leaf for leaf in score(gold, record) if leaf.at is not None and leaf.field != ITEMS]
    assert {leaf.at for leaf in leaves} <= resolved.signals.keys()
    for leaf in leaves:
        signals = resolved.signals[str(leaf.at)]
        if not str(leaf.at).endswith("/citations"):
            assert (signals.field, signals.group) == (leaf.field, BY_NAME[leaf.field].group)
    if not spoiled:
        lists = {at for at, each in resolved.signals.items() if each.field == "citations"}
        assert {leaf.at for leaf in leaves} | lists == resolved.signals.keys(), "and on nothing else"
