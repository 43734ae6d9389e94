"""A model's answers against the grammar's readings: the record, its evidence and its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imrllm.crosscheck.contradictions import contradictions, overlooked
from imrllm.crosscheck.ledger import Ledger, Same, as_set, as_strengths, as_text, as_unit, exactly
from imrllm.grammar import (
    BasisReadings,
    ItemReadings,
    LetterReadings,
    Reading,
    can_apply,
    read_grounds,
    tidy_diagnosis,
    tidy_treatment,
)
from imrllm.grammar.reading import value_of
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import (
    Basis,
    CaseAnswer,
    Check,
    Citation,
    ClinicalSummary,
    ConflictPolicy,
    Determination,
    DisputedItem,
    InjuredWorker,
    ItemAnswer,
    LetterHeader,
    Resolution,
    Reviewer,
)
from imrllm.spans import FoldedSpan, SourceSpan

# Fields of one item that its request states, each with when two values agree.
_REQUEST_FIELDS: tuple[tuple[str, Same], ...] = (
    ("treatment", as_text),
    ("category", exactly),
    ("ingredients", as_set),
    ("strengths", as_strengths),
    ("quantity", exactly),
    ("quantity_unit", as_unit),
    ("refills", exactly),
    ("frequency", as_text),
    ("duration", as_text),
    ("total_visits", exactly),
    ("body_parts", as_set),
    ("retrospective", exactly),
    ("date_of_service", exactly),
)
_LISTS = ("ingredients", "strengths", "body_parts")
_CITATION_FIELDS: tuple[tuple[str, Same], ...] = (
    ("guideline", exactly),
    ("within_mtus", exactly),
    ("chapter", as_text),
    ("year", exactly),
    ("sections", as_text),
    ("pages", as_text),
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A checked record.

    Attributes:
        record: what the policy made of both readings.
        evidence: JSON Pointers to spans of the source text.
        checks: one for each field that was compared.
    """

    record: Determination
    evidence: dict[str, tuple[SourceSpan, ...]]
    checks: tuple[Check, ...]

    @property
    def in_doubt(self) -> bool:
        """Whether a check did not confirm."""
        return any(check.status != "confirmed" for check in self.checks)


def resolve(
    document_id: str,
    parts: LetterParts,
    readings: LetterReadings,
    case: CaseAnswer | None,
    items: Sequence[ItemAnswer | None],
    policy: ConflictPolicy,
    *,
    asked: bool = True,
) -> Resolved:
    """Cross-check a letter's answers and settle its record.

    Args:
        document_id: the input's name.
        parts: the letter's form.
        readings: what the grammar reads.
        case: the model's answer on the case; None where it gave none.
        items: its answers on the disputed items, in document order; None where it left one out.
        policy: `repair` takes the source's value wherever the two differ; `flag` and `reask` keep the model's.
        asked: False where no model was asked: the record is the grammar's alone, and only the letter's own
            contradictions are checked.
    """
    sheet = Ledger(parts.folded, policy, asked)
    settled = [
        _item(sheet, f"/disputed_items/{index}", part, reading, answer)
        for index, (part, reading, answer) in enumerate(zip(parts.items, readings.items, items, strict=True))
    ]
    record = Determination(
        document_id=document_id,
        letter=_letter(sheet, readings),
        **_case(sheet, parts, readings, case),
        disputed_items=tuple(settled),
    )
    contradictions(sheet, record, readings)
    overlooked(sheet, parts)
    return Resolved(record, sheet.evidence, tuple(sheet.checks))


def _letter(sheet: Ledger, readings: LetterReadings) -> LetterHeader:
    read = {name: getattr(readings.letter, name) for name in LetterHeader.model_fields}
    for name, reading in read.items():
        sheet.note(f"/letter/{name}", reading)
    return LetterHeader(**{name: value_of(reading) for name, reading in read.items()})


def _case(sheet: Ledger, parts: LetterParts, readings: LetterReadings, case: CaseAnswer | None) -> dict[str, Any]:
    reviewer = case.reviewer if case else Reviewer()
    worker = case.injured_worker if case else InjuredWorker()
    clinical = case.clinical_summary if case else ClinicalSummary()
    credentials, summary = parts.credentials, parts.summary
    read = readings.clinical_summary
    return {
        "reviewer": Reviewer(
            licensed_states=sheet.settle(
                "/reviewer/licensed_states",
                reviewer.licensed_states,
                readings.reviewer.licensed_states,
                credentials,
                as_set,
            ),
            specialties=sheet.settle(
                "/reviewer/specialties",
                reviewer.specialties,
                readings.reviewer.specialties,
                credentials,
                as_text,
            ),
        ),
        "injured_worker": InjuredWorker(
            age=sheet.settle("/injured_worker/age", worker.age, readings.injured_worker.age, summary),
            sex=sheet.settle("/injured_worker/sex", worker.sex, readings.injured_worker.sex, summary),
            injury_date=sheet.settle(
                "/injured_worker/injury_date", worker.injury_date, readings.injured_worker.injury_date, summary
            ),
        ),
        "clinical_summary": ClinicalSummary(
            diagnoses=sheet.settle_entries(
                "/clinical_summary/diagnoses",
                case.clinical_summary.diagnoses if case else None,
                read.diagnoses,
                summary,
                tidy_diagnosis,
            ),
            treatments_to_date=sheet.settle_entries(
                "/clinical_summary/treatments_to_date",
                case.clinical_summary.treatments_to_date if case else None,
                read.treatments_to_date,
                summary,
                tidy_treatment,
            ),
            ur_decision_date=sheet.settle(
                "/clinical_summary/ur_decision_date", clinical.ur_decision_date, read.ur_decision_date, summary
            ),
        ),
    }


def _item(
    sheet: Ledger, pointer: str, part: ItemParts, reading: ItemReadings, answer: ItemAnswer | None
) -> DisputedItem:
    folded = sheet.folded
    sheet.evidence[f"{pointer}/heading"] = (folded.source_span(part.heading),)
    sheet.evidence[f"{pointer}/decision"] = (folded.source_span(part.outcome),)
    for name in ("request", "original_request", "authorized"):
        sheet.note(f"{pointer}/{name}", getattr(reading.request, name))
    if part.rationale:
        sheet.evidence[f"{pointer}/rationale"] = (folded.source_span(part.rationale),)
    settled: dict[str, Any] = {}
    request = reading.request.request
    for name, same in _REQUEST_FIELDS:
        # Retrospective and date of service look at the whole heading, all else at what was decided.
        within = part.heading if name in ("retrospective", "date_of_service") else request.span
        empty: Any = () if name in _LISTS else None
        claimed = getattr(answer, name) if answer else empty
        settled[name] = sheet.settle(f"{pointer}/{name}", claimed, getattr(reading.request, name), within, same)
    for name in ("claims_administrator", "reviewer_basis"):
        settled[name] = _basis(
            sheet, f"{pointer}/{name}", getattr(answer, name) if answer else None, reading, name, getattr(part, name)
        )
    conclusion = reading.conclusion
    settled["medically_necessary"] = sheet.settle(
        f"{pointer}/medically_necessary", answer.medically_necessary if answer else None, conclusion, part.rationale
    )
    settled["grounds"] = _grounds(sheet, f"{pointer}/grounds", answer.grounds if answer else (), part, reading)
    return DisputedItem(
        heading=folded.printed[slice(*part.heading)],
        decision=part.decision,
        request=request.value,
        original_request=_optional(reading.request.original_request),
        authorized=_optional(reading.request.authorized),
        rationale=folded.printed[slice(*part.rationale)] if part.rationale else None,
        **{**settled, "retrospective": bool(settled["retrospective"])},
    )


def _optional(reading: Reading[str] | None) -> str | None:
    return None if reading is None else reading.value


def _basis(
    sheet: Ledger, pointer: str, claimed: Basis | None, reading: ItemReadings, name: str, within: FoldedSpan | None
) -> Basis | None:
    read: BasisReadings | None = getattr(reading, name)
    basis, citations = (read.basis, read.citations) if read else (None, ())
    stance = Reading(basis.value.stance, basis.span) if basis else None
    at = f"{pointer}/citations"
    if sheet.asked and (claimed is None or basis is None):
        # What only one of the two has is settled as a whole: the record may hold none of its fields.
        whole: Basis | None = sheet.settle(pointer, claimed, basis, within)
        if basis is not None and whole is basis.value:
            sheet.note(f"{pointer}/stance", stance)
            _note_citations(sheet, at, citations)
        return whole
    settled_stance = sheet.settle(f"{pointer}/stance", claimed.stance if claimed else None, stance, within)
    answered = claimed.citations if claimed else ()
    settled: Sequence[Citation]
    if not sheet.asked:
        settled = _note_citations(sheet, at, citations)
    elif len(answered) != len(citations):
        # Citations that do not pair up are compared as a whole.
        settled = sheet.settle(at, answered, citations, within)
        if settled is not answered:
            _note_citations(sheet, at, citations)
    else:
        settled = [
            _citation(sheet, f"{at}/{index}", mine, theirs, within)
            for index, (mine, theirs) in enumerate(zip(answered, citations, strict=True))
        ]
    if settled_stance is None:
        return None
    return Basis(stance=settled_stance, citations=tuple(settled))


def _note_citations(sheet: Ledger, pointer: str, citations: Sequence[Reading[Citation]]) -> list[Citation]:
    """The grammar's citations, each field's evidence noted."""
    for index, reading in enumerate(citations):
        for name, _ in _CITATION_FIELDS:
            if getattr(reading.value, name) not in (None, ()):
                sheet.note(f"{pointer}/{index}/{name}", reading)
    return [reading.value for reading in citations]


def _citation(sheet: Ledger, pointer: str, claimed: Citation, reading: Any, within: FoldedSpan | None) -> Citation:
    fields = {}
    for name, same in _CITATION_FIELDS:
        value = getattr(reading.value, name)
        own = Reading(value, reading.span) if value is not None and value != () else None
        settled = sheet.settle(f"{pointer}/{name}", getattr(claimed, name), own, within, same)
        fields[name] = () if settled is None and name in ("sections", "pages") else settled
    return Citation(**fields)


def _grounds(
    sheet: Ledger, pointer: str, claimed: Sequence[Any], part: ItemParts, reading: ItemReadings
) -> tuple[Any, ...]:
    """A ground is confirmed by words that state it; without them it is the model's reading of an argument, and says so.

    A list that lacks a ground whose words stand there says so too. One of upheld items in an overturned item, or the
    reverse, contradicts the decision: under `repair` it goes, and where nothing is left, those whose words stand there
    take its place. Without a model there are none: words tell no finding from a guideline that is quoted.
    """
    # A small model may repeat one until it is cut off; each counts once (the record's rulings).
    claimed = tuple(dict.fromkeys(claimed))
    read = read_grounds(reading.rationale, part.decision) if sheet.asked and reading.rationale else ()
    stated = {ground.value: ground for ground in read}
    if impossible := tuple(ground for ground in claimed if not can_apply(ground, part.decision)):
        repaired = sheet.policy == "repair"
        resolution: Resolution = "source" if repaired else "model"
        sheet.check(pointer, "conflict", impossible, tuple(stated), part.outcome, resolution)
        if repaired:
            claimed = tuple(ground for ground in claimed if ground not in impossible)
            if not claimed:
                sheet.note(pointer, read)
                return tuple(stated)
    for index, ground in enumerate(claimed):
        sheet.settle(f"{pointer}/{index}", ground, stated.get(ground), None, confirm_only=True)
    if left_out := [ground for ground in read if ground.value not in claimed]:
        named = [ground.value for ground in left_out]
        sheet.check(pointer, "missing", claimed, named, left_out[0].span, "model")
    return claimed
