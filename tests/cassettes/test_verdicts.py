"""Verdicts with log-probabilities: recorded, replayed alike, and nothing of the letter beside them."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest

from imrllm import Extractor
from imrllm.cassettes import read_cassette, replay_target, replaying
from tests.llm.standin import Reply, StandIn, completion
from tests.recorded_suite import CANARY, LETTER, Suite, served

# Two grounds whose words stand there, so that there are two questions about one item.
STATED = "The worker has a high risk of dependence. There is no documented functional improvement from it."
PROMPT = "v4"


@pytest.fixture
def suite_of_one(suite: Suite) -> Suite:
    """One letter with two grounds in words."""
    (suite.evals / "small" / "letters" / "bea.txt").unlink()
    suite.gold("bea").unlink()
    text = LETTER.format(age=29, canary=f"{CANARY} {STATED}")
    (suite.evals / "small" / "letters" / "ada.txt").write_text(text)
    gold = json.loads(suite.gold("ada").read_text())
    gold["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    suite.gold("ada").write_text(json.dumps(gold))
    return suite


def verdict(body: Any) -> Reply:
    """A server that holds one ground more probable than the other, and echoes the letter where it can."""
    if body["response_format"]["json_schema"]["name"] != "VerifyAnswer":
        empty = {"reasons": [], "clinical_summary": {"diagnoses": [], "treatments_to_date": []}}
        asked = body["response_format"]["json_schema"]["schema"]["properties"]
        return completion(json.dumps({name: value for name, value in empty.items() if name in asked}))
    share = 0.9 if "dependence or interactions" in body["messages"][-1]["content"] else 0.3
    reply = completion(json.dumps({"given": share > 0.5}))
    top = [
        {"token": name, "logprob": math.log(each), "bytes": [1]}
        for name, each in (("true", share), ("false", 1 - share))
    ]
    echo = {"token": CANARY, "logprob": -0.5, "bytes": None, "top_logprobs": []}
    word = {"token": "true" if share > 0.5 else "false", "logprob": -0.2, "bytes": [2], "top_logprobs": top}
    reply.body["choices"][0]["logprobs"] = {"content": [echo, word], "refusal": None}
    return reply


def grounds(result: Any) -> Any:
    return result.record.disputed_items[0].grounds, [
        (check.pointer, check.status, check.resolution) for check in result.checks if "/grounds" in check.pointer
    ]


def test_replayed_equals_recorded_and_no_letter_is_in_it(suite_of_one: Suite) -> None:
    letter = suite_of_one.letter("ada")
    with StandIn(verdict) as server:
        told = Extractor(target=served(server), prompt=PROMPT).extract(letter)
        sent = [body for body in server.bodies if body["response_format"]["json_schema"]["name"] == "VerifyAnswer"]
    assert len(sent) == 2
    assert all(body["logprobs"] is True for body in sent)
    assert suite_of_one.record(verdict, prompt=PROMPT)[0] == 1  # type: ignore[arg-type]
    file = suite_of_one.cassette("ada", PROMPT)
    with replaying(file) as played:
        again = Extractor(target=replay_target("local"), prompt=PROMPT, transport=played.transport).extract(letter)
    assert grounds(again) == grounds(told)
    assert again.record == told.record
    text = file.read_text()
    assert CANARY not in text
    assert "heron" not in text
    for sentence in STATED.split(". "):
        assert sentence not in text
    kept = [
        each.response.body["choices"][0]["logprobs"]["content"]
        for each in read_cassette(file).interactions
        if each.request.kind == "verify"
    ]
    assert len(kept) == 2
    assert {(len(each), each[0]["token"]) for each in kept} == {(1, "true"), (1, "false")}
    assert all(set(each[0]) == {"token", "logprob", "top_logprobs"} for each in kept)
    assert read_cassette(file).prompt == PROMPT
