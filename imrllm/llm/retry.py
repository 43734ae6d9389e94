"""All retries are decided here: which failures of an HTTP request are retried, when, and how often."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from imrllm.errors import ImrllmError
from imrllm.llm.completions import GarbledAnswerError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

# 408 request timeout, 409 conflict (a lock on the provider's side), 429 rate limit; and every 5xx.
_TRANSIENT = frozenset({408, 409, 429})
_TOO_MANY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one request is retried.

    Attributes:
        attempts: most requests.
        unreached_attempts: most requests while the address has never been reached. Usually the server was not
            started, and waiting does not help.
        first_seconds: the first wait, doubled each time, with up to a second of jitter.
        longest_seconds: the longest wait, even if `Retry-After` asks for more.
        total_seconds: no wait may end later than this after the first request, not counting the time spent waiting
            for turns.
    """

    attempts: int = 8
    unreached_attempts: int = 3
    first_seconds: float = 1.0
    longest_seconds: float = 60.0
    total_seconds: float = 300.0

    def asked_wait(self, error: BaseException | None) -> float | None:
        """The seconds that a failed response asks to wait, at most `longest_seconds`; None if it does not ask."""
        response = getattr(error, "response", None)
        asked = asked_wait(response.headers) if response is not None else None
        return None if asked is None else min(asked, self.longest_seconds)


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later: 408, 409, 429, 5xx, a broken connection, a timeout."""
    import openai

    if isinstance(error, openai.APIStatusError):
        # An exhausted quota is also a 429, and waiting does not help.
        if error.code == "insufficient_quota":
            return False
        return error.status_code in _TRANSIENT or error.status_code >= 500
    # The SDK reports every error below it, such as a missing cassette, as a connection error.
    return isinstance(error, openai.APIConnectionError) and not isinstance(error.__cause__, ImrllmError)


def says_too_many(error: BaseException) -> bool:
    """Whether the server says that it is overloaded or that a limit is reached: 429, 503."""
    import openai

    return isinstance(error, openai.APIStatusError) and error.status_code in _TOO_MANY


def is_unreached(error: BaseException) -> bool:
    """Whether no connection was made at all."""
    import openai

    # By name: openai 3 uses httpx2, whose errors are not those of httpx.
    cause = error.__cause__
    return isinstance(error, openai.APIConnectionError) and type(cause).__name__ in ("ConnectError", "ConnectTimeout")


def is_garbled_in_passing(error: BaseException, *, reached: bool) -> bool:
    """Whether a response was damaged on its way, rather than sent by a server without the API.

    Args:
        error: of reading the response.
        reached: whether the server has ever answered; before that, only the beginning of an answer tells.
    """
    garbled = isinstance(error, json.JSONDecodeError | UnicodeDecodeError | GarbledAnswerError)
    return garbled and (reached or getattr(error, "damaged", False))


def asked_wait(headers: Mapping[str, str], *, now: float | None = None) -> float | None:
    """The seconds that a server asks to wait (RFC 9110, section 10.2.3).

    Args:
        headers: response headers, keys in lower case or of a case-insensitive mapping.
        now: seconds since the epoch, for a `Retry-After` that is a date.

    Returns:
        Seconds, or None if the server does not ask or its value cannot be read.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, until.timestamp() - (time.time() if now is None else now))


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


async def with_retries(
    request: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    *,
    sleep: Callable[[float], Awaitable[None]],
    reached: Callable[[], bool] = lambda: True,
    queued: Callable[[], float] = lambda: 0.0,
) -> T:
    """Make a request until it succeeds, fails for good, or the policy ends the retries.

    Args:
        request: makes one HTTP request.
        policy: how long to retry.
        sleep: waits for seconds.
        reached: whether the server has ever answered; before that, a response that is not even the beginning of an
            answer is not retried.
        queued: seconds that `request` has waited for its turns so far; they do not count as retrying.

    Returns:
        What the request returns.

    Raises:
        Exception: the last failure, as the request raised it.
    """
    from tenacity import AsyncRetrying, retry_if_exception, wait_exponential_jitter

    backoff = wait_exponential_jitter(initial=policy.first_seconds, max=policy.longest_seconds)

    def failure(state: RetryCallState) -> BaseException | None:
        return state.outcome.exception() if state.outcome else None

    def wait(state: RetryCallState) -> float:
        asked = policy.asked_wait(failure(state))
        return backoff(state) if asked is None else asked

    def stop(state: RetryCallState) -> bool:
        error = failure(state)
        unreached = error is not None and is_unreached(error) and not reached()
        if state.attempt_number >= (policy.unreached_attempts if unreached else policy.attempts):
            return True
        spent = max((state.seconds_since_start or 0.0) - queued(), state.idle_for)
        return spent + state.upcoming_sleep > policy.total_seconds

    def again(error: BaseException) -> bool:
        return is_transient(error) or is_garbled_in_passing(error, reached=reached())

    retrying = AsyncRetrying(sleep=sleep, stop=stop, wait=wait, retry=retry_if_exception(again), reraise=True)
    return await retrying(request)
