"""Inputs worked on side by side: bounded, as they finish, and nothing left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from imrllm.concurrency import map_concurrent


def test_outcomes_come_as_they_finish_and_no_more_inputs_are_taken_than_fit() -> None:
    taken: list[int] = []
    threads: set[int] = set()

    def inputs() -> Iterator[int]:
        for number in range(30):
            taken.append(number)
            threads.add(threading.get_ident())
            yield number

    under_way = most = 0

    async def work(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.03 if number == 0 else 0)
        under_way -= 1
        return number

    async def run() -> list[int]:
        found = []
        async with aclosing(map_concurrent(inputs(), work, 3)) as outcomes:
            async for outcome in outcomes:
                found.append(outcome)
                assert len(taken) <= len(found) + 4
        return found

    found = asyncio.run(run())
    assert sorted(found) == list(range(30))
    assert found[0] != 0, "the slow one did not hold up the others"
    assert most <= 3
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_slow_input_does_not_hold_up_what_is_under_way() -> None:
    more = threading.Event()

    def inputs() -> Iterator[int]:
        yield 1
        more.wait(30)
        yield 2

    async def work(number: int) -> int:
        return number

    async def run() -> list[int]:
        found = []
        async for outcome in map_concurrent(inputs(), work, 3):
            found.append(outcome)
            more.set()
        return found

    assert asyncio.run(run()) == [1, 2]


@pytest.mark.parametrize("at", ["input", "work"])
def test_an_exception_ends_it_and_cancels_the_rest(at: str) -> None:
    cancelled: list[int] = []

    def inputs() -> Iterator[int]:
        yield from range(4)
        if at == "input":
            raise ValueError("broken")
        yield 4

    async def work(number: int) -> int:
        if number == 4:
            raise ValueError("broken")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    async def run() -> None:
        async for _ in map_concurrent(inputs(), work, 9):
            pass

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(run())
    assert sorted(cancelled) == [0, 1, 2, 3]


def test_left_early_its_thread_ends_and_an_input_that_is_read_then_is_dropped() -> None:
    reading, go_on = threading.Event(), threading.Event()

    def inputs() -> Iterator[int]:
        yield 1
        reading.set()
        go_on.wait(30)
        yield 2

    async def work(number: int) -> int:
        return number

    async def run() -> None:
        async with aclosing(map_concurrent(inputs(), work, 2)) as outcomes:
            async for _ in outcomes:
                reading.wait(30)
                break

    asyncio.run(run())
    readers = [thread for thread in threading.enumerate() if thread.name == "reader"]
    go_on.set()
    for thread in readers:
        thread.join(30)
        assert not thread.is_alive()
