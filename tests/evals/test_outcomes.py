"""The scorer that cannot be fooled: what is the same scores 1, every single mutation fails and is named."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrllm.evals.alignment import align_items
from imrllm.evals.column_scores import measure
from imrllm.evals.gates import judge
from imrllm.evals.outcomes import FieldOutcome, floor, score
from imrllm.fields import FIELDS, ITEMS
from tests.evals.gold import GOLD

Record = dict[str, Any]
Mutation = Callable[[Record], None]

STRICT = {"critical": 0, "item_exact": 1.0}


def mutated(*mutations: Mutation) -> Record:
    record = deepcopy(GOLD)
    for mutation in mutations:
        mutation(record)
    return record


def setting(index: int, name: str, value: Any) -> Mutation:
    return lambda record: record[ITEMS][index].update({name: value})


def paging(index: int, pages: list[str]) -> Mutation:
    return lambda record: record[ITEMS][index]["reviewer_basis"]["citations"][0].update(pages=pages)


def wrong(leaves: list[FieldOutcome]) -> dict[str, str]:
    return {leaf.path: "+".join(sorted(+leaf.outcomes)) for leaf in leaves if not leaf.exact}


def permuted(record: Record, seed: int) -> Record:
    items = list(record[ITEMS])
    random.Random(seed).shuffle(items)
    return {**record, ITEMS: items}


def counted(leaves: list[FieldOutcome]) -> Counter[str]:
    return sum((leaf.outcomes for leaf in leaves), Counter())


@pytest.mark.parametrize(
    "mutation",
    [
        pytest.param(lambda record: None, id="identical"),
        pytest.param(lambda record: record[ITEMS].reverse(), id="items reordered"),
        pytest.param(setting(0, "heading", "Norco 10/325 mg #45"), id="a space before the unit"),
        pytest.param(setting(0, "strengths", ["10mg", "325mg"]), id="strengths without their spaces"),
        pytest.param(setting(0, "quantity", 45), id="a whole number for a float"),
        pytest.param(paging(0, ["78", " 80"]), id="a space before a page"),
    ],
)
def test_what_is_the_same_scores_one(mutation: Mutation) -> None:
    leaves = score(GOLD, mutated(mutation))
    assert wrong(leaves) == {}
    scores = measure({"a": leaves})
    assert scores.leaves.rate == scores.item_exact.rate == scores.document_exact.rate == scores.micro_f1 == 1.0
    assert all(gate.passed for gate in judge(STRICT, scores, None, ()))


@pytest.mark.parametrize(
    ("mutation", "path", "outcome", "critical"),
    [
        (setting(0, "decision", "overturned"), "/disputed_items/0/decision", "wrong", True),
        (setting(2, "strengths", ["10 mg"]), "/disputed_items/2/strengths", "wrong", True),
        (setting(0, "quantity", 48.0), "/disputed_items/0/quantity", "wrong", True),
        (paging(2, ["42"]), "/disputed_items/2/reviewer_basis/citations/0/pages", "wrong", False),
        (setting(1, "refills", None), "/disputed_items/1/refills", "missed", True),
        (setting(0, "refills", 0), "/disputed_items/0/refills", "invented", True),
        (lambda record: record[ITEMS].pop(1), "/disputed_items/1", "missed", True),
        (
            lambda record: record[ITEMS].append(
                {**GOLD[ITEMS][2], "heading": "Zolpidem 10mg #15", "treatment": "Zolpidem", "quantity": 15.0}
            ),
            "/disputed_items/3",
            "invented",
            True,
        ),
        (setting(1, "medically_necessary", False), "/disputed_items/1/medically_necessary", "wrong", False),
        (setting(0, "strengths", ["325 mg", "10 mg"]), "/disputed_items/0/strengths", "match+wrong", True),
        (setting(0, "reviewer_basis", None), "/disputed_items/0/reviewer_basis/stance", "missed", False),
    ],
    ids=[
        "decision flipped",
        "strength 1 to 10 mg",
        "quantity 45 to 48",
        "page 24 to 42",
        "refills 1 to null",
        "refills null to 0",
        "one item dropped",
        "one item invented",
        "conclusion flipped",
        "strengths swapped",
        "a basis left out",
    ],
)
def test_a_mutation_fails_and_names_its_path(mutation: Mutation, path: str, outcome: str, critical: bool) -> None:
    leaves = score(GOLD, mutated(mutation))
    assert wrong(leaves)[path] == outcome
    assert [leaf.path for leaf in leaves if leaf.is_critical_error] == [path] * critical
    gates = {gate.name: gate for gate in judge(STRICT, measure({"a": leaves}), None, ())}
    assert not gates["item_exact"].passed
    assert gates["critical"].passed is not critical
    assert gates["critical"].details == ((f"a {path}",) if critical else ())


def test_a_twin_item_is_told_apart_by_its_quantity() -> None:
    """The second Norco's values must not make up for the first's."""
    swapped = mutated(setting(0, "quantity", 30.0), setting(1, "quantity", 45.0))
    assert set(wrong(score(GOLD, swapped))) >= {"/disputed_items/0/quantity", "/disputed_items/1/quantity"}


def test_a_flipped_decision_finds_no_other_partner() -> None:
    record = mutated(setting(0, "decision", "overturned"), setting(1, "decision", "upheld"))
    assert wrong(score(GOLD, record)) == {"/disputed_items/0/decision": "wrong", "/disputed_items/1/decision": "wrong"}


def test_a_failed_document_misses_all() -> None:
    counts = counted(score(GOLD, None))
    assert counts["missed"] > 0
    assert counts["match"] == counts["wrong"] == counts["invented"] == 0
    assert measure({"a": score(GOLD, None)}).item_exact.right == 0


def test_the_floor_has_nothing_but_upheld() -> None:
    leaves = floor(GOLD)
    assert {leaf.field for leaf in leaves if leaf.outcomes["match"]} == {"decision", "retrospective", ITEMS}
    assert [leaf.exact for leaf in leaves if leaf.field == "decision"] == [True, False, True]


def test_a_citation_too_many_is_invented_and_its_absent_fields_are_no_success() -> None:
    extra = {"guideline": "ODG", "within_mtus": False, "chapter": None, "year": None, "sections": [], "pages": []}
    record = mutated(lambda record: record[ITEMS][0]["claims_administrator"]["citations"].append(extra))
    leaves = [leaf for leaf in score(GOLD, record) if "/0/claims_administrator/citations/" in leaf.path]
    assert {leaf.field: dict(leaf.outcomes) for leaf in leaves} == {
        "claims_administrator.guideline": {"invented": 1},
        "claims_administrator.within_mtus": {"invented": 1},
    }


def test_every_field_of_the_record_is_scored() -> None:
    """A field that the scorer does not know could be wrong for ever."""

    def names(value: Any, path: tuple[str, ...]) -> set[tuple[str, ...]]:
        if isinstance(value, dict):
            return set().union(*(names(inner, (*path, name)) for name, inner in value.items()))
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return set().union(*(names(each, path) for each in value))
        return {path}

    known = {field.path for field in FIELDS if field.place == "case"}
    known |= {(ITEMS, *field.path) for field in FIELDS if field.place == "item"}
    known |= {(ITEMS, str(field.side), "citations", *field.path) for field in FIELDS if field.place == "citation"}
    # The rationale is the letter's own paragraph; an empty list of citations has no fields.
    ends = names(GOLD, ()) - {("document_id",), (ITEMS, "rationale"), (ITEMS, "claims_administrator", "citations")}
    assert ends - known == set()


def test_twins_with_rationales_are_paired_without_them() -> None:
    """Gold leaves rationales out; a record's must not pair items that differ in their decisions alone."""
    twins = mutated(
        lambda record: record[ITEMS].__setitem__(
            slice(0, 2), [record[ITEMS][0], {**record[ITEMS][0], "decision": "overturned"}]
        )
    )
    gold = {**twins, ITEMS: [{**item, "rationale": None} for item in twins[ITEMS]]}
    for rationales in (("A text.", "Z text.", ""), ("Z text.", "A text.", "")):
        record = {
            **twins,
            ITEMS: [{**item, "rationale": text} for item, text in zip(twins[ITEMS], rationales, strict=True)],
        }
        assert wrong(score(gold, record)) == {}


class TestText:
    """Free text is compared folded, and with a threshold where a suite names one."""

    def test_case_and_punctuation_do_not_count(self) -> None:
        record = mutated(setting(0, "treatment", "NORCO."))
        assert wrong(score(GOLD, record)) == {}

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            pytest.param("Ativan .5mg #30", "Ativan 5mg #30", id="a tenfold dose"),
            pytest.param("1-2 tablets daily", "1/2 tablets daily", id="a range and a half"),
            pytest.param("10/325mg", "10, 325mg", id="a slash and a comma"),
        ],
    )
    def test_what_makes_another_number_does(self, one: str, two: str) -> None:
        gold, record = mutated(setting(2, "frequency", one)), mutated(setting(2, "frequency", two))
        assert wrong(score(gold, record)) == {"/disputed_items/2/frequency": "wrong"}

    def test_a_decimal_point_is_one_with_or_without_its_nought(self) -> None:
        gold, record = mutated(setting(2, "frequency", ".5 mg")), mutated(setting(2, "frequency", "0.5mg"))
        assert wrong(score(gold, record)) == {}

    def test_a_threshold_admits_what_is_alike(self) -> None:
        record = mutated(setting(2, "treatment", "Ativan tab"))
        assert wrong(score(GOLD, record)) == {"/disputed_items/2/treatment": "wrong"}
        assert wrong(score(GOLD, record, {"treatment": 0.7})) == {}
        assert wrong(score(GOLD, record, {"treatment": 0.9})) == {"/disputed_items/2/treatment": "wrong"}

    def test_a_threshold_pairs_entries_of_a_list(self) -> None:
        record = mutated(lambda record: record["clinical_summary"].update(diagnoses=["insomnias", "gout"]))
        (leaf,) = (leaf for leaf in score(GOLD, record) if leaf.field == "clinical_summary.diagnoses")
        assert leaf.outcomes == Counter(wrong=2)
        near = {"clinical_summary.diagnoses": 0.9}
        (leaf,) = (leaf for leaf in score(GOLD, record, near) if leaf.field == "clinical_summary.diagnoses")
        assert leaf.outcomes == Counter(match=1, wrong=1)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "heading": st.sampled_from(["Norco 10/325mg #45", "Norco 10/325mg #30", "Ativan 1mg #30", "MRI of the knee"]),
    "treatment": st.sampled_from(["Norco", "Ativan", "MRI", None]),
    "quantity": st.sampled_from([45.0, 30.0, None]),
    "refills": st.sampled_from([0, 1, None]),
    "decision": st.sampled_from(["upheld", "overturned"]),
    "medically_necessary": st.sampled_from([True, False, None]),
    "strengths": st.lists(st.sampled_from(["10 mg", "325 mg", "1 mg"]), max_size=3),
    "reviewer_basis": st.sampled_from([None, *(item["reviewer_basis"] for item in GOLD[ITEMS])]),
}
ITEM = st.fixed_dictionaries(VALUES).map(lambda values: {**GOLD[ITEMS][0], **values})
RECORD = st.lists(ITEM, max_size=4).map(lambda items: {**GOLD, ITEMS: items})


@given(RECORD, RECORD, st.integers(0, 9))
def test_permuting_either_side_changes_nothing(gold: Record, record: Record, seed: int) -> None:
    plain = score(gold, record)
    for one, two in ((permuted(gold, seed), record), (gold, permuted(record, seed))):
        leaves = score(one, two)
        assert counted(leaves) == counted(plain)
        assert measure({"a": leaves}).item_exact == measure({"a": plain}).item_exact


@given(RECORD, RECORD)
def test_swapping_swaps_missed_and_invented_and_nothing_else(gold: Record, record: Record) -> None:
    there, back = counted(score(gold, record)), counted(score(record, gold))
    swapped = Counter({**there, "missed": there["invented"], "invented": there["missed"]})
    assert +back == +swapped


@given(RECORD)
def test_a_record_scores_one_against_itself(record: Record) -> None:
    assert wrong(score(record, deepcopy(record))) == {}


@given(RECORD, RECORD)
def test_items_are_paired_once_each(gold: Record, record: Record) -> None:
    pairs = align_items(gold[ITEMS], record[ITEMS])
    for side in zip(*pairs, strict=True):
        assert len(set(side)) == len(side)
