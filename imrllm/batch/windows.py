"""How much may be sent: the limits of one request file, and of the tokens that wait at the provider."""

from __future__ import annotations

from dataclasses import dataclass

# Of one input file (https://developers.openai.com/api/docs/guides/batch: 50,000 requests, 200 MB).
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
# So many files share a window, so that the next can be sent when a part of it ends.
_FILES_A_WINDOW = 4


@dataclass(slots=True)
class Window:
    """The input tokens of one model that may wait at the provider.

    When the provider refuses a batch because of them, the limit falls to halfway between what was accepted and what
    was refused. Each completed batch doubles it again, up to the stated limit. Others may share the account's limit.

    Attributes:
        stated: the given limit; None for no limit.
        allowed: the current limit.
        enqueued: tokens of the batches that have not ended.
    """

    stated: int | None = None
    allowed: int | None = None
    enqueued: int = 0

    def __post_init__(self) -> None:
        self.allowed = self.allowed or self.stated

    def has_room(self, tokens: int, drafted: int = 0) -> bool:
        """Whether `tokens` more may be sent, beside the drafted ones.

        If nothing waits, one letter may always be sent: only the provider can say that it is too large alone.
        """
        waiting = self.enqueued + drafted
        return self.allowed is None or not waiting or waiting + tokens <= self.allowed

    def sent(self, tokens: int) -> None:
        """Count a batch that is sent."""
        self.enqueued += tokens

    def ended(self, tokens: int, *, refused: bool = False, completed: bool = False) -> None:
        """Count a batch of `tokens` that is completed, `refused` for too many waiting tokens, or otherwise gone."""
        self.enqueued -= tokens
        if refused:
            lower = self.enqueued + tokens // 2
            self.allowed = max(1, lower if self.allowed is None else min(self.allowed, lower))
        elif completed and self.allowed is not None:
            self.allowed = self.allowed * 2 if self.stated is None else min(self.allowed * 2, self.stated)


@dataclass(slots=True)
class FileSize:
    """The size of a request file so far, in requests, bytes and tokens."""

    requests: int = 0
    size: int = 0
    tokens: int = 0

    def has_room(self, requests: int, size: int, tokens: int, window: Window) -> bool:
        """Whether a letter's requests still fit into the file; an empty file takes any letter."""
        if not self.requests:
            return True
        most = None if window.allowed is None else window.allowed // _FILES_A_WINDOW
        return (
            self.requests + requests <= MAX_REQUESTS
            and self.size + size <= MAX_BYTES
            and (most is None or self.tokens + tokens <= most)
        )

    def add(self, requests: int, size: int, tokens: int) -> None:
        """Count a letter's requests."""
        self.requests += requests
        self.size += size
        self.tokens += tokens
