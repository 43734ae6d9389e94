"""Letters and rows for the tests of the review page and of what is exported from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from imrllm.corrections import Corrections, settled_at
from imrllm.documents import Document
from imrllm.pipeline import Extractor, check_record
from imrllm.records import Check, Determination, Result
from imrllm.report.review import Shown
from tests.letters import THREE, Item, letter

Record = dict[str, Any]

QUANTITY = "/disputed_items/0/quantity"
REFILLS = "/disputed_items/1/refills"
GROUNDS = "/disputed_items/2/grounds"
DIAGNOSES = "/clinical_summary/diagnoses"
SPECIALTIES = "/reviewer/specialties"
# All that is in doubt in `doubtful()`, settled: pointer, value and action.
ALL = [
    (QUANTITY, 45, "source"),
    (REFILLS, 1, "source"),
    (GROUNDS, ["long_term_use"], "source"),
    (SPECIALTIES, ["Family Medicine", "Sports Medicine"], "source"),
    (DIAGNOSES, ["insomnia", "lumbar radiculopathy"], "edit"),
]


def document(name: str = "w1", *items: Item) -> Document:
    return Document.from_text(letter(*(items or THREE)), name)


def row(given: Document, change: Callable[[Record], Any] | None = None) -> Result:
    """The letter's own record, with something changed, checked against the letter."""
    record = Extractor("none").extract(given).record
    assert record is not None
    data = record.model_dump(mode="json")
    if change:
        change(data)
    return check_record(given, Determination.model_validate(data))


def wrong(record: Record) -> None:
    """A wrong quantity, a diagnosis that stands nowhere, one left out, refills and a ground that are missing."""
    record["disputed_items"][0]["quantity"] = 54
    record["disputed_items"][1]["refills"] = None
    record["disputed_items"][2]["grounds"] = []
    record["clinical_summary"]["diagnoses"] = ["lumbar radiculopathy", "gout"]
    record["reviewer"]["specialties"] = ["Family Medicine"]


@cache
def doubtful(name: str = "w1") -> Result:
    return row(document(name), wrong)


def shown(result: Result, text: str | None = None, note: str | None = None) -> Shown:
    return Shown(result.document_id, result, text, note)


def correction(result: Result, pointer: str, value: Any, action: str = "edit", **given: Any) -> Record:
    held: Any = result.record.model_dump(mode="json") if result.record else None
    for step in pointer.split("/")[1:]:
        try:
            held = held[int(step)] if isinstance(held, list) else held[step]
        except (LookupError, TypeError, ValueError):
            held = None
    base = {"document_id": result.document_id, "sha256": result.provenance.sha256, "pointer": pointer}
    return base | {"action": action, "was": held, "value": value} | given


def corrections(*given: Record, whole: Sequence[Result] = (), **other: Any) -> Record:
    read = [{"document_id": each.document_id, "sha256": each.provenance.sha256} for each in whole]
    base = {"version": 1, "records": "0" * 64, "reviewer": "AB", "exported": "2026-11-24"}
    return base | {"corrections": list(given), "read_whole": read} | other


def parsed(given: Record) -> Corrections:
    return Corrections.model_validate_json(json.dumps(given))


# What gold says of the values of `weighed()`: by field, the risk, and whether a person is asked to look.
RISKS = {
    QUANTITY: (0.42, True),
    REFILLS: (0.21, True),
    GROUNDS: (0.02, False),
    DIAGNOSES: (0.03, False),
    SPECIALTIES: (0.004, False),
}
AGE = "/injured_worker/age"


def misread(record: Record) -> None:
    """What a model may get wrong of an item beside `wrong`: its name, category and pages."""
    wrong(record)
    for item in record["disputed_items"]:
        item.update(treatment="tablets", category="other", retrospective=not item["retrospective"])
        item["reviewer_basis"]["citations"][0].update(pages=["1"], sections=[])


@cache
def weighed(name: str = "w1") -> Result:
    """A repaired record with risks: two values in doubt, many repaired, and one that only one reader read."""
    right, given = row(document(name)), row(document(name), misread)
    assert right.record
    record = right.record.model_dump(mode="json")
    checks = []
    for check in given.checks:
        risk, review = RISKS.get(settled_at(record, check.pointer), (0.004, False))
        asked = review and check.status != "confirmed"
        checks.append(check.model_copy(update={"risk": risk, "review": asked, "resolution": "source"}))
    checks = [check for check in checks if not check.pointer.endswith(("/decision", "/grounds/0"))]
    unsure = Check(
        pointer=AGE, status="confirmed", source_value=48, span=right.evidence[AGE][0], risk=0.12, review=True
    )
    risks = {at: risk for at, (risk, _) in RISKS.items()} | {AGE: 0.12}
    made = given.provenance.model_copy(update={"model": "openai/gpt-5-mini", "prompt": "v4"})
    return right.model_copy(
        update={"checks": (*checks, unsure), "risks": risks, "provenance": made, "status": "review"}
    )


def weighed_rows(*names: str) -> list[Shown]:
    """Letters with risks, side by side with their text."""
    return [shown(weighed(name), document().text) for name in names or ("one", "two", "three")]
