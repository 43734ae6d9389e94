"""`imrllm calibrate`: a table from a small suite's recorded answers, and where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.trust import Table
from tests.cli.conftest import Ran, Run
from tests.letters import FULL_PROMPT
from tests.recorded_suite import CANARY, Suite, make_suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Two letters, recorded with v5."""
    suite = make_suite(tmp_path)
    suite.record()
    return suite


@pytest.fixture
def calibrate(run: Run, suite: Suite) -> Run:
    """Run the command on the suite."""

    def calibrate(*arguments: str | Path) -> Ran:
        folders = ("--evals", suite.evals, "--cassettes-dir", suite.cassettes)
        return run("calibrate", "--prompt", FULL_PROMPT, *arguments, *folders)

    return calibrate


def test_a_table_of_a_model_and_a_prompt(calibrate: Run) -> None:
    ran = calibrate()
    assert (ran.code, ran.err) == (0, "Wrote `calibration/local-v5.json`.\n")
    assert "Whose value: model local, prompt v5 (small 2 letters)" in ran.out
    text = Path("calibration/local-v5.json").read_text()
    table = Table.model_validate_json(text)
    assert (table.model, table.prompt, table.suites) == ("local", "v5", {"small": 2})
    assert table.prompt_sha256
    assert CANARY not in text + ran.out, "counts hold nothing of the letters"
    before = text
    assert calibrate("small", "--quiet") == Ran(0, "", "")
    assert Path("calibration/local-v5.json").read_text() == before, "the same answers give the same table"


def test_a_table_of_the_grammar_alone(calibrate: Run, tmp_path: Path) -> None:
    ran = calibrate("--model", "none", "--tables-dir", tmp_path / "tables")
    assert ran.code == 0
    assert "Whose value" not in ran.out, "there is no other reader"
    assert "Entries of lists" in ran.out
    assert "\nRisk: " in ran.out
    table = Table.model_validate_json((tmp_path / "tables" / "none.json").read_bytes())
    assert (table.model, table.prompt, table.prompt_sha256, table.values) == ("none", None, None, {})
    assert not Path("calibration").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["large"], "There is no suite `large`."),
        (["--model", "openai/x"], "nothing is recorded of it with prompt `v5` and model `openai/x`."),
        (["--prompt", "v4"], "nothing is recorded of it with prompt `v4` and model `local`."),
    ],
)
def test_what_cannot_be_counted_writes_no_table(calibrate: Run, arguments: list[str], said: str) -> None:
    ran = calibrate(*arguments)
    error, _, hint = ran.err.partition("\n")
    assert (ran.code, error.endswith(said), hint.startswith("Hint: ")) == (2, True, True), ran.err
    assert not Path("calibration").exists()


def test_a_table_of_an_earlier_version_is_written_anew(calibrate: Run) -> None:
    Path("calibration").mkdir()
    Path("calibration/local-v5.json").write_text('{"version": 1}')
    assert calibrate("--quiet") == Ran(0, "", "")
    assert Table.model_validate_json(Path("calibration/local-v5.json").read_bytes()).suites == {"small": 2}
