"""The ledger of one letter's cross-check: each field is settled in turn, with its check and its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from operator import eq

from pydantic import BaseModel

from imrllm.crosscheck.locate import locate
from imrllm.fields import Field, is_present
from imrllm.folding import Folded
from imrllm.grammar import Part, Reading
from imrllm.grammar.reading import FieldReading, value_of
from imrllm.records import Check, CheckStatus, ConflictPolicy, Resolution
from imrllm.spans import FoldedSpan, SourceSpan

Same = Callable[[object, object], bool]


@dataclass(slots=True)
class Ledger:
    """What has been settled so far.

    Attributes:
        folded: the letter's text; spans in readings are of it.
        policy: how a disagreement is resolved.
        asked: whether a model (or another program) answered; without one there is nothing to compare.
    """

    folded: Folded
    policy: ConflictPolicy
    asked: bool
    checks: list[Check] = attribute(default_factory=list)
    evidence: dict[str, tuple[SourceSpan, ...]] = attribute(default_factory=dict)

    def part(self, span: FoldedSpan | None) -> Part | None:
        """A part of the letter by its span."""
        return Part.of(self.folded, span) if span else None

    def settle(
        self,
        pointer: str,
        claimed: object,
        reading: FieldReading | None,
        within: FoldedSpan | None,
        same: Same = eq,
        *,
        confirm_only: bool = False,
    ) -> object:
        """Compare one field, note its check and evidence, and return the value that the record holds.

        Args:
            pointer: the field's JSON Pointer.
            claimed: the model's value; None or an empty list if it left the field out.
            reading: the grammar's reading; a tuple of readings for a list; None if it reads nothing.
            within: the part of the letter that states the field.
            same: whether two present values are the same.
            confirm_only: the grammar can confirm the model's value, but without a confirmation the value is only
                unsupported, never in conflict.

        Returns:
            The settled value: the source's, as printed, if both agree or if the policy repairs; else the model's.
        """
        source = value_of(reading)
        stated, answered = is_present(source), is_present(claimed)
        if not self.asked:
            if stated:
                self.note(pointer, reading)
            return source
        if not stated and not answered:
            return source if claimed is None else claimed
        standing = self._standing(claimed, within) if answered and not stated else None
        span = _span(reading) if stated else standing
        status: CheckStatus
        if stated and answered:
            status = "confirmed" if same(claimed, source) else "conflict"
        elif stated:
            status = "missing"
        else:
            status = "conflict" if standing else "unsupported"
        if confirm_only and status != "confirmed":
            status = "unsupported"
        taken = source if status == "confirmed" or (self.policy == "repair" and not confirm_only) else claimed
        resolution: Resolution = "none" if status == "confirmed" else "model" if taken is claimed else "source"
        self.check(pointer, status, claimed, source, span, resolution)
        if taken is source and stated:
            self.note(pointer, reading)
        elif taken is claimed and answered:
            self._note_standing(pointer, claimed, within)
        return taken

    def settle_entries(
        self,
        field: Field,
        claimed: tuple[str, ...] | None,
        readings: tuple[Reading[object], ...],
        within: FoldedSpan | None,
        tidied: Callable[[Part], Part],
    ) -> tuple[str, ...]:
        """Settle a list of free text: each entry must be in the letter, without doses, dates and the like.

        Args:
            field: a list field of the case.
            claimed: the model's entries; None if it gave no answer on this part of the letter.
            readings: the grammar's entries, taken if no model answered, unless the policy keeps the model's omissions.
            within: the part of the letter that states the list.
            tidied: cuts an entry's own doses, dates and the like away.

        Returns:
            The entries. `repair` drops an entry that is not in the letter, and cuts one that holds too much.
        """
        pointer = field.pointer

        def same(one: str, other: str) -> bool:
            return field.normal(one) == field.normal(other)

        if claimed is None or not self.asked:
            taken = not self.asked or self.policy == "repair"
            for index, reading in enumerate(readings):
                at = f"{pointer}/{index}" if taken else pointer
                if self.asked:
                    self.check(at, "missing", None, reading.value, reading.span, "source" if taken else "model")
                if taken:
                    self.note(at, reading)
            return tuple(str(reading.value) for reading in readings) if taken else ()
        part = self.part(within)
        kept: list[str] = []
        for entry in claimed:
            span = locate(entry, part) if part else None
            if span is None:
                dropped = self.policy == "repair"
                # A dropped entry has no place in the record: its check points at the list.
                at = pointer if dropped else f"{pointer}/{len(kept)}"
                self.check(at, "unsupported", entry, None, None, "source" if dropped else "model")
                if not dropped:
                    kept.append(entry)
                continue
            own = tidied(Part.of(self.folded, span))
            right = same(entry, own.printed) or not same(entry, self.folded.printed[slice(*span)])
            value = entry if right or self.policy != "repair" else own.printed
            # `repair` keeps the first of equal entries, and drops an entry that is empty after the cut.
            known = next((index for index, each in enumerate(kept) if same(value, each)), None)
            new = bool(value) and (known is None or self.policy != "repair")
            at = f"{pointer}/{len(kept)}" if new else pointer if known is None else f"{pointer}/{known}"
            if right:
                self.check(at, "confirmed", entry, entry, span)
            else:
                self.check(at, "conflict", entry, own.printed, span, "model" if value is entry else "source")
            if new:
                self.evidence[at] = (self.folded.source_span(span),)
                kept.append(value)
        self._compare_lists(field, tuple(kept), readings)
        return tuple(kept)

    def _compare_lists(self, field: Field, kept: tuple[str, ...], readings: tuple[Reading[object], ...]) -> None:
        """Check that both readers list the same entries: a list may be wrong though each entry is in the letter.

        The model's list is kept: the grammar is not a better reader of prose.
        """
        source = tuple(reading.value for reading in readings)
        if not kept and not source:
            return
        status: CheckStatus = "confirmed" if field.same(kept, source) else "missing" if not kept else "conflict"
        self.check(field.pointer, status, kept, source, _span(readings), "none" if status == "confirmed" else "model")

    def check(
        self,
        pointer: str,
        status: CheckStatus,
        claimed: object,
        source: object,
        span: FoldedSpan | None,
        resolution: Resolution = "none",
    ) -> None:
        """Note one check; the span is of the folded text."""
        self.checks.append(
            Check(
                pointer=pointer,
                status=status,
                model_value=_plain(claimed),
                source_value=_plain(source),
                span=self.folded.source_span(span) if span else None,
                resolution=resolution,
            )
        )

    def note(self, pointer: str, reading: FieldReading | None) -> None:
        """Note the evidence of a reading, or of each entry of a list."""
        if isinstance(reading, tuple):
            for index, each in enumerate(reading):
                self.note(f"{pointer}/{index}", each)
        elif reading is not None:
            self.evidence[pointer] = (self.folded.source_span(reading.span),)

    def _standing(self, claimed: object, within: FoldedSpan | None) -> FoldedSpan | None:
        part = self.part(within)
        values = claimed if isinstance(claimed, (tuple, list)) else (claimed,)
        found = [span for value in values if part and (span := locate(value, part))]
        if not found or len(found) < len(values) or found[0][0] >= found[-1][1]:
            return None
        return FoldedSpan((found[0][0], found[-1][1]))

    def _note_standing(self, pointer: str, claimed: object, within: FoldedSpan | None) -> None:
        part = self.part(within)
        listed = isinstance(claimed, (tuple, list))
        for index, value in enumerate(claimed if isinstance(claimed, (tuple, list)) else (claimed,)):
            if part and (span := locate(value, part)):
                self.evidence[f"{pointer}/{index}" if listed else pointer] = (self.folded.source_span(span),)


def _span(reading: FieldReading | None) -> FoldedSpan | None:
    if isinstance(reading, tuple):
        spans = [each.span for each in reading]
        return FoldedSpan((min(spans)[0], max(end for _, end in spans))) if spans else None
    return None if reading is None else reading.span


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
