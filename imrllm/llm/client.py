"""The client: one schema-constrained call to a model, answered by a validated value or a named error."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from pydantic import BaseModel

from imrllm.llm.cost import price
from imrllm.llm.models import ModelTarget
from imrllm.llm.structured_call import StructuredCall
from imrllm.llm.transport import Call, Transport
from imrllm.records import Usage

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)

# A fixed seed, so that the embedded model answers the same request in the same way.
_SEED = 7
# Reasoning models count their hidden reasoning against the limit. The allowance is a cap; unused tokens cost nothing.
_REASONING_TOKENS = 8192
# The alternatives to each token that are asked for: yes and no are among the first.
_TOP_LOGPROBS = 5


class Message(TypedDict):
    """One chat turn."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(slots=True)
class Consumption:
    """What calls have consumed, failed ones included: their errors do not say what they cost.

    Attributes:
        usage: tokens; each answer's are counted once.
        attempts: HTTP requests made, retries and re-asks included.
        cost: US dollars, or None if no answer's price is known.
    """

    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    cost: float | None = None

    def add(self, usage: Usage, attempts: int, cost: float | None) -> None:
        """Add a call's consumption."""
        self.usage += usage
        self.attempts += attempts
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost


class Client:
    """Makes schema-constrained calls to one model through a transport."""

    def __init__(self, target: ModelTarget, transport: Transport, *, reasks: int = 1) -> None:
        """Prepare a client; `reasks` limits how often the model is asked again about an answer that does not fit."""
        self.target = target
        self._transport = transport
        self._reasks = reasks

    async def ask(
        self,
        call: Call,
        answer_model: type[T],
        messages: Sequence[Message],
        *,
        validate: Callable[[T], list[str]] | None = None,
        max_tokens: int = 2048,
        temperature: float | None = None,
        spent: Consumption | None = None,
    ) -> T:
        """Make one call.

        Args:
            call: what the call is about, for the transport; the model does not see it.
            answer_model: the pydantic model of the answer; its strict schema is sent.
            messages: the chat turns.
            validate: returns complaints about an answer that fits the schema, or an empty list. The complaints are
                sent back once, if a re-ask is left. The second answer is accepted without another check; if it is
                unusable, the first one is returned.
            max_tokens: length limit of the answer, in tokens.
            temperature: the sampling temperature; not sent to models that refuse it.
            spent: adds up what the call consumes, whether or not it fails.

        Returns:
            The validated answer.

        Raises:
            TruncatedError: the answer reached `max_tokens`.
            RefusedError: the model declined, or a content filter stopped it.
            InvalidAnswerError: no answer fitted the schema, re-asks included.
            ImrllmError: the transport got no answer; see `HttpTransport.send`.
        """
        question = self._question(call, answer_model, validate, self._parameters(max_tokens, temperature))
        return await self._run(question, messages, spent)

    async def probability(
        self,
        call: Call,
        answer_model: type[BaseModel],
        messages: Sequence[Message],
        *,
        max_tokens: int = 2048,
        temperature: float | None = None,
        spent: Consumption | None = None,
    ) -> float:
        """Ask a yes/no question, and say how probable the model holds a yes.

        Args:
            call: what the call is about, for the transport.
            answer_model: the pydantic model of the answer, with one field, a boolean.
            messages: the chat turns.
            max_tokens: length limit of the answer, in tokens.
            temperature: the sampling temperature; not sent to models that refuse it.
            spent: adds up what the call consumes, whether or not it fails.

        Returns:
            0 to 1: from the log-probabilities of the answer's token where the server gives them, else 0 or 1.

        Raises:
            ImrllmError: as `ask`.
        """
        parameters = self._parameters(max_tokens, temperature)
        if self.target.gives_logprobs:
            parameters |= {"logprobs": True, "top_logprobs": _TOP_LOGPROBS}
        question = self._question(call, answer_model, None, parameters)
        answer = await self._run(question, messages, spent)
        (given,) = dict(answer).values()
        found = probability_of_true(question.completion)
        return float(given) if found is None else found

    def _question(
        self,
        call: Call,
        answer_model: type[T],
        validate: Callable[[T], list[str]] | None,
        parameters: dict[str, Any],
    ) -> StructuredCall[T]:
        transport = self._transport
        return StructuredCall(
            answer_model,
            name=self.target.name,
            send=lambda body, count: transport.send(call, body, count),
            parameters=parameters,
            validate=validate,
            reasks=self._reasks,
        )

    async def _run(self, question: StructuredCall[T], messages: Sequence[Message], spent: Consumption | None) -> T:
        try:
            return await question.run(messages)
        finally:
            if spent is not None:
                spent.add(question.usage, question.attempts, price(self.target, question.usage))

    def _parameters(self, max_tokens: int, temperature: float | None) -> dict[str, Any]:
        target = self.target
        parameters: dict[str, Any] = {"model": target.model}
        # OpenAI's reasoning models refuse the deprecated `max_tokens`; ollama and older servers know nothing else.
        if target.hosted_by_openai:
            parameters["max_completion_tokens"] = max_tokens + (_REASONING_TOKENS if target.reasons else 0)
        else:
            parameters["max_tokens"] = max_tokens
        if temperature is not None and not target.reasons:
            parameters["temperature"] = temperature
        if target.embedded:
            # The server evaluates the prompts' constant prefix once and keeps it.
            parameters |= {"seed": _SEED, "cache_prompt": True}
        return parameters


def probability_of_true(completion: ChatCompletion | None) -> float | None:
    """How probable a model holds `true` in an answer with one boolean, 0 to 1; None without log-probabilities."""
    logprobs = completion.choices[0].logprobs if completion else None
    for token in (logprobs.content if logprobs else None) or ():
        if token.token.strip() in ("true", "false"):
            mass = {"true": 0.0, "false": 0.0}
            # Under a forced grammar, the answer's own token may not be among the most probable ones.
            alternatives = {token.token: token.logprob} | {each.token: each.logprob for each in token.top_logprobs}
            for text, logprob in alternatives.items():
                if text.strip() in mass:
                    mass[text.strip()] += math.exp(logprob)
            whole = sum(mass.values())
            return mass["true"] / whole if whole else None
    return None
