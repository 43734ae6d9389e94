"""The streams of a PDF, decrypted and decompressed within a limit, each held to its checksum.

Source of the rules: ISO 32000-1, 7.4.4 (Flate), 7.6 (encryption with AES-128, crypt filter AESV2).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from hashlib import md5

from imrllm.documents.pdf_objects import OddPdfError, require, string_bytes

MAX_INFLATED = 5_000_000
"""The most bytes of all streams of a file together, decompressed. A letter has some 100,000. PDFium takes up to a
second and some hundred megabytes for five million bytes of drawing."""

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_BLOCK = 16
_FILTERS = {b"CF", b"Filter", b"Length", b"O", b"P", b"R", b"StmF", b"StrF", b"U", b"V"}
_AES_128 = {b"V": b"4", b"R": b"4", b"Length": b"128", b"StmF": b"/StdCF", b"StrF": b"/StdCF", b"Filter": b"/Standard"}


def empty_password_key(encryption: Mapping[bytes, bytes], identifier: bytes) -> bytes:
    """The file's key for AES-128 and an empty password (7.6.3.3, algorithm 2).

    Args:
        encryption: the encryption dictionary's entries, as printed.
        identifier: the first string of the trailer's `/ID`.

    Raises:
        OddPdfError: the encryption is another one.
    """
    require(encryption.keys() == _FILTERS and all(encryption[key] == value for key, value in _AES_128.items()))
    require(encryption[b"CF"].replace(b" ", b"") == b"<</StdCF<</AuthEvent/DocOpen/CFM/AESV2/Length16>>>>")
    owner = string_bytes(encryption[b"O"])
    require(len(owner) == len(_PADDING))
    permissions = int(encryption[b"P"]).to_bytes(4, "little", signed=True)
    key = md5(_PADDING + owner + permissions + identifier, usedforsecurity=False).digest()
    for _ in range(50):
        key = md5(key, usedforsecurity=False).digest()
    return key


class Inflater:
    """Decrypts and decompresses the streams of one file.

    A wrong key, and damage in an encrypted stream, give bytes that are no Flate stream.
    """

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._left = MAX_INFLATED

    def __call__(self, data: bytes, number: int) -> bytes:
        """The content of the stream of an object.

        Raises:
            OddPdfError: it is cut short, its checksum is wrong, something follows it, or the file's limit is reached.
        """
        flate = zlib.decompressobj()
        try:
            inflated = flate.decompress(self.decrypted(data, number), self._left)
        except zlib.error:
            raise OddPdfError from None
        require(flate.eof and not flate.unused_data)
        self._left -= len(inflated)
        require(self._left > 0)
        return inflated

    def check_end(self, data: bytes, number: int) -> None:
        """Check the end of a stream that is not needed.

        Raises:
            OddPdfError: it is cut short or damaged at its end.
        """
        require(len(data) % _BLOCK == 0 or self._key is None)
        self.decrypted(data[-2 * _BLOCK :], number)

    def decrypted(self, data: bytes, number: int) -> bytes:
        """The bytes of an object's stream or string without their encryption.

        Raises:
            OddPdfError: they are cut short or damaged at their end.
        """
        return data if self._key is None else _decrypted(data, self._key, number)


def _decrypted(data: bytes, key: bytes, number: int) -> bytes:
    """A stream without its encryption (7.6.2, algorithm 1): the first block is the vector, the last one is padded."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    require(len(data) >= 2 * _BLOCK and len(data) % _BLOCK == 0)
    own = md5(key + number.to_bytes(3, "little") + b"\x00\x00sAlT", usedforsecurity=False).digest()
    plain = Cipher(AES(own), CBC(data[:_BLOCK])).decryptor().update(data[_BLOCK:])
    padding = plain[-1]
    require(1 <= padding <= _BLOCK and plain.endswith(bytes([padding]) * padding))
    return plain[:-padding]
