"""The run manifest: written before the first row, kept while runs agree, never beside rows made otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imrllm.documents import Shard
from imrllm.errors import StoreError
from imrllm.store import ResultsFile, manifest_path, new_manifest, read_manifest
from tests.store.made import RUN, manifest, result, rows, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def test_it_is_there_before_the_first_row(path: Path) -> None:
    with ResultsFile(path, RUN):
        assert path.read_bytes() == b""
        assert read_manifest(path) == RUN


def test_it_says_when_and_of_what(path: Path) -> None:
    made = new_manifest(model="none", shard=Shard(2, 3), inputs=["letters/", "odd\udcff.txt"])
    with ResultsFile(path, made):
        pass
    written = json.loads(manifest_path(path).read_text())
    assert manifest_path(path).name == "out.jsonl.run.json"
    assert written["started"].endswith("Z"), "UTC"
    assert (written["shard"], written["inputs"]) == ("2/3", ["letters/", "odd\ufffd.txt"])


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"model": "local"}, "the model `local`, not `none`"),
        ({"prompt_sha256": "0" * 64}, "another prompt"),
        ({"version": "0.0.9"}, "version 0.0.9, not 0.1.0"),
        ({"schema_sha256": "0" * 64}, "another schema of the record"),
        ({"table_sha256": "0" * 64}, "another calibration table"),
        ({"shard": "1/3"}, "shard 1/3, not all documents"),
        ({"command": "check"}, "`imrllm check`, not `imrllm extract`"),
    ],
)
def test_a_run_that_differs_is_refused_unless_it_starts_over(path: Path, other: dict[str, Any], named: str) -> None:
    # A failed row counts too: how its letter will be read is no longer what the manifest says.
    write(path, result("a", status="failed"), **other)
    before = path.read_bytes(), manifest_path(path).read_bytes()
    with pytest.raises(StoreError) as raised:
        ResultsFile(path, RUN)
    assert str(raised.value) == f"`out.jsonl` was made with {named}."
    assert "--fresh" in raised.value.hint
    assert (path.read_bytes(), manifest_path(path).read_bytes()) == before
    with ResultsFile(path, RUN, fresh=True):
        assert read_manifest(path) == RUN


def test_a_run_without_the_form_of_the_first_says_so_in_plain_words() -> None:
    formed = RUN.model_copy(update={"form": "my.toml", "form_sha256": "f" * 64})
    assert RUN.differences(formed) == ["`--form` my.toml (ffffffff), and this run has no `--form`"]
    assert formed.differences(RUN) == ["no `--form`, not `--form` my.toml (ffffffff)"]


def test_a_policy_changed_half_way_is_refused(path: Path) -> None:
    asked = {"model": "local", "prompt_sha256": "1"}
    write(path, result("a", **asked), on_conflict="flag", **asked)
    with pytest.raises(StoreError, match="`--on-conflict flag`, not `reask`"):
        ResultsFile(path, manifest(on_conflict="reask", **asked))


def test_masking_begun_half_way_is_refused(path: Path) -> None:
    asked = {"model": "local", "prompt_sha256": "1"}
    write(path, result("a", **asked), redact=False, **asked)
    with pytest.raises(StoreError, match="made with no `--redact`"):
        ResultsFile(path, manifest(redact=True, **asked))


def test_going_on_keeps_the_first_runs(path: Path) -> None:
    write(path, result("a"), inputs=("letters/",))
    before = manifest_path(path).read_bytes()
    with ResultsFile(path, manifest(inputs=("letters/", "more/"), started="2031-01-01T00:00:00Z")) as store:
        assert store.done("a")
    assert manifest_path(path).read_bytes() == before


def test_a_file_of_an_earlier_version_gets_one(path: Path) -> None:
    path.write_bytes(result("a").model_dump_json().encode() + b"\n")
    with ResultsFile(path, RUN) as store:
        assert store.done("a")
        assert read_manifest(path) == RUN


def test_without_rows_another_run_may_begin(path: Path) -> None:
    with ResultsFile(path, manifest(model="local")):
        pass
    with ResultsFile(path, RUN):
        assert read_manifest(path) == RUN


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"{", "broken"),
        (b'{"model": "none", "version": "0.1.0"}', "it tells too little"),
        (b"\xff", "no text"),
    ],
)
def test_a_malformed_one_is_refused(path: Path, content: bytes, reason: str) -> None:
    write(path, result("a"))
    manifest_path(path).write_bytes(content)
    with pytest.raises(StoreError) as raised:
        ResultsFile(path, RUN)
    assert "`out.jsonl.run.json` is not a run manifest" in str(raised.value), reason
    assert "delete it" in raised.value.hint
    manifest_path(path).unlink()
    write(path, result("b"))
    assert rows(path) == ["a", "b"]


def test_it_lies_beside_the_file_and_not_beside_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "there" / "target.jsonl")
    write(link, result("a"))
    assert manifest_path(link) == tmp_path / "there" / "target.jsonl.run.json"
    assert manifest_path(link).exists()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out.jsonl", "there"]
