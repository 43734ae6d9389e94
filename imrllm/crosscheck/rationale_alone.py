"""Checks on a text that is only a rationale. What its form does not print is no gap: `provenance.form` says so."""

from __future__ import annotations

import re

from imrllm.crosscheck.contradictions import disputed_values, is_cut
from imrllm.crosscheck.ledger import Ledger
from imrllm.grammar import ItemReadings
from imrllm.letter import ItemParts, LetterParts
from imrllm.records import DisputedItem

# Words beside which a rationale names what was asked for.
_NAMES_REQUEST = re.compile(r"\brequested\b|\brequests?\s+for\b", re.IGNORECASE)


def rationale_checks(
    ledger: Ledger, parts: LetterParts, items: tuple[DisputedItem, ...], readings: tuple[ItemReadings, ...]
) -> None:
    """Add a check for each contradiction and each gap in the rationale itself, and between it and its outcome.

    Args:
        ledger: takes the checks.
        parts: the parts of a text that was read as a rationale.
        items: the record's one item.
        readings: its readings.
    """
    for index, (part, item, reading) in enumerate(zip(parts.items, items, readings, strict=True)):
        pointer = f"/disputed_items/{index}"
        _check_outcome(ledger, pointer, part, reading)
        request = reading.request
        disputed_values(ledger, pointer, item, reading)
        if request.request is None and (named := _NAMES_REQUEST.search(item.rationale or "")):
            ledger.check(f"{pointer}/request", "missing", None, named.group(), None, "model", always=True)
        if request.request:
            for words in request.unread:
                # Prose may say more of a request than a heading does; an amount that was not read is another matter.
                if any(map(str.isdigit, words.value)):
                    ledger.check(f"{pointer}/request", "missing", None, words.value, words.span, "model", always=True)
            if item.treatment is None:
                ledger.check(f"{pointer}/treatment", "missing", None, None, request.request.span, "model", always=True)
        if is_cut(item.rationale):
            ledger.check(f"{pointer}/rationale", "missing", None, None, None, "model", always=True)


def _check_outcome(ledger: Ledger, pointer: str, part: ItemParts, reading: ItemReadings) -> None:
    """Check the outcome that stands beside the rationale against the rationale's conclusion."""
    conclusion = reading.medically_necessary
    if conclusion is None:
        ledger.check(f"{pointer}/medically_necessary", "missing", None, None, None, "model", always=True)
    if part.outcome is None:
        return
    if part.decision is None:
        words = ledger.folded.printed[slice(*part.outcome)]
        ledger.check(f"{pointer}/decision", "unsupported", None, words, part.outcome, "model", always=True)
    elif conclusion:
        outcome = "overturned" if conclusion.value else "upheld"
        agree = outcome == part.decision
        ledger.check(
            f"{pointer}/decision",
            "confirmed" if agree else "conflict",
            part.decision,
            outcome,
            conclusion.span,
            "none" if agree else "model",
            always=not agree,
        )
