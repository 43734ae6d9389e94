"""When requests go out: a limit that falls and climbs, and rates, by a clock that only waits move."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import pytest
from pydantic import BaseModel

from imrllm.errors import UsageError
from imrllm.llm import Client, HttpTransport, Message, ModelTarget
from imrllm.llm.limits import Limits, Turn, estimated_tokens
from tests.llm.scripted import CALL, ask
from tests.llm.standin import Reply, StandIn, completion, failure


class Clock:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        # Whoever else can go on does so first.
        for _ in range(5):
            await asyncio.sleep(0)
        self.now = max(self.now, until)


class Line:
    """Requests that take no time, by the clock, and note when they went out."""

    def __init__(self, concurrency: int = 100, **rates: int | None) -> None:
        self.clock = Clock()
        self.limits = Limits(concurrency, clock=self.clock, sleep=self.clock.sleep, **rates)
        self.sent: list[float] = []

    async def answer(self, tokens: int = 0, used: int | None = None) -> None:
        async with self.limits.turn(tokens) as turn:
            self.sent.append(self.clock.now - 1000)
            self.limits.answered(turn, used)

    async def refuse(self, wait: float | None = None) -> None:
        async with self.limits.turn(0) as turn:
            self.limits.refused(turn, wait)

    async def open(self, stack: AsyncExitStack, count: int) -> list[Turn]:
        """Requests that go out and stay in flight."""
        return [await stack.enter_async_context(self.limits.turn(0)) for _ in range(count)]


async def waits(turn: Coroutine[Any, Any, None]) -> bool:
    """Whether a request does not get its turn now."""
    task = asyncio.ensure_future(turn)
    for _ in range(20):
        await asyncio.sleep(0)
    waited = not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return waited


class TestInFlight:
    def test_no_more_than_stated_and_in_the_order_of_asking(self) -> None:
        async def run() -> tuple[int, list[int]]:
            limits, order, now, most = Limits(3), list[int](), 0, 0

            async def one(number: int) -> None:
                nonlocal now, most
                async with limits.turn(0):
                    order.append(number)
                    now += 1
                    most = max(most, now)
                    for _ in range(number % 4):
                        await asyncio.sleep(0)
                    now -= 1

            await asyncio.gather(*map(one, range(20)))
            return most, order

        assert asyncio.run(run()) == (3, list(range(20)))

    @pytest.mark.parametrize(("before", "after"), [(8, 4), (5, 2), (2, 1), (1, 1)])
    def test_too_many_halves(self, before: int, after: int) -> None:
        line = Line(before)
        asyncio.run(line.refuse())
        assert line.limits.allowed == after

    def test_a_burst_is_one_decrease(self) -> None:
        async def run() -> list[int]:
            line, seen = Line(8), []
            async with AsyncExitStack() as stack:
                for turn in await line.open(stack, 8):
                    line.limits.refused(turn, None)
                    seen.append(line.limits.allowed)
            # The next one goes out after the decrease: its refusal is news.
            await line.refuse()
            return [*seen, line.limits.allowed]

        assert asyncio.run(run()) == [4] * 8 + [2]

    def test_a_decrease_holds_back_until_enough_have_come_home(self) -> None:
        async def run() -> list[bool]:
            line, seen = Line(4), []
            async with AsyncExitStack() as stack:
                turns = [AsyncExitStack() for _ in range(4)]
                for turn in turns:
                    await stack.enter_async_context(turn)
                (first, *_) = [(await line.open(turn, 1))[0] for turn in turns]
                line.limits.refused(first, None)
                for turn in turns[:3]:
                    await turn.aclose()
                    seen.append(await waits(line.answer()))
            return seen

        assert asyncio.run(run()) == [True, True, False]

    def test_a_window_of_clean_answers_adds_one_up_to_the_stated(self) -> None:
        async def run() -> list[int]:
            line, seen = Line(4), []
            await line.refuse()
            await line.refuse()
            for _ in range(9):
                await line.answer()
                seen.append(line.limits.allowed)
            return seen

        assert asyncio.run(run()) == [2, 2, 3, 3, 3, 4, 4, 4, 4]

    def test_a_refusal_breaks_the_window(self) -> None:
        async def run() -> int:
            line = Line(9)
            await line.refuse()
            for _ in range(3):
                await line.answer()
            await line.refuse()
            await line.answer()
            return line.limits.allowed

        assert asyncio.run(run()) == 2

    def test_what_was_in_flight_at_a_decrease_says_nothing_of_the_new_limit(self) -> None:
        async def run() -> int:
            line = Line(4)
            async with AsyncExitStack() as stack:
                turns = await line.open(stack, 4)
                line.limits.refused(turns[0], None)
                for turn in turns[1:]:
                    line.limits.answered(turn, None)
            return line.limits.allowed

        assert asyncio.run(run()) == 2

    def test_growth_lets_one_in_that_waits(self) -> None:
        async def run() -> bool:
            line = Line(2)
            await line.refuse()
            async with AsyncExitStack() as stack:
                (turn,) = await line.open(stack, 1)
                waiting = asyncio.ensure_future(line.answer())
                await asyncio.sleep(0)
                line.limits.answered(turn, None)
                for _ in range(5):
                    await asyncio.sleep(0)
                return waiting.done()

        assert asyncio.run(run())

    def test_a_cancelled_wait_and_a_broken_request_leave_their_places(self) -> None:
        async def run() -> bool:
            line = Line(1)
            async with AsyncExitStack() as stack:
                await line.open(stack, 1)
                assert await waits(line.answer())
            with pytest.raises(ValueError, match="broken"):
                async with line.limits.turn(0):
                    raise ValueError("broken")
            return await waits(line.answer())

        assert asyncio.run(run()) is False


class TestRetryAfter:
    def test_all_new_requests_wait(self) -> None:
        async def run() -> list[float]:
            line = Line()
            await line.refuse(7)
            await asyncio.gather(*(line.answer() for _ in range(3)))
            return line.sent

        assert asyncio.run(run()) == [7, 7, 7]

    def test_the_longest_counts_also_where_it_is_asked_during_the_wait(self) -> None:
        async def run() -> list[float]:
            line = Line()
            async with AsyncExitStack() as stack:
                first, second, third = await line.open(stack, 3)
                line.limits.refused(first, 7)
                waiting = asyncio.ensure_future(line.answer())
                await asyncio.sleep(0)
                line.limits.refused(second, 10)
                line.limits.refused(third, 1)
                await waiting
            return line.sent

        assert asyncio.run(run()) == [10]


class TestRates:
    @pytest.mark.parametrize("rpm", [3, 60, 500])
    def test_no_minute_holds_more_requests(self, rpm: int) -> None:
        async def run() -> list[float]:
            line = Line(rpm=rpm)
            await asyncio.gather(*(line.answer() for _ in range(2 * rpm)))
            line.clock.now += 1000
            # Idle time is not saved up.
            await asyncio.gather(*(line.answer() for _ in range(rpm)))
            return line.sent

        sent = asyncio.run(run())
        assert max(sum(start <= at < start + 59.999 for at in sent) for start in sent) == rpm
        assert sent[rpm] == pytest.approx(60), "nor fewer"

    def test_tokens_are_paid_for_before_the_next_goes_out(self) -> None:
        async def run() -> list[float]:
            line = Line(tpm=6000)
            # The second alone is more than a minute's worth: it goes out too.
            await asyncio.gather(*(line.answer(tokens) for tokens in (1000, 9000, 100, 100)))
            return line.sent

        assert asyncio.run(run()) == pytest.approx([0, 10, 100, 101])

    @pytest.mark.parametrize(
        ("used", "second"),
        [(1000, 10), (1500, 15), (400, 4), (None, 10)],
        ids=["as estimated", "more", "less", "the server does not say"],
    )
    def test_usage_corrects_the_estimate(self, used: int | None, second: float) -> None:
        async def run() -> list[float]:
            line = Line(tpm=6000)
            await line.answer(1000, used)
            await line.answer(1000)
            return line.sent

        assert asyncio.run(run()) == pytest.approx([0, second])

    def test_without_rates_nothing_waits(self) -> None:
        async def run() -> list[float]:
            line = Line()
            await asyncio.gather(*(line.answer(10**9, 10**9) for _ in range(50)))
            return line.sent

        assert asyncio.run(run()) == [0] * 50


class Timeline:
    """Time that goes to the next moment that anybody waits for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waits: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        wait = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waits, (self.now + seconds, next(self._numbers), wait))
        await wait

    async def run(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(10):
                await asyncio.sleep(0)
            while self._waits and self._waits[0][2].done():
                heapq.heappop(self._waits)
            if self._waits:
                self.now, _, wait = heapq.heappop(self._waits)
                wait.set_result(None)
        await task


@pytest.mark.parametrize("seconds", [1, 20, 90], ids="answers after {} s".format)
@pytest.mark.parametrize("prompt", [50, 400])
def test_the_first_minute_takes_no_more_than_its_tokens(seconds: float, prompt: int) -> None:
    """Requests go out before the first answer says what they take; they take 600 tokens each."""
    timeline = Timeline()
    limits = Limits(100, tpm=6000, clock=timeline, sleep=timeline.sleep)
    sent: list[float] = []

    async def one() -> None:
        async with limits.turn(prompt, longest_answer=2000) as turn:
            sent.append(timeline.now - 1000)
            await timeline.sleep(seconds)
            limits.answered(turn, 600)

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(40)))

    asyncio.run(timeline.run(all_of_them()))
    assert max(sum(start <= at < start + 59.999 for at in sent) for start in sent) <= 10
    # What was reserved and not taken is given back as soon as that is known.
    assert sent[-1] <= 39 * 6 + (seconds if seconds < 60 else 120)


def test_what_fails_or_does_not_say_what_it_took_gives_back_what_was_reserved() -> None:
    async def run() -> list[float]:
        line = Line(tpm=6000)
        with pytest.raises(ValueError, match="broken"):
            async with line.limits.turn(100, longest_answer=100_000):
                raise ValueError("broken")
        async with line.limits.turn(100, longest_answer=100_000) as turn:
            line.limits.answered(turn, None)
        await line.answer(100)
        return line.sent

    assert asyncio.run(run()) == pytest.approx([2])


@pytest.mark.parametrize("limits", [{"concurrency": 0}, {"rpm": 0}, {"tpm": -1}])
def test_a_limit_that_lets_nothing_out(limits: dict[str, int]) -> None:
    (name,) = limits
    with pytest.raises(UsageError, match=name):
        Limits(**{"concurrency": 1, **limits})  # type: ignore[arg-type]


def test_estimated_tokens() -> None:
    messages = [{"role": "system", "content": "a" * 40}, {"role": "user", "content": "b" * 44}, {"content": None}]
    assert estimated_tokens(messages) == 21


class Drug(BaseModel):
    name: str


MESSAGES: list[Message] = [{"role": "user", "content": "x" * 400}]
GOOD = completion('{"name": "Norco"}')


async def ask_many(http: HttpTransport, count: int) -> list[int]:
    client = Client(http.target, http)
    answers = await asyncio.gather(*(ask(client, Drug, MESSAGES) for _ in range(count)))
    return [answer.attempts for answer in answers]


def transport_to(server: StandIn, clock: Clock, **options: Any) -> HttpTransport:
    target = ModelTarget("vllm/m", "vllm", "m", base_url=server.base_url)
    return HttpTransport(target, clock=clock, sleep=clock.sleep, **options)


class TestOverTheWire:
    def test_too_many_slows_all_then_they_climb(self) -> None:
        clock = Clock()
        seen: list[tuple[float, int]] = []
        script = iter([failure(429, retry_after="20")])

        def reply(body: Any) -> Reply:
            seen.append((clock.now - 1000, http._limits.allowed))
            return next(script, GOOD)

        async def run() -> list[int]:
            nonlocal http
            http = transport_to(server, clock, concurrency=4)
            async with http:
                # One alone is refused before the others ask.
                refused = asyncio.create_task(ask_many(http, 1))
                while http._limits.allowed == 4:  # noqa: ASYNC110 - the server is in a thread of its own
                    await asyncio.sleep(0.001)
                return await ask_many(http, 8) + await refused

        http: HttpTransport
        with StandIn(reply) as server:
            attempts = asyncio.run(run())
        assert sorted(attempts) == [1] * 8 + [2]
        assert seen[0] == (0, 4)
        assert all(at >= 20 for at, _ in seen[1:])
        assert min(allowed for _, allowed in seen[1:]) == 2
        assert http._limits.allowed == 4

    def test_one_that_waits_for_its_retry_lets_others_go(self) -> None:
        async def run() -> list[str]:
            order: list[str] = []
            others = asyncio.Event()

            async def sleep(seconds: float) -> None:
                order.append("retry waits")
                await others.wait()

            target = ModelTarget("vllm/m", "vllm", "m", base_url=server.base_url)
            async with HttpTransport(target, concurrency=1, sleep=sleep) as http:
                client = Client(target, http)
                first = asyncio.create_task(client.ask(CALL, Drug, MESSAGES))
                while not order:  # noqa: ASYNC110 - the server is in a thread of its own
                    await asyncio.sleep(0.001)
                await client.ask(CALL, Drug, MESSAGES)
                order.append("other answered")
                others.set()
                await first
                return [*order, "first answered"]

        with StandIn(failure(500), GOOD) as server:
            assert asyncio.run(run()) == ["retry waits", "other answered", "first answered"]

    def test_rates_hold(self) -> None:
        clock = Clock()
        sent: list[float] = []

        def reply(body: Any) -> Reply:
            sent.append(clock.now - 1000)
            return GOOD

        async def run(**rates: int) -> list[float]:
            sent.clear()
            async with transport_to(server, clock, concurrency=1, **rates) as http:
                await ask_many(http, 3)
            return [at - sent[0] for at in sent]

        with StandIn(reply) as server:
            assert asyncio.run(run(rpm=6)) == pytest.approx([0, 10, 20])
            # Each is estimated at 100 tokens and takes 110.
            assert asyncio.run(run(tpm=600)) == pytest.approx([0, 11, 22])

    def test_one_connection_pool(self) -> None:
        async def run() -> None:
            async with transport_to(server, Clock(), concurrency=2) as http:
                await ask_many(http, 12)

        with StandIn(GOOD) as server:
            asyncio.run(run())
        assert len(server.received) == 12
        assert server.connections <= 2
