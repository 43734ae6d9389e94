"""`imrllm extract --dry-run`: what the run would take, on standard error."""

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
    """Read the documents, and print what asking about them would take; no call is made and no file written.

    Args:
        documents: the run's documents.
        target: the model that would be asked.
        prompt: the prompt.
        results: opens the results file, whose rows are not made again; None where there is none.
        quiet: no progress.

    Returns:
        What was printed.

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
