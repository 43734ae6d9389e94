"""The files of zips and tars, one after another; nothing is unpacked to disk, and names lead nowhere."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from imrllm.errors import DocumentError

MAX_DEPTH = 4
"""Archives and mails within one another."""

MAX_MEMBERS = 1_000_000
"""Files of one archive; California issues some 150,000 letters a year."""

_FREE = 100_000_000
_RATIO = 100
_BUFFER = 1 << 16
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip
"""What reading a damaged archive raises."""

_PACK_AGAIN = "Fetch or pack it again."
_NOT_PLAIN = ("is a link or a device, and links in an archive are not followed", "Pack the files themselves.")


class BombError(Exception):
    """An archive unpacks to far more than letters do: nothing more of it is read."""


class Allowance:
    """How much an archive, with those inside it, may unpack to: bytes read reveal a bomb, its header does not.

    100 MB and a hundred times what the archive itself has; letters come to three to ten times.
    """

    def __init__(self, packed: int) -> None:
        """Allow for an archive of so many bytes."""
        self._left = _FREE
        self.allow(packed)

    def allow(self, packed: int) -> None:
        """Allow for more bytes of the archive."""
        self._left += _RATIO * packed

    def take(self, count: int) -> None:
        """Count bytes that were unpacked.

        Raises:
            BombError: they are more than allowed.
        """
        self._left -= count
        if self._left < 0:
            raise BombError


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive or a mail.

    Attributes:
        name: its name as printed there.
        open: gives its bytes as a stream; may raise what `DAMAGE` names.
        refused: why it cannot be read, and a hint.
    """

    name: str
    open: Callable[[], BinaryIO]
    refused: tuple[str, str] | None = None


def zip_members(archive: zipfile.ZipFile, allowance: Allowance) -> Iterator[Member]:
    """The files of a zip, in its own order."""
    for info in archive.infolist():
        if info.is_dir():
            continue
        refused = None
        if info.flag_bits & 1:
            refused = ("is closed by a password", "Unpack it and name the folder.")
        elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            refused = _NOT_PLAIN

        def opened(info: zipfile.ZipInfo = info) -> BinaryIO:
            return _metered(cast("BinaryIO", archive.open(info)), allowance)

        yield Member(info.filename, opened, refused)


def tar_members(stream: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """The files of a tar, packed or not, in its own order; each must be read before the next is asked for.

    Raises:
        BombError: it unpacks to more than is allowed.
        Exception: one of `DAMAGE`, where it is damaged.
    """
    # As a stream, so that what comes from a pipe is not held.
    with tarfile.open(fileobj=_metered(stream, allowance), mode="r|") as archive:
        for info in archive:
            if info.isdir():
                continue

            def opened(info: tarfile.TarInfo = info) -> BinaryIO:
                return cast("BinaryIO", archive.extractfile(info))

            yield Member(info.name, opened, None if info.isreg() else _NOT_PLAIN)
            # It keeps what it has read.
            archive.members = []  # type: ignore[attr-defined]


def unpacked(stream: BinaryIO, head: bytes) -> BinaryIO:
    """The bytes of a stream that gzip, bzip2 or xz packed."""
    if head.startswith(b"BZh"):
        return cast("BinaryIO", bz2.open(stream))
    if head.startswith(b"\xfd7zXZ"):
        return cast("BinaryIO", lzma.LZMAFile(stream))
    return cast("BinaryIO", gzip.open(stream))


def damaged(source: str) -> DocumentError:
    """The refusal of an archive, or of a file in one, that breaks off or is damaged."""
    return DocumentError(f"`{source}` is damaged or breaks off: it cannot be unpacked.", hint=_PACK_AGAIN)


def bomb(source: str) -> DocumentError:
    """The refusal of an archive that unpacks to too much."""
    return DocumentError(
        f"`{source}` unpacks to more than {_RATIO} times its size: the rest of it is left unread.",
        hint="If it is what it should be, unpack it and name the folder.",
    )


def joined(head: bytes, stream: BinaryIO, counted: Callable[[int], None] | None = None) -> BinaryIO:
    """A stream that first returns the bytes already read from it. Reports the bytes read to a callback if given."""
    return io.BufferedReader(_Joined(head, stream, counted), _BUFFER)


def _metered(stream: BinaryIO, allowance: Allowance) -> BinaryIO:
    return io.BufferedReader(_Joined(b"", stream, allowance.take), _BUFFER)


class _Joined(io.RawIOBase):
    def __init__(self, head: bytes, stream: BinaryIO, counted: Callable[[int], None] | None) -> None:
        self._head = head
        self._stream = stream
        self._counted = counted

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        if self._counted:
            self._counted(len(data))
        buffer[: len(data)] = data
        return len(data)
