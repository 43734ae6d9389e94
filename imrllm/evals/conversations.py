"""The messages and the raw answers of an evaluation's letters: messages are made from the letters, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from imrllm.cassettes.store import Cassette, Interaction, cassette_path, digest, read_cassette
from imrllm.documents import Document
from imrllm.errors import ImrllmError
from imrllm.evals.runner import EvalConfig
from imrllm.evals.runs import EvalRun
from imrllm.letter import ChosenForm
from imrllm.llm import resolve_model
from imrllm.prompt_rendering import RenderedCall, render_calls
from imrllm.prompts import Prompt, load_prompt
from imrllm.suites import load_suite


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as the model gave it.

    Attributes:
        text: its content, or the refusal; empty if there is none.
        finish: why it ended, in the provider's word: `stop`, or `length` where it was cut off.
        tokens: its tokens; None if they are not known.
    """

    text: str
    finish: str
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call about a letter and its answers.

    Attributes:
        call: the call. Its messages are those after the ones that open every call of its kind.
        answers: the recorded answers: one, and more if the model was asked again; empty if none is recorded.
    """

    call: RenderedCall
    answers: tuple[RawAnswer, ...]


@dataclass(frozen=True, slots=True)
class Conversations:
    """What was sent about the letters of a run, and what came back.

    Attributes:
        openings: by kind of call, the messages that open every call of the kind.
        letters: by suite and document, its exchanges.
    """

    openings: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    letters: dict[tuple[str, str], tuple[Exchange, ...]] = field(default_factory=dict)

    def of(self, suite: str, document: str) -> tuple[Exchange, ...]:
        """The exchanges of a letter; none if its letter is not here."""
        return self.letters.get((suite, document), ())


def conversations(run: EvalRun, config: EvalConfig) -> Conversations:
    """Make the messages of a run again from the letters that are here, and take the answers from the cassettes.

    Args:
        run: a run of a prompt; one of records, or without a model, has no messages.
        config: the settings that the run was made with.

    Raises:
        UsageError: a suite is gone, or one of its letters cannot be read.
        PromptError: the prompt is gone.
    """
    if run.source == "records" or run.prompt is None or not resolve_model(config.model).asks:
        return Conversations()
    prompt = load_prompt(config.prompt)
    found: dict[tuple[str, str], tuple[Exchange, ...]] = {}
    for suite in run.suites:
        letters = load_suite(suite.suite, config.evals).letters(config.documents).found
        for document in suite.documents:
            if letter := letters.get(document.document):
                path = cassette_path(config.cassettes, suite.suite, prompt.name, config.model, document.document)
                cassette = read_cassette(path) if run.source == "cassettes" and path.exists() else None
                found[suite.suite, document.document] = exchanges(letter, prompt, cassette, config.form)
    openings = {kind: list(prompt.opening(kind)) for kind in prompt.asks}
    return Conversations({kind: messages for kind, messages in openings.items() if messages}, found)


def exchanges(
    letter: Document, prompt: Prompt, cassette: Cassette | None, form: ChosenForm | None = None
) -> tuple[Exchange, ...]:
    """The calls about a letter with their recorded answers; none if the letter cannot be read.

    An answer belongs to the call whose messages have its digest; answers to a second question come after it.
    """
    try:
        rendered = render_calls(prompt, letter, form=form)
    except ImrllmError:
        return ()
    answers: defaultdict[str, list[RawAnswer]] = defaultdict(list)
    again: defaultdict[tuple[str, int | None], list[RawAnswer]] = defaultdict(list)
    calls = [call for call in rendered.calls if call.is_made]
    digests = [digest(call.messages) for call in calls]
    first = set(digests)
    for interaction in cassette.interactions if cassette else ():
        request = interaction.request
        if request.messages_sha256 in first:
            answers[request.messages_sha256].append(_raw(interaction))
        else:
            again[request.kind, request.item].append(_raw(interaction))
    return tuple(
        Exchange(
            _without_opening(call, len(prompt.opening(call.kind))),
            # Of two calls of one kind about one item, a second question cannot be told apart: both show it.
            (*answers[sent], *again[call.kind, call.item]),
        )
        for call, sent in zip(calls, digests, strict=True)
    )


def _without_opening(call: RenderedCall, messages: int) -> RenderedCall:
    return replace(call, messages=call.messages[messages:])


def _raw(interaction: Interaction) -> RawAnswer:
    body = interaction.response.body
    choice: Mapping[str, Any] = next(iter(_list(body.get("choices"))), {})
    message = choice.get("message") or {}
    tokens = (body.get("usage") or {}).get("completion_tokens")
    return RawAnswer(
        str(message.get("content") or message.get("refusal") or ""), str(choice.get("finish_reason")), tokens
    )


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
