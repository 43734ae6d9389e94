"""Decides when a request may be sent: concurrency follows the server's answers, and rates stay below the limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from imrllm.errors import UsageError

# OpenAI's rule of thumb for English; the answer's usage corrects it.
_CHARACTERS_A_TOKEN = 4


@dataclass(slots=True)
class Turn:
    """Permission to send one request.

    Attributes:
        prompt: the estimated tokens of the request alone.
        reserved: the tokens that count for it until its answer says how many it took.
        paid_at: when the time for these has passed, by the clock.
        decreases: how often the limit had been lowered when the turn began.
        waited: seconds spent waiting for the turn.
        settled: whether the tokens that it took are known.
    """

    prompt: int
    reserved: float
    paid_at: float
    decreases: int
    waited: float
    settled: bool = False


class Limits:
    """Gives requests their turns, first come, first served.

    The number of requests in flight follows the server as TCP's window does (additive increase, multiplicative
    decrease; RFC 5681). It starts at the stated number, is halved when an answer says "too many", and grows by one
    after as many clean answers as are allowed at a time. Answers to requests that were in flight when it was halved
    do not change it.

    The rates spread requests evenly over the minute, so that no 60 seconds hold more requests than stated: providers
    enforce a minute's limit by the second, and refuse a minute's worth sent at once. A request of any size is sent
    when the time for the tokens before it has passed. Until its answer comes, a request counts with as many tokens as
    those before it took on average, by the length of their prompts; and until the first answer comes, with the longest
    answer that it allows. Otherwise the requests that go out before the first answers would take more than their share.

    Attributes:
        allowed: the current maximum of requests in flight.
    """

    def __init__(
        self,
        concurrency: int,
        *,
        rpm: int | None = None,
        tpm: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Set the limits.

        Args:
            concurrency: the highest number of requests in flight.
            rpm: most requests a minute; None for no limit.
            tpm: most tokens a minute, of prompts and answers together; None for no limit.
            clock: a monotonic clock, in seconds; tests pass their own.
            sleep: waits for seconds of that clock.

        Raises:
            UsageError: a limit is below 1.
        """
        for name, limit in {"concurrency": concurrency, "rpm": rpm, "tpm": tpm}.items():
            if limit is not None and limit < 1:
                raise UsageError(f"`{name}` is {limit}, which lets no request out.", hint="Give at least 1.")
        self.allowed = self._most = concurrency
        self._requests = _Pace(rpm)
        self._tokens = _Pace(tpm)
        # Of the settled turns: tokens by their prompts' estimates, and those taken.
        self._estimated = self._taken = 0
        self._clock = clock
        self._sleep = sleep
        self._held_until = 0.0
        self._in_flight = 0
        self._decreases = 0
        self._clean = 0
        # One request at a time waits for its turn; the others queue at the lock.
        self._door = asyncio.Lock()
        self._room = asyncio.Event()
        self._settled = asyncio.Event()

    @asynccontextmanager
    async def turn(self, tokens: int, longest_answer: int = 0) -> AsyncIterator[Turn]:
        """Wait for a turn, and hold it while the block runs.

        Args:
            tokens: estimates the request.
            longest_answer: the tokens that its answer may take.
        """
        asked = self._clock()
        async with self._door:
            await self._wait()
            now = self._clock()
            reserved = tokens * self._taken / self._estimated if self._estimated else tokens + longest_answer
            self._requests.take(1, now)
            self._tokens.take(reserved, now)
            turn = Turn(tokens, reserved, self._tokens.free_at, self._decreases, now - asked)
            self._in_flight += 1
        try:
            yield turn
        finally:
            self._in_flight -= 1
            self._room.set()
            if not turn.settled:
                # It has no answer, or one that does not say what it took.
                self._settle(turn, tokens)

    async def _wait(self) -> None:
        while True:
            if self._in_flight >= self.allowed:
                self._room.clear()
                await self._room.wait()
                continue
            seconds = max(self._held_until, self._requests.free_at, self._tokens.free_at) - self._clock()
            if seconds <= 0:
                return
            # Check again: the server may have asked for a longer wait meanwhile.
            await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        """Wait; less if a request settles, because it may have taken fewer tokens than were reserved for it."""
        if not self._in_flight or not self._tokens.limits:
            await self._sleep(seconds)
            return
        self._settled.clear()
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._settled.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _settle(self, turn: Turn, tokens: int) -> None:
        self._tokens.correct(tokens - turn.reserved, turn.paid_at - self._clock())
        self._settled.set()

    def answered(self, turn: Turn, tokens: int | None) -> None:
        """Note a clean answer to a turn's request, and the tokens that it consumed, if the server reports them."""
        if tokens is not None:
            turn.settled = True
            self._estimated += turn.prompt
            self._taken += tokens
            self._settle(turn, tokens)
        if turn.decreases != self._decreases or self.allowed >= self._most:
            return
        self._clean += 1
        if self._clean >= self.allowed:
            self.allowed += 1
            self._clean = 0
            self._room.set()

    def refused(self, turn: Turn, wait: float | None) -> None:
        """Note a "too many" answer (HTTP 429 or 503), and the seconds that the server asks to wait, if it does.

        Nothing is sent while it asks to wait. Providers count such a request as sent.
        """
        if wait is not None:
            self._held_until = max(self._held_until, self._clock() + wait)
        if turn.decreases != self._decreases:
            return
        self._decreases += 1
        self.allowed = max(1, self.allowed // 2)
        self._clean = 0


class _Pace:
    """A rate per minute: a token bucket without depth that may run into debt and refills at the rate.

    Attributes:
        free_at: when the debt is paid, by the caller's clock.
        limits: whether there is a rate.
    """

    def __init__(self, a_minute: int | None) -> None:
        self.limits = a_minute is not None
        self._seconds_each = 60 / a_minute if a_minute else 0.0
        self.free_at = 0.0

    def take(self, amount: float, now: float) -> None:
        self.free_at = max(self.free_at, now) + amount * self._seconds_each

    def correct(self, amount: float, unpaid: float) -> None:
        """Correct an earlier `take` by a difference; what its time has passed for is not given back.

        Args:
            amount: below 0, if less was taken.
            unpaid: the seconds of the take that have not passed yet.
        """
        self.free_at += max(amount * self._seconds_each, min(0.0, -unpaid))


def estimated_tokens(messages: Iterable[Mapping[str, object]]) -> int:
    """Estimate a request's tokens from the length of its messages."""
    return sum(len(str(message.get("content") or "")) for message in messages) // _CHARACTERS_A_TOKEN
