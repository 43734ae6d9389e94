"""The synchronous extractor: one connection pool, in a notebook as in a script, closed whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any

import pytest

from imrllm.errors import ModelUnavailableError, UsageError
from imrllm.pipeline import Extractor
from imrllm.prompts import DEFAULT_PROMPT
from imrllm.records import Result
from tests.llm.standin import Reply, StandIn, failure, hanging
from tests.pipeline.scripted import LETTER, answering, asking, many


def loops() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "imrllm-loop"]


def in_a_notebook(extractor: Extractor) -> list[Result]:
    async def cell() -> list[Result]:
        with extractor:
            return [extractor.extract(LETTER), *extractor.stream(many(2))]

    return asyncio.run(cell())


def in_a_script(extractor: Extractor) -> list[Result]:
    with extractor:
        return [extractor.extract(LETTER), *extractor.stream(many(2))]


@pytest.mark.parametrize("calls", [in_a_notebook, in_a_script])
def test_many_letters_over_one_connection(calls: Any) -> None:
    with StandIn(answering()) as server:
        results = calls(asking(server, concurrency=1))
        assert server.connections == 1
    assert sorted(result.document_id for result in results) == ["letter-0", "letter-1", "one"]
    assert {result.status for result in results} == {"ok"}
    assert loops() == []


def test_without_a_block_each_call_opens_and_closes() -> None:
    with StandIn(answering()) as server:
        extractor = asking(server, concurrency=1)
        assert [extractor.extract(LETTER).status, *(each.status for each in extractor.stream(many(2)))] == ["ok"] * 3
        assert server.connections == 2
    assert loops() == []


def test_leaving_a_stream_early_ends_it() -> None:
    with StandIn(answering(seconds=0.02)) as server:
        stream = asking(server, concurrency=2).stream(many(20))
        next(stream)
        stream.close()
        assert len(server.received) < 60
    assert loops() == []


def test_a_stream_does_not_outlive_its_block() -> None:
    with StandIn(answering()) as server:
        with asking(server, concurrency=2) as extractor:
            stream = extractor.stream(many(20))
            next(stream)
        with pytest.raises(UsageError, match="closed"):
            next(stream)
        stream.close()


@pytest.mark.parametrize("model", ["none", "vllm/own"])
def test_after_closing(model: str) -> None:
    with Extractor(model) as extractor:
        assert "open" in repr(extractor)
    extractor.close()
    assert repr(extractor) == f"Extractor('{model}', prompt='{DEFAULT_PROMPT}', on_conflict='repair', closed)"
    for call in (extractor.extract, lambda letter: next(extractor.stream([letter]))):
        with pytest.raises(UsageError, match="closed") as raised:
            call(LETTER)
        assert "`with`" in raised.value.hint
    with extractor:
        assert extractor.model == model, "it can be opened again"


def test_an_extractor_of_async_with_names_the_methods_to_use() -> None:
    async def mixed() -> None:
        async with Extractor("vllm/own") as extractor:
            extractor.extract(LETTER)

    with pytest.raises(UsageError, match="async with") as raised:
        asyncio.run(mixed())
    assert "`aextract`" in raised.value.hint


def test_what_concerns_all_letters_is_raised() -> None:
    with StandIn(failure(401)) as server, pytest.raises(ModelUnavailableError):
        list(asking(server).stream(many(3)))
    assert loops() == []


@pytest.mark.parametrize(
    "call",
    [lambda extractor: extractor.extract(LETTER), lambda extractor: list(extractor.stream(many(3)))],
    ids=["extract", "stream"],
)
def test_ctrl_c_ends_the_call_and_closes(call: Any) -> None:
    asked = threading.Event()

    def reply(body: Any) -> Reply:
        if not asked.is_set():
            asked.set()
            os.kill(os.getpid(), signal.SIGINT)
        return hanging()

    with StandIn(reply) as server:
        with pytest.raises(KeyboardInterrupt), asking(server, concurrency=1) as extractor:
            call(extractor)
        assert loops() == []
        with pytest.raises(UsageError, match="closed"):
            extractor.extract(LETTER)
