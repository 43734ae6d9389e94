"""What each check on the review page says, in words that are true of its case."""

from __future__ import annotations

from typing import Any

from imrllm import pointers
from imrllm.fields import ITEMS, SIDES, Field, field_at, is_present
from imrllm.letter import RATIONALE_FORM
from imrllm.records import Check, Result

# The risk from which a value is more likely wrong than right.
EVEN = 0.5
# What checks say of a text that is only a rationale, by the field's name and the check's status.
_ALONE = {
    ("decision", "confirmed"): "outcome and rationale agree",
    ("decision", "conflict"): "the rationale concludes otherwise than the outcome beside it",
    ("decision", "unsupported"): "the outcome beside the rationale is not in known words",
    ("request", "unsupported"): "the rationale names several treatments",
    ("request", "missing"): "the rationale states more of the request than was read",
    ("medically_necessary", "missing"): "the rationale has no conclusion that could be read",
    ("medically_necessary", "conflict"): "the rationale's reasons are for the other conclusion",
}
# Fields whose values no letter prints: they follow from its words, as a category follows from the request.
FOLLOWS = ("category", "grounds", "ingredients", "medically_necessary", "retrospective", "stance", "within_mtus")
# The parts of an item that hold prose, in which an outcome's word may be that of another item.
_PARTS = ("heading", "rationale", *SIDES)
# What every request has; without it the request was not understood.
_OF_REQUEST = ("request", "treatment", "category")
# Parts of a letter that most letters print.
_SECTIONS = ("reviewer", "clinical_summary", *SIDES)


def reason(check: Check, result: Result, record: Any) -> str:
    """Why a value is shown, as a phrase.

    Args:
        check: a check of the row.
        result: the row.
        record: its record as JSON has it.
    """
    return _special(check, result) or _general(check, result, record)


def sides(check: Check, result: Result, record: Any) -> tuple[str, str]:
    """What the check's two values are: `model_value` and `source_value`."""
    if _is_decision_in_rationale(check, result):
        return ("outcome" if _is_alone(result) else "heading"), "rationale"
    if _is_header_date(check, result):
        return "header", "summary"
    if _states_both(check, result, record):
        return "the record", "the letter also"
    read = "from the letter’s words" if _field_name(check) in FOLLOWS else "letter, as read"
    return ("model" if result.provenance.model != "none" else "as made"), read


def _special(check: Check, result: Result) -> str | None:
    """Words for checks that the letter itself causes, whoever reads it."""
    if _is_alone(result) and (words := _ALONE.get((check.pointer.rpartition("/")[2], check.status))):
        return words
    if check.pointer == f"/{ITEMS}" and check.status == "missing":
        return "the letter has an item that the record lacks"
    if _is_unsure(check):
        return _taken_for(check.pointer)
    if pointers.is_entry(check.pointer, f"/{ITEMS}"):
        return "the letter has no such item"
    if _is_decision_in_rationale(check, result):
        agree = check.status == "confirmed"
        return "heading and rationale agree" if agree else "the rationale concludes otherwise than the heading"
    if _is_header_date(check, result):
        return "the header's date differs from the summary's"
    name = check.pointer.rpartition("/")[2]
    if check.status == "missing":
        return "the record holds no value" if _is_read_elsewhere(check, result) else _gap(check, name)
    if check.status == "unsupported":
        return _not_understood(check, name)
    if name == "grounds" and check.status == "conflict" and isinstance(check.model_value, list | tuple):
        return "grounds that do not go with this decision"
    return None


def _is_alone(result: Result) -> bool:
    """Whether the text is only a rationale: no heading is printed."""
    return result.provenance.form == RATIONALE_FORM


def _is_unsure(check: Check) -> bool:
    """Whether a check is of words that were taken for a heading, a label or an outcome: it has their place alone."""
    valueless = not (is_present(check.model_value) or is_present(check.source_value))
    return check.status == "unsupported" and check.span is not None and valueless


def _taken_for(pointer: str) -> str:
    """What words of the letter were taken for, though the letter's form does not have them."""
    name = pointer.rpartition("/")[2]
    if name == "decision":
        return "the outcome is not in words that the letter's form has"
    if pointers.is_entry(pointer, f"/{ITEMS}"):
        return "this item was found without a heading that the letter's form has"
    kind = "label" if pointer.startswith(f"/{ITEMS}/") else "heading"
    return f"this part begins at a {kind} that the letter's form does not have"


def _is_read_elsewhere(check: Check, result: Result) -> bool:
    """Whether a check says only that a value is absent, and another one has what the letter's words lead to."""
    if is_present(check.model_value) or is_present(check.source_value) or _field_name(check) not in _OF_REQUEST:
        return False
    return any(each.pointer == check.pointer and is_present(each.source_value) for each in result.checks)


def _gap(check: Check, name: str) -> str | None:
    stated = is_present(check.source_value)
    if name == "request" and stated:
        return "the heading states more than was read"
    if name in _PARTS and isinstance(check.source_value, str):
        return "an outcome's word stands in this part: an item may be lost"
    if name == "rationale" and not stated:
        return "the rationale is missing or breaks off"
    if name in _SECTIONS and not stated:
        return "this part is not printed, or its heading was not understood"
    if stated or is_present(check.model_value):
        return None
    return "the request was not understood" if name in _OF_REQUEST else "not printed, or not understood"


def _not_understood(check: Check, name: str) -> str | None:
    if is_present(check.source_value):
        return None
    if name == "decision":
        return "the rationale has no conclusion that could be read"
    if name == "request":
        return "the heading speaks of a part that was authorized, in words that were not understood"
    if name in ("chapter", *SIDES) and check.span is not None:
        return "not a chapter of the MTUS that is known"
    return None


def _general(check: Check, result: Result, record: Any) -> str:
    asked, follows = result.provenance.model != "none", _field_name(check) in FOLLOWS
    if check.status == "confirmed":
        if is_present(check.model_value):
            return "both readers agree, but such values are often wrong"
        sure = "probably wrong" if (check.risk or 0.0) >= EVEN else "unsure"
        return f"one reader, {sure}" if is_present(check.source_value) else f"one reader found nothing, {sure}"
    if check.status == "conflict":
        if _states_both(check, result, record):
            return "the letter states both"
        if asked:
            return "two readers differ"
        return "another value follows from the letter's words" if follows else "the letter says otherwise"
    if check.status == "missing":
        if asked:
            return "the model left it out"
        return "a value follows from the letter's words" if follows else "the letter states more than the record holds"
    if _field_name(check) == "grounds":
        return "no words of the rationale support it"
    if follows:
        return (
            "only the model has it: no words of the letter lead to it" if asked else "no words of the letter lead to it"
        )
    return "only the model has it: not found in the letter" if asked else "not found in its part of the letter"


def _is_decision_in_rationale(check: Check, result: Result) -> bool:
    """Whether a check compares the outcome in the heading with the conclusion of the rationale."""
    item, _, name = check.pointer.rpartition("/")
    if name != "decision" or check.span is None:
        return False
    start, end = check.span
    return any(first <= start and end <= last for first, last in result.evidence.get(f"{item}/rationale", ()))


def _is_header_date(check: Check, result: Result) -> bool:
    header = result.record.letter.date_of_injury if result.record else None
    return (
        check.pointer == "/injured_worker/injury_date"
        and check.status == "conflict"
        and header is not None
        and check.model_value == header.isoformat()
    )


def _states_both(check: Check, result: Result, record: Any) -> bool:
    """Whether the letter holds the record's value, which is the one compared, and another one too."""
    if check.status != "conflict" or not (is_present(check.model_value) and is_present(check.source_value)):
        return False
    return check.pointer in result.evidence and pointers.find(record, check.pointer) == check.model_value


def _field_name(check: Check) -> str | None:
    field: Field | None = field_at(check.pointer)
    return field.path[-1] if field else None
