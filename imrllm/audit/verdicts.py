"""Takes a person's verdicts on drawn letters back into the run's manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imrllm.audit.rows import manifest_to_audit, read_population, read_rows, refuse_absent
from imrllm.audit.summary import AuditSummary, audit_summary
from imrllm.corrections import Correction, Corrections, corrected_row
from imrllm.errors import CorrectionError
from imrllm.records import Result
from imrllm.store import Manifest
from imrllm.store.audits import Audit, DrawnLetter, Verdict
from imrllm.store.files import alone
from imrllm.store.manifest import write_manifest


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file of verdicts added.

    Attributes:
        audit: the draw that it belongs to, with its verdicts.
        new: letters that had no verdict before.
        changed: letters whose verdict is another one than before.
        summary: what all audits of these rows show.
    """

    audit: Audit
    new: int
    changed: int
    summary: AuditSummary


def take_verdicts(records: Path, given: Corrections) -> Taken:
    """Add the verdicts of a page to the manifest, beside those of earlier files of the same draw.

    A letter marked as compared is right if no value was changed, and wrong otherwise. A letter with a changed value is
    wrong even if it is not marked: one wrong value is enough. All other letters have no verdict.

    Args:
        records: the results file that the letters were drawn from.
        given: what the page of the draw exported.

    Raises:
        UsageError: there is no such file, or it has no manifest.
        CorrectionError: the verdicts belong to another draw, the rows have changed since, a verdict does not fit its
            row, or there is no verdict. Nothing is written then.
        StoreError: a run is writing the file, or a file cannot be read or written.
    """
    refuse_absent(records)
    with alone(records):
        manifest = manifest_to_audit(records)
        audit = _draw_of(manifest, records, given)
        if read_population(records).rows_sha256 != audit.rows_sha256:
            raise CorrectionError(
                f"`{records}` has changed since the letters were drawn on {audit.drawn}.",
                hint=f"Restore the rows, or draw again: `imrllm audit {records} --documents DIR`.",
            )
        rows = read_rows(records, {letter.document_id for letter in audit.letters})
        verdicts = dict(_verdicts(audit, rows, given))
        if not verdicts:
            raise CorrectionError(
                "The file holds no verdict: no letter is marked as compared, and no value is changed.",
                hint='On the page, compare all values of a letter, then mark "I compared every value with the letter".',
            )
        new = changed = 0
        letters: list[DrawnLetter] = []
        for letter in audit.letters:
            verdict = verdicts.get(letter.document_id, letter.verdict)
            new += letter.verdict is None and verdict is not None
            changed += letter.verdict is not None and verdict is not None and letter.verdict.wrong != verdict.wrong
            letters.append(letter.model_copy(update={"verdict": verdict}))
        taken = audit.model_copy(update={"letters": tuple(letters)})
        audits = tuple(taken if each is audit else each for each in manifest.audits)
        write_manifest(records, manifest.model_copy(update={"audits": audits}))
    return Taken(taken, new, changed, audit_summary(audits, audit.rows_sha256))


def _draw_of(manifest: Manifest, records: Path, given: Corrections) -> Audit:
    """The draw whose page exported the verdicts."""
    # Of two draws with the same letters, the later one: its rows are those of today.
    found = [each for each in manifest.audits if each.page_sha256 == given.records]
    if found:
        return found[-1]
    drawn = [f"of {each.drawn} with seed {each.seed} ({len(each.letters):,} letters)" for each in manifest.audits]
    raise CorrectionError(
        f"The file does not belong to a draw from `{records}`.",
        hint=f"Export it on the page of a draw: {'; '.join(drawn)}."
        if drawn
        else f"Draw letters first: `imrllm audit {records} --documents DIR -o audit.html`.",
    )


def _verdicts(audit: Audit, rows: Mapping[str, Result], given: Corrections) -> Iterator[tuple[str, Verdict]]:
    corrections: dict[str, list[Correction]] = {}
    for each in given.corrections:
        corrections.setdefault(each.document_id, []).append(each)
    marked = {each.document_id: each.sha256 for each in given.read_whole}
    drawn = {letter.document_id: letter.sha256 for letter in audit.letters}
    for name in dict.fromkeys((*corrections, *marked)):
        own = corrections.get(name, [])
        hashes = {each.sha256 for each in own} | ({marked[name]} if name in marked else set())
        if name not in drawn or hashes != {drawn[name]}:
            raise CorrectionError(
                f"`{name}` is not a letter of the draw of {audit.drawn} with seed {audit.seed}.",
                hint="Export the verdicts on the page of that draw again.",
            )
        row = rows[name]
        changed = any(each.value != each.was for each in own)
        if name in marked or changed:
            values, wrong = _typed_values(row, corrected_row(row, own, given.confirmation))
            yield (
                name,
                Verdict(
                    wrong=changed,
                    compared=name in marked,
                    typed_values=values,
                    typed_wrong=wrong,
                    reviewer=given.reviewer,
                    on=given.exported,
                ),
            )


def _typed_values(row: Result, corrected: Result) -> tuple[int, int]:
    """How many typed values a row or its corrected version states, and how many of these the row has wrong."""
    # It takes long to load.
    from imrllm.evals.outcomes import score

    record, gold = (
        each.record.model_dump(mode="json") if each.record else {"disputed_items": []} for each in (row, corrected)
    )
    leaves = [leaf for leaf in score(gold, record) if leaf.is_core and not leaf.outcomes["correctly_absent"]]
    return len(leaves), sum(not leaf.exact for leaf in leaves)
