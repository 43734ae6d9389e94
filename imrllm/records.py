"""The record that one determination becomes, the result around it, and the JSON Schemas of both.

Field meanings follow the record's specification; what a document does not state is `None` or `()`.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from html import escape
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from imrllm.errors import UsageError
from imrllm.spans import SourceSpan

Decision = Literal["upheld", "overturned"]
Priority = Literal["Standard", "Expedited"]
Sex = Literal["male", "female"]
Stance = Literal["cited", "outside_mtus", "none_cited"]
Guideline = Literal["MTUS", "ODG", "ACOEM", "other"]
Category = Literal[
    "medication",
    "topical_compound",
    "imaging",
    "electrodiagnostic",
    "laboratory",
    "other_diagnostic",
    "physical_therapy",
    "chiropractic",
    "acupuncture",
    "other_therapy",
    "injection",
    "surgery",
    "surgical_adjunct",
    "equipment",
    "consultation",
    "psychological",
    "home_health",
    "program",
    "transportation",
    "other",
]
Ground = Literal[
    "not_recommended_by_guideline",
    "guideline_criteria_not_met",
    "exceeds_recommended_amount",
    "long_term_use",
    "no_functional_improvement",
    "insufficient_documentation",
    "first_line_not_tried",
    "safety_risk",
    "no_red_flags_or_objective_findings",
    "request_incomplete",
    "dependent_on_denied_procedure",
    "duplicate_or_already_provided",
    "not_industrial_or_not_indicated_for_diagnosis",
    "guideline_criteria_met",
    "supports_recovery_or_function",
]
# [0-9], since schema-constrained servers do not all know \d.
PartialDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]


def _at_most(entries: int) -> dict[str, Any]:
    """A bound on a list for the schema that goes over the wire: a small model may repeat itself until it is cut off.

    A letter that prints more is still a valid record: `strict_schema` alone makes it a `maxItems`.
    """
    return {"x-wire-max-items": entries}


class FrozenModel(BaseModel):
    """Base of records, reports, cassettes and suites: frozen, no unknown fields, no input echoed in its errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class LetterHeader(FrozenModel):
    """The header block of a full letter; all null if the text starts after the header."""

    case_number: str | None = Field(
        None, description="Case number as printed, such as CM and two digits of the year, a hyphen, seven digits"
    )
    date_assigned: date | None = Field(None, description="Date Assigned (ISO date)")
    date_of_injury: date | None = Field(None, description="Date of Injury in the header (ISO date)")
    decision_date: date | None = Field(None, description="Decision Date (ISO date)")
    ur_denial_date: date | None = Field(None, description="UR Denial Date: date of the UR denial (ISO date)")
    application_received: date | None = Field(None, description="Application Received (ISO date)")
    priority: Priority | None = Field(None, description="Standard or Expedited")


class Reviewer(FrozenModel):
    """The expert reviewer's credentials."""

    licensed_states: tuple[str, ...] = Field(
        (), description="States of licensure, full names, in document order", json_schema_extra=_at_most(12)
    )
    specialties: tuple[str, ...] = Field(
        (),
        description="Board certifications and specialties as printed, split at commas",
        json_schema_extra=_at_most(12),
    )


class InjuredWorker(FrozenModel):
    """The injured worker, as the case summary describes them."""

    age: int | None = Field(None, ge=0, le=120, description="Age in years")
    sex: Sex | None = Field(None, description="male or female, as the summary says")
    injury_date: PartialDate | None = Field(
        None,
        description="Date of injury in the summary's text: YYYY-MM-DD, or YYYY-MM or YYYY where no more is printed",
    )


class ClinicalSummary(FrozenModel):
    """What the case summary lists."""

    diagnoses: tuple[str, ...] = Field(
        (), description="Each diagnosis listed as one, as printed, without codes", json_schema_extra=_at_most(30)
    )
    treatments_to_date: tuple[str, ...] = Field(
        (),
        description="Care given and drugs taken before the request, one entry each, without counts, doses and dates",
        json_schema_extra=_at_most(40),
    )
    ur_decision_date: date | None = Field(
        None, description="Date of the utilization review decision as the summary states it (ISO date)"
    )


class Citation(FrozenModel):
    """One guideline chapter cited."""

    guideline: Guideline = Field(
        description="MTUS (8 CCR 9792.20 and following), ODG (Official Disability Guidelines), ACOEM, or other"
    )
    within_mtus: bool = Field(description="False for what follows 'Non-MTUS Citation'")
    chapter: str | None = Field(
        description="Chapter as printed, without year, sections and pages; for other, the whole cited text"
    )
    year: int | None = Field(description="The guideline's own year, never an update date")
    sections: tuple[str, ...] = Field(description="Sections or topics as printed", json_schema_extra=_at_most(24))
    pages: tuple[str, ...] = Field(
        description="Pages as printed: single pages or ranges such as first-last", json_schema_extra=_at_most(24)
    )


class Basis(FrozenModel):
    """What one side based its decision on."""

    stance: Stance = Field(
        description="none_cited: no medical evidence cited; outside_mtus: says it did not use the MTUS; else cited"
    )
    citations: tuple[Citation, ...] = Field(description="In printed order", json_schema_extra=_at_most(10))


class SettledByForm(FrozenModel):
    """What the letter's form states about one disputed item; a model is never asked for it."""

    heading: str | None = Field(
        description="The printed heading without its final outcome word; null if the text is only a rationale"
    )
    decision: Decision | None = Field(
        description="As printed: Upheld (not medically necessary) or Overturned (medically necessary); null if the "
        "text is only a rationale, and no known outcome stands beside it"
    )
    request: str | None = Field(
        description="What was decided: the heading, or the remaining part of a partly authorized request; of a text "
        "that is only a rationale, the request in the rationale's own words, null if it names none or several"
    )
    original_request: str | None = Field(None, description="The original request, if the heading states one")
    authorized: str | None = Field(
        None, description="What the claims administrator authorized, if the heading states it"
    )
    rationale: str | None = Field(None, description="The whole 'Decision rationale:' paragraph")


class ItemAnswer(FrozenModel):
    """What a model is asked of one disputed item."""

    treatment: str | None = Field(
        description="Name of the treatment alone as printed in the request: no amounts, body part, side or lead-in"
    )
    category: Category | None = Field(description="Request category (after DWC's list of treatment request categories)")
    ingredients: tuple[str, ...] = Field(
        description="Generic ingredient names, lower case, for medications only", json_schema_extra=_at_most(12)
    )
    strengths: tuple[str, ...] = Field(
        description="Number and unit of each ingredient in printed order, such as milligrams or percent",
        json_schema_extra=_at_most(12),
    )
    quantity: float | None = Field(
        ge=0, allow_inf_nan=False, description="Units requested: tablets, visits, millilitres, grams"
    )
    quantity_unit: str | None = Field(
        description="Unit of quantity: singular, lower case, only where printed or certain"
    )
    refills: int | None = Field(ge=0, description="Number of refills; 0 where none are said to be allowed")
    frequency: str | None = Field(description="Directions as printed")
    duration: str | None = Field(description="As printed, in days, weeks or months")
    total_visits: int | None = Field(
        ge=0, description="Number of visits of a course: printed, or times a week times weeks"
    )
    body_parts: tuple[str, ...] = Field(
        description="As printed in the request, with side", json_schema_extra=_at_most(12)
    )
    retrospective: bool = Field(description="True where the heading says Retrospective or gives a date of service")
    date_of_service: date | None = Field(description="Date of service that the heading states (ISO date)")
    claims_administrator: Basis | None = Field(description="The 'Claims Administrator guideline:' paragraph")
    reviewer_basis: Basis | None = Field(description="The 'MAXIMUS guideline:' paragraph")
    medically_necessary: bool | None = Field(
        description="What the rationale's own conclusion says, whatever the heading says"
    )
    grounds: tuple[Ground, ...] = Field(description="Why, as the rationale argues it", json_schema_extra=_at_most(4))


class DisputedItem(ItemAnswer, SettledByForm):
    """One heading that ends in Upheld or Overturned, with its four parts read; or all that a rationale alone states."""

    @model_validator(mode="after")
    def _as_a_heading_says(self) -> Self:
        """Whatever has a heading has an outcome and a request."""
        if self.heading is not None and (self.decision is None or self.request is None):
            raise PydanticCustomError("missing", "an item with a heading has a decision and a request")
        return self


class CaseAnswer(FrozenModel):
    """What a model is asked of the letter outside its disputed items."""

    reviewer: Reviewer
    injured_worker: InjuredWorker
    clinical_summary: ClinicalSummary


class NumberedItemAnswer(ItemAnswer):
    """An item's answer where several are asked for at once."""

    item: int = Field(ge=1, description="Number of the disputed item, counted from 1 in document order")


class LetterAnswer(CaseAnswer):
    """What a model is asked of a whole letter in one call."""

    disputed_items: tuple[NumberedItemAnswer, ...] = Field(
        description="One entry for each numbered disputed item", json_schema_extra=_at_most(40)
    )


class Identified(FrozenModel):
    """The document's id and the letter's header."""

    document_id: str = Field(description="The input's own name")
    letter: LetterHeader


class Determination(CaseAnswer, Identified):
    """One Independent Medical Review final determination."""

    disputed_items: tuple[DisputedItem, ...] = Field(description="In document order")

    @model_validator(mode="after")
    def _one_rationale(self) -> Self:
        """A text that is only a rationale is about one item."""
        if len(self.disputed_items) > 1 and any(item.heading is None for item in self.disputed_items):
            raise PydanticCustomError("string_type", "each of several items has a heading")
        return self


ConflictPolicy = Literal["flag", "repair", "reask"]
CheckStatus = Literal["confirmed", "conflict", "unsupported", "missing"]
Resolution = Literal["none", "model", "source", "reask", "human"]


class Confirmation(FrozenModel):
    """Who settled a value by reading the letter, and when."""

    initials: str = Field(
        pattern=r"^[^\s\x00-\x1f\x7f](.{0,18}[^\s\x00-\x1f\x7f])?$", description="The reviewer's initials"
    )
    on: date = Field(description="The day on which the corrections were exported (ISO date)")


class Check(FrozenModel):
    """One field of the record compared with the source."""

    pointer: str = Field(description="JSON Pointer (RFC 6901) of the field in the record")
    status: CheckStatus = Field(
        description="confirmed: the source agrees; conflict: it states another value; unsupported: the value is not "
        "in its part of the source; missing: the source states a value that the model left out"
    )
    model_value: Any = Field(None, description="What the model answered")
    source_value: Any = Field(None, description="What the grammar reads in the field's own part of the letter")
    span: SourceSpan | None = Field(None, description="[start, end) in characters of the source text")
    resolution: Resolution = Field(
        "none",
        description="none: nothing to resolve; model or source: the record has this value; "
        "reask: the model, asked once more, agreed with the source; human: a person chose the value",
    )
    risk: float | None = Field(
        None,
        description="Measured probability (0 to 1) that the record's value is wrong, as the share of wrong values "
        "among gold values in the same situation; null where it is not measured",
    )
    review: bool = Field(False, description="Whether a person is asked to look; by default where it did not confirm")
    confirmed_by: Confirmation | None = Field(
        None, description="Who settled the check; left out if nobody has", exclude_if=lambda given: given is None
    )

    @model_validator(mode="before")
    @classmethod
    def _reviewed_by_default(cls, given: Any) -> Any:
        """Rows of earlier versions have no `review`: what did not confirm is to be reviewed."""
        if isinstance(given, dict) and "review" not in given:
            return {**given, "review": given.get("status") != "confirmed"}
        return given

    @property
    def is_open(self) -> bool:
        """Whether a person is asked to look, and none has settled it."""
        return self.review and self.confirmed_by is None


class Usage(FrozenModel):
    """Calls and tokens of one document, including re-asks."""

    calls: int = Field(0, description="Answers received")
    reasks: int = Field(0, description="Answers among these to a question asked again")
    input_tokens: int = Field(0, description="Tokens of the prompts")
    cached_tokens: int = Field(0, description="Input tokens that the provider read from its cache")
    output_tokens: int = Field(0, description="Tokens of the answers")

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            reasks=self.reasks + other.reasks,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class Provenance(FrozenModel):
    """How a result was produced."""

    sha256: str | None = Field(None, description="SHA-256 of the document's bytes, or of its text if it came as text")
    prompt: str | None = Field(None, description="Prompt name; null if no model was asked")
    prompt_sha256: str | None = Field(None, description="SHA-256 of the prompt; null if no model was asked")
    model: str = Field(description="Model as given, or none")
    version: str = Field(description="Program version")
    usage: Usage = Usage()
    cost: float | None = Field(None, description="US dollars; null if the price is unknown")
    attempts: int = Field(0, description="HTTP requests made, including retries")
    seconds: float = Field(0.0, description="Wall time, in seconds")
    form: str | None = Field(
        None,
        description="Name of the form that the letter was read by, as `imrllm form list` prints it; null if it was not "
        "read. `rationale`: the text is only a decision's reasoning, so that everything else of a letter is null",
    )
    ocr_pages: tuple[int, ...] = Field(
        (),
        description="Pages of the file, from 1, whose text was recognized in a scan; characters may be wrong without "
        "notice, so the status is never ok",
    )


class Failure(FrozenModel):
    """Why a document has no record."""

    type: str = Field(description="Name of the error")
    message: str = Field(description="What happened and how to fix it; never the letter's text")


class Result(FrozenModel):
    """One row of the output: one document, read or failed."""

    document_id: str = Field(description="The input's own name")
    status: Literal["ok", "review", "failed"] = Field(
        description="ok: nothing to review; review: a check asks a person to look, or a page was recognized in a scan"
    )
    record: Determination | None = None
    evidence: dict[str, tuple[SourceSpan, ...]] = Field(
        default_factory=dict,
        description="JSON Pointer of a field to its [start, end) character spans in the source text",
    )
    checks: tuple[Check, ...] = ()
    risks: dict[str, float] = Field(
        default_factory=dict,
        description="JSON Pointer of each field to its risk: the measured probability (0 to 1) that its value, or its "
        "absence, is wrong; empty where it is not measured",
    )
    error: Failure | None = Field(
        None, description="Why a failed document has no record, or why a part of the record lacks the model's answer"
    )
    provenance: Provenance
    # The letter's text, for quotes. Comparisons and JSON leave it out.
    _text: str | None = PrivateAttr(None)

    def __eq__(self, other: object) -> bool:
        """Compare the fields; whether a result holds its letter's text does not count."""
        return isinstance(other, Result) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.document_id, self.status))

    def __repr__(self) -> str:
        """The id, the status and counts; never the letter's words."""
        items = len(self.record.disputed_items) if self.record else 0
        return f"Result({self.document_id!r}, {self.status}, {items} items, {len(self.to_review)} checks to review)"

    __str__ = __repr__

    @property
    def to_review(self) -> tuple[Check, ...]:
        """The checks that ask a person to look and that nobody has settled."""
        return tuple(check for check in self.checks if check.is_open)

    def with_text(self, text: str) -> Self:
        """The same result, able to quote its letter.

        Args:
            text: the text of the letter that the result was made from.
        """
        result = self.model_copy()
        result._text = text
        return result

    def text(self, pointer: str) -> str | None:
        """The words of the letter that support a field.

        Args:
            pointer: JSON Pointer of the field, as in `evidence`.

        Returns:
            The letter's own characters, one line break between spans; None if the field has no evidence.

        Raises:
            UsageError: the result does not have its letter's text, as when it was read from a file.
        """
        text = self._text
        if text is None:
            raise UsageError(
                f"The result of `{self.document_id}` does not have its letter's text.",
                hint="Read it with `read_results(path, documents=...)`, or give the text: `result.with_text(text)`.",
            )
        spans = self.evidence.get(pointer)
        return "\n".join(text[start:end] for start, end in spans) if spans else None

    def supported_grounds(self, item: int) -> tuple[str, ...]:
        """The grounds of a disputed item that words of its rationale support, or that a person has settled.

        Args:
            item: the item's index, from 0.

        Returns:
            Each ground once. All of them if the result holds no evidence at all: another program made it.
        """
        grounds = self.record.disputed_items[item].grounds if self.record else ()
        at = f"/disputed_items/{item}/grounds"
        settled = {check.pointer for check in self.checks if check.resolution == "human"}
        supported = (
            ground
            for index, ground in enumerate(grounds)
            if not self.evidence or f"{at}/{index}" in self.evidence or settled & {at, f"{at}/{index}"}
        )
        return tuple(dict.fromkeys(supported))

    def grounds_left_out(self, item: int) -> int:
        """How many grounds of a disputed item, by its index from 0, `supported_grounds` leaves out."""
        grounds = self.record.disputed_items[item].grounds if self.record else ()
        return len(set(grounds)) - len(self.supported_grounds(item))

    def _repr_html_(self) -> str:
        """A compact table for notebooks."""

        def cells(*values: object, tag: str = "td") -> str:
            return "".join(f"<{tag}>{escape('' if value is None else str(value))}</{tag}>" for value in values)

        lines = [f"<p><b>{escape(self.document_id)}</b>: {self.status}</p>"]
        if self.error:
            lines.append(f"<p>{escape(self.error.message)}</p>")
        if self.record:
            rows = [cells("Decision", "Treatment", "Quantity", "Unit", tag="th")]
            rows += [
                cells(item.decision, item.treatment or item.request, item.quantity, item.quantity_unit)
                for item in self.record.disputed_items
            ]
            lines.append(_table(rows))
        if self.to_review:
            rows = [cells("To review", "Status", "Model", "Letter", tag="th")]
            rows += [cells(each.pointer, each.status, each.model_value, each.source_value) for each in self.to_review]
            lines.append(_table(rows))
        return "\n".join(lines)


def _table(rows: list[str]) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def places(error: ValidationError) -> str:
    """The first places of a validation's errors, in backticks, without values."""
    found = dict.fromkeys("/".join(map(str, each["loc"])) or "/" for each in error.errors(include_input=False))
    return ", ".join(f"`{place}`" for place in list(found)[:3])


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The strict JSON Schema of a model, as structured-output APIs demand it.

    Args:
        model: a pydantic model.

    Returns:
        A JSON Schema in which every object lists all its properties as required and admits no others,
        and that has no defaults (strict mode refuses them).
    """
    schema = deepcopy(model.model_json_schema())

    def tighten(node: Any) -> None:
        if isinstance(node, list):
            for entry in node:
                tighten(entry)
        elif isinstance(node, dict):
            if "properties" in node:
                node["required"] = list(node["properties"])
                node["additionalProperties"] = False
            if "x-wire-max-items" in node:
                node["maxItems"] = node.pop("x-wire-max-items")
            for key in ("default", "title"):
                if not isinstance(node.get(key), dict):
                    node.pop(key, None)
            for entry in node.values():
                tighten(entry)

    tighten(schema)
    return schema
