"""A model that answers from a script, and the letter that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from imrllm.answer_models import GroundsAnswer, VerifyAnswer
from imrllm.documents import Document, Unreadable
from imrllm.llm import ModelTarget
from imrllm.pipeline import Extractor
from imrllm.records import DisputedItem, ItemAnswer, Result
from tests.crosscheck.pointers import altered
from tests.letters import (
    FULL_PROMPT,
    RIGHT_CASE,
    RIGHT_ITEMS,
    THREE,
    letter,
    right_letter_answer,
)
from tests.llm.standin import (
    Reply,
    StandIn,
    completion,
)

LETTER = Document.from_text(letter(*THREE), "one")
RIGHT: dict[str, Any] = {
    "case": RIGHT_CASE,
    "letter": right_letter_answer(),
    "grounds": GroundsAnswer(reasons=()),
    "verify": VerifyAnswer(given=True),
    **{item.heading: answer for item, answer in zip(THREE, RIGHT_ITEMS, strict=True)},
}
# A sentence that no log and no error may hold.
CANARY = "The heron stood on one leg in the reeds."


def asked(body: Any) -> str:
    """What a request asks about: `case`, `letter`, `grounds`, `verify`, or an item by its heading."""
    name = body["response_format"]["json_schema"]["name"]
    if name != "ItemAnswer":
        return str(name).removesuffix("Answer").lower()
    question = [message["content"] for message in body["messages"] if "<request>" in str(message["content"])][-1]
    return str(question.partition("<request>\n")[2].partition("\n</request>")[0])


def fitting(answer: BaseModel, body: Any) -> str:
    """An answer as JSON with no field that the request does not ask for."""
    asked_for = body["response_format"]["json_schema"]["schema"]["properties"]
    return answer.model_dump_json(include=set(asked_for))


def answering(changes: dict[str, Any] | None = None, seconds: float = 0.0) -> Callable[[Any], Reply]:
    """A model that reads the letter of `THREE` without a mistake, but for some changes.

    A change is an answer, a reply, or a list of them for one request after the other.
    """
    answers = {**RIGHT, **(changes or {})}
    counts: dict[str, int] = {}

    def reply(body: Any) -> Reply:
        about = asked(body)
        answer = answers[about]
        if isinstance(answer, list):
            counts[about] = counts.get(about, 0) + 1
            answer = answer[min(counts[about], len(answer)) - 1]
        made = answer if isinstance(answer, Reply) else completion(fitting(answer, body))
        return replace(made, seconds=seconds)

    return reply


def target(server: StandIn) -> ModelTarget:
    return ModelTarget("vllm/stand-in", "vllm", "stand-in", base_url=server.base_url)


def asking(server: StandIn, *, prompt: str = FULL_PROMPT, **options: Any) -> Extractor:
    """An extractor that asks the stand-in."""
    return Extractor(target=target(server), prompt=prompt, **options)


def extract(changes: dict[str, Any] | None = None, document: Document | Unreadable = LETTER, **options: Any) -> Result:
    with StandIn(answering(changes)) as server:
        return asking(server, **options).extract(document)


def compact(value: Any) -> str:
    """A JSON value as the client sends it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def doubts(result: Result) -> dict[str, str]:
    return {check.pointer: check.status for check in result.checks if check.status != "confirmed"}


def items(result: Result) -> tuple[DisputedItem, ...]:
    assert result.record
    return result.record.disputed_items


TRUNCATED = completion('{"treatment":', finish_reason="length")
REFUSED = completion(None, refusal="no")
NOT_FITTING = completion('{"treatment": 1}')


def many(count: int) -> list[Document]:
    return [Document.from_text(LETTER.text, f"letter-{number}") for number in range(count)]


def wrong(index: int, pointer: str, value: Any) -> dict[str, ItemAnswer]:
    """An item's answer, right but for one value, by the item's heading."""
    return {THREE[index].heading: altered(RIGHT_ITEMS[index], pointer, value)}
