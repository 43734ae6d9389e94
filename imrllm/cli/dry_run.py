"""`imrllm extract --dry-run`: estimates the run on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imrllm.documents import Document, Unreadable
    from imrllm.estimates import Estimate
    from imrllm.llm import ModelTarget
    from imrllm.prompts import Prompt
    from imrllm.store import Partitions, ResultsFile


def estimate_run(
    documents: Iterable[Document | Unreadable],
    target: ModelTarget,
    prompt: Prompt,
    results: Callable[..., ResultsFile | Partitions] | None,
    *,
    quiet: bool,
) -> Estimate:
    """Estimate a run and print the estimate. Makes no call and writes no file.

    `results` opens the results file, whose rows are skipped; it is None if there is no file. Returns the estimate.

    Raises:
        StoreError: the run would refuse the results file.
    """
    from imrllm.cli.messages import show
    from imrllm.cli.progress import show_progress
    from imrllm.estimates import Estimate, Estimator
    from imrllm.report import render_estimate
    from imrllm.store.resume import pending

    file = results(look=True) if results else None
    estimate = Estimate(Estimator(target, prompt))
    with show_progress(estimate, quiet=quiet, live=True) as tick:
        for document in documents if file is None else pending(documents, estimate, file):
            estimate.add(document)
            tick()
    title = f"imrllm extract --dry-run · model {target.name}"
    show(render_estimate(estimate, f"{title} · prompt {prompt.name}" if target.asks else title))
    return estimate
