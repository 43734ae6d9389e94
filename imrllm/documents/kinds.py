"""Determines the kind of a file from its first bytes or, if they do not tell, from its extension."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from imrllm.documents.text import is_plain, writable

Kind = Literal["text", "pdf", "jsonl", "table", "html", "mail", "zip", "tar", "packed tar"]

HEAD = 1024
"""Number of bytes at the start of a file that determine its kind."""

SUFFIXES = (".docx", ".eml", ".htm", ".html", ".jsonl", ".pdf", ".tar", ".txt", ".zip")
# Tables with a letter in each row. They are read where they are named: in a folder they may be about anything.
TABLES = (".csv", ".tsv")
PACKED = (".tar.bz2", ".tar.gz", ".tar.xz", ".tbz2", ".tgz", ".txz")
# Letters may be in these formats too. They cannot be read, so they are reported, not ignored.
UNREAD = (".doc", ".msg", ".odt", ".rtf")

_TAR = slice(257, 262)
_PACKINGS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_JSON_ROW = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,400}?-->\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_MAIL = re.compile(rb"(?:From |[A-Za-z][A-Za-z-]{0,60}:)[^\n]*\n(?:[^\n]+\n)*?MIME-Version:", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def kind_of(suffix: str, head: bytes) -> Kind:
    """The kind of a file.

    Args:
        suffix: its extension from `split_name` or `table_suffix`, or an empty string.
        head: its first `HEAD` bytes.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    # The page of an error under a letter's name is no letter.
    named = suffix == ".pdf" and (b"%PDF-" in head or _HTML.match(head) or not is_plain(head))
    if head.startswith(b"%PDF-") or named:
        return "pdf"
    if head[_TAR] == b"ustar":
        return "tar"
    if head.startswith(_PACKINGS):
        return "packed tar"
    by_name: dict[str, Kind] = {".jsonl": "jsonl", ".eml": "mail", ".html": "html", ".htm": "html", ".tar": "tar"}
    by_name |= dict.fromkeys(TABLES, "table")
    if suffix in by_name:
        return by_name[suffix]
    if suffix in (".zip", ".docx") and not head.startswith(b"\xd0\xcf\x11\xe0"):
        return "zip"
    # A `.txt` file is text, whatever its content.
    if suffix == ".txt":
        return "text"
    if _JSON_ROW.match(head):
        return "jsonl"
    if _HTML.match(head):
        return "html"
    return "mail" if _MAIL.match(head) else "text"


def is_wanted(name: str) -> bool:
    """Whether a file in a folder or an archive may hold letters, by its extension."""
    return split_name(name)[1] != ""


def split_name(name: str) -> tuple[str, str]:
    """Split a file name into stem and lowercase extension; an extension that letters do not have stays in the stem."""
    lower = name.lower()
    for suffix in (*PACKED, *SUFFIXES, *UNREAD):
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def table_suffix(name: str) -> str:
    """The lowercase extension of a table that is read where it is named; an empty string for other files."""
    return next((suffix for suffix in TABLES if name.lower().endswith(suffix)), "")


def shown(name: object) -> str:
    """A path or name as valid Unicode text, whatever bytes it has in the file system."""
    return writable(str(name))


def member_path(name: str) -> PurePosixPath | None:
    """The path of a file in an archive; None if the file is hidden or has no name.

    The path is only shown and split, never opened. Parts that lead out of the archive are removed.
    """
    parts = [part for part in _UNPRINTABLE.sub("\ufffd", writable(name)).replace("\\", "/").split("/") if part]
    if any(part.startswith(".") and part not in (".", "..") for part in parts) or "__MACOSX" in parts:
        return None
    kept = [part for part in parts if part not in (".", "..")]
    return PurePosixPath(*kept) if kept else None
