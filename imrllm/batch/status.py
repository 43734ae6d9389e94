"""The state of a results file's batches, as the journal and the provider report it. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from imrllm.batch.endpoints import Endpoints, ProviderBatch
from imrllm.batch.journal import Batch, Begun, Journal
from imrllm.errors import UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.store.files import batch_folder


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """The state of one batch: the journal's, and the provider's unless it was fetched or may not have been created."""

    batch: Batch
    provider: ProviderBatch | None

    @property
    def status(self) -> str:
        """The provider's status, or `not known`."""
        if self.batch.ended is not None:
            return f"{self.batch.ended.status}, fetched"
        return self.provider.status if self.provider else "not known"


def batch_target(model: str | None) -> ModelTarget:
    """The target of a model that is asked through its provider's Batch API.

    Raises:
        UsageError: the model has no provider with a Batch API.
    """
    target = resolve_model(model)
    if target.embedded or not target.asks:
        raise UsageError(f"Model `{target.name}` has no Batch API.", hint="Use `imrllm extract`, which asks at once.")
    return replace(target, batched=True)


def target_of(begun: Begun) -> ModelTarget:
    """The target of the model of a run that has begun.

    Raises:
        UsageError: the environment names another server than when the run began.
    """
    target = batch_target(begun.manifest.model)
    if target.address != begun.address:
        raise UsageError(
            f"The batches are at {begun.address}, not at {target.address}.", hint="Set `OPENAI_BASE_URL` as it was."
        )
    return target


async def batch_statuses(output: Path) -> list[BatchStatus]:
    """Ask the provider for the state of each batch of a results file, which another run may be writing.

    Raises:
        UsageError: the results file has no batches.
        ModelError: the provider cannot be asked.
    """
    journal = Journal(batch_folder(output))
    statuses = []
    async with Endpoints(target_of(journal.begun)) as endpoints:
        for batch in journal.batches.values():
            waits = batch.ended is None and batch.id
            statuses.append(BatchStatus(batch, await endpoints.retrieve(waits) if waits else None))
    return statuses
