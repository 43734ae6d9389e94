"""What kind of file bytes are: by their first bytes where these tell, else by the name's ending."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from imrllm.documents.text import writable

Kind = Literal["text", "pdf", "jsonl", "html", "mail", "zip", "tar", "packed tar"]

HEAD = 1024
"""Number of bytes at the start of a file that determine its kind."""

SUFFIXES = (".docx", ".eml", ".htm", ".html", ".jsonl", ".pdf", ".tar", ".txt", ".zip")
PACKED = (".tar.bz2", ".tar.gz", ".tar.xz", ".tbz2", ".tgz", ".txz")
# Letters are kept in these too. They cannot be read, which is reported, not ignored.
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
        suffix: its name's ending as `split_name` gives it, or an empty string.
        head: its first `HEAD` bytes.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"%PDF-") or suffix == ".pdf":
        return "pdf"
    if head[_TAR] == b"ustar":
        return "tar"
    if head.startswith(_PACKINGS):
        return "packed tar"
    by_name: dict[str, Kind] = {".jsonl": "jsonl", ".eml": "mail", ".html": "html", ".htm": "html", ".tar": "tar"}
    if suffix in by_name:
        return by_name[suffix]
    if suffix in (".zip", ".docx") and not head.startswith(b"\xd0\xcf\x11\xe0"):
        return "zip"
    # A text file is a text, whatever it begins with.
    if suffix == ".txt":
        return "text"
    if _JSON_ROW.match(head):
        return "jsonl"
    if _HTML.match(head):
        return "html"
    return "mail" if _MAIL.match(head) else "text"


def is_wanted(name: str) -> bool:
    """Whether a file of a folder or an archive is one of those that letters are kept in, by its name's ending."""
    return split_name(name)[1] != ""


def split_name(name: str) -> tuple[str, str]:
    """A file's name as its stem and its ending in lower case; the ending is empty where no letter is kept in such."""
    lower = name.lower()
    for suffix in (*PACKED, *SUFFIXES, *UNREAD):
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def shown(name: object) -> str:
    """A path or a name as text that can be written, whatever bytes the file system holds for it."""
    return writable(str(name))


def member_path(name: str) -> PurePosixPath | None:
    """Where a file stands in an archive; None where it is hidden or has no name.

    The name is only ever shown and split, never opened: what would lead out of the archive is dropped from it.
    """
    parts = [part for part in _UNPRINTABLE.sub("\ufffd", writable(name)).replace("\\", "/").split("/") if part]
    if any(part.startswith(".") and part not in (".", "..") for part in parts) or "__MACOSX" in parts:
        return None
    kept = [part for part in parts if part not in (".", "..")]
    return PurePosixPath(*kept) if kept else None
