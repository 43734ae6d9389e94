"""The client against a stand-in server: what goes over the wire, what comes back, and what each failure means."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from imrllm.errors import (
    InvalidAnswerError,
    ModelError,
    ModelUnavailableError,
    RefusedError,
    TransientModelError,
    TruncatedError,
    UsageError,
)
from imrllm.llm import (
    Client,
    Consumption,
    HttpTransport,
    Message,
    ModelTarget,
    RetryPolicy,
    resolve_model,
)
from imrllm.records import CaseAnswer, ItemAnswer, Usage
from tests.llm.scripted import CALL, Answered, Scripted
from tests.llm.scripted import ask as ask_client
from tests.llm.standin import (
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    Reply,
    StandIn,
    completion,
    dropped,
    failure,
    hanging,
    no_choices,
)

SECRET = "lumbar-support-belt"
KEY = "sk-do-not-print"
MESSAGES: list[Message] = [
    {"role": "system", "content": "Read the heading."},
    # Braces: instructor can render messages as Jinja templates.
    {"role": "user", "content": f"{SECRET} {{{{ 7 * 7 }}}} {{% if %}}"},
]


class Drug(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    refills: int | None = None


GOOD = completion('{"name": "Norco", "refills": 3}')
OTHER = completion('{"name": "Norco", "refills": 2}')
WRONG = completion(json.dumps({"name": "Norco", "refills": SECRET, SECRET: 1}))


def one_call(calls: int = 1) -> Usage:
    return Usage(
        calls=calls,
        reasks=calls - 1,
        input_tokens=PROMPT_TOKENS * calls,
        cached_tokens=CACHED_TOKENS * calls,
        output_tokens=COMPLETION_TOKENS * calls,
    )


async def no_wait(seconds: float) -> None:
    pass


def ask(
    script: Sequence[Reply],
    *,
    provider: str = "openai",
    model: type[Any] = Drug,
    validate: Callable[[Any], list[str]] | None = None,
    spent: Consumption | None = None,
    reasks: int = 1,
    policy: RetryPolicy | None = None,
    timeout: float = 10.0,
    **settings: Any,
) -> tuple[Answered[Any], StandIn]:
    """Put one question to a server that answers by the script."""

    async def put(target: ModelTarget) -> Answered[Any]:
        async with HttpTransport(target, retry=policy, timeout=timeout, sleep=no_wait, api_key=KEY) as http:
            client = Client(target, http, reasks=reasks)
            return await ask_client(client, model, MESSAGES, validate=validate, spent=spent, **settings)

    with StandIn(*script) as server:
        name = provider if provider == "local" else f"{provider}/gpt-stand-in"
        try:
            return asyncio.run(put(resolve_model(name, environ={}).at(server.base_url))), server
        except BaseException as error:
            error.server = server  # type: ignore[attr-defined]
            raise


def test_answer() -> None:
    answer, server = ask([GOOD])
    assert answer == Answered(Drug(name="Norco", refills=3), one_call(), 1, None)
    assert not answer.reasked
    assert type(answer.value) is Drug
    assert server.received[0].path == "/v1/chat/completions"
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("model", [ItemAnswer, CaseAnswer, Drug])
def test_the_schema_on_the_wire_is_strict(model: type[BaseModel]) -> None:
    with pytest.raises(InvalidAnswerError) as caught:
        ask([completion("{}")], model=model)
    for body in caught.value.server.bodies:  # type: ignore[attr-defined]
        form = body["response_format"]
        assert form["type"] == "json_schema"
        assert form["json_schema"]["name"] == model.__name__
        assert form["json_schema"]["strict"] is True
        objects = 0

        def look(node: Any) -> None:
            nonlocal objects
            if isinstance(node, list):
                for entry in node:
                    look(entry)
            elif isinstance(node, dict):
                if node.get("type") == "object":
                    objects += 1
                    assert node["required"] == list(node["properties"])
                    assert node["additionalProperties"] is False
                for entry in node.values():
                    look(entry)

        look(form["json_schema"]["schema"])
        assert objects >= 1


def test_nothing_is_added_to_the_messages() -> None:
    # Neither a pasted schema nor a rendered template.
    _, server = ask([GOOD], validate=lambda drug: [])
    assert server.bodies[0]["messages"] == MESSAGES


@pytest.mark.parametrize(
    ("provider", "settings", "sent"),
    [
        ("openai", {}, {"max_tokens": 2048}),
        ("openai", {"temperature": 0.0, "max_tokens": 9}, {"max_tokens": 9, "temperature": 0.0}),
        ("ollama", {}, {"max_tokens": 2048}),
        ("vllm", {"temperature": 0.0}, {"max_tokens": 2048, "temperature": 0.0}),
        # Only the embedded server is told to be repeatable, and to keep the prompt's constant prefix.
        ("local", {"temperature": 0.0}, {"max_tokens": 2048, "temperature": 0.0, "seed": 7, "cache_prompt": True}),
    ],
)
def test_parameters(provider: str, settings: dict[str, Any], sent: dict[str, Any]) -> None:
    _, server = ask([GOOD], provider=provider, **settings)
    body = server.bodies[0]
    assert {name: body[name] for name in body if name not in ("model", "messages", "response_format")} == sent


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        # OpenAI's reasoning models refuse `max_tokens` and any temperature, and reason within the limit.
        ("gpt-5-mini", {"max_completion_tokens": 100 + 8192}),
        ("gpt-4.1-mini", {"max_completion_tokens": 100, "temperature": 0.0}),
    ],
)
def test_parameters_for_openai_itself(model: str, sent: dict[str, Any]) -> None:
    transport = Scripted(GOOD)
    client = Client(resolve_model(f"openai/{model}", environ={}), transport)
    asyncio.run(client.ask(CALL, Drug, MESSAGES, max_tokens=100, temperature=0.0))
    (body,) = transport.bodies
    assert {name: body[name] for name in body if name not in ("messages", "response_format")} == {
        "model": model,
        **sent,
    }


def test_an_invalid_answer_is_asked_for_again() -> None:
    answer, server = ask([WRONG, GOOD])
    assert answer.value == Drug(name="Norco", refills=3)
    assert answer.reasked
    # Each answer's tokens once: instructor's completion holds the running total.
    assert answer.usage == one_call(2)
    assert answer.attempts == 2
    first, second = server.bodies
    assert second["messages"][: len(MESSAGES)] == first["messages"]
    said, told = second["messages"][len(MESSAGES) :]
    assert said["role"] == "assistant"
    # The model is told which field failed and why.
    assert "refills" in told["content"]
    assert "integer" in told["content"]


@pytest.mark.parametrize("reasks", [0, 1, 2])
def test_reasks_are_bounded(reasks: int) -> None:
    with pytest.raises(InvalidAnswerError) as caught:
        ask([WRONG], reasks=reasks)
    assert len(caught.value.server.bodies) == reasks + 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content",
    [
        "Here is the JSON you asked for",
        '{"name": "Norco", "refills": ',
        "[]",
        "null",
        "",
        None,
        # Strict: no number from a string.
        '{"name": "Norco", "refills": "3"}',
    ],
)
def test_no_valid_answer(content: str | None) -> None:
    with pytest.raises(InvalidAnswerError):
        ask([completion(content)])


def test_an_invalid_answers_error_names_fields_and_no_text() -> None:
    spent = Consumption()
    with pytest.raises(InvalidAnswerError) as caught:
        ask([WRONG], spent=spent)
    assert "`/refills` int_type" in str(caught.value)
    # A key that the model made up can be letter text.
    assert "`/?` extra_forbidden" in str(caught.value)
    assert spent == Consumption(one_call(2), 2, None)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (completion('{"name": "No', "length"), TruncatedError),
        # Even where what came happens to be whole.
        (completion('{"name": "Norco", "refills": 3}', "length"), TruncatedError),
        (completion(None, refusal=f"I cannot help with {SECRET}"), RefusedError),
        (completion("", "content_filter"), RefusedError),
        (no_choices(), InvalidAnswerError),
    ],
)
def test_outcomes_that_no_reask_mends(reply: Reply, error: type[ModelError]) -> None:
    spent = Consumption()
    with pytest.raises(error) as caught:
        ask([reply], spent=spent)
    assert len(caught.value.server.bodies) == 1  # type: ignore[attr-defined]
    assert spent == Consumption(one_call(), 1, None)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "script",
    [
        [failure(429, retry_after="0"), GOOD],
        [failure(429), GOOD],
        [failure(500), GOOD],
        [failure(503), GOOD],
        [failure(408), GOOD],
        [failure(409), GOOD],
        [dropped(), GOOD],
    ],
)
def test_retried(script: list[Reply]) -> None:
    answer, _ = ask(script)
    # A retry is no re-ask, and costs no tokens.
    assert (answer.attempts, answer.usage, answer.reasked) == (2, one_call(), False)


def test_a_retry_within_a_reask_repeats_only_the_request() -> None:
    answer, server = ask([WRONG, failure(500), dropped(), GOOD])
    assert (answer.attempts, answer.usage.calls) == (4, 2)
    assert server.bodies[1] == server.bodies[2] == server.bodies[3]


def test_a_timeout_is_retried() -> None:
    answer, _ = ask([hanging(), GOOD], timeout=0.3)
    assert answer.attempts == 2


@pytest.mark.parametrize(
    ("script", "error", "requests", "mend"),
    [
        ([failure(400, code="context_length_exceeded", message=SECRET)], ModelError, 1, "longer context"),
        ([failure(422)], ModelError, 1, ""),
        ([failure(401)], ModelUnavailableError, 1, "OPENAI_API_KEY"),
        ([failure(403)], ModelUnavailableError, 1, "OPENAI_API_KEY"),
        ([failure(404)], ModelUnavailableError, 1, "name"),
        ([failure(429, code="insufficient_quota")], ModelUnavailableError, 1, "credit"),
        ([failure(429)], TransientModelError, 3, "later"),
        ([failure(500)], TransientModelError, 3, "later"),
        ([dropped()], TransientModelError, 3, "later"),
        # A web page where an API was expected, with and without a type that says so.
        ([Reply(200, b"<html>", {"content-type": "text/html"})], ModelUnavailableError, 1, "/v1"),
        ([Reply(200, b"<html>")], ModelUnavailableError, 1, "/v1"),
        ([Reply(200, {"hello": 1})], ModelUnavailableError, 1, "/v1"),
    ],
)
def test_failures(script: list[Reply], error: type[ModelError], requests: int, mend: str) -> None:
    with pytest.raises(error) as caught:
        ask(script, policy=RetryPolicy(attempts=3))
    assert type(caught.value) is error
    assert len(caught.value.server.bodies) == requests  # type: ignore[attr-defined]
    assert mend in caught.value.hint
    assert SECRET not in str(caught.value)
    assert KEY not in str(caught.value) + caught.value.hint


def test_a_missing_ollama_model_says_how_to_get_it() -> None:
    with pytest.raises(ModelUnavailableError) as caught:
        ask([failure(404)], provider="ollama")
    assert caught.value.hint == "Run `ollama pull gpt-stand-in`."


def test_the_providers_code_is_told() -> None:
    with pytest.raises(ModelError, match="HTTP 400, `context_length_exceeded`"):
        ask([failure(400, code="context_length_exceeded")])


def test_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def put() -> None:
        target = resolve_model("vllm/m", environ={}).at(f"http://127.0.0.1:{port}/v1")
        async with HttpTransport(target, sleep=no_wait) as http:
            await Client(target, http).ask(CALL, Drug, MESSAGES)

    with pytest.raises(ModelUnavailableError, match=f"127.0.0.1:{port}"):
        asyncio.run(put())


def test_no_key() -> None:
    async def put() -> None:
        target = resolve_model("openai/gpt-5-mini", environ={})
        async with HttpTransport(target) as http:
            await Client(target, http).ask(CALL, Drug, MESSAGES)

    with pytest.raises(ModelUnavailableError, match="needs a key") as caught:
        asyncio.run(put())
    assert "OPENAI_API_KEY" in caught.value.hint


def test_no_address() -> None:
    with pytest.raises(UsageError):
        HttpTransport(resolve_model("local", environ={}))


class Objections:
    """A `validate` that objects to refills other than 2, and keeps what it saw."""

    def __init__(self) -> None:
        self.seen: list[Drug] = []

    def __call__(self, drug: Drug) -> list[str]:
        self.seen.append(drug)
        return [] if drug.refills == 2 else [f"`refills` is {drug.refills}, the heading says 2"]


def test_validate_complains_once() -> None:
    objections = Objections()
    answer, server = ask([GOOD, OTHER], validate=objections)
    assert answer.value == Drug(name="Norco", refills=2)
    assert type(answer.value) is Drug
    assert type(objections.seen[0]) is Drug
    assert (answer.usage, answer.reasked) == (one_call(2), True)
    assert "the heading says 2" in server.bodies[1]["messages"][-1]["content"]
    assert server.bodies[1]["response_format"] == server.bodies[0]["response_format"]


def test_no_complaint_no_reask() -> None:
    answer, _ = ask([OTHER], validate=Objections())
    assert (answer.attempts, answer.reasked) == (1, False)


def test_the_second_answer_is_accepted_without_another_check() -> None:
    objections = Objections()
    answer, server = ask([GOOD, completion('{"name": "Norco", "refills": 9}')], validate=objections, reasks=5)
    assert answer.value.refills == 9
    assert len(objections.seen) == 1
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("second", "error"),
    [
        (WRONG, InvalidAnswerError),
        (completion("{", "length"), TruncatedError),
        (completion(None, refusal="no"), RefusedError),
    ],
)
def test_the_first_answer_is_returned_if_the_second_is_unusable(second: Reply, error: type[ModelError]) -> None:
    answer, _ = ask([GOOD, second], validate=Objections())
    assert answer.value == Drug(name="Norco", refills=3)
    assert answer.usage == one_call(2)


def test_validate_is_not_called_if_no_reask_is_left() -> None:
    objections = Objections()
    answer, _ = ask([WRONG, GOOD], validate=objections)
    assert answer.value.refills == 3
    assert objections.seen == []


def test_an_error_in_validate_is_not_the_models() -> None:
    def validate(drug: Drug) -> list[str]:
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        ask([GOOD], validate=validate)


def test_cost_is_counted_over_reasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imrllm.llm.client.price", lambda target, usage: usage.output_tokens / 1000)
    spent = Consumption()
    answer, _ = ask([WRONG, GOOD], spent=spent)
    assert answer.cost == spent.cost == 2 * COMPLETION_TOKENS / 1000
    spent.add(Usage(calls=1), 1, None)
    assert (spent.usage.calls, spent.attempts, spent.cost) == (3, 3, answer.cost)


def test_no_more_questions_at_a_time_than_suit() -> None:
    async def put(target: ModelTarget) -> list[Drug]:
        async with HttpTransport(target, concurrency=2) as http:
            client = Client(target, http)
            return await asyncio.gather(*(client.ask(CALL, Drug, MESSAGES) for _ in range(8)))

    with StandIn(Reply(200, GOOD.body, seconds=0.05)) as server:
        answers = asyncio.run(put(resolve_model("vllm/m", environ={}).at(server.base_url)))
    assert len(answers) == 8
    assert server.at_once == 2


def test_no_proxy_stands_before_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    answer, _ = ask([GOOD])
    assert answer.attempts == 1


@pytest.mark.parametrize("script", [[WRONG, GOOD], [WRONG], [failure(400, message=SECRET)], [failure(500), GOOD]])
def test_nothing_of_the_letter_or_the_key_is_logged(
    script: list[Reply], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("openai", "instructor"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    outcome: Literal["answer"] | ModelError
    try:
        ask(script)
        outcome = "answer"
    except ModelError as error:
        outcome = error
        # Nor does the error drag along one that holds it.
        assert error.__cause__ is None
        assert error.__context__ is None
    logged = caplog.text + str(outcome)
    assert SECRET not in logged
    assert KEY not in logged
