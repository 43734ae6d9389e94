"""How the batches of a results file are doing, as the provider tells it; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from imrllm.batch.endpoints import Endpoints, Told
from imrllm.batch.journal import Batch, Begun, Journal
from imrllm.errors import UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.store.files import batch_folder


@dataclass(frozen=True, slots=True)
class Standing:
    """One batch.

    Attributes:
        batch: as the journal knows it.
        told: as the provider does; None where it has ended and was fetched, or was never created for all that is known.
    """

    batch: Batch
    told: Told | None

    @property
    def status(self) -> str:
        """The provider's word, or that there is none."""
        if self.batch.ended is not None:
            return f"{self.batch.ended.status}, fetched"
        return self.told.status if self.told else "not known"


def batch_target(model: str | None) -> ModelTarget:
    """The model, to be asked through its provider's batch endpoints.

    Raises:
        UsageError: the model has no provider that could have them.
    """
    target = resolve_model(model)
    if target.embedded or not target.asks:
        raise UsageError(f"Model `{target.name}` has no Batch API.", hint="Use `imrllm extract`, which asks at once.")
    return replace(target, batched=True)


def target_of(begun: Begun) -> ModelTarget:
    """The model of a run that has begun.

    Raises:
        UsageError: the environment leads elsewhere now than when it began.
    """
    target = batch_target(begun.manifest.model)
    if target.address != begun.address:
        raise UsageError(
            f"The batches are at {begun.address}, not at {target.address}.", hint="Set `OPENAI_BASE_URL` as it was."
        )
    return target


async def look(output: Path) -> list[Standing]:
    """Ask how each batch of a results file is doing.

    Args:
        output: the results file; another run may be writing it.

    Raises:
        UsageError: it has no batches.
        ModelError: the provider does not tell.
    """
    journal = Journal(batch_folder(output))
    standings = []
    async with Endpoints(target_of(journal.begun)) as endpoints:
        for batch in journal.batches.values():
            waits = batch.ended is None and batch.id
            standings.append(Standing(batch, await endpoints.retrieve(waits) if waits else None))
    return standings
