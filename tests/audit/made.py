"""Results files to audit, their letters, and what a page exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from imrllm.corrections import Corrections
from imrllm.documents import Document
from imrllm.pipeline import Extractor
from imrllm.records import Result
from imrllm.store import new_manifest, write_results
from imrllm.store.audits import Audit
from tests.letters import THREE, letter
from tests.report.reviewed import correction, corrections, parsed

QUANTITY = "/disputed_items/0/quantity"
DIAGNOSES = "/clinical_summary/diagnoses"


def results(count: int, *, years: Sequence[int] = (2016,)) -> list[Result]:
    """Rows of letters `w00`, `w01`, ..., all `ok`, decided in these years in turn; they do not state their form."""
    row = Extractor("none").extract(Document.from_text(letter(*THREE), "w"))
    assert row.record
    made = row.provenance.model_copy(update={"form": None})
    found = []
    for number in range(count):
        name = f"w{number:02}"
        header = row.record.letter.model_copy(update={"decision_date": date(years[number % len(years)], 1, 9)})
        record = row.record.model_copy(update={"document_id": name, "letter": header})
        found.append(
            row.model_copy(
                update={"document_id": name, "status": "ok", "record": record, "checks": (), "provenance": made}
            )
        )
    return found


def letters(folder: Path, count: int) -> Path:
    """The letters of `results`."""
    place = folder / "letters"
    place.mkdir()
    for number in range(count):
        (place / f"w{number:02}.txt").write_text(letter(*THREE))
    return place


def file_of(folder: Path, rows: Sequence[Result]) -> Path:
    """A results file with its manifest."""
    path = folder / "records.jsonl"
    write_results(path, rows, new_manifest(model="none", inputs=["letters"]))
    return path


def verdicts(
    audit: Audit, rows: Sequence[Result], *, right: int = 0, wrong: Mapping[str, Any] | None = None, **other: Any
) -> Corrections:
    """What the page of a draw exports.

    Args:
        audit: the draw.
        rows: the rows that it was drawn from.
        right: how many letters, from the draw's beginning, are marked as compared without a change.
        wrong: by JSON Pointer a value to which the next letter's is changed; each is another letter, marked too.
        other: fields of the export.
    """
    by_name = {row.document_id: row for row in rows}
    names = [each.document_id for each in audit.letters]
    changed = [
        correction(by_name[name], pointer, value)
        for name, (pointer, value) in zip(names[right:], (wrong or {}).items(), strict=False)
    ]
    marked = [by_name[name] for name in names[: right + len(changed)]]
    return parsed(corrections(*changed, **{"whole": marked, "records": audit.page_sha256, **other}))
