"""Records a model's answers about a suite's letters, letter by letter, if they are missing or stale."""

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

# Failures that the model's own answer caused; after all others there is no answer.
_ANSWERED = ("TruncatedError", "RefusedError", "InvalidAnswerError")


@dataclass(frozen=True, slots=True)
class RecordingTask:
    """One letter to record.

    Attributes:
        prompt: name of the prompt version.
        document: the letter.
        path: its cassette.
        reason: `missing`, or the problems of the existing cassette.
    """

    prompt: str
    document: Document
    path: Path
    reason: str

    def __str__(self) -> str:
        """The prompt and the letter."""
        return f"{self.prompt} · {self.document.id}"


# Called before each task with the number of finished tasks, the number of all tasks, and the task.
Progress = Callable[[int, int, RecordingTask], None]


def unrecorded(
    suite: str,
    prompts: Iterable[str],
    model: str,
    *,
    evals: Path = Path("evals"),
    documents: Path | None = None,
    cassettes: Path = Path("cassettes"),
    limit: int | None = None,
) -> list[RecordingTask]:
    """List the letters of a suite without a cassette, or with one that `check` finds fault with.

    Args:
        suite: name of its folder.
        prompts: names of prompt versions.
        model: model string.
        evals: the suites' folder.
        documents: a folder of letters, for suites without letters of their own.
        cassettes: the cassettes' folder.
        limit: look only at so many letters, the first ones in the order of the gold.

    Raises:
        UsageError: there is no such suite, or one of its letters cannot be read; or the model cannot be recorded.
        PromptError: there is no such prompt.
    """
    found = load_suite(suite, evals).letters(documents).first(limit).found
    target = resolve_model(model)
    if not target.asks:
        raise UsageError(f"Model `{model}` makes no call that could be recorded.")
    if target.provider == "openai" and not target.hosted_by_openai:
        raise UsageError(
            f"`OPENAI_BASE_URL` leads model `{model}` to another server than OpenAI's.",
            hint="Name that server's kind, as in `vllm/NAME`, or unset the variable.",
        )
    tasks = []
    for name in prompts:
        prompt = load_prompt(name).name
        if prompt != name:
            raise UsageError(f"`{name}` is a file.", hint="Put it into `prompts/` and give its name.")
        for document in found.values():
            path = cassette_path(cassettes, suite, prompt, target.name, document.id)
            reasons = problems(path, prompt, folder_name(target.name), document) if path.exists() else ["missing"]
            if reasons:
                tasks.append(RecordingTask(prompt, document, path, "; ".join(reasons)))
    return tasks


def record(
    tasks: Iterable[RecordingTask], model: str, progress: Progress | None = None, *, target: ModelTarget | None = None
) -> int:
    """Ask the model about the letters, and write each cassette before the next letter.

    Args:
        tasks: from `unrecorded`.
        model: model string; for `local` the embedded server runs meanwhile.
        progress: called before each letter.
        target: the model's target, if it is served already.

    Returns:
        How many cassettes were written.

    Raises:
        CassetteError: a letter got no answer, its replay gives another result, or its cassette is unsafe to store.
        ModelUnavailableError: the model cannot be reached. Either way, the cassettes of earlier letters are kept.
    """
    tasks = list(tasks)
    if not tasks:
        return 0
    with served(target or resolve_model(model)) as reached:
        for done, task in enumerate(tasks):
            if progress is not None:
                progress(done, len(tasks), task)
            write_cassette(_recorded(task, reached), task.path)
    return len(tasks)


@contextmanager
def served(target: ModelTarget) -> Iterator[ModelTarget]:
    """Serve the embedded model while the block runs, if it is the target and has no address yet."""
    if not target.embedded or target.base_url is not None:
        yield target
        return
    from imrllm.llm.server import EmbeddedServer

    with EmbeddedServer() as server:
        yield target.at(server.base_url)


def _recorded(task: RecordingTask, target: ModelTarget) -> Cassette:
    """Record one letter, and replay its cassette once to check that it is complete."""
    document = task.document
    with recording() as recorded:
        result = Extractor(target=target, prompt=task.prompt, transport=recorded.transport).extract(document)
    if result.error is not None and result.error.type not in _ANSWERED:
        raise CassetteError(f"`{document.id}` cannot be recorded: {result.error.message}")
    prompt = load_prompt(task.prompt)
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
        extractor = Extractor(target=replay_target(target.name), prompt=task.prompt, transport=replay.transport)
        again = extractor.extract(document)
        if replay.unplayed or _comparable(again) != _comparable(result):
            raise CassetteError(f"`{document.id}` cannot be recorded: its replay gives another result.")
    return cassette


def _comparable(result: Result) -> Result:
    """The part of a result that a replay must reproduce: all but times and failed attempts."""
    same = result.provenance.model_copy(update={"seconds": 0.0, "attempts": 0})
    return result.model_copy(update={"provenance": same})
