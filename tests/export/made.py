"""Results for the tests of the tables: every field filled, or hostile."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from imrllm.records import (
    Basis,
    Check,
    Citation,
    ClinicalSummary,
    Determination,
    DisputedItem,
    Failure,
    InjuredWorker,
    LetterHeader,
    Provenance,
    Result,
    Reviewer,
    Usage,
)

CITATION = Citation(
    guideline="MTUS",
    within_mtus=True,
    chapter="Chronic Pain Treatment Guidelines",
    year=2009,
    sections=("Opioids", "Weaning"),
    pages=("78", "80-81"),
)


def item(**changed: Any) -> DisputedItem:
    return DisputedItem(
        **{
            "heading": "Norco 10/325mg #45",
            "decision": "upheld",
            "request": "Norco 10/325mg #45",
            "original_request": "Norco 10/325mg #90",
            "authorized": "Norco 10/325mg #45",
            "rationale": "No gain was recorded.",
            "treatment": "Norco",
            "category": "medication",
            "ingredients": ("hydrocodone", "acetaminophen"),
            "strengths": ("10 mg", "325 mg"),
            "quantity": 45.0,
            "quantity_unit": "tablet",
            "refills": 0,
            "frequency": "QHS",
            "duration": "6 weeks",
            "total_visits": 12,
            "body_parts": ("right shoulder",),
            "retrospective": False,
            "date_of_service": date(2016, 11, 11),
            "claims_administrator": Basis(stance="none_cited", citations=(CITATION,)),
            "reviewer_basis": Basis(stance="cited", citations=(CITATION, CITATION)),
            "medically_necessary": False,
            "grounds": ("long_term_use", "safety_risk", "long_term_use"),
            **changed,
        }
    )


def result(name: str = "a", *items: DisputedItem, **changed: Any) -> Result:
    """A read document; with no item given, of two, the second a bare one."""
    bare = dict.fromkeys(("original_request", "authorized", "rationale", "treatment", "category", "quantity"))
    bare |= {"claims_administrator": None, "reviewer_basis": None, "grounds": (), "ingredients": ()}
    return Result(
        **{
            "document_id": name,
            "status": "review",
            "record": Determination(
                document_id=name,
                letter=LetterHeader(case_number="CM16-9900123", decision_date=date(2017, 1, 9), priority="Standard"),
                reviewer=Reviewer(licensed_states=("California",), specialties=("Pain Medicine",)),
                injured_worker=InjuredWorker(age=48, sex="male", injury_date="2016-03"),
                clinical_summary=ClinicalSummary(diagnoses=("strain; sprain", "insomnia")),
                disputed_items=items or (item(), item(**bare)),
            ),
            "evidence": {
                "/disputed_items/0/heading": ((10, 28), (90, 108)),
                "/disputed_items/0/grounds/0": ((200, 221),),
                "/disputed_items/0/grounds/1": ((230, 240), (250, 260)),
            },
            "checks": (
                Check(pointer="/injured_worker/age", status="missing", source_value=48, span=(3, 5)),
                Check(
                    pointer="/disputed_items/1/reviewer_basis/citations/0/pages",
                    status="conflict",
                    model_value=["78, 80"],
                    source_value=["78", "80"],
                    resolution="source",
                ),
                Check(pointer="/disputed_items/7/quantity", status="unsupported", model_value=7.5),
            ),
            "provenance": Provenance(model="none", version="0", usage=Usage(calls=3, input_tokens=10), cost=0.25),
            **changed,
        }
    )


def failed(name: str) -> Result:
    return Result(
        document_id=name,
        status="failed",
        error=Failure(type="DocumentError", message="It is empty."),
        provenance=Provenance(model="none", version="0"),
    )


def file_of(folder: Path, *results: Result) -> Path:
    """A results file."""
    path = folder / "records.jsonl"
    path.write_text("".join(f"{each.model_dump_json()}\n" for each in results), encoding="utf-8")
    return path
