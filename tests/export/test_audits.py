"""What audits show is a table of the run, in every format; without an audit there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.audit.drawing import draw
from imrllm.audit.verdicts import take_verdicts
from imrllm.export import dictionary_page, export
from imrllm.export.tables import AUDITS
from imrllm.trust.bounds import upper_bound
from tests.audit.made import QUANTITY, file_of, letters, results, verdicts

duckdb = pytest.importorskip("duckdb", reason="duckdb is in the extra `export`")
openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is in the extra `export`")


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Rows of 30 letters; 24 were compared, one of them is wrong."""
    rows = results(30, years=(2014, 2016, 2016, 2016, 2016, 2016))
    records = file_of(tmp_path, rows)
    audit = draw(records, letters(tmp_path, 30), 25, seed=7).audit
    take_verdicts(records, verdicts(audit, rows, right=23, wrong={QUANTITY: 46}))
    return records


def test_in_duckdb(records: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.duckdb"
    exported = export(records, output)
    with duckdb.connect(output, read_only=True) as database:
        names = "letters_of, ok_letters, open_letters, letters, wrong_letters, bound, is_full, seeds, reviewers"
        found = database.execute(f"SELECT {names} FROM audits").fetchall()
        described = database.execute("SELECT count(*) FROM data_dictionary WHERE table_name = 'audits'").fetchone()
    assert found[0] == ("all", 30, 1, 24, 1, upper_bound(1, 24), False, [7], ["AB"])
    few, enough = found[1:]
    assert (few[0], few[5]) == ("decided in 2014", None), "too few letters for a bound"
    assert (enough[0], few[3] + enough[3]) == ("decided in 2016", 24)
    assert exported.rows["audits"] == 3
    assert described == (len(AUDITS.columns),)


def test_in_a_workbook_and_alone(records: Path, tmp_path: Path) -> None:
    export(records, tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["audits"]
    assert [cell.value for cell in sheet[1]] == [column.name for column in AUDITS.columns]
    assert [cell.value for cell in sheet[2]][:2] == ["all", 30]
    exported = export(records, tmp_path / "audits.csv", only="audits")
    assert exported.rows == {"audits": 3}
    assert len((tmp_path / "audits.csv").read_text().splitlines()) == 4


def test_without_an_audit_of_these_rows_there_is_no_table(records: Path, tmp_path: Path) -> None:
    with records.open("ab") as file:
        file.write(results(1)[0].model_dump_json().encode() + b"\n")
    exported = export(records, tmp_path / "x.csv")
    assert "audits" not in exported.rows
    assert not (tmp_path / "x.csv" / "audits.csv").exists()
    dictionary = (tmp_path / "x.csv" / "data_dictionary.csv").read_text()
    assert "typed_wrong_letters" not in dictionary
    assert "typed_wrong_letters" in dictionary_page()
