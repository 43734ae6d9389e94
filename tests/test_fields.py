"""The registry of fields: complete, and what its entries compare and alter."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import imrllm
from imrllm.export import TABLES
from imrllm.fields import BY_NAME, CITATION_FIELDS, FIELDS, ITEMS, SIDES, field_at, line_at, named
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import CaseAnswer, Determination, DisputedItem, ItemAnswer
from imrllm.report.review import _fields
from tests.letters import THREE, letter


def leaves(schema: dict[str, Any], definitions: dict[str, Any], pointer: str = "") -> Iterator[str]:
    """The pointers of a JSON Schema's leaves, `*` for an index; a list of plain values is a leaf."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    for choice in choices:
        yield from leaves(choice, definitions, pointer)
    for name, inner in schema.get("properties", {}).items():
        yield from leaves(inner, definitions, f"{pointer}/{name}")
    entries = schema.get("items", {})
    if "$ref" in entries and "enum" not in definitions[entries["$ref"].rpartition("/")[2]]:
        yield from leaves(entries, definitions, f"{pointer}/*")
    elif not choices and "properties" not in schema:
        yield pointer


def leaves_of(model: type[Any]) -> list[str]:
    schema = model.model_json_schema()
    return list(leaves(schema, schema.get("$defs", {})))


def test_every_value_of_the_record_has_one_entry() -> None:
    """In the record's order, too. The document's id is not read from the letter."""
    assert [field.pointer for field in FIELDS] == [each for each in leaves_of(Determination) if each != "/document_id"]
    assert Counter(field.name for field in FIELDS).most_common(1)[0][1] == 1


def test_every_field_has_its_column_and_its_place_on_the_review_page() -> None:
    # The flat table for analysis repeats what the others hold, and others hold what it derives.
    tables = [table for table in TABLES if table.name != "analysis"]
    derived = {"decision_quarter", "case_outcome", "service", "service_group"}
    held = [column for table in tables for column in table.columns if column.name not in derived]
    columns = Counter(column.source.removesuffix("/*") for column in held)
    for field in FIELDS:
        # Whose basis a citation is of is a column.
        source = field.pointer.replace(f"{field.side}/citations", "*/citations")
        assert columns[f"/record{source}"] == 1, source
    assert [each["path"] for each in _fields() if each["kind"] != "object"] == [field.pointer for field in FIELDS]


def test_a_field_has_the_type_and_the_meaning_of_its_line_in_the_record() -> None:
    priority, pages, grounds = (BY_NAME[name].line for name in ("letter.priority", "reviewer_basis.pages", "grounds"))
    assert (priority.choices, priority.nullable) == (("Standard", "Expedited"), True)
    assert (pages.type, pages.nullable) == (tuple[str, ...], False)
    assert "long_term_use" in grounds.choices
    injured = BY_NAME["injured_worker.injury_date"].line
    assert injured.type is str
    assert injured.pattern
    assert [field.name for field in FIELDS if not field.line.description] == []
    assert line_at(f"/{ITEMS}/*").description == DisputedItem.__doc__
    assert line_at(f"/{ITEMS}/*/reviewer_basis").nullable


def test_a_model_is_asked_for_the_fields_of_the_answers() -> None:
    answers = [*leaves_of(CaseAnswer), *(f"/{ITEMS}/*{each}" for each in leaves_of(ItemAnswer))]
    assert sorted(field.pointer for field in FIELDS if field.is_asked) == sorted(answers)


def test_every_part_is_one_of_the_letter() -> None:
    parts = {*LetterParts.__dataclass_fields__, *ItemParts.__dataclass_fields__, "request"}
    assert {field.part for field in FIELDS} <= parts


def test_a_field_knows_its_name_and_its_place() -> None:
    pages = BY_NAME["reviewer_basis.pages"]
    assert (pages.path, pages.place, pages.side) == (("pages",), "citation", "reviewer_basis")
    assert pages.at(2, 0) == f"/{ITEMS}/2/reviewer_basis/citations/0/pages"
    assert field_at(pages.at(2, 0)) is field_at(f"{pages.at(12, 3)}/1") is pages
    case = BY_NAME["letter.case_number"]
    assert (case.path, case.place, case.side, case.at()) == (("letter", "case_number"), "case", None, case.pointer)
    stance = BY_NAME["claims_administrator.stance"]
    assert (stance.path, stance.place) == (("claims_administrator", "stance"), "item")
    assert {field.side for field in CITATION_FIELDS} == set(SIDES)
    for pointer in ("", f"/{ITEMS}/0", f"/{ITEMS}/0/reviewer_basis", "/letter"):
        assert field_at(pointer) is None


def test_a_short_name_is_that_of_both_sides() -> None:
    assert named("pages") == ("claims_administrator.pages", "reviewer_basis.pages")
    assert named("reviewer_basis.pages") == ("reviewer_basis.pages",)
    assert named(ITEMS) == (ITEMS,)
    assert named("rationale") == named("colour") == ()


@pytest.mark.parametrize(
    ("name", "one", "other", "same", "reason"),
    [
        ("quantity", 60, 60.0, True, "a whole number"),
        ("quantity", 45, 4.5, False, "a point"),
        ("refills", 0, None, False, "none is not nothing"),
        ("medically_necessary", False, None, False, "false is not nothing"),
        ("retrospective", True, False, False, "the reverse"),
        ("body_parts", ("Right  Shoulder.",), ("right shoulder",), True, "case, spaces, full stop"),
        ("treatment", "Right  Shoulder.", "right shoulder", True, "case, spaces, full stop"),
        ("frequency", "4.5", "4,5", False, "point and comma"),
        ("frequency", "45", "4 5", False, "a space in a number"),
        ("frequency", "45", "450", False, "a figure more"),
        ("frequency", "5%", "5", False, "a percent sign says something"),
        ("reviewer_basis.pages", ("63-66",), ("63\u201366",), True, "a range with another dash"),
        ("reviewer_basis.pages", ("63-66",), ("63", "66"), False, "a range is not two pages"),
        ("reviewer_basis.pages", ("63-66",), ("63, 66",), False, "nor is it two pages in one entry"),
        ("reviewer_basis.pages", ("24", "78"), ("78", "24"), False, "printed order"),
        ("reviewer_basis.pages", ("24",), ("24", "24"), False, "once is not twice"),
        ("ingredients", ("a", "b"), ("B", "a"), True, "any order"),
        ("ingredients", ("a", "a"), ("a",), False, "once is not twice"),
        ("strengths", ("10mg",), ("10 mg",), True, "the space"),
        ("strengths", ("10 mg", "325 mg"), ("325 mg", "10 mg"), False, "printed order"),
        ("strengths", ("1 mg",), ("10 mg",), False, "ten times"),
        ("strengths", ("10 mg",), ("10 mcg",), False, "another unit"),
        ("strengths", ("1.0 mg",), ("1 mg",), True, "zeros after the point"),
        ("strengths", ("10/325 mg",), ("10 mg", "325 mg"), False, "two in one"),
        ("quantity_unit", "Tabs", "tablet", True, "an abbreviation"),
    ],
)
def test_when_two_values_are_the_same(name: str, one: Any, other: Any, same: bool, reason: str) -> None:
    assert BY_NAME[name].same(one, other) is same, reason
    assert BY_NAME[name].same(other, one) is same, reason


ALTERED = {
    "letter.case_number": ("CM16-0001234", "CM26-0001234"),
    **{
        f"letter.{name}": ("2016-12-31", "2017-01-01")
        for name in ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
    },
    "injured_worker.age": (48, 49),
    "injured_worker.sex": ("male", "female"),
    "injured_worker.injury_date": ("2014-03", "2013-03"),
    "clinical_summary.ur_decision_date": ("2016-02-28", "2016-02-29"),
    "decision": ("upheld", "overturned"),
    "strengths": ("10 mg", "20 mg"),
    "quantity": (45.0, 46.0),
    "refills": (0, 1),
    "total_visits": (12, 13),
    "date_of_service": ("2016-03-01", "2016-03-02"),
    "medically_necessary": (True, False),
    **{f"{side}.stance": ("none_cited", "cited") for side in SIDES},
    **{f"{side}.guideline": ("other", "MTUS") for side in SIDES},
    **{f"{side}.within_mtus": (True, False) for side in SIDES},
    **{f"{side}.chapter": ("Pain", "Pain Supplement") for side in SIDES},
    **{f"{side}.year": (2009, 2010) for side in SIDES},
    **{f"{side}.sections": ("Opioids", "Opioids Supplement") for side in SIDES},
    **{f"{side}.pages": ("24", "34") for side in SIDES},
}


def test_seeded_corruptions_alter_these_fields_and_no_others() -> None:
    altered = {field.name: field.alter for field in FIELDS if field.alter}
    assert set(altered) == set(ALTERED)
    for name, (right, wrong) in ALTERED.items():
        assert altered[name](right) == wrong, name
        entry = (lambda value: value) if BY_NAME[name].shape == "value" else (lambda value: (value,))
        assert not BY_NAME[name].same(entry(right), entry(wrong)), name


PAGE = Path(__file__).parent.parent / "docs" / "fields.md"
ADDED = """
import json, sys
from imrllm.crosscheck import compare, resolve
from imrllm.documents import Document
from imrllm.evals.corruptions import corruptions
from imrllm.evals.outcomes import score
from imrllm.export.tables import DOCUMENTS
from imrllm.grammar import read_values
from imrllm.letter import read_letter
from imrllm.records import Determination
from imrllm.report.review import _fields

letter = Document.from_text(sys.stdin.read(), "a")
parts = read_letter(letter.text)
readings = read_values(parts)
read = resolve("a", parts, readings, None, [None] * len(parts.items), "repair", asked=frozenset())
gold = read.record.model_dump(mode="json")
wrong = {**gold, "injured_worker": {**gold["injured_worker"], "dominant_hand": "left"}}
answer = Determination.model_validate(wrong)
settled = resolve("a", parts, readings, answer, answer.disputed_items, "repair")
at = "/injured_worker/dominant_hand"
print(json.dumps({
    "read": [letter.text[slice(*span)] for span in read.evidence[at]],
    "settled": settled.record.injured_worker.dominant_hand,
    "checks": [check.status for check in compare(answer, parts, readings).checks if check.pointer == at],
    "scored": [[each.field, each.value] for each in score(gold, wrong) if not each.exact],
    "corrupted": corruptions({"a": letter}, {"a": gold})["injured_worker.dominant_hand"].rate,
    "exported": [column.name for column in DOCUMENTS.columns if column.source == f"/record{at}"],
    "reviewed": [field["choices"] for field in _fields() if field["path"] == at],
}))
"""


def test_a_field_is_added_by_an_entry_a_line_and_a_reader(tmp_path: Path) -> None:
    """The steps of docs/fields.md, done to a copy of the package: nothing else has a list of fields to change."""
    copy = tmp_path / "imrllm"
    shutil.copytree(Path(imrllm.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    file = None
    steps = re.findall(r"`(imrllm/[\w/]+\.py)`|```diff\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    for named_file, change in steps:
        if named_file:
            file = tmp_path / named_file
            continue
        assert file
        lines = change.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] != mark) for mark in "+-")
        text = file.read_text("utf-8")
        assert text.count(before) == 1, before
        file.write_text(text.replace(before, after), "utf-8")
    printed = letter(*THREE)
    assert printed.count("48 year old") == 1
    done = subprocess.run(
        [sys.executable, "-c", ADDED],
        input=printed.replace("48 year old", "48 year old right hand dominant"),
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "read": ["right hand dominant"],
        "settled": "right",
        "checks": ["conflict"],
        "scored": [["injured_worker.dominant_hand", "left"]],
        "corrupted": 1.0,
        "exported": ["dominant_hand"],
        "reviewed": [["right", "left"]],
    }
