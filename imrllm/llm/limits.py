"""When a request may go out: as many at a time as the server bears, and no faster than the stated rates."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from imrllm.errors import UsageError

# OpenAI's rule of thumb for English; the answer's usage corrects it.
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """One request's leave to go out.

    Attributes:
        tokens: what it was estimated to consume.
        decreases: how often the limit had been lowered when it went out.
        waited: seconds from asking for the turn to getting it.
    """

    tokens: int
    decreases: int
    waited: float


class Limits:
    """Gives each request its turn, in the order in which they asked.

    The number in flight follows what the server bears, as TCP's window does (additive increase, multiplicative
    decrease; RFC 5681): it starts at the stated number, is halved by an answer that says "too many", and grows by one
    after as many clean answers as are allowed at a time. Requests that were in flight when it was halved say nothing
    new: their fate changes it neither way.

    The rates spread requests evenly over the minute, so no stretch of a minute holds more requests than stated:
    providers enforce a minute's limit by the second, and refuse a minute's worth sent at once. A request goes out once
    what went before it is paid for, however large it is itself.

    Attributes:
        allowed: requests in flight at most, just now.
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
        """State the limits.

        Args:
            concurrency: requests in flight at most, ever.
            rpm: requests a minute; None is no limit.
            tpm: tokens a minute, those of questions and answers; None is no limit.
            clock: seconds from any beginning; tests put their own.
            sleep: waits so many seconds of that clock.

        Raises:
            UsageError: a limit is below 1.
        """
        for name, limit in {"concurrency": concurrency, "rpm": rpm, "tpm": tpm}.items():
            if limit is not None and limit < 1:
                raise UsageError(f"`{name}` is {limit}, which lets no request out.", hint="Give at least 1.")
        self.allowed = self._most = concurrency
        self._requests = _Pace(rpm)
        self._tokens = _Pace(tpm)
        self._clock = clock
        self._sleep = sleep
        self._held_until = 0.0
        self._in_flight = 0
        self._decreases = 0
        self._clean = 0
        # One request at a time waits for its turn; the others stand in line behind it.
        self._door = asyncio.Lock()
        self._room = asyncio.Event()

    @asynccontextmanager
    async def turn(self, tokens: int) -> AsyncIterator[Turn]:
        """Wait for a turn, and hold it for as long as the block runs.

        Args:
            tokens: what the request will consume, estimated.
        """
        asked = self._clock()
        async with self._door:
            await self._wait()
            now = self._clock()
            self._requests.take(1, now)
            self._tokens.take(tokens, now)
            self._in_flight += 1
        try:
            yield Turn(tokens, self._decreases, now - asked)
        finally:
            self._in_flight -= 1
            self._room.set()

    async def _wait(self) -> None:
        while True:
            if self._in_flight >= self.allowed:
                self._room.clear()
                await self._room.wait()
                continue
            seconds = max(self._held_until, self._requests.free_at, self._tokens.free_at) - self._clock()
            if seconds <= 0:
                return
            # What a wait ends in may have changed meanwhile: the server may have asked for a longer one.
            await self._sleep(seconds)

    def answered(self, turn: Turn, tokens: int | None) -> None:
        """Note a clean answer.

        Args:
            turn: the request's.
            tokens: what it consumed, where the server says so.
        """
        if tokens is not None:
            self._tokens.correct(tokens - turn.tokens)
        if turn.decreases != self._decreases or self.allowed >= self._most:
            return
        self._clean += 1
        if self._clean >= self.allowed:
            self.allowed += 1
            self._clean = 0
            self._room.set()

    def refused(self, turn: Turn, wait: float | None) -> None:
        """Note an answer that says "too many" (HTTP 429 or 503); the request counts as sent, as providers count it.

        Args:
            turn: the request's.
            wait: seconds for which the server asks to be left alone, where it does: nothing goes out until then.
        """
        if wait is not None:
            self._held_until = max(self._held_until, self._clock() + wait)
        if turn.decreases != self._decreases:
            return
        self._decreases += 1
        self.allowed = max(1, self.allowed // 2)
        self._clean = 0


class _Pace:
    """A rate a minute: a token bucket of no depth, which may run into debt and is filled again at the rate.

    Attributes:
        free_at: when all that was taken is paid for, by the clock of who takes.
    """

    def __init__(self, a_minute: int | None) -> None:
        self._seconds_each = 60 / a_minute if a_minute else 0.0
        self.free_at = 0.0

    def take(self, amount: int, now: float) -> None:
        self.free_at = max(self.free_at, now) + amount * self._seconds_each

    def correct(self, amount: int) -> None:
        """Take so much more, or less, than was taken earlier."""
        self.free_at += amount * self._seconds_each


def estimated_tokens(messages: Iterable[Mapping[str, object]]) -> int:
    """What a question will consume, told from the length of its messages alone."""
    return sum(len(str(message.get("content") or "")) for message in messages) // _CHARACTERS_A_TOKEN
