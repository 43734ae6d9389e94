"""What a result says of its letter: the record, the checks and their places, or why there is no record."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

from imrllm import crosscheck, grammar, planning
from imrllm.documents import Document, Unreadable, read_documents
from imrllm.errors import DocumentError
from imrllm.pipeline import Extractor, check_record
from imrllm.records import Result
from tests.crosscheck.pointers import altered, is_there
from tests.letters import FULL_PROMPT, SUMMARY, THREE, WHOLE_PROMPT, letter
from tests.llm.standin import (
    Reply,
    completion,
    failure,
)
from tests.pipeline.scripted import (
    CANARY,
    LETTER,
    RIGHT,
    TRUNCATED,
    doubts,
    extract,
    items,
    wrong,
)

WRITTEN = Path(__file__).parents[2] / "evals" / "written" / "letters"


class TestPolicies:
    def test_flag_keeps_the_models_value(self) -> None:
        result = extract(wrong(0, "/quantity", 48), on_conflict="flag")
        assert items(result)[0].quantity == 48
        assert doubts(result) == {"/disputed_items/0/quantity": "conflict"}
        assert result.status == "review"

    def test_repair_takes_the_letters_and_says_so(self) -> None:
        result = extract(wrong(0, "/quantity", 48))
        assert items(result)[0].quantity == 45
        (check,) = (check for check in result.checks if check.status != "confirmed")
        assert (check.model_value, check.source_value, check.resolution) == (48, 45, "source")
        assert check.span
        assert LETTER.text[slice(*check.span)] == "#45"
        assert result.status == "review"


class TestInternalErrors:
    def break_all(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        def fail(*_: Any, **__: Any) -> Any:
            raise ValueError(CANARY)

        for module in (planning, grammar, crosscheck):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, fail)

    @pytest.mark.parametrize("name", ["read_letter", "read_values", "resolve"])
    @pytest.mark.parametrize("model", ["none", "vllm/stand-in"])
    def test_one_letter_fails_without_its_text(self, model: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.break_all(monkeypatch, name)
        result = Extractor("none").extract(LETTER) if model == "none" else extract()
        assert result.status == "failed"
        assert result.error
        assert result.error.type == "InternalError"
        assert "`one`" in result.error.message
        assert re.search(r"ValueError at test_results\.py:\d+", result.error.message)
        assert CANARY not in result.model_dump_json()

    def test_also_while_a_record_is_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        record = Extractor("none").extract(LETTER).record
        self.break_all(monkeypatch, "compare")
        result = check_record(LETTER, record)
        assert result.error
        assert result.error.type == "InternalError"


def test_no_letter_names_the_document() -> None:
    result = Extractor("none").extract(Document.from_text(CANARY, "soup"))
    assert result.status == "failed"
    assert result.error
    assert result.error.type == "NotALetterError"
    assert "`soup`" in result.error.message
    assert CANARY not in result.error.message
    assert result.provenance.sha256


def test_an_unreadable_document_keeps_its_hash_and_reason() -> None:
    unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn.", hint="Repair it."), "0" * 64)
    result = Extractor("none").extract(unreadable)
    assert result.error
    assert (result.error.type, result.error.message) == ("DocumentError", "`torn` is torn. Repair it.")
    assert result.provenance.sha256 == "0" * 64


@pytest.mark.parametrize("prompt", [WHOLE_PROMPT, FULL_PROMPT])
@pytest.mark.parametrize(
    "reply",
    [
        None,
        TRUNCATED,
        completion(CANARY),
        completion(json.dumps({"treatment": CANARY, CANARY: 1})),
        completion(None, refusal=CANARY),
        failure(400, message=CANARY),
    ],
    ids=["right", "truncated", "no JSON", "not fitting", "refused", "rejected"],
)
@pytest.mark.parametrize("policy", ["repair", "reask"])
def test_the_letters_text_is_in_no_log_and_no_error(
    reply: Reply | None, prompt: str, policy: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    text = letter(*THREE, summary=f"{CANARY} {SUMMARY}").replace("No gain", f"{CANARY} No gain")
    document = Document.from_text(text, "one")
    changes = wrong(0, "/quantity", 48) if reply is None else dict.fromkeys(RIGHT, reply)
    result = extract(changes, document, prompt=prompt, on_conflict=policy)
    assert result.error is None or CANARY not in f"{result.error!r}"
    assert CANARY not in caplog.text
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("file", sorted(WRITTEN.glob("*.txt")), ids=lambda file: file.stem)
def test_pointers_and_spans_of_the_written_letters(file: Path) -> None:
    (document,) = read_documents([file])
    assert isinstance(document, Document)
    result = Extractor("none").extract(document)
    assert result.status != "failed"
    assert result.record
    assert len(result.evidence) > 10
    for pointer, spans in result.evidence.items():
        assert is_there(result.record, pointer), pointer
        assert all(0 <= start < end <= len(document.text) for start, end in spans), pointer
    for check in result.checks:
        assert is_there(result.record, check.pointer), check.pointer
        if check.span:
            assert 0 <= check.span[0] < check.span[1] <= len(document.text), check.pointer
    assert Result.model_validate_json(result.model_dump_json()) == result
    for item, at in zip(result.record.disputed_items, range(99), strict=False):
        (start, end), *_ = result.evidence[f"/disputed_items/{at}/rationale"]
        assert re.sub(r"\s+", " ", document.text[start:end])[:20] == (item.rationale or "")[:20]


class TestCheckRecord:
    def test_a_record_is_checked_as_it_is(self) -> None:
        record = Extractor("none").extract(LETTER).record
        assert record
        result = check_record(LETTER, altered(record, "/disputed_items/0/quantity", 48))
        assert result.status == "review"
        assert result.record
        assert result.record.disputed_items[0].quantity == 48
        assert doubts(result) == {"/disputed_items/0/quantity": "conflict"}
        assert result.provenance.model == "none"

    def test_a_record_without_a_ground_whose_words_stand_in_the_letter(self) -> None:
        record = Extractor("none").extract(LETTER).record
        assert record
        assert [item.grounds for item in record.disputed_items] == [(), (), ("long_term_use",)]
        result = check_record(LETTER, altered(record, "/disputed_items/2/grounds", ()))
        assert doubts(result) == {"/disputed_items/2/grounds": "missing"}
        assert items(result)[2].grounds == ()

    def test_without_a_record_or_a_letter(self) -> None:
        record = Extractor("none").extract(LETTER).record
        assert check_record(LETTER, None).status == "failed"
        assert check_record(Document.from_text("A recipe.", "soup"), record).status == "failed"
        unreadable = Unreadable("torn", "torn.pdf", DocumentError("`torn` is torn."))
        assert check_record(unreadable, None).status == "failed"
