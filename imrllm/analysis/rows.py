"""What each result adds to the tables: values that are derived from its record by a stated rule, none guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field as Described

from imrllm.analysis.drug_classes import class_names, drug_classes, is_opioid
from imrllm.analysis.field_values import FieldValue, field_values, place
from imrllm.analysis.services import services
from imrllm.grammar.basis.known_chapters import subject_of
from imrllm.normalization import normal_text
from imrllm.records import Basis, Determination, DisputedItem, FrozenModel, Guideline, Result

ReviewOutcome = Literal["denied", "modified"]
CaseOutcome = Literal["uphold", "partially overturn", "overturn"]
_DEPENDENT_HEADING = "associated surgical service"


@dataclass(frozen=True, slots=True)
class From:
    """What a derived value rests on.

    Attributes:
        pointers: JSON Pointers of the fields in a row of the results file, `*` for any number or name.
        choices: gives the only values that it may have, where its type does not say them; None for any.
    """

    pointers: tuple[str, ...]
    choices: Callable[[], tuple[str, ...]] | None = None


def _of_record(*pointers: str, choices: Callable[[], tuple[str, ...]] | None = None) -> From:
    return From(tuple(f"/record/{each}" for each in pointers), choices)


def _of_item(*names: str, choices: Callable[[], tuple[str, ...]] | None = None) -> From:
    return _of_record(*(f"disputed_items/*/{each}" for each in names), choices=choices)


def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in services().values()))


def _groups() -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.group for each in services().values()))


_GUIDELINES = ("claims_administrator/citations/*/guideline", "reviewer_basis/citations/*/guideline")
_DAYS = "Empty where a date is not stated, or where the difference is negative, so that one of the dates is wrong"


class ItemAnalysis(FrozenModel):
    """What is derived of one disputed item."""

    service: Annotated[str | None, _of_item("category", choices=_names)] = Described(
        None, description="DWC's name of the request category, by a crosswalk (`imrllm/analysis/services.tsv`)"
    )
    service_group: Annotated[str | None, _of_item("category", choices=_groups)] = Described(
        None, description="CWCI's group of the request category, by the same crosswalk"
    )
    drug_classes: Annotated[
        tuple[str, ...], _of_item("ingredients", "category", "treatment", "request", choices=class_names)
    ] = Described(
        (),
        description="Drug classes of DWC's decision search, by a table of ingredients "
        "(`imrllm/analysis/drug_classes.txt`). Topical compounds: category `topical_compound`, or several pain "
        "relievers for the skin that are not all topical by the table. Topical analgesics: other pain relievers where "
        "the words name a form for the skin. Acetaminophen and other companions count only alone",
    )
    opioid: Annotated[bool | None, _of_item("ingredients", "category")] = Described(
        None,
        description="Whether an ingredient is an opioid by that table; false for services that are not drugs; empty "
        "where a drug's ingredients, or the category, are not known",
    )
    ur_outcome: Annotated[ReviewOutcome, _of_item("original_request", "authorized")] = Described(
        description="What utilization review did. modified: the heading states what was authorized, or an original "
        "request that is larger than what was decided; denied: it states neither"
    )
    # `primary` is a reserved word of SQL.
    is_primary: Annotated[bool, _of_item("category", "heading")] = Described(
        description="Whether the request stands for itself, as CWCI counts requests: its category is not "
        "`surgical_adjunct`, and its heading does not say `associated surgical service`"
    )
    claims_administrator_guidelines: Annotated[tuple[Guideline, ...], _of_item(_GUIDELINES[0])] = Described(
        (), description="Guidelines that the claims administrator cites, each once, in printed order"
    )
    reviewer_guidelines: Annotated[tuple[Guideline, ...], _of_item(_GUIDELINES[1])] = Described(
        (), description="Guidelines that the reviewer cites, each once, in printed order"
    )
    same_guideline: Annotated[bool | None, _of_item(*_GUIDELINES)] = Described(
        None, description="Whether both sides cite the same guidelines; empty where a side cites none"
    )
    mtus_chapters: Annotated[
        tuple[str, ...],
        _of_item("claims_administrator/citations/*/chapter", "reviewer_basis/citations/*/chapter", *_GUIDELINES),
    ] = Described(
        (),
        description="Chapters of the MTUS that either side cites, each once, the claims administrator's first; as "
        "printed, and alike if they differ only in case and punctuation",
    )
    mtus_subjects: Annotated[
        tuple[str, ...],
        _of_item("claims_administrator/citations/*/chapter", "reviewer_basis/citations/*/chapter", *_GUIDELINES),
    ] = Described(
        (),
        description="What these chapters are about, each once: the same for chapters that replaced one another "
        "(8 CCR 9792.22 to 9792.27; `imrllm/grammar/basis/mtus_chapters.txt`), so that letters of all years compare",
    )
    fields_to_review: Annotated[tuple[str, ...], From(("/checks/*/review",))] = Described(
        (),
        description="Fields of the item, and of the letter outside its items, that a person is asked to look at and "
        "nobody has settled; named as in `field_values`",
    )
    review: Annotated[bool, From(("/checks/*/review",))] = Described(
        description="Whether a field of the item is to be reviewed"
    )
    risk_max: Annotated[float | None, From(("/risks/*",))] = Described(
        None, description="Highest `risk` among the item's rows of `field_values`; empty where none is measured"
    )


class DocumentAnalysis(FrozenModel):
    """What is derived of one document."""

    case_outcome: Annotated[CaseOutcome | None, _of_item("decision")] = Described(
        None,
        description="What DWC calls the case's outcome. uphold or overturn: all items are decided so; partially "
        "overturn: items of both kinds; empty without an item",
    )
    injury_year: Annotated[int | None, _of_record("letter/date_of_injury", "injured_worker/injury_date")] = Described(
        None, description="Year of the header's date of injury; without a header, of the summary's"
    )
    decision_quarter: Annotated[str | None, _of_record("letter/decision_date")] = Described(
        None, description="Quarter of the decision date: `2016-Q4`"
    )
    days_from_application: Annotated[int | None, _of_record("letter/decision_date", "letter/application_received")] = (
        Described(None, description=f"Days from the receipt of the application to the decision. {_DAYS}")
    )
    days_from_assignment: Annotated[int | None, _of_record("letter/decision_date", "letter/date_assigned")] = Described(
        None, description=f"Days from the assignment to the reviewer to the decision. {_DAYS}"
    )
    days_from_ur_denial: Annotated[int | None, _of_record("letter/decision_date", "letter/ur_denial_date")] = Described(
        None, description=f"Days from the date of the UR denial to the decision. {_DAYS}"
    )
    document_review: Annotated[bool | None, From(("/checks/*/review",))] = Described(
        None, description="Whether a field of the document, its items' included, is to be reviewed"
    )
    document_risk_max: Annotated[float | None, From(("/risks/*",))] = Described(
        None, description="Highest `risk` among the document's rows of `field_values`; empty where none is measured"
    )


@dataclass(frozen=True, slots=True)
class AnalyzedItem:
    """One disputed item with what is derived of it.

    Attributes:
        document: the document that it is of.
        number: its number, from 1 in document order.
        item: its part of the record.
        derived: what is derived of it.
        grounds: its grounds that words of the letter support.
        to_review: how many of its fields are to be reviewed.
    """

    document: AnalyzedDocument
    number: int
    item: DisputedItem
    derived: ItemAnalysis
    grounds: tuple[str, ...]
    to_review: int


@dataclass(frozen=True)
class AnalyzedDocument:
    """One result with what is derived of it.

    Attributes:
        result: the result.
        values: what is known of each value of its record.
    """

    result: Result
    values: Sequence[FieldValue]

    @property
    def record(self) -> Determination | None:
        """The record; None if the document failed."""
        return self.result.record

    @cached_property
    def derived(self) -> DocumentAnalysis:
        """What is derived of the document."""
        record = self.record
        if record is None:
            return DocumentAnalysis()
        header = record.letter
        injured = header.date_of_injury.isoformat() if header.date_of_injury else record.injured_worker.injury_date
        return DocumentAnalysis(
            case_outcome=_case_outcome(record.disputed_items),
            injury_year=int(injured[:4]) if injured else None,
            decision_quarter=_quarter(header.decision_date),
            days_from_application=_days(header.application_received, header.decision_date),
            days_from_assignment=_days(header.date_assigned, header.decision_date),
            days_from_ur_denial=_days(header.ur_denial_date, header.decision_date),
            document_review=any(each.review for each in self.values),
            document_risk_max=_highest_risk(self.values),
        )

    @cached_property
    def fields_to_review(self) -> tuple[str, ...]:
        """The fields to be reviewed of the document and of all its items, each once."""
        return tuple(dict.fromkeys(place(each.pointer)[1] for each in self.values if each.review))

    @cached_property
    def items(self) -> tuple[AnalyzedItem, ...]:
        """The disputed items in document order; empty if the document failed."""
        if self.record is None:
            return ()
        by_item: dict[int | None, list[FieldValue]] = {}
        for each in self.values:
            by_item.setdefault(place(each.pointer)[0], []).append(each)
        outside = by_item.get(None, [])
        return tuple(
            self._item(number, item, by_item.get(number, []), outside)
            for number, item in enumerate(self.record.disputed_items, 1)
        )

    def _item(
        self, number: int, item: DisputedItem, own: Sequence[FieldValue], outside: Sequence[FieldValue]
    ) -> AnalyzedItem:
        service = services().get(item.category) if item.category else None
        theirs, reviewers = _guidelines(item.claims_administrator), _guidelines(item.reviewer_basis)
        is_modified = item.authorized is not None or item.original_request is not None
        is_dependent = item.category == "surgical_adjunct" or _DEPENDENT_HEADING in (item.heading or "").lower()
        chapters = _mtus_chapters(item)
        derived = ItemAnalysis(
            service=service and service.name,
            service_group=service and service.group,
            drug_classes=drug_classes(item),
            opioid=is_opioid(item),
            ur_outcome="modified" if is_modified else "denied",
            is_primary=not is_dependent,
            claims_administrator_guidelines=theirs,
            reviewer_guidelines=reviewers,
            same_guideline=set(theirs) == set(reviewers) if theirs and reviewers else None,
            mtus_chapters=chapters,
            mtus_subjects=tuple(dict.fromkeys(filter(None, map(subject_of, chapters)))),
            fields_to_review=tuple(dict.fromkeys(place(each.pointer)[1] for each in (*own, *outside) if each.review)),
            review=any(each.review for each in own),
            risk_max=_highest_risk(own),
        )
        grounds = self.result.supported_grounds(number - 1)
        return AnalyzedItem(self, number, item, derived, grounds, sum(each.review for each in own))


def analyze(result: Result) -> AnalyzedDocument:
    """Derive what the tables have beyond the record.

    Args:
        result: one document's, read or failed.

    Returns:
        The document with its derived values and its items with theirs; of a failed document, all are None.
    """
    return AnalyzedDocument(result, field_values(result))


def _case_outcome(items: Iterable[DisputedItem]) -> CaseOutcome | None:
    decisions = {item.decision for item in items}
    if not decisions or None in decisions:
        return None
    if decisions == {"upheld"}:
        return "uphold"
    return "overturn" if decisions == {"overturned"} else "partially overturn"


def _quarter(day: date | None) -> str | None:
    return f"{day.year}-Q{(day.month + 2) // 3}" if day else None


def _days(start: date | None, end: date | None) -> int | None:
    if start is None or end is None or end < start:
        return None
    return (end - start).days


def _guidelines(basis: Basis | None) -> tuple[Guideline, ...]:
    return tuple(dict.fromkeys(each.guideline for each in basis.citations)) if basis else ()


def _mtus_chapters(item: DisputedItem) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for basis in (item.claims_administrator, item.reviewer_basis):
        for citation in basis.citations if basis else ():
            if citation.guideline == "MTUS" and citation.chapter:
                found.setdefault(normal_text(citation.chapter), citation.chapter)
    return tuple(found.values())


def _highest_risk(values: Iterable[FieldValue]) -> float | None:
    return max((each.risk for each in values if each.risk is not None), default=None)
