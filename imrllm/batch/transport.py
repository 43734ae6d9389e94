"""A transport that answers from the batches that were fetched, and collects the requests that are still to be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from imrllm.batch.answers import Reply
from imrllm.batch.requests import name_of
from imrllm.errors import ModelError, ModelUnavailableError, PendingError, TransientModelError
from imrllm.llm import Call, ModelTarget
from imrllm.llm.completions import completion_of
from imrllm.llm.failures import explain

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

# Most batches that one request is sent with.
MAX_TRIES = 3
# Only plain names of an error are kept, so there is no key to mask.
_NO_KEY = " "


class BatchTransport:
    """Takes the place of HTTP, so that requests, re-asks and checks are the same as `extract`'s.

    Attributes:
        wanted: bodies of the letter's requests that have no answer yet, by the requests' names.
    """

    def __init__(self, target: ModelTarget) -> None:
        """Prepare a transport for a model; it has no answers yet."""
        self.wanted: dict[str, dict[str, Any]] = {}
        self._target = target
        self._asked: Counter[str] = Counter()
        self._reply: Callable[[str], Reply | None] = lambda _: None
        self._tries: Callable[[str], int] = lambda _: 0

    def begin_letter(self, reply: Callable[[str], Reply | None], tries: Callable[[str], int]) -> None:
        """Begin with another letter; both functions take a request's name, and `tries` counts its batches."""
        self.wanted = {}
        self._asked.clear()
        self._reply, self._tries = reply, tries

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        """Return the answer of the batches, or keep the body in `wanted` if there is none yet.

        Raises:
            PendingError: the request is still to be sent, or its batch is under way.
            ModelError: the request failed for good.
        """
        asked = name_of(call, 0)
        name = name_of(call, self._asked[asked])
        self._asked[asked] += 1
        reply = self._reply(name)
        if reply is not None and reply.answered:
            count()
            return completion_of(reply.body)
        failure = self._failure(name, reply)
        if failure is None:
            self.wanted[name] = body
            raise PendingError(f"The answer of model `{self._target.name}` has not arrived yet.")
        count()
        raise failure

    def _failure(self, name: str, reply: Reply | None) -> ModelError | None:
        """Why a request failed for good; None if it is to be sent, for the first time or again."""
        tries = self._tries(name)
        explained = explain(_status_error(reply), self._target, _NO_KEY) if reply is not None and reply.status else None
        if explained is not None and not isinstance(explained, ModelUnavailableError | TransientModelError):
            return explained if isinstance(explained, ModelError) else ModelError(str(explained), hint=explained.hint)
        if tries < MAX_TRIES:
            return None
        if explained is not None:
            # Not a ModelUnavailableError: that would end this run, and every later one at the same letter.
            return TransientModelError(str(explained), hint=explained.hint)
        why = reply.body.get("code") if reply is not None else None
        return TransientModelError(
            f"Model `{self._target.name}` gave no answer in {tries} batches" + (f" (`{why}`)." if why else "."),
            hint="Try again later, or with `imrllm extract --retry-failed`.",
        )


def _status_error(reply: Reply) -> openai.APIStatusError:
    """The error that the SDK raises for such a reply to a request over HTTP."""
    import httpx2
    import openai

    # The SDK reads the error's code, param and type from the body.
    request = httpx2.Request("POST", "https://batch.invalid")
    return openai.APIStatusError("", response=httpx2.Response(reply.status, request=request), body=reply.body)
