"""Word documents, pages, mails and lists as text: what is kept, what is left out, what is refused."""

from __future__ import annotations

from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from imrllm.documents import Document, Unreadable, read_documents
from imrllm.documents.html import html_text, markup_text
from imrllm.documents.kinds import HEAD, kind_of
from imrllm.errors import DocumentError
from tests.documents.made import W, docx, mail


def read(*inputs: Path | str, stdin: bytes = b"") -> list[Document | Unreadable]:
    return list(read_documents(inputs, stdin=BytesIO(stdin)))


def only(data: bytes, path: Path) -> Document:
    path.write_bytes(data)
    (document,) = read(path)
    assert isinstance(document, Document), getattr(document, "error", "")
    return document


def refusal(data: bytes, path: Path) -> DocumentError:
    path.write_bytes(data)
    (outcome,) = read(path)
    assert isinstance(outcome, Unreadable)
    assert outcome.error.hint
    return outcome.error


@pytest.mark.parametrize(
    ("suffix", "head", "kind", "reason"),
    [
        (".txt", b"%PDF-1.7", "pdf", "first bytes go before the name"),
        (".txt", b"PK\x03\x04", "zip", "the same"),
        (".pdf", b"<html>", "pdf", "a page of an error under a letter's name is refused as a PDF"),
        (".txt", b"<html>", "text", "a text file is a text"),
        ("", b"\xef\xbb\xbf\n<!DOCTYPE html>", "html", "a page from standard input"),
        ("", b"From: a\nTo: b\nMIME-Version: 1.0\n\nText.", "mail", "a mail from standard input"),
        ("", b"Case Number: CM16-9900123\nPriority: Standard\n", "text", "a letter's header is no mail's"),
        (".tgz", b"\x1f\x8b\x08", "packed tar", "packed"),
        (".docx", b"\xd0\xcf\x11\xe0", "text", "a Word document protected by a password: refused with a hint"),
    ],
)
def test_kinds(suffix: str, head: bytes, kind: str, reason: str) -> None:
    assert kind_of(suffix, head[:HEAD]) == kind, reason


@pytest.mark.parametrize(
    ("body", "text", "reason"),
    [
        ("<w:p><w:r><w:t>A </w:t></w:r><w:r><w:t>b.</w:t></w:r></w:p>", "A b.\n\n", "runs are one line"),
        ("<w:p><w:r><w:t>A</w:t><w:br/><w:t>b</w:t><w:tab/></w:r></w:p>", "A\nb\t\n\n", "breaks and tabs"),
        ("<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>A</w:t></w:r></w:p>", "A\n\n", "a tab stop is no tab"),
        (
            "<w:sdt><w:sdtContent><w:p><w:r><w:t>A</w:t></w:r></w:p></w:sdtContent></w:sdt>",
            "A\n\n",
            "a content control",
        ),
        (
            "<w:p><w:ins><w:r><w:t>A</w:t></w:r></w:ins><w:del><w:r><w:delText>B</w:delText></w:r></w:del></w:p>",
            "A\n\n",
            "tracked changes as accepted",
        ),
        ("<w:p><w:moveFrom><w:r><w:t>B</w:t></w:r></w:moveFrom><w:r><w:t>A</w:t></w:r></w:p>", "A\n\n", "moved away"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>B</w:t></w:r><w:r><w:t>A</w:t></w:r></w:p>", "A\n\n", "hidden text"),
        ('<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>A</w:t></w:r></w:p>', "A\n\n", "hidden no more"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>A</w:t></w:r></w:p>", "A\n\n", "a field's code"),
        ("<w:p><w:r><w:t>L4</w:t><w:noBreakHyphen/><w:t>L5</w:t></w:r></w:p>", "L4-L5\n\n", "a hyphen that stays"),
    ],
)
def test_word(tmp_path: Path, body: str, text: str, reason: str) -> None:
    assert only(docx(body=body), tmp_path / "a.docx").text == text, reason


def test_a_word_header_stands_first(tmp_path: Path) -> None:
    header = f'<w:hdr xmlns:w="{W}"><w:p><w:r><w:t>Case Number</w:t></w:r></w:p></w:hdr>'
    made = docx("Text.", **{"word/header1.xml": header})
    assert only(made, tmp_path / "a.docx").text.split() == ["Case", "Number", "Text."]


@pytest.mark.parametrize(
    ("markup", "text", "reason"),
    [
        ("<p>A\n b</p><p>c</p>", "A b\n\nc\n", "paragraphs; line ends of the source are spaces"),
        ("<h2>A:</h2>b<div>c</div>d<br>e", "A:\n\nb\n\nc\n\nd\n\ne\n", "headings and blocks on lines of their own"),
        ("<tr><td>A</td><td>b</td></tr>", "A\n\nb\n", "cells are not glued"),
        ("5&nbsp;mg &amp; 30&deg;", "5\xa0mg & 30\xb0\n", "entities"),
        ("<head><title>T</title><style>p{}</style></head><script>x</script>A", "A\n", "what is not the page's text"),
        ("A<span hidden>b</span><p style='display: none'>c<p>d", "A\n\nd\n", "hidden by itself"),
        ("<b>A</b>b<i>c</i>", "Abc\n", "what stands within a line stays there"),
        ("<pre>A\n  b</pre>", "A\n  b\n", "lines as written"),
    ],
)
def test_html(markup: str, text: str, reason: str) -> None:
    expected, got = text.replace("\n\n", "\n"), markup_text(markup, name="a").replace("\n\n", "\n")
    assert got == expected, reason


@pytest.mark.parametrize(
    ("data", "text", "reason"),
    [
        ("<p>30\xb0".encode(), "30\xb0\n", "UTF-8 unless told otherwise"),
        ("<meta charset=latin1><p>\u2019".encode("cp1252"), "\u2019\n", "Latin-1 is Windows-1252 on the web"),
        ('<meta content="text/html; charset=cp1250"><p>\u0159'.encode("cp1250"), "\u0159\n", "as declared"),
        (b"<meta charset=unheard-of><p>A", "A\n", "an encoding that nobody knows is passed over"),
        (b"<meta charset=hex><p>A", "A\n", "what is no encoding of text too"),
    ],
)
def test_encodings_of_pages(data: bytes, text: str, reason: str) -> None:
    assert html_text(data, name="a") == text, reason


def test_attachments_are_the_letters_of_a_mail(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner.set_content("See there.")
    inner.add_attachment(docx("Inner."), maintype="application", subtype="octet-stream", filename="b.docx")
    outer = EmailMessage()
    outer.set_content("See attached.")
    outer.add_attachment(b"Text.", maintype="text", subtype="plain", filename="../../a.txt")
    outer.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    outer.add_attachment(inner)
    (tmp_path / "mail.eml").write_bytes(outer.as_bytes())
    a, b = read(tmp_path / "mail.eml")
    assert isinstance(a, Document)
    assert isinstance(b, Document)
    assert (a.id, a.text.strip(), a.source) == ("a", "Text.", f"{tmp_path}/mail.eml/a.txt")
    assert (b.id, b.text) == ("b", "Inner.\n\n")


def test_a_mail_without_attachments_is_the_letter(tmp_path: Path) -> None:
    page = EmailMessage()
    page.set_content("<p>A</p><p>b</p>", subtype="html")
    document = only(page.as_bytes(), tmp_path / "page.eml")
    assert (document.id, document.text) == ("page", "A\n\nb\n")
    assert only(mail("Caf\xe9."), tmp_path / "text.eml").text == "Caf\xe9.\n"


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0" + bytes(600), ".docx or PDF"),
        ("a.rtf", rb"{\rtf1 text}", ".docx or PDF"),
        ("a.msg", b"\xd0\xcf\x11\xe0" + bytes(600), "a message as .eml"),
    ],
)
def test_what_cannot_be_read_says_what_can(tmp_path: Path, name: str, data: bytes, hint: str) -> None:
    assert hint in refusal(data, tmp_path / name).hint
    (outcome,) = read(tmp_path)
    assert isinstance(outcome, Unreadable), "in a folder too: it may be a letter"


def test_a_list(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("One.")
    (tmp_path / "in" / "b.txt").write_text("Two.")
    path = tmp_path / "list.csv"
    path.write_text(
        "\ufeffid,Path,note\r\nfirst,in/a.txt,x\r\n\r\n,in/b.txt\r\nthird,,\r\nfourth,gone.txt\r\n,list.csv\r\n"
    )
    outcomes = read(path)
    assert [outcome.id for outcome in outcomes] == ["first", "b", "third", "fourth", "list.csv"]
    assert [isinstance(outcome, Document) for outcome in outcomes] == [True, True, False, False, False]
    why = [str(outcome.error) for outcome in outcomes if isinstance(outcome, Unreadable)]
    assert "line 5 has no `path`" in why[0]
    assert "does not exist" in why[1]
    assert "is a list inside another list" in why[2]
    assert [outcome.id for outcome in read(tmp_path)] == ["a", "b"], "a list in a folder is not read: its letters are"
