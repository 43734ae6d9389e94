"""The provider's file and batch endpoints. Files and batches are created once, even if connections break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeVar

from imrllm.batch.answers import names
from imrllm.batch.requests import ENDPOINT
from imrllm.errors import ImrllmError, ModelUnavailableError
from imrllm.llm import HttpTransport, ModelTarget, RetryPolicy

if TYPE_CHECKING:
    from openai.types import Batch as SdkBatch

T = TypeVar("T")

# The key under which a batch's metadata holds its name.
_NAME = "imrllm"
# Looks for a batch whose creation may have been cut off: a provider's list can show it late.
_LOOKS = 4


@dataclass(frozen=True, slots=True)
class ProviderBatch:
    """A batch as the provider reports it. Files are named by their ids there.

    Attributes:
        codes: codes of the errors of the batch as a whole.
        completed: requests that were answered.
        failed: requests that failed.
        expires_at: when its window ends, in seconds since the epoch.
    """

    id: str
    status: str
    input_file: str
    output_file: str | None
    error_file: str | None
    codes: tuple[str, ...]
    completed: int
    failed: int
    expires_at: int | None

    @property
    def ended(self) -> bool:
        """Whether the batch will bring no more answers."""
        return self.status in {"completed", "failed", "expired", "cancelled"}

    @property
    def results(self) -> tuple[str, ...]:
        """Its output and error files at the provider."""
        return tuple(file for file in (self.output_file, self.error_file) if file)

    @property
    def files(self) -> tuple[str, ...]:
        """All of its files at the provider."""
        return tuple(file for file in (self.input_file, self.output_file, self.error_file) if file)


class Endpoints(HttpTransport):
    """The file and batch endpoints. Requests to them are retried as those to the model are."""

    def __init__(
        self,
        target: ModelTarget,
        *,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare as `HttpTransport` does."""
        # httpx2 sends a file while it reads it.
        super().__init__(target, retry=retry, by_httpx2=True, sleep=sleep)
        self._sleep = sleep

    async def create(self, name: str, file: IO[bytes]) -> tuple[ProviderBatch, bool]:
        """Upload a request file and create its batch.

        If a connection breaks after the provider created something, it is found by its name and not created twice.

        The name is unique; the file is read from its start at each try.

        Returns:
            The batch, and whether the provider may have created another one: it was created after a try that broke,
            and the list may show that try's batch later. `named` finds it then.

        Raises:
            ModelError: as `HttpTransport.send`; `ModelUnavailableError` if the host has no batch endpoints.
        """
        uploaded, _ = await self._once(lambda: self._file_named(name), lambda: self._upload(name, file))
        return await self._once(lambda: self._seen(name), lambda: self._create(name, uploaded))

    async def find(self, name: str) -> ProviderBatch | None:
        """The batch of a name, or None if several looks at the provider's list do not show it."""
        return await self._answer(lambda: self._seen(name))

    async def named(self, beginning: str) -> list[ProviderBatch]:
        """The batches whose names begin so."""

        async def ask() -> list[ProviderBatch]:
            return [_provider_batch(batch) async for name, batch in self._listed() if name.startswith(beginning)]

        return await self._answer(ask)

    async def cancel(self, batch_id: str) -> ProviderBatch:
        """Cancel a batch, unless it has ended, and return its state; answers that it has already are kept."""
        import openai

        async def ask() -> ProviderBatch:
            state = _provider_batch(await self.sdk.batches.retrieve(batch_id))
            if state.ended or state.status == "cancelling":
                return state
            try:
                return _provider_batch(await self.sdk.batches.cancel(batch_id))
            except (openai.BadRequestError, openai.ConflictError):
                # It ended between the two requests, or the provider cannot cancel it.
                return _provider_batch(await self.sdk.batches.retrieve(batch_id))

        return await self._answer(ask, known=True)

    async def retrieve(self, batch_id: str) -> ProviderBatch:
        """The current state of a batch."""

        async def ask() -> ProviderBatch:
            return _provider_batch(await self.sdk.batches.retrieve(batch_id))

        return await self._answer(ask, known=True)

    async def download(self, file_id: str) -> bytes:
        """A file's content; empty if the provider no longer has the file."""
        import openai

        async def ask() -> bytes:
            try:
                return (await self.sdk.files.content(file_id)).content
            except openai.NotFoundError:
                return b""

        return await self._answer(ask)

    async def delete(self, file_id: str) -> None:
        """Delete a file, if it still exists."""
        import openai

        async def ask() -> None:
            with suppress(openai.NotFoundError):
                await self.sdk.files.delete(file_id)

        await self._answer(ask)

    async def discard(self, name: str) -> None:
        """Delete the request file of a batch that was never created, if it was uploaded."""
        file = await self._answer(lambda: self._file_named(name))
        if file is not None:
            await self.delete(file)

    async def _upload(self, name: str, file: IO[bytes]) -> str:
        file.seek(0)
        uploaded = await self.sdk.files.create(file=(f"{name}.jsonl", file), purpose="batch")
        return _text(uploaded, "id")

    async def _create(self, name: str, input_file: str) -> ProviderBatch:
        batch = await self.sdk.batches.create(
            input_file_id=input_file, endpoint=ENDPOINT, completion_window="24h", metadata={_NAME: name}
        )
        return _provider_batch(batch)

    async def _file_named(self, name: str) -> str | None:
        async for file in self.sdk.files.list(purpose="batch", order="desc"):
            if file.filename == f"{name}.jsonl":
                return _text(file, "id")
        return None

    async def _listed(self) -> AsyncIterator[tuple[str, SdkBatch]]:
        """All batches of the account with the name that this program gave them; others have none."""
        async for batch in self.sdk.batches.list(limit=100):
            yield (batch.metadata or {}).get(_NAME) or "", batch

    async def _seen(self, name: str) -> ProviderBatch | None:
        for look in range(_LOOKS):
            if look:
                await self._sleep(2.0**look)
            async for listed, batch in self._listed():
                if listed == name:
                    return _provider_batch(batch)
        return None

    async def _once(self, find: Callable[[], Awaitable[T | None]], make: Callable[[], Awaitable[T]]) -> tuple[T, bool]:
        """Create something; look for it first before each further try.

        Returns:
            What was created, and whether that was not the first try.
        """
        tried = False

        async def ask() -> tuple[T, bool]:
            nonlocal tried
            again, tried = tried, True
            found = await find() if again else None
            return (await make(), again) if found is None else (found, False)

        return await self._answer(ask)

    async def _answer(self, request: Callable[[], Awaitable[T]], *, known: bool = False) -> T:
        """Make a request and explain its failure; `known` if it is about a batch that the provider has created."""
        import openai

        failure: ImrllmError
        try:
            return await self.retried(request)
        except (openai.OpenAIError, ValueError, AttributeError, TypeError) as error:
            failure = self.explained(error)
            if isinstance(error, openai.APIStatusError) and error.status_code in (404, 405, 501):
                what, hint = f"Model `{self.target.name}` has no Batch API", "Use `imrllm extract`, which asks at once."
                if known:
                    what, hint = "A batch of this run is not known", "Check the key: batches belong to a project."
                where = f"{self.target.address} (HTTP {error.status_code})"
                failure = ModelUnavailableError(f"{what} at {where}.", hint=hint)
        # Raised outside of the `except` block, so that the provider's error is not its context.
        raise failure


def _text(answer: object, name: str) -> str:
    """A text field of an SDK object. If the server is not what it claims, the SDK may return anything."""
    value = getattr(answer, name, None)
    if not isinstance(value, str) or not value:
        raise TypeError(name)
    return value


def _provider_batch(batch: SdkBatch) -> ProviderBatch:
    counts = batch.request_counts
    errors = (batch.errors.data if batch.errors else None) or []
    return ProviderBatch(
        id=_text(batch, "id"),
        status=next(iter(names(batch.status)), "unknown"),
        input_file=batch.input_file_id,
        output_file=batch.output_file_id,
        error_file=batch.error_file_id,
        codes=tuple(dict.fromkeys(code for error in errors for code in names(error.code))),
        completed=counts.completed if counts else 0,
        failed=counts.failed if counts else 0,
        expires_at=batch.expires_at,
    )
