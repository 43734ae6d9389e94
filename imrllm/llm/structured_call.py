"""One question to a model: instructor asks again about an answer that does not do, through the requests made here."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError, create_model, model_validator

from imrllm.concurrency import in_thread
from imrllm.errors import InvalidAnswerError, RefusedError, TruncatedError
from imrllm.llm.failures import faults, not_compatible
from imrllm.records import Usage, strict_schema

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

T = TypeVar("T", bound=BaseModel)

# Made once for each model: it takes 12 ms of the event loop.
_schema = cache(strict_schema)


class StructuredCall(Generic[T]):
    """One question on its way.

    Attributes:
        usage: tokens of the answers so far, each counted once.
        attempts: HTTP requests made so far.
    """

    def __init__(
        self,
        answer_model: type[T],
        *,
        name: str,
        request: Callable[[dict[str, Any], Callable[[], None]], Awaitable[ChatCompletion]],
        parameters: dict[str, Any],
        verify: Callable[[T], list[str]] | None,
        reasks: int,
    ) -> None:
        """Prepare a question.

        Args:
            answer_model: the pydantic model of the answer.
            name: the model's, for messages.
            request: makes one HTTP request of a chat completion's parameters, and calls back for each try.
            parameters: of the chat completion, save messages and schema.
            verify: complaints about a valid answer.
            reasks: how often the model is asked again.
        """
        self.usage = Usage()
        self.attempts = 0
        self._name = name
        self._request = request
        self._reasks = reasks
        self._answer_model = answer_model
        self._verify = verify
        self._parameters = parameters
        self._schema = _schema(answer_model)
        self._objected_to: T | None = None
        # What is still to be told to the model of the answer that was objected to.
        self._objections: list[str] = []

    async def put(self, messages: Sequence[Mapping[str, object]]) -> T:
        """Ask, and ask again as often as is allowed.

        Args:
            messages: the chat turns.

        Returns:
            The answer.

        Raises:
            ModelError: as `Client.ask` lists them.
        """
        quieten()
        parameters = {"messages": [dict(message) for message in messages], **self._parameters}
        first = await self._create(**parameters)
        answer = self._valid(first)
        if answer is not None:
            self._objections = self._complaints(answer)
            if not self._objections:
                return answer
        return await self._asked_again(first, parameters)

    def _valid(self, completion: ChatCompletion) -> T | None:
        """A first answer that fits, read as instructor reads it: it would make model and schema anew for each call."""
        try:
            return self._answer_model.model_validate_json(completion.choices[0].message.content or "", strict=True)
        except ValidationError:
            return None

    async def _asked_again(self, first: ChatCompletion, parameters: dict[str, Any]) -> T:
        """Let instructor go on from an answer that does not do: it tells the model why, and asks again."""
        # A second's import, which seldom is needed.
        instructor = await in_thread(lambda: import_module("instructor"))
        from instructor.core.exceptions import InstructorError

        answers = chain([first], repeat(None))

        async def create(**parameters: Any) -> ChatCompletion:
            return next(answers) or await self._create(**parameters)

        ask = instructor.patch(create=create, mode=instructor.Mode.JSON_SCHEMA)
        failure: Exception
        try:
            # No `context`: instructor would render every message, the letter too, as a Jinja template.
            parsed = await ask(response_model=self._validated_model(), max_retries=self._reasks, **parameters)
            return self._plain(parsed)
        except InstructorError as error:  # it wraps whatever happens, in an error that holds prompt and answer
            failure = self._explain(error)
        if self._objected_to is not None and isinstance(failure, TruncatedError | RefusedError | InvalidAnswerError):
            return self._objected_to
        raise failure

    async def _create(self, **parameters: Any) -> ChatCompletion:
        """One request and its answer, in place of the SDK's own method.

        Here and not in instructor's `completion:kwargs` hook: that swallows exceptions, and would then send a
        schema that is not strict.
        """
        parameters["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": self._answer_model.__name__, "strict": True, "schema": self._schema},
        }
        completion = await self._request(parameters, self._count)
        name = self._name
        # The SDK passes on whatever JSON, or even text, a server answers.
        if getattr(completion, "choices", None) is None:
            raise not_compatible(name)
        # Read now: instructor overwrites the completion's usage with the sum over its re-asks.
        usage = _usage(completion)
        self.usage += usage.model_copy(update={"reasks": 1}) if self.usage.calls else usage
        if not completion.choices:
            raise InvalidAnswerError(f"Model `{name}` answered with no choice at all.")
        choice = completion.choices[0]
        if choice.finish_reason == "length":
            raise TruncatedError(
                f"The answer of model `{name}` reached its length limit before it was complete.",
                hint="Allow more tokens in the prompt's parameters, or use a prompt that asks for less at once.",
            )
        if choice.finish_reason == "content_filter":
            raise RefusedError(f"The provider's content filter stopped the answer of model `{name}`.")
        if getattr(choice.message, "refusal", None):
            raise RefusedError(f"Model `{name}` declined to answer.")
        return completion

    def _count(self) -> None:
        self.attempts += 1

    def _validated_model(self) -> type[T]:
        """The answer's model, or one that also puts each answer before `verify`."""
        if self._verify is None:
            return self._answer_model

        def object_once(answer: T) -> T:
            objections, self._objections = self._objections or self._complaints(self._plain(answer)), []
            if objections:
                raise ValueError("; ".join(objections))
            return answer

        derived = cast("Any", create_model)(
            self._answer_model.__name__,
            __base__=self._answer_model,
            __validators__={"object_once": model_validator(mode="after")(object_once)},
        )
        return cast("type[T]", derived)

    def _complaints(self, answer: T) -> list[str]:
        asked_again = self.usage.calls - 1
        if self._verify is None or self._objected_to is not None or asked_again >= self._reasks:
            return []
        complaints = self._verify(answer)
        if complaints:
            self._objected_to = answer
        return complaints

    def _plain(self, answer: T) -> T:
        """The answer as an instance of the model asked for, not of instructor's subclass of it."""
        return self._answer_model.model_construct(
            answer.model_fields_set, **{name: getattr(answer, name) for name in self._answer_model.model_fields}
        )

    def _explain(self, error: Exception) -> Exception:
        from instructor.core.exceptions import IncompleteOutputException, ResponseParsingError

        cause = error.__cause__ or error
        name = self._name
        if isinstance(cause, IncompleteOutputException):
            return TruncatedError(f"The answer of model `{name}` was cut off.")
        if isinstance(cause, ValidationError):
            return InvalidAnswerError(
                f"The answer of model `{name}` did not fit the schema after {self.usage.calls} tries: "
                f"{faults(cause, self._schema)}."
            )
        if isinstance(cause, json.JSONDecodeError | ResponseParsingError):
            return InvalidAnswerError(f"The answer of model `{name}` was no JSON after {self.usage.calls} tries.")
        return cause if isinstance(cause, Exception) else error


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


# openai's DEBUG log holds the prompt, instructor's ERROR log the answer, httpx's INFO log the address with a password
# that stands in it, httpcore's DEBUG log the response's headers. openai 3 speaks through httpx2.
_LOUDEST = {
    "openai": logging.WARNING,
    "instructor": logging.CRITICAL + 1,
    **dict.fromkeys(("httpx", "httpx2", "httpcore", "httpcore2"), logging.WARNING),
}


def quieten() -> None:
    """Keep letter text and credentials out of logs, whatever level the process logs at."""
    for name, level in _LOUDEST.items():
        logger = logging.getLogger(name)
        if logger.level < level:
            logger.setLevel(level)
