"""Where documents lie, so that another process reads them there: the same ones, by the same ids, in the same order."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imrllm.documents import Document, find_documents, read_documents, read_location
from imrllm.documents.jsonl import MAX_LINE
from imrllm.errors import UsageError

ROW = json.dumps({"id": "r", "text": "A letter."}).encode()


@pytest.fixture
def folder(tmp_path: Path, make_pdf: Callable[[Sequence[str | None]], bytes]) -> Path:
    """What a user may have, with all that can be wrong with it."""
    files = {
        "a.txt": b"A letter.",
        "b.pdf": make_pdf(["A letter."]),
        "empty.txt": b"",
        "binary.txt": b"\x00",
        "rows.jsonl": b"\xef\xbb\xbf"
        + b"\n\r\n".join([ROW, b"no JSON", ROW, json.dumps({"text": "x" * 2000}).encode()]),
        "crlf.jsonl": ROW + b"\r\n" + ROW,
        "long.jsonl": b"\n" * 1500 + ROW + b"\n" + b"x" * (MAX_LINE + 9) + b"\n" + ROW + b"\n",
        "none.jsonl": b"\n\n",
        "utf16.jsonl": "{}".encode("utf-16"),
        "sub/a.txt": b"Another.",
        "sub/.hidden.txt": b"x",
        "r.txt": b"Of the rows' name.",
    }
    for name, content in files.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    (tmp_path / "in" / "link.txt").symlink_to("nowhere")
    (tmp_path / "without").mkdir()
    return tmp_path


def test_what_is_found_is_what_is_read(folder: Path) -> None:
    inputs = [folder / "in", folder / "without", folder / "missing.txt", "", folder / "in" / "a.txt"]
    read = list(read_documents(inputs))
    assert len(read) > 20
    found = [document for spot in find_documents(inputs) for document in read_location(spot)]
    assert list(map(told, found)) == list(map(told, read))


def test_patterns_lists_and_several_letters_in_a_file(folder: Path) -> None:
    def starts(text: str, page_breaks: Sequence[int]) -> Sequence[int]:
        return [text.index("Another")] if "A letter. Another" in text else ()

    (folder / "two.txt").write_text("A letter. Another one.")
    (folder / "list.csv").write_text("path,id\ntwo.txt,mine\nin/a.txt,\nin/gone.txt,lost\n")
    inputs = [folder / "list.csv", f"{folder}/in/*.txt", f"{folder}/no*such"]
    read = list(read_documents(inputs, letter_starts=starts))
    assert [document.id for document in read][:4] == ["mine#1", "mine#2", "a", "lost"]
    found = [document for spot in find_documents(inputs) for document in read_location(spot, letter_starts=starts)]
    assert list(map(told, found)) == list(map(told, read))


@pytest.mark.parametrize("name", ["letters.zip", "letters.tar", "letters.tgz", "a.eml"])
def test_an_archive_is_to_be_unpacked(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A letter.")
    if name.endswith(".eml"):
        (tmp_path / name).write_text("From: a@b.c\nSubject: x\n\nA letter.\n")
    else:
        form = {"zip": "zip", "tar": "tar", "tgz": "gztar"}[name.partition(".")[2]]
        made = shutil.make_archive(str(tmp_path / "made"), form, tmp_path, "a.txt")
        Path(made).rename(tmp_path / name)
    with pytest.raises(UsageError) as raised:
        list(find_documents([tmp_path / name]))
    assert raised.value.hint == "Unpack it first."


def told(document: object) -> str:
    return repr(document) + (document.text if isinstance(document, Document) else str(getattr(document, "error", "")))


def test_a_row_whose_file_is_gone_is_unreadable_and_keeps_its_id(folder: Path) -> None:
    (spot, *_) = find_documents([folder / "in" / "crlf.jsonl"])
    (folder / "in" / "crlf.jsonl").unlink()
    (gone,) = read_location(spot)
    assert gone.id == "r"
    assert "does not exist" in str(getattr(gone, "error", ""))


def test_what_can_be_read_only_once_has_no_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input"):
        list(find_documents(["-"]))
    reading, writing = os.pipe()
    try:
        os.write(writing, b"A letter.")
        os.close(writing)
        with pytest.raises(UsageError, match=r"/dev/fd"):
            list(find_documents([f"/dev/fd/{reading}"]))
    finally:
        os.close(reading)
