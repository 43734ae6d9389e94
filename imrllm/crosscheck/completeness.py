"""Checks for what a letter has lost: its first lines, its last items, the end of a reasoning; and for what it is in."""

from __future__ import annotations

from imrllm.crosscheck.ledger import Ledger
from imrllm.fields import SIDES
from imrllm.grammar import LetterReadings, Part
from imrllm.grammar.header import case_numbers
from imrllm.grammar.letter_readings import asked_for
from imrllm.grammar.rationale.conclusions import ends_in_conclusion
from imrllm.grammar.request.matching import Asked, unasked
from imrllm.letter import LetterParts
from imrllm.letter.other_documents import document_around, stray_words
from imrllm.spans import FoldedSpan

# How far before a conclusion its request is named, in characters.
_BEFORE = 240


def incomplete(ledger: Ledger, parts: LetterParts, readings: LetterReadings) -> None:
    """Add a check, always reviewed, for each sign that a part of the letter is lost or that it is not a letter alone.

    Args:
        ledger: where the checks go.
        parts: the letter's parts.
        readings: what the grammar reads.
    """
    _header(ledger, parts, readings)
    for words in readings.unanswered:
        _missing(ledger, "/disputed_items", words.value, words.span)
    for index, (item, reading) in enumerate(zip(parts.items, readings.items, strict=True)):
        rationale, conclusion = reading.rationale, reading.medically_necessary
        if rationale is None or conclusion is None:
            # Both have a check of their own.
            continue
        if not ends_in_conclusion(rationale, conclusion):
            _missing(ledger, f"/disputed_items/{index}/rationale", None, None)
        elif other := _another_request(rationale, conclusion.span, asked_for(parts.folded, item, reading)):
            value = parts.printed(other)
            ledger.check(f"/disputed_items/{index}/rationale", "conflict", None, value, other, "model", always=True)
    _stray(ledger, parts)
    if around := document_around(parts.folded.text, refused=False):
        ledger.check("/letter", "unsupported", None, around.name, None, "model", always=True)


def _header(ledger: Ledger, parts: LetterParts, readings: LetterReadings) -> None:
    """Check that a header is whole, and that the letter is of one case.

    Letters that start after their header, with the section on how the determination was made, are published as such.
    Every header of 2014 to 2017 prints a case number first, and the decision's date; the form of 2013 prints no number
    in its block.
    """
    letter = readings.letter
    labeled = letter.date_of_injury or letter.priority or not letter.decision_date
    printed = "case_number" in parts.patterns.header.labels
    if parts.header and printed and letter.case_number is None and labeled:
        _missing(ledger, "/letter/case_number", None, None)
    if letter.case_number and not letter.decision_date and "decision_date" in parts.patterns.header.labels:
        _missing(ledger, "/letter/decision_date", None, None)
    numbers = case_numbers(Part.of(parts.folded, FoldedSpan((0, len(parts.folded.text)))))
    others = [each for each in numbers if letter.case_number and each.value != letter.case_number.value]
    if others:
        ledger.check("/letter/case_number", "conflict", None, others[0].value, others[0].span, "source", always=True)


def _stray(ledger: Ledger, parts: LetterParts) -> None:
    """Check that no section's heading stands inside an item: another letter follows, or pages are in another order."""
    for index, item in enumerate(parts.items):
        for name in ("heading", *SIDES, "rationale"):
            span: FoldedSpan | None = getattr(item, name)
            if span and (words := stray_words(parts.folded.text, span, heading=name == "heading")):
                value = parts.printed(words)
                ledger.check(f"/disputed_items/{index}/{name}", "conflict", None, value, words, "model", always=True)


def _another_request(rationale: Part, conclusion: FoldedSpan, item: Asked) -> FoldedSpan | None:
    """Where a conclusion names a drug or a service that its item does not ask for: two items have run into one."""
    end = rationale.offset(conclusion[0])
    start = max(rationale.text.rfind(". ", 0, end) + 1, end - _BEFORE, 0)
    at = max(rationale.text.rfind("request for", start, end), rationale.text.rfind("requested", start, end))
    if at < 0:
        return None
    named = rationale.cut(at, end)
    if not item.words.isdisjoint(named.lower.split()):
        return None
    return next((named.span(*each) for each in unasked(named, [item])), None)


def _missing(ledger: Ledger, pointer: str, value: object, span: FoldedSpan | None) -> None:
    ledger.check(pointer, "missing", None, value, span, "model", always=True)
