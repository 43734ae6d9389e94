"""Stand-ins for a model that is asked for a letter's parts: they know these, and quote well, badly or to harm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from imrllm.answer_models import FormAnswer, FormItem, QuotedWords
from imrllm.documents import Document
from imrllm.evals.drift.drifting import DriftedLetter
from imrllm.evals.drift.measuring import Reader
from imrllm.evals.drift.quoting import MANNERS, SECTIONS, Ends, Manner, Quotes
from imrllm.llm import Call, ModelTarget
from imrllm.pipeline import Extractor
from imrllm.records import Result

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

# Never connected to: the stand-in answers in place of the HTTP transport.
_ADDRESS = "http://127.0.0.1:9/v1"


class StandIn:
    """A transport that answers calls for a letter's parts from what is known of it.

    Other calls get an answer with nothing in it, so that all other values are the letter's own reading.
    """

    def __init__(self, letters: Mapping[str, DriftedLetter], manner: Manner, seed: int) -> None:
        """Prepare a stand-in.

        Args:
            letters: the letters that it may be asked about, by document id.
            manner: how it quotes, of `MANNERS`.
            seed: the same letter and seed give the same quotes.
        """
        self._letters = letters
        self._manner = manner
        self._seed = seed

    async def send(self, call: Call, body: dict[str, Any], count: Callable[[], None]) -> ChatCompletion:
        """Answer one request."""
        from openai.types.chat import ChatCompletion

        count()
        described = body["response_format"]["json_schema"]
        if described["name"] == FormAnswer.__name__:
            letter = self._letters[call.document]
            shown = str(body["messages"][-1]["content"])
            random = Random(f"{self._seed} {call} {letter.text}")  # noqa: S311 - not for secrets
            answer: object = form_answer(self._manner(letter, shown, random)).model_dump(mode="json")
        else:
            answer = _empty(described["schema"], described["schema"].get("$defs", {}))
        message = {"role": "assistant", "content": json.dumps(answer), "refusal": None}
        return ChatCompletion.model_validate(
            {
                "id": "stand-in",
                "object": "chat.completion",
                "created": 0,
                "model": "stand-in",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
                "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
            }
        )


def form_answer(quotes: Quotes) -> FormAnswer:
    """Quotes as a model answers them."""
    items = (
        FormItem(
            heading=_words(item.heading),
            outcome=item.outcome,
            claims_administrator=_words_or_none(item.arguments.get("claims_administrator")),
            reviewer_basis=_words_or_none(item.arguments.get("reviewer_basis")),
            rationale=_words_or_none(item.arguments.get("rationale")),
        )
        for item in quotes.items
    )
    sections = {name: _words_or_none(quotes.sections.get(name)) for name in SECTIONS}
    return FormAnswer(**sections, items=tuple(items))


def reading_with(name: str, seed: int) -> Reader:
    """What reads drifted letters with a stand-in.

    Args:
        name: one of `MANNERS`.
        seed: see `StandIn`.
    """
    manner = MANNERS[name]
    target = ModelTarget(f"vllm/{name}", "vllm", name, base_url=_ADDRESS)

    return _reading(lambda drifted: Extractor(target=target, transport=lambda _: StandIn(drifted, manner, seed)))


def reading_by_model(model: str) -> Reader:
    """What reads drifted letters with a model, by its name."""
    return _reading(lambda _: Extractor(model))


def _reading(made: Callable[[Mapping[str, DriftedLetter]], Extractor]) -> Reader:
    def read(drifted: Mapping[str, DriftedLetter]) -> Iterator[Result]:
        with made(drifted) as extractor:
            yield from extractor.stream(Document.from_text(letter.text, key) for key, letter in drifted.items())

    return read


def _words(given: Ends) -> QuotedWords:
    return QuotedWords(first=given[0], last=given[1])


def _words_or_none(given: Ends | None) -> QuotedWords | None:
    return _words(given) if given else None


def _empty(schema: Mapping[str, Any], known: Mapping[str, Any]) -> object:
    """The answer that fits a JSON Schema and says the least: null and empty lists where they are allowed."""
    if "$ref" in schema:
        return _empty(known[str(schema["$ref"]).rpartition("/")[2]], known)
    choices = schema.get("anyOf", ())
    if any(choice.get("type") == "null" for choice in choices) or "null" in schema.get("type", ()):
        return None
    if choices:
        return _empty(choices[0], known)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "object":
        return {name: _empty(each, known) for name, each in schema.get("properties", {}).items()}
    return {"array": [], "boolean": True, "string": "", "integer": 0, "number": 0}[str(schema["type"])]
