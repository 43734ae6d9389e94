"""Prints a labeled letter in another form, chosen by a seed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from random import Random

from imrllm.evals.drift.kinds import KINDS, FormDraft
from imrllm.evals.drift.pieces import LetterPieces
from imrllm.evals.drift.printing import PrintedLetter, print_letter
from imrllm.evals.drift.style import Style
from imrllm.evals.drift.wordings import Half, wordings

# Printed anew without a change: what the other kinds are compared with.
UNCHANGED = "unchanged"
# Several kinds at once, and all that a letter can have at once.
MIXED = "three together"
ALL = "all together"
# All kinds, the near ones first.
ALL_KINDS = (
    UNCHANGED,
    *sorted(KINDS, key=lambda name: not KINDS[name].is_near),
    MIXED,
    ALL,
)
_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class DriftedLetter:
    """A letter in another form.

    Attributes:
        kind: the kind of its drift.
        kinds: the kinds of its changes, in the order in which they were made.
        pieces: the pieces that it is printed of.
        style: how it is printed.
        printed: its text, and where its pieces stand.
    """

    kind: str
    kinds: tuple[str, ...]
    pieces: LetterPieces
    style: Style
    printed: PrintedLetter

    @property
    def text(self) -> str:
        """Its text."""
        return self.printed.text


def drift(pieces: LetterPieces, kind: str, seed: int, half: Half = "seen", *, form: str = "") -> DriftedLetter | None:
    """Print a letter in another form.

    Args:
        pieces: the letter's pieces, by `take_apart`.
        kind: one of `KINDS`, `UNCHANGED`, `MIXED` or `ALL`.
        seed: the same letter, kind, seed and half give the same form.
        half: whether its wordings are those for development or those held out from it.
        form: a name; letters of one name, kind, seed and half get one form, as far as they can have it. By default
            each letter gets its own.

    Returns:
        The letter; None if it has nothing that the kind changes.
    """
    own = form or sha256(repr(pieces).encode()).hexdigest()
    random = Random(f"{seed} {kind} {half} {own}")  # noqa: S311 - not for secrets
    draft = FormDraft(Style.of(pieces), pieces, wordings(half), random)
    kinds = tuple(name for name in _chosen(kind, random) if KINDS[name].change(draft))
    if not kinds and kind != UNCHANGED:
        return None
    return DriftedLetter(kind, kinds, pieces, draft.style, print_letter(pieces, draft.style))


def _chosen(kind: str, random: Random) -> list[str]:
    """The kinds of one letter's changes, in the order of the registry: what spoils phrases comes last."""
    if kind == UNCHANGED:
        return []
    if kind in KINDS:
        return [kind]
    by_slot: dict[str, list[str]] = {}
    for name, each in KINDS.items():
        by_slot.setdefault(each.slot, []).append(name)
    slots = sorted(by_slot) if kind == ALL else random.sample(sorted(by_slot), _TOGETHER)
    chosen = {random.choice(by_slot[slot]) for slot in slots}
    return [name for name in KINDS if name in chosen]
