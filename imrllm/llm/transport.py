"""How a call reaches a model: the one-method `Transport`, and the HTTP transport with its retries and limits."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from imrllm.errors import ImrllmError, ModelUnavailableError, TransientModelError, UsageError
from imrllm.importing import without_collecting
from imrllm.llm.completions import read_completion, request_bytes
from imrllm.llm.failures import explain
from imrllm.llm.limits import Limits, estimated_tokens
from imrllm.llm.log_levels import limit_log_levels
from imrllm.llm.models import ModelTarget
from imrllm.llm.outage import Outage
from imrllm.llm.request_attributes import answer_attributes, request_attributes
from imrllm.llm.retry import RetryPolicy, says_too_many, with_retries
from imrllm.telemetry import request_span

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

T = TypeVar("T")

_HOSTED_SECONDS = 600.0
_PROBE_SECONDS = 5.0
# On two busy cores the embedded model needs a quarter of an hour for 6,000 tokens, the record of a long letter.
_EMBEDDED_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Call:
    """What a request is about. It is never sent to the model.

    Attributes:
        document: the letter's id.
        prompt: the prompt version's name.
        kind: the kind of call: `letter`, `case` or `item`.
        item: the disputed item's number, from 1; None unless the call is about one item.
    """

    document: str
    prompt: str
    kind: str
    item: int | None = None

    def __str__(self) -> str:
        """The call within its letter, such as `item 2`."""
        return self.kind if self.item is None else f"{self.kind} {self.item}"


class Transport(Protocol):
    """Answers requests: over HTTP, from a cassette, from a batch, or from a test's own list."""

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        """Get the answer to one request.

        Args:
            call: what the request is about.
            body: the chat completion's parameters, as JSON values.
            count: to be called for each HTTP request made, failed ones included.

        Raises:
            ImrllmError: there is no answer.
        """


class HttpTransport:
    """Sends requests over one connection pool. It retries them, and keeps within the server's limits.

    Use it as an async context manager, within one event loop.
    """

    def __init__(
        self,
        target: ModelTarget,
        *,
        retry: RetryPolicy | None = None,
        concurrency: int | None = None,
        rpm: int | None = None,
        tpm: int | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
        by_httpx2: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a transport; nothing is imported or connected before the first request.

        Args:
            target: the model; the embedded one must have an address (`target.at(server.base_url)`).
            retry: how long one HTTP request is retried.
            concurrency: most requests at a time, fewer while the server says "too many"; by default the target's.
            rpm: most requests a minute; None for no limit.
            tpm: most tokens a minute, of prompts and answers together; None for no limit.
            timeout: seconds for one HTTP request; by default what suits the target.
            api_key: the key; by default it is read from the target's environment variable.
            by_httpx2: connect by httpx2, which vcrpy records and which sends files; aiohttp is faster.
            clock: a monotonic clock, in seconds; tests pass their own.
            sleep: waits for retries and limits; tests pass their own.

        Raises:
            UsageError: the target has no address, or a limit is below 1.
        """
        if target.base_url is None:
            raise UsageError(f"Model `{target.name}` has no address.", hint="Start its server first.")
        self.target = target
        self._retry = retry or RetryPolicy()
        self._limits = Limits(concurrency or target.concurrency, rpm=rpm, tpm=tpm, clock=clock, sleep=sleep)
        self._outage = Outage(concurrency or target.concurrency)
        self._timeout = timeout or (_EMBEDDED_SECONDS if target.embedded else _HOSTED_SECONDS)
        self._api_key = api_key
        self._uses_httpx2 = by_httpx2
        self._sleep = sleep
        self._openai: AsyncOpenAI | None = None
        self._reached = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._openai is not None:
            await self._openai.close()
            self._openai = None

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        """Make one HTTP request, and retry it while that may help; `count` is called for each try.

        With OpenTelemetry, it is one span with its retries.

        Raises:
            TransientModelError: rate limits, overload, broken connections or broken answers outlived the retries.
            ModelUnavailableError: nothing answers at the address, it refuses the key or does not know the model, or
                too many letters in a row had no answer (`Outage`).
            ModelError: the provider refused the request itself.
        """
        tries = 0

        def counted() -> None:
            nonlocal tries
            tries += 1
            count()

        with request_span(self.target.model, lambda: request_attributes(self.target, call, body)) as note:
            try:
                completion = await self._send(call.document, body, counted)
            finally:
                note({"imrllm.http_requests": tries})
            note(answer_attributes(completion))
            return completion

    async def _send(self, document: str, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        import httpx2
        import openai

        sdk = self.sdk
        content = request_bytes(body)
        tokens = estimated_tokens(body["messages"])
        longest = body.get("max_completion_tokens") or body.get("max_tokens") or 0
        queued = 0.0

        async def once() -> ChatCompletion:
            nonlocal queued
            async with self._limits.turn(tokens, longest) as turn:
                queued += turn.waited
                count()
                try:
                    # Not through `sdk.chat`: importing it takes 0.4 s, and it walks the schema by its types, which
                    # takes a third of each call.
                    response = await sdk.post("/chat/completions", content=content, cast_to=httpx2.Response)
                except openai.APIStatusError as error:
                    if says_too_many(error):
                        self._limits.refused(turn, self._retry.asked_wait(error))
                    raise
                completion = read_completion(response.content)
                self._limits.answered(turn, completion.usage.total_tokens if completion.usage else None)
                return completion

        failure: ImrllmError
        try:
            completion = await self.retried(once, queued=lambda: queued)
        except (openai.OpenAIError, ValueError) as error:
            failure = self.explained(error)
        else:
            self._outage.answered()
            return completion
        if isinstance(failure, TransientModelError) and self._outage.failed(document):
            failure = ModelUnavailableError(
                f"Model `{self.target.name}` has answered none of the last {self._outage.most} letters. {failure}",
                hint="When it answers again, go on with `--retry-failed`.",
            )
        # Raised outside of the `except` block: the provider's error holds the prompt and must not be its context.
        raise failure

    async def models(self) -> tuple[str, ...]:
        """List the server's models: a free request that shows whether others can succeed.

        Raises:
            ModelError: as `send`.
        """
        import openai

        failure: ImrllmError
        try:
            page = await self.sdk.models.list(timeout=_PROBE_SECONDS)
            return tuple(model.id for model in page.data)
        # If the server answers text, the SDK returns an object without the list's methods.
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            failure = self.explained(error)
        raise failure

    async def retried(self, request: Callable[[], Awaitable[T]], *, queued: Callable[[], float] = lambda: 0.0) -> T:
        """Make a request through the SDK, and retry it; `queued` is the seconds that it has waited for turns so far.

        Raises:
            Exception: the last failure, as the SDK raised it; see `explained`.
        """
        import openai

        async def once() -> T:
            try:
                answer = await request()
            except openai.APIStatusError:
                self._reached = True
                raise
            self._reached = True
            return answer

        return await with_retries(once, self._retry, sleep=self._sleep, reached=lambda: self._reached, queued=queued)

    def explained(self, error: Exception) -> ImrllmError:
        """The error for the user that stands for an error of the SDK."""
        return explain(error, self.target, self.sdk.api_key, reached=self._reached)

    @property
    def sdk(self) -> AsyncOpenAI:
        """The SDK's client, made at first use.

        Raises:
            ModelUnavailableError: the model needs a key, and there is none.
        """
        if self._openai is None:
            import_client()
            import openai

            limit_log_levels()
            target = self.target
            self._openai = openai.AsyncOpenAI(
                api_key=self._key(),
                base_url=target.base_url,
                max_retries=0,
                timeout=openai.Timeout(self._timeout, connect=10.0),
                http_client=self._http_client(),
            )
        return self._openai

    def _http_client(self) -> httpx2.AsyncClient:
        from urllib.request import getproxies

        import openai

        # httpx2 speaks to more kinds of proxies than aiohttp.
        proxied = not self.target.on_loopback and {"http", "https", "all"} & getproxies().keys()
        if self._uses_httpx2 or proxied:
            # A proxy cannot reach a server on this machine, even if `HTTP_PROXY` is set.
            return openai.DefaultAsyncHttpxClient(trust_env=not self.target.on_loopback)
        from imrllm.llm.connections import AiohttpTransport

        secure = (self.target.base_url or "").startswith("https:")
        return openai.DefaultAsyncHttpxClient(transport=AiohttpTransport(secure=secure), trust_env=False)

    def _key(self) -> str:
        return self._api_key or require_key(self.target)


def import_client() -> None:
    """Import what a call needs, which takes most of the time to a run's first request."""
    with without_collecting():
        from importlib import import_module

        for name in ("openai", "openai.types.chat", "tenacity", "imrllm.llm.connections"):
            import_module(name)


def require_key(target: ModelTarget) -> str:
    """The key of a model, from its environment variable; `none` for servers that need no key.

    Raises:
        ModelUnavailableError: the model needs a key, and there is none.
    """
    key = os.environ.get(target.api_key_env) if target.api_key_env else None
    if key:
        return key
    if target.hosted_by_openai and target.api_key_env:
        raise ModelUnavailableError(
            f"Model `{target.name}` needs a key.",
            hint=f"Set `{target.api_key_env}`, or use `--model local` (embedded) or `--model none` (no model).",
        )
    # Self-hosted servers need no key, but the SDK demands one.
    return "none"
