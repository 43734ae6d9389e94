"""Read the files of zip and tar archives one by one. Nothing is unpacked to disk, and no path in an archive is used."""

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
from typing import Any, BinaryIO, Self, cast

from imrllm.errors import DocumentError

MAX_DEPTH = 4
"""The deepest nesting of archives and mails."""

MAX_MEMBERS = 1_000_000
"""The most files in one archive. California issues some 150,000 letters a year."""

_FREE = 100_000_000
_RATIO = 100
_BUFFER = 1 << 16
# In bytes, the record at the end of a zip archive without its comment.
_END_RECORD = 22
_MAX_COMMENT = 0xFFFF
# The record and the locator that are before it if the archive has more entries than it can state.
_END_OF_ZIP64 = 76
_IN_ZIP64 = 0xFFFF
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, OverflowError, RuntimeError, ValueError,
)  # fmt: skip
"""The exceptions that reading a damaged archive raises."""

_PACK_AGAIN = "Download or create the archive again."
_NOT_PLAIN = ("is a link or a device, not a file", "Put the file itself into the archive.")


class BombError(Exception):
    """An archive unpacks to far more than letters do, and the rest of it is not read."""


class Allowance:
    """How many bytes an archive, including nested ones, may unpack to. Unpacked bytes are counted; headers can lie.

    The limit is 100 MB plus a hundred times the archive's size. Letters unpack to three to ten times their size.
    """

    def __init__(self, packed: int) -> None:
        """Start the allowance of an archive of `packed` bytes."""
        self._left = _FREE
        self.allow(packed)

    def allow(self, packed: int) -> None:
        """Raise the allowance for `packed` more bytes of the archive."""
        self._left += _RATIO * packed

    def take(self, count: int) -> None:
        """Count unpacked bytes.

        Raises:
            BombError: the total exceeds the allowance.
        """
        self._left -= count
        if self._left < 0:
            raise BombError


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive or a mail.

    Attributes:
        name: its name in the archive.
        open: returns its bytes as a stream; may raise one of `DAMAGE`.
        refused: why it cannot be read, and a hint.
    """

    name: str
    open: Callable[[], BinaryIO]
    refused: tuple[str, str] | None = None


def zip_members(archive: zipfile.ZipFile, allowance: Allowance) -> Iterator[Member]:
    """The files of a zip archive, in its order.

    Raises:
        zipfile.BadZipFile: its directory lacks files or names. What is left of it comes first.
    """
    entries = archive.infolist()
    for info in entries:
        # Not `is_dir`, which fails on a name that is empty.
        if info.filename.endswith("/") or not info.filename:
            continue
        refused = None
        if info.flag_bits & 1:
            refused = ("is protected by a password", "Unpack the archive and name the folder.")
        elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            refused = _NOT_PLAIN

        def opened(info: zipfile.ZipInfo = info) -> BinaryIO:
            return _metered(cast("BinaryIO", archive.open(info)), allowance)

        yield Member(info.filename, opened, refused)
    # A damaged length in the directory hides the entries behind it, and zipfile does not count them.
    if len(entries) & 0xFFFF != _stated_entries(archive) or not all(info.filename for info in entries):
        raise zipfile.BadZipFile("the directory lacks entries or names")


def _stated_entries(archive: zipfile.ZipFile) -> int:
    """How many entries the record at the end of a zip archive states, modulo 65,536 (APPNOTE.TXT, 4.3.14 to 4.3.16)."""
    record = cast("BinaryIO", archive.fp)
    size = record.seek(0, io.SEEK_END)
    record.seek(max(0, size - _END_RECORD - _MAX_COMMENT - _END_OF_ZIP64))
    tail = record.read()
    # Where zipfile finds it: something may follow it.
    end = tail.rfind(b"PK\x05\x06")
    stated = int.from_bytes(tail[end + 10 : end + 12], "little")
    zip64 = tail[max(0, end - _END_OF_ZIP64) : end]
    if stated == _IN_ZIP64 and zip64[:4] == b"PK\x06\x06" and zip64[56:60] == b"PK\x06\x07":
        return int.from_bytes(zip64[32:40], "little") & 0xFFFF
    return stated


def tar_members(stream: BinaryIO, allowance: Allowance) -> Iterator[Member]:
    """The files of a tar archive, in its order. Read each one before you ask for the next.

    Raises:
        BombError: it unpacks to more than the allowance.
        Exception: one of `DAMAGE`, if it is damaged.
    """
    whole = _metered(stream, allowance)
    # Stream mode, so that data from a pipe is not kept in memory.
    with tarfile.open(fileobj=whole, mode="r|", tarinfo=_CheckedHeader) as archive:
        for info in archive:
            if info.isdir():
                continue

            def opened(info: tarfile.TarInfo = info) -> BinaryIO:
                return cast("BinaryIO", archive.extractfile(info))

            yield Member(info.name, opened, None if info.isreg() else _NOT_PLAIN)
            # tarfile keeps the members that it has read.
            archive.members = []  # type: ignore[attr-defined]
        # A block of zeros in the middle hides the members after it, and so do bytes that were taken out. Reading on
        # also compares a compressed archive's checksum.
        after = archive.fileobj
        while rest := after.read(_BUFFER):
            if rest.strip(b"\0"):
                raise tarfile.ReadError("data after the end of the archive")
        if after.tell() % tarfile.BLOCKSIZE:
            raise tarfile.ReadError("not a whole number of blocks")


def unpacked(stream: BinaryIO, head: bytes) -> BinaryIO:
    """Decompress a stream of gzip, bzip2 or xz data."""
    if head.startswith(b"BZh"):
        return cast("BinaryIO", bz2.open(stream))
    if head.startswith(b"\xfd7zXZ"):
        return cast("BinaryIO", lzma.LZMAFile(stream))
    return cast("BinaryIO", gzip.open(stream))


def damaged(source: str) -> DocumentError:
    """The error for a truncated or damaged archive, or a file in one."""
    return DocumentError(f"`{source}` cannot be unpacked: it is damaged or truncated.", hint=_PACK_AGAIN)


def bomb(source: str) -> DocumentError:
    """The error for an archive that unpacks to too many bytes."""
    return DocumentError(
        f"`{source}` unpacks to more than {_RATIO} times its size, so the rest was not read.",
        hint="If you trust the archive, unpack it and name the folder.",
    )


def joined(head: bytes, stream: BinaryIO, counted: Callable[[int], None] | None = None) -> BinaryIO:
    """A stream that first returns the bytes already read from it. Reports the bytes read to a callback if given."""
    return io.BufferedReader(_Joined(head, stream, counted), _BUFFER)


def _metered(stream: BinaryIO, allowance: Allowance) -> BinaryIO:
    return io.BufferedReader(_Joined(b"", stream, allowance.take), _BUFFER)


class _CheckedHeader(tarfile.TarInfo):
    """A member's header; where it is damaged or missing, `tarfile` would take it for the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile, /) -> Self:
        """The next header.

        Raises:
            tarfile.EOFHeaderError: a block of zeros, which ends the archive.
            tarfile.ReadError: there is neither a header nor the end of the archive.
        """
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError("a damaged or missing header") from error


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
