"""The client: one schema-constrained question to a model, answered by a validated value or a named failure."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypedDict, TypeVar

from pydantic import BaseModel

from imrllm.errors import ImrllmError, ModelUnavailableError, UsageError
from imrllm.llm.cost import price
from imrllm.llm.failures import explain
from imrllm.llm.limits import Limits, estimated_tokens
from imrllm.llm.models import ModelTarget
from imrllm.llm.retry import RetryPolicy, says_too_many, with_retries
from imrllm.llm.structured_call import StructuredCall, quieten
from imrllm.records import Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)

# Fixed, so that the embedded model gives one answer to one question.
_SEED = 7
_HOSTED_SECONDS = 600.0
_PROBE_SECONDS = 5.0
# On two busy cores the embedded model writes 6,000 tokens, a whole long letter's record, in a quarter of an hour.
_EMBEDDED_SECONDS = 1800.0
# Reasoning models count their hidden reasoning against the limit; the allowance is a cap, and costs nothing unused.
_REASONING_TOKENS = 8192


class Message(TypedDict):
    """One chat turn."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(slots=True)
class Spent:
    """What calls have consumed, failed ones included: an error says nothing of the tokens that it cost.

    Attributes:
        usage: tokens, each answer's counted once.
        attempts: HTTP requests made.
        cost: US dollars, or None where no answer's price is known.
    """

    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    cost: float | None = None

    def add(self, usage: Usage, attempts: int, cost: float | None) -> None:
        """Count more."""
        self.usage += usage
        self.attempts += attempts
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A validated answer and what it took.

    Attributes:
        value: the answer.
        usage: tokens of the question and its re-asks.
        attempts: HTTP requests made, retries and re-asks included.
        cost: US dollars, where the price is known.
        reasked: whether the model was asked again, because its answer did not fit or `verify` complained.
    """

    value: T
    usage: Usage
    attempts: int
    cost: float | None
    reasked: bool


class Client:
    """Asks one model, over one connection pool, no more questions at a time than it bears.

    Use it as an async context manager, within one event loop.
    """

    def __init__(
        self,
        target: ModelTarget,
        *,
        reasks: int = 1,
        retry: RetryPolicy | None = None,
        concurrency: int | None = None,
        rpm: int | None = None,
        tpm: int | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a client; nothing is imported or connected before the first question.

        Args:
            target: the model; the embedded one must have an address (`target.at(server.base_url)`).
            reasks: how often the model is asked again about an answer that does not fit.
            retry: how long one HTTP request is retried.
            concurrency: requests at a time, fewer while the server says "too many"; what suits the target by default.
            rpm: requests a minute at most; no limit by default.
            tpm: tokens a minute at most, those of questions and answers; no limit by default.
            timeout: seconds for one HTTP request; what suits the target by default.
            api_key: the key, where it should not come from the target's environment variable.
            clock: seconds from any beginning; tests put their own.
            sleep: waits for retries and limits; tests put their own.

        Raises:
            UsageError: the target has no address, or a limit is below 1.
        """
        if target.base_url is None:
            raise UsageError(f"Model `{target.name}` has no address to ask at.", hint="Start its server first.")
        self.target = target
        self._reasks = reasks
        self._retry = retry or RetryPolicy()
        self._limits = Limits(concurrency or target.concurrency, rpm=rpm, tpm=tpm, clock=clock, sleep=sleep)
        self._timeout = timeout or (_EMBEDDED_SECONDS if target.embedded else _HOSTED_SECONDS)
        self._api_key = api_key
        self._sleep = sleep
        self._openai: AsyncOpenAI | None = None
        self._reached = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self._openai is not None:
            await self._openai.close()
            self._openai = None

    async def ask(
        self,
        answer_model: type[T],
        messages: Sequence[Message],
        *,
        verify: Callable[[T], list[str]] | None = None,
        max_tokens: int = 2048,
        temperature: float | None = None,
        spent: Spent | None = None,
    ) -> Answer[T]:
        """Ask one question.

        Args:
            answer_model: the pydantic model of the answer; its strict schema goes over the wire.
            messages: the chat turns.
            verify: complaints about a valid answer, empty where there are none. They are sent back once, where a
                re-ask is left; the answer to that stands whatever `verify` would say, and the first answer stands
                if the second is unusable.
            max_tokens: length limit of the answer, in tokens.
            temperature: sent where given, save to models that refuse any.
            spent: counts what the question consumes, whether or not it fails.

        Returns:
            The answer.

        Raises:
            TruncatedError: the answer reached `max_tokens`.
            RefusedError: the model declined, or a content filter stopped it.
            InvalidAnswerError: no answer fitted the schema, re-asks included.
            TransientModelError: rate limits, overload or broken connections outlived the retries.
            ModelUnavailableError: nobody answers there, or not with this key, or not this model.
            ModelError: the provider refused the request itself.
        """
        question = StructuredCall(
            answer_model,
            name=self.target.name,
            request=self._request,
            parameters=self._parameters(max_tokens, temperature),
            verify=verify,
            reasks=self._reasks,
        )
        try:
            value = await question.put(messages)
        finally:
            if spent is not None:
                spent.add(question.usage, question.attempts, price(self.target, question.usage))
        usage = question.usage
        return Answer(value, usage, question.attempts, price(self.target, usage), reasked=usage.reasks > 0)

    async def models(self) -> tuple[str, ...]:
        """Ask which models the server has: a question that costs nothing, and shows whether any other can succeed.

        Returns:
            Their names.

        Raises:
            ModelError: as `ask`.
        """
        import openai

        client = self._open()
        failure: ImrllmError
        try:
            page = await client.models.list(timeout=_PROBE_SECONDS)
            return tuple(model.id for model in page.data)
        # A page of text in place of the list is for the SDK a list that lacks its methods.
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
            failure = explain(error, self.target, client.api_key)
        raise failure

    def _parameters(self, max_tokens: int, temperature: float | None) -> dict[str, Any]:
        target = self.target
        parameters: dict[str, Any] = {"model": target.model}
        # OpenAI deprecates `max_tokens` and its reasoning models refuse it; ollama and older servers know no other.
        if target.hosted_by_openai:
            parameters["max_completion_tokens"] = max_tokens + (_REASONING_TOKENS if target.reasons else 0)
        else:
            parameters["max_tokens"] = max_tokens
        if temperature is not None and not target.reasons:
            parameters["temperature"] = temperature
        if target.embedded:
            # The prompts' constant prefix is evaluated once and kept.
            parameters |= {"seed": _SEED, "cache_prompt": True}
        return parameters

    async def _request(self, parameters: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        """Make one HTTP request as often as it needs; `count` is called for each try."""
        import openai
        from openai.types.chat import ChatCompletion

        client = self._open()
        tokens = estimated_tokens(parameters["messages"])
        queued = 0.0

        async def once() -> ChatCompletion:
            nonlocal queued
            async with self._limits.turn(tokens) as turn:
                queued += turn.waited
                count()
                try:
                    # Not through `client.chat`: what it imports takes 0.4 s of the start, and walking the schema by its
                    # types a third of each call.
                    completion = await client.post("/chat/completions", body=parameters, cast_to=ChatCompletion)
                except openai.APIStatusError as error:
                    self._reached = True
                    if says_too_many(error):
                        self._limits.refused(turn, self._retry.asked_wait(error))
                    raise
                self._reached = True
                # The SDK passes on whatever JSON, or even text, a server answers.
                usage = getattr(completion, "usage", None)
                self._limits.answered(turn, getattr(usage, "total_tokens", None))
                return completion

        failure: ImrllmError
        try:
            return await with_retries(
                once, self._retry, sleep=self._sleep, reached=lambda: self._reached, queued=lambda: queued
            )
        except (openai.OpenAIError, ValueError) as error:
            failure = explain(error, self.target, client.api_key)
        # Raised here, where no provider's error with the request in it becomes its context.
        raise failure

    def _open(self) -> AsyncOpenAI:
        if self._openai is None:
            import openai

            quieten()
            target = self.target
            # No proxy stands between this program and its own machine, whatever `HTTP_PROXY` says.
            http_client = openai.DefaultAsyncHttpxClient(trust_env=False) if target.on_loopback else None
            self._openai = openai.AsyncOpenAI(
                api_key=self._key(),
                base_url=target.base_url,
                max_retries=0,
                timeout=openai.Timeout(self._timeout, connect=10.0),
                http_client=http_client,
            )
        return self._openai

    def _key(self) -> str:
        target = self.target
        key = self._api_key or (os.environ.get(target.api_key_env) if target.api_key_env else None)
        if key:
            return key
        if target.hosted_by_openai and target.api_key_env:
            raise ModelUnavailableError(
                f"Model `{target.name}` needs a key.",
                hint=f"Set `{target.api_key_env}`, or use `--model local` (embedded) or `--model none` (no model).",
            )
        # Servers of one's own need none, but the SDK demands one.
        return "none"
