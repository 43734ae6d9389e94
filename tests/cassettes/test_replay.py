"""Replay gives what was recorded, offline, and says which letter, call and part is not as recorded."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imrllm import Extractor
from imrllm.cassettes import Cassette, read_cassette, recording, replay_target, replaying
from imrllm.cassettes.replay import Recording
from imrllm.errors import CassetteError
from imrllm.llm import Call, Client, HttpTransport, Message, ModelTarget
from imrllm.records import CaseAnswer, Ground, Result
from tests.letters import FULL_PROMPT
from tests.llm.standin import Reply, StandIn, completion, failure, no_choices
from tests.recorded_suite import CANARY, CASE, ITEM, WHOLE, WHOLE_ITEM, Suite, answers, change_prompt, served

OFFLINE = replay_target("local")


def replay(document: Any, *places: Path | Cassette, prompt: str = FULL_PROMPT) -> Result:
    with replaying(*places) as played:
        return Extractor(target=OFFLINE, prompt=prompt, transport=played.transport).extract(document)


def untimed(result: Result) -> dict[str, Any]:
    found = result.model_dump()
    del found["provenance"]["seconds"]
    return found


@pytest.mark.parametrize(
    ("prompt", "script"),
    [
        pytest.param(FULL_PROMPT, answers(CASE, ITEM), id="one call for the case, one for each item"),
        pytest.param("whole", answers(WHOLE), id="one call for the letter"),
        pytest.param("whole", [completion("{"), *answers(WHOLE)], id="a re-ask after an answer that does not fit"),
        pytest.param(FULL_PROMPT, [completion("{", "length")], id="answers cut off at their limit: failed, both times"),
        pytest.param(FULL_PROMPT, [completion(None, refusal="No.")], id="a refusal: failed, both times"),
    ],
)
def test_replayed_equals_recorded(suite: Suite, prompt: str, script: list[Reply]) -> None:
    letter = suite.letter("ada")
    with StandIn(*script) as server:
        told = Extractor(target=served(server), prompt=prompt).extract(letter)
    _, recorded_from = suite.record(*script, *script, prompt=prompt)
    # Recording sends the same bytes: nothing names the call to the server.
    sent = [(request.path, request.sent, {**request.headers, "host": ""}) for request in recorded_from.received]
    bare = [(request.path, request.sent, {**request.headers, "host": ""}) for request in server.received]
    assert sorted(sent[: len(bare)], key=repr) == sorted(bare, key=repr)
    again = replay(letter, suite.cassette("ada", prompt), prompt=prompt)
    assert untimed(again) == untimed(told)
    assert again.provenance.usage.calls > 0


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
ANSWERED = st.fixed_dictionaries(
    {
        "treatment": st.none() | TEXT,
        "quantity": st.none() | st.floats(0, 1e6, allow_nan=False),
        "refills": st.none() | st.integers(0, 99),
        "strengths": st.lists(TEXT, max_size=3),
        "medically_necessary": st.none() | st.booleans(),
        "grounds": st.lists(st.sampled_from(get_args(Ground)), max_size=4),
    }
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERED)
def test_replayed_equals_recorded_whatever_is_answered(suite: Suite, values: dict[str, Any]) -> None:
    script = answers({**CASE, "disputed_items": [{**WHOLE_ITEM, **values}]})
    letter = suite.letter("ada")
    with StandIn(*script) as server:
        told = Extractor(target=served(server), prompt="whole").extract(letter)
    shutil.rmtree(suite.cassettes, ignore_errors=True)
    suite.record(*script, *script, prompt="whole")
    assert untimed(replay(letter, suite.cassette("ada", "whole"), prompt="whole")) == untimed(told)


def test_a_folder_without_cassettes(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="There is no cassette under"), replaying(tmp_path):
        pass


def test_replay_of_both_letters_at_once_in_any_order(recorded: Suite, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("no_connections")
    letters = [recorded.letter("bea"), recorded.letter("ada")]

    async def run() -> list[Result]:
        async with Extractor(target=OFFLINE, prompt=FULL_PROMPT, concurrency=2, transport=left.transport) as extractor:
            return [result async for result in extractor.astream(letters)]

    with replaying(recorded.cassettes) as left:
        assert {str(call) for call in left.unplayed} == {"case", "item 1"}
        results = asyncio.run(run())
        assert not left.unplayed
    assert {result.document_id: result.record.injured_worker.age for result in results if result.record} == {
        "ada": 29,
        "bea": 31,
    }


def test_the_order_of_interactions_does_not_matter(recorded: Suite) -> None:
    cassette = read_cassette(recorded.cassette("ada"))
    turned = cassette.model_copy(update={"interactions": cassette.interactions[::-1]})
    letter = recorded.letter("ada")
    assert untimed(replay(letter, turned)) == untimed(replay(letter, cassette))


def test_what_is_not_played_is_known(recorded: Suite) -> None:
    with replaying(recorded.cassettes) as left:
        Extractor(target=OFFLINE, prompt=FULL_PROMPT, transport=left.transport).extract(recorded.letter("ada"))
        assert [(call.document, str(call)) for call in left.unplayed] == [("bea", "case"), ("bea", "item 1")]


def test_one_word_in_a_prompt_is_a_miss(recorded: Suite, own_prompts: Path) -> None:
    change_prompt(own_prompts, FULL_PROMPT, "disputed item of a", "disputed items of a")
    with pytest.raises(CassetteError) as caught:
        replay(recorded.letter("ada"), recorded.cassettes)
    assert "`ada`" in str(caught.value)
    assert "`item 1`: `messages` changed" in str(caught.value)
    assert caught.value.hint == "Run `imrllm cassettes record`."


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("messages_sha256", "`case`: `messages` changed"),
        ("schema_sha256", "`case`: `schema` changed"),
        ("parameters_sha256", "`case`: `parameters` changed"),
        ("item", "does not hold the call `case`"),
    ],
)
def test_a_miss_names_the_part(recorded: Suite, field: str, part: str) -> None:
    cassette = read_cassette(recorded.cassette("ada"))
    case = cassette.interactions[0]
    other = case.request.model_copy(update={field: 7 if field == "item" else "0" * 64})
    changed = (case.model_copy(update={"request": other}), *cassette.interactions[1:])
    with pytest.raises(CassetteError, match=part):
        replay(recorded.letter("ada"), cassette.model_copy(update={"interactions": changed}))


def test_a_change_of_parameters_is_a_miss(recorded: Suite, own_prompts: Path) -> None:
    change_prompt(own_prompts, FULL_PROMPT, "\ntemperature: 0\n", "\ntemperature: 0.1\n")
    with pytest.raises(CassetteError, match="`parameters` changed"):
        replay(recorded.letter("ada"), recorded.cassettes)


def test_a_letter_without_cassette(recorded: Suite) -> None:
    with pytest.raises(CassetteError, match="no cassette of `bea` with prompt `v5`"):
        replay(recorded.letter("bea"), recorded.cassette("ada"))


def test_an_answer_is_played_once(recorded: Suite) -> None:
    letter = recorded.letter("ada")
    with replaying(recorded.cassettes) as played:
        extractor = Extractor(target=OFFLINE, prompt=FULL_PROMPT, transport=played.transport)
        extractor.extract(letter)
        with pytest.raises(CassetteError, match="`case` fewer times than it is made"):
            extractor.extract(letter)


def test_a_request_past_the_replay_is_refused(recorded: Suite) -> None:
    with replaying(recorded.cassettes), pytest.raises(CassetteError, match="is not a letter's call"):
        Extractor(target=OFFLINE, prompt=FULL_PROMPT).extract(recorded.letter("ada"))


def test_calls_at_once_keep_their_answers_apart_in_a_recording() -> None:
    """Both letters of the second pair are the same text: their requests are the same bytes."""
    calls = [Call(name, FULL_PROMPT, "case") for name in ("ada", "bea", "cay", "dot")]
    texts = {"ada": "one", "bea": "two", "cay": "same", "dot": "same"}

    def answer(body: Any) -> Reply:
        asked = body["messages"][0]["content"]
        return replace(
            completion(json.dumps({**CASE, "reviewer": {**CASE["reviewer"], "specialties": [asked]}})), seconds=0.05
        )

    async def ask(http: HttpTransport, tape: Recording) -> dict[str, list[str]]:
        client = Client(http.target, tape.transport(http))

        async def one(call: Call) -> tuple[str, ...]:
            said: Message = {"role": "user", "content": texts[call.document]}
            return tuple((await client.ask(call, CaseAnswer, [said])).reviewer.specialties)

        found = await asyncio.gather(*(one(call) for call in calls))
        return {call.document: list(specialties) for call, specialties in zip(calls, found, strict=True)}

    async def run(target: ModelTarget, tape: Recording) -> dict[str, list[str]]:
        async with HttpTransport(target, concurrency=4) as http:
            return await ask(http, tape)

    with StandIn(answer) as server, recording() as tape:
        told = asyncio.run(run(served(server), tape))
    assert server.at_once > 1
    assert told == {name: [text] for name, text in texts.items()}
    stored = {call.document: interaction.response.body for call, interaction in tape.answered}
    assert {
        name: json.loads(body["choices"][0]["message"]["content"])["reviewer"]["specialties"]
        for name, body in stored.items()
    } == told


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(failure(429, retry_after="0"), id="a rate limit"),
        pytest.param(failure(500, retry_after="0"), id="a failing server"),
    ],
)
def test_errors_are_no_answers(suite: Suite, error: Reply) -> None:
    letter = suite.letter("ada")
    with StandIn(error, *answers(WHOLE)) as server, recording() as tape:
        result = Extractor(target=served(server), prompt="whole", transport=tape.transport).extract(letter)
    assert result.provenance.attempts == 2
    assert [(str(call), interaction.response.status) for call, interaction in tape.answered] == [("letter", 200)]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(200, b"<html>welcome</html>"), id="no JSON"),
        pytest.param(Reply(200, {"hello": 1}), id="no completion"),
        pytest.param(Reply(200, [1]), id="no object"),
    ],
)
def test_answers_of_another_kind_of_server_are_not_stored(suite: Suite, reply: Reply) -> None:
    with StandIn(reply) as server, recording() as tape, pytest.raises(Exception, match="does not answer like"):
        Extractor(target=served(server), prompt=FULL_PROMPT, transport=tape.transport).extract(suite.letter("ada"))
    assert tape.answered == []


def test_an_answer_without_choices_is_one(suite: Suite) -> None:
    with StandIn(no_choices()) as server, recording() as tape:
        Extractor(target=served(server), prompt=FULL_PROMPT, transport=tape.transport).extract(suite.letter("ada"))
    assert {interaction.response.status for _, interaction in tape.answered} == {200}


def test_no_word_of_a_letter_reaches_logs_and_errors(
    recorded: Suite, own_prompts: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    change_prompt(own_prompts, FULL_PROMPT, "disputed item of a", "disputed items of a")
    with caplog.at_level(logging.DEBUG), pytest.raises(CassetteError) as caught:
        replay(recorded.letter("ada"), recorded.cassettes)
    told = str(caught.value) + caught.value.hint + caplog.text + "".join(capfd.readouterr())
    assert CANARY not in told
    assert "cervical strain" not in told
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in repr(error)
        error = error.__cause__ or error.__context__


def test_without_vcrpy_the_mend_is_told(recorded: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vcr", None)
    with pytest.raises(CassetteError) as caught, replaying(recorded.cassettes):
        pass
    assert caught.value.hint == 'Run `pip install "imrllm[evals]"`.'


@pytest.mark.parametrize("model", ["local", "openai/gpt-5-mini", "vllm/own", "ollama/qwen3"])
def test_replay_needs_no_key(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere/v1")
    target = replay_target(model)
    assert "elsewhere" not in str(target.base_url)
    assert HttpTransport(target).sdk.api_key == "none"


def test_replay_is_quick(recorded: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A miss is final: nothing waits for another try."""
    waited: list[float] = []
    real: Callable[..., Any] = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, *rest: (waited.append(seconds), real(0, *rest))[1])
    with pytest.raises(CassetteError):
        replay(recorded.letter("bea"), recorded.cassette("ada"))
    assert sum(waited) == 0
