"""Rows of the table: archives and mails."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from functools import partial

from imrllm.documents.archives import MAX_DEPTH
from tests.documents.made import docx, mail, tarred, zipped
from tests.hostile.cases import FileCase

MEMBERS = {f"{name}.txt": f"Letter {name}. ".encode() * 60 for name in "abcdef"}
DAMAGED = "is damaged or truncated"
DAMAGED_MAIL = "is a damaged or truncated mail"
NO_LETTER = "contains no files that can be letters"
BOMB = "unpacks to more than 100 times its size"
# The letter in which it breaks off, and the archive.
BROKEN_OFF = {"4": DAMAGED, "letters": DAMAGED}
LINK = "is a link or a device, not a file"


def nested() -> bytes:
    """A hundred archives, each of which holds a letter and the next."""
    inner = zipped({"a.txt": b"Text."})
    for depth in range(100):
        inner = zipped({f"good-{depth}.txt": b"Text.", f"{depth}.zip": inner})
    return inner


def links_in_tar() -> bytes:
    """A tar with links and devices, and a letter."""
    entries: dict[str, bytes | tarfile.TarInfo] = {}
    kinds = {"s": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "c": tarfile.CHRTYPE, "f": tarfile.FIFOTYPE}
    for name, kind in kinds.items():
        info = tarfile.TarInfo(f"{name}.txt")
        info.type, info.linkname = kind, "/etc/passwd"
        entries[info.name] = info
    return tarred({**entries, "good.txt": b"Text."})


def link_in_zip() -> bytes:
    """A zip with a symbolic link."""
    link = zipfile.ZipInfo("l.txt")
    link.external_attr = 0o120777 << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def closed_in_zip() -> bytes:
    """A zip with a file under a password."""
    data = bytearray(zipped({"closed.txt": b"Text.", "open.txt": b"Text."}))
    # The flag of the first file, where it stands and in the directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def half(pack: Callable[[Mapping[str, bytes]], bytes]) -> bytes:
    """The first half of an archive of nine letters that cannot be compressed."""
    data = pack({f"{number}.txt": os.urandom(30_000).hex().encode() for number in range(9)})
    return data[: len(data) // 2]


def damaged_in_zip() -> bytes:
    """A zip in which the content of one file is damaged."""
    data = bytearray(zipped({"d.txt": b"Text of a letter.", "b.txt": b"Text."}))
    data[data.index(b"d.txt") + 8] ^= 0xFF
    return bytes(data)


def lost_in_directory(before: bytes, after: bytes) -> bytes:
    """A zip of letters in whose directory some bytes are others."""
    data = zipped(MEMBERS)
    at = data.index(b"PK\x01\x02")
    assert before in data[at:]
    return data[:at] + data[at:].replace(before, after, 1)


def swallowed() -> bytes:
    """A zip whose first directory entry claims a comment as long as the entries behind it."""
    data = bytearray(zipped(MEMBERS))
    data[data.index(b"PK\x01\x02") + 33] = 1
    return bytes(data)


def zip_bomb(files: int, megabytes: int) -> bytes:
    """A zip that unpacks to so many files of so many megabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            with archive.open(f"{number}.txt", "w", force_zip64=True) as file:
                for _ in range(megabytes):
                    file.write(b"a" * 1_000_000)
    return made.getvalue()


def tar_bomb(megabytes: int) -> bytes:
    """A packed tar of one file of so many megabytes."""
    made = io.BytesIO()
    with gzip.open(made, "wb", compresslevel=1) as packed:
        info = tarfile.TarInfo("0.txt")
        info.size = megabytes * 1_000_000
        packed.write(info.tobuf())
        for _ in range(megabytes):
            packed.write(bytes(1_000_000))
    return made.getvalue()


def after_zeros() -> bytes:
    """A tar that goes on behind a block of zeros, which ends an archive."""
    first = tarred({"a.txt": b"Text."}).rstrip(b"\0")
    return first.ljust(2048, b"\0") + tarred({"b.txt": b"Text."})


def cut_mail(share: float) -> bytes:
    """The first part of a mail with six letters."""
    data = mail("See.", MEMBERS)
    return data[: int(len(data) * share)]


def two_in_one() -> bytes:
    """A mail with two letters, the boundary between which is lost."""
    message = EmailMessage()
    message.set_content("See.")
    message.add_attachment("First.\n", filename="f.txt")
    message.add_attachment("Second.\n", filename="s.txt")
    data = message.as_bytes()
    boundary = b"--" + message.get_boundary("").encode()
    whole, _, last = data.rpartition(boundary + b"\n")
    return whole + b"--\n" + last


def without_first_boundaries() -> bytes:
    """A mail in which nothing parts its head from the header of the first letter."""
    data = mail("See.", MEMBERS)
    boundary = b"--" + data.partition(b'boundary="')[2].partition(b'"')[0] + b"\n"
    return data.replace(boundary, b"", 2)


def gap_in_mail() -> bytes:
    """A mail with zeros in place of a boundary and of what is around it."""
    data = mail("See.", MEMBERS)
    at = data.index(b'filename="b.txt"') - 200
    return data[:at] + bytes(300) + data[at + 300 :]


def mails_in_mails(depth: int) -> bytes:
    """A mail, forwarded so many times."""
    return b"Content-Type: message/rfc822\nMIME-Version: 1.0\n\n" * depth + mail("Text.").replace(b"\r\n", b"\n")


def outwards() -> Iterator[FileCase]:
    """Names in archives that lead out of them."""
    for name in ("../../evil.txt", "/etc/evil.txt", "..\\..\\evil.txt", "C:\\evil.txt", "a/../../evil.txt"):
        for kind, pack in (("zip", zipped), ("tar", tarred)):
            yield FileCase(
                f"a name that leads out of a {kind}: `{name}`",
                partial(pack, {name: b"Text."}),
                f"letters.{kind}",
                read={"evil": "Text."},
            )


def cut_mails() -> Iterator[FileCase]:
    """Mails that end too early."""
    for share in (0.3, 0.6, 0.9, 0.99):
        make = partial(cut_mail, share)
        yield FileCase(f"a mail cut at {share:.0%}", make, "letters.eml", 0, {"letters": DAMAGED_MAIL})


ARCHIVES: tuple[FileCase, ...] = (
    FileCase(
        "a hundred archives within one another",
        nested,
        "letters.zip",
        read={f"good-{depth}": "Text." for depth in range(99, 99 - MAX_DEPTH, -1)},
        refused={str(99 - MAX_DEPTH + 1): f"is nested in {MAX_DEPTH} archives"},
    ),
    *outwards(),
    FileCase(
        "a name with escape sequences and a line end",
        lambda: zipped({"a\x1b[2J\nb.txt": b""}),
        "letters.zip",
        refused={"a\ufffd[2J\ufffdb": "is empty"},
    ),
    FileCase(
        "links and devices in a tar",
        links_in_tar,
        "letters.tar",
        read={"good": "Text."},
        refused=dict.fromkeys("shcf", LINK),
    ),
    FileCase("a link in a zip", link_in_zip, "letters.zip", refused={"l": LINK}),
    FileCase(
        "one file under a password in a zip",
        closed_in_zip,
        "letters.zip",
        read={"open": "Text."},
        refused={"closed": "is protected by a password"},
    ),
    FileCase("a zip that breaks off", partial(half, zipped), "letters.zip", refused={"letters": DAMAGED}),
    FileCase(
        "a tar that breaks off",
        partial(half, tarred),
        "letters.tar",
        read=3,
        refused=BROKEN_OFF,
    ),
    FileCase(
        "a packed tar that breaks off",
        partial(half, partial(tarred, packing="gz")),
        "letters.tgz",
        read=3,
        refused=BROKEN_OFF,
    ),
    FileCase("one damaged file in a zip", damaged_in_zip, "letters.zip", read={"b": "Text."}, refused={"d": DAMAGED}),
    FileCase(
        "a zip whose directory has lost files",
        swallowed,
        "letters.zip",
        read=1,
        refused={"letters": DAMAGED},
    ),
    FileCase(
        "a file without a name in a zip",
        lambda: lost_in_directory(b"c.txt", b"\0\0\0\0\0"),
        "letters.zip",
        read=5,
        refused={"letters": DAMAGED},
    ),
    FileCase(
        "a zip of nothing",
        lambda: zipped({}),
        "letters.zip",
        refused={"letters": NO_LETTER},
    ),
    FileCase(
        "a tar of pictures",
        lambda: tarred({"x.png": b""}),
        "letters.tar",
        refused={"letters": NO_LETTER},
    ),
    FileCase(
        "a compressed file that is no archive",
        lambda: gzip.compress(b"Text."),
        "letters.gz",
        refused={"letters": "is a compressed file, not an archive"},
    ),
    FileCase("a zip bomb of one file", lambda: zip_bomb(1, 400), "letters.zip", refused={"0": "is too large"}),
    FileCase(
        "a zip bomb of many files",
        lambda: zip_bomb(60, 4),
        "letters.zip",
        read=20,
        refused={"letters": BOMB},
    ),
    FileCase(
        "a tar bomb",
        lambda: tar_bomb(400),
        "letters.tgz",
        refused={"0": "is too large", "letters": BOMB},
    ),
    FileCase(
        "a tar that goes on behind a block of zeros",
        after_zeros,
        "letters.tar",
        read={"a": "Text."},
        refused={"letters": DAMAGED},
    ),
    *cut_mails(),
    FileCase("a letter inside another in a mail", two_in_one, "letters.eml", read=0, refused={"letters": DAMAGED_MAIL}),
    FileCase(
        "a mail without its first boundaries",
        without_first_boundaries,
        "letters.eml",
        read=5,
        refused={"letters": DAMAGED_MAIL},
    ),
    FileCase("zeros within a mail", gap_in_mail, "letters.eml", read=4, refused={"letters": DAMAGED_MAIL}),
    FileCase(
        "a mail with a header of 5 MB",
        lambda: b"MIME-Version: 1.0\nContent-Type: text/plain" + b"; a=b" * 1_000_000 + b"\n\nText.",
        "letters.eml",
        refused={"letters": "is a mail that cannot be read"},
        seconds=5.0,
    ),
    FileCase("a mail without text", lambda: b"Subject: x\n\n", "letters.eml", refused={"letters": "without a letter"}),
    FileCase("a hundred mails within one another", lambda: mails_in_mails(100), "letters.eml", either=True),
    FileCase(
        "3,000 mails within one another",
        lambda: mails_in_mails(3_000),
        "letters.eml",
        refused={"letters": "is a mail that cannot be read"},
    ),
    FileCase(
        "a Word document in an archive, in a mail, in a zip",
        lambda: zipped({"a.tgz": tarred({"b.eml": mail("See.", {"c.docx": docx("Text.")})}, "gz")}),
        "letters.zip",
        read={"c": "Text."},
    ),
)
