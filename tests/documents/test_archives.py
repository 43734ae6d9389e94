"""Archives: what is in them, one after another; and what hostile ones cannot do."""

from __future__ import annotations

import gzip
import os
import tarfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from io import BytesIO
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from imrllm.documents import Document, Shard, Unreadable, file_reader, letter_file, read_documents
from imrllm.documents.archives import MAX_DEPTH
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


def test_archives_within_one_another(tmp_path: Path) -> None:
    path = tmp_path / "letters.zip"
    path.write_bytes(zipped({"a.tgz": tarred({"b.eml": mail("See.", {"c.docx": docx("Text.")})}, "gz")}))
    (document,) = read(path)
    assert (document.id, document.source) == ("c", f"{path}/a.tgz/b.eml/c.docx")


def test_archives_without_end(tmp_path: Path) -> None:
    inner = zipped({"a.txt": b"Text."})
    for depth in range(100):
        inner = zipped({"good.txt": b"Text.", f"{depth}.zip": inner})
    (tmp_path / "deep.zip").write_bytes(inner)
    outcomes = read(tmp_path / "deep.zip")
    assert len(outcomes) == MAX_DEPTH + 1
    assert f"in {MAX_DEPTH} archives" in str(getattr(outcomes[-1], "error", ""))


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "..\\..\\evil.txt", "C:\\evil.txt", "a/../../evil.txt"]
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_lead_nowhere(tmp_path: Path, pack: object, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a").write_bytes(pack({name: b"Text."}))  # type: ignore[operator]
    (document,) = read(folder / "a")
    assert document.id == "evil"
    assert ".." not in document.source
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a"]


def test_names_print_nothing_but_signs(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a\x1b[2J\nb.txt": b""}))
    (outcome,) = read(tmp_path / "a.zip")
    assert outcome.id.isprintable()
    assert outcome.source.isprintable()


def test_links_and_devices_in_a_tar(tmp_path: Path) -> None:
    def entry(name: str, kind: bytes) -> tarfile.TarInfo:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        return info

    kinds = {"s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "c": tarfile.CHRTYPE, "f": tarfile.FIFOTYPE}
    entries: dict[str, bytes | tarfile.TarInfo] = {name: entry(f"{name}.txt", kind) for name, kind in kinds.items()}
    (tmp_path / "a.tar").write_bytes(tarred({**entries, "good.txt": b"Text."}))
    outcomes = told(read(tmp_path / "a.tar"))
    assert outcomes.pop("good") == "Text."
    assert set(outcomes) == set(kinds)
    assert all("link or a device" in why for why in outcomes.values())


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "link or a device" in told(read(tmp_path / "a.zip"))["a"]


def test_a_password_closes_one_file(tmp_path: Path) -> None:
    data = bytearray(zipped({"closed.txt": b"Text.", "open.txt": b"Text."}))
    # The flag of the first file, where it stands and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    outcomes = told(read(tmp_path / "a.zip"))
    assert "password" in outcomes["closed"]
    assert outcomes["open"] == "Text."


@pytest.mark.parametrize("pack", ["zip", "tar", "tgz"])
def test_what_breaks_off_loses_nothing_before_it(tmp_path: Path, pack: str) -> None:
    files = {f"{number}.txt": os.urandom(30_000).hex().encode() for number in range(9)}
    data = zipped(files) if pack == "zip" else tarred(files, "gz" if pack == "tgz" else "")
    path = tmp_path / f"a.{pack}"
    path.write_bytes(data[: len(data) // 2])
    outcomes = read(path)
    assert outcomes
    assert isinstance(outcomes[-1], Unreadable)
    assert "damaged or truncated" in str(outcomes[-1].error)
    if pack != "zip":
        # A zip's directory stands at its end.
        assert sum(isinstance(each, Document) for each in outcomes) >= 3


def test_one_damaged_file_in_a_zip(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"Text of a letter.", "b.txt": b"Text."}))
    data[data.index(b"a.txt") + 8] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    outcomes = told(read(tmp_path / "a.zip"))
    assert "damaged" in outcomes["a"]
    assert outcomes["b"] == "Text."


def test_an_archive_of_no_letter(tmp_path: Path) -> None:
    for name, data in {"a.zip": zipped({}), "b.tar": tarred({"x.png": b""}), "c.gz": gzip.compress(b"Text.")}.items():
        (tmp_path / name).write_bytes(data)
        (outcome,) = read(tmp_path / name)
        assert isinstance(outcome, Unreadable)
        assert outcome.error.hint


def bomb(path: Path, files: int, megabytes: int) -> None:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(files):
                with archive.open(f"{number}.txt", "w", force_zip64=True) as file:
                    for _ in range(megabytes):
                        file.write(b"a" * 1_000_000)
        return
    with gzip.open(path, "wb", compresslevel=1) as packed:
        info = tarfile.TarInfo("0.txt")
        info.size = megabytes * 1_000_000
        packed.write(info.tobuf())
        for _ in range(megabytes):
            packed.write(bytes(1_000_000))


@pytest.mark.parametrize(("name", "files", "megabytes"), [("a.zip", 1, 400), ("b.zip", 60, 4), ("c.tgz", 1, 400)])
def test_bombs_are_put_out(tmp_path: Path, name: str, files: int, megabytes: int) -> None:
    bomb(tmp_path / name, files, megabytes)
    started = time.process_time()
    outcomes = read(tmp_path / name)
    assert time.process_time() - started < 20
    last = outcomes[-1]
    assert isinstance(last, Unreadable)
    assert "too large" in str(last.error) or "times its size" in str(last.error)
    assert len(outcomes) < 40


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


def test_a_tar_goes_on_behind_a_block_of_zeros(tmp_path: Path) -> None:
    first = tarred({"a.txt": b"Text."}).rstrip(b"\0")
    (tmp_path / "a.tar").write_bytes(first.ljust(2048, b"\0") + tarred({"b.txt": b"Text."}))
    assert list(told(read(tmp_path / "a.tar"))) == ["a", "a~2"]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_mail_that_was_cut_says_so(tmp_path: Path, share: float) -> None:
    data = mail("See.", LONG)
    (tmp_path / "a.eml").write_bytes(data)
    assert len(read(tmp_path / "a.eml")) == len(LONG)
    (tmp_path / "a.eml").write_bytes(data[: int(len(data) * share)])
    outcomes = read(tmp_path / "a.eml")
    assert "damaged or truncated mail" in str(next(each.error for each in outcomes if isinstance(each, Unreadable)))


def test_an_attachment_inside_another_says_so(tmp_path: Path) -> None:
    message = EmailMessage()
    message.set_content("See.")
    message.add_attachment("First.\n", filename="a.txt")
    message.add_attachment("Second.\n", filename="b.txt")
    data = message.as_bytes()
    boundary = b"--" + message.get_boundary("").encode()
    whole, _, last = data.rpartition(boundary + b"\n")
    (tmp_path / "a.eml").write_bytes(whole + b"--\n" + last)
    assert any(isinstance(each, Unreadable) for each in read(tmp_path / "a.eml"))
