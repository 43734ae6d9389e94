"""Settles a record from a model's answers and the grammar's readings, with its evidence and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute_of
from typing import Any

from imrllm.answer_models import GroundReason
from imrllm.crosscheck.assessment import assessed
from imrllm.crosscheck.candidates import Candidate, GroundAnswers
from imrllm.crosscheck.completeness import incomplete
from imrllm.crosscheck.contradictions import absent_sections, contradictions, not_by_the_form, overlooked, unread_header
from imrllm.crosscheck.ledger import Ledger
from imrllm.crosscheck.lists import settle_entries, settle_grounds
from imrllm.crosscheck.rationale_alone import rationale_checks
from imrllm.crosscheck.signals import signals_of
from imrllm.fields import CASE_FIELDS, CITATION_FIELDS, ITEM_FIELDS, Field, Side, is_present
from imrllm.grammar import (
    BasisReadings,
    ItemReadings,
    LetterReadings,
    Part,
    Reading,
    tidy_diagnosis,
    tidy_treatment,
)
from imrllm.grammar.reading import FieldReading, value_of
from imrllm.letter import ItemParts, LetterParts, is_rationale
from imrllm.records import (
    Basis,
    CaseAnswer,
    Check,
    Citation,
    ConflictPolicy,
    Determination,
    DisputedItem,
    Ground,
    ItemAnswer,
)
from imrllm.spans import FoldedSpan, SourceSpan
from imrllm.trust import Arbitration, Signals

# Functions that cut doses, dates and the like from an entry.
_TIDIED: Mapping[str, Callable[[Part], Part]] = {
    "clinical_summary.diagnoses": tidy_diagnosis,
    "clinical_summary.treatments_to_date": tidy_treatment,
}
_CITATION_FIELDS = tuple(Citation.model_fields)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A checked record.

    Attributes:
        record: what the policy made of both readings.
        evidence: JSON Pointers to spans of the source text.
        checks: one for each field that was compared.
        candidates: by the JSON Pointer of a list that takes judgment, the entries that it might hold.
        signals: by JSON Pointer of each field, what may tell a wrong value from a right one.
        risks: by the same pointers, the probability that the value is wrong, where it is measured.
        form: the form of the letter.
    """

    record: Determination
    evidence: dict[str, tuple[SourceSpan, ...]]
    checks: tuple[Check, ...]
    candidates: Mapping[str, tuple[Candidate, ...]] = attribute_of(default_factory=dict)
    signals: Mapping[str, Signals] = attribute_of(default_factory=dict)
    risks: Mapping[str, float] = attribute_of(default_factory=dict)
    form: str | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether a person is asked to look at a value."""
        return any(check.review for check in self.checks)


def resolve(
    document_id: str,
    parts: LetterParts,
    readings: LetterReadings,
    case: CaseAnswer | None,
    items: Sequence[ItemAnswer | None],
    policy: ConflictPolicy,
    *,
    grounds: Sequence[GroundAnswers] | None = None,
    asked: frozenset[str] | None = None,
    arbitration: Arbitration | None = None,
) -> Resolved:
    """Cross-check a letter's answers and settle its record.

    Args:
        document_id: the input's name.
        parts: the letter's parts.
        readings: what the grammar reads.
        case: the model's answer on the case; None if it gave none.
        items: its answers on the disputed items, in document order; None for an item that it left out.
        policy: `repair` takes what gold shows to be right more often wherever the two differ, without a table the
            source's value; `flag` and `reask` keep the model's.
        grounds: for each disputed item what the model answered on its grounds; by default the grounds of `items`.
        asked: pointers of the fields that the model was asked for, or of what holds them; None if it was asked for
            all. The others are the grammar's alone: only the letter's own contradictions are checked.
        arbitration: what gold shows of the model; by default cautious rules.
    """
    ledger = Ledger(parts.folded, policy, asked, arbitration or Arbitration())
    if grounds is None:
        grounds = [_without_quotes(item.grounds if item else ()) for item in items]
    settled = tuple(
        _item(ledger, index, parts, reading, answer, given)
        for index, (reading, answer, given) in enumerate(zip(readings.items, items, grounds, strict=True))
    )
    record = Determination.model_validate(
        {"document_id": document_id, **_case(ledger, parts, readings, case), "disputed_items": settled}
    )
    if is_rationale(parts):
        rationale_checks(ledger, parts, record.disputed_items, readings.items)
    else:
        contradictions(ledger, record, readings)
        absent_sections(ledger, parts)
        incomplete(ledger, parts, readings)
    overlooked(ledger, parts)
    not_by_the_form(ledger, parts)
    unread_header(ledger, parts, readings)
    signals: Mapping[str, Signals] = {}
    # Without a table nothing is measured. The signals of what `flag` keeps from a model were not counted either, and
    # no letter of the gold was in a form that a model read.
    measured = policy == "repair" and not any(each.by == "model" for each in parts.unsure)
    if measured and ledger.arbitration.has_table:
        signals = signals_of(record, parts, readings, ledger.checks, ledger.shares)
    risks, checks = assessed(ledger.checks, signals, ledger.arbitration, record, ledger.evidence)
    return Resolved(record, ledger.evidence, checks, ledger.candidates, signals, risks, parts.form)


def _without_quotes(grounds: Iterable[Ground]) -> GroundAnswers:
    return GroundAnswers(tuple(GroundReason(quote="", ground=ground) for ground in grounds))


def attribute(holder: Any, path: Sequence[str]) -> Any:
    """The attribute at the end of a path of names; the caller states its type."""
    for name in path:
        holder = getattr(holder, name)
    return holder


def reading_of(field: Field, parts: LetterParts, part: ItemParts, reading: ItemReadings) -> FieldReading | None:
    """What the letter's form or the grammar reads of a field of one disputed item; None or empty if it is absent."""
    if field.filled_by == ("form",):
        span: FoldedSpan | None = getattr(part, field.part)
        if span is None or (field.part == "outcome" and part.decision is None):
            return None
        return Reading(part.decision if field.part == "outcome" else parts.folded.printed[slice(*span)], span)
    holder = reading.request if field.part in ("heading", "request") else reading
    read: FieldReading | None = attribute(holder, field.path)
    return read


def _case(
    ledger: Ledger, parts: LetterParts, readings: LetterReadings, case: CaseAnswer | None
) -> dict[str, dict[str, object]]:
    """The settled sections of the record outside its disputed items, by name."""
    settled: dict[str, dict[str, object]] = {}
    for field in CASE_FIELDS:
        section, name = field.path
        reading: FieldReading | None = attribute(readings, field.path)
        within: FoldedSpan | None = getattr(parts, field.part)
        value: object
        if not field.is_asked:
            ledger.note(field.pointer, reading)
            value = value_of(reading)
        elif field.name in _TIDIED:
            claimed = attribute(case, field.path) if case else None
            entries = reading if isinstance(reading, tuple) else ()
            value = settle_entries(ledger, field, claimed, entries, within, _TIDIED[field.name])
        else:
            claimed = attribute(case, field.path) if case else field.empty
            value = ledger.settle(field.pointer, claimed, reading, within, field.same)
        settled.setdefault(section, {})[name] = value
    return settled


def _item(
    ledger: Ledger,
    index: int,
    parts: LetterParts,
    reading: ItemReadings,
    answer: ItemAnswer | None,
    grounds: GroundAnswers,
) -> DisputedItem:
    part = parts.items[index]
    settled: dict[str, object] = {}
    for field in ITEM_FIELDS:
        at = field.at(index)
        if field.side:
            # A side's stance and its citations are settled together.
            settled[field.side] = _basis(ledger, field, at.removesuffix("/stance"), part, reading, answer)
        elif field.name == "grounds":
            settled[field.name] = settle_grounds(ledger, at, grounds, part, reading)
        elif not field.is_asked:
            found = reading_of(field, parts, part, reading)
            ledger.note(at, found)
            settled[field.name] = value_of(found)
        else:
            found = reading_of(field, parts, part, reading)
            within: FoldedSpan | None = getattr(part, field.part, None)
            if field.part == "request" and reading.request.request:
                within = reading.request.request.span
            claimed = getattr(answer, field.name) if answer else field.empty
            settled[field.name] = ledger.settle(at, claimed, found, within, field.same)
    return DisputedItem.model_validate({**settled, "retrospective": bool(settled["retrospective"])})


def _basis(
    ledger: Ledger, field: Field, pointer: str, part: ItemParts, reading: ItemReadings, answer: ItemAnswer | None
) -> object:
    """Settle one side's basis: its stance, which is the field, and its citations."""
    claimed: Basis | None = getattr(answer, str(field.side)) if answer else None
    read: BasisReadings | None = getattr(reading, str(field.side))
    within: FoldedSpan | None = getattr(part, field.part)
    basis, citations = (read.basis, read.citations) if read else (None, ())
    stance = Reading(basis.value.stance, basis.span) if basis else None
    at = f"{pointer}/citations"
    asked = ledger.is_asked(pointer)
    if asked and (claimed is None or basis is None):
        # What only one of the two has is settled as a whole: the record may hold none of its fields.
        whole = ledger.settle(pointer, claimed, basis, within)
        if basis is not None and whole is basis.value:
            ledger.note(f"{pointer}/stance", stance)
            _note_citations(ledger, at, citations)
        return whole
    settled_stance = ledger.settle(f"{pointer}/stance", claimed.stance if claimed else None, stance, within, field.same)
    answered = claimed.citations if claimed else ()
    settled: object
    if not asked:
        settled = _note_citations(ledger, at, citations)
    elif len(answered) != len(citations):
        # Lists of different lengths cannot be paired and are compared as a whole.
        settled = ledger.settle(at, answered, citations, within)
        if settled is not answered:
            _note_citations(ledger, at, citations)
    else:
        settled = [
            _citation(ledger, field.side, f"{at}/{index}", mine, theirs, within)
            for index, (mine, theirs) in enumerate(zip(answered, citations, strict=True))
        ]
    return None if settled_stance is None else Basis.model_validate({"stance": settled_stance, "citations": settled})


def _note_citations(ledger: Ledger, pointer: str, citations: Sequence[Reading[Citation]]) -> list[Citation]:
    """Note the evidence of each field of the grammar's citations, and return the citations."""
    for index, reading in enumerate(citations):
        names = (name for name in _CITATION_FIELDS if is_present(getattr(reading.value, name)))
        ledger.note_fields((f"{pointer}/{index}/{name}" for name in names), reading)
    return [reading.value for reading in citations]


def _citation(
    ledger: Ledger,
    side: Side | None,
    pointer: str,
    claimed: Citation,
    reading: Reading[Citation],
    within: FoldedSpan | None,
) -> Citation:
    fields: dict[str, object] = {}
    for field in CITATION_FIELDS:
        if field.side == side:
            (name,) = field.path
            value: object = getattr(reading.value, name)
            own = Reading(value, reading.span) if is_present(value) else None
            settled = ledger.settle(f"{pointer}/{name}", getattr(claimed, name), own, within, field.same)
            fields[name] = field.empty if settled is None else settled
    return Citation.model_validate(fields)
