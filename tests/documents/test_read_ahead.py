"""Files that are read ahead of their turn: the documents, ids and order of reading one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from imrllm.documents import Document, Shard, Unreadable, read_ahead, read_documents
from imrllm.documents.letter_file import FileText, LetterFile, ReadHere
from tests.documents.made import tarred, zipped


def starts(text: str, page_breaks: Sequence[int]) -> list[int]:
    """Letters begin at each `%`, but for the first."""
    return [place for place, character in enumerate(text) if place and character == "%"]


class Ahead:
    """Reads files ahead, the last of those that wait first."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        self.under_way: dict[int, LetterFile] = {}
        self.most = 0
        self._done: dict[int, FileText | Unreadable] = {}
        self._started = 0

    def start(self, file: LetterFile) -> Callable[[], FileText | Unreadable]:
        """Keep a file for later."""
        self._started += 1
        number = self._started
        self.under_way[number] = file
        self.most = max(self.most, len(self.under_way))

        def outcome() -> FileText | Unreadable:
            for waiting in sorted(self.under_way, reverse=True):
                self._done[waiting] = ReadHere(starts).read(self.under_way.pop(waiting))
            return self._done.pop(number)

        return outcome


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files with the same names, several letters, faults, rows, archives, and names that letters of a file have."""
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "a.txt").write_text("%one%two")
    (letters / "a#1.txt").write_text("A name as the first letter of `a` has.")
    (letters / "b#2.txt").write_text("A name as a later letter has.")
    (letters / "b.txt").write_text("%one%two%three")
    (letters / "empty.txt").write_text("")
    (letters / "rows.jsonl").write_text('{"id": "b#3", "text": "Row."}\n{"id": "c", "text": "Row."}\n')
    (letters / "rows2.jsonl").write_text('{"id": "in.zip#1", "text": "Row."}\n')
    (letters / "gone.txt").symlink_to(tmp_path / "nowhere")
    (letters / "in.zip").write_bytes(zipped({"a.txt": b"In a zip.", "a.pdf": b"%PDF-broken", "d.txt": b"%d%e"}))
    (letters / "in.tar").write_bytes(tarred({"d#1.txt": b"Taken.", "e.txt": b"E.", "f.html": b"<html>F.</html>"}))
    for name in ("one", "two"):
        (letters / name).mkdir()
        (letters / name / "a.txt").write_text(f"%{name}%again")
        (letters / name / "z.txt").write_text(f"Letter z of {name}.")
    return letters


def described(documents: list[Document | Unreadable]) -> list[tuple[str, str, str]]:
    return [(each.id, each.source, each.text if isinstance(each, Document) else str(each.error)) for each in documents]


@pytest.mark.parametrize("shard", [None, Shard(1, 3), Shard(2, 3), Shard(3, 3)])
@pytest.mark.parametrize("ahead", [1, 3, 100])
def test_documents_ids_and_order_are_those_of_reading_one_by_one(folder: Path, ahead: int, shard: Shard | None) -> None:
    inputs = [folder, folder / "a.txt", folder / "none.txt"]
    alone = list(read_documents(inputs, letter_starts=starts, shard=shard))
    assert len(alone) > 4
    reading = Ahead(ahead)
    assert described(list(read_documents(inputs, letter_starts=starts, shard=shard, reading=reading))) == described(
        alone
    )
    assert shard or reading.most > 1, "files were read ahead"
    assert reading.most <= ahead + 1


def test_files_are_read_ahead_no_further_than_asked(folder: Path) -> None:
    reading = Ahead(2)
    next(read_documents([folder / "two", folder], reading=reading))
    assert len(reading.under_way) <= 2


def test_bytes_that_wait_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_ahead, "MAX_PDF", 1000)
    (tmp_path / "a.zip").write_bytes(zipped({f"{name}.txt": b"x" * 400 for name in range(20)}))
    reading = Ahead(100)
    assert len(list(read_documents(tmp_path / "a.zip", reading=reading))) == 20
    assert reading.most == 3


def test_rows_do_not_wait_for_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "Row."}\n')
    for name in "bcd":
        (tmp_path / f"{name}.txt").write_text("Text.")
    reading = Ahead(100)
    assert next(read_documents(tmp_path, reading=reading)).id == "a"
    assert not reading.under_way
