"""One document to one result, many to a stream, and a model that is unavailable: against a stand-in server."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Iterable
from contextlib import aclosing
from itertools import count
from types import TracebackType
from typing import Any, Self

import pytest

from imrllm import planning
from imrllm.documents import Document, Unreadable
from imrllm.errors import DocumentError, ModelUnavailableError, PromptError, StoreError, UsageError
from imrllm.pipeline import Extractor
from imrllm.records import Result
from tests.letters import FULL_PROMPT
from tests.llm.standin import (
    Reply,
    StandIn,
    failure,
)
from tests.pipeline.scripted import (
    LETTER,
    answering,
    asking,
    many,
)

# What takes half of the start, and only a process that reads letters, or asks a model, needs.
LATE = ("imrllm.grammar", "imrllm.crosscheck", "jinja2", "yaml", "rapidfuzz", "openai")


def test_what_reads_letters_is_imported_with_the_first_letter() -> None:
    program = f"""
import sys
from imrllm import Extractor
import imrllm.running.run, imrllm.running.processes
Extractor("none")
print([name for name in sys.modules if name in {LATE}])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestExtractor:
    def test_it_must_be_open(self) -> None:
        with pytest.raises(UsageError, match="not open") as raised:
            asyncio.run(Extractor("vllm/own").aextract(LETTER))
        assert "async with" in raised.value.hint

    def test_it_can_be_used_again(self) -> None:
        with StandIn(answering()) as server:
            extractor = asking(server)
            assert extractor.extract(LETTER).record == extractor.extract(LETTER).record

    def test_what_it_was_made_of(self) -> None:
        extractor = Extractor("none", prompt="v4")
        assert (extractor.model, extractor.prompt.name) == ("none", "v4")
        with pytest.raises(PromptError):
            Extractor("none", prompt="v99")
        with pytest.raises(UsageError):
            Extractor("crystal-ball/one")

    def test_the_local_models_server_lives_as_long_as_the_context(self, monkeypatch: pytest.MonkeyPatch) -> None:
        events: list[str] = []

        class Embedded:
            def __enter__(self) -> Self:
                events.append("started")
                return self

            def __exit__(
                self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
            ) -> None:
                events.append("stopped")

            base_url = ""

        monkeypatch.setattr("imrllm.llm.server.EmbeddedServer", Embedded)
        with StandIn(answering()) as server:
            Embedded.base_url = server.base_url
            result = Extractor("local", prompt=FULL_PROMPT).extract(LETTER)
            assert events == ["started", "stopped"]
            assert result.provenance.model == "local"
            assert server.at_once == 1, "it has one slot"
        events.clear()
        monkeypatch.setattr("imrllm.pipeline.extractor.Client", lambda *_, **__: broken())
        with pytest.raises(RuntimeError):
            Extractor("local").extract(LETTER)
        assert events == ["started", "stopped"]

    def test_an_unknown_policy(self) -> None:
        with pytest.raises(UsageError, match="`guess`") as raised:
            Extractor("none", on_conflict="guess")  # type: ignore[arg-type]
        assert "`repair`" in raised.value.hint


def broken() -> Any:
    raise RuntimeError("broken")


async def drain(extractor: Extractor) -> None:
    """Read many letters."""
    async with extractor:
        async for _ in extractor.astream(many(6)):
            pass


class TestModelUnavailable:
    def test_it_ends_the_stream(self) -> None:
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            asyncio.run(drain(asking(server, concurrency=4)))

    def test_letters_that_fail_in_one_moment_leave_no_word_in_the_log(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def unavailable(*_: Any) -> Result:
            raise ModelUnavailableError("Nobody answers.")

        monkeypatch.setattr(Extractor, "aextract", unavailable)
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            asyncio.run(drain(asking(server, concurrency=4)))
        gc.collect()
        assert "never retrieved" not in caplog.text

    def test_it_ends_one_letter(self) -> None:
        with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
            asking(server).extract(LETTER)


class TestStream:
    async def read(self, extractor: Extractor, documents: Iterable[Document | Unreadable]) -> list[Result]:
        async with extractor:
            return [result async for result in extractor.astream(documents)]

    @pytest.mark.parametrize("concurrency", [1, 2, 5])
    def test_every_document_once_and_no_more_calls_at_a_time_than_allowed(self, concurrency: int) -> None:
        right, meeting, calls = answering(), threading.Barrier(concurrency), count()

        def reply(body: Any) -> Reply:
            # The first calls wait for each other: all that are allowed at a time are seen at a time.
            if next(calls) < concurrency:
                meeting.wait(10)
            return right(body)

        with StandIn(reply) as server:
            extractor = asking(server, concurrency=concurrency)
            results = asyncio.run(self.read(extractor, many(5)))
        assert sorted(result.document_id for result in results) == [f"letter-{number}" for number in range(5)]
        assert all(result.status == "ok" for result in results)
        assert server.at_once == concurrency

    def test_documents_are_taken_as_there_is_room(self) -> None:
        taken: list[str] = []
        ahead: list[int] = []

        def documents() -> Iterable[Document]:
            for document in many(12):
                taken.append(document.id)
                yield document

        async def run(extractor: Extractor) -> None:
            async with extractor:
                done = 0
                async for _ in extractor.astream(documents()):
                    done += 1
                    ahead.append(len(taken) - done)

        with StandIn(answering()) as server:
            extractor = asking(server, concurrency=2)
            asyncio.run(run(extractor))
        assert len(taken) == 12
        assert max(ahead) <= extractor.letters_at_a_time == 3

    def test_calls_go_on_while_a_document_is_read(self) -> None:
        answered = threading.Event()
        in_time: list[bool] = []

        def documents() -> Iterable[Document]:
            yield from many(1)
            # A reader that takes as long as the first letter's answer; on the loop it would wait in vain.
            in_time.append(answered.wait(10))
            yield from many(2)[1:]

        async def run(server: StandIn) -> list[str]:
            async with asking(server, concurrency=2) as extractor:
                names = []
                async for result in extractor.astream(documents()):
                    names.append(result.document_id)
                    answered.set()
                return names

        with StandIn(answering()) as server:
            assert asyncio.run(run(server)) == ["letter-0", "letter-1"]
        assert in_time == [True]

    def test_the_loop_goes_on_while_a_letter_is_parsed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ticked = threading.Event()
        in_time: list[bool] = []
        real = planning.read_letter

        def slow(*given: Any) -> Any:
            in_time.append(ticked.wait(10))
            return real(*given)

        async def run(server: StandIn) -> Result:
            async with asking(server) as extractor:
                asyncio.get_running_loop().call_later(0.01, ticked.set)
                return await extractor.aextract(LETTER)

        monkeypatch.setattr(planning, "read_letter", slow)
        with StandIn(answering()) as server:
            assert asyncio.run(run(server)).status == "ok"
        assert in_time == [True]

    def test_what_a_reader_raises_ends_the_stream(self) -> None:
        def documents() -> Iterable[Document]:
            yield from many(1)
            raise StoreError("The rows are of another run.")

        with StandIn(answering(seconds=0.05)) as server, pytest.raises(StoreError, match="another run"):
            asyncio.run(self.read(asking(server), documents()))

    def test_leaving_waits_for_no_reader(self) -> None:
        left, ended = threading.Event(), threading.Event()

        def documents() -> Iterable[Document]:
            yield from many(1)
            # As standard input that a pipe keeps open.
            left.wait(10)
            ended.set()

        async def run(server: StandIn) -> bool:
            async with asking(server, concurrency=2) as extractor:
                async with aclosing(extractor.astream(documents())) as results:
                    await anext(results)
                return ended.is_set()

        with StandIn(answering()) as server:
            assert asyncio.run(run(server)) is False
        left.set()

    def test_one_that_fails_does_not_stop_the_others(self) -> None:
        unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Repair it."), "0" * 64)
        no_letter = Document.from_text("A recipe for soup.", "soup")
        with StandIn(answering()) as server:
            extractor = asking(server)
            results = asyncio.run(self.read(extractor, [unreadable, *many(2), no_letter]))
        assert {result.document_id: result.status for result in results} == {
            "torn": "failed",
            "letter-0": "ok",
            "letter-1": "ok",
            "soup": "failed",
        }

    def test_without_a_model(self) -> None:
        results = asyncio.run(self.read(Extractor("none"), many(3)))
        assert [result.document_id for result in results] == ["letter-0", "letter-1", "letter-2"]

    def test_leaving_early_cancels_what_is_running(self) -> None:
        async def run(server: StandIn) -> int:
            async with asking(server, concurrency=4) as extractor:
                stream = extractor.astream(many(20))
                await anext(stream)
                await stream.aclose()
                return len([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])

        with StandIn(answering(seconds=0.02)) as server:
            assert asyncio.run(run(server)) == 0
            assert len(server.received) < 40

    def test_a_cancelled_run_leaves_nothing_behind(self) -> None:
        async def run(server: StandIn) -> tuple[int, Extractor]:
            extractor = asking(server, concurrency=4)
            running = asyncio.create_task(self.read(extractor, many(20)))
            while not server.received:  # noqa: ASYNC110 - the server is in a thread of its own
                await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            return len([task for task in asyncio.all_tasks() if task is not asyncio.current_task()]), extractor

        with StandIn(answering(seconds=0.1)) as server:
            left, extractor = asyncio.run(run(server))
        assert left == 0
        with pytest.raises(UsageError):
            asyncio.run(extractor.aextract(LETTER))
