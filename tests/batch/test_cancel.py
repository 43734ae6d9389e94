"""Runs that are cancelled, and batches whose creation the provider's list shows too late."""

from __future__ import annotations

from pathlib import Path

import pytest

from imrllm.batch.journal import Created, Journal
from imrllm.errors import TransientModelError, UsageError
from tests.batch.conftest import Runs, alike
from tests.batch.standin import BatchStandIn, Fault, Outcome
from tests.letters import THREE, WHOLE_PROMPT, letter
from tests.llm.standin import failure
from tests.pipeline.scripted import answering

TEXT = letter(*THREE)
BROKEN = Fault("POST /v1/batches", acted=True)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-tests")
    return Runs(tmp_path, {"one": TEXT, "two": TEXT + " "}, prompt=WHOLE_PROMPT)


def serving(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome, faults: tuple[Fault, ...] = ()) -> BatchStandIn:
    server = BatchStandIn(answering(), *outcomes, faults=faults)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    return server


class TestListedLate:
    @pytest.mark.parametrize("lag", [0, 1, 3])
    def test_a_list_that_lags_a_little_is_waited_for(
        self, runs: Runs, monkeypatch: pytest.MonkeyPatch, lag: int
    ) -> None:
        with serving(monkeypatch, faults=(BROKEN,)) as server:
            server.lag = lag
            runs.submit()
            assert runs.rounds() == 1
        assert len(server.batches) == 1
        assert server.files == {}

    def test_one_that_shows_up_later_is_cancelled(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(monkeypatch, faults=(BROKEN,)) as server:
            server.lag = 100
            server.held = True
            runs.submit()
            assert len(server.batches) == 2
            server.lag = 0
            runs.round()
            assert [batch["status"] for batch in server.batches.values()] == ["cancelling", "in_progress"]
            server.held = False
            assert runs.rounds() == 1
            assert alike(runs.rows()) == alike(runs.extracted())
        assert server.files == {}, "those of the batch that was cancelled too"
        assert "A batch that was created twice is cancelling" in runs.told[0]

    def test_it_is_told_of_until_it_has_ended(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(monkeypatch, faults=(BROKEN,)) as server:
            server.lag = 100
            server.held = True
            runs.submit()
            server.lag = 0
            server.batches[next(iter(server.batches))]["status"] = "cancelled"
            runs.round(times=3)
        assert [said for said in runs.told if "created twice" in said] == [
            "A batch that was created twice is cancelled: its creation had been cut off."
        ]

    def test_so_is_one_of_a_run_that_died_before_it_knew(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        write = Journal.write

        def dying(self: Journal, event: object) -> None:
            if isinstance(event, Created):
                raise KeyboardInterrupt
            write(self, event)  # type: ignore[arg-type]

        with serving(monkeypatch) as server:
            server.held = True
            with monkeypatch.context() as patched:
                patched.setattr(Journal, "write", dying)
                with pytest.raises(KeyboardInterrupt):
                    runs.submit()
            server.lag = 4
            runs.submit()
            assert len(server.batches) == 2
            runs.round()
            assert [batch["status"] for batch in server.batches.values()] == ["cancelling", "in_progress"]
            server.held = False
            assert runs.rounds() == 1
        assert [row.status for row in runs.rows()] == ["ok", "ok"]


class TestCancel:
    def test_what_was_answered_is_kept_and_the_rest_is_sent_by_the_next_run(
        self, runs: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving(monkeypatch, Outcome("cancelled", answers=lambda lines: lines[:1])) as server:
            server.held = True
            runs.submit()
            runs.cancel()
            run = runs.round()
            assert (run.complete, runs.rows()) == (False, [])
            assert "1 batches are being cancelled" in run.left
            server.held = False
            run = runs.round()
            assert (run.complete, run.unread) == (True, 1)
            assert [row.document_id for row in runs.rows()] == ["one"]
            assert not runs.folder.exists()
            assert server.files == {}
            assert len(server.batches) == 1, "nothing more is sent"
            runs.submit()
            assert runs.rounds() == 1
            assert alike(runs.rows()) == alike(runs.extracted())
        assert [len(sent) for sent in server.sent] == [2, 1]

    def test_batches_that_have_ended_are_fetched(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(monkeypatch) as server:
            runs.submit()
            runs.cancel()
            run = runs.round()
        assert (run.complete, run.unread) == (True, 0)
        assert [row.status for row in runs.rows()] == ["ok", "ok"]
        assert not any("cancel" in line for line in server.log)

    def test_one_that_ends_just_then(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        refused = Fault("POST /v1/batches/batch_1/cancel", failure(409))
        with serving(monkeypatch, faults=(refused,)) as server:
            server.held = True
            runs.submit()
            runs.cancel()
            server.held = False
            assert runs.round().complete

    def test_letters_that_were_not_sent_yet_stay_unsent(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        runs.options["max_enqueued_tokens"] = 1
        with serving(monkeypatch) as server:
            runs.submit()
            assert len(server.sent) == 1
            runs.cancel()
            run = runs.round()
        assert (run.complete, run.unread, len(server.sent)) == (True, 1, 1)

    def test_a_cancellation_that_fails_is_taken_up(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        failing = Fault("POST /v1/batches/batch_1/cancel", failure(500))
        with serving(monkeypatch, faults=(failing,) * 4) as server:
            server.held = True
            runs.submit()
            with pytest.raises(TransientModelError):
                runs.cancel()
            with pytest.raises(UsageError, match="are being cancelled") as raised:
                runs.submit()
            assert "batch collect" in raised.value.hint
            runs.cancel()
            assert server.batches["batch_1"]["status"] == "cancelling"

    def test_a_run_that_died_before_it_knew_its_batch(self, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
        never = (Fault("POST /v1/batches", acted=True), *[Fault("GET /v1/batches")] * 3)
        with serving(monkeypatch, faults=never) as server:
            server.held = True
            with pytest.raises(TransientModelError):
                runs.submit()
            server.stop_failing()
            runs.cancel()
            assert server.batches["batch_1"]["status"] == "cancelling"
