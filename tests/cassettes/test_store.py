"""The cassettes' files: readable, whole, and never with a secret or a letter's text in a request."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from imrllm.cassettes import cassette_path, read_cassette
from imrllm.cassettes.store import objections, parse_cassette, render_cassette, write_cassette
from imrllm.errors import CassetteError
from tests.recorded_suite import CANARY, Suite


def test_a_file_reads_as_it_was_written(recorded: Suite) -> None:
    cassette = read_cassette(recorded.cassette("ada"))
    assert parse_cassette(render_cassette(cassette), "ada") == cassette
    odd = cassette.model_copy(update={"model": "a: b\t\x85\u2028 — 'ü' #\n  x\n"})
    assert parse_cassette(render_cassette(odd), "ada") == odd


def test_a_file_is_readable(recorded: Suite) -> None:
    found = yaml.safe_load(recorded.cassette("ada").read_text())
    assert [interaction["request"]["kind"] for interaction in found["interactions"]] == ["case", "item"]
    message = found["interactions"][1]["response"]["body"]["choices"][0]["message"]
    assert message["content"].startswith('{"treatment": "Tizanidine"')
    assert found["interactions"][1]["request"]["item"] == 1


def test_a_file_holds_answers_and_of_requests_names_and_digests(recorded: Suite) -> None:
    text = recorded.cassette("ada").read_text()
    assert CANARY not in text
    assert "Expert Reviewer" not in text
    assert "127.0.0.1" not in text
    assert "user-agent" not in text.lower()
    assert objections(text) == []


@pytest.mark.parametrize(
    ("suite", "prompt", "model", "document", "path"),
    [
        ("written", "v1", "local", "w07-tizanidine", "written/v1/local/w07-tizanidine.yaml"),
        ("written", "v1", "openai/gpt-5-mini", "w07", "written/v1/openai-gpt-5-mini/w07.yaml"),
        ("written", "v1", "ollama/qwen3:8b", "w07", "written/v1/ollama-qwen3-8b/w07.yaml"),
        ("written", "v1", "vllm/../x", "w07", "written/v1/vllm-..-x/w07.yaml"),
    ],
)
def test_where_a_cassette_is(suite: str, prompt: str, model: str, document: str, path: str) -> None:
    assert cassette_path(Path("c"), suite, prompt, model, document) == Path("c") / path


@pytest.mark.parametrize("document", ["../x", "a/b", "a b", ""])
def test_an_id_that_names_no_file(document: str) -> None:
    with pytest.raises(CassetteError, match="cannot name a file"):
        cassette_path(Path("c"), "written", "v1", "local", document)


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("sk-proj-" + "a1B2" * 8, "an API key"),
        ("AIza" + "x" * 35, "an API key"),
        ("hf_" + "a1B2" * 8, "an access token"),
        ("ghp_" + "a1B2" * 9, "an access token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.x", "an access token"),
        ("Bearer " + "a1B2" * 8, "a bearer credential"),
        ("http://me:word@proxy/", "a password in an address"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
    ],
)
def test_a_secret_is_not_stored(recorded: Suite, tmp_path: Path, secret: str, told: str) -> None:
    cassette = read_cassette(recorded.cassette("ada")).model_copy(update={"model": secret})
    path = tmp_path / "x.yaml"
    with pytest.raises(CassetteError, match=told) as caught:
        write_cassette(cassette, path)
    assert secret not in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "harmless",
    [
        "risk-benefit-assessment-form",
        "basic activities of daily living",
        "task-oriented-rehabilitation",
        "cookies: none",
    ],
)
def test_a_letters_own_words_are_no_secret(harmless: str) -> None:
    assert objections(f"content: ask {harmless}") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("      authorization: x", "request 1 holds the header `authorization`"),
        ("      User-Agent: x", "request 1 holds the header `user-agent`"),
        ("    body: " + CANARY, "request 1 holds more than names and digests: letter text, perhaps"),
        ("      accept: " + CANARY * 3, "request 1 holds more than names and digests: letter text, perhaps"),
    ],
)
def test_what_a_request_may_not_hold(recorded: Suite, line: str, told: str) -> None:
    text = recorded.cassette("ada").read_text()
    accept = "      accept: application/json\n"
    replaced = (
        accept
        if "accept" in line
        else "      content-type: application/json\n"
        if line[4] == " "
        else "    kind: case\n"
    )
    assert replaced in text
    changed = text.replace(replaced, f"{'' if replaced == accept else replaced}{line}\n", 1)
    assert told in objections(changed)
    assert CANARY not in " ".join(objections(changed))


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "interactions: 3", "interactions: [3, {request: 1}]", "a: !!python/object:x.y {}"]
)
def test_what_is_no_cassette_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ada.yaml"
    path.write_text(text)
    with pytest.raises(CassetteError, match="cassette of `ada` is malformed"):
        read_cassette(path)
    assert objections(text) == []
