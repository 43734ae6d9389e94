"""Documents counted by reason: a thousand files with one fault are one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

REASONS_KEPT = 12
"""Reasons that are kept apart; documents with others are only counted."""

NAMED = 3
"""Documents that are named for each reason."""

# A message names its document first: "`a.pdf` is empty."
_SUBJECT = re.compile(r"`[^`]*`\s?")


@dataclass(slots=True)
class ReasonCounts:
    """Counts over documents. Its size does not grow with their number.

    Attributes:
        reasons: by reason, how many documents it holds for, and the names of the first ones.
        others: documents with reasons beyond the first `REASONS_KEPT`.
    """

    reasons: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    others: int = 0

    def add(self, name: str, reason: str) -> None:
        """Count one document.

        Args:
            name: what to call it.
            reason: what is said of it. Its first words in backticks are left out: they name the document.
        """
        self._add(_SUBJECT.sub("", reason, count=1), 1, (name,))

    def include(self, other: ReasonCounts) -> None:
        """Add the counts of another part of the run."""
        for reason, (count, names) in other.reasons.items():
            self._add(reason, count, names)
        self.others += other.others

    @property
    def by_number(self) -> Mapping[str, tuple[int, tuple[str, ...]]]:
        """The reasons, the most frequent first."""
        return dict(sorted(self.reasons.items(), key=lambda each: -each[1][0]))

    def _add(self, reason: str, count: int, names: tuple[str, ...]) -> None:
        if reason not in self.reasons and len(self.reasons) == REASONS_KEPT:
            self.others += count
            return
        before, named = self.reasons.get(reason, (0, ()))
        self.reasons[reason] = before + count, (*named, *names)[:NAMED]
