"""Archives: what is in them, one after another; and what hostile ones cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from io import BytesIO
from itertools import chain
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from imrllm.documents import Document, Shard, Unreadable, file_reader, letter_file, read_documents
from imrllm.documents.archives import Allowance, zip_members
from tests.documents.made import docx, mail, tarred, zipped


def read(path: Path) -> list[Document | Unreadable]:
    return list(read_documents([path]))


def told(outcomes: Sequence[Document | Unreadable]) -> dict[str, str]:
    """By id, the text or why there is none."""
    return {each.id: each.text.strip() if isinstance(each, Document) else str(each.error) for each in outcomes}


FILES = {
    "b/one.txt": b"One.",
    "a/two.docx": docx("Two."),
    "a/.hidden.txt": b"No.",
    "__MACOSX/b/one.txt": b"No.",
    "picture.png": b"\x89PNG",
    "again/one.txt": b"Again.",
    "rows.jsonl": b'{"id": "r", "text": "Row."}\n{"text": "Row."}\n',
}
EXPECTED = {"one": "One.", "two": "Two.", "one~2": "Again.", "r": "Row.", "rows-2": "Row."}


@pytest.mark.parametrize("packing", ["zip", "", "gz", "bz2", "xz"])
def test_an_archive_is_read_like_a_folder(tmp_path: Path, packing: str) -> None:
    path = tmp_path / ("letters.zip" if packing == "zip" else f"letters.tar.{packing}".rstrip("."))
    path.write_bytes(zipped(FILES) if packing == "zip" else tarred(FILES, packing))
    outcomes = read(path)
    assert told(outcomes) == EXPECTED
    assert outcomes[0].source == f"{path}/b/one.txt"
    assert told(list(read_documents(["-"], stdin=BytesIO(path.read_bytes())))) == EXPECTED
    assert list(tmp_path.iterdir()) == [path], "nothing is unpacked to disk"
    path.rename(tmp_path / "letters")
    assert told(read(tmp_path / "letters")) == EXPECTED, "by its content"


def test_files_of_an_archive_come_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    whole = file_reader.file_bytes

    def watched(stream: object, head: bytes, kind: object, place: letter_file.Place) -> bytes:
        opened.append(place.stem)
        return whole(stream, head, kind, place)  # type: ignore[arg-type]

    monkeypatch.setattr(file_reader, "file_bytes", watched)
    for path, data in ((tmp_path / "a.zip", zipped), (tmp_path / "b.tar", tarred)):
        opened.clear()
        path.write_bytes(data({f"{name}.txt": b"Text." for name in "abc"}))
        next(read_documents([path]))
        assert opened == ["a"]


def test_shards_share_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({f"{number}.txt": b"Text." for number in range(20)}))
    parts = [[each.id for each in read_documents([tmp_path / "a.zip"], shard=Shard(part, 3))] for part in (1, 2, 3)]
    assert all(parts)
    assert sorted(chain.from_iterable(parts)) == sorted(str(number) for number in range(20))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no `/dev/zero` there")
def test_what_never_ends(tmp_path: Path) -> None:
    (outcome,) = read(Path("/dev/zero"))
    assert isinstance(outcome, Unreadable)


def damaged_copies(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Copies that are cut short, or have a bit flipped, bytes removed, or bytes zeroed."""
    random = Random(seed)
    for number in range(count):
        at = random.randrange(100, len(data))
        copy = bytearray(data)
        if number % 4 == 0:
            del copy[at:]
        elif number % 4 == 1:
            copy[at] ^= 1 << random.randrange(8)
        elif number % 4 == 2:
            del copy[at : at + random.randrange(1, 2000)]
        else:
            copy[at : at + 1024] = bytes(len(copy[at : at + 1024]))
        yield bytes(copy)


LONG = {f"{name}.txt": f"Letter {name}. ".encode() * 60 for name in "abcdef"}


@pytest.mark.parametrize("packing", ["", "gz", "xz"])
def test_no_letter_of_a_damaged_tar_is_lost_in_silence(tmp_path: Path, packing: str) -> None:
    path = tmp_path / f"letters.tar.{packing}".rstrip(".")
    lost = 0
    for copy in damaged_copies(tarred(LONG, packing), seed=4, count=200):
        path.write_bytes(copy)
        outcomes = read(path)
        letters = [each for each in outcomes if isinstance(each, Document)]
        lost += len(letters) < len(LONG)
        assert len(letters) == len(LONG) or len(outcomes) > len(letters)
    assert lost > 20


def test_a_whole_mail_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail("See.", LONG))
    assert list(told(read(tmp_path / "a.eml"))) == list("abcdef")


def test_an_attachment_that_is_no_letters_file_is_passed_over_not_in_silence(tmp_path: Path) -> None:
    message = EmailMessage()
    message.set_content("Text.")
    message.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream")
    message.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="signature.asc")
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    noted: list[str] = []
    (document,) = read_documents([path], note=lambda name, remark: noted.append(name))
    assert isinstance(document, Document), "the mail's own text"
    assert noted == [f"{path}/winmail.dat", f"{path}/attachment-3"]


@pytest.mark.parametrize(("count", "after"), [(3, b"\n"), (65_535, b""), (65_537, b"")])
def test_a_zip_with_many_entries_or_a_line_end_behind_it_is_whole(count: int, after: bytes) -> None:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", b"")
    with ZipFile(BytesIO(made.getvalue() + after)) as archive:
        assert sum(1 for _ in zip_members(archive, Allowance(1))) == count
