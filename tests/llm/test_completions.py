"""What a request's bytes are and what is read of a response, as the SDK would write and read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai._utils._json import openapi_dumps
from openai.types.chat import ChatCompletion

from imrllm.llm.completions import GarbledAnswerError, read_completion, request_bytes
from imrllm.records import LetterAnswer, strict_schema
from tests.llm.standin import completion, no_choices

GOOD: dict[str, Any] = completion('{"name": "Norco"}').body


def test_the_bytes_are_those_of_the_sdk() -> None:
    body = {
        "messages": [{"role": "user", "content": 'ä \u2028 "quoted"\n\t\x7f\x00 \U0001f600'}],
        "temperature": 0.0,
        "max_tokens": 2048,
        "logprobs": None,
        "response_format": strict_schema(LetterAnswer),
    }
    assert request_bytes(body) == openapi_dumps(body)


def test_half_a_character_is_sent_as_json_can_name_it() -> None:
    assert json.loads(request_bytes({"content": "a\ud800b"})) == {"content": "a\ud800b"}


@pytest.mark.parametrize("count", [-1, 10**400, 1.5, "many", [1], {"a": 1}])
def test_a_count_that_is_none_is_not_reported(count: Any) -> None:
    usage = {"prompt_tokens": count, "completion_tokens": 3, "total_tokens": count}
    body = {**GOOD, "usage": {**usage, "prompt_tokens_details": {"cached_tokens": count}}}
    found = read_completion(json.dumps(body).encode())
    assert found.usage
    assert (found.usage.prompt_tokens, found.usage.completion_tokens, found.usage.total_tokens) == (None, 3, None)
    assert found.usage.prompt_tokens_details is None
    assert found.choices[0].message.content == '{"name": "Norco"}'


@pytest.mark.parametrize("usage", ["many", 7, [1]])
def test_tokens_that_are_no_object_are_not_reported(usage: Any) -> None:
    assert read_completion(json.dumps({**GOOD, "usage": usage}).encode()).usage is None


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        no_choices().body,
        {**GOOD, "usage": None, "extension": [1]},
        {"choices": [{"message": {"content": "{}"}}]},
        {**GOOD, "created": "today", "choices": [{**GOOD["choices"][0], "finish_reason": "done"}]},
        {"choices": [{"message": {}}]},
    ],
)
def test_what_is_read_is_what_the_sdk_reads(body: dict[str, Any]) -> None:
    read = read_completion(json.dumps(body).encode())
    assert isinstance(read, ChatCompletion)
    due = ChatCompletion.construct(None, **body)
    assert [choice.message.content for choice in read.choices] == [choice.message.content for choice in due.choices]
    assert (read.usage, read.model_extra or {}) == (due.usage, due.model_extra or {})


@pytest.mark.parametrize(
    ("content", "damaged"),
    [
        (b'{"choices": [{"mess\xff', True),
        (b' \n{"choices": [', True),
        (b"", False),
        (b"<html>", False),
        (b"null", False),
        (b"[" * 100_000, False),
        (b'{"error": {"message": "no"}}', False),
        (b'{"choices": null}', False),
        (b'{"choices": [null]}', False),
        (b'{"choices": [{"message": "no"}]}', False),
    ],
)
def test_what_is_no_completion(content: bytes, damaged: bool) -> None:
    with pytest.raises(GarbledAnswerError) as raised:
        read_completion(content)
    assert raised.value.damaged is damaged
