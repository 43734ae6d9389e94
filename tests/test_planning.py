"""Which calls a prompt makes about a letter, and what they ask for."""

from __future__ import annotations

from typing import Any

import pytest

from imrllm.answer_models import ASKABLE
from imrllm.documents import Document
from imrllm.grammar import GroundReading, Part, letter_readings
from imrllm.grammar.rationale.grounds import read_grounds
from imrllm.planning import PlannedCall, ReadLetter, read_in_full
from imrllm.prompts import Prompt, load_prompt, parse_prompt
from imrllm.records import Decision
from tests.letters import (
    ATIVAN,
    FULL_PROMPT,
    NORCO_PLAIN,
    NORCO_REFILL,
    SUMMARY,
    THREE,
    WHOLE_PROMPT,
    Item,
    letter,
)

STATED = "There is no documented functional improvement from it. It is not medically necessary."
# Words about this case, and words that only describe a guideline.
APPLIED = "The requested drug carries a risk of dependence."
DESCRIBED = "It is not recommended for long-term use."
UPHELD = Item("Ativan 1mg #30", rationale=STATED)
OVERTURNED = Item("Tramadol 50mg #60", "Overturned", rationale="All criteria are met. It is medically necessary.")
WORDLESS = Item("Norco 10/325mg #45", rationale="I agree. The request is not medically necessary.")
BARE = Item("Voltaren gel 1%", rationale=None)
NO_LISTS = "The worker is a 48 year old male. He sleeps badly."


def read(*items: Item, summary: str = SUMMARY) -> ReadLetter:
    return read_in_full(Document.from_text(letter(*items, summary=summary), "one"))


def calls(of: ReadLetter, prompt: Prompt | str) -> list[tuple[str, int | None]]:
    prompt = load_prompt(prompt) if isinstance(prompt, str) else prompt
    return [(call.kind, call.item) for call in of.calls(prompt)]


def own_prompt(asks: str, *kinds: str, unsure: str = "") -> Prompt:
    """A prompt of a test's own that says nothing but what it asks."""
    turns = "".join(f"# {kind}\n## user\nx\n" for kind in kinds)
    limits = ", ".join(f"{kind}: 9" for kind in kinds)
    front = f"name: own\nasks: {asks}\nmax_tokens: {{{limits}}}\nchange: x\n{unsure}"
    return parse_prompt(f"---\n{front}---\n{turns}", "own")


class TestFullPrompts:
    @pytest.mark.parametrize(
        ("prompt", "expected"),
        [(WHOLE_PROMPT, [("letter", None)]), (FULL_PROMPT, [("case", None), ("item", 1), ("item", 2), ("item", 3)])],
    )
    def test_every_part_is_asked_about(self, prompt: str, expected: list[Any]) -> None:
        assert calls(read(*THREE), prompt) == expected


def argued(*rationales: str, outcome: str = "Upheld") -> ReadLetter:
    """A letter with an item for each rationale."""
    concluded = "is not" if outcome == "Upheld" else "is"
    return read(
        *(
            Item("Ativan 1mg #30", outcome, rationale=f"{words} The request {concluded} medically necessary.")
            for words in rationales
        )
    )


class TestVerify:
    PROMPT = own_prompt("{verify: all}", "verify")

    def verified(self, of: ReadLetter) -> list[tuple[int | None, str]]:
        """The item and the ground of each call, which asks for a yes or no."""
        planned = of.calls(self.PROMPT)
        assert {call.kind for call in planned} <= {"verify"}
        return [(call.item, call.parts["ground"]) for call in planned]

    def test_upheld_items_with_words_alone(self) -> None:
        assert self.verified(read(UPHELD, OVERTURNED, WORDLESS, BARE)) == [(1, "no_functional_improvement")]
        assert self.verified(argued("The criteria of the guideline are met in this case.", outcome="Overturned")) == []

    @pytest.mark.parametrize(
        ("case", "ground"),
        [
            (APPLIED, "safety_risk"),
            ("The worker shows no functional improvement with its use.", "no_functional_improvement"),
        ],
    )
    def test_words_that_only_describe_a_guideline_are_not_asked_about(self, case: str, ground: str) -> None:
        found = argued(f"{case} {DESCRIBED}")
        words = found.readings.items[0].grounds
        assert [(each.value, each.applied) for each in words] == [(ground, True), ("long_term_use", False)]
        assert self.verified(found) == [(1, ground)]

    def test_the_same_words_are_asked_about_where_they_are_the_whole_argument(self) -> None:
        assert self.verified(argued(DESCRIBED)) == [(1, "long_term_use")]

    def test_one_call_a_ground_in_the_order_of_items_and_words(self) -> None:
        both = "The requested drug carries a risk of dependence and is not recommended for long-term use."
        assert self.verified(argued(APPLIED, f"{APPLIED} {DESCRIBED}", both, f"{APPLIED} {STATED}")) == [
            (1, "safety_risk"),
            (2, "safety_risk"),
            (3, "safety_risk"),
            (3, "long_term_use"),
            (4, "safety_risk"),
            (4, "no_functional_improvement"),
        ]

    def test_it_sees_the_words(self) -> None:
        (call,) = argued(APPLIED).calls(self.PROMPT)
        assert APPLIED in call.parts["rationale"]
        assert call.parts["decision"] == "upheld"
        assert set(call.parts) == {"rationale", "decision", "ground"}
        assert call.pointers(self.PROMPT.asks["verify"]) == {"/disputed_items/0/grounds"}

    def test_a_long_rationale_is_cut_to_its_words_and_its_end(self) -> None:
        filler = "The records of the visit in May were read once more. "
        long = Item(
            "Ativan 1mg #30", rationale=f"{filler * 40}{STATED.split(' It is not medically')[0]} {filler * 40}End."
        )
        found = read(long).calls(self.PROMPT)
        assert found
        for call in found:
            assert len(call.parts["rationale"]) < 1000
            assert "functional improvement" in call.parts["rationale"]
            assert call.parts["rationale"].endswith("End.")


class TestOnlyIfUnsure:
    def test_a_letter_that_the_grammar_reads_costs_its_verdicts_alone(self) -> None:
        assert calls(read(UPHELD, OVERTURNED), "v4") == [("verify", 1)]

    def test_grounds_where_no_words_are_known(self) -> None:
        assert calls(read(UPHELD, WORDLESS, BARE), "v4") == [("verify", 1), ("grounds", 2)]
        assert calls(argued("The chart was reread."), "v4") == [("grounds", 1)]

    def test_grounds_where_words_only_describe_a_guideline(self) -> None:
        assert calls(argued(f"The worker\u2019s pain is what it was. {DESCRIBED}"), "v4") == [("grounds", 1)]

    def test_the_case_where_a_list_is_not_read(self) -> None:
        assert ("case", None) in calls(read(UPHELD, summary=NO_LISTS), "v4")
        assert ("case", None) not in calls(read(UPHELD), "v4")

    def test_an_item_that_has_no_category(self) -> None:
        unknown = Item("Xylophone", rationale=STATED)
        assert calls(read(UPHELD, unknown), "v4") == [("verify", 1), ("verify", 2), ("item", 2)]

    def test_the_same_kinds_are_always_made_without_it(self) -> None:
        prompt = own_prompt("{grounds: all, case: all, item: [treatment]}", "grounds", "case", "item")
        assert calls(read(UPHELD, BARE), prompt) == [("grounds", 1), ("case", None), ("item", 1), ("item", 2)]
        wary = own_prompt("{grounds: all, item: [treatment]}", "grounds", "item", unsure="only_if_unsure: [item]\n")
        assert calls(read(UPHELD), wary) == [("grounds", 1)]


class TestPointers:
    @pytest.mark.parametrize(
        ("call", "asks", "expected"),
        [
            (
                PlannedCall("item", {}, 2),
                ("treatment", "category"),
                {"/disputed_items/1/treatment", "/disputed_items/1/category"},
            ),
            (PlannedCall("grounds", {}, 1), ("grounds",), {"/disputed_items/0/grounds"}),
            (PlannedCall("verify", {}, 3), ("grounds",), {"/disputed_items/2/grounds"}),
            (PlannedCall("case", {}), ("clinical_summary.diagnoses",), {"/clinical_summary/diagnoses"}),
            (
                PlannedCall("letter", {}),
                ASKABLE["letter"],
                {"/reviewer", "/injured_worker", "/clinical_summary", "/disputed_items"},
            ),
        ],
    )
    def test_what_a_call_asks_for(self, call: PlannedCall, asks: tuple[str, ...], expected: set[str]) -> None:
        assert call.pointers(asks) == expected

    def test_full_calls_ask_for_every_field_but_grounds(self) -> None:
        of = read(NORCO_PLAIN, NORCO_REFILL, ATIVAN)
        prompt = load_prompt(FULL_PROMPT)
        asked = {pointer for call in of.calls(prompt) for pointer in call.pointers(prompt.asks[call.kind])}
        assert len(asked) == len(ASKABLE["case"]) + 3 * (len(ASKABLE["item"]) - 1)


def test_the_grounds_of_a_letter_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans of calls and every record of the letter share them."""
    rationales: list[str] = []

    def counted(rationale: Part, decision: Decision, *request: Any) -> tuple[GroundReading, ...]:
        rationales.append(rationale.text)
        return read_grounds(rationale, decision, *request)

    monkeypatch.setattr(letter_readings, "read_grounds", counted)
    found = read(UPHELD, BARE)
    for prompt in (FULL_PROMPT, "v4"):
        found.calls(load_prompt(prompt))
    assert found.by_grammar.record.disputed_items[0].grounds == ("no_functional_improvement",)
    assert [tuple(each.value for each in item.grounds) for item in found.readings.items] == [
        ("no_functional_improvement",),
        (),
    ]
    assert rationales == [STATED]
