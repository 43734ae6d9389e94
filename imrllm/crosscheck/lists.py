"""Lists that take judgment: those of the case summary, and the grounds of a decision, settled entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imrllm.crosscheck.candidates import Candidate, GroundAnswers, ground_candidates, list_candidates
from imrllm.crosscheck.ledger import Ledger, span_of
from imrllm.crosscheck.locate import locate
from imrllm.fields import BY_NAME, Field
from imrllm.grammar import ItemReadings, Part, Reading, can_apply, decided
from imrllm.letter import ItemParts
from imrllm.records import CheckStatus, Resolution
from imrllm.spans import FoldedSpan

_GROUNDS = BY_NAME["grounds"]


def settle_entries(
    ledger: Ledger,
    field: Field,
    claimed: tuple[str, ...] | None,
    readings: tuple[Reading[object], ...],
    within: FoldedSpan | None,
    tidied: Callable[[Part], Part],
) -> tuple[str, ...]:
    """Settle a list of the case summary.

    Args:
        ledger: takes the checks and the evidence.
        field: the list field.
        claimed: the model's entries; None if it gave no answer on this part of the letter.
        readings: the grammar's entries.
        within: the part of the letter that states the list.
        tidied: cuts an entry's own doses, dates and the like away.

    Returns:
        The entries. `repair` takes, in the order of the letter, those that gold shows to be right often enough; `flag`
        takes the model's as they are.
    """
    pointer = field.pointer
    if not ledger.is_asked(pointer):
        ledger.note(pointer, readings)
        return tuple(str(reading.value) for reading in readings)
    if ledger.policy != "repair":
        if claimed is None:
            for reading in readings:
                ledger.check(pointer, "missing", None, reading.value, reading.span, "model")
            return ()
        for index, entry in enumerate(claimed):
            _check_entry(ledger, f"{pointer}/{index}", field, entry, within, tidied)
        _compare(ledger, field, claimed, claimed, readings)
        return claimed
    kept: list[str] = []
    candidates = list_candidates(field, claimed or (), readings, ledger.part(within), ledger.folded, tidied)
    ledger.candidates[pointer] = tuple(candidates)
    for each in candidates:
        taken = claimed is None or ledger.arbitration.accepts(field.name, each.situation)
        _check_candidate(ledger, field, f"{pointer}/{len(kept)}" if taken else pointer, each, taken=taken)
        if taken:
            ledger.note_spans(f"{pointer}/{len(kept)}", each.spans)
            kept.append(each.value)
    if claimed is not None:
        _compare(ledger, field, claimed, tuple(kept), readings)
    return tuple(kept)


def _check_entry(
    ledger: Ledger, pointer: str, field: Field, entry: str, within: FoldedSpan | None, tidied: Callable[[Part], Part]
) -> None:
    """Check that an entry is in the letter and holds no more than an entry may."""
    part = ledger.part(within)
    span = locate(entry, part) if part else None
    if span is None:
        ledger.check(pointer, "unsupported", entry, None, None, "model")
        return
    own = tidied(Part.of(ledger.folded, span)).printed
    printed = ledger.folded.printed[slice(*span)]
    if field.normal(entry) in (field.normal(own), None) or field.normal(entry) != field.normal(printed):
        ledger.check(pointer, "confirmed", entry, entry, span)
    else:
        ledger.check(pointer, "conflict", entry, own, span, "model")
    ledger.note_spans(pointer, (span,))


def _check_candidate(ledger: Ledger, field: Field, pointer: str, entry: Candidate, *, taken: bool) -> None:
    """Check an entry of either reader. One that is not taken has no place in the record: the check is the list's."""
    claimed = entry.claimed
    status: CheckStatus
    if claimed is None:
        status = "missing"
    elif not entry.spans:
        status = "unsupported"
    else:
        status = "confirmed" if taken and field.normal(claimed) == field.normal(entry.value) else "conflict"
    resolution: Resolution = "none"
    if status != "confirmed":
        resolution = "model" if taken == (claimed is not None) and claimed in (None, entry.value) else "source"
    source = entry.value if entry.stated or (taken and entry.spans) else None
    share = ledger.arbitration.share_right(field.name, entry.situation)
    risk = None if share is None or not taken else round(1 - share, 3)
    ledger.check(pointer, status, claimed, source, entry.spans[0] if entry.spans else None, resolution, risk)


def _compare(
    ledger: Ledger, field: Field, claimed: tuple[str, ...], kept: tuple[str, ...], readings: Sequence[Reading[object]]
) -> None:
    """Check that both readers list the same entries: a list may be wrong though each entry is in the letter."""
    source = tuple(reading.value for reading in readings)
    if not claimed and not source:
        return
    status: CheckStatus = "missing" if not claimed else "confirmed" if field.same(claimed, source) else "conflict"
    resolution: Resolution = "source" if field.same(kept, source) else "model"
    ledger.check(
        field.pointer,
        status,
        claimed,
        source,
        span_of(tuple(readings)),
        "none" if status == "confirmed" else resolution,
    )


def settle_grounds(
    ledger: Ledger, pointer: str, answers: GroundAnswers, part: ItemParts, reading: ItemReadings
) -> tuple[str, ...]:
    """Settle the grounds of one disputed item.

    The evidence of a ground is the reviewer's own words: those that the model quotes, where they stand in the
    rationale, and those that the grammar knows. A ground with both is confirmed, one with a quote alone or without any
    words is unsupported, one that the model left out is missing. A ground of upheld items in an overturned item, or the
    reverse, contradicts the decision.

    Args:
        ledger: takes the checks and the evidence.
        pointer: the pointer of the item's grounds.
        answers: the model's.
        part: the item's parts.
        reading: the item's readings.

    Returns:
        The grounds. `repair` takes those that gold shows to be right often enough in their situation; `flag` takes the
        model's.
    """
    item_asked, repaired = ledger.is_asked(pointer), ledger.policy == "repair"
    outcome = decided(part, reading.medically_necessary)
    impossible = tuple(ground for ground in answers.given if outcome and not can_apply(ground, outcome))
    if impossible:
        stated = [ground.value for ground in reading.grounds]
        held: Resolution = "source" if repaired else "model"
        ledger.check(pointer, "conflict", impossible, stated, part.outcome, held)
    kept: list[str] = []
    left_out: list[Candidate] = []
    candidates = ground_candidates(answers, reading.grounds, reading.rationale)
    ledger.candidates[pointer] = tuple(candidates)
    for each in candidates:
        if repaired and each.value in impossible:
            continue
        mine = each.claimed is not None
        taken = ledger.arbitration.accepts(_GROUNDS.name, each.situation) if repaired or not item_asked else mine
        asked = item_asked and (answers.whole or mine or each.value in answers.verdicts)
        if asked and not mine and not taken:
            # A ground without words that the model denies is left out of nothing.
            left_out += [each] if each.spans else []
            continue
        if not asked and not taken:
            continue
        share = ledger.arbitration.share_right(_GROUNDS.name, each.situation)
        status: CheckStatus = "unsupported" if not each.stated else "confirmed" if taken else "conflict"
        if asked and not mine:
            status = "missing"
        ledger.check(
            f"{pointer}/{len(kept)}" if taken else pointer,
            status,
            each.claimed,
            each.value if each.stated else None,
            each.spans[0] if each.spans else None,
            "none" if status == "confirmed" else "model" if taken == mine else "source",
            None if share is None or not taken else round(1 - share, 3),
        )
        if taken:
            ledger.note_spans(f"{pointer}/{len(kept)}", each.spans)
            ledger.shares.setdefault(pointer, []).append(share)
            kept.append(each.value)
    if left_out:
        named = [each.value for each in left_out]
        ledger.check(pointer, "missing", answers.given, named, left_out[0].spans[0], "model")
    return tuple(kept)
