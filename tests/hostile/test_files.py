"""The rows of the table about files: what is read, what is said of the rest, and that the letters around are read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from imrllm.documents import Document, Unreadable, read_documents
from imrllm.errors import DocumentError
from imrllm.pipeline.results import read_without_model
from tests.hostile.archive_cases import ARCHIVES
from tests.hostile.cases import FileCase
from tests.hostile.file_cases import FILES
from tests.hostile.row_cases import ROWS

CASES = (*FILES, *ROWS, *ARCHIVES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_it_is_read_or_refused_and_the_letters_around_it_are_read(case: FileCase, tmp_path: Path) -> None:
    if case.skipped:
        pytest.skip(case.skipped)
    for good in ("0-before.txt", "z-after.txt"):
        (tmp_path / good).write_text("A letter.")
    path = tmp_path / case.file
    if case.put:
        case.put(path)
    else:
        path.write_bytes(case.make())
    there = sorted(tmp_path.rglob("*"))
    started = time.process_time()
    before, *found, after = read_documents(
        [tmp_path / "0-before.txt", path, tmp_path / "z-after.txt"], columns=case.columns
    )
    assert time.process_time() - started < case.seconds
    assert sorted(tmp_path.rglob("*")) == there, "nothing is unpacked"
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert [before.id, after.id] == ["0-before", "z-after"]
    read = [each for each in found if isinstance(each, Document)]
    refused = [each for each in found if isinstance(each, Unreadable)]
    assert read or refused
    for each in found:
        assert each.id.isprintable()
        assert each.source.removeprefix(str(path)).isprintable()
        assert ".." not in each.source.removeprefix(str(path))
    for each in refused:
        assert isinstance(each.error, DocumentError)
        message, hint = str(each.error), each.error.hint
        assert message.startswith("`")
        assert message.endswith(".")
        assert not case.unread or each.sha256 is None
        assert hint.endswith(".")
        assert len(message) < 2_000
        result = read_without_model(each)
        assert (result.status, result.record) == ("failed", None)
    if case.either:
        return
    if isinstance(case.read, int):
        assert len(read) >= case.read
    else:
        assert {each.id: each.text.strip() for each in read} == case.read
    assert [each.id for each in refused] == list(case.refused)
    for each, said in zip(refused, case.refused.values(), strict=True):
        assert said in str(each.error)
        assert case.hint in each.error.hint
        assert case.line or str(each.error).startswith((f"`{each.source}` ", f"`{path}` line"))
        assert case.line is None or each.source == f"{path}:{case.line}"


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
