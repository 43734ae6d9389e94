"""The text of an HTML page, in the lines that a browser would print.

lxml parses it: the standard library's parser takes minutes for a megabyte of "<a <a <a" in Python before 3.13.6.
inscriptis prints table cells side by side, which breaks up paragraphs if a table lays out the page. html2text writes
Markdown, whose marks would become part of the letter.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from imrllm.documents.text import MAX_TEXT, checked_text, decoded
from imrllm.errors import DocumentError

MAX_HTML = 4 * MAX_TEXT
"""The largest page, in bytes."""

# Elements that a browser puts on separate lines (HTML standard, 15.3 "Flow content" and "Tables"). Paragraphs also
# have a blank line around them.
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dl", "ol", "pre", "table", "ul"}
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "body", "caption", "center", "dd", "details", "dialog", "div", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main", "nav", "section", "summary",
    "td", "th", "tr",
}  # fmt: skip
_UNSEEN = {"head", "script", "style", "template", "noscript", "object", "svg", "math", "iframe", "select", "textarea"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r" ?\n[ \n]*\n ?")


def html_text(data: bytes, *, name: str) -> str:
    """The text of an HTML file.

    Args:
        data: the file's bytes.
        name: what to call it in messages.

    Raises:
        DocumentError: it is empty, too large, or in an unknown encoding.
    """
    return markup_text(_markup(data, name), name=name)


def markup_text(markup: str, *, name: str) -> str:
    """The text of HTML markup. Raises the errors of `html_text`.

    Returns:
        The text that a browser would show, with blank lines between paragraphs and other blocks on separate lines.
        Scripts, styles, form fields and elements hidden by their own style are left out.
    """
    # The import takes 0.05 s, and only HTML needs it.
    from lxml import etree

    page = _Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)
    try:
        parser.feed(markup.encode(errors="replace"))
        parser.close()
    except etree.LxmlError:
        raise DocumentError(f"`{name}` cannot be read as HTML.", hint="Save it again as text or PDF.") from None
    return checked_text(page.text(), name=name)


def _markup(data: bytes, name: str) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            codec = codecs.lookup(declared[1].decode()).name
        except LookupError:
            codec = ""
        # Latin-1 is read as Windows-1252 (Encoding standard, 4.2); UTF-8 and unknown encodings like any text.
        if codec in ("iso8859-1", "ascii"):
            codec = "cp1252"
        if codec.startswith(("cp", "iso8859", "koi8", "mac-", "big5", "gb", "shift_jis", "euc")):
            try:
                return data.decode(codec)
            except UnicodeDecodeError:
                raise DocumentError(
                    f"`{name}` is not in its declared encoding.", hint="Save it again as UTF-8."
                ) from None
    return decoded(data, name=name, limit=MAX_HTML)


class _Page:
    """Receives a page's elements one by one. The parser closes elements that the page leaves open."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        # Number of open elements that are not shown: a hidden one and those inside it.
        self._unseen = 0
        self._preserved = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unseen or tag in _UNSEEN or "hidden" in attributes or _HIDING.search(attributes.get("style", "")):
            self._unseen += 1
            return
        self._pieces.append("\n" if tag == "br" else "")
        self._around(tag)
        self._preserved += tag == "pre"

    def end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        self._around(tag)
        self._preserved -= tag == "pre"

    def data(self, data: str) -> None:
        if not self._unseen:
            self._pieces.append(data if self._preserved else _SPACES.sub(" ", data))

    def close(self) -> None:
        pass

    def _around(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._pieces.append("\n\n")
        elif tag in _BLOCKS:
            self._pieces.append("\n")

    def text(self) -> str:
        return _BLANK_LINES.sub("\n\n", "".join(self._pieces)).strip(" \n") + "\n"
