"""The text of a Word document (.docx), read from its XML.

python-docx ignores content controls and tracked insertions, so words would be lost without notice. This reader follows
ECMA-376 part 1, 17.3 (paragraphs and runs) and 17.13.5 (revisions).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from xml.etree import ElementTree as ET

from imrllm.documents.archives import DAMAGE
from imrllm.documents.text import MAX_TEXT, checked_text, too_large
from imrllm.errors import DocumentError

MAX_XML = 20 * MAX_TEXT
"""The largest XML of a document, in bytes. A paragraph's markup is some ten times as large as its text."""

_SAVE_AGAIN = "Save it again in Word, or save it as PDF."
# Elements without current text of the letter: moved or deleted text, the older copy of a shape, a field's code.
_PASSED_OVER = {"moveFrom", "Fallback", "instrText", "delText"}
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_ENDS = {"p": "\n\n", "tc": "\n"}
_OFF = {"0", "false", "off"}
_HEADER = re.compile(r"word/header\d*\.xml")


def is_office(archive: zipfile.ZipFile) -> bool:
    """Whether a zip file is an Office or LibreOffice document and not an archive of files."""
    names = set(archive.NameToInfo)
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def docx_text(archive: zipfile.ZipFile, *, name: str) -> str:
    """Read the text of a Word document: its page headers, then its body.

    Tracked changes count as accepted; hidden text is left out. Automatic list numbers are not in the file, so they are
    not in the text.

    Args:
        archive: the document.
        name: what to call it in messages.

    Returns:
        Its paragraphs, separated by blank lines.

    Raises:
        DocumentError: it is not a Word document, or is damaged, empty or too large.
    """
    try:
        main = _main_part(archive)
        if main is None:
            raise DocumentError(
                f"`{name}` is an Office document, but not a Word document.", hint="Save it as .docx or PDF."
            )
        headers = sorted(part for part in archive.namelist() if _HEADER.fullmatch(part))
        texts = [_part_text(archive, part, name) for part in (*headers, main)]
    except DocumentError:
        raise
    except (*DAMAGE, KeyError, ET.ParseError, NotImplementedError):
        raise DocumentError(f"`{name}` is a damaged Word document.", hint=_SAVE_AGAIN) from None
    return checked_text("\n\n".join(text for text in texts if text.strip()), name=name)


def _main_part(archive: zipfile.ZipFile) -> str | None:
    for relation in ET.fromstring(_xml(archive, "_rels/.rels", "")):  # noqa: S314 - _xml refuses entities
        if relation.get("Type", "").endswith("/officeDocument"):
            part = posixpath.normpath(relation.get("Target", "").lstrip("/"))
            return part if part.startswith("word/") else None
    return None


def _xml(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    with archive.open(part) as stream:
        data = stream.read(MAX_XML + 1)
    if len(data) > MAX_XML:
        raise too_large(name, f"{MAX_XML:,} bytes of markup")
    # Word documents declare no document type. Entities, which can expand without end, need one.
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise DocumentError(f"`{name}` is not a plain Word document: it declares entities.", hint=_SAVE_AGAIN)
    return data


def _part_text(archive: zipfile.ZipFile, part: str, name: str) -> str:
    body = _Body(name)
    parser = ET.XMLParser(target=body)  # noqa: S314 - _xml refuses entities
    parser.feed(_xml(archive, part, name))
    parser.close()
    return "".join(body.pieces)


class _Body:
    """Collects the printed text in pieces. It builds no tree, because a tree of many empty elements takes gigabytes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.pieces: list[str] = []
        self._length = 0
        self._open: list[str] = []
        self._over = 0
        self._hidden = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition("}")[2]
        self._over += tag in _PASSED_OVER
        if tag == "r":
            self._hidden = False
        elif tag == "vanish" and self._open[-2:] == ["r", "rPr"]:
            values = [value for key, value in attributes.items() if key.rpartition("}")[2] == "val"]
            self._hidden = not _OFF.intersection(values)
        # A tab stop in a paragraph's properties is also called `tab`.
        elif tag in _SIGNS and self._open[-1:] == ["r"]:
            self._print(_SIGNS[tag])
        self._open.append(tag)

    def data(self, data: str) -> None:
        if self._open[-1:] == ["t"]:
            self._print(data)

    def end(self, tag: str) -> None:
        tag = self._open.pop()
        self._over -= tag in _PASSED_OVER
        if tag == "r":
            self._hidden = False
        elif tag in _ENDS:
            self._print(_ENDS[tag])

    def close(self) -> None:
        pass

    def _print(self, piece: str) -> None:
        if self._over or self._hidden:
            return
        self._length += len(piece)
        if self._length > MAX_TEXT:
            raise too_large(self._name, f"{MAX_TEXT:,} characters of text")
        self.pieces.append(piece)
