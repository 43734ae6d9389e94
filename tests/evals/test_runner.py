"""Whole runs over a small suite: what is scored, what is skipped, and what stops them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from imrllm import suites
from imrllm.documents import Document, read_documents
from imrllm.errors import CassetteError, UsageError
from imrllm.evals import EvalConfig, EvalRun, compare_runs, read_run, regressions, run, run_records
from imrllm.evals.runs import SuiteRun
from imrllm.evals.statistics import better_side
from imrllm.pipeline import Extractor
from imrllm.records import Check, Determination
from imrllm.store import RecordRow
from imrllm.suites import at_hand, load_suite
from tests.letters import FULL_PROMPT
from tests.llm.standin import StandIn
from tests.recorded_suite import CANARY, WHOLE, WHOLE_ITEM, Suite, answers, change_prompt, served


def setting(suite: Suite, **changes: object) -> EvalConfig:
    defaults = {"prompt": FULL_PROMPT, "evals": suite.evals, "cassettes": suite.cassettes}
    return EvalConfig(**{**defaults, **changes})  # type: ignore[arg-type]


def only(found: EvalRun) -> SuiteRun:
    (suite,) = found.suites
    return suite


@pytest.mark.usefixtures("no_connections")
class TestReplayed:
    def test_three_columns_and_a_floor(self, recorded: Suite) -> None:
        suite = only(run([], setting(recorded)))
        assert list(suite.columns) == ["floor", "model", "grammar", "resolved"]
        assert (suite.letters, suite.items, suite.missing) == (2, 2, ())
        model, resolved = suite.columns["model"].fields, suite.columns["resolved"].fields
        # The model gave bea ada's age, and the administrator pages that only the reviewer cites.
        assert (model["injured_worker.age"].exact.right, resolved["injured_worker.age"].exact.right) == (1, 2)
        assert (model["claims_administrator.pages"].invented, resolved["claims_administrator.pages"].invented) == (4, 0)
        assert suite.columns["resolved"].document_exact.right == 2
        assert suite.columns["grammar"].fields["decision"].exact.rate == 1.0

    def test_what_the_form_settles_is_no_answer_of_the_model(self, recorded: Suite) -> None:
        columns = only(run([], setting(recorded))).columns
        assert columns["grammar"].fields.keys() - columns["model"].fields.keys() >= {
            "letter.case_number",
            "heading",
            "decision",
            "disputed_items",
        }

    def test_the_cross_check_is_scored(self, recorded: Suite) -> None:
        checks = only(run([], setting(recorded))).crosscheck
        assert checks is not None
        assert (checks.silent, checks.caught.right, checks.caught.of) == ((), 3, 3)
        assert checks.corruptions["quantity"].rate == 1.0

    def test_tokens_are_those_of_the_recording(self, recorded: Suite) -> None:
        spent = only(run([], setting(recorded))).spent
        assert spent is not None
        assert (spent.calls, spent.input_tokens > 0, spent.seconds is not None) == (4, True, True)

    def test_a_replay_is_the_recording_again(self, recorded: Suite) -> None:
        assert run([], setting(recorded)) == run([], setting(recorded))

    def test_a_changed_prompt_names_the_stale_letters(self, recorded: Suite, own_prompts: Path) -> None:
        change_prompt(own_prompts, "v5", "disputed item of a", "disputed items of a")
        with pytest.raises(CassetteError) as stopped:
            run([], setting(recorded))
        told = f"{stopped.value} {stopped.value.hint}"
        assert "`ada`, `bea`: stale: prompt `v5` changed" in told
        assert "imrllm cassettes record small --prompt v5 --model local" in told
        assert CANARY not in told

    def test_what_is_not_recorded_is_named(self, recorded: Suite) -> None:
        recorded.cassette("bea").unlink()
        with pytest.raises(CassetteError, match="`bea`: not recorded"):
            run([], setting(recorded))

    def test_a_letter_that_was_not_labelled_stops_it(self, recorded: Suite) -> None:
        letter = recorded.evals / "small" / "letters" / "ada.txt"
        letter.write_text(letter.read_text() + "\n")
        with pytest.raises(UsageError, match="`ada`: not the letter that was labelled") as stopped:
            run([], setting(recorded))
        assert CANARY not in str(stopped.value)
        # Who labeled a letter by hand needs the hash for its gold file.
        assert hashlib.sha256(letter.read_bytes()).hexdigest() in stopped.value.hint

    def test_repeats_of_a_recording_are_refused(self, recorded: Suite) -> None:
        with pytest.raises(UsageError, match="Repeats of a recorded answer"):
            run([], setting(recorded, repeat=2))


class TestLettersElsewhere:
    def test_a_suite_without_its_letters_is_skipped_by_name(self, recorded: Suite) -> None:
        other = recorded.evals / "other"
        (other / "gold").mkdir(parents=True)
        (other / "gold" / "ada.json").write_text(recorded.gold("ada").read_text())
        (other / "suite.toml").write_text(
            'name = "other"\ndescription = "Not here."\nsource = "The archive has them."\n'
        )
        found = run([], setting(recorded))
        assert found.skipped == {"other": "none of its 1 letters is here"}
        assert only(found).suite == "small"
        with pytest.raises(UsageError, match="`other` cannot be run") as stopped:
            run(["other"], setting(recorded))
        assert "The archive has them." in stopped.value.hint

    def test_a_part_of_its_letters_is_told(self, recorded: Suite) -> None:
        recorded.unship()
        folder = recorded.evals / "small" / "letters"
        (folder / "bea.txt").unlink()
        suite = only(run([], setting(recorded, documents=folder)))
        assert (suite.letters, suite.missing) == (1, ("bea",))

    def test_what_is_not_recorded_of_letters_elsewhere_is_told(self, recorded: Suite) -> None:
        recorded.unship()
        recorded.cassette("bea").unlink()
        elsewhere = setting(recorded, documents=recorded.evals / "small" / "letters")
        suite = only(run([], elsewhere))
        assert (suite.letters, suite.unrecorded) == (1, ("bea",))
        recorded.cassette("ada").unlink()
        with pytest.raises(UsageError, match="nothing is recorded of it"):
            run([], elsewhere)
        with pytest.raises(CassetteError, match="`ada`, `bea`: not recorded"):
            run(["small"], elsewhere)

    def test_documents_of_another_suite_leave_this_one_its_own(self, recorded: Suite, tmp_path: Path) -> None:
        assert only(run([], setting(recorded, documents=tmp_path))).letters == 2
        with pytest.raises(UsageError, match="There is no folder"):
            run([], setting(recorded, documents=tmp_path / "nowhere"))


class TestAsked:
    def test_the_grammar_alone(self, suite: Suite) -> None:
        found = only(run([], setting(suite, model="none")))
        assert list(found.columns) == ["floor", "grammar", "resolved"]
        assert found.spent is None

    def test_repeats_show_where_answers_agree(self, suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
        # One call a letter: whichever letter is asked about first, one of two wavers.
        wavering = {**WHOLE, "disputed_items": [{**WHOLE_ITEM, "treatment": "Zanaflex"}]}
        with StandIn(*answers(WHOLE, WHOLE, wavering, WHOLE)) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", served(server).base_url or "")
            asked = setting(suite, source="model", model="vllm/own", prompt="whole", repeat=2)
            agreement = only(run([], asked)).agreement
        assert agreement is not None
        assert (agreement["treatment"].right, agreement["treatment"].of) == (1, 2)
        assert agreement["quantity"].rate == 1.0


class TestRecords:
    def rows(self, suite: Suite) -> list[RecordRow]:
        found = []
        for name in ("ada", "bea"):
            record = json.loads(suite.gold(name).read_text())["record"]
            found.append(RecordRow(name, Determination.model_validate(record)))
        return found

    def test_rows_of_any_program_are_scored_and_checked(self, suite: Suite) -> None:
        found = only(run_records([], self.rows(suite), setting(suite)))
        assert list(found.columns) == ["floor", "grammar", "resolved"]
        assert found.columns["resolved"].document_exact.right == 2
        assert found.crosscheck is not None
        assert found.crosscheck.silent == ()

    def test_a_lacking_row_is_a_failed_letter(self, suite: Suite) -> None:
        found = only(run_records([], self.rows(suite)[:1], setting(suite)))
        assert [each.path for each in found.columns["resolved"].critical] == ["/disputed_items/0"]
        assert found.documents[1].error == "UsageError: There is no row of it."

    def test_without_letters_nothing_is_checked(self, suite: Suite) -> None:
        suite.unship()
        found = only(run_records([], self.rows(suite), setting(suite, thresholds={"silent": 0, "critical": 0})))
        assert (found.crosscheck, list(found.columns)) == (None, ["floor", "resolved"])
        # What cannot be told is not passed.
        assert {gate.name: gate.passed for gate in found.gates} == {"silent": False, "critical": True}

    def test_own_rows_keep_their_checks(self, suite: Suite) -> None:
        documents = read_documents([suite.evals / "small" / "letters"])
        extractor = Extractor("none")
        results = [extractor.extract(document) for document in documents]
        rows = [RecordRow(result.document_id, result.record, result) for result in results]
        found = run_records([], rows, setting(suite))
        assert (found.model, only(found).columns["resolved"].item_exact.right) == ("none", 2)

    def test_own_rows_keep_their_risks_and_flags(self, suite: Suite) -> None:
        gold = json.loads(suite.gold("ada").read_text())
        gold["record"]["disputed_items"][0]["quantity"] = 90
        basis = gold["record"]["disputed_items"][0]["reviewer_basis"]
        # A citation that the record lacks: its risk is that of the list.
        basis["citations"].append({**basis["citations"][0], "chapter": "Knee Complaints", "pages": ["338"]})
        suite.gold("ada").write_text(json.dumps(gold))
        quantity, cited = (f"/disputed_items/0/{each}" for each in ("quantity", "reviewer_basis/citations"))
        rows = []
        for document in read_documents([suite.evals / "small" / "letters"]):
            result = Extractor("none").extract(document)
            unsure = Check(pointer=quantity, status="confirmed", review=result.document_id == "ada")
            risks = {"/injured_worker/age": 0.01, quantity: 0.3, cited: 0.2}
            given = result.model_copy(update={"risks": risks, "checks": (unsure,)})
            rows.append(RecordRow(result.document_id, given.record, given))
        found = only(run_records([], rows, setting(suite, thresholds={"flag_recall": 0.1, "auroc": 0.9})))
        assert found.trust is not None
        typed = found.trust.kinds["typed"]
        ada = [leaf for leaf in found.documents[0].columns["resolved"] if not leaf.exact]
        assert {leaf.risk for leaf in ada if leaf.path.startswith(f"{cited}/1")} == {0.2}
        assert [(leaf.risk, leaf.flagged) for leaf in ada if leaf.path == quantity] == [(0.3, True)]
        assert (typed.recall.right, typed.recall.of) == (1, len(ada))
        assert (typed.flagged.right, typed.precision.rate) == (1, 1.0)
        assert (typed.ok_letters.right, typed.wrong_ok.right) == (1, 0)
        # Of the right values, two have a lower risk than any wrong one, and one a risk as high as the quantity's.
        assert typed.measured == len(ada) + 3
        assert typed.auroc is not None
        assert typed.auroc.value == pytest.approx((2 / 3 * (len(ada) - 1) + 5 / 6) / len(ada))
        assert {gate.name: gate.value for gate in found.gates} == {
            "flag_recall": typed.recall.rate,
            "auroc": typed.auroc.value,
        }
        assert {form: kinds["typed"].letters for form, kinds in found.trust.forms.items()} == {"2014-2015": 2}

    def test_two_rows_of_one_letter_are_refused(self, suite: Suite) -> None:
        rows = self.rows(suite)
        with pytest.raises(UsageError, match="more than one row of `ada`"):
            run_records([], [*rows, rows[0]], setting(suite))

    def test_checks_of_another_letter_are_not_believed(self, suite: Suite) -> None:
        row = self.rows(suite)[0]
        assert row.record is not None
        item = row.record.disputed_items[0].model_copy(update={"quantity": 90.0})
        wrong = row.record.model_copy(update={"disputed_items": (item,)})
        extracted = Extractor("none").extract(
            next(iter(read_documents([suite.evals / "small" / "letters" / "ada.txt"])))
        )
        stale = extracted.provenance.model_copy(update={"sha256": "0" * 64})
        result = extracted.model_copy(update={"record": wrong, "provenance": stale})
        checks = only(run_records([], [RecordRow("ada", wrong, result)], setting(suite))).crosscheck
        assert checks is not None
        assert "/disputed_items/0/quantity" not in {error.path for error in checks.silent}

    def test_a_failed_row_says_why(self, suite: Suite) -> None:
        failed = Extractor("none").extract(Document.from_text("A recipe.", "ada"))
        found = only(run_records([], [RecordRow("ada", None, failed), self.rows(suite)[1]], setting(suite)))
        assert str(found.documents[0].error).startswith("NotALetterError")
        # It failed aloud.
        assert found.crosscheck is not None
        assert {error.document for error in found.crosscheck.silent} <= {"bea"}

    def test_rows_of_other_letters_are_told(self, suite: Suite) -> None:
        rows = [RecordRow("zoe", self.rows(suite)[0].record)]
        with pytest.raises(UsageError, match="No row is of a letter"):
            run_records([], rows, setting(suite))


class TestGates:
    def test_a_suite_and_the_command_line_set_thresholds(self, recorded: Suite) -> None:
        recorded.configure(letters="letters", thresholds={})
        gates = only(run([], setting(recorded, thresholds={"quantity": 0.5, "pages": 1, "item_exact": 1}))).gates
        assert {gate.name: gate.passed for gate in gates} == {
            "quantity": True,
            "claims_administrator.pages": True,
            "reviewer_basis.pages": True,
            "item_exact": True,
        }

    def test_an_allowed_error_does_not_count_and_is_told(self, recorded: Suite) -> None:
        gold = json.loads(recorded.gold("ada").read_text())
        gold["record"]["disputed_items"][0]["quantity"] = 90
        recorded.gold("ada").write_text(json.dumps(gold))
        strict = setting(recorded, thresholds={"critical": 0, "silent": 0})
        gates = only(run([], strict)).gates
        assert [(gate.passed, gate.details) for gate in gates] == [(False, ("ada /disputed_items/0/quantity",))] * 2
        allowed = [
            {"document": "ada", "path": "/disputed_items/0/quantity", "value": 60, "kind": kind, "reason": "A test."}
            for kind in ("critical", "silent")
        ]
        toml = "".join(
            "[[allowed]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in each.items())
            for each in allowed
        )
        with (recorded.evals / "small" / "suite.toml").open("a") as file:
            file.write("\n" + toml)
        found = only(run([], strict))
        assert all(gate.passed for gate in found.gates)
        assert found.allowed == (
            "ada /disputed_items/0/quantity (critical): A test.",
            "ada /disputed_items/0/quantity (silent): A test.",
        )

        assert found.unneeded == ()
        # Another wrong value at the same place is another error, and the allowance is not met.
        manifest = recorded.evals / "small" / "suite.toml"
        manifest.write_text(manifest.read_text().replace("value = 60", "value = 61"))
        found = only(run([], strict))
        assert not any(gate.passed for gate in found.gates)
        assert len(found.unneeded) == 2

    def test_a_threshold_of_nothing_measured_is_refused(self, recorded: Suite) -> None:
        with pytest.raises(UsageError, match="no metric or field `quantty`"):
            run([], setting(recorded, thresholds={"quantty": 1}))


class TestShippedLetters:
    def test_one_that_is_gone_stops_the_run(self, recorded: Suite) -> None:
        (recorded.evals / "small" / "letters" / "bea.txt").unlink()
        with pytest.raises(UsageError, match="`small` lacks its letters `bea`"):
            run([], setting(recorded))

    def test_documents_go_first_and_the_rest_is_its_own(self, recorded: Suite, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        # Of two files of one name the one that was labelled counts.
        (elsewhere / "ada.txt").write_text("Another Ada.")
        assert only(run([], setting(recorded, documents=elsewhere))).letters == 2


class TestSuiteFiles:
    @pytest.mark.parametrize("field", ["quantity", "strengths", "decision", "tretment"])
    def test_a_typed_value_has_no_similarity(self, suite: Suite, field: str) -> None:
        text = f'name = "small"\ndescription = "x"\n[fuzzy]\n{field} = 0.9'
        (suite.evals / "small" / "suite.toml").write_text(text)
        with pytest.raises(UsageError, match="not a free-text field"):
            load_suite("small", suite.evals)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            pytest.param("name =", "is not valid TOML", id="no TOML"),
            pytest.param('name = "small"', "malformed at `description`", id="a field lacks"),
            pytest.param('name = "other"\ndescription = "x"', "calls itself `other`", id="another name"),
            pytest.param(
                'name = "small"\ndescription = "x"\ntresholds = {}', "malformed at `tresholds`", id="misspelt"
            ),
        ],
    )
    def test_a_malformed_manifest(self, suite: Suite, text: str, told: str) -> None:
        (suite.evals / "small" / "suite.toml").write_text(text)
        with pytest.raises(UsageError, match=told):
            load_suite("small", suite.evals)

    def test_malformed_gold(self, suite: Suite) -> None:
        suite.gold("ada").write_text('{"sha256": "0"}')
        with pytest.raises(UsageError, match="is not a gold file: it is malformed at `sha256`, `record`"):
            run([], setting(suite, model="none"))

    def test_an_unknown_suite(self, suite: Suite) -> None:
        with pytest.raises(UsageError, match="There is no suite `large`"):
            load_suite("large", suite.evals)


class TestComparing:
    @pytest.fixture
    def both(self, recorded: Suite) -> dict[str, EvalRun]:
        """Runs of a prompt whose answers have one more value wrong, and of v5."""
        worse = {**WHOLE, "disputed_items": [{**WHOLE_ITEM, "treatment": "Zanaflex"}]}
        recorded.record(*answers(worse, worse), prompt="whole")
        return {prompt: run([], setting(recorded, prompt=prompt)) for prompt in ("whole", "v5")}

    def test_gains_and_losses(self, both: dict[str, EvalRun]) -> None:
        (pair,) = compare_runs(both).pairs
        model = pair.columns["model"]
        assert (pair.a, pair.b, pair.documents) == ("whole", "v5", 2)
        assert (model.overall.gained, model.overall.lost) == (2, 0)
        assert [(each.kind, each.document, each.path, each.gold, each.a, each.b) for each in model.changes] == [
            ("gain", name, "/disputed_items/0/treatment", "Tizanidine", "Zanaflex", "Tizanidine")
            for name in ("ada", "bea")
        ]
        assert model.fields["treatment"].better == "b"
        # Where the readers differ, a person is asked to look.
        assert pair.trust["typed"]["flagged"].difference < 0
        assert model.fields["quantity"].better is pair.columns["resolved"].overall.better is None

    def test_swapped_sides_mirror_everything(self, both: dict[str, EvalRun]) -> None:
        (there,) = compare_runs(both).pairs
        (back,) = compare_runs(dict(reversed(both.items()))).pairs
        assert (back.a, back.b) == (there.b, there.a)
        for column, mine in there.columns.items():
            theirs = back.columns[column]
            for one, two in (
                (mine.overall, theirs.overall),
                *((mine.fields[name], theirs.fields[name]) for name in mine.fields),
            ):
                assert (two.a, two.b, two.gained, two.lost, two.p) == (one.b, one.a, one.lost, one.gained, one.p)
                assert two.difference == -one.difference
                assert one.low is not None
                assert one.high is not None
                assert (two.low, two.high) == (-one.high, -one.low)
                assert two.better == {"a": "b", "b": "a", None: None}[one.better]
            mirror = {"gain": "loss", "loss": "gain"}
            assert [(mirror[each.kind], each.path, each.b, each.a) for each in theirs.changes] == [
                (each.kind, each.path, each.a, each.b) for each in mine.changes
            ]

    def test_a_run_with_itself_shows_no_difference(self, both: dict[str, EvalRun]) -> None:
        (pair,) = compare_runs({"v5": both["v5"], "v5 (again)": both["v5"]}).pairs
        for column in pair.columns.values():
            for each in (column.overall, *column.fields.values()):
                assert (each.difference, each.low, each.high, each.p) == (0, 0, 0, 1)
                assert each.better is None
            assert column.changes == ()

    def test_three_runs_are_compared_each_with_each(self, both: dict[str, EvalRun]) -> None:
        compared = compare_runs({**both, "v5 (again)": both["v5"]})
        assert [(pair.a, pair.b) for pair in compared.pairs] == [
            ("whole", "v5"),
            ("whole", "v5 (again)"),
            ("v5", "v5 (again)"),
        ]

    def test_runs_of_other_letters_cannot_be_compared(self, both: dict[str, EvalRun]) -> None:
        other = both["whole"].model_copy(update={"suites": ()})
        with pytest.raises(UsageError, match="no letter in common"):
            compare_runs({"a": other, "b": both["v5"]})

    def test_prompts_that_ask_for_nothing_in_common(self, both: dict[str, EvalRun]) -> None:
        (suite,) = both["whole"].suites
        documents = tuple(
            each.model_copy(update={"columns": {**each.columns, "model": ()}}) for each in suite.documents
        )
        silent = both["whole"].model_copy(update={"suites": (suite.model_copy(update={"documents": documents}),)})
        (pair,) = compare_runs({"a": silent, "b": both["v5"]}).pairs
        model = pair.columns["model"]
        assert (model.overall.difference, model.overall.better, model.fields, model.changes) == (0, None, {}, ())

    def test_a_new_critical_error_is_a_regression(self, recorded: Suite, both: dict[str, EvalRun]) -> None:
        assert regressions(both["v5"], both["v5"]) == []
        rows = TestRecords().rows(recorded)
        record = rows[0].record
        assert record is not None
        item = record.disputed_items[0].model_copy(update={"quantity": 90.0})
        worse = [RecordRow("ada", record.model_copy(update={"disputed_items": (item,)})), rows[1]]
        told = regressions(both["v5"], run_records([], worse, setting(recorded)))
        assert told == ["suite small: ada /disputed_items/0/quantity is a new critical error"]


@pytest.mark.parametrize(
    ("bounds", "side", "reason"),
    [
        ((0.1, 0.5), "b", "the whole interval is above zero"),
        ((-0.5, -0.1), "a", "the whole interval is below zero"),
        ((-0.1, 0.5), None, "it holds zero"),
        ((0.0, 0.5), None, "zero is its lower end"),
        ((-0.5, 0.0), None, "zero is its upper end"),
        (None, None, "there is none"),
    ],
)
def test_better_side(bounds: tuple[float, float] | None, side: str | None, reason: str) -> None:
    assert better_side(bounds) == side, reason


class TestJson:
    def test_a_run_is_read_again_as_it_was(self, recorded: Suite, tmp_path: Path) -> None:
        found = run([], setting(recorded))
        (tmp_path / "run.json").write_text(found.to_json())
        assert read_run(tmp_path / "run.json") == found

    @pytest.mark.parametrize("text", ["", "[]", '{"version": 2}'])
    def test_what_is_no_run(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(UsageError, match="is not a run of this version"):
            read_run(tmp_path / "run.json")

    def test_excerpts_are_of_the_values_own_part(self, recorded: Suite) -> None:
        gold = json.loads(recorded.gold("ada").read_text())
        gold["record"]["disputed_items"][0]["medically_necessary"] = True
        gold["record"]["disputed_items"][0]["quantity"] = 90
        recorded.gold("ada").write_text(json.dumps(gold))
        leaves = {leaf.path: leaf for leaf in only(run([], setting(recorded))).documents[0].columns["resolved"]}
        assert leaves["/disputed_items/0/quantity"].excerpt == "#60"
        assert leaves["/disputed_items/0/medically_necessary"].excerpt == "not medically necessary"
        assert leaves["/disputed_items/0/treatment"].excerpt is None


def test_what_ships_stands_in_where_the_working_folder_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    (package / "_evals").mkdir(parents=True)
    monkeypatch.setattr(suites, "__file__", str(package / "suites.py"))
    monkeypatch.chdir(tmp_path)
    assert at_hand(Path("evals")) == package / "_evals"
    # Nothing ships of these, so that the error names what was meant.
    assert at_hand(Path("cassettes")) == Path("cassettes")
    assert at_hand(tmp_path / "mine") == tmp_path / "mine"
    (tmp_path / "evals").mkdir()
    assert at_hand(Path("evals")) == Path("evals")
