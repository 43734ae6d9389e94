"""CSV and TSV tables: one document or one reason each row, with the columns that the user names."""

from __future__ import annotations

import codecs
import json
import tracemalloc
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest

from imrllm.documents import (
    Columns,
    Document,
    Shard,
    Unreadable,
    find_documents,
    read_documents,
    read_location,
    tables,
)
from imrllm.documents.tables import find_table_rows

REVIEWS = Columns("Findings", "ReferenceID", "Determination")
HEADER = "ReferenceID,Year,Determination,Findings\r\n"


def read(
    data: bytes, columns: Columns = REVIEWS, *, suffix: str = ".csv", head: int = 0
) -> list[Document | Unreadable]:
    stream = BytesIO(data)
    rows = find_table_rows(
        stream, stem="reviews", source="reviews.csv", suffix=suffix, head=stream.read(head), columns=columns
    )
    return [document for _, _, document in rows]


def texts(found: list[Document | Unreadable]) -> list[str]:
    assert all(isinstance(each, Document) for each in found), [each for each in found if isinstance(each, Unreadable)]
    return [each.text for each in found if isinstance(each, Document)]


def errors(found: list[Document | Unreadable]) -> list[str]:
    return [str(each.error) for each in found if isinstance(each, Unreadable)]


def test_a_row_is_a_document_with_its_outcome() -> None:
    rows = HEADER + 'MN16-1,2016,Upheld,"One, with a ""quote""\r\nand a line."\r\n\r\n,2016,,Two.\r\n,,,\r\n'
    first, second = read(rows.encode())
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.id == "MN16-1"
    assert first.text == 'One, with a "quote"\r\nand a line.\n\nDetermination: Upheld'
    assert first.outcome is not None
    assert first.text[slice(*first.outcome)] == "Upheld"
    assert first.source == "reviews.csv:2"
    assert (second.id, second.text, second.outcome, second.source) == ("reviews-5", "Two.", None, "reviews.csv:5")


def test_the_outcome_is_part_of_what_the_digest_shows() -> None:
    upheld, overturned = read((HEADER + "a,1,Upheld,One.\nb,1,Overturned,One.\n").encode())
    assert isinstance(upheld, Document)
    assert isinstance(overturned, Document)
    assert upheld.sha256 != overturned.sha256


@pytest.mark.parametrize(
    ("suffix", "sign"), [(".csv", ","), (".csv", ";"), (".csv", "\t"), (".tsv", "\t"), ("", ","), ("", "\t")]
)
def test_the_delimiter_is_the_one_of_the_header(suffix: str, sign: str) -> None:
    table = sign.join(("ReferenceID", "Findings", "Determination")) + "\n" + sign.join(("a", '"x, y; z"', "")) + "\n"
    assert texts(read(table.encode(), suffix=suffix)) == ["x, y; z"]


@pytest.mark.parametrize(
    "data",
    [
        (HEADER + "a,1,,caf\u00e9 \u2018x\u2019\n").encode(),
        codecs.BOM_UTF8 + (HEADER + "a,1,,caf\u00e9 \u2018x\u2019\n").encode(),
        (HEADER + "a,1,,caf\u00e9 \u2018x\u2019\n").encode("cp1252"),
        (HEADER + "a,1,,caf\u00e9 \u2018x\u2019\n").encode("utf-16"),
        codecs.BOM_UTF16_BE + (HEADER + "a,1,,caf\u00e9 \u2018x\u2019\n").encode("utf-16-be"),
    ],
)
@pytest.mark.parametrize("head", [4, 1024])
def test_encodings(data: bytes, head: int) -> None:
    assert texts(read(data, head=head)) == ["caf\u00e9 \u2018x\u2019"]


def test_a_lacking_column_is_one_error_that_lists_the_columns() -> None:
    (why,) = errors(read(b"ReferenceID,Finding,Determination\na,b,c\nd,e,f\n"))
    assert why == ("`reviews.csv` has no column `Findings`. Its columns are `ReferenceID`, `Finding`, `Determination`.")
    (found,) = read(b"Findings,Determination\na,b\n")
    assert isinstance(found, Unreadable)
    assert "no column `ReferenceID`" in str(found.error)
    assert "--text-column" in found.error.hint
    assert "--outcome-column" in found.error.hint


def test_without_an_outcome_column_the_hint_names_none() -> None:
    (found,) = read(b"Findings,Determination\na,b\n", Columns("Finding"))
    assert isinstance(found, Unreadable)
    assert "--text-column" in found.error.hint
    assert "--outcome-column" not in found.error.hint


def test_an_error_never_quotes_a_table_without_header() -> None:
    secret = "The patient, a man of 41 years, asked for " + "care " * 20
    (why,) = errors(read(f'a,"{secret}"\nb,"{secret}"\n'.encode()))
    assert "man of 41" not in why
    assert "is its first line a header" in why


def test_a_row_without_end_is_refused_and_reading_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROW", 1000)
    long = 'b,1,,"' + "x\n" * 600
    found = read(f"{HEADER}a,1,,One.\n{long}c,1,,Three.\n".encode())
    assert isinstance(found[0], Document)
    assert isinstance(found[-1], Document)
    assert "is larger than 1,000 bytes" in errors(found)[0]
    found = read(f"{HEADER}a,1,,{'x' * 5000}\nc,1,,Three.\n".encode())
    assert [type(each) for each in found] == [Unreadable, Document]


def test_a_header_alone_and_a_header_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no rows" in errors(read(HEADER.encode()))[0]
    monkeypatch.setattr(tables, "MAX_HEADER", 1000)
    assert "header of more than 1,000 bytes" in errors(read(b"a," * 1000 + b"\nx\n"))[0]


class _Rows(RawIOBase):
    """A table of 200 MB that is made as it is read."""

    def __init__(self) -> None:
        self._parts = self._made()
        self._rest = b""

    def _made(self) -> Iterator[bytes]:
        yield HEADER.encode()
        row = b'x,1,,"' + b"words and\n" * 1000 + b'"\n'
        for _ in range(20_000):
            yield row

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._parts, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def test_memory_does_not_grow_with_the_table() -> None:
    from io import BufferedReader

    rows = find_table_rows(BufferedReader(_Rows()), stem="r", source="r.csv", suffix=".csv", columns=REVIEWS)
    for _ in range(100):
        next(rows)
    tracemalloc.start()
    for _ in range(300):
        next(rows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


@pytest.fixture(params=["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    rows = 'a,1,Upheld,"One \u00e9\nand more"\nb,1\n,1,Overturned,Three \u2019.\na,1,,Four.\n'
    path.write_bytes((HEADER + rows).encode(request.param))
    return path


def test_locations_find_each_row_again(table: Path) -> None:
    expected = list(read_documents(table, columns=REVIEWS))
    assert [each.id for each in expected] == ["a", "reviews-4", "reviews-5", "a~2"]
    found = [
        document
        for location in find_documents([table], columns=REVIEWS)
        for document in read_location(location, columns=REVIEWS)
    ]
    # Errors are compared by their words.
    assert [str(getattr(each, "error", each)) for each in found] == [
        str(getattr(each, "error", each)) for each in expected
    ]
    assert [each for each in found if isinstance(each, Document)] == [
        each for each in expected if isinstance(each, Document)
    ]


def test_shards_have_each_row_once(table: Path) -> None:
    parts = [list(read_documents(table, shard=Shard(number, 3), columns=REVIEWS)) for number in (1, 2, 3)]
    ids = sorted(each.id for part in parts for each in part)
    assert ids == ["a", "a~2", "reviews-4", "reviews-5"]


def test_a_table_with_a_column_text_needs_no_name(tmp_path: Path) -> None:
    for name, sign in (("letters.csv", ","), ("letters.tsv", "\t")):
        (tmp_path / name).write_text(sign.join(("id", "text")) + "\n" + sign.join(("a", "One.")) + "\n")
        (document,) = read_documents(tmp_path / name)
        assert isinstance(document, Document)
        assert (document.id, document.text) == ("a", "One.")


def test_a_list_is_a_table_if_its_text_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("path,Findings\nx.txt,One.\n")
    (document,) = read_documents(path, columns=Columns("Findings"))
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("reviews-2", "One.")


def test_standard_input_is_a_table_if_a_column_is_named() -> None:
    (document,) = read_documents("-", stdin=BytesIO((HEADER + "a,1,,One.\n").encode()), columns=REVIEWS)
    assert isinstance(document, Document)
    assert document.text == "One."


def test_a_folder_is_read_without_its_tables(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.")
    (tmp_path / "reviews.csv").write_text(HEADER + "b,1,,Two.\n")
    assert [each.id for each in read_documents(tmp_path, columns=REVIEWS)] == ["a"]


def test_jsonl_has_the_same_columns(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    rows: list[object] = [
        {"ReferenceID": "a", "Findings": "One.", "Determination": "Upheld"},
        {"ReferenceID": 7, "Findings": "Two.", "Determination": None},
        {"ReferenceID": "c", "Finding": "Three.", "Determination": "Upheld"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    first, second, third = read_documents(path, columns=REVIEWS)
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert isinstance(third, Unreadable)
    assert (first.id, first.text) == ("a", "One.\n\nDetermination: Upheld")
    assert (second.id, second.text, second.outcome) == ("7", "Two.", None)
    assert "lacks `Findings`. Its fields are `ReferenceID`, `Finding`, `Determination`." in str(third.error)
    found = [
        document
        for location in find_documents([path], columns=REVIEWS)
        for document in read_location(location, columns=REVIEWS)
    ]
    assert found[:2] == [first, second]
