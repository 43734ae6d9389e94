"""From named inputs to documents: files, folders, standard input; and one reason for each that is none."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pytest

from imrllm.documents import Document, Shard, Unreadable, file_reader, letter_file, read_documents
from imrllm.documents.pdf import MAX_PDF, PdfText
from imrllm.documents.text import MAX_TEXT
from imrllm.errors import DocumentError, UsageError

MakePdf = Callable[[Sequence[str | None]], bytes]


def read(*inputs: str | Path, stdin: bytes = b"") -> list[Document | Unreadable]:
    return list(read_documents(inputs, stdin=BytesIO(stdin)))


def ids(outcomes: Iterable[Document | Unreadable]) -> list[str]:
    return [outcome.id for outcome in outcomes]


def refused(*inputs: str | Path, stdin: bytes = b"") -> Unreadable:
    (outcome,) = read(*inputs, stdin=stdin)
    assert isinstance(outcome, Unreadable)
    assert outcome.error.hint
    return outcome


def test_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "CM16-0000001.txt"
    path.write_bytes(b"One\r\ntwo.")
    assert read(path) == [
        Document("CM16-0000001", "One\r\ntwo.", hashlib.sha256(b"One\r\ntwo.").hexdigest(), str(path))
    ]


def test_a_pdf(tmp_path: Path, make_pdf: MakePdf) -> None:
    path = tmp_path / "letter.v2.PDF"
    path.write_bytes(make_pdf(["One.", "Two."]))
    (document,) = read(str(path))
    assert isinstance(document, Document)
    assert (document.id, document.text, document.page_breaks) == ("letter.v2", "One.\n\nTwo.\n", (6,))
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "id", "reason"),
    [
        ("letter", b"Text.", "letter", "no suffix: text"),
        ("letter.md", b"Text.", "letter", "another suffix: text"),
        ("rows.ndjson", b'{"id": "a", "text": "Text."}\n', "a", "rows under another suffix"),
        ("letter.txt", b'{"id": "a", "text": "Text."}\n', "letter", "a text file is a text, whatever it begins with"),
    ],
)
def test_a_file_named_by_itself_is_read_by_its_content(
    tmp_path: Path, name: str, content: bytes, id: str, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (document,) = read(tmp_path / name)
    assert isinstance(document, Document), reason
    assert document.id == id


@pytest.mark.parametrize("name", ["letter", "letter.txt", "letter.bin"])
def test_a_pdf_under_another_name_is_a_pdf(tmp_path: Path, make_pdf: MakePdf, name: str) -> None:
    (tmp_path / name).write_bytes(make_pdf(["One."]))
    (document,) = read(tmp_path / name)
    assert isinstance(document, Document)
    assert document.text == "One.\n"


def test_a_folder_is_read_with_its_folders_in_order(tmp_path: Path, make_pdf: MakePdf) -> None:
    for name in (
        "b.txt",
        "a/z.txt",
        "a/.hidden.txt",
        "._b.txt",
        ".git/config.txt",
        "c.png",
        "d.csv",
        "Readme",
        "a/y/x.TXT",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Text.")
    (tmp_path / "rows.jsonl").write_text('{"id": "r", "text": "Text."}\n{"text": "Text."}\n')
    (tmp_path / "a" / "p.pdf").write_bytes(make_pdf(["One."]))
    outcomes = read(tmp_path)
    assert all(isinstance(outcome, Document) for outcome in outcomes)
    assert ids(outcomes) == ["p", "x", "z", "b", "r", "rows-2"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_links_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.txt").write_text("Text.")
    (folder / "a.txt").write_text("Text.")
    (folder / "linked").symlink_to(tmp_path / "other")
    (folder / "round").symlink_to(folder)
    (folder / "z.txt").symlink_to(tmp_path / "gone.txt")
    outcomes = read(folder)
    assert ids(outcomes) == ["a", "b", "z"], "a link is followed once, never in a circle"
    assert "does not exist" in str(getattr(outcomes[2], "error", ""))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never.txt")
    (tmp_path / "a.txt").write_text("Text.")
    assert ids(read(tmp_path)) == ["a"]


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no `/dev/fd` there")
def test_a_pipe_named_by_itself_is_read(tmp_path: Path) -> None:
    out, into = os.pipe()
    os.write(into, b"Text.")
    os.close(into)
    (document,) = read(f"/dev/fd/{out}")
    os.close(out)
    assert isinstance(document, Document)
    assert document.text == "Text."


def test_standard_input(make_pdf: MakePdf) -> None:
    (text,) = read("-", stdin=b"Text.")
    (pdf,) = read("-", stdin=make_pdf(["One."]))
    rows = read("-", stdin=b'\n {"id": "a", "text": "One."}\n{"text": "Two."}\n')
    assert isinstance(text, Document)
    assert isinstance(pdf, Document)
    assert (text.id, text.text, text.source) == ("stdin", "Text.", "standard input")
    assert (pdf.id, pdf.text) == ("stdin", "One.\n")
    assert ids(rows) == ["a", "stdin-3"]
    assert rows[1].source == "standard input:3"
    assert "`standard input` is empty" in str(refused("-").error)


def test_ids_are_unique_and_the_same_each_time(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f'{{"id": "{name}", "text": "Text."}}\n' for name in ("a", "a", "a~2", "a", "b", "a~2")))
    (tmp_path / "a.txt").write_text("Text.")
    outcomes = read(rows, tmp_path / "a.txt", tmp_path / "gone" / "a.txt")
    assert ids(outcomes) == ["a", "a~2", "a~2~2", "a~3", "b", "a~2~3", "a~4", "a~5"]
    assert len(set(ids(outcomes))) == 8


def test_bad_inputs_among_good_ones_are_one_row_each(tmp_path: Path, make_pdf: MakePdf) -> None:
    whole = make_pdf(["One.", "Two."])
    contents = {
        "a-good.txt": b"Text.",
        "b-empty.txt": b"",
        "c-empty.pdf": b"",
        "d-empty.jsonl": b"",
        "e-binary.txt": bytes(range(256)),
        "f-page.pdf": b"<html>404</html>",
        "g-cut.pdf": whole[: len(whole) // 2],
        "h-scan.pdf": make_pdf([None]),
        "i-foreign.txt": "30\u00b0 ".encode() + b"\xff",
        "j-large.txt": b"x" * (MAX_TEXT + 1),
        "k-good.pdf": whole,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    outcomes = read(tmp_path, tmp_path / "missing.txt")
    assert ids(outcomes) == [name.rpartition(".")[0] for name in contents] + ["missing"]
    for outcome in outcomes:
        if "good" in outcome.id:
            assert isinstance(outcome, Document)
            continue
        assert isinstance(outcome, Unreadable)
        assert isinstance(outcome.error, DocumentError)
        message, hint = str(outcome.error), outcome.error.hint
        assert message.startswith(f"`{outcome.source}` ")
        assert hint.endswith(".")
        assert message.endswith(".")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000, "\ud800"])
def test_names_that_no_file_can_have(name: str) -> None:
    assert refused(name).id.encode()


def test_a_folder_with_nothing_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "letters.2016"
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"\x89PNG")
    assert refused(folder).id == "letters.2016"
    assert "contains no files that can be letters" in str(refused(folder).error)
    monkeypatch.chdir(folder)
    assert refused(".").id == "letters.2016"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/*.txt", ["a", "b"]),
        ("in/**/*.txt", ["a", "b", "x"]),
        ("in/**", ["a", "b", "x"]),
        ("*/deep", ["x"]),
        ("in/[b-c].txt", ["b"]),
        ("in/[[]1].txt", ["[1]"]),
        ("in/[1].txt", ["[1]"]),
    ],
)
def test_a_pattern_that_no_shell_expanded(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    for name in ("in/a.txt", "in/b.txt", "in/deep/x.txt", *(["in/[1].txt"] if "1" in pattern else [])):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Text.")
    assert ids(read(str(tmp_path / pattern))) == expected


def test_a_pattern_that_matches_nothing(tmp_path: Path) -> None:
    outcome = refused(str(tmp_path / "*.pdf"))
    assert outcome.id == "*"
    assert "matches no files" in str(outcome.error)


def test_an_address_needs_leave() -> None:
    with pytest.raises(UsageError, match="downloads are off") as raised:
        read_documents(["https://user:secret@letters.test/a.pdf?key=secret"])
    assert "secret" not in str(raised.value)
    assert "--allow-network" in raised.value.hint


def test_what_lies_at_an_address() -> None:
    def fetch(address: str) -> tuple[str, bytes]:
        if address.endswith("gone"):
            raise DocumentError("`gone` answers 404.", hint="Check the address.")
        return "a.html", b"<p>Text."

    given = ["https://user:secret@letters.test/a?key=secret", "HTTP://letters.test/gone"]
    page, gone = read_documents(given, fetch=fetch)
    assert isinstance(page, Document)
    assert (page.id, page.text, page.source) == ("a", "Text.\n", "https://letters.test/a")
    assert isinstance(gone, Unreadable)
    assert gone.id == "gone"


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path, mode: str) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").write_text("Text.")
    monkeypatch.setattr(Path, "open", denied)
    outcome = refused(tmp_path)
    assert outcome.id == "a"
    assert "permission denied" in str(outcome.error)
    assert "chmod" in outcome.error.hint


def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    assert "cannot be opened (Permission denied)" in str(refused(tmp_path).error)


def test_endless_standard_input_is_cut_off() -> None:
    class Endless(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            assert 0 < size <= MAX_PDF
            return b"x" * size

    (outcome,) = read_documents(["-"], stdin=Endless())
    assert isinstance(outcome, Unreadable)
    assert "too large" in str(outcome.error)


def test_documents_come_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    read_stream = file_reader.FileReader.read

    def watched(self: file_reader.FileReader, stream: BinaryIO, place: letter_file.Place) -> file_reader.Found:
        opened.append(place.stem)
        return read_stream(self, stream, place)

    monkeypatch.setattr(file_reader.FileReader, "read", watched)
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text("Text.")
    stream = read_documents([tmp_path])
    next(stream)
    assert opened == ["a"]


def test_a_text_at_hand() -> None:
    document = Document.from_text("Text.", "a")
    assert document == Document("a", "Text.", hashlib.sha256(b"Text.").hexdigest(), "text")
    with pytest.raises(DocumentError, match="`a` is empty"):
        Document.from_text(" ", "a")


def test_importing_the_room_does_not_import_pypdf() -> None:
    check = "import sys, imrllm.documents; sys.exit('pypdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_real_letters(repository: Path) -> None:
    folder = repository.parent / "shared" / "determinations"
    if not folder.is_dir():
        pytest.skip("`../shared/determinations` is not here")
    outcomes = read(folder)
    documents = [outcome for outcome in outcomes if isinstance(outcome, Document)]
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Unreadable)] == []
    assert sum(document.source.endswith(".pdf") for document in documents) == 90
    assert sum(document.source.endswith(".txt") for document in documents) == 5
    assert all(document.page_breaks for document in documents if document.source.endswith(".pdf"))
    assert all("IMR" in document.text for document in documents)


def test_a_file_of_another_shard_is_not_read(
    tmp_path: Path, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        (tmp_path / f"{number}.pdf").write_bytes(make_pdf([f"Letter {number}."]))
    parsed: list[str] = []
    pdf_text = letter_file.pdf_text

    def watched(data: bytes, *, name: str, ocr: bool) -> PdfText:
        parsed.append(name)
        return pdf_text(data, name=name, ocr=ocr)

    monkeypatch.setattr(letter_file, "pdf_text", watched)
    part = list(read_documents([tmp_path], shard=Shard(1, 3)))
    assert 0 < len(part) < 9
    assert parsed == [document.source for document in part]


def test_ids_are_those_of_a_run_of_all(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"id": "a", "text": "Row a."}\n{"id": "x", "text": "Row x."}\n')
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        for name in "abc":
            (tmp_path / folder / f"{name}.txt").write_text(f"Letter {name} of {folder}.")
    whole = read(tmp_path)
    shards = [list(read_documents([tmp_path], shard=Shard(number, 4))) for number in range(1, 5)]
    assert sorted(chain.from_iterable(shards), key=whole.index) == whole


def test_a_machine_without_the_letters_says_so(tmp_path: Path) -> None:
    for given in ("not here", "not here.txt"):
        for number in (1, 2, 3):
            (outcome,) = read_documents([tmp_path / given], shard=Shard(number, 3))
            assert isinstance(outcome, Unreadable)
