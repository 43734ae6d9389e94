"""Draws letters at random from the rows with status `ok`, and notes the draw in the run's manifest."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from imrllm.audit.rows import Population, Progress, manifest_to_audit, read_population, read_rows, refuse_absent
from imrllm.checking import read_some_letters
from imrllm.corrections import rows_digest
from imrllm.documents import Columns, Document
from imrllm.errors import UsageError
from imrllm.records import Result
from imrllm.store.audits import Audit, DrawnLetter
from imrllm.store.files import alone
from imrllm.store.manifest import write_manifest
from imrllm.version import __version__

_SEEDS = 1_000_000
_CASE_YEAR = re.compile(r"CM(\d\d)-")
# How many letters a message names.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Draw:
    """Drawn letters, to be compared by a person.

    Attributes:
        audit: the draw, as the manifest has it.
        results: the rows of its letters, in its order.
        letters: the letters.
        again: whether the manifest had this draw already.
    """

    audit: Audit
    results: tuple[Result, ...]
    letters: tuple[Document, ...]
    again: bool = False

    @property
    def is_full(self) -> bool:
        """Whether it holds every letter that no earlier audit had a verdict on."""
        return len(self.audit.letters) == self.audit.drawn_from


def form_of(result: Result) -> str | None:
    """What an audit groups a letter by.

    Returns:
        The letter's form, where the row states it; else the year of the decision or of the case number, as
        `decided in 2016`; None if neither is known.
    """
    if result.provenance.form:
        return result.provenance.form
    header = result.record.letter if result.record else None
    if header is None:
        return None
    if header.decision_date:
        return f"decided in {header.decision_date.year}"
    found = _CASE_YEAR.match(header.case_number or "")
    return f"decided in 20{found[1]}" if found else None


def draw(records: Path, documents: Path, n: int, *, seed: int | None = None, progress: Progress | None = None) -> Draw:
    """Draw letters uniformly and without replacement from the rows with status `ok`.

    Letters that an earlier audit of the same rows has a verdict on are left out: both draws together are again a
    random sample. The same seed and number on the same rows give the same draw. The manifest keeps the draw, so that
    no draw is forgotten.

    Args:
        records: a results file, or a folder of Parquet partitions, with its manifest. No run may be writing it.
        documents: the letters that the rows were made from: a folder, or a file that holds several.
        n: how many letters, 1 or more; all that are left, if they are fewer.
        seed: seed of the random numbers; by default a new one.
        progress: takes a line on how far it is.

    Raises:
        UsageError: there is no such file, it has no manifest, no letter is `ok`, every such letter has a verdict, or a
            drawn letter is not among the documents or has changed: another in its place would not be random. Nothing
            is noted then.
        StoreError: a run is writing the file, a line is not a result, or a file cannot be read or written.
    """
    tell = progress or (lambda _: None)
    refuse_absent(records)
    with alone(records):
        manifest = manifest_to_audit(records)
        population = read_population(records, tell)
        if not population.ok:
            raise UsageError(
                f"`{records}` has no letter with status `ok`: there is nothing to audit.",
                hint="Review its letters first: `imrllm view`, then `imrllm apply`.",
            )
        known = next((each for each in manifest.audits if _is_same(each, population, n, seed)), None)
        if known:
            names = [letter.document_id for letter in known.letters]
            results = _read(records, names, tell)
            return Draw(known, results, _letters(results, documents, manifest.columns, tell), again=True)
        audited = {
            letter.document_id
            for each in manifest.audits
            if each.rows_sha256 == population.rows_sha256
            for letter in each.done
        }
        left = [name for name in population.ok if name not in audited]
        if not left:
            raise UsageError(
                f"Every one of the {len(population.ok):,} `ok` letters of `{records}` has a verdict.",
                hint=f"`imrllm audit {records}` prints what they show.",
            )
        seed = secrets.randbelow(_SEEDS) if seed is None else seed
        # Not for secrets: anyone is to be able to draw the same letters.
        names = Random(seed).sample(left, min(n, len(left)))  # noqa: S311
        results = _read(records, names, tell)
        letters = _letters(results, documents, manifest.columns, tell)
        audit = Audit(
            rows_sha256=population.rows_sha256,
            page_sha256=rows_digest(results),
            drawn=datetime.now(UTC).date(),
            version=__version__,
            seed=seed,
            asked=n,
            ok_letters=len(population.ok),
            drawn_from=len(left),
            letters=tuple(
                DrawnLetter(document_id=each.document_id, sha256=each.provenance.sha256, form=form_of(each))
                for each in results
            ),
        )
        write_manifest(records, manifest.model_copy(update={"audits": (*manifest.audits, audit)}))
    return Draw(audit, results, letters)


def _read(records: Path, names: list[str], progress: Progress) -> tuple[Result, ...]:
    progress(f"reading the rows of {len(names):,} drawn letters")
    found = read_rows(records, set(names))
    return tuple(found[name] for name in names)


def _letters(results: Sequence[Result], documents: Path, columns: Columns, progress: Progress) -> tuple[Document, ...]:
    progress(f"looking for {len(results):,} drawn letters in `{documents}`")
    found = read_some_letters(documents, [each.document_id for each in results], columns)
    letters: list[Document] = []
    absent: list[str] = []
    changed: list[str] = []
    for result in results:
        letter = found.get(result.document_id)
        if not isinstance(letter, Document):
            absent.append(result.document_id)
        elif letter.sha256 != result.provenance.sha256:
            changed.append(result.document_id)
        else:
            letters.append(letter)
    for names, why in ((absent, f"are not readable in `{documents}`"), (changed, "have changed (another SHA-256)")):
        if names:
            listed = ", ".join(f"`{name}`" for name in names[:_NAMED])
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            raise UsageError(
                f"{len(names):,} of {len(results):,} drawn letters {why}: {listed}{more}.",
                hint="Name the letters that the records were made from with `--documents`. Drawing others instead "
                "would not be random.",
            )
    return tuple(letters)


def _is_same(audit: Audit, population: Population, n: int, seed: int | None) -> bool:
    return (audit.rows_sha256, audit.asked, audit.seed) == (population.rows_sha256, n, seed)
