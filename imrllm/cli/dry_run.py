"""`imrllm extract --dry-run`: what the run would take, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from imrllm.documents import Document, Unreadable
    from imrllm.estimating import Estimate
    from imrllm.llm import ModelTarget


def estimate_run(
    documents: Iterable[Document | Unreadable],
    target: ModelTarget,
    prompt_name: str,
    *,
    output: Path | None,
    resume: bool,
    quiet: bool,
) -> Estimate:
    """Read the documents, and print what asking about them would take; no call is made and no file written.

    Args:
        documents: the run's documents.
        target: the model that would be asked.
        prompt_name: the prompt's name or file.
        output: the results file, whose rows are not made again.
        resume: whether it is to be gone on with.
        quiet: no progress.

    Returns:
        What was printed.

    Raises:
        StoreError: the run would refuse the results file.
        PromptError: there is no such prompt.
    """
    from imrllm import __version__
    from imrllm.cli.messages import show
    from imrllm.cli.progress import show_progress
    from imrllm.estimating import Estimate, Estimator
    from imrllm.prompts import load_prompt
    from imrllm.report import render_estimate
    from imrllm.store import ResultsFile

    prompt = load_prompt(prompt_name)
    file = None
    if output is not None:
        file = ResultsFile(
            output,
            model=target.name,
            prompt_sha256=prompt.sha256 if target.asks else None,
            version=__version__,
            fresh=not resume,
            retry_failed=True,
            look=True,
        )
    estimate = Estimate(Estimator(target, prompt))
    with show_progress(estimate, quiet=quiet, live=True) as tick:
        for document in documents:
            if file is not None and file.done(document.id, document.sha256):
                estimate.done_before += 1
            else:
                estimate.add(document)
                tick()
    title = f"imrllm extract --dry-run · model {target.name}"
    show(render_estimate(estimate, f"{title} · prompt {prompt.name}" if target.asks else title))
    return estimate
