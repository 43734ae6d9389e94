"""Letters, a stand-in that reads them without a mistake, and runs against it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from imrllm.batch import BatchRun, Begun, open_run
from imrllm.batch.status import batch_target
from imrllm.documents import Document, Unreadable, read_documents
from imrllm.llm import RetryPolicy
from imrllm.pipeline import Extractor
from imrllm.records import Result
from imrllm.store import new_manifest, read_results
from tests.letters import FULL_PROMPT

MODEL = "openai/gpt-5-mini"


_EXTRACTED: dict[tuple[bytes, str, str], list[Result]] = {}


async def no_wait(seconds: float) -> None:
    pass


class Runs:
    """Runs of one results file, each in a process of its own for all that it knows."""

    def __init__(self, folder: Path, texts: dict[str, str], **options: Any) -> None:
        self.source, self.output = folder / "letters.jsonl", folder / "records.jsonl"
        self.write(texts)
        self.options = options
        self.told: list[str] = []

    def write(self, texts: dict[str, str]) -> None:
        self.source.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))

    @property
    def folder(self) -> Path:
        return self.output.with_name("records.jsonl.batch")

    def documents(self) -> Iterable[Document | Unreadable]:
        return read_documents([self.source])

    def begun(self) -> Begun:
        prompt, policy = self.options.get("prompt", FULL_PROMPT), self.options.get("on_conflict", "repair")
        redact = self.options.get("redact", False)
        target = batch_target(MODEL)
        loaded = Extractor(prompt=prompt, target=target).prompt
        return Begun(
            run="cafe",
            manifest=new_manifest(
                model=MODEL,
                prompt=loaded.name,
                prompt_sha256=loaded.sha256,
                on_conflict=policy,
                redact=redact,
                inputs=[str(self.source)],
            ),
            prompt=prompt,
            inputs=(str(self.source),),
            limit=None,
            max_enqueued_tokens=self.options.get("max_enqueued_tokens"),
            address=target.address,
        )

    def round(self, *, fetch: bool = True, times: int = 1) -> BatchRun:
        async def go() -> BatchRun:
            with open_run(self.output, self.begun(), retry=RetryPolicy(attempts=3), sleep=no_wait) as run:
                async with run:
                    for _ in range(times):
                        async with aclosing(run.round(fetch=fetch)) as results:
                            async for _ in results:
                                pass
                        self.told += run.notes
                return run

        return asyncio.run(go())

    def cancel(self) -> BatchRun:
        async def go() -> BatchRun:
            with open_run(self.output, self.begun(), retry=RetryPolicy(attempts=3), sleep=no_wait) as run:
                async with run:
                    await run.cancel()
                return run

        return asyncio.run(go())

    def submit(self) -> BatchRun:
        return self.round(fetch=False)

    def rounds(self, most: int = 20) -> int:
        """Go on until all is done.

        Returns:
            How many rounds it took.
        """
        for number in range(1, most + 1):
            if self.round().complete:
                return number
        raise AssertionError(f"not done after {most} rounds")

    def rows(self) -> list[Result]:
        return list(read_results(self.output))

    def extracted(self) -> list[Result]:
        """What `extract` makes of the same letters."""
        extractor = Extractor(
            MODEL,
            prompt=self.options.get("prompt", FULL_PROMPT),
            on_conflict=self.options.get("on_conflict", "repair"),
            redact=self.options.get("redact", False),
        )

        async def go() -> list[Result]:
            async with extractor:
                return [await extractor.aextract(document) for document in self.documents()]

        return asyncio.run(go())


def once(runs: Runs) -> list[Result]:
    """What `extract` makes of the same letters, where the server reads every letter right: made once for all tests."""
    key = (runs.source.read_bytes(), runs.source.name, repr(sorted(runs.options.items())))
    if key not in _EXTRACTED:
        _EXTRACTED[key] = runs.extracted()
    return _EXTRACTED[key]


def alike(rows: Iterable[Result]) -> list[dict[str, Any]]:
    """Rows without what a batch does otherwise: cost, seconds and HTTP requests."""
    made = [row.model_dump(mode="json") for row in rows]
    for row in made:
        for name in ("cost", "seconds", "attempts"):
            del row["provenance"][name]
    return made
