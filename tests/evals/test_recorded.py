"""Every cassette of the repository replays: no model, no key, no connection."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imrllm.cassettes import check
from imrllm.cassettes.store import cassette_path, read_cassette
from imrllm.prompts import DEFAULT_PROMPT, load_prompt
from imrllm.suites import load_suite

ROOT = Path(__file__).resolve().parents[2]
# Where the public letters are that the project does not ship.
ELSEWHERE = Path(os.environ.get("IMRLLM_DOCUMENTS", ROOT.parent / "shared" / "determinations"))


@pytest.mark.usefixtures("no_connections")
def test_all_are_in_order() -> None:
    checked = check(ROOT / "cassettes", ROOT / "evals", ELSEWHERE if ELSEWHERE.is_dir() else None)
    assert checked.findings == []
    # Those of letters that are shipped are all replayed.
    assert checked.replayed
    assert set(checked.unreplayed) <= {"public"}


def phrases(value: Any) -> Iterator[str]:
    """The texts in an answer that could only come from a letter: names, quotes, pages, not the words of the schema."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("ground", "category", "stance", "guideline", "sex", "grounds"):
                yield from phrases(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from phrases(inner)
    elif isinstance(value, str) and len(value) > 3:
        yield " ".join(value.split()).lower()


# The share of answers that may hold content of an example. A small model that fills a whole record repeats some.
@pytest.mark.parametrize(("name", "most"), [(DEFAULT_PROMPT, 0.0), ("v5", 0.025)])
def test_no_content_of_the_examples_leaks_into_answers(name: str, most: float) -> None:
    """Names, pages and quotes of a prompt's worked examples are in no answer about a letter that does not have them."""
    suite = load_suite("written", ROOT / "evals")
    prompt = load_prompt(name)
    examples = {
        phrase
        for turns in prompt._turns.values()
        for role, text in turns
        if role == "assistant"
        for phrase in phrases(json.loads(text))
    }
    assert examples
    answered, leaked = 0, []
    for document, letter in suite.letters().found.items():
        text = " ".join(letter.text.split()).lower()
        for each in read_cassette(
            cassette_path(ROOT / "cassettes", "written", prompt.name, "local", document)
        ).interactions:
            answer = json.loads(each.response.body["choices"][0]["message"]["content"])
            told = [phrase for phrase in phrases(answer) if phrase in examples and phrase not in text]
            leaked += [(document, told)] if told else []
            answered += 1
    assert answered
    assert len(leaked) <= most * answered, leaked
