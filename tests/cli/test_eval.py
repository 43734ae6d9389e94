"""`imrllm eval` and `imrllm compare`: tables, files, exit codes, over a small suite recorded from a stand-in."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from imrllm import prompts
from imrllm.evals.runs import VERSION
from tests.cli.conftest import Ran, Run
from tests.letters import FULL_PROMPT, WHOLE_PROMPT
from tests.recorded_suite import CANARY, WHOLE, Suite, answers, make_suite, tests_prompts

__all__ = ["tests_prompts"]


@pytest.fixture(scope="session")
def _both_tapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prompts, "_OWN_PROMPTS", Path(WHOLE_PROMPT).parent)
        made = make_suite(tmp_path_factory.mktemp("both"))
        made.record()
        made.record(*answers(WHOLE, WHOLE), prompt="whole")
    return made.cassettes


@pytest.fixture
def suite(tmp_path: Path, tests_prompts: None, _both_tapes: Path) -> Suite:
    """Two letters, recorded with a call for the whole letter and with v5."""
    suite = make_suite(tmp_path)
    shutil.copytree(_both_tapes, suite.cassettes)
    return suite


@pytest.fixture
def evaluate(run: Run, suite: Suite) -> Run:
    """Run a command on the suite."""
    folders = ("--evals", suite.evals, "--cassettes-dir", suite.cassettes)

    def evaluate(command: str, *arguments: str | Path, stdin: bytes = b"") -> Ran:
        prompt = ("--prompt", FULL_PROMPT) if command == "eval" else ()
        return run(command, *prompt, *arguments, *folders, stdin=stdin)

    return evaluate


def alter(suite: Suite, **values: Any) -> None:
    """Make the gold of `ada` another than what her letter says."""
    gold = json.loads(suite.gold("ada").read_text())
    gold["record"]["disputed_items"][0].update(values)
    suite.gold("ada").write_text(json.dumps(gold))


def records(suite: Suite, file: Path, **values: Any) -> Path:
    """The gold as the rows of some program, with one value of `bea` changed."""
    rows = [json.loads(suite.gold(name).read_text())["record"] for name in ("ada", "bea")]
    rows[1]["disputed_items"][0].update(values)
    file.write_text("".join(json.dumps({"document_id": row["document_id"], "record": row}) + "\n" for row in rows))
    return file


class TestEval:
    def test_the_tables(self, evaluate: Run) -> None:
        ran = evaluate("eval")
        assert (ran.code, ran.err) == (0, "")
        assert "small · prompt v5 · model local · 2 letters · 2 disputed items" in ran.out
        for words in ("floor", "model alone", "grammar alone", "resolved", "items exact", "(34.2\u2013100.0)"):
            assert words in ran.out
        # A right value may be flagged by its risk.
        assert re.search(r"silent errors 0 · false alarms \d of", ran.out)

    def test_a_gate_that_is_not_passed_makes_the_answer_no(self, evaluate: Run, suite: Suite) -> None:
        alter(suite, quantity=90)
        assert evaluate("eval").code == 0
        ran = evaluate("eval", "--fail-under", "critical=0", "--fail-under", "quantity=0.4")
        assert ran.code == 1
        assert "Gate critical 0: 1, FAILED\n  ada /disputed_items/0/quantity" in ran.out
        assert "Gate quantity 0.4: 0.5, passed" in ran.out

    def test_only_failed_lists_what_is_not_right(self, evaluate: Run, suite: Suite) -> None:
        alter(suite, quantity=90)
        ran = evaluate("eval", "--only-failed")
        assert "ada: 1 not right\n   /disputed_items/0/quantity: 90 \u2192 60  (not flagged)" in ran.out
        assert "injured_worker.age" not in ran.out
        assert "bea" not in ran.out

    def test_files(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        alter(suite, quantity=90)
        files = {name: tmp_path / "out" / f"run.{name}" for name in ("json", "html", "junit")}
        options = [part for name, file in files.items() for part in (f"--{name}", file)]
        logs = tmp_path / "out" / "logs"
        ran = evaluate("eval", "--quiet", "--fail-under", "critical=0", *options, "--inspect", logs)
        assert (ran.code, ran.out, ran.err) == (1, "", "")
        data = json.loads(files["json"].read_text())
        assert (data["version"], data["suites"][0]["columns"]["resolved"]["critical"][0]["path"]) == (
            VERSION,
            "/disputed_items/0/quantity",
        )
        assert files["html"].read_text().lstrip().startswith("<!doctype html>")
        root = ET.fromstring(files["junit"].read_text())
        assert {case.get("name"): case.find("failure") is not None for case in root.iter("testcase")} == {
            "gate critical": True,
            "ada": True,
            "bea": False,
        }
        (log,) = (json.loads(file.read_text()) for file in logs.iterdir())
        assert [sample["id"] for sample in log["samples"]] == ["ada", "bea"]

    def test_logs_hold_messages_only_if_asked(self, evaluate: Run, tmp_path: Path) -> None:
        assert evaluate("eval", "--quiet", "--messages", "--inspect", tmp_path / "with").code == 0
        assert evaluate("eval", "--quiet", "--inspect", tmp_path / "without").code == 0
        (told,), (untold,) = (
            [file.read_text() for file in (tmp_path / name).iterdir()] for name in ("with", "without")
        )
        assert CANARY in told
        assert CANARY not in untold

    def test_a_changed_prompt_stops_it(
        self, evaluate: Run, suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from imrllm import prompts

        folder = tmp_path / "prompts"
        folder.mkdir()
        source = prompts.load_prompt("v5").source.replace("Fill a record", "Fill the record", 1)
        (folder / "v5.md").write_text(source)
        monkeypatch.setattr(prompts, "prompts_folder", lambda: folder)
        prompts.load_prompt.cache_clear()
        ran = evaluate("eval", "--prompt", "v5")
        prompts.load_prompt.cache_clear()
        assert (ran.code, ran.out) == (2, "")
        assert "`ada`, `bea`: stale: prompt `v5` changed" in ran.err
        assert CANARY not in ran.err

    def test_records_of_any_program(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        file = records(suite, tmp_path / "theirs.jsonl")
        ran = evaluate("eval", "--records", file, "--fail-under", "item_exact=1", "--fail-under", "silent=0")
        assert ran.code == 0
        assert "small · records · 2 letters" in ran.out
        records(suite, file, decision="overturned", strengths=["40 mg"])
        ran = evaluate("eval", "--records", file, "--fail-under", "critical=0")
        assert ran.code == 1
        assert "  bea /disputed_items/0/decision\n  bea /disputed_items/0/strengths" in ran.out

    def test_perfect_records_of_another_program_pass(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        ran = evaluate("eval", "--records", records(suite, tmp_path / "theirs.jsonl"), "--fail-under", "caught=0.98")
        assert ran.code == 0
        assert "Gate caught 0.98: nothing to count, passed" in ran.out

    def test_the_page_holds_messages_and_raw_answers_only_if_asked_to(
        self, evaluate: Run, suite: Suite, tmp_path: Path
    ) -> None:
        page = tmp_path / "page.html"
        assert evaluate("eval", "--html", page, "--messages").err == ""
        assert "2 calls: messages and raw answers" in page.read_text()
        assert "29 year old male" in page.read_text()
        assert evaluate("eval", "--html", page).code == 0
        assert "raw answers" not in page.read_text()
        assert "29 year old male" not in page.read_text()

    def test_some_letters_only(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        suite.configure(letters="letters", **{"thresholds.critical": 0})
        alter(suite, quantity=90)
        page = tmp_path / "page.html"
        assert evaluate("eval").code == 1
        ran = evaluate("eval", "--limit", "1", "--html", page)
        assert ran.code == 0, "the suite's own gates are about all its letters"
        assert "1 of 2 letters" in ran.out
        said = "These figures are of the first 1 letter of 2 only (`--limit`): the suite's own thresholds do not apply."
        assert said in ran.out
        assert "Gate" not in ran.out
        assert "These figures are of the first 1 letter of 2 only" in page.read_text()
        ran = evaluate("eval", "--limit", "1", "--fail-under", "critical=0")
        assert ran.code == 1, "thresholds of the command line do apply"
        whole = evaluate("eval", "--limit", "2")
        assert (whole.code, "--limit" in whole.out) == (1, False)

    def test_some_rows_only(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        file = records(suite, tmp_path / "theirs.jsonl", quantity=90)
        assert evaluate("eval", "--records", file, "--limit", "1", "--fail-under", "critical=0").code == 0
        assert evaluate("eval", "--records", file, "--limit", "2", "--fail-under", "critical=0").code == 1

    def test_a_row_that_is_no_record_is_a_failed_letter(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        file = records(suite, tmp_path / "theirs.jsonl")
        file.write_text(file.read_text().replace('"age": 31', '"age": "old"').replace('"age": 29', '"age": "old"', 1))
        ran = evaluate("eval", "--records", file, "--only-failed")
        assert "does not fit the schema at `/injured_worker/age`" in ran.out

    def test_a_baseline(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        before = tmp_path / "before.json"
        evaluate("eval", "--json", before, "--quiet")
        ran = evaluate("eval", "--baseline", before)
        assert ran.code == 0
        assert "baseline \u2192 this run" in ran.out
        theirs = records(suite, tmp_path / "theirs.jsonl", quantity=90)
        ran = evaluate("eval", "--records", theirs, "--baseline", before)
        assert ran.code == 1
        assert "Worse than the baseline: suite small: bea /disputed_items/0/quantity is a new critical error" in ran.out

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            pytest.param(("large",), "There is no suite `large`", id="no suite"),
            pytest.param(("--fail-under", "quantity"), "is not a threshold", id="no number"),
            pytest.param(("--fail-under", "quantity=98"), "is not a threshold", id="a share above one"),
            pytest.param(("--fail-under", "quantty=1"), "no metric or field `quantty`", id="misspelt"),
            pytest.param(("--prompt", "v9"), "There is no prompt `v9`", id="no prompt"),
            pytest.param(("--baseline", "gone.json"), "`gone.json` cannot be read", id="no baseline"),
            pytest.param(("--records", "gone.jsonl"), "`gone.jsonl` cannot be read", id="no rows"),
            pytest.param(("--repeat", "2"), "Repeats of a recorded answer", id="repeats of a recording"),
            pytest.param(
                ("--model", "vllm/other"), "nothing is recorded of it with prompt `v5`", id="nothing recorded"
            ),
        ],
    )
    def test_what_cannot_be_done(self, evaluate: Run, arguments: tuple[str, ...], told: str) -> None:
        ran = evaluate("eval", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert told in ran.err
        assert "Hint:" in ran.err

    def test_letter_text_is_in_no_message(self, evaluate: Run, suite: Suite) -> None:
        for arguments in ((), ("--only-failed",), ("--prompt", "whole"), ("--model", "none")):
            ran = evaluate("eval", *arguments)
            assert CANARY not in ran.out + ran.err

    def test_recording_from_here(self, evaluate: Run, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
        from tests.llm.standin import StandIn

        options = ("--model", "vllm/own", "--prompt", "whole", "--cassettes", "record")
        with StandIn(*answers(WHOLE, WHOLE)) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
            ran = evaluate("eval", *options)
            assert (ran.code, len(server.received)) == (0, 2)
            assert evaluate("eval", *options).code == 0
            assert len(server.received) == 2
        assert suite.cassette("ada", "whole", "vllm-own").is_file()


class TestCompare:
    def test_prompts(self, evaluate: Run) -> None:
        ran = evaluate("compare", "whole", "v5")
        assert (ran.code, ran.err) == (0, "")
        assert "whole \u2192 v5 · model alone · rests on 2 letters" in ran.out
        assert "no difference shown" in ran.out
        assert "tokens in" in ran.out

    def test_a_prompt_with_itself(self, evaluate: Run, tmp_path: Path) -> None:
        file = tmp_path / "compared.json"
        assert evaluate("compare", "v5", "v5", "--json", file, "--quiet").code == 0
        (pair,) = json.loads(file.read_text())["pairs"]
        for column in pair["columns"].values():
            assert (column["overall"]["difference"], column["overall"]["p"], column["changes"]) == (0, 1, [])

    def test_a_matrix_of_sides_and_letters(self, evaluate: Run) -> None:
        ran = evaluate("compare", "whole", "v5", "--matrix", "--limit", "1")
        assert ran.code == 0
        assert "small: values not right in the resolved record (of the model alone), by letter" in ran.out
        assert re.search(r"^ ada +\d+ \(\d+\) +\d+ \(\d+\)", ran.out, re.MULTILINE)
        assert "bea" not in ran.out
        assert "at most 1 (`--limit`)" in ran.err

    def test_runs(self, evaluate: Run, suite: Suite, tmp_path: Path) -> None:
        right, worse = tmp_path / "right.json", tmp_path / "worse.json"
        evaluate("eval", "--json", right, "--quiet")
        theirs = records(suite, tmp_path / "theirs.jsonl", quantity=90)
        evaluate("eval", "--records", theirs, "--json", worse, "--quiet")
        page = tmp_path / "compared.html"
        ran = evaluate("compare", right, worse, "--html", page)
        assert ran.code == 0
        assert "loss: bea /disputed_items/0/quantity: gold 60 · right 60 · worse 90" in ran.out
        assert page.read_text().lstrip().startswith("<!doctype html>")

    def test_one_side_is_nothing_to_compare(self, evaluate: Run) -> None:
        ran = evaluate("compare", "v5")
        assert ran.code == 2
        assert "A comparison needs two sides" in ran.err


class TestPrune:
    def test_orphans_are_listed_and_deleted(self, evaluate: Run, suite: Suite, run: Run) -> None:
        suite.gold("ada").unlink()
        folders = ("--evals", suite.evals, "--cassettes-dir", suite.cassettes)
        ran = run("cassettes", "prune", "--dry-run", *folders)
        assert (ran.code, ran.err) == (0, "2 would be deleted\n")
        assert suite.cassette("ada").is_file()
        again = run("cassettes", "prune", *folders)
        assert (again.code, again.out, again.err) == (0, ran.out, "2 deleted\n")
        assert not suite.cassette("ada").exists()
        assert suite.cassette("bea").is_file()
