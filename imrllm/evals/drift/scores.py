"""What became of drifted letters: read or refused, items found and invented, and what is wrong in rows that are ok."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from imrllm.evals.drift.pieces import ArgumentName, LetterPieces
from imrllm.evals.outcomes import score
from imrllm.fields import ITEMS
from imrllm.normalization import normal_text
from imrllm.records import Check, DisputedItem, Result

# Characters at a rationale's start and end that must be its own: a cut too early or too late changes them.
_ENDS = 40
_RATIONALE: ArgumentName = "rationale"


@dataclass(frozen=True, slots=True)
class DriftOutcome:
    """What became of one drifted letter.

    Attributes:
        document: its id.
        error: the type of the error with which it was refused; None if it was read.
        items: disputed items that it has.
        found: those among them that the record has.
        invented: items of the record that it does not have.
        decided: decisions that are right, of the items found.
        rationales: rationales that begin and end where the letter's do, of the items found.
        values: typed values of the gold and of the record; 0 for a letter that was refused.
        right: those that are right.
        is_ok: whether its row is `ok`: no person is asked to look.
        doubts: whether a check says that a part was found without the form's own words.
        wrong: JSON Pointers of items, of typed values and of rationales that are not right; empty if it was refused.
    """

    document: str
    error: str | None
    items: int
    found: int = 0
    invented: int = 0
    decided: int = 0
    rationales: int = 0
    values: int = 0
    right: int = 0
    is_ok: bool = False
    doubts: bool = False
    wrong: frozenset[str] = frozenset()


def judge(pieces: LetterPieces, gold: dict[str, Any], result: Result) -> DriftOutcome:
    """What became of a drifted letter.

    Args:
        pieces: the pieces that it is printed of.
        gold: its true record, as JSON has it.
        result: its result.
    """
    items = len(pieces.items)
    if result.record is None:
        return DriftOutcome(result.document_id, result.error.type if result.error else "no record", items)
    leaves = score(gold, result.record.model_dump(mode="json"))
    pairs = {
        leaf.item: int(leaf.at.rpartition("/")[2])
        for leaf in leaves
        if leaf.field == ITEMS and leaf.at and leaf.item is not None
    }
    read = result.record.disputed_items
    cut = {index: _is_cut_right(pieces, index, read[other]) for index, other in pairs.items()}
    typed = [leaf for leaf in leaves if leaf.is_core]
    wrong = [leaf.path for leaf in typed if not leaf.exact]
    wrong += [f"/{ITEMS}/{index}/{_RATIONALE}" for index, is_right in cut.items() if not is_right]
    return DriftOutcome(
        document=result.document_id,
        error=None,
        items=items,
        found=len(pairs),
        invented=sum(leaf.field == ITEMS and leaf.outcomes["invented"] > 0 for leaf in leaves),
        decided=sum(pieces.items[index].decision == read[other].decision for index, other in pairs.items()),
        rationales=sum(cut.values()),
        values=len(typed),
        right=sum(leaf.exact for leaf in typed),
        is_ok=result.status == "ok",
        doubts=any(map(_is_doubt, result.checks)),
        wrong=frozenset(wrong),
    )


def _is_cut_right(pieces: LetterPieces, index: int, item: DisputedItem) -> bool:
    """Whether an item's rationale begins and ends as the letter's does."""
    true, read = normal_text(pieces.items[index].texts.get(_RATIONALE, "")), normal_text(item.rationale or "")
    return true[:_ENDS] == read[:_ENDS] and true[-_ENDS:] == read[-_ENDS:]


def _is_doubt(check: Check) -> bool:
    """Whether a check is of words that were taken for a heading, a label or an outcome: it has only their place."""
    has_value = check.model_value is not None or check.source_value is not None
    return check.status == "unsupported" and check.span is not None and check.review and not has_value


@dataclass
class DriftTally:
    """What became of the letters of one kind of drift.

    Attributes:
        kind: the kind of drift.
        outcomes: what became of each letter.
        unchangeable: letters that have nothing that the kind changes.
    """

    kind: str
    outcomes: list[DriftOutcome] = field(default_factory=list)
    unchangeable: int = 0

    @property
    def refused(self) -> Counter[str]:
        """The letters that were refused, by type of error."""
        return Counter(each.error for each in self.outcomes if each.error)

    @property
    def read(self) -> int:
        """The letters that were read."""
        return sum(each.error is None for each in self.outcomes)

    def total(self, name: str) -> int:
        """The sum of one count of `DriftOutcome` over all letters."""
        return sum(int(getattr(each, name)) for each in self.outcomes)

    def wrong_if_ok(self, known: Container[tuple[str, str]] = ()) -> list[tuple[str, str]]:
        """What is wrong in rows that are `ok`: ids of letters with JSON Pointers.

        Args:
            known: what is wrong in the letters as they were, and not for the drift.
        """
        found = ((each.document, pointer) for each in self.outcomes if each.is_ok for pointer in sorted(each.wrong))
        return [each for each in found if each not in known]

    @property
    def wrong(self) -> set[tuple[str, str]]:
        """What is wrong in any row: ids of letters with JSON Pointers."""
        return {(each.document, pointer) for each in self.outcomes for pointer in each.wrong}
