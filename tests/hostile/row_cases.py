"""Rows of the table: JSON lines, tables and lists of files."""

from __future__ import annotations

import codecs
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from imrllm.documents import Columns
from imrllm.documents.text import MAX_TEXT
from tests.hostile.cases import FileCase

REVIEWS = Columns("Findings", "ReferenceID", "Determination")
HEADER = "ReferenceID,Year,Determination,Findings\r\n"


def jsonl(name: str, row: bytes | Callable[[], bytes], id: str, said: str) -> FileCase:
    """A bad row of JSON lines between good ones."""

    def make() -> bytes:
        bad = row if isinstance(row, bytes) else row()
        return b'{"id": "a", "text": "One."}\n' + bad + b'\n{"id": "c", "text": "Three."}\n'

    read = {"a": "One.", "c": "Three."}
    return FileCase(f"a row of JSON: {name}", make, "rows.jsonl", read, {id: said}, line=2)


def table(name: str, row: str, id: str, said: str) -> FileCase:
    """A bad row of a table between good ones."""
    make = f"{HEADER}a,1,,One.\n{row}\nc,1,,Three.\n".encode
    read = {"a": "One.", "c": "Three."}
    return FileCase(f"a row of a table: {name}", make, "reviews.csv", read, {id: said}, line=3, columns=REVIEWS)


def whole_table(name: str, data: bytes, said: str) -> FileCase:
    """A table that cannot be read at all."""
    return FileCase(f"a table: {name}", lambda: data, "reviews.csv", refused={"reviews": said}, columns=REVIEWS)


def listing(name: str, text: str, said: str) -> FileCase:
    """A `.csv` that is neither a list of files nor a table of letters."""
    return FileCase(f"a list: {name}", text.encode, "list.csv", refused={"list": said})


def pipe_in_list(path: Path) -> None:
    """Write a list that names a pipe which nobody writes into."""
    os.mkfifo(path.with_name("never.pipe"))
    path.write_text("path\nnever.pipe\n")


def json_lines() -> Iterator[FileCase]:
    """Rows and files of JSON lines."""
    yield jsonl("broken off", b"{", "rows-2", "line 2 is not JSON")
    yield jsonl("no JSON", b"not json", "rows-2", "line 2 is not JSON (column 1)")
    yield jsonl("no object", b'"text"', "rows-2", "line 2 is not a JSON object")
    yield jsonl("no text", b'{"id": "b"}', "b", "line 2 lacks `text`")
    yield jsonl("a number for text", b'{"id": "b", "text": 7}', "b", "line 2 lacks `text`")
    yield jsonl("an empty text", b'{"id": "b", "text": " "}', "b", "`b` is empty")
    yield jsonl("a binary text", b'{"id": "b", "text": "a\\u0000"}', "b", "`b` is binary")
    yield jsonl("a list for id", b'{"id": [1], "text": "One."}', "rows-2", "line 2 has an `id`")
    yield jsonl(
        "a text for id",
        b'{"id": "' + b"a " * 501 + b'", "text": "One."}',
        "rows-2",
        "`id` of more than 1,000 characters",
    )
    yield jsonl("true for id", b'{"id": true, "text": "One."}', "rows-2", "line 2 has an `id`")
    yield jsonl("invalid UTF-8", b'{"id": "b", "text": "\xff"}', "rows-2", "line 2 is not JSON in UTF-8")
    yield jsonl("a number of 5,000 digits", b'{"id": ' + b"9" * 5000 + b"}", "rows-2", "line 2 is not JSON")
    yield jsonl("nested without end", b"[" * 100_000, "rows-2", "line 2 is not JSON")
    yield jsonl(
        "a line of 50 MB",
        lambda: json.dumps({"id": "long", "text": "x" * 50_000_000}).encode(),
        "rows-2",
        "line 2 is too large",
    )
    for name, data in (("nothing", b""), ("blank lines", b"\n \n")):
        yield FileCase(f"JSON lines: {name}", lambda data=data: data, "rows.jsonl", refused={"rows": "is empty"})
    yield FileCase(
        "JSON lines in UTF-16",
        lambda: '{"id": "a", "text": "One."}\n'.encode("utf-16"),
        "rows.jsonl",
        refused={"rows": "UTF-16"},
    )


ROWS: tuple[FileCase, ...] = (
    *json_lines(),
    table("a column is missing", "x,1,", "reviews-3", "line 3 has 3 columns, and the header 4"),
    table("a million columns", "x" + "," * 1_000_000, "reviews-3", "has 1,000,001 columns"),
    table("text after a quote", 'x,1,,"a" b', "reviews-3", "line 3 is not valid CSV"),
    table("an empty text", "x,1,,", "x", "`x` is empty"),
    table("a binary text", "x,1,,a\x00b", "x", "`x` is binary"),
    table("a cell of 5 MB", f"x,1,,{'a' * (MAX_TEXT + 1)}", "x", "`x` is too large"),
    table("a text for id", f"{'a ' * 501},1,,b", "reviews-3", "`ReferenceID` of more than 1,000 characters"),
    table("a long outcome", f"x,1,{'a' * 300},text", "x", "line 3 has a `Determination` that is not a string"),
    FileCase(
        "a table: a quote that is not closed",
        f'{HEADER}a,1,,One.\nb,1,,"Two.\nc,1,,Three.\nd,1,,Four.\n'.encode,
        "reviews.csv",
        {"a": "One."},
        {"reviews-3": "line 3 to 5 is not valid CSV"},
        columns=REVIEWS,
    ),
    whole_table(
        "a column that is needed is missing", b"ReferenceID,Finding,Determination\na,b,c\n", "no column `Findings`"
    ),
    whole_table(
        "a column twice", b"ReferenceID,Findings,Findings,Determination\na,b,c,d\n", "several columns `Findings`"
    ),
    whole_table("nothing", b"", "is empty"),
    whole_table("a blank line", b"\n", "is empty"),
    whole_table("a byte order mark alone", codecs.BOM_UTF16_LE, "is empty"),
    whole_table("a header alone", HEADER.encode(), "has a header but no rows"),
    whole_table("line ends of an old Mac", HEADER.replace("\r\n", "\r").encode() + b"a,1,,One.\r", ""),
    listing("no `path` column", "name,note\na,b\n", "needs one `path` column"),
    listing("two `path` columns", "path,path\na,b\n", "needs one `path` column"),
    listing("no files", "path\n\n", "lists no files"),
    listing("nothing", "", "is empty"),
    FileCase(
        "a list: a cell without end",
        lambda: b'path\n"' + b"x" * 200_000 + b'"\n',
        "list.csv",
        refused={"list-2": "not valid CSV"},
    ),
    FileCase(
        "a list: a pipe that never ends",
        put=pipe_in_list,
        file="list.csv",
        refused={"never.pipe": "is not a file or folder"},
        skipped="" if hasattr(os, "mkfifo") else "no named pipes there",
    ),
)
