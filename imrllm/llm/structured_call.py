"""One call to a model: its strict schema goes out, its answer is validated, and instructor words the re-asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from imrllm.concurrency import in_thread
from imrllm.errors import InvalidAnswerError, RefusedError, TruncatedError
from imrllm.llm.failures import faults, not_compatible
from imrllm.llm.log_levels import limit_log_levels
from imrllm.records import Usage, strict_schema

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)

MAX_ANSWER = 100_000
"""The longest answer that is read, in characters. One about twenty items has some 40,000. Each empty item of
an endless one is thirty errors, and five million characters of them took three gigabytes."""

# Making a schema blocks the event loop for 12 ms.
_schema = cache(strict_schema)


class StructuredCall(Generic[T]):
    """One call with its re-asks.

    Attributes:
        usage: tokens of the answers so far.
        attempts: HTTP requests made so far.
        completion: the last answer as it came; None before the first.
    """

    def __init__(
        self,
        answer_model: type[T],
        *,
        name: str,
        send: Callable[[dict[str, Any], Callable[[], None]], Awaitable[ChatCompletion]],
        parameters: dict[str, Any],
        validate: Callable[[T], list[str]] | None,
        reasks: int,
    ) -> None:
        """Prepare a call.

        Args:
            answer_model: the pydantic model of the answer.
            name: the model's name, for error messages.
            send: answers one request body; it calls its second argument for each HTTP request.
            parameters: the chat completion's parameters without messages and schema.
            validate: returns complaints about an answer that fits the schema.
            reasks: most times that the model is asked again.
        """
        self.usage = Usage()
        self.attempts = 0
        self.completion: ChatCompletion | None = None
        self._name = name
        self._send = send
        self._reasks = reasks
        self._answer_model = answer_model
        self._validate = validate
        self._parameters = parameters
        self._schema = _schema(answer_model)
        # The answer that `validate` complained about.
        self._rejected: T | None = None

    async def run(self, messages: Sequence[Mapping[str, object]]) -> T:
        """Send chat turns, and ask again while the answer does not fit and re-asks are left.

        Raises:
            ModelError: as `Client.ask` lists them.
        """
        limit_log_levels()
        failure: InvalidAnswerError | TruncatedError | RefusedError
        try:
            return await self._run({"messages": [dict(message) for message in messages], **self._parameters})
        except (InvalidAnswerError, TruncatedError, RefusedError) as error:
            failure = error
        # The re-ask gave no usable answer; the one before it at least fits the schema.
        if self._rejected is not None:
            return self._rejected
        raise failure

    async def _run(self, body: dict[str, Any]) -> T:
        while True:
            completion = await self._complete(body)
            content = completion.choices[0].message.content or ""
            try:
                answer = self._answer_model.model_validate_json(content, strict=True)
            except ValidationError as error:
                fault = error
            else:
                complaints = self._complaints(answer)
                if not complaints:
                    return answer
                fault = self._as_fault(complaints, content)
            if self.usage.reasks >= self._reasks:
                raise InvalidAnswerError(
                    f"The answer of model `{self._name}` did not fit the schema after {self.usage.calls} tries: "
                    f"{faults(fault, self._schema)}."
                )
            body = await _reask(body, completion, fault)

    async def _complete(self, body: dict[str, Any]) -> ChatCompletion:
        """Send one request, and raise if its answer cannot be one to validate."""
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": self._answer_model.__name__, "strict": True, "schema": self._schema},
        }
        completion = self.completion = await self._send(body, self._count)
        name = self._name
        # A transport of one's own may answer whatever it likes.
        if getattr(completion, "choices", None) is None:
            raise not_compatible(name)
        usage = _usage(completion)
        self.usage += usage.model_copy(update={"reasks": 1}) if self.usage.calls else usage
        if not completion.choices:
            raise InvalidAnswerError(f"Model `{name}` returned no choices.")
        choice = completion.choices[0]
        if choice.finish_reason == "length":
            raise TruncatedError(
                f"The answer of model `{name}` reached its length limit before it was complete.",
                hint="Raise `max_tokens` in the prompt, or use a prompt that asks for less in one call.",
            )
        if choice.finish_reason == "content_filter":
            raise RefusedError(f"The provider's content filter stopped the answer of model `{name}`.")
        if getattr(choice.message, "refusal", None):
            raise RefusedError(f"Model `{name}` declined to answer.")
        content: object = choice.message.content
        # A server may answer with a number there, which does not fit the schema.
        if isinstance(content, str) and len(content) > MAX_ANSWER:
            raise InvalidAnswerError(f"Model `{name}` returned more than {MAX_ANSWER:,} characters.")
        return completion

    def _count(self) -> None:
        self.attempts += 1

    def _complaints(self, answer: T) -> list[str]:
        """Complaints about an answer. They are raised once, and only while the model can still be asked again."""
        if self._validate is None or self._rejected is not None or self.usage.reasks >= self._reasks:
            return []
        complaints = self._validate(answer)
        if complaints:
            self._rejected = answer
        return complaints

    def _as_fault(self, complaints: list[str], content: str) -> ValidationError:
        """The error that pydantic would raise if the complaints came from a validator of the answer's model."""
        return ValidationError.from_exception_data(
            self._answer_model.__name__,
            [
                {
                    "type": "value_error",
                    "loc": (),
                    "input": from_json(content),
                    "ctx": {"error": ValueError("; ".join(complaints))},
                }
            ],
            hide_input=self._answer_model.model_config.get("hide_input_in_errors", False),
        )


async def _reask(body: dict[str, Any], completion: ChatCompletion, fault: ValidationError) -> dict[str, Any]:
    """The request that shows the model its answer and what is wrong with it, in instructor's words.

    `instructor.patch` cannot start from an answer at hand, so the loop is here and instructor formats its turns.
    """
    # It takes a second to import, and is seldom needed.
    await in_thread(lambda: import_module("instructor.processing"))
    from instructor import Mode
    from instructor.processing import handle_reask_kwargs

    # It appends to the list of messages that it is given.
    return handle_reask_kwargs(
        {**body, "messages": [*body["messages"]]}, Mode.JSON_SCHEMA, response=completion, exception=fault
    )


def _usage(completion: ChatCompletion) -> Usage:
    usage = completion.usage
    if usage is None:
        return Usage(calls=1)
    details = usage.prompt_tokens_details
    return Usage(
        calls=1,
        input_tokens=usage.prompt_tokens or 0,
        cached_tokens=(details.cached_tokens or 0) if details else 0,
        output_tokens=usage.completion_tokens or 0,
    )
