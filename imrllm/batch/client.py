"""A client that asks nobody: it answers from what batches brought, and notes what is still to be asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from imrllm.batch.answers import Reply
from imrllm.batch.requests import name_of
from imrllm.errors import ModelError, ModelUnavailableError, PendingError, TransientModelError
from imrllm.llm import Client, ModelTarget
from imrllm.llm.calls import current_call
from imrllm.llm.failures import explain

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

# Batches that one request goes out with, at most.
MAX_TRIES = 3
# What was kept of an error are plain names: no key is in them.
_NO_KEY = " "


class CollectedClient(Client):
    """Takes the place of HTTP below a question, so that questions, re-asks and checks are `extract`'s own.

    Attributes:
        wanted: requests of the letter that have no answer, by their names, as they would have gone over the wire.
    """

    def __init__(self, target: ModelTarget) -> None:
        """Prepare a client that has no answers yet.

        Args:
            target: the model.
        """
        super().__init__(target)
        self.wanted: dict[str, dict[str, Any]] = {}
        self._asked: Counter[str] = Counter()
        self._reply: Callable[[str], Reply | None] = lambda _: None
        self._tries: Callable[[str], int] = lambda _: 0

    def turn_to(self, reply: Callable[[str], Reply | None], tries: Callable[[str], int]) -> None:
        """Begin with another letter.

        Args:
            reply: the outcome of a request of that letter, by its name; None where there is none.
            tries: how many batches it went out with.
        """
        self.wanted = {}
        self._asked.clear()
        self._reply, self._tries = reply, tries

    async def _request(self, parameters: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        from openai.types.chat import ChatCompletion

        call = current_call()
        if call is None:
            raise ModelError("A question of a batch belongs to no letter.")
        asked = name_of(call, 0)
        name = name_of(call, self._asked[asked])
        self._asked[asked] += 1
        reply = self._reply(name)
        if reply is not None and reply.answered:
            count()
            return ChatCompletion.construct(**reply.body)
        failure = self._failure(name, reply)
        if failure is None:
            self.wanted[name] = parameters
            raise PendingError(f"The answer of model `{self.target.name}` is not there yet.")
        count()
        raise failure

    def _failure(self, name: str, reply: Reply | None) -> ModelError | None:
        """Why a request has no answer and will have none; None where it is to go out, for the first time or again."""
        tries = self._tries(name)
        told = explain(_status_error(reply), self.target, _NO_KEY) if reply is not None and reply.status else None
        if told is not None and not isinstance(told, ModelUnavailableError | TransientModelError):
            return told if isinstance(told, ModelError) else ModelError(str(told), hint=told.hint)
        if tries < MAX_TRIES:
            return None
        if told is not None:
            # Not as what it is: an unavailable model would end the run, and the next one at the same place.
            return TransientModelError(str(told), hint=told.hint)
        why = reply.body.get("code") if reply is not None else None
        return TransientModelError(
            f"Model `{self.target.name}` gave no answer in {tries} batches" + (f" (`{why}`)." if why else "."),
            hint="Try again later, or with `imrllm extract --retry-failed`.",
        )


def _status_error(reply: Reply) -> openai.APIStatusError:
    """A request's failure as the SDK would have raised it, had it been asked at once."""
    import httpx2
    import openai

    # The SDK takes the marks from the body.
    request = httpx2.Request("POST", "https://batch.invalid")
    return openai.APIStatusError("", response=httpx2.Response(reply.status, request=request), body=reply.body)
