"""The ledger of one letter's cross-check: each field is settled in turn, with its check and its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from operator import eq

from pydantic import BaseModel

from imrllm.crosscheck.candidates import Candidate
from imrllm.crosscheck.locate import locate
from imrllm.fields import field_at, is_present
from imrllm.folding import Folded
from imrllm.grammar import Part, Reading
from imrllm.grammar.reading import FieldReading, value_of
from imrllm.pointers import parent
from imrllm.records import Check, CheckStatus, ConflictPolicy, Resolution
from imrllm.spans import FoldedSpan, SourceSpan
from imrllm.trust import Agreement, Arbitration

Same = Callable[[object, object], bool]


@dataclass(slots=True)
class Ledger:
    """What has been settled so far.

    Attributes:
        folded: the letter's text; spans in readings are of it.
        policy: how a disagreement is resolved.
        asked: pointers of what a model (or another program) was asked for; None if it was asked for everything.
        arbitration: whose value `repair` takes.
    """

    folded: Folded
    policy: ConflictPolicy
    asked: frozenset[str] | None
    arbitration: Arbitration
    checks: list[Check] = attribute(default_factory=list)
    evidence: dict[str, tuple[SourceSpan, ...]] = attribute(default_factory=dict)
    candidates: dict[str, tuple[Candidate, ...]] = attribute(default_factory=dict)
    shares: dict[str, list[float | None]] = attribute(default_factory=dict)

    def is_asked(self, pointer: str) -> bool:
        """Whether there is a second reading of a field, or of what holds it, to compare."""
        if not self.asked:
            return self.asked is None
        while pointer and pointer not in self.asked:
            pointer = parent(pointer)
        return bool(pointer)

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
    ) -> object:
        """Compare one field, note its check and evidence, and return the value that the record holds.

        Args:
            pointer: the field's JSON Pointer.
            claimed: the model's value; None or an empty list if it left the field out.
            reading: the grammar's reading; a tuple of readings for a list; None if it reads nothing.
            within: the part of the letter that states the field.
            same: whether two present values are the same.

        Returns:
            The settled value: the source's, as printed, if both agree. If they differ, `flag` takes the model's value;
            `repair` takes the source's, unless gold shows this model to be right more often there.
        """
        source = value_of(reading)
        stated, answered = is_present(source), is_present(claimed)
        if not self.is_asked(pointer):
            if stated:
                self.note(pointer, reading)
            return source
        if not stated and not answered:
            return source if claimed is None else claimed
        standing = self._standing(claimed, within) if answered and not stated else None
        span = span_of(reading) if stated else standing
        status: CheckStatus
        if stated and answered:
            status = "confirmed" if same(claimed, source) else "conflict"
        elif stated:
            status = "missing"
        else:
            status = "conflict" if standing else "unsupported"
        taken = source if status == "confirmed" or self._repairs(pointer, stated, answered) else claimed
        resolution: Resolution = "none" if status == "confirmed" else "model" if taken is claimed else "source"
        self.check(pointer, status, claimed, source, span, resolution)
        if taken is source and stated:
            self.note(pointer, reading)
        elif taken is claimed and answered:
            self._note_standing(pointer, claimed, within)
        return taken

    def _repairs(self, pointer: str, stated: bool, answered: bool) -> bool:
        """Whether the record takes the source's value, or its silence, where the two differ."""
        if self.policy != "repair":
            return False
        agreement: Agreement = "grammar_only" if not answered else "differ" if stated else "model_only"
        field = field_at(pointer)
        return field is None or not self.arbitration.prefers_model(field.name, agreement)

    def check(
        self,
        pointer: str,
        status: CheckStatus,
        claimed: object,
        source: object,
        span: FoldedSpan | None,
        resolution: Resolution = "none",
        risk: float | None = None,
        *,
        always: bool = False,
    ) -> None:
        """Note one check; the span is of the folded text.

        Args:
            pointer: the JSON Pointer of what is checked.
            status: what the check found.
            claimed: the model's value.
            source: the grammar's reading.
            span: where the letter states it.
            resolution: whose value the record holds.
            risk: the measured risk of an entry of a list; that of a field is measured later.
            always: whether a person is to look at it whatever its risk.
        """
        self.checks.append(
            Check(
                pointer=pointer,
                status=status,
                model_value=_plain(claimed),
                source_value=_plain(source),
                span=self.folded.source_span(span) if span else None,
                resolution=resolution,
                risk=risk,
                review=always,
            )
        )

    def note(self, pointer: str, reading: FieldReading | None) -> None:
        """Note the evidence of a reading, or of each entry of a list."""
        if isinstance(reading, tuple):
            for index, each in enumerate(reading):
                self.note(f"{pointer}/{index}", each)
        elif reading is not None:
            self.evidence[pointer] = (self.folded.source_span(reading.span),)

    def note_fields(self, pointers: Iterable[str], reading: Reading[object]) -> None:
        """Note the evidence of several fields of what was read in one place."""
        span = (self.folded.source_span(reading.span),)
        self.evidence.update(dict.fromkeys(pointers, span))

    def note_spans(self, pointer: str, spans: Iterable[FoldedSpan]) -> None:
        """Note the evidence of an entry that several stretches of the letter may state."""
        if found := tuple(self.folded.source_span(span) for span in spans):
            self.evidence[pointer] = found

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


def span_of(reading: FieldReading | None) -> FoldedSpan | None:
    """The span from the first of a list's readings to the last; None without one."""
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
