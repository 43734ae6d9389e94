"""Yes/no questions: what is asked of which server, and how probable a yes its answer makes."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from imrllm.answer_models import VerifyAnswer
from imrllm.errors import InvalidAnswerError, TruncatedError
from imrllm.llm import Client, Consumption, Message, ModelTarget, resolve_model
from tests.llm.scripted import CALL, Scripted
from tests.llm.standin import Reply, completion

MESSAGES: list[Message] = [{"role": "user", "content": "Is it?"}]


def token(text: str, **alternatives: float) -> dict[str, Any]:
    """A token of an answer, with the probabilities of its alternatives."""
    top = [{"token": name, "logprob": math.log(share), "bytes": None} for name, share in alternatives.items()]
    return {"token": text, "logprob": -0.1, "bytes": None, "top_logprobs": top}


def answer(given: bool, *tokens: dict[str, Any], content: str | None = None) -> Reply:
    reply = completion(content or f'{{"given":{str(given).lower()}}}')
    if tokens:
        reply.body["choices"][0]["logprobs"] = {"content": list(tokens), "refusal": None}
    return reply


def target(name: str = "vllm/qwen") -> ModelTarget:
    found = resolve_model(name, environ={})
    return found if found.base_url else found.at("http://127.0.0.1:9/v1")


def ask(*script: Reply, name: str = "vllm/qwen", spent: Consumption | None = None) -> tuple[float, Scripted]:
    transport = Scripted(*script)
    client = Client(target(name), transport)
    found = asyncio.run(client.probability(CALL, VerifyAnswer, MESSAGES, max_tokens=16, temperature=0, spent=spent))
    return found, transport


@pytest.mark.parametrize(
    ("given", "tokens", "expected", "reason"),
    [
        (True, [token('{"given":'), token("true", true=0.8, false=0.2)], 0.8, "a yes"),
        (False, [token("false", true=0.3, false=0.6)], 1 / 3, "of the mass of both"),
        (True, [token(" true", **{" true": 0.4, "true": 0.2, "false": 0.2, "maybe": 0.2})], 0.75, "with spaces"),
        (True, [token("true", true=0.9)], 1.0, "no alternative"),
        (True, [token("true", maybe=0.9)], 1.0, "neither among the alternatives: the answer itself"),
        (False, [token("given"), token("}")], 0.0, "no token of a verdict: the answer itself"),
        (True, [token("true", true=0.6, false=0.4), token("false", true=0.1, false=0.9)], 0.6, "the first one"),
    ],
)
def test_log_probabilities(given: bool, tokens: list[dict[str, Any]], expected: float, reason: str) -> None:
    assert ask(answer(given, *tokens))[0] == pytest.approx(expected), reason


@pytest.mark.parametrize("name", ["vllm/qwen", "ollama/qwen", "openai/gpt-5-mini", "local"])
def test_without_them_a_hard_yes_or_no(name: str) -> None:
    assert ask(answer(True), name=name)[0] == 1.0
    assert ask(answer(False), name=name)[0] == 0.0
    assert type(ask(answer(True), name=name)[0]) is float


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("local", True),
        ("vllm/qwen", True),
        ("openai/gpt-4o-mini", True),
        ("openai/gpt-5-mini", False),
        ("openai/o3", False),
        ("ollama/qwen", False),
    ],
)
def test_they_are_asked_only_of_servers_known_to_give_them(name: str, known: bool) -> None:
    _, transport = ask(answer(True), name=name)
    (body,) = transport.bodies
    assert ("logprobs" in body, "top_logprobs" in body) == (known, known)
    if known:
        assert body["logprobs"] is True
        assert body["top_logprobs"] >= 2


def test_an_openai_model_served_elsewhere_is_not_known_to() -> None:
    assert not resolve_model("openai/gpt-4o-mini", environ={}).at("http://gateway:8000/v1").gives_logprobs


def test_other_calls_do_not_ask_for_them() -> None:
    transport = Scripted(answer(True))
    asyncio.run(Client(target(), transport).ask(CALL, VerifyAnswer, MESSAGES))
    assert not {"logprobs", "top_logprobs"} & set(transport.bodies[0])


def test_the_schema_on_the_wire_is_strict_and_holds_the_verdict_alone() -> None:
    _, transport = ask(answer(True))
    form = transport.bodies[0]["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("VerifyAnswer", True)
    assert list(form["schema"]["properties"]) == form["schema"]["required"] == ["given"]
    assert form["schema"]["properties"]["given"]["type"] == "boolean"
    assert form["schema"]["additionalProperties"] is False


def test_an_answer_that_does_not_fit_is_asked_again_and_the_last_one_counts() -> None:
    spent = Consumption()
    wrong = answer(True, token("true", true=0.9, false=0.1), content='{"given":"perhaps"}')
    found, transport = ask(wrong, answer(False, token("false", true=0.2, false=0.8)), spent=spent)
    assert found == pytest.approx(0.2)
    assert (len(transport.bodies), spent.usage.calls, spent.attempts) == (2, 2, 2)


def test_failures_are_those_of_other_calls() -> None:
    with pytest.raises(TruncatedError):
        ask(completion('{"given":', finish_reason="length"))
    with pytest.raises(InvalidAnswerError):
        ask(completion("yes"))
