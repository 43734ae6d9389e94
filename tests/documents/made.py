"""Files of every format made from a text, for the tests."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from html import escape
from xml.sax.saxutils import escape as xml_escape

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


def pdf(pages: Sequence[str | None], *, compressed: int | None = None) -> bytes:
    """A PDF with a page for each text, line by line; a page for `None` shows an image alone.

    Args:
        pages: the texts.
        compressed: whether the contents are, 0 or 1; by default as reportlab has it.
    """
    made = io.BytesIO()
    canvas = Canvas(made, invariant=True, pageCompression=compressed)
    for page in pages:
        if page is None:
            canvas.drawImage(ImageReader(Image.new("L", (8, 8))), 72, 72, width=400, height=400)
        else:
            for number, line in enumerate(page.split("\n")):
                canvas.drawString(72, 760 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def docx(text: str = "", *, body: str | None = None, **parts: str) -> bytes:
    """A Word document with a paragraph for each line of a text, or with a body of its own."""
    if body is None:
        runs = (f"<w:r><w:t xml:space='preserve'>{xml_escape(line)}</w:t></w:r>" for line in text.split("\n"))
        body = "".join(f"<w:p>{run}</w:p>" for run in runs)
    parts = {
        "[Content_Types].xml": "",
        "_rels/.rels": RELATIONS,
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        **parts,
    }
    return zipped({name: content.encode() for name, content in parts.items()})


def page(text: str) -> bytes:
    """An HTML page with a paragraph for each stretch between blank lines."""
    lines = "".join(f"<div>{escape(line) or '<br>'}</div>\n" for line in text.split("\n"))
    return f"<!DOCTYPE html><html><head><title>t</title></head><body>{lines}</body></html>".encode()


def mail(text: str, attached: Mapping[str, bytes] | None = None) -> bytes:
    """A mail that says a text, with attachments."""
    message = EmailMessage()
    message.set_content(text, cte="quoted-printable")
    for name, content in (attached or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: Mapping[str, bytes | tarfile.TarInfo], packing: str = "") -> bytes:
    """A tar, packed or not, with files or with entries of other kinds."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{packing}") as archive:
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()
