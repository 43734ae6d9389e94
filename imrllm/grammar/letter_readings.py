"""Everything the grammar reads of one letter, each field in its own part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from imrllm.folding import Folded
from imrllm.grammar.basis.basis import BasisReadings, read_basis
from imrllm.grammar.credentials import read_specialties, read_states
from imrllm.grammar.header import HeaderReadings, read_header
from imrllm.grammar.rationale.conclusions import read_conclusion
from imrllm.grammar.rationale.grounds import GroundReading, read_grounds
from imrllm.grammar.reading import FieldReading, Part, Reading
from imrllm.grammar.request.categories import serves_surgery
from imrllm.grammar.request.matching import Asked
from imrllm.grammar.request.request import RequestReadings, read_request
from imrllm.grammar.request.restated_requests import read_disagreements, read_summary_disagreements
from imrllm.grammar.summary.denied_requests import read_unanswered_requests
from imrllm.grammar.summary.diagnoses import read_diagnoses
from imrllm.grammar.summary.patient import read_age, read_sex
from imrllm.grammar.summary.stated_dates import read_injury_date, read_lead_date, read_review_date
from imrllm.grammar.summary.treatments import read_treatments
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import Basis, Decision, Sex
from imrllm.spans import FoldedSpan

# Longer than the sentence that the form of 2013 prints before the summary, in characters.
_LEAD = 200


@dataclass(frozen=True, slots=True)
class ReviewerReadings:
    """What the grammar reads of the reviewer's credentials, by the record's field names."""

    licensed_states: tuple[Reading[str], ...] = ()
    specialties: tuple[Reading[str], ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerReadings:
    """What the grammar reads of the injured worker, by the record's field names; None where nothing is printed."""

    age: Reading[int] | None = None
    sex: Reading[Sex] | None = None
    injury_date: Reading[str] | None = None


@dataclass(frozen=True, slots=True)
class SummaryReadings:
    """What the grammar reads of the case summary, by the record's field names; None or empty where absent."""

    diagnoses: tuple[Reading[str], ...] = ()
    treatments_to_date: tuple[Reading[str], ...] = ()
    ur_decision_date: Reading[date] | None = None


@dataclass(frozen=True, slots=True)
class ItemReadings:
    """What the grammar reads of one disputed item.

    Attributes:
        request: what the heading states.
        contested: by field, a second value that the letter states and that disagrees with the reading: a second
            amount, a course of another length, or the rationale's or the case summary's value.
        claims_administrator: what the claims administrator cites; None where it is not printed.
        reviewer_basis: what the reviewer cites; None where it is not printed.
        medically_necessary: whether the rationale finds the treatment medically necessary.
        grounds: the grounds whose words stand in the rationale, about this case or about a guideline.
        rationale: the decision rationale, where it is printed.
    """

    request: RequestReadings
    contested: Mapping[str, FieldReading]
    claims_administrator: BasisReadings | None
    reviewer_basis: BasisReadings | None
    medically_necessary: Reading[bool] | None
    grounds: tuple[GroundReading, ...]
    rationale: Part | None


@dataclass(frozen=True, slots=True)
class LetterReadings:
    """What the grammar reads of one letter: the sections of the record and its disputed items in printed order.

    Attributes:
        unanswered: requests that the summary says were denied, or their count, for which no item is there.
    """

    letter: HeaderReadings
    reviewer: ReviewerReadings
    injured_worker: WorkerReadings
    clinical_summary: SummaryReadings
    items: tuple[ItemReadings, ...]
    unanswered: tuple[Reading[str], ...] = ()


def read_values(parts: LetterParts) -> LetterReadings:
    """Read every value that the grammar knows.

    Args:
        parts: the letter's sections and disputed items.

    Returns:
        Readings whose spans are of `parts.folded`.
    """
    folded = parts.folded
    letter = read_header(Part.of(folded, parts.header), parts.patterns.header) if parts.header else HeaderReadings()
    latest = letter.decision_date.value if letter.decision_date else None
    reviewer, worker, clinical = ReviewerReadings(), WorkerReadings(), SummaryReadings()
    if parts.credentials:
        credentials, labels = Part.of(folded, parts.credentials), parts.patterns.credentials
        reviewer = ReviewerReadings(read_states(credentials, labels), read_specialties(credentials, labels))
    summary = Part.of(folded, parts.summary) if parts.summary else None
    if parts.summary and summary:
        worker = WorkerReadings(read_age(summary), read_sex(summary), read_injury_date(summary, latest))
        start, _ = parts.summary
        lead = FoldedSpan((max(0, start - _LEAD), start))
        reviewed = read_review_date(summary, latest) or read_lead_date(Part.of(folded, lead))
        clinical = SummaryReadings(read_diagnoses(summary), read_treatments(summary), reviewed)
    items = _with_surgery(tuple(_read_item(parts, item, latest, summary) for item in parts.items))
    asked = [asked_for(folded, *each) for each in zip(parts.items, items, strict=True)] if summary else []
    unanswered = read_unanswered_requests(summary, asked) if summary else ()
    return LetterReadings(letter, reviewer, worker, clinical, items, unanswered)


def asked_for(folded: Folded, item: ItemParts, reading: ItemReadings) -> Asked:
    """What an item asks for, to tell it from others."""
    category = reading.request.category
    return Asked(Part.of(folded, item.heading or FoldedSpan((0, 0))), category.value if category else None)


def decided(part: ItemParts, conclusion: Reading[bool] | None) -> Decision | None:
    """How an item was decided: its printed outcome, or the rationale's conclusion where no outcome is printed.

    Args:
        part: the item's parts.
        conclusion: whether the rationale finds the treatment medically necessary.
    """
    if part.decision or conclusion is None:
        return part.decision
    return "overturned" if conclusion.value else "upheld"


def _read_alone(parts: LetterParts, item: ItemParts, span: FoldedSpan) -> ItemReadings:
    """What a text states that is only a rationale."""
    # Their patterns take some time to compile, and letters need none of them.
    from imrllm.grammar.rationale.plan_conclusions import read_any_conclusion
    from imrllm.grammar.rationale.prose_citations import read_prose_citations
    from imrllm.grammar.request.stated_requests import read_stated_request

    rationale = Part.of(parts.folded, span)
    stated = read_stated_request(rationale)
    conclusion = None if stated.both_ways else read_any_conclusion(rationale)
    outcome = decided(item, conclusion)
    citations = read_prose_citations(rationale)
    basis = None
    if citations:
        values = tuple(citation.value for citation in citations)
        cited = FoldedSpan((citations[0].span[0], max(citation.span[1] for citation in citations)))
        basis = BasisReadings(Reading(Basis(stance="cited", citations=values), cited), citations)
    grounds = read_grounds(rationale, outcome, *_requested(stated.request)) if outcome else ()
    contested = dict(stated.request.contested)
    if conclusion and item.outcome is None and not any(ground.applied for ground in grounds):
        # No outcome is printed to compare with. Reasons for the opposite alone may show a misread conclusion.
        opposite: Decision = "upheld" if conclusion.value else "overturned"
        against = [each for each in read_grounds(rationale, opposite, *_requested(stated.request)) if each.applied]
        if against:
            contested["medically_necessary"] = Reading(not conclusion.value, against[0].span)
    return ItemReadings(
        request=stated.request,
        contested=contested,
        claims_administrator=None,
        reviewer_basis=basis,
        medically_necessary=conclusion,
        grounds=grounds,
        rationale=rationale,
    )


def _read_item(parts: LetterParts, item: ItemParts, latest: date | None, summary: Part | None) -> ItemReadings:
    if item.heading is None:
        return _read_alone(parts, item, item.rationale or FoldedSpan((0, 0)))

    def part(span: FoldedSpan | None) -> Part | None:
        return Part.of(parts.folded, span) if span else None

    request = read_request(Part.of(parts.folded, item.heading), latest)
    administrator, reviewer = part(item.claims_administrator), part(item.reviewer_basis)
    rationale = part(item.rationale)
    conclusion = read_conclusion(rationale) if rationale else None
    outcome = decided(item, conclusion)
    contested = {
        **(read_summary_disagreements(summary, request) if summary else {}),
        **request.contested,
        **(read_disagreements(rationale, request) if rationale else {}),
    }
    return ItemReadings(
        request=request,
        contested=contested,
        claims_administrator=read_basis(administrator) if administrator else None,
        reviewer_basis=read_basis(reviewer) if reviewer else None,
        medically_necessary=conclusion,
        grounds=read_grounds(rationale, outcome, *_requested(request)) if rationale and outcome else (),
        rationale=rationale,
    )


def _requested(request: RequestReadings) -> tuple[str | None, str]:
    """The category and the treatment of a request, as far as they are read."""
    return (
        request.category.value if request.category else None,
        request.treatment.value if request.treatment else "",
    )


def _with_surgery(items: tuple[ItemReadings, ...]) -> tuple[ItemReadings, ...]:
    """The items, with the services that an operation of the same letter depends on in their own category."""
    categories = [item.request.category for item in items]
    if not any(category and category.value == "surgery" for category in categories):
        return items
    return tuple(
        replace(item, request=replace(item.request, category=Reading("surgical_adjunct", category.span)))
        if category and item.request.request and serves_surgery(item.request.request.value)
        else item
        for item, category in zip(items, categories, strict=True)
    )
