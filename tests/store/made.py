"""Rows and manifests for the tests of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from imrllm.records import (
    ClinicalSummary,
    Determination,
    Failure,
    InjuredWorker,
    LetterHeader,
    Provenance,
    Result,
    Reviewer,
)
from imrllm.store import Manifest, ResultsFile, new_manifest, read_results

MADE: dict[str, Any] = {"model": "none", "prompt_sha256": None, "version": "0.1.0"}


def result(
    id: str, *, sha256: str | None = None, status: Literal["ok", "review", "failed"] = "ok", **made: Any
) -> Result:
    provenance = Provenance(sha256=sha256 or f"sha256 of {id}", **{**MADE, **made})
    if status == "failed":
        return Result(
            document_id=id,
            status=status,
            error=Failure(type="DocumentError", message="It is empty."),
            provenance=provenance,
        )
    record = Determination(
        document_id=id,
        letter=LetterHeader(),
        reviewer=Reviewer(specialties=("Pain Medicine\u2028",)),
        injured_worker=InjuredWorker(age=40),
        clinical_summary=ClinicalSummary(diagnoses=("lumbar \u201cstrain\u201d",)),
        disputed_items=(),
    )
    return Result(document_id=id, status=status, record=record, evidence={"/letter": ((0, 7),)}, provenance=provenance)


def manifest(**made: Any) -> Manifest:
    return Manifest.model_validate(
        {**dict(new_manifest(model="none")), "started": "2026-01-01T00:00:00Z", **MADE, **made}
    )


RUN = manifest()


def rows(path: Path) -> list[str]:
    return [row.document_id for row in read_results(path)]


def write(path: Path, *results: Result, **made: Any) -> None:
    with ResultsFile(path, manifest(**made)) as store:
        for row in results:
            store.append(row)
