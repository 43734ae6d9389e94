"""A form of the user's own in a whole run: in the manifest, in other processes, and refused when it changed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import imrllm
from imrllm import Extractor
from imrllm.documents import Document
from imrllm.errors import FormError, NotALetterError, StoreError
from imrllm.letter import choose_form, starts_by
from imrllm.store import read_manifest, read_results
from tests.letter.own_form import BLOCKS, OWN, own_form
from tests.letters import THREE, letter, written


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return own_form(tmp_path)


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return written(tmp_path / "letters", {"a": OWN, "b": letter(*THREE), "c": OWN})


@pytest.mark.parametrize("processes", [1, 2])
def test_letters_of_both_forms_are_read(letters: Path, form: Path, tmp_path: Path, processes: int) -> None:
    output = tmp_path / "records.jsonl"
    imrllm.run(letters, output, model="none", form=form, processes=processes)
    results = {result.document_id: result for result in read_results(output)}
    assert {name: result.provenance.form for name, result in results.items()} == {
        "a": "my 2021",
        "b": "2014-2015",
        "c": "my 2021",
    }
    record = results["a"].record
    assert record is not None
    assert [item.decision for item in record.disputed_items] == ["upheld", "overturned"]
    assert (record.letter.case_number, str(record.letter.decision_date)) == ("CM21-0012345", "2021-02-03")
    assert record.reviewer.licensed_states == ("California",)
    manifest = read_manifest(output)
    assert manifest is not None
    assert (manifest.form, manifest.form_sha256) == ("my-2021.toml", choose_form(form).sha256)


def test_another_form_does_not_resume_a_run(letters: Path, form: Path, tmp_path: Path) -> None:
    output = tmp_path / "records.jsonl"
    imrllm.run(letters, output, model="none", form=form, limit=1)
    assert imrllm.run(letters, output, model="none", form=form).done_before == 1
    with pytest.raises(StoreError, match=r"`--form` my-2021\.toml"):
        imrllm.run(letters, output, model="none")
    form.write_text(BLOCKS.replace("Denial stands", "Denial remains"), encoding="utf-8")
    with pytest.raises(StoreError, match=r"`--form` my-2021\.toml"):
        imrllm.run(letters, output, model="none", form=form)


def test_an_extractor_and_a_check_take_a_form(letters: Path, form: Path) -> None:
    document = Document.from_text(OWN, "a")
    result = Extractor("none", form=form).extract(document)
    assert result.record is not None
    (checked,) = imrllm.check([result.record], letters, form=form)
    assert checked.provenance.form == "my 2021"
    assert Extractor("none").extract(document).error is not None
    (refused,) = imrllm.check([result.record], letters)
    assert refused.error is not None
    assert refused.error.type == NotALetterError.__name__
    with pytest.raises(FormError):
        Extractor("none", form="my 2031")


def test_a_form_travels_to_other_processes(form: Path) -> None:
    chosen = choose_form(form)
    form.unlink()
    there = pickle.loads(pickle.dumps(chosen))
    assert there == chosen
    assert Extractor("none", form=there).extract(Document.from_text(OWN, "a")).provenance.form == "my 2021"


def test_a_file_of_several_letters_is_split_by_the_form_s_openings(form: Path) -> None:
    assert starts_by(choose_form(form)) is None
    form.write_text(
        BLOCKS.replace("[sections]", '[openings]\nonce = ["What we decided"]\ntitle = ["Case CM"]\n[sections]')
    )
    starts = starts_by(choose_form(form))
    assert starts is not None
    assert starts(OWN + OWN, ()) == (len(OWN),)
    assert starts(OWN, ()) == ()
