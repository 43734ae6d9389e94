"""How much may go out: the limits of one request file, and of the tokens that wait at the provider at a time."""

from __future__ import annotations

from dataclasses import dataclass

# Of one input file (https://developers.openai.com/api/docs/guides/batch: 50,000 requests, 200 MB).
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
# So many files share a window: the next goes out when a part of it ends, not the whole.
_FILES_A_WINDOW = 4


@dataclass(slots=True)
class Window:
    """The input tokens that may wait at the provider at a time, of one model.

    A provider that refuses a batch for them lowers what is allowed, to halfway between what was accepted and what was
    not; each batch that is completed doubles it again, up to what was stated. Others may share the account's limit.

    Attributes:
        stated: the limit as given; None is no limit.
        allowed: the limit just now, at most the stated one.
        enqueued: tokens of the batches that have not ended.
    """

    stated: int | None = None
    allowed: int | None = None
    enqueued: int = 0

    def __post_init__(self) -> None:
        self.allowed = self.allowed or self.stated

    def has_room(self, tokens: int, drafted: int = 0) -> bool:
        """Whether so many more tokens may go out, beside those of a batch in the making.

        One letter may at all times, where nothing else waits: what it is alone too large for, the provider must say.
        """
        waiting = self.enqueued + drafted
        return self.allowed is None or not waiting or waiting + tokens <= self.allowed

    def sent(self, tokens: int) -> None:
        """Count a batch that goes out."""
        self.enqueued += tokens

    def ended(self, tokens: int, *, refused: bool = False, completed: bool = False) -> None:
        """Count a batch that is no longer at the provider.

        Args:
            tokens: as it was counted when it went out.
            refused: the provider said that it was too many tokens at a time.
            completed: it was worked off to its end.
        """
        self.enqueued -= tokens
        if refused:
            lower = self.enqueued + tokens // 2
            self.allowed = max(1, lower if self.allowed is None else min(self.allowed, lower))
        elif completed and self.allowed is not None:
            self.allowed = self.allowed * 2 if self.stated is None else min(self.allowed * 2, self.stated)


@dataclass(slots=True)
class FileSize:
    """What one request file holds so far."""

    requests: int = 0
    size: int = 0
    tokens: int = 0

    def has_room(self, requests: int, size: int, tokens: int, window: Window) -> bool:
        """Whether a letter's requests, of so many bytes and tokens, still go into the file; an empty one takes any."""
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
