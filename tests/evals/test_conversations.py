"""The messages and raw answers of an evaluation's letters."""

from __future__ import annotations

import json

from imrllm.cassettes.store import read_cassette
from imrllm.evals import EvalConfig, conversations, run
from imrllm.evals.conversations import exchanges
from imrllm.prompts import load_prompt
from tests.letters import FULL_PROMPT
from tests.recorded_suite import CANARY, Suite


def setting(suite: Suite, **changes: object) -> EvalConfig:
    defaults = {"prompt": FULL_PROMPT, "evals": suite.evals, "cassettes": suite.cassettes}
    return EvalConfig(**{**defaults, **changes})  # type: ignore[arg-type]


def test_each_call_has_its_own_messages_and_the_answer_as_it_came(recorded: Suite) -> None:
    config = setting(recorded)
    found = conversations(run([], config), config)
    assert set(found.letters) == {("small", "ada"), ("small", "bea")}
    prompt = load_prompt(FULL_PROMPT)
    assert found.openings == {kind: prompt.opening(kind) for kind in prompt.asks}
    case, item = found.of("small", "ada")
    assert (case.call.kind, case.call.item, item.call.kind, item.call.item) == ("case", None, "item", 1)
    # What opens every call is not repeated with the letter.
    (message,) = case.call.messages
    assert message["role"] == "user"
    assert "29 year old male" in message["content"]
    (answer,) = case.answers
    assert json.loads(answer.text)["injured_worker"]["age"] == 29
    assert answer.finish == "stop"
    assert found.of("small", "nobody") == ()


def test_a_cassette_holds_no_message(recorded: Suite) -> None:
    cassette = recorded.cassette("ada").read_text(encoding="utf-8")
    assert CANARY not in cassette
    assert "year old male" not in cassette


def test_an_answer_to_other_messages_is_not_taken_for_a_calls_first(recorded: Suite) -> None:
    cassette = read_cassette(recorded.cassette("ada"))
    first = cassette.interactions[0]
    request = first.request.model_copy(update={"messages_sha256": "0" * 64})
    other = cassette.model_copy(update={"interactions": (first.model_copy(update={"request": request}),)})
    (case, item) = exchanges(recorded.letter("ada"), load_prompt(FULL_PROMPT), other)
    assert len(case.answers) == 1, "a second question about the same, whose messages are not made again"
    assert item.answers == ()


def test_without_a_letter_a_prompt_or_recordings(recorded: Suite) -> None:
    config = setting(recorded)
    found = run([], config)
    alone = setting(recorded, model="none")
    assert not conversations(run([], alone), alone).letters
    assert not conversations(found.model_copy(update={"source": "records"}), config).letters
    made = conversations(found.model_copy(update={"source": "model"}), config)
    assert [each.answers for each in made.of("small", "ada")] == [(), ()]
