"""Rows of a published review set: each a reasoning, its outcome in another column; from the table to the page."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import imrllm
from imrllm.errors import UsageError
from imrllm.store import read_manifest
from tests.cli.conftest import Run

HEADER = ("ReferenceID", "Year", "Determination", "Findings")
REVIEWS = (
    (
        "MN1",
        "2016",
        "Overturned Decision of Health Plan",
        "The ODG Pain Chapter\nsupports it. The criteria are met. The request for Norco #60 is medically necessary.",
    ),
    (
        "MN2",
        "2016",
        "Overturned Decision of Health Plan",
        "There is no documentation of functional improvement. The request for Norco #60 is not medically necessary.",
    ),
    ("MN3", "2016", "", "The criteria are met. The request for a walker is medically necessary."),
)
COLUMNS = ("--text-column", "Findings", "--id-column", "ReferenceID", "--outcome-column", "Determination")
EXTRACT = ("--form", "rationale", "--model", "none", *COLUMNS)


@pytest.fixture(params=["reviews.csv", "reviews.tsv", "reviews.jsonl"])
def reviews(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    with path.open("w", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(f"{json.dumps(dict(zip(HEADER, row, strict=True)))}\n" for row in REVIEWS)
        else:
            writer = csv.writer(file, delimiter="," if path.suffix == ".csv" else "\t")
            writer.writerows((HEADER, *REVIEWS))
    return path


def test_from_rows_to_records_and_back(run: Run, reviews: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "records.jsonl"
    output.parent.mkdir()
    assert run("extract", reviews, *EXTRACT, "-o", output).code == 0
    first, second, third = (json.loads(line) for line in output.read_text().splitlines())
    assert [row["document_id"] for row in (first, second, third)] == ["MN1", "MN2", "MN3"]
    assert [row["status"] for row in (first, second, third)] == ["ok", "review", "ok"]
    items = [row["record"]["disputed_items"][0] for row in (first, second, third)]
    assert [item["decision"] for item in items] == ["overturned", "overturned", None]
    assert [item["medically_necessary"] for item in items] == [True, False, True]
    assert [item["heading"] for item in items] == [None, None, None]
    assert {row["provenance"]["form"] for row in (first, second, third)} == {"rationale"}
    manifest = read_manifest(output)
    assert manifest is not None
    assert manifest.columns == imrllm.Columns("Findings", "ReferenceID", "Determination")
    # The page finds the rows again, by the columns of the manifest.
    page = tmp_path / "review.html"
    viewed = run("view", output, "--documents", reviews, "-o", page)
    assert "without" not in viewed.err
    assert "ODG Pain Chapter" in page.read_text()
    assert "the rationale concludes otherwise than the outcome beside it" in page.read_text()
    quoted = next(imrllm.read_results(output, documents=reviews))
    assert quoted.text("/disputed_items/0/decision") == "Overturned Decision of Health Plan"
    checked = run("check", output, "--documents", reviews, "--form", "rationale")
    assert len(checked.out.splitlines()) == 3
    assert all(json.loads(line)["record"] for line in checked.out.splitlines())


def test_a_run_resumes_and_other_columns_are_refused(run: Run, reviews: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "records.jsonl"
    output.parent.mkdir()
    run("extract", reviews, *EXTRACT, "-o", output, "--limit", "1")
    resumed = run("extract", reviews, *EXTRACT, "-o", output)
    assert "1 more done before" in " ".join(resumed.err.split())
    assert len(output.read_text().splitlines()) == 3
    refused = run(
        "extract", reviews, "--form", "rationale", "--model", "none", "--text-column", "Findings", "-o", output
    )
    assert refused.code != 0
    assert "--outcome-column Determination" in refused.err


def test_a_dry_run_reads_rationales(run: Run, reviews: Path) -> None:
    ran = run("extract", reviews, "--form", "rationale", "--model", "openai/gpt-5-mini", *COLUMNS, "--dry-run")
    assert ran.code == 0


def test_shards_have_each_row_once(run: Run, reviews: Path) -> None:
    ids: list[str] = []
    for part in ("1/2", "2/2"):
        ran = run("extract", reviews, *EXTRACT, "--shard", part)
        ids += [json.loads(line)["document_id"] for line in ran.out.splitlines()]
    assert sorted(ids) == ["MN1", "MN2", "MN3"]


def test_an_outcome_column_is_for_rationales(reviews: Path) -> None:
    with pytest.raises(UsageError, match="only for texts that are a rationale"):
        imrllm.run(reviews, model="none", text_column="Findings", outcome_column="Determination")


def test_tables_of_the_rows(reviews: Path) -> None:
    results: list[imrllm.Result] = []

    def keep(event: object) -> None:
        if result := getattr(event, "result", None):
            results.append(result)

    imrllm.run(
        reviews,
        model="none",
        form="rationale",
        text_column="Findings",
        id_column="ReferenceID",
        outcome_column="Determination",
        on_event=keep,
    )
    pytest.importorskip("pandas")
    frames = imrllm.to_frames({result.document_id: result for result in results}.values())
    assert list(frames["items"]["decision"].fillna("none")) == ["overturned", "overturned", "none"]
