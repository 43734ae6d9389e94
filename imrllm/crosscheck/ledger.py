"""The sheet of one letter's cross-check: each field settled in turn, its check and its evidence noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from imrllm.crosscheck.locate import locate
from imrllm.documents.folding import Folded
from imrllm.grammar import Part, Reading
from imrllm.grammar.reading import value_of
from imrllm.normalization import normal_strength, normal_text, normal_unit
from imrllm.records import Check, CheckStatus, ConflictPolicy, Resolution
from imrllm.spans import FoldedSpan, SourceSpan

Same = Callable[[Any, Any], bool]


def exactly(claimed: Any, source: Any) -> bool:
    """Equality of typed values: digit-exact, 60 and 60.0 alike."""
    return bool(claimed == source)


def as_text(claimed: Any, source: Any) -> bool:
    """Equality of text values, folded; lists entry by entry."""
    if isinstance(claimed, (tuple, list)):
        return len(claimed) == len(source) and all(map(as_text, claimed, source))
    return normal_text(claimed) == normal_text(source)


def as_set(claimed: Any, source: Any) -> bool:
    """Equality of lists whose order says nothing, as text."""
    return sorted(map(normal_text, claimed)) == sorted(map(normal_text, source))


def as_unit(claimed: Any, source: Any) -> bool:
    """Equality of units, whatever their number, case and abbreviation."""
    return normal_unit(claimed) == normal_unit(source)


def as_strengths(claimed: Any, source: Any) -> bool:
    """Equality of strengths, each normalised."""
    return tuple(map(normal_strength, claimed)) == tuple(map(normal_strength, source))


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
    checks: list[Check] = field(default_factory=list)
    evidence: dict[str, tuple[SourceSpan, ...]] = field(default_factory=dict)

    def part(self, span: FoldedSpan | None) -> Part | None:
        """A part of the letter by its span."""
        return Part.of(self.folded, span) if span else None

    def settle(
        self,
        pointer: str,
        claimed: Any,
        reading: Any,
        within: FoldedSpan | None,
        same: Same = exactly,
        *,
        confirm_only: bool = False,
    ) -> Any:
        """Compare one field, note its check and evidence, and give the value that the record holds.

        Args:
            pointer: the field's JSON Pointer.
            claimed: the model's value; None or an empty list where it left the field out.
            reading: the grammar's reading, a tuple of readings for a list, None where it reads nothing.
            within: the field's own part of the letter.
            same: when two values agree.
            confirm_only: the grammar's reading can confirm the model's value, but its silence or another reading says
                nothing against it beyond that it is unsupported.

        Returns:
            The settled value: the source's where both agree (as printed) or where the policy repairs.
        """
        source = value_of(reading)
        stated, answered = _is_present(source), _is_present(claimed)
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
        pointer: str,
        claimed: tuple[str, ...] | None,
        readings: tuple[Reading[str], ...],
        within: FoldedSpan | None,
        tidied: Callable[[Part], Part],
    ) -> tuple[str, ...]:
        """Settle a list of free text: each entry must stand in its part, and hold no more than an entry may.

        Args:
            pointer: the list's JSON Pointer.
            claimed: the model's entries; None where it gave no answer on this part of the letter.
            readings: the grammar's, taken where no model answered, unless the policy keeps what the model left out.
            within: the part of the letter that the list is of.
            tidied: cuts an entry's own doses, dates and the like away.

        Returns:
            The entries. Under `repair` what stands nowhere is dropped, and what holds too much is cut.
        """
        if claimed is None or not self.asked:
            taken = not self.asked or self.policy == "repair"
            for index, reading in enumerate(readings):
                at = f"{pointer}/{index}" if taken else pointer
                if self.asked:
                    self.check(at, "missing", None, reading.value, reading.span, "source" if taken else "model")
                if taken:
                    self.note(at, reading)
            return tuple(reading.value for reading in readings) if taken else ()
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
            right = as_text(entry, own.printed) or not as_text(entry, self.folded.printed[slice(*span)])
            value = entry if right or self.policy != "repair" else own.printed
            # Under `repair` an entry counts once, and one that held nothing but what was cut not at all.
            known = next((index for index, each in enumerate(kept) if as_text(value, each)), None)
            new = bool(value) and (known is None or self.policy != "repair")
            at = f"{pointer}/{len(kept)}" if new else pointer if known is None else f"{pointer}/{known}"
            if right:
                self.check(at, "confirmed", entry, entry, span)
            else:
                self.check(at, "conflict", entry, own.printed, span, "model" if value is entry else "source")
            if new:
                self.evidence[at] = (self.folded.source_span(span),)
                kept.append(value)
        self._compare_lists(pointer, tuple(kept), readings)
        return tuple(kept)

    def _compare_lists(self, pointer: str, kept: tuple[str, ...], readings: tuple[Reading[str], ...]) -> None:
        """Whether both readers list the same entries: each may stand in the letter and the list still be wrong.

        The model's list is kept: where prose is listed, the grammar is no better a reader.
        """
        source = tuple(reading.value for reading in readings)
        if not kept and not source:
            return
        status: CheckStatus = "confirmed" if as_set(kept, source) else "missing" if not kept else "conflict"
        self.check(pointer, status, kept, source, _span(readings), "none" if status == "confirmed" else "model")

    def check(
        self,
        pointer: str,
        status: CheckStatus,
        claimed: Any,
        source: Any,
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

    def note(self, pointer: str, reading: Any) -> None:
        """Note the evidence of a reading, of a list's entries one by one."""
        if isinstance(reading, tuple):
            for index, each in enumerate(reading):
                self.note(f"{pointer}/{index}", each)
        elif reading is not None:
            self.evidence[pointer] = (self.folded.source_span(reading.span),)

    def _standing(self, claimed: Any, within: FoldedSpan | None) -> FoldedSpan | None:
        part = self.part(within)
        if part is None:
            return None
        values = claimed if isinstance(claimed, (tuple, list)) else (claimed,)
        spans = [locate(value, part) for value in values]
        found = [span for span in spans if span]
        if not found or len(found) < len(spans) or found[0].start >= found[-1].end:
            return None
        return FoldedSpan(found[0].start, found[-1].end)

    def _note_standing(self, pointer: str, claimed: Any, within: FoldedSpan | None) -> None:
        part = self.part(within)
        if part is None:
            return
        values = list(enumerate(claimed)) if isinstance(claimed, (tuple, list)) else [(None, claimed)]
        for index, value in values:
            if span := locate(value, part):
                self.evidence[pointer if index is None else f"{pointer}/{index}"] = (self.folded.source_span(span),)


def _is_present(value: Any) -> bool:
    return value is not None and value != () and value != []


def _span(reading: Any) -> FoldedSpan | None:
    if isinstance(reading, tuple):
        spans = [each.span for each in reading]
        return FoldedSpan(min(spans).start, max(span.end for span in spans)) if spans else None
    return None if reading is None else reading.span


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
