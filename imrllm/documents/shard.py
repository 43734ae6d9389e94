"""One machine's share of the documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from imrllm.errors import UsageError

_SHARD = re.compile(r"(?P<number>[0-9]{1,6})/(?P<of>[0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Shard `number` of `of`, counted from 1; written `number/of`.

    A document's shard depends only on its id: not on the order of the inputs, the other documents or the machine. With
    the same inputs, machines with the shards 1/n to n/n read each document exactly once.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `i/n`.

        Raises:
            UsageError: the text does not have that form, or there is no such shard.
        """
        found = _SHARD.fullmatch(text.strip())
        if found is None or not 1 <= int(found["number"]) <= int(found["of"]):
            raise UsageError(
                f"`{text}` is not a shard.", hint="Write `i/n`, part i of n: `1/3` is the first of three parts."
            )
        return cls(int(found["number"]), int(found["of"]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def holding(cls, document_id: str, of: int) -> Shard:
        """The shard that a document belongs to, out of `of` shards."""
        return cls(int.from_bytes(sha256(document_id.encode()).digest()[:8]) % of + 1, of)

    def has(self, document_id: str) -> bool:
        """Whether a document belongs to this shard."""
        return self == Shard.holding(document_id, self.of)
