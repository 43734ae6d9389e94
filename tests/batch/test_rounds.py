"""Runs by batches against a stand-in: rows as `extract`'s, whatever the provider does, and nothing sent twice."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imrllm.batch.journal import Journal
from imrllm.errors import ModelUnavailableError, StoreError, TransientModelError
from tests.batch.conftest import Runs, alike, once
from tests.batch.standin import BatchStandIn, Fault, Outcome, errors
from tests.hostile.batch_cases import BATCHES, BATCHES_FOR_GOOD, STEP_FAULTS
from tests.hostile.cases import BatchCase, BatchForGoodCase, StepCase
from tests.letters import FULL_PROMPT, THREE, WHOLE_PROMPT, letter
from tests.llm.standin import Reply, completion, failure
from tests.pipeline.scripted import CANARY, RIGHT, answering, asked

TEXT = letter(*THREE)
# Ids of any kind; two are no letter.
TEXTS = {"one": TEXT, "../../x\x1b[31m": TEXT + " ", "ä" * 300: TEXT + "  ", "soup": "A recipe.", "empty": "  "}
WRONG = completion('{"treatment": 1}')
CUT = completion("{", finish_reason="length")


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path, {name: TEXTS[name] for name in list(TEXTS)[:2]})


def serve(
    monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, changes: dict[str, Any] | None = None, **options: Any
) -> BatchStandIn:
    server = BatchStandIn(answering(changes), *outcomes, **options)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-tests")
    return server


def wrong_once(count: dict[str, int]) -> Any:
    """The model that is wrong about one item, until it is told so."""

    def answer(body: Any) -> Reply:
        again = len(body["messages"]) > count.setdefault(asked(body), len(body["messages"]))
        return WRONG if asked(body) == THREE[1].heading and not again else answering()(body)

    return answer


@pytest.mark.parametrize("prompt", [WHOLE_PROMPT, FULL_PROMPT])
@pytest.mark.parametrize("options", [{}, {"on_conflict": "reask"}, {"on_conflict": "flag", "redact": True}])
def test_rows_are_those_of_extract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompt: str, options: dict[str, Any]
) -> None:
    runs = Runs(tmp_path, TEXTS, prompt=prompt, **options)
    case = RIGHT["case"]
    wrong = {"case": case.model_copy(update={"injured_worker": case.injured_worker.model_copy(update={"age": 47})})}
    with serve(monkeypatch, changes=wrong) as server:
        runs.submit()
        runs.rounds()
        bodies = [line["body"] for lines in server.asked.values() for line in lines]
        assert alike(runs.rows()) == alike(runs.extracted())
        # Byte for byte, as JSON goes: schema, parameters, messages.
        assert sorted(map(json.dumps, bodies)) == sorted(map(json.dumps, server.direct))
    assert len(runs.rows()) == len(TEXTS)
    assert not runs.folder.exists()
    assert server.files == {}


@pytest.mark.parametrize("about", ["case", THREE[1].heading])
def test_what_does_not_fit_is_asked_again_as_extract_asks(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    changes: dict[str, Any] = {about: WRONG}
    with serve(monkeypatch, changes=changes) as server:
        runs.submit()
        assert runs.rounds() == 2
        assert [len(sent) for sent in server.sent] == [8, 2]
        assert alike(runs.rows()) == alike(runs.extracted())
        assert sorted(json.dumps(line["body"]) for lines in server.asked.values() for line in lines) == sorted(
            map(json.dumps, server.direct)
        )
    assert {row.status for row in runs.rows()} == {"review"}
    assert {row.error.type for row in runs.rows() if row.error} == {"InvalidAnswerError"}


def test_an_answer_that_is_right_the_second_time(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    with BatchStandIn(wrong_once({})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk")
        runs.submit()
        runs.rounds()
    assert [row.provenance.usage.reasks for row in runs.rows()] == [1, 1]
    assert all(row.error is None for row in runs.rows())


@pytest.mark.parametrize(("reply", "type"), [(CUT, "TruncatedError"), (completion(None, refusal="no"), "RefusedError")])
def test_what_is_never_asked_again(runs: Runs, monkeypatch: pytest.MonkeyPatch, reply: Reply, type: str) -> None:
    with serve(monkeypatch, changes={"case": reply}) as server:
        runs.submit()
        assert runs.rounds() == 1
        assert alike(runs.rows()) == alike(runs.extracted())
    assert {row.error.type for row in runs.rows() if row.error} == {type}
    assert len(server.batches) == 1


@pytest.mark.parametrize("case", BATCHES, ids=[case.name for case in BATCHES])
def test_a_batch_that_misbehaves_once_changes_nothing(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, case: BatchCase
) -> None:
    with serve(monkeypatch, case.batch) as server:
        runs.submit()
        assert runs.rounds() == (2 if case.again else 1)
        assert alike(runs.rows()) == alike(once(runs))
    first, *again = server.sent
    assert all(set(sent) < set(first) or case.nothing for sent in again)
    assert server.files == {}


@pytest.mark.parametrize("usage", [{"prompt_tokens": 1.5}, {"prompt_tokens_details": "a"}, "none"])
def test_tokens_that_are_no_counts_cost_no_answer(runs: Runs, monkeypatch: pytest.MonkeyPatch, usage: Any) -> None:
    def miscounted(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for line in lines:
            line["response"]["body"]["usage"] = usage
        return lines

    with serve(monkeypatch, Outcome(answers=miscounted)) as server:
        runs.submit()
        assert runs.rounds() == 1
    assert len(server.batches) == 1
    assert [row.status for row in runs.rows()] == [row.status for row in once(runs)]
    assert all(row.error is None for row in runs.rows())


@pytest.mark.parametrize("case", BATCHES_FOR_GOOD, ids=[case.name for case in BATCHES_FOR_GOOD])
def test_what_never_comes_is_a_failed_row_after_three_batches(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, case: BatchForGoodCase
) -> None:
    with serve(monkeypatch, *[case.batch] * 4) as server:
        runs.submit()
        runs.rounds()
        assert len(server.batches) == 3
    for row in runs.rows():
        assert row.status == "failed"
        assert row.error
        assert row.error.type == "TransientModelError"
        assert case.said in row.error.message
        assert CANARY not in row.error.message


def test_a_request_that_is_refused_fails_its_letter_as_in_extract(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Outcome(answers=lambda lines: lines[1:], errors=errors(400, "context_length_exceeded", CANARY))
    with serve(monkeypatch, refused) as server:
        runs.submit()
        assert runs.rounds() == 1
    first, second = runs.rows()
    assert (first.status, second.status) == ("failed", "ok")
    assert first.error
    assert first.error.type == "ModelError"
    assert "longer context" in first.error.message
    assert CANARY not in first.error.message
    assert len(server.batches) == 1


STEPS = ["POST /v1/files", "POST /v1/batches", "GET /v1/batches/", "GET /v1/files/", "DELETE /v1/files/"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("case", STEP_FAULTS, ids=[case.name for case in STEP_FAULTS])
def test_whatever_breaks_is_tried_again_and_made_once(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, step: str, case: StepCase
) -> None:
    with serve(monkeypatch, faults=(replace(case.fault, when=step),)) as server:
        runs.submit()
        assert runs.rounds() == 1
        assert len(server.batches) == 1
        assert server.files == {}
        assert server.log.count("POST /v1/batches") <= 2
        assert alike(runs.rows()) == alike(once(runs))


@pytest.mark.parametrize("step", STEPS[:2])
@pytest.mark.parametrize("acted", [True, False])
def test_a_run_that_is_broken_off_finds_again_what_it_created(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, step: str, acted: bool
) -> None:
    # No try of this run ever hears what became of it, nor does any look for it.
    never = [Fault(step, acted=acted), *[Fault("POST"), Fault("GET")] * 3]
    with serve(monkeypatch, faults=tuple(never)) as server:
        with pytest.raises((ModelUnavailableError, TransientModelError)):
            runs.submit()
        server.stop_failing()
        runs.submit()
        assert len(server.batches) == 1
        assert runs.rounds() == 1
        assert server.files == {}
        assert alike(runs.rows()) == alike(once(runs))


class Died(BaseException):
    """What no code of the program's own catches, as SIGKILL."""


@pytest.mark.parametrize("write", range(12))
@pytest.mark.parametrize("written", [True, False])
def test_a_run_that_dies_at_any_write_of_its_journal_sends_nothing_twice(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, write: int, written: bool
) -> None:
    writes, left = Journal.write, write

    def dying(self: Journal, event: Any) -> None:
        nonlocal left
        left -= 1
        if left == -1 and not written:
            raise Died
        writes(self, event)
        if left == -1:
            raise Died

    runs.options["max_enqueued_tokens"] = 1
    with serve(monkeypatch) as server:
        monkeypatch.setattr(Journal, "write", dying)
        for _ in range(6):
            with suppress(Died):
                if runs.round().complete:
                    break
        assert not runs.folder.exists()
        assert server.files == {}
        assert [len(sent) for sent in server.sent] == [4, 4]
        assert alike(runs.rows()) == alike(once(runs))


def test_a_window_is_never_overrun_and_all_gets_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {f"letter-{number}": TEXT + " " * number for number in range(6)}
    runs = Runs(tmp_path, texts, prompt=WHOLE_PROMPT, max_enqueued_tokens=9000)
    with serve(monkeypatch) as server:
        first = runs.submit()
        assert first.full
        assert 0 < first.journal.window.enqueued <= 9000
        before = len(server.batches)
        assert before < 6
        assert runs.rounds() > 1
    assert [row.document_id for row in runs.rows()] == [f"letter-{number}" for number in range(6)]
    assert sum(map(len, server.sent)) == 6


def test_a_refused_number_of_tokens_lowers_the_window_and_costs_no_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = Runs(tmp_path, {f"letter-{number}": TEXT + " " * number for number in range(8)}, prompt=WHOLE_PROMPT)
    full = Outcome("failed", code="token_limit_exceeded")
    with serve(monkeypatch, *[full] * 5) as server:
        runs.submit()
        runs.rounds(40)
    sizes = [len(sent) for sent in server.sent]
    assert sizes[0] == 8
    assert sizes[1] < 8
    assert {row.status for row in runs.rows()} == {"ok"}
    assert "`token_limit_exceeded`" in runs.told[0]


def test_a_letter_that_changed_is_refused_by_name_and_one_that_is_gone_waits(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch):
        runs.submit()
        runs.write({"one": TEXT + "Another sentence."})
        run = runs.round()
        assert [(row.document_id, row.status) for row in runs.rows()] == [("one", "failed")]
        (row,) = runs.rows()
        assert row.error
        assert "`one` has changed since it was sent" in row.error.message
        assert run.absent == ["../../x\x1b[31m"]
        assert not run.complete
        runs.write(dict(list(TEXTS.items())[:2]))
        assert runs.rounds() == 1
    assert [row.status for row in runs.rows()] == ["ok", "ok"], "put back, it has the answer that was paid for"


def test_nothing_of_a_letter_is_in_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(tmp_path, {"one": letter(*THREE, summary=CANARY)})
    told = Outcome(answers=lambda _: [], errors=errors(500, CANARY, CANARY))
    with serve(monkeypatch, Outcome("failed", code=CANARY), told):
        runs.submit()
        for _ in range(3):
            kept = b"".join(file.read_bytes() for file in runs.folder.iterdir())
            assert b"heron" not in kept
            runs.round()


def test_a_host_without_batches_is_told_with_the_mend(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = Fault("POST /v1/files", failure(404))
    with serve(monkeypatch, faults=(lacking,)), pytest.raises(ModelUnavailableError, match="no Batch API") as raised:
        runs.submit()
    assert "imrllm extract" in raised.value.hint


def test_another_server_another_prompt_and_no_run(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(monkeypatch):
        runs.submit()
        runs.options["prompt"] = WHOLE_PROMPT
        with pytest.raises(StoreError, match="another prompt"):
            runs.submit()
        # Beside the first server, so that it cannot get the same port.
        with serve(monkeypatch), pytest.raises(StoreError, match="the server 127"):
            runs.submit()


def test_rows_that_extract_made_before_are_not_asked_again(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    from imrllm.store import ResultsFile

    with serve(monkeypatch) as server:
        with ResultsFile(runs.output, runs.begun().manifest) as file:
            file.append(runs.extracted()[0])
        runs.submit()
        runs.rounds()
        assert len(server.sent[0]) == 4
    assert len(runs.rows()) == 2
