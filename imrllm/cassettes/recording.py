"""Recording: the answers of a model about a suite's letters, letter by letter, where they are missing or stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imrllm.cassettes.lint import problems, replay_target
from imrllm.cassettes.replay import recording, replaying
from imrllm.cassettes.store import Cassette, cassette_path, folder_name, schema_digests, write_cassette
from imrllm.documents import Document
from imrllm.errors import CassetteError, UsageError
from imrllm.llm import ModelTarget, resolve_model
from imrllm.pipeline import Extractor
from imrllm.prompts import load_prompt
from imrllm.records import Result
from imrllm.suites import load_suite

# Failures that are the model's own answer; all others say that there was none.
_ANSWERED = ("TruncatedError", "RefusedError", "InvalidAnswerError")


@dataclass(frozen=True, slots=True)
class Job:
    """One letter to record.

    Attributes:
        prompt: name of the prompt version.
        document: the letter.
        path: its cassette.
        reason: why: `missing`, or what is wrong with the cassette that there is.
    """

    prompt: str
    document: Document
    path: Path
    reason: str

    def __str__(self) -> str:
        """The job in a few words."""
        return f"{self.prompt} · {self.document.id}"


# Called before each job with the number of finished ones, the number of all, and the job.
Progress = Callable[[int, int, Job], None]


def unrecorded(
    suite: str,
    prompts: Iterable[str],
    model: str,
    *,
    evals: Path = Path("evals"),
    documents: Path | None = None,
    cassettes: Path = Path("cassettes"),
) -> list[Job]:
    """What a suite lacks: letters that are here without a cassette, or with one that `check` objects to.

    Args:
        suite: name of its folder.
        prompts: names of prompt versions.
        model: model string.
        evals: the suites' folder.
        documents: a folder of letters, for suites that do not ship theirs.
        cassettes: the cassettes' folder.

    Raises:
        UsageError: there is no such suite, or one of its letters cannot be read; or the model cannot be recorded.
        PromptError: there is no such prompt.
    """
    found = load_suite(suite, evals).letters(documents).found
    target = resolve_model(model)
    if not target.asks:
        raise UsageError(f"Model `{model}` makes no call that could be recorded.")
    if target.provider == "openai" and not target.hosted_by_openai:
        raise UsageError(
            f"`OPENAI_BASE_URL` leads model `{model}` to another server than OpenAI's.",
            hint="Name that server's kind, as in `vllm/NAME`, or unset the variable.",
        )
    jobs = []
    for name in prompts:
        prompt = load_prompt(name).name
        if prompt != name:
            raise UsageError(f"`{name}` is a file.", hint="Put it into `prompts/` and give its name.")
        for document in found.values():
            path = cassette_path(cassettes, suite, prompt, target.name, document.id)
            reasons = problems(path, prompt, folder_name(target.name), document) if path.exists() else ["missing"]
            if reasons:
                jobs.append(Job(prompt, document, path, "; ".join(reasons)))
    return jobs


def record(
    jobs: Iterable[Job], model: str, progress: Progress | None = None, *, target: ModelTarget | None = None
) -> int:
    """Ask the model about each letter and write its cassette, before the next letter's turn comes.

    Args:
        jobs: as `unrecorded` finds them.
        model: model string; where it is `local`, the embedded server runs for as long as there is work.
        progress: told before each letter.
        target: where the model is served already.

    Returns:
        How many cassettes were written.

    Raises:
        CassetteError: a letter got no answer, or its cassette does not give again what was recorded, or is unsafe to
            store; the cassettes of the letters before it are written.
        ModelUnavailableError: the model cannot be reached; likewise.
    """
    jobs = list(jobs)
    if not jobs:
        return 0
    with served(target or resolve_model(model)) as reached:
        for done, job in enumerate(jobs):
            if progress is not None:
                progress(done, len(jobs), job)
            write_cassette(_recorded(job, reached), job.path)
    return len(jobs)


def record_suite(
    suite: str,
    prompts: Iterable[str],
    model: str,
    progress: Progress | None = None,
    *,
    evals: Path = Path("evals"),
    documents: Path | None = None,
    cassettes: Path = Path("cassettes"),
    target: ModelTarget | None = None,
) -> int:
    """Record what a suite lacks; see `unrecorded` and `record`."""
    jobs = unrecorded(suite, prompts, model, evals=evals, documents=documents, cassettes=cassettes)
    return record(jobs, model, progress, target=target)


@contextmanager
def served(target: ModelTarget) -> Iterator[ModelTarget]:
    """Serve the embedded model while the block runs, where the target is that and has no address; else nothing."""
    if not target.embedded or target.base_url is not None:
        yield target
        return
    from imrllm.llm.server import EmbeddedServer

    with EmbeddedServer() as server:
        yield target.at(server.base_url)


def _recorded(job: Job, target: ModelTarget) -> Cassette:
    """The cassette of one letter, replayed once to see that it holds all."""
    document = job.document
    with recording() as recorded:
        result = Extractor(target=target, prompt=job.prompt, transport=recorded.transport).extract(document)
    if result.error is not None and result.error.type not in _ANSWERED:
        raise CassetteError(f"`{document.id}` cannot be recorded: {result.error.message}")
    prompt = load_prompt(job.prompt)
    answered = sorted(recorded.answered, key=lambda each: each[0].item or 0)
    cassette = Cassette(
        document=document.id,
        document_sha256=document.sha256,
        prompt=prompt.name,
        prompt_sha256=prompt.sha256,
        model=target.name,
        schemas_sha256=schema_digests(prompt),
        seconds=result.provenance.seconds,
        interactions=tuple(interaction for _, interaction in answered),
    )
    with replaying(cassette) as replay:
        extractor = Extractor(target=replay_target(target.name), prompt=job.prompt, transport=replay.transport)
        again = extractor.extract(document)
        if replay.unplayed or _comparable(again) != _comparable(result):
            raise CassetteError(f"`{document.id}` cannot be recorded: its replay gives another result.")
    return cassette


def _comparable(result: Result) -> Result:
    """What a replay must give again: all but the clock and the tries that failed before an answer came."""
    same = result.provenance.model_copy(update={"seconds": 0.0, "attempts": 0})
    return result.model_copy(update={"provenance": same})
