"""Tells an outage from letters that fail alone: a run that only makes failed rows ends."""

from __future__ import annotations


class Outage:
    """Counts the letters in a row that failed while the server gave no answer to any.

    One short outage can fail every letter that is in flight when it begins, and says nothing of the letters after it.
    So a run ends when twice as many letters in a row have failed as there are calls at a time: the later half of them
    began when the first half had been retried in vain. Each letter was retried for minutes (`RetryPolicy`).
    """

    def __init__(self, at_a_time: int) -> None:
        """Prepare; `at_a_time` is the most calls in flight."""
        self.most = 2 * at_a_time
        self._failed: set[str] = set()

    def answered(self) -> None:
        """Note that the server has answered a letter."""
        if self._failed:
            self._failed.clear()

    def failed(self, document: str) -> bool:
        """Note a letter whose retries are used up, and say whether the run should end."""
        self._failed.add(document)
        return len(self._failed) >= self.most
