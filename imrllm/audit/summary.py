"""What the audits of a results file show together: wrong letters and the bound, in all and by form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from imrllm.audit.rows import read_population
from imrllm.store import read_manifest
from imrllm.store.audits import Audit, DrawnLetter
from imrllm.trust.bounds import upper_bound

# Fewer letters of a form say too little about it: even if all are right, the bound is above 13%.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Audited letters: all of them, or those of one form.

    Attributes:
        form: the form; None for all letters.
        letters: letters with a verdict.
        wrong: of these, letters with a wrong value.
        typed_letters: letters marked as compared, in which typed values were counted.
        typed_letters_wrong: of these, letters with a wrong typed value.
        typed_values: the typed values of these letters.
        typed_wrong: of these, the wrong ones.
        is_full: whether these are all `ok` letters, so that shares are exact.
    """

    form: str | None
    letters: int
    wrong: int
    typed_letters: int
    typed_letters_wrong: int
    typed_values: int
    typed_wrong: int
    is_full: bool = False

    @property
    def is_enough(self) -> bool:
        """Whether the bound says enough to be given."""
        return self.form is None or self.letters >= FEWEST or self.is_full

    @property
    def bound(self) -> float | None:
        """At most this share (0 to 1) of the `ok` letters is wrong, with 95% confidence; exact for a full audit.

        None for a form with too few letters.
        """
        return self._bound(self.wrong, self.letters)

    @property
    def typed_bound(self) -> float | None:
        """As `bound`: at most this share of the `ok` letters has a wrong typed value."""
        return self._bound(self.typed_letters_wrong, self.typed_letters)

    def _bound(self, wrong: int, of: int) -> float | None:
        if not self.is_enough or not of:
            return None
        return wrong / of if self.is_full and of == self.letters else upper_bound(wrong, of)


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What all audits of the same rows show together.

    Attributes:
        draws: the draws, in their order.
        ok_letters: rows with status `ok`.
        total: all letters with a verdict.
        forms: the same by form, sorted; letters whose form is not known are in none.
        open: drawn letters without a verdict.
        unmarked: letters with a changed value that are not marked as compared; they count as wrong.
        outdated: draws from other rows, which do not count.
    """

    draws: tuple[Audit, ...]
    ok_letters: int
    total: Group
    forms: tuple[Group, ...]
    open: int
    unmarked: int
    outdated: int

    @property
    def groups(self) -> tuple[Group, ...]:
        """All letters, then those of each form."""
        return (self.total, *self.forms)


def audit_summary(audits: Iterable[Audit], rows_sha256: str) -> AuditSummary:
    """Add up the audits of rows.

    Args:
        audits: all audits of a manifest.
        rows_sha256: SHA-256 of the rows; audits of other rows do not count.
    """
    audits = tuple(audits)
    draws = tuple(audit for audit in audits if audit.rows_sha256 == rows_sha256)
    # A letter that two draws hold counts once: the first was still open when the second was drawn.
    letters: dict[str, DrawnLetter] = {}
    for audit in draws:
        for letter in audit.letters:
            if letter.verdict or letter.document_id not in letters:
                letters[letter.document_id] = letter
    done = [letter for letter in letters.values() if letter.verdict]
    ok_letters = draws[0].ok_letters if draws else 0
    is_full = bool(done) and len(done) == ok_letters
    forms = sorted({letter.form for letter in done if letter.form})
    return AuditSummary(
        draws=draws,
        ok_letters=ok_letters,
        total=_group(None, done, is_full=is_full),
        forms=tuple(_group(form, [each for each in done if each.form == form], is_full=is_full) for form in forms),
        open=len(letters) - len(done),
        unmarked=sum(letter.verdict is not None and not letter.verdict.compared for letter in done),
        outdated=len(audits) - len(draws),
    )


def counted(records: Path) -> AuditSummary | None:
    """What the audits of a results file show; None if it has none. It may be without a verdict on the rows as they are.

    Raises:
        StoreError: the file or its manifest cannot be read.
    """
    manifest = read_manifest(records)
    if manifest is None or not manifest.audits:
        return None
    return audit_summary(manifest.audits, read_population(records).rows_sha256)


def _group(form: str | None, letters: Sequence[DrawnLetter], *, is_full: bool) -> Group:
    verdicts = [letter.verdict for letter in letters if letter.verdict]
    compared = [verdict for verdict in verdicts if verdict.compared]
    return Group(
        form=form,
        letters=len(verdicts),
        wrong=sum(verdict.wrong for verdict in verdicts),
        typed_letters=len(compared),
        typed_letters_wrong=sum(verdict.typed_wrong > 0 for verdict in compared),
        typed_values=sum(verdict.typed_values for verdict in compared),
        typed_wrong=sum(verdict.typed_wrong for verdict in compared),
        is_full=is_full,
    )
