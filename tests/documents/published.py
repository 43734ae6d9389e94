"""PDFs of the structure of the letters as DWC publishes them, of any text: what the check of intact files knows.

One cross-reference stream, pages and fonts in object streams, contents in Flate streams, AES-128 with an empty
password. Outside of streams stand the catalog, the encryption, font descriptors, widths, an image and data about the
document.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from hashlib import md5
from itertools import accumulate

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from pypdf._encryption import AlgV4
from reportlab.pdfbase._fontdata import encodings, widthsByFontGlyph

HEADER = b"%PDF-1.6\r%\xe2\xe3\xcf\xd3\r\n"
IDENTIFIER = bytes(range(16))
OWNER = bytes(range(65, 97))
PERMISSIONS = -1340
_FACES = {"TimesNewRomanPSMT": "Times-Roman", "Arial-BoldMT": "Helvetica-Bold"}
_LEADING = 14
_STRING = re.compile(rb"\(([A-Za-z]+)\)")


def published(pages: Sequence[str], *, encrypted: bool = True) -> bytes:
    """A PDF with a page for each text; an empty line of a text is left blank on the page."""
    return assembled(*parts(pages), encrypted=encrypted)


def parts(pages: Sequence[str]) -> tuple[dict[int, bytes], dict[int, tuple[bytes, bytes]]]:
    """The objects that go into object streams, by number, and those outside: entries (or all of one) and content."""
    contents = {20 + number: page for number, page in enumerate(pages)}
    kids = b" ".join(b"%d 0 R" % (number + 20) for number in contents)
    inside = {
        2: b"<</Count %d/Kids[%b]/Type/Pages>>" % (len(pages), kids),
        3: b"<</Font<</F0 4 0 R/F1 5 0 R>>/XObject<</I 10 0 R>>>>",
    }
    outside = {
        1: (b"<</Lang(en)/MarkInfo<</Marked true>>/Metadata 11 0 R/Pages 2 0 R/Type/Catalog>>", b""),
        10: (
            b"<</BitsPerComponent 8/ColorSpace/DeviceGray/Height 8/Subtype/Image/Type/XObject/Width 8",
            zlib.compress(bytes(64)),
        ),
        11: (b"<</Subtype/XML/Type/Metadata", b"<about/>"),
        12: (b"<</Author(A)/CreationDate(B)/Producer(C)>>", b""),
        13: (b"<</BM/Normal/CA 1/Type/ExtGState>>", b""),
    }
    for index, (name, face) in enumerate(_FACES.items()):
        widths = [widthsByFontGlyph[face].get(encodings["WinAnsiEncoding"][code], 0) for code in range(32, 123)]
        inside[4 + index] = (
            b"<</BaseFont/%b/Encoding/WinAnsiEncoding/FirstChar 32/FontDescriptor %d 0 R/LastChar 122/Subtype/TrueType"
            b"/Type/Font/Widths %d 0 R>>" % (name.encode(), 6 + index, 8 + index)
        )
        outside[6 + index] = (
            b"<</Ascent 891/AvgWidth 401/CapHeight 693/Descent -216/Flags 32/FontBBox[-568 -216 2000 693]/FontName/%b"
            b"/FontWeight 400/ItalicAngle 0/Leading 42/MaxWidth 2568/StemV 40/Type/FontDescriptor/XHeight 250>>"
            % name.encode(),
            b"",
        )
        outside[8 + index] = (b"[" + b" ".join(b"%d" % width for width in widths) + b"]", b"")
    for number, page in contents.items():
        inside[number + 20] = (
            b"<</Contents %d 0 R/MediaBox[0 0 612 792]/Parent 2 0 R/Resources 3 0 R/Type/Page>>" % number
        )
        outside[number] = (b"<<", zlib.compress(_content(page)))
    return inside, outside


def _content(page: str) -> bytes:
    """A page's content as Word writes it: each line at its place, with the space at its end; the first one in bold.

    A page of text has an image as well, a page without text a line.
    """
    drawn = [b"/I Do"] if page else [b"0 0 m 9 9 l S"]
    for index, line in enumerate(page.split("\n") if page else []):
        text = line.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font = b"F1" if index == 0 else b"F0"
        drawn.append(b"BT /%b 12 Tf 1 0 0 1 72 %d Tm [(%b )] TJ ET" % (font, 740 - _LEADING * index, text))
    return b"\n".join(drawn)


def assembled(
    inside: Mapping[int, bytes], outside: Mapping[int, tuple[bytes, bytes]], *, encrypted: bool = True
) -> bytes:
    """A file of these objects; a dictionary without its end is a stream's, whose filter is added where it has none."""
    key = AlgV4.compute_key(b"", 4, 128, OWNER, PERMISSIONS % 2**32, IDENTIFIER, True)
    made = bytearray(HEADER)
    entries: dict[int, tuple[int, int, int]] = {}

    def add(number: int, head: bytes, content: bytes, *, lock: bool = True) -> None:
        entries[number] = (1, len(made), 0)
        if encrypted and lock:
            head = _STRING.sub(lambda found: b"<%b>" % _encrypted(found[1], key, number).hex().encode(), head)
        if head.endswith(b">>") or head.startswith(b"["):
            made.extend(b"%d 0 obj\r%b\rendobj\r" % (number, head))
            return
        if encrypted and lock:
            content = _encrypted(content, key, number)
        head += b"/Filter/FlateDecode" if b"/Filter" not in head and b"/Metadata" not in head else b""
        made.extend(b"%d 0 obj\r%b/Length %d>>stream\r\n" % (number, head, len(content)))
        made.extend(content + b"\r\nendstream\rendobj\r")

    top = max(*inside, *outside)
    halves = sorted(inside)[::2], sorted(inside)[1::2]
    for stream, numbers in enumerate(halves, start=top + 1):
        bodies = [inside[number] for number in numbers]
        starts = accumulate((len(body) + 1 for body in bodies), initial=0)
        pairs = b" ".join(b"%d %d" % pair for pair in zip(numbers, starts, strict=False)) + b" "
        add(
            stream,
            b"<</First %d/N %d/Type/ObjStm" % (len(pairs), len(bodies)),
            zlib.compress(pairs + b" ".join(bodies)),
        )
        entries |= {number: (2, stream, index) for index, number in enumerate(numbers)}
    for number in sorted(outside):
        add(number, *outside[number])
    lock, table = top + 3, top + 4
    trailer = b"/ID[<%b><%b>]/Info 12 0 R/Root 1 0 R" % ((IDENTIFIER.hex().encode(),) * 2)
    if encrypted:
        user = AlgV4.compute_U_value(key, 4, IDENTIFIER)
        add(
            lock,
            b"<</CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV2/Length 16>>>>/Filter/Standard/Length 128/O<%b>/P %d/R 4"
            b"/StmF/StdCF/StrF/StdCF/U<%b>/V 4>>" % (OWNER.hex().encode(), PERMISSIONS, user.hex().encode()),
            b"",
        )
        trailer += b"/Encrypt %d 0 R" % lock
    start = len(made)
    entries[table] = (1, start, 0)
    add(table, *cross_references(entries, trailer), lock=False)
    return bytes(made) + b"startxref\r\n%d\r\n%%%%EOF\r\n" % start


def cross_references(entries: Mapping[int, tuple[int, int, int]], trailer: bytes) -> tuple[bytes, bytes]:
    """The head and the content of a cross-reference stream, its rows as differences to the row above."""
    rows = [entries.get(number, (0, 0, 0)) for number in range(max(entries) + 1)]
    packed = [bytes([kind]) + second.to_bytes(4, "big") + third.to_bytes(2, "big") for kind, second, third in rows]
    above = [bytes(7), *packed]
    content = b"".join(
        b"\x02" + bytes((new - old) & 255 for new, old in zip(row, before, strict=True))
        for row, before in zip(packed, above, strict=False)
    )
    head = b"<</DecodeParms<</Columns 7/Predictor 12>>%b/Size %d/Type/XRef/W[1 4 2]" % (trailer, len(rows))
    return head, zlib.compress(content)


def _encrypted(content: bytes, key: bytes, number: int) -> bytes:
    own = md5(key + number.to_bytes(3, "little") + b"\x00\x00sAlT", usedforsecurity=False).digest()
    vector = md5(own, usedforsecurity=False).digest()
    padding = 16 - len(content) % 16
    encryptor = Cipher(AES(own), CBC(vector)).encryptor()
    return vector + encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()
