"""One machine's part of the documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from imrllm.errors import UsageError

_SHARD = re.compile(r"(?P<number>[0-9]{1,6})/(?P<of>[0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` of `of` parts, counted from 1; in text `number/of`.

    A document's part rests on its id and nothing else: not on the order of the inputs, nor on the other documents,
    nor on the machine. Of the same inputs, machines with 1/n to n/n have each document once.
    """

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `i/n`.

        Raises:
            UsageError: it does not have that form, or there is no such part.
        """
        found = _SHARD.fullmatch(text.strip())
        if found is None or not 1 <= int(found["number"]) <= int(found["of"]):
            raise UsageError(
                f"`{text}` is not a shard.", hint="Write `i/n`, part i of n: the first of three machines has `1/3`."
            )
        return cls(int(found["number"]), int(found["of"]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @classmethod
    def holding(cls, document_id: str, of: int) -> Shard:
        """The part that a document belongs to, of so many."""
        return cls(int.from_bytes(sha256(document_id.encode()).digest()[:8]) % of + 1, of)

    def has(self, document_id: str) -> bool:
        """Whether a document belongs to this part."""
        return self == Shard.holding(document_id, self.of)
