"""Which failures are tried again, how long after, and how often."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress

import httpx2
import openai
import pytest

from imrllm.llm.retry import RetryPolicy, asked_wait, is_transient, is_unreached, says_too_many, with_retries

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1")


def status(number: int, code: str | None = None, **headers: str) -> openai.APIStatusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(number, headers=named, request=REQUEST)
    return openai.APIStatusError("no", response=response, body={"code": code})


def broken(cause: Exception | None = None) -> openai.APIConnectionError:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "again"),
    [
        *[(status(number), True) for number in (408, 409, 429, 500, 502, 503, 504, 529)],
        # The same request would fail the same way.
        *[(status(number), False) for number in (400, 401, 403, 404, 413, 422)],
        # An empty account is no rate limit, though it says 429.
        (status(429, "insufficient_quota"), False),
        (broken(), True),
        (openai.APITimeoutError(request=REQUEST), True),
        (ValueError(), False),
        (asyncio.CancelledError(), False),
    ],
)
def test_is_transient(error: BaseException, again: bool) -> None:
    assert is_transient(error) is again


@pytest.mark.parametrize(
    ("error", "too_many"),
    [(status(429), True), (status(503), True), (status(500), False), (status(408), False), (broken(), False)],
)
def test_says_too_many(error: Exception, too_many: bool) -> None:
    assert says_too_many(error) is too_many


@pytest.mark.parametrize(
    ("error", "unreached"),
    [
        (broken(httpx2.ConnectError("refused")), True),
        (broken(httpx2.ConnectTimeout("late")), True),
        (broken(httpx2.RemoteProtocolError("dropped")), False),
        (broken(), False),
        (status(503), False),
    ],
)
def test_is_unreached(error: Exception, unreached: bool) -> None:
    assert is_unreached(error) is unreached


NOON = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:30 GMT"}, 10.0),
        # A date gone by means now.
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        # Nonsense is no wish.
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-4"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2.0),
    ],
)
def test_asked_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers, now=NOON) == seconds


class Attempts:
    """Fails as scripted, then succeeds; its waits take no time."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0
        self.waits: list[float] = []

    async def request(self) -> str:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def run(self, policy: RetryPolicy | None = None, *, reached: bool = True) -> str:
        return asyncio.run(
            with_retries(self.request, policy or RetryPolicy(), sleep=self.sleep, reached=lambda: reached)
        )


def test_waits_grow_with_jitter() -> None:
    attempts = Attempts(*[status(500)] * 5)
    assert attempts.run() == "done"
    for wait, least in zip(attempts.waits, (1, 2, 4, 8, 16), strict=True):
        assert least <= wait <= least + 1


def test_a_failure_for_good_is_made_once() -> None:
    attempts = Attempts(status(400))
    with pytest.raises(openai.APIStatusError):
        attempts.run()
    assert attempts.made == 1


def test_retry_after_is_honoured_and_capped() -> None:
    attempts = Attempts(status(429, retry_after="7"), status(429, retry_after="3600"), status(503, retry_after="0"))
    attempts.run(RetryPolicy(longest_seconds=20))
    assert attempts.waits == [7, 20, 0]


def test_attempts_are_bounded() -> None:
    attempts = Attempts(*[status(500)] * 99)
    with pytest.raises(openai.APIStatusError):
        attempts.run(RetryPolicy(attempts=4))
    assert attempts.made == 4


def test_total_time_is_bounded() -> None:
    # A wait that would end too late is not begun.
    attempts = Attempts(*[status(429, retry_after="40")] * 99)
    with pytest.raises(openai.APIStatusError):
        attempts.run(RetryPolicy(attempts=99, total_seconds=100))
    assert attempts.waits == [40, 40]


def test_the_time_in_line_costs_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    now = queued = 0.0
    waits: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: now)

    async def request() -> str:
        nonlocal now, queued
        # Ten minutes until its turn, then a second of trying.
        queued += 600
        now += 601
        if len(waits) < 3:
            raise status(500)
        return "done"

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    policy = RetryPolicy(total_seconds=100)
    assert asyncio.run(with_retries(request, policy, sleep=sleep, queued=lambda: queued)) == "done"


@pytest.mark.parametrize(("reached", "made"), [(False, 3), (True, 8)])
def test_a_server_that_never_answered_is_given_up_early(reached: bool, made: int) -> None:
    attempts = Attempts(*[broken(httpx2.ConnectError("refused"))] * 99)
    with pytest.raises(openai.APIConnectionError):
        attempts.run(reached=reached)
    assert attempts.made == made


@pytest.mark.parametrize(("reached", "made"), [(False, 1), (True, 2)])
def test_a_garbled_answer_is_tried_again_where_the_server_has_answered_well(reached: bool, made: int) -> None:
    attempts = Attempts(json.JSONDecodeError("no", "", 0))
    with suppress(json.JSONDecodeError):
        attempts.run(reached=reached)
    assert attempts.made == made
