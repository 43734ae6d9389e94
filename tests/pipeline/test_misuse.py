"""What developers write first, and what they are told."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

import imrllm
from imrllm import Document, Extractor, read_documents, to_frames
from imrllm.llm import ModelTarget
from tests.letters import THREE, WHOLE_PROMPT, letter, right_letter_answer
from tests.llm.standin import StandIn, completion

LETTER = Document.from_text(letter(*THREE), "one")


def test_a_path_in_place_of_a_document() -> None:
    with pytest.raises(TypeError, match=re.escape("Document.from_path('letters/a.pdf')")):
        Extractor("none").extract("letters/a.pdf")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not list; `stream` takes several"):
        Extractor("none").extract([LETTER])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=re.escape("read_documents('letters/')")):
        list(Extractor("none").stream("letters/"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`extract` takes one"):
        list(Extractor("none").stream(LETTER))  # type: ignore[arg-type]


def test_the_text_of_a_letter_is_not_quoted() -> None:
    with pytest.raises(TypeError) as raised:
        Extractor("none").extract(LETTER.text)  # type: ignore[arg-type]
    assert str(raised.value).startswith("`extract` takes one document, such as `Document.from_path(...)`")


@pytest.mark.parametrize("given", [b"letters/", [3], [None]])
def test_what_is_no_path(given: object) -> None:
    with pytest.raises(TypeError, match="an input is a path"):
        read_documents(given)  # type: ignore[arg-type]


def test_one_folder_as_a_string(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LETTER.text)
    assert [document.id for document in read_documents(str(tmp_path))] == ["a"]


@pytest.mark.parametrize(("typed", "meant"), [("extract", "Extractor"), ("Extracter", "Extractor"), ("Run", "run")])
def test_a_name_that_the_package_lacks(typed: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=f"did you mean `{meant}`"):
        getattr(imrllm, typed)
    with pytest.raises(AttributeError, match="it has `Check`, "):
        _ = imrllm.xyzzy


def test_frames_of_a_results_file(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    file = tmp_path / "records.jsonl"
    file.write_text(Extractor("none").extract(LETTER).model_dump_json() + "\n")
    assert to_frames(file)["documents"]["document_id"].tolist() == ["one"]


def test_a_loop_outside_with_is_warned_of_once() -> None:
    with StandIn(completion(right_letter_answer().model_dump_json())) as server:
        target = ModelTarget("vllm/stand-in", "vllm", "stand-in", base_url=server.base_url)
        extractor = Extractor(target=target, prompt=WHOLE_PROMPT)
        extractor.extract(LETTER)
        extractor.extract(LETTER)
        with pytest.warns(UserWarning, match="Each call of `extract` outside `with` connects again") as warned:
            extractor.extract(LETTER)
        assert warned[0].filename == __file__
        extractor.extract(LETTER)
        with warnings.catch_warnings(), extractor as kept:
            warnings.simplefilter("error")
            for _ in range(3):
                kept.extract(LETTER)
