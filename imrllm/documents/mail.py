"""The letters of a mail (.eml): its attachments or, if none can hold a letter, its own text."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import EmailPolicy
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from imrllm.documents.archives import Member
from imrllm.documents.html import markup_text
from imrllm.documents.kinds import is_wanted
from imrllm.documents.text import checked_text
from imrllm.errors import DocumentError

MAX_MAIL = 100_000_000
"""The largest mail, in bytes. Attachments are a third larger in a mail than on disk."""

if TYPE_CHECKING:
    _Policy = EmailPolicy[EmailMessage]
else:
    _Policy = EmailPolicy

# In characters. Parsing takes 15 s for a million; a file's name of 255 characters takes at most some 2,000.
_LONGEST_HEADER = 10_000
# Extensions by declared type, for attachments whose names have no known extension.
_TYPES = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
# How the header of an attachment goes on.
_PART_HEADER = re.compile(r"^Content-(?:Disposition|Transfer-Encoding):", re.MULTILINE | re.IGNORECASE)
_EXPORT = "Save the letter in it as PDF or text."
_SAVE_AGAIN = "Save the mail again, or save its attachments as files."


class _ParsedOnce(_Policy):
    """Parses the header of a part once, where the default parses it again for each of a dozen questions."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, Any]:
        name, value = super().header_source_parse(sourcelines)
        if not name.lower().startswith("content-"):
            return name, value
        if len(value) > _LONGEST_HEADER:
            raise ValueError("a header without end")
        try:
            return name, self.header_fetch_parse(name, value)
        except Exception:  # noqa: BLE001 - the parser raises nearly any, and whoever asks for this header gets it
            return name, value


class Mail:
    """A parsed mail, including the mails forwarded in it."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Read a mail.

        Args:
            data: the file's bytes.
            name: what to call it in messages.

        Raises:
            DocumentError: it cannot be read as a mail.
        """
        self._name = name
        # A mail holds no NUL (RFC 5322, 4.1): a stretch of it was lost.
        self._has_gap = b"\0" in data
        try:
            message = email.message_from_bytes(data, policy=_ParsedOnce())
            self._all = list(message.walk())
            self._parts = [part for part in self._all if not part.is_multipart()]
        except Exception as error:  # noqa: BLE001
            # The parser raises nearly any exception on odd headers, and nested mails can exceed the recursion limit.
            raise self._unreadable(error) from None

    def attachments(self) -> Iterator[Member]:
        """The attachments that may hold a letter, in order, with their names.

        One whose name is not that of a letter's file, such as Outlook's `winmail.dat`, is among them: it is passed over
        like such a file in an archive, not in silence. Pictures, texts and signatures are not.
        """
        for number, part in enumerate(self._parts, start=1):
            if name := _file_name(part, number):
                yield Member(name, lambda part=part: self._bytes(part))  # type: ignore[misc]

    def refuse_if_damaged(self) -> None:
        """Check that the mail was read to its end. Ask this last: an attachment is decoded when it is read.

        Raises:
            DocumentError: a part has no end, no boundary or a broken encoding, so that attachments may be lost.
        """
        if self._has_gap or any(part.defects or _holds_another(part) for part in self._all):
            raise DocumentError(
                f"`{self._name}` is a damaged or truncated mail: attachments may be lost or cut.", hint=_SAVE_AGAIN
            )

    def text(self) -> str:
        """The text of the mail itself.

        Raises:
            DocumentError: the mail has no text, or its encoding is unknown.
        """
        for kind in ("text/plain", "text/html"):
            for part in self._parts:
                if part.get_content_type() == kind and not part.get_filename():
                    try:
                        content = str(part.get_content())
                    except Exception as error:  # noqa: BLE001 - as above
                        raise self._unreadable(error) from None
                    if content.strip():
                        return (checked_text if kind == "text/plain" else markup_text)(content, name=self._name)
        raise DocumentError(
            f"`{self._name}` is a mail without a letter: it has no text and no readable attachment.", hint=_EXPORT
        )

    def _bytes(self, part: EmailMessage) -> BinaryIO:
        data = part.get_payload(decode=True)
        return BytesIO(data if isinstance(data, bytes) else b"")

    def _unreadable(self, error: Exception) -> DocumentError:
        return DocumentError(f"`{self._name}` is a mail that cannot be read (`{type(error).__name__}`).", hint=_EXPORT)


def _holds_another(part: EmailMessage) -> bool:
    """Whether a text, or what stands around a part's parts, contains the header of another part without a boundary."""
    if part.is_multipart():
        around = f"{part.preamble or ''}\n{part.epilogue or ''}"
        return _PART_HEADER.search(around) is not None
    return part.get_content_maintype() == "text" and _PART_HEADER.search(str(part.get_payload())) is not None


def _file_name(part: EmailMessage, number: int) -> str | None:
    try:
        name = part.get_filename()
    except Exception:  # noqa: BLE001 - as above
        name = None
    if name and is_wanted(name):
        return name
    kind = part.get_content_type()
    if suffix := _TYPES.get(kind):
        return f"{name or f'attachment-{number}'}{suffix}"
    may_be_letter = part.get_content_maintype() == "application" and kind not in _SIGNATURES
    return name or f"attachment-{number}" if may_be_letter else None
