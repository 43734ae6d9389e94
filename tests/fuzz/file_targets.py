"""Targets of the readers of files: whatever the bytes, each letter is read, or the reader says why it is not."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from pypdf import PdfReader, PdfWriter

from imrllm.documents import Columns, Document, Unreadable, fold, read_documents, redacted
from imrllm.documents.columns import PLAIN
from imrllm.documents.file_reader import PASSED_OVER
from imrllm.documents.listing import read_list
from imrllm.documents.pdf import intact_text, pdf_text
from imrllm.documents.text import decoded
from imrllm.errors import DocumentError
from imrllm.letter import letter_starts
from tests.documents.made import W, docx, mail, page, pdf, tarred, zipped
from tests.documents.published import published
from tests.fuzz.targets import Target, repeated
from tests.letters import LAYOUTS, THREE, letter

EVALS = Path(__file__).parents[2] / "evals"
# Files of an archive, all of other lengths: no part of one can stand for a part of another.
MEMBERS = {f"{name}.txt": f"Letter {name}. ".encode() * (200 + 7 * number) for number, name in enumerate("abcde")}
REVIEWS = Columns("Findings", "ReferenceID", "Determination")


@cache
def written() -> tuple[bytes, ...]:
    """The letters written for this project, and letters of the tests in each period and layout."""
    texts = [path.read_bytes() for path in sorted((EVALS / "written" / "letters").glob("*.txt"))]
    made = [letter(*THREE, layout=layout) for layout in LAYOUTS.values()]
    made += [letter(*THREE, period="2013"), letter(*THREE, period="2014")]
    return (*texts, *(text.encode() for text in made))


def read(data: bytes, suffix: str, columns: Columns = PLAIN) -> tuple[list[Document], list[Unreadable], int]:
    """The documents of a file's bytes, the reasons for what cannot be read, and how many files were passed over."""
    passed: list[str] = []

    def note(name: str, remark: str) -> None:
        if remark == PASSED_OVER:
            passed.append(name)

    documents, refused = [], []
    for found in read_documents("https://a", fetch=lambda _: (f"a{suffix}", data), columns=columns, note=note):
        if isinstance(found, Unreadable):
            assert found.error.hint, "a refusal without a hint"
            assert len(str(found.error)) < 2_000, "an error that quotes its input"
            refused.append(found)
        else:
            check_document(found)
            documents.append(found)
    assert documents or refused, "neither a letter nor a reason"
    return documents, refused, len(passed)


def check_document(document: Document) -> None:
    """Check what holds for every document."""
    text = document.text
    assert text.strip(), "an empty document"
    text.encode()
    assert all(0 < offset <= len(text) for offset in document.page_breaks)
    assert list(document.page_breaks) == sorted(document.page_breaks)
    if document.outcome:
        start, end = document.outcome
        assert 0 <= start <= end <= len(text)


def kinds(errors: Sequence[Unreadable]) -> str:
    """What errors say, without names and numbers."""
    said = {"".join(sign for sign in str(each.error).rpartition("`")[2] if not sign.isdigit()) for each in errors}
    return " / ".join(sorted(said)[:3])


def reading(suffix: str, columns: Columns = PLAIN) -> Callable[[bytes], str]:
    """The run of a target that reads files of one kind."""

    def run(data: bytes) -> str:
        documents, refused, passed = read(data, suffix, columns)
        return f"{min(len(documents), 9)} read, {min(passed, 3)} passed over, {kinds(refused)}"

    return run


def losing_none(suffix: str, count: int) -> Callable[[bytes], str]:
    """The run of a target for archives of so many letters that are only damaged: what is lost is said."""

    def run(data: bytes) -> str:
        documents, refused, passed = read(data, suffix)
        assert len(documents) + passed >= count or refused, f"{len(documents)} of {count} letters, and no word of it"
        return f"{len(documents)} read, {passed} passed over, {kinds(refused)}"

    return run


def read_text(data: bytes) -> str:
    """Decode a file's bytes, fold the text and mask what identifies a person."""
    try:
        text = decoded(data, name="a")
    except DocumentError as error:
        assert error.hint
        return str(error).partition(" at byte")[0]
    folded = fold(text)
    assert len(folded.text) == len(folded.printed)
    assert len(redacted(folded.text)) == len(folded.text)
    places = range(0, len(folded.text), 1 + len(folded.text) // 100)
    offsets = [folded.source_offset(each) for each in places]
    assert offsets == sorted(offsets)
    assert all(0 <= each < len(text) for each in offsets)
    assert letter_starts(text) == tuple(sorted(letter_starts(text)))
    return f"text, {text.isascii()}, {len(letter_starts(text))} more letters"


def read_pdf(data: bytes) -> str:
    """Read the text of a PDF."""
    try:
        text, breaks, _ = pdf_text(data, name="a")
    except DocumentError as error:
        assert error.hint
        return str(error)
    text.encode()
    assert all(0 <= each <= len(text) for each in breaks)
    return f"text of {len(breaks) + 1} pages"


def read_listing(data: bytes) -> str:
    """Read a list of files."""
    found = list(read_list(data, stem="a", source="a.csv"))
    assert found
    refused = [each for each in found if isinstance(each, Unreadable)]
    assert all(each.error.hint for each in refused)
    return f"{min(len(found), 5)} rows, {kinds(refused)}"


@cache
def intact_pdfs() -> tuple[bytes, ...]:
    """PDFs as DWC publishes them, in which checksums vouch for every text."""
    return tuple(published(THREE_PAGES, encrypted=encrypted) for encrypted in (True, False))


def read_damaged_pdf(data: bytes) -> str:
    """Read an intact PDF that was damaged: the text is the same, or there is none."""
    try:
        text = pdf_text(data, name="a").text
    except DocumentError as error:
        return str(error)
    assert text.split() == pdf_text(intact_pdfs()[0], name="a").text.split(), "another text, and no word of it"
    return f"read, {intact_text(data) is not None}"


@cache
def pdfs() -> tuple[bytes, ...]:
    """PDFs of one page and of three, compressed and not, and encrypted with an empty password."""
    made = [pdf(texts, compressed=compressed) for texts in (THREE_PAGES[:1], THREE_PAGES) for compressed in (0, 1)]
    writer = PdfWriter(clone_from=PdfReader(BytesIO(made[-1])))
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-128")
    encrypted = BytesIO()
    writer.write(encrypted)
    return (*made, encrypted.getvalue(), *intact_pdfs())


THREE_PAGES = tuple(part for part in letter(*THREE).split("\n\n") if len(part) > 100)[:3]


def _long_pdf(size: int) -> bytes:
    """One page of many lines."""
    return pdf(["\n".join(["0123456789 " * 8] * max(1, size // 130))], compressed=0)


def _long_intact_pdf(size: int) -> bytes:
    """The same, compressed as published letters are: PDFium reads it. The digits keep it from shrinking to nothing."""
    chance = Random(size)
    lines = (" ".join(str(chance.random())[2:] for _ in range(5)) for _ in range(max(1, size // 60)))
    return published(["\n".join(lines)])


def _many_pages(size: int) -> bytes:
    return pdf(["Text."] * min(1_000, max(1, size // 700)), compressed=0)


def _zip_of(size: int) -> bytes:
    return zipped({f"{number}.txt": b"Text." for number in range(max(1, size // 120))})


def _tar_of(size: int) -> bytes:
    return tarred({f"{number}.txt": b"Text." for number in range(max(1, size // 1024))})


def _mail_of(size: int) -> bytes:
    return mail("See.", {f"{number}.txt": b"Text." for number in range(max(1, size // 200))})


def _word_of(size: int) -> bytes:
    return _word("<w:p><w:r><w:t>A b.</w:t></w:r></w:p>" * max(1, size // 40))


def _word(body: str) -> bytes:
    return f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()


def _deep_mail(size: int) -> bytes:
    return b"Content-Type: message/rfc822\nMIME-Version: 1.0\n\n" * max(1, size // 50) + mail("Text.")


def _rows() -> Iterator[bytes]:
    text = letter(THREE[0]).replace('"', '""')
    for sign in ",;\t":
        yield sign.join(("ReferenceID", "Determination", "Findings")).encode() + (
            f'\na{sign}Upheld{sign}"{text}"\nb{sign}{sign}Text.\n\nc{sign}Overturned{sign}"a\nb"\n'.encode()
        )
    yield f'ReferenceID,Determination,Findings\r\na,Upheld,"{text}"\r\n'.encode("utf-16")


def _jsonl() -> Sequence[bytes]:
    import json

    rows = [{"id": "a", "text": letter(THREE[0])}, {"id": 7, "text": "Text."}, {"text": "Text.", "more": [1, {"a": 2}]}]
    return ["".join(f"{json.dumps(row)}\n" for row in rows).encode()]


def _pages() -> Sequence[bytes]:
    shown = letter(THREE[0])
    return [
        page(shown),
        page(shown).replace(b"<div>", b"<p>").replace(b"</div>", b""),
        b"<table><tr><td>A</td><td>b &amp; c</td></tr></table><pre>x\n y</pre><p hidden>z<script>w</script>",
        b"<meta charset=latin1><p style='display:none'>\x92<!-- c --><b>A</b><br>b",
    ]


def read_word(data: bytes) -> str:
    """Read a Word document; what is no zip is the XML of one, for a changed zip rarely opens."""
    if not data.startswith(b"PK"):
        data = docx(**{"word/document.xml": data.decode("utf-8", "replace")})
    return reading(".docx")(data)


def _words() -> Sequence[bytes]:
    runs = "<w:p><w:ins><w:r><w:t>A</w:t><w:tab/><w:br/></w:r></w:ins><w:del><w:r/></w:del></w:p>"
    header = f'<w:hdr xmlns:w="{W}"><w:p><w:r><w:t>Case Number</w:t></w:r></w:p></w:hdr>'
    made = [docx(letter(THREE[0])), docx(body=runs), docx("Text.", **{"word/header1.xml": header})]
    with zipfile.ZipFile(BytesIO(made[0])) as letters, zipfile.ZipFile(BytesIO(made[1])) as changes:
        return [*made, *(each.read("word/document.xml") for each in (letters, changes))]


MAILS = (mail(letter(THREE[0])), mail("See.", MEMBERS), mail("See.", {"a.zip": zipped({"b.txt": b"Text."})}))
HEADER = b"ReferenceID,Determination,Findings\n"

FILES = (
    Target(
        "text",
        read_text,
        written,
        {
            "odd spaces": repeated("\u00a0\u200b\n"),
            "hyphens at line ends": repeated("a-\n"),
            "nothing visible": repeated("\u00ad"),
            "digits": repeated("1"),
            "labels of numbers": repeated("claim no. "),
            "letters": repeated(letter(THREE[0])),
        },
    ),
    Target(
        "PDF",
        read_pdf,
        pdfs,
        {"one long page": _long_pdf, "one long intact page": _long_intact_pdf, "many pages": _many_pages},
        share=2,
    ),
    Target(
        "Word",
        read_word,
        _words,
        {
            "paragraphs": _word_of,
            "nested": lambda size: _word("<w:sdt>" * (size // 15) + "</w:sdt>" * (size // 15)),
        },
    ),
    Target(
        "HTML",
        reading(".html"),
        _pages,
        {
            f"`{unit.strip()}`": repeated(unit, before="<html>a")
            for unit in (
                "<a ",
                "<div>",
                "<b>",
                "<!--",
                "&a",
                "<a b='",
                "</",
                "<p hidden>",
                "<table>",
                " \n<br>",
                "<p>a",
            )
        },
    ),
    Target(
        "mail",
        reading(".eml"),
        lambda: MAILS,
        {
            "attachments": _mail_of,
            "mails within mails": _deep_mail,
            "header": repeated("a\n ", before="Subject: ", after="\nMIME-Version: 1.0\n\nText."),
            "names": repeated("<a@b>,", before="MIME-Version: 1.0\nTo: ", after="\n\nText."),
            "encoded words": repeated("=?utf-8?q?a?= ", before="MIME-Version: 1.0\nSubject: ", after="\n\nText."),
            "parameters": repeated("; a=b", before="MIME-Version: 1.0\nContent-Type: text/plain", after="\n\nText."),
            "comments": repeated("(", before="MIME-Version: 1.0\nContent-Type: ", after="\n\nText."),
        },
    ),
    Target(
        "JSON lines",
        reading(".jsonl"),
        _jsonl,
        {
            "rows": repeated('{"text": "Text."}\n'),
            "brackets": repeated("["),
            "blank lines": repeated("\n", after='{"text": "Text."}'),
            "escapes": repeated("\\u0041", before='{"text": "', after='"}'),
            "digits": repeated("9", before='{"id": ', after="}"),
        },
    ),
    Target(
        "tables",
        reading(".csv", REVIEWS),
        lambda: tuple(_rows()),
        {
            "rows": repeated(b"a,Upheld,Text.\n", before=HEADER),
            "empty rows": repeated(b",,\n", before=HEADER),
            "blank lines": repeated(b"\n", before=HEADER),
            "a giant cell": repeated(b"a ", before=HEADER + b'a,,"', after=b'"\n'),
            "an open quote": repeated(b"a\n", before=HEADER + b'a,,"'),
            "columns": repeated(b",", before=HEADER),
            "a header of columns": repeated(b"a,", after=b"\na\n"),
            "quotes": repeated(b'""', before=HEADER + b'a,,"', after=b'"\n'),
        },
    ),
    Target(
        "lists",
        read_listing,
        lambda: [b"id,path,note\nfirst,in/a.txt,x\n,in/b.txt\nthird,,\n"],
        {"rows": repeated(b"a.txt\n", before=b"path\n"), "an open quote": repeated(b"a\n", before=b'path\n"')},
    ),
    Target(
        "archives",
        reading(".zip"),
        lambda: [zipped(MEMBERS), *(tarred(MEMBERS, packing) for packing in ("", "gz", "bz2", "xz")), *MAILS[2:]],
        {"zip": _zip_of, "tar": _tar_of},
    ),
    Target("a damaged PDF", read_damaged_pdf, intact_pdfs, damage=True, share=2),
    *(
        Target(f"a damaged {name}", losing_none(suffix, len(MEMBERS)), lambda made=made: [made], damage=True)
        for name, suffix, made in (
            ("zip", ".zip", zipped(MEMBERS)),
            ("tar", ".tar", tarred(MEMBERS)),
            ("packed tar", ".tgz", tarred(MEMBERS, "gz")),
            ("mail", ".eml", mail("See.", MEMBERS)),
        )
    ),
)
