"""Everything the grammar reads of one letter, each field in its own part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from imrllm.grammar.basis.basis import read_basis
from imrllm.grammar.header import read_header
from imrllm.grammar.people import read_age, read_sex, read_specialties, read_states
from imrllm.grammar.rationale.conclusions import read_conclusion
from imrllm.grammar.reading import Part, Reading
from imrllm.grammar.request.categories import serves_surgery
from imrllm.grammar.request.request import read_request
from imrllm.grammar.request.restated_requests import read_disagreements, read_summary_disagreements
from imrllm.grammar.summary.summary import (
    read_diagnoses,
    read_injury_date,
    read_lead_date,
    read_review_date,
    read_treatments,
)
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import Basis, Citation, Span


@dataclass(frozen=True, slots=True)
class ItemReadings:
    """What the grammar reads of one disputed item.

    Attributes:
        request: readings of the heading by the record's field names; a list field has a tuple of readings.
        unread: figures of the request that no reader took.
        doubtful: the heading speaks of a partly authorized request in words that were not understood.
        contested: what the letter states of the request in other words than the reading: a second amount, a course of
            another length, the rationale's or the case summary's words for it. A list field has a tuple of readings.
        bases: `claims_administrator` and `reviewer_basis`, where printed.
        citations: a reading of each citation of each basis.
        conclusion: whether the rationale finds the treatment medically necessary.
        rationale: the decision rationale, where it is printed.
    """

    request: dict[str, Any]
    unread: tuple[Reading[str], ...]
    doubtful: bool
    contested: dict[str, Any]
    bases: dict[str, Reading[Basis]]
    citations: dict[str, tuple[Reading[Citation], ...]]
    conclusion: Reading[bool] | None
    rationale: Part | None


@dataclass(frozen=True, slots=True)
class LetterReadings:
    """What the grammar reads of one letter; absent fields are left out, a list field has a tuple of readings."""

    letter: dict[str, Reading[Any]]
    reviewer: dict[str, Any]
    injured_worker: dict[str, Any]
    clinical_summary: dict[str, Any]
    items: tuple[ItemReadings, ...]


def read_values(parts: LetterParts) -> LetterReadings:
    """Read every value that the grammar knows.

    Args:
        parts: the letter's sections and disputed items.

    Returns:
        Readings whose spans are of `parts.folded`.
    """
    folded = parts.folded
    letter = read_header(Part.of(folded, parts.header)) if parts.header else {}
    decided = letter.get("decision_date")
    latest = decided.value if decided else None
    reviewer: dict[str, Any] = {}
    if parts.credentials:
        credentials = Part.of(folded, parts.credentials)
        reviewer = {"licensed_states": read_states(credentials), "specialties": read_specialties(credentials)}
    worker: dict[str, Any] = {}
    clinical: dict[str, Any] = {}
    summary = Part.of(folded, parts.summary) if parts.summary else None
    if parts.summary and summary:
        worker = {"age": read_age(summary), "sex": read_sex(summary), "injury_date": read_injury_date(summary, latest)}
        clinical = {
            "diagnoses": read_diagnoses(summary),
            "treatments_to_date": read_treatments(summary),
            "ur_decision_date": read_review_date(summary, latest) or read_lead_date(_before(parts, parts.summary)),
        }
    return LetterReadings(
        letter=letter,
        reviewer=_present(reviewer),
        injured_worker=_present(worker),
        clinical_summary=_present(clinical),
        items=_with_surgery(tuple(_read_item(parts, item, latest, summary) for item in parts.items)),
    )


# Longer than the sentence that the form of 2013 prints before the summary, in characters.
_LEAD = 200


def _before(parts: LetterParts, span: Span) -> Part:
    return Part.of(parts.folded, (max(0, span[0] - _LEAD), span[0]))


def _read_item(parts: LetterParts, item: ItemParts, latest: Any, summary: Part | None) -> ItemReadings:
    request = read_request(Part.of(parts.folded, item.heading), latest)
    bases: dict[str, Reading[Basis]] = {}
    citations: dict[str, tuple[Reading[Citation], ...]] = {}
    for field, span in (("claims_administrator", item.claims_administrator), ("reviewer_basis", item.reviewer_basis)):
        if span:
            bases[field], citations[field] = read_basis(Part.of(parts.folded, span))
    rationale = Part.of(parts.folded, item.rationale) if item.rationale else None
    contested = read_summary_disagreements(summary, request.fields) if summary else {}
    contested |= request.contested
    if rationale:
        contested |= read_disagreements(rationale, request.fields)
    return ItemReadings(
        request=request.fields,
        unread=request.unread,
        doubtful=request.doubtful,
        contested=contested,
        bases=bases,
        citations=citations,
        conclusion=read_conclusion(rationale) if rationale else None,
        rationale=rationale,
    )


def _with_surgery(items: tuple[ItemReadings, ...]) -> tuple[ItemReadings, ...]:
    """The items, those that serve an operation of the same letter put under its dependent services."""
    categories = [item.request.get("category") for item in items]
    if not any(category and category.value == "surgery" for category in categories):
        return items
    return tuple(
        replace(item, request=item.request | {"category": Reading("surgical_adjunct", category.span)})
        if category and serves_surgery(item.request["request"].value)
        else item
        for item, category in zip(items, categories, strict=True)
    )


def _present(readings: dict[str, Any]) -> dict[str, Any]:
    return {field: reading for field, reading in readings.items() if reading}
